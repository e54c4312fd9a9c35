"""One placement: where, how bought, what it costs, what is due, and everything that is recorded of it."""

from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from commissioning.kernel import wording
from commissioning.kernel.audit.history import count_events, read_events
from commissioning.kernel.pages.allowed import allowed
from commissioning.kernel.pages.event_table import event_table
from providers.measures.suspended import over_purchase

from ..measures.overrides import reasons_of
from ..models import (
    AgreementVersion,
    CostLine,
    DistanceApproval,
    FundingSplit,
    Outcome,
    OutcomeReview,
    Oversight,
    Placement,
    PlacementMeeting,
)
from .placement_due import due_of
from .placement_tables import sections
from .placement_words import bought_how, home_of, terms_of_frameworks
from .who import own_placement

SHOWN_HISTORY = 10
KEPT = (CostLine, FundingSplit, AgreementVersion, Outcome, OutcomeReview, Oversight, DistanceApproval, PlacementMeeting)


@allowed("placements")
def placement(request: HttpRequest, uuid: UUID) -> HttpResponse:
    found, today = own_placement(uuid), timezone.localdate()
    parts = _parts(found)
    what = _history_of(found)
    is_open = found.ends_before is None or found.ends_before > today
    return render(request, "contracts/placement.html", {
        "placement": found, "is_open": is_open, "answer": _answer(found, parts, today),
        "due": due_of(found, parts, today), "facts": _facts(request, found, today),
        "sections": sections(request, found, parts, today, is_open=is_open),
        "may_change": request.user.may("change", "placements"), "history": read_events(what, stop=SHOWN_HISTORY),
        "history_count": count_events(what, most=1000),
    })  # fmt: skip


@allowed("placements")
def placement_history(request: HttpRequest, uuid: UUID) -> HttpResponse:
    found = own_placement(uuid)
    table = event_table(request, _history_of(found), "Changes, newest first", caption_hidden=True)
    return render(request, "contracts/placement_history.html", {"placement": found, "table": table})


def _parts(found: Placement) -> dict[str, Any]:
    """Everything recorded of the placement: one query for each kind, and one for what hangs on it."""
    return {
        "lines": list(found.costlines.select_related("price_line").prefetch_related("splits").order_by(
            "category", "starts_on", "pk")),
        "agreements": list(found.agreementversions.order_by("-number")),
        "outcomes": list(found.outcomes.prefetch_related("reviews").order_by("agreed_on", "pk")),
        "oversight": list(found.oversights.order_by("-starts_on", "pk")),
        "distance": DistanceApproval.objects.filter(placement=found).first(),
        "meetings": list(found.placementmeetings.order_by("-due_on", "pk")),
    }  # fmt: skip


def _history_of(found: Placement) -> dict[Any, Q]:
    """The placement's own changes, and those of every row about it that is there today."""
    kept = {
        model: Q(row_id__in=ids)
        for model in KEPT
        if (ids := list(model.objects.filter(placement=found).values_list("pk", flat=True)))
    }
    return {Placement: Q(row_id=found.pk), **kept}


def _answer(found: Placement, parts: dict[str, Any], today: date) -> str:
    """ "Child 12, 13 years old, has lived with Alder since 2 June 2025: bought by framework, £712.40 a week." """
    age = found.child.age_on(min(today, found.ends_before) if found.ends_before else today)
    who = f"{found.child}, {age} years old," if age is not None else str(found.child)
    home = home_of(found) or "a home whose provider is not recorded"
    home = "carers or a home of our own" if home == "Our own" else home
    if found.starts_on > today:
        lives = f"will live with {home} from {wording.day(found.starts_on)}"
    elif found.ends_before is None or found.ends_before > today:
        lives = f"has lived with {home} since {wording.day(found.starts_on)}"
    else:
        lives = f"lived with {home} from {wording.day(found.starts_on)} until {wording.day(found.ends_before)}"
    day = max(min(today, _last_night(found, today)), found.starts_on)
    running = [
        line for line in parts["lines"] if line.starts_on <= day and (not line.ends_before or line.ends_before > day)
    ]
    cost = f"{wording.pounds(sum(line.weekly_amount for line in running))} a week" if running else ""
    route = found.get_route_display().lower()
    bought = "in-house" if found.route == "in_house" else f"bought {'spot' if route == 'spot' else f'by {route}'}"
    return f"{who} {lives}: {bought}, {cost or 'no price recorded'}."


def _last_night(found: Placement, today: date) -> date:
    return date.fromordinal(found.ends_before.toordinal() - 1) if found.ends_before else today


def _facts(request: HttpRequest, found: Placement, today: date) -> list[tuple[Any, ...]]:
    terms = terms_of_frameworks() if found.award_id else {}
    day = max(min(today, _last_night(found, today)), found.starts_on)
    facts = [
        ("Kind of home", found.get_service_type_display()),
        ("Provided by", home_of(found)),
        ("Home or agency", found.establishment.shown_name if found.establishment_id else None),
        ("Premises", found.premises.shown_name if found.premises_id else None),
        ("Registration", found.get_registration_display()),
        ("How it was bought", bought_how(found, day, terms)),
        ("Agreed on", wording.day(found.called_off_on)),
        ("Lot", f"{found.lot.framework.name}: {found.lot.name}" if found.lot_id else None),
        ("Level", found.get_level_display() or None),
        ("First night", wording.day(found.starts_on)),
        ("Planned end", found.planned_end_on and wording.day(found.planned_end_on)),
        ("A short stay", "Yes, while the child’s own home goes on" if found.respite else "No"),
        ("Only child there", None if found.solo is None else "Yes" if found.solo else "No"),
        ("Where", found.get_boundary_display() if found.boundary else None),
        ("Distance from home", f"{found.distance_miles} miles" if found.distance_miles is not None else None),
        ("Host authority", found.host_authority.name if found.host_authority_id else found.host_area or None),
        ("Your own reference", found.reference or None),
    ]  # fmt: skip
    facts += _suspended(found)
    if not found.premises_id:
        facts = [fact for fact in facts if fact[0] != "Premises"]
    if not found.lot_id:
        facts = [fact for fact in facts if fact[0] != "Lot"]
    return facts


def _suspended(found: Placement) -> list[tuple[str, Any]]:
    """What was suspended on the day of the purchase, and why it was made all the same."""
    if found.route == "in_house":
        return []
    standing = over_purchase(
        found.called_off_on, found.authority_id, provider=found.provider, establishment=found.establishment,
        award=found.award,
    )  # fmt: skip
    if not standing:
        return []
    why = reasons_of(Placement, [found.pk]).get(found.pk)
    said = [("Suspended when it was agreed", ". ".join(each.says for each in standing))]
    barred = any(each.bars(framework=found.award_id is not None) for each in standing)
    return [*said, ("Why all the same", why)] if why or barred else said


def crumbs_of(found: Placement) -> list[tuple[str, str]]:
    return [("Placements", reverse("placements")), (str(found), reverse("placement", args=[found.uuid]))]
