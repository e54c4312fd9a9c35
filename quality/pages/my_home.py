"""What a young person says of their home, by a link that is used once: no sign-in, no name, no script needed.

The page opens the door itself (settings.OPENS_OWN_DOOR), for the one authority that its code names. It keeps no time of
day, no address and no browser; history knows that the page wrote, and not who."""

from dataclasses import dataclass
from typing import Any

from allauth.account.adapter import get_adapter
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt

from commissioning.kernel.pages.allowed import open_to_all
from commissioning.kernel.tenancy.viewer import Viewer, acting_as
from commissioning.partnership.models import Authority

from ..actions.answers import answer_link
from ..actions.asking import invitation_of
from ..forms_asking import ALONE, NO_SAY, MyHomeForm
from ..measures.told import who_is_told
from ..models import SurveyInvitation, SurveyQuestion
from ..rules import codes
from ..rules.links import code_of, parts_of
from ..rules.occasions import refused

BY = "service:my-home"
WRONG, WITHIN = 20, 300  # wrong codes from one address, and in how many seconds
# The mouth of each face, on a field of 32 by 32.
MOUTHS = {5: "M8 18 Q16 29 24 18", 4: "M9 20 Q16 25 23 20", 3: "M9 21 L23 21", 2: "M9 23 Q16 18 23 23",
          1: "M9 25 Q16 15 23 25"}  # fmt: skip


@dataclass(frozen=True)
class Door:
    """Which authority asks, and the secret that may open one of its invitations."""

    authority: Authority
    secret: str
    code: str

    def open(self) -> Any:
        return acting_as(Viewer.of_authority(self.authority.pk), by=BY)


@open_to_all
@never_cache
def start(request: HttpRequest, code: str) -> HttpResponse:
    """Before the first question: who sees the answers, and what happens if somebody is not safe."""
    door = _door(code)
    if door is None or _knocked_too_often(request):
        return _nothing(request, door)
    with door.open():
        invitation = invitation_of(door.secret)
        why = _shut(invitation)
        if why:
            return _closed(request, door, why)
        shown = _shown(door) | {"survey": invitation.survey, "until": invitation.ends_before}
        return _page(request, "start", shown | {"questions": reverse("my-home-questions", args=[door.code])})


@open_to_all
@csrf_exempt  # whoever sends this has the link: there is no sign-in of which another page could make use
@never_cache
def questions(request: HttpRequest, code: str) -> HttpResponse:
    door = _door(code)
    if door is None or _knocked_too_often(request):
        return _nothing(request, door)
    sent = request.method == "POST"
    with door.open():
        invitation = invitation_of(door.secret, hold=sent)
        why = _shut(invitation)
        if why:
            return _closed(request, door, why, sent=sent)
        asked = list(SurveyQuestion.objects.filter(survey=invitation.survey).order_by("number"))
        form = MyHomeForm(request.POST if sent else None, survey=invitation.survey, questions=asked)
        empty = False
        if sent and form.is_valid():
            given = form.given()
            empty = not given["values"] and not given["words"] and form.cleaned_data["sure"] != "yes"
            if not empty:
                answer_link(
                    invitation=invitation, helper=form.helper_role, by=BY, now=timezone.now(), **given
                )  # fmt: skip
                unsafe = any(each.unsafe and given["values"].get(each.number) in codes.NOT_SAFE for each in asked)
                return _page(request, "thanks", _shown(door) | {"unsafe": unsafe})
        return _page(request, "questions", _shown(door) | {
            "form": form, "asked": [_asked(form, each, at, len(asked)) for at, each in enumerate(asked, 1)],
            "empty": empty, "helpers": _helpers(form), "survey": invitation.survey,
            "wrong": [(each.number, form.errors[form.name_of(each)][0]) for each in asked
                      if form.name_of(each) in form.errors],
            "start": reverse("my-home", args=[door.code]),
        })  # fmt: skip


def _door(code: str) -> Door | None:
    """None for a code that names no member, or was cut short: nothing is looked up for it."""
    told = parts_of(code)
    if told is None:
        return None
    slug, secret = told
    with acting_as(Viewer.of_service("my-home"), by=BY):
        found = Authority.objects.filter(slug=slug).exclude(member_from=None).first()
    return Door(found, secret, code_of(slug, secret)) if found is not None else None


def _shut(invitation: SurveyInvitation | None) -> str:
    """Why it opens nothing: unknown, answered, withdrawn, expired or moved; empty where it does."""
    today = timezone.localdate()
    if invitation is None:
        return "unknown"
    if invitation.answered_on is not None:
        return "answered"
    if invitation.withdrawn_on is not None:
        return "withdrawn"
    if invitation.ends_before <= today:
        return "expired"
    home = invitation.placement
    problem = refused(occasion="leaving", answered_on=today, starts_on=home.starts_on, ends_before=home.ends_before,
                      today=today)  # fmt: skip
    return "moved" if problem else ""


def _shown(door: Door) -> dict[str, Any]:
    """What every page needs of the authority. Inside its door."""
    return {"council": door.authority.name, "told": who_is_told(door.authority)}


def _asked(form: MyHomeForm, question: SurveyQuestion, at: int, of: int) -> dict[str, Any]:
    name = form.name_of(question)
    said = form[name].value() or "" if form.is_bound else ""
    choices = [
        {"value": value, "words": words, "mouth": MOUTHS[value], "picked": said == str(value)}
        for value, words in codes.SURVEY_SCALE.items()
    ]  # fmt: skip
    return {
        "name": name, "number": question.number, "words": question.words, "kind": question.kind, "said": said,
        "choices": choices, "no_say": NO_SAY, "no_say_picked": said == NO_SAY, "at": at, "of": of,
        "error": form.errors.get(name, [""])[0],
    }  # fmt: skip


def _helpers(form: MyHomeForm) -> list[tuple[str, str, bool]]:
    said = form["helped_by"].value() if form.is_bound else ""
    words = {ALONE: "No, I did it myself", "carer": "Yes, a carer or staff where I live",
             "social_worker": "Yes, my social worker", "advocate": "Yes, my advocate or visitor",
             "family": "Yes, somebody of my family", "other": "Yes, somebody else"}  # fmt: skip
    return [(key, label, said == key) for key, label in words.items()]


def _closed(request: HttpRequest, door: Door, why: str, *, sent: bool = False) -> HttpResponse:
    """A kind page that says what to do. A code that opens nothing counts against the address it came from. Of answers
    that were `sent` to it, it says that nobody has them: who is not safe must not believe that somebody was told."""
    if why == "unknown":
        _count_wrong(request)
    return _page(request, "gone", _shown(door) | {"why": why, "sent": sent}, status=404 if why == "unknown" else 410)


def _nothing(request: HttpRequest, door: Door | None) -> HttpResponse:
    if door is None:
        _count_wrong(request)
    too_often = _knocked_too_often(request)
    return _page(request, "gone", {"why": "often" if too_often else "unknown"}, status=429 if too_often else 404)


def _page(request: HttpRequest, name: str, shown: dict[str, Any], *, status: int = 200) -> HttpResponse:
    """No page of another site learns the link, none is searched for, and no log holds it."""
    answer = render(request, f"quality/my_home/{name}.html", shown, status=status)
    answer["Referrer-Policy"] = "no-referrer"
    answer["X-Robots-Tag"] = "noindex, nofollow"
    answer._has_been_logged = True  # type: ignore[attr-defined]  # Django would log the address of a page not found
    return answer


def _count_wrong(request: HttpRequest) -> None:
    key = _key(request)
    cache.set(key, cache.get(key, 0) + 1, WITHIN)


def _knocked_too_often(request: HttpRequest) -> bool:
    return cache.get(_key(request), 0) >= WRONG


def _key(request: HttpRequest) -> str:
    """The address is not kept: what stands for it is gone in five minutes."""
    address = get_adapter().get_client_ip(request)
    return f"my-home:{salted_hmac('quality.my_home', str(address)).hexdigest()}"
