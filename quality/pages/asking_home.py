"""Asking about one home: its turn, links and answers; a link made, printed and withdrawn; answers entered."""

from datetime import date
from uuid import UUID

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from commissioning.kernel import wording
from commissioning.kernel.pages.allowed import allowed
from commissioning.kernel.tables import Column, EmptyState, Table
from contracts.models import Placement
from contracts.pages.who import own_placement
from providers.pages.saving import saved
from providers.pages.tones import ToneColumn

from ..actions.answers import Given, record_answers
from ..actions.asking import invitation_of, invite, withdraw
from ..asking_pdf import slip_pdf
from ..forms_asking import EnterForHomeForm, InviteForm, WithdrawForm
from ..measures.asking import Asked, is_open, survey_for, turns
from ..measures.unsafe import not_safe
from ..models import Survey, SurveyInvitation, SurveyQuestion, SurveyResponse
from ..rules import codes
from ..rules.links import parts_of
from .answers import response_columns
from .asking import placed_at

LINK_TONES = {"Open": "needs", "Answered": "good", "Withdrawn": "plain", "Ended unanswered": "plain"}


@allowed("surveys")
def home(request: HttpRequest, uuid: UUID) -> HttpResponse:
    row, today = own_placement(uuid), timezone.localdate()
    turn = _turn(row, today)
    links = list(SurveyInvitation.objects.filter(placement=row).select_related("survey", "made_by").order_by("-pk"))
    said = list(SurveyResponse.objects.filter(placement=row).select_related("survey").order_by("-answered_on", "-pk"))
    may_withdraw = request.user.may("change", "surveys")
    return render(request, "quality/asking_home.html", {
        "row": row, "answer": _answer(row, turn, today), "place": placed_at(row),
        "links_table": Table(_link_columns(today, may_withdraw), links, "Links", per_page=None, noun=("link", "links"),
                             empty=EmptyState("No link yet", "A link to the questions appears here once it is made.")),
        "said": Table(response_columns(with_home=False), said, "What was answered", per_page=None,
                      noun=("response", "responses"),
                      empty=EmptyState("No answers yet", "What the young person says of this home appears here.")),
        "may_ask": request.user.may("create", "surveys") and (turn is not None or _lives_there(row, today)),
        "open": any(is_open(link, today) for link in links),
    })  # fmt: skip


def _turn(row: Placement, today: date) -> Asked | None:
    found = turns(today, Placement.objects.filter(pk=row.pk))
    return found[0] if found else None


def _lives_there(row: Placement, today: date) -> bool:
    return row.ends_before is None or row.ends_before > today


def _answer(row: Placement, turn: Asked | None, today: date) -> str:
    if turn is None:
        if row.ends_before is not None and row.ends_before <= today:
            return f"They left on {wording.day(row.ends_before)}, too long ago to be asked."
        return "It is not their turn yet: they are asked six weeks after moving in."
    said = f"{codes.OCCASIONS[turn.turn.occasion]}, due on {wording.day(turn.turn.due_on)}"
    return said + {
        "ask": ": it is their turn.", "late": ": it is their turn, and late.",
        "again": ": they were asked and did not answer. Ask again, or ask them yourself.",
        "open": f": a link is open until {wording.day(turn.until)}." if turn.until else ".",
        "done": ": they have answered.",
    }[turn.state]  # fmt: skip


def _link_state(link: SurveyInvitation, today: date) -> str:
    if link.answered_on:
        return "Answered"
    if link.withdrawn_on:
        return "Withdrawn"
    return "Open" if is_open(link, today) else "Ended unanswered"


def _link_columns(today: date, may_withdraw: bool) -> list[Column]:
    columns = [
        Column("made", "Made on", value=lambda link: link.made_on, kind="date"),
        Column("occasion", "Occasion", value=lambda link: link.get_occasion_display()),
        Column("survey", "Questions", value=lambda link: link.survey.name),
        Column("by", "Made by", value=lambda link: link.made_by.name if link.made_by_id else None, missing=""),
        Column("ends", "Ends on", value=lambda link: link.ends_before, kind="date"),
        ToneColumn("state", "State", value=lambda link: _link_state(link, today),
                   tone=lambda link: LINK_TONES[_link_state(link, today)]),
    ]  # fmt: skip
    if may_withdraw:
        columns.append(Column(
            "withdraw", "Withdraw", value=lambda link: "Withdraw" if is_open(link, today) else None, missing="",
            link=lambda link: reverse("asking-withdraw", args=[link.uuid]) if is_open(link, today) else None,
        ))  # fmt: skip
    return columns


def _crumbs(row: Placement) -> list[tuple[str, str]]:
    return [("Asking", reverse("asking")), (str(row), reverse("asking-home", args=[row.uuid]))]


@allowed("surveys", "create")
def invite_home(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """The link is shown on the answer to this form, and never again."""
    row, today = own_placement(uuid), timezone.localdate()
    turn, surveys = _turn(row, today), Survey.objects.in_use()
    age = row.child.age_on(today)
    chosen = survey_for(age, surveys)
    first = {"occasion": turn.turn.occasion if turn else "other", "survey": chosen.code if chosen else None}
    form = InviteForm(request.POST or None, surveys=surveys, initial=first)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        due_on = turn.turn.due_on if turn and turn.turn.occasion == given["occasion"] else today
        try:
            with transaction.atomic():
                made, code = invite(
                    placement=row, survey=given["survey"], occasion=given["occasion"], due_on=due_on, by=request.user,
                    today=today, open_for=int(given["open_for"]),
                )  # fmt: skip
        except ValidationError as refused:
            form.add_problems(refused)
        else:
            return render(request, "quality/asking_link.html", {
                "row": row, "made": made, "code": code, "link": _address(code),
            })  # fmt: skip
    return render(request, "providers/form.html", {
        "form": form, "heading": f"Make a link for {row.child}", "crumb": "Make a link", "crumbs": _crumbs(row),
        "answer": f"{row.child} is {age} years old. " * (age is not None)
        + "The link opens the questions once. It holds no name, and shows nothing but the questions.",
    })  # fmt: skip


def _address(code: str) -> str:
    return f"{settings.SITE_URL}{reverse('my-home', args=[code])}"


@allowed("surveys", "create")
@require_POST
def slip(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """The link on paper: only whoever has its code in hand may print it."""
    link = get_object_or_404(SurveyInvitation.objects.select_related("authority", "placement"), uuid=uuid)
    told = parts_of(request.POST.get("code", ""))
    found = invitation_of(told[1]) if told else None
    if found is None or found.pk != link.pk:
        return render(request, "quality/asking_no_slip.html", {"row": link.placement}, status=400)
    made = slip_pdf(council=link.authority.name, address=_address(request.POST["code"]), last_day=link.ends_before)
    answer = HttpResponse(made, content_type="application/pdf")
    answer["Content-Disposition"] = 'attachment; filename="my-home.pdf"'
    return answer


@allowed("surveys", "change")
def withdraw_link(request: HttpRequest, uuid: UUID) -> HttpResponse:
    rows = SurveyInvitation.objects.select_related("placement__child", "placement__authority", "survey")
    link = get_object_or_404(rows, uuid=uuid)
    form = WithdrawForm(request.POST if request.method == "POST" else None)

    def save() -> tuple[str, str]:
        withdraw(invitation=link, by=request.user, today=timezone.localdate())
        return "The link is withdrawn: it opens nothing any more.", reverse("asking-home", args=[link.placement.uuid])

    return saved(
        request, form, save, heading="Withdraw this link", crumb="Withdraw", crumbs=_crumbs(link.placement),
        answer=f"Made on {wording.day(link.made_on)} for {link.placement.child}. Whoever opens it afterwards is asked "
        "to get a new one from their social worker.",
    )  # fmt: skip


@allowed("surveys", "create")
def enter_home(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """What a young person said to somebody, or wrote on paper. The survey is chosen by age, or by ?survey=."""
    row, today = own_placement(uuid), timezone.localdate()
    turn, surveys = _turn(row, today), list(Survey.objects.in_use())
    survey = chosen_survey(request, surveys, row.child.age_on(today))
    if survey is None:
        return no_survey(request, _crumbs(row))
    form = EnterForHomeForm(
        request.POST or None, survey=survey, questions=questions_of(survey),
        initial={"answered_on": today, "occasion": turn.turn.occasion if turn else "other", "answered_by": "self"},
    )  # fmt: skip

    def save() -> tuple[str, str]:
        given = Given(survey=survey, placement=row, entry="officer", **form.facts())
        (made,) = record_answers(authority_id=row.authority_id, given=[given], by=request.user, now=timezone.now())
        return thanks_for(made), reverse("asking-response", args=[made.uuid])

    return saved(
        request, form, save, heading=f"Enter answers of {row.child}", crumb="Enter answers", crumbs=_crumbs(row),
        template="quality/asking_enter.html", surveys=surveys, survey=survey,
        answer=f"About {placed_at(row) or 'their home'}. An answer of not being safe is told at once to the people "
        "whom your authority has named.",
    )  # fmt: skip


def chosen_survey(request: HttpRequest, surveys: list[Survey], age: int | None) -> Survey | None:
    asked = request.GET.get("survey", "")
    named = next((each for each in surveys if each.code == asked), None)
    return named or survey_for(age, surveys) or (surveys[-1] if surveys else None)


def questions_of(survey: Survey) -> list[SurveyQuestion]:
    return list(SurveyQuestion.objects.filter(survey=survey).order_by("number"))


def no_survey(request: HttpRequest, crumbs: list[tuple[str, str]]) -> HttpResponse:
    return render(request, "quality/asking_no_survey.html", {"crumbs": crumbs})


def thanks_for(made: SurveyResponse) -> str:
    if made.concern_id:
        return "The answers are recorded. One of them is of not being safe: it is a concern now, and people are told."
    if not_safe().filter(pk=made.pk).exists():
        return "The answers are recorded. One of them is of not being safe: people are told, and it is to be followed."
    return "The answers are recorded."
