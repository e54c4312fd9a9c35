"""What an officer heard of a home the hour it is heard: which home, then the judgement or the notice."""

from uuid import UUID

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import lazy

from commissioning.kernel import wording
from commissioning.kernel.pages.allowed import allowed
from commissioning.kernel.tables import Column, EmptyState, Table
from contracts.pages.watch_forms import saved
from providers.models import Establishment, WorkingName

from ..actions.hear import hear_judgement, hear_notice
from ..actions.tell_authorities import long_public
from ..forms_watch import HomeForm, JudgementForm, NoticeForm
from ..measures.judgements import latest_judgements
from ..models import Change
from ..rules import scales
from ..rules.news import LONG_PUBLIC
from .change import CRUMBS

MOST = 50


@allowed("changes", "create")
def hear(request: HttpRequest) -> HttpResponse:
    form = HomeForm(request.GET if "words" in request.GET else None)
    form.helper.form_method = "get"
    table = None
    if form.is_bound and form.is_valid():
        found = list(_called(form.cleaned_data["words"])[:MOST])
        table = Table(
            [
                Column("home", "Home", value=lambda row: row.shown_name),
                Column("provider", "Run by", value=lambda row: row.provider and row.provider.name),
                Column("area", "Area", value=lambda row: row.area_name),
                Column("judgement", "A judgement", value=lambda row: "A judgement",
                       link=lambda row: reverse("hear-judgement", args=[row.uuid])),
                Column("notice", "A notice", value=lambda row: "A restriction, notice or closure",
                       link=lambda row: reverse("hear-notice", args=[row.uuid])),
            ],
            found, "Which home, and what was heard?", per_page=None, noun=("home", "homes"),
            empty=EmptyState("No home like that", "Try a part of its name, its URN, or the provider that runs it."),
        )  # fmt: skip
    return render(
        request, "quality/hear.html", {"form": form, "table": table, "most": table and len(table.shown) == MOST}
    )


def _called(words: str):
    """By URN, published name, the authority's own name for it, or its provider's name: every word somewhere."""
    rows = Establishment.objects.select_related("provider")
    for word in words.split()[:6]:
        ours = WorkingName.objects.filter(name__icontains=word).values("establishment")
        rows = rows.filter(
            Q(urn__iexact=word) | Q(name__icontains=word) | Q(provider__name__icontains=word) | Q(pk__in=ours)
        )
    return rows.order_by("closed_on", "name", "urn")


@allowed("changes", "create")
def judgement(request: HttpRequest, uuid: UUID) -> HttpResponse:
    home, now = _home(uuid), timezone.now()
    form = JudgementForm(request.POST or None, scale=scales.scale_of(home.kind))
    overall, day = latest_judgements([home.pk]).get(home.pk, ("", None))
    known = f"Known until now: {scales.ALL_JUDGEMENTS[overall]}, {wording.day(day)}." if day else "Not yet inspected."

    def save() -> None:
        _, change = hear_judgement(
            authority_id=request.user.authority_id, establishment=home, by=request.user, now=now, **form.cleaned_data
        )
        told.extend(_told(change))

    told: list = []
    return saved(
        request, form, save, says=_said(told), then=_onward(told, home),
        heading=f"{home.shown_name}: a judgement heard",
        crumb="A judgement heard", crumbs=[*CRUMBS, ("What was heard", reverse("hear"))],
        answer=f"{known} Every authority with children there is told at once, and Ofsted’s next list confirms it.",
    )  # fmt: skip


@allowed("changes", "create")
def notice(request: HttpRequest, uuid: UUID) -> HttpResponse:
    home, now = _home(uuid), timezone.now()
    form = NoticeForm(request.POST or None)
    told: list = []
    return saved(
        request, form,
        lambda: told.extend(_told(hear_notice(
            authority_id=request.user.authority_id, establishment=home, by=request.user, now=now, **form.cleaned_data
        ))),
        says=_said(told), then=_onward(told, home), heading=f"{home.shown_name}: a notice heard",
        crumb="A notice heard", crumbs=[*CRUMBS, ("What was heard", reverse("hear"))],
        answer="A restriction is not a closure, and neither is the partnership’s own suspension.",
    )  # fmt: skip


def _home(uuid: UUID) -> Establishment:
    return get_object_or_404(Establishment.objects.select_related("provider"), uuid=uuid)


def _told(change: Change | None) -> tuple[Change | None, bool]:
    """With whether it had long been public, asked before the viewer is gone."""
    return change, change is not None and change.worse and long_public(change)


def _says(told: list) -> str:
    if told[0] is None:
        return "It is recorded. It is the judgement that was known already, so nobody was told."
    if told[1]:
        return f"It is recorded, and stands on the list of changes. {LONG_PUBLIC}"
    if told[0].worse:
        return "It is recorded, and every authority with children there is told."
    return "It is recorded, and stands on the list of changes."


def _then(told: list, home: Establishment) -> str:
    return reverse("timeline", args=[home.uuid]) if told[0] is None else reverse("change", args=[told[0].uuid])


# Known only once it is saved.
_said, _onward = lazy(_says, str), lazy(_then, str)
