"""An approval or an order recorded, put right and ended; a visit; Ofsted told."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone

from commissioning.kernel import wording
from commissioning.kernel.pages.allowed import allowed

from ..actions.watch import ORDER, add_oversight, change_oversight, end_oversight, record_visit, tell_regulator
from ..forms_watch import ChangeOversightForm, EndOversightForm, OversightForm, RegulatorForm, VisitForm
from ..models import Oversight
from ..rules.clocks import visit_due
from .placement import crumbs_of
from .placement_words import last_day_of, lives_there
from .watch_forms import saved
from .who import own_placement

KIND_OF = {"applied": "unregistered", "unregistered": "unregistered", "unregulated": "unregulated"}


@allowed("oversight", "change")
def oversight_new(request: HttpRequest, uuid: UUID) -> HttpResponse:
    found, today = own_placement(uuid), timezone.localdate()
    kind = KIND_OF.get(found.registration, ORDER)
    last = Oversight.objects.filter(placement=found, kind=kind).order_by("-starts_on").first()
    initial: dict[str, Any] = {"kind": kind, "starts_on": found.starts_on}
    if last is not None:  # an extension starts where the last one ends
        initial["starts_on"] = last.ends_before
        initial |= {name: getattr(last, name) for name in ("why", "checks", "visit_every_days", "exit_plan")}
    form = OversightForm(request.POST or None, initial=initial)
    return saved(
        request, form, lambda: add_oversight(placement=found, by=request.user, today=today, **_facts(form)),
        says=f"What is done about {found} is recorded.", then=f"{reverse('placement', args=[uuid])}#oversight",
        heading=f"{found}: record an approval or an order", crumb="Approval or order", crumbs=crumbs_of(found),
        answer=f"{lives_there(found, today)} Registration: {found.get_registration_display()}.",
    )  # fmt: skip


@allowed("oversight", "change")
def oversight_change(request: HttpRequest, uuid: UUID) -> HttpResponse:
    record, today = _own(uuid), timezone.localdate()
    names = [name for name in ChangeOversightForm.base_fields if name != "kind"]
    form = ChangeOversightForm(request.POST or None, initial={name: getattr(record, name) for name in names})
    return _saved(
        request, record, form,
        lambda: change_oversight(record=record, by=request.user, today=today, **_facts(form)),
        says="The record is changed.", crumb="Change", answer=_answer(record),
        moves=_steps(record),
    )  # fmt: skip


@allowed("oversight", "change")
def oversight_end(request: HttpRequest, uuid: UUID) -> HttpResponse:
    record, today = _own(uuid), timezone.localdate()
    form = EndOversightForm(request.POST or None, initial={"version": record.version})
    return _saved(
        request, record, form,
        lambda: end_oversight(record=record, by=request.user, today=today, **form.cleaned_data),
        says="The record is ended.", crumb="End",
        answer=f"{_answer(record)} The home stays on the list for as long as no regulator watches it.",
    )  # fmt: skip


@allowed("oversight", "change")
def oversight_visit(request: HttpRequest, uuid: UUID) -> HttpResponse:
    record, today = _own(uuid), timezone.localdate()
    form = VisitForm(request.POST or None, initial={"version": record.version})
    due = visit_due(record.last_visited_on, record.starts_on, record.visit_every_days)
    last = f"Last visited on {wording.day(record.last_visited_on)}." if record.last_visited_on else "No visit so far."
    return _saved(
        request, record, form,
        lambda: record_visit(record=record, by=request.user, today=today, **form.cleaned_data),
        says="The visit is recorded.", crumb="Visit",
        answer=f"{last} Due by {wording.day(due)}." if due else f"{last} How often somebody visits is not recorded.",
    )  # fmt: skip


@allowed("oversight", "change")
def oversight_regulator(request: HttpRequest, uuid: UUID) -> HttpResponse:
    record, today = _own(uuid), timezone.localdate()
    form = RegulatorForm(
        request.POST or None, initial={"version": record.version, "regulator_told_on": record.regulator_told_on}
    )
    return _saved(
        request, record, form,
        lambda: tell_regulator(record=record, by=request.user, today=today, **form.cleaned_data),
        says="That Ofsted was told is recorded.", crumb="Ofsted told", answer=_answer(record),
    )  # fmt: skip


def _own(uuid: UUID) -> Oversight:
    return get_object_or_404(Oversight.objects.select_related("placement__child"), uuid=uuid)


def _facts(form: Any) -> dict[str, Any]:
    """What the action is told: texts as typed, without blanks around them."""
    return {name: value.strip() if isinstance(value, str) else value for name, value in form.cleaned_data.items()}


def _saved(request: HttpRequest, record: Oversight, form: Any, save: Any, **shown: Any) -> HttpResponse:
    found = record.placement
    crumbs = [("Where nobody looks", reverse("oversight")), *crumbs_of(found)[1:]]
    return saved(
        request, form, save, then=f"{reverse('placement', args=[found.uuid])}#oversight", crumbs=crumbs,
        heading=f"{found}: {record.get_kind_display().lower()}", **shown,
    )  # fmt: skip


def _answer(record: Oversight) -> str:
    """ "From 3 March 2026 to 2 June 2026, for Child 12." """
    until = f"to {last_day_of(record.ends_before)}" if record.ends_before else "with no last day"
    return f"From {wording.day(record.starts_on)} {until}, for {record.placement.child}."


def _steps(record: Oversight) -> list[tuple[str, Any, str, str]]:
    """(what, how it stands, where it is changed, the words of the link)."""
    visited = wording.day(record.last_visited_on) if record.last_visited_on else None
    told = wording.day(record.regulator_told_on) if record.regulator_told_on else None
    last = last_day_of(record.ends_before) or None
    return [
        ("Last visit", visited, reverse("oversight-visit", args=[record.uuid]), "Record a visit"),
        ("Ofsted told on", told, reverse("oversight-regulator", args=[record.uuid]), "Record that Ofsted was told"),
        ("Last day", last, reverse("oversight-end", args=[record.uuid]), "End it"),
    ]
