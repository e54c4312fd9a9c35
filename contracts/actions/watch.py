"""What is done where no regulator looks, where a child lives far from home, and when a home is planned and left."""

from datetime import date
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from commissioning.kernel.tenancy.viewer import acting_as, current_viewer
from commissioning.partnership.actions.leading import ChangedMeanwhile, save_unchanged
from commissioning.partnership.models import Authority, AuthorityCode

from ..models import DistanceApproval, Oversight, PathwayPlace, Placement, PlacementMeeting
from ..rules import codes
from ..rules.distance import boundary, country_of, miles
from ..sources.postcodes import Place

ORDER = "deprivation_of_liberty"


@transaction.atomic
def add_oversight(
    *, placement: Placement, kind: str, starts_on: date, by: Any, today: date, ends_before: date | None = None,
    **facts: Any,
) -> Oversight:  # fmt: skip
    """An approval or an order of the placement. An extension of an order is a row of its own.

    ValidationError (by field) where it has no day of the placement, where another of its kind covers a day of it, and
    for the days of `_days`.
    """
    Placement.objects.select_for_update(of=("self",)).get(pk=placement.pk)  # two orders at once: one waits
    _days(placement, kind, starts_on, ends_before, today, **facts)
    _refuse_second(placement, kind, starts_on, ends_before)
    return Oversight.objects.create(
        authority_id=placement.authority_id, placement=placement, kind=kind, starts_on=starts_on,
        ends_before=ends_before, **facts,
    )  # fmt: skip


@transaction.atomic
def change_oversight(
    *, record: Oversight, version: int, by: Any, today: date, starts_on: date, ends_before: date | None = None,
    **facts: Any,
) -> Oversight:  # fmt: skip
    """Puts a record right; its kind stays. Raises ChangedMeanwhile; ValidationError as `add_oversight`."""
    Placement.objects.select_for_update(of=("self",)).get(pk=record.placement_id)
    _days(record.placement, record.kind, starts_on, ends_before, today, **facts)
    _refuse_second(record.placement, record.kind, starts_on, ends_before, besides=record.pk)
    with acting_as(current_viewer(), by=by):
        return save_unchanged(record, version, starts_on=starts_on, ends_before=ends_before, **facts)


@transaction.atomic
def end_oversight(*, record: Oversight, version: int, ends_before: date, by: Any, today: date) -> Oversight:
    """`ends_before` is the day after the last one on which it holds. Raises ChangedMeanwhile; ValidationError where
    that lies before the start, in the future, or after the end that it has."""
    if ends_before <= record.starts_on:
        raise ValidationError({"ends_before": f"It starts on {record.starts_on:%-d %B %Y}: check the day."})
    if (ends_before - today).days > 1:
        raise ValidationError({"ends_before": "That day has not come: change the record’s last day instead."})
    if record.ends_before is not None and ends_before > record.ends_before:
        raise ValidationError({"ends_before": "It ended before that day. An extension is recorded anew."})
    with acting_as(current_viewer(), by=by):
        return save_unchanged(record, version, ends_before=ends_before)


@transaction.atomic
def record_visit(*, record: Oversight, version: int, last_visited_on: date, by: Any, today: date) -> Oversight:
    """Raises ChangedMeanwhile; ValidationError for a day to come, before the placement, or before the last visit."""
    _past(last_visited_on, today, "last_visited_on", "A visit is recorded once it was made.")
    if last_visited_on < record.placement.starts_on:
        raise ValidationError({"last_visited_on": "The placement had not started that day."})
    if record.last_visited_on is not None and last_visited_on < record.last_visited_on:
        raise ValidationError({"last_visited_on": f"A later visit is recorded: {record.last_visited_on:%-d %B %Y}."})
    with acting_as(current_viewer(), by=by):
        return save_unchanged(record, version, last_visited_on=last_visited_on)


@transaction.atomic
def tell_regulator(*, record: Oversight, version: int, regulator_told_on: date, by: Any, today: date) -> Oversight:
    """The day on which Ofsted was told. Raises ChangedMeanwhile; ValidationError for a day to come."""
    _past(regulator_told_on, today, "regulator_told_on", "Ofsted cannot have been told after today.")
    with acting_as(current_viewer(), by=by):
        return save_unchanged(record, version, regulator_told_on=regulator_told_on)


def _days(
    placement: Placement, kind: str, starts_on: date, ends_before: date | None, today: date, *,
    why: str = "", approved_by: str = "", approved_on: date | None = None, court_reference: str = "",
    last_visited_on: date | None = None, regulator_told_on: date | None = None, exit_by: date | None = None,
    **others: Any,
) -> None:  # fmt: skip
    """What cannot be true of a record, by field."""
    problems: dict[str, str] = {}
    if not why.strip():
        problems["why"] = "Say why the child lives there."
    if not approved_by.strip():
        problems["approved_by"] = "Say who approved it."
    if approved_on is None:
        problems["approved_on"] = "Enter the day it was approved."
    if ends_before is not None and ends_before <= starts_on:
        problems["ends_before"] = "The last day comes before the first: check both."
    if kind == ORDER and ends_before is None:
        problems["ends_before"] = "An order has a last day: enter it."
    if kind != ORDER and starts_on < placement.starts_on:
        problems["starts_on"] = f"The placement starts on {placement.starts_on:%-d %B %Y}."
    if ends_before is not None and ends_before <= placement.starts_on:
        problems["ends_before"] = f"It ends before the placement starts, on {placement.starts_on:%-d %B %Y}."
    if placement.ends_before is not None and starts_on >= placement.ends_before:
        problems["starts_on"] = f"The placement ended on {placement.ends_before:%-d %B %Y}."
    for name, day, words in (
        ("approved_on", approved_on, "An approval is recorded once it is given."),
        ("last_visited_on", last_visited_on, "A visit is recorded once it was made."),
        ("regulator_told_on", regulator_told_on, "Ofsted cannot have been told after today."),
    ):
        if day is not None and day > today:
            problems[name] = words
    if exit_by is not None and exit_by < starts_on:
        problems["exit_by"] = "The way out comes after the beginning."
    if problems:
        raise ValidationError(problems)


def _refuse_second(
    placement: Placement, kind: str, starts_on: date, ends_before: date | None, besides: int | None = None
) -> None:
    others = Oversight.objects.filter(placement=placement, kind=kind).exclude(pk=besides)
    clash = others.overlapping(starts_on, ends_before).order_by("starts_on").first()
    if clash is not None:
        last = f"until {date.fromordinal(clash.ends_before.toordinal() - 1):%-d %B %Y}" if clash.ends_before else "open"
        what = codes.OVERSIGHT_KINDS[kind].lower()
        raise ValidationError(
            {"starts_on": f"Another {what} is recorded from {clash.starts_on:%-d %B %Y}, {last}. The two would "
             "overlap: change that one, or start after it."}
        )  # fmt: skip


def distance_between(authority: Authority, home: Place, placed: Place) -> dict[str, Any]:
    """What two places say of a placement, as its fields: the postcodes themselves are not among them. Between places
    of which one is in Northern Ireland, whose grid is another, no distance can be told."""
    own = set(AuthorityCode.objects.filter(authority=authority).values_list("ons_code", flat=True))
    known = None not in (home.easting, home.northing, placed.easting, placed.northing)
    side = boundary(own, placed.authority_code)
    host = Authority.objects.coded(placed.authority_code) if side == "out" and placed.authority_code else None
    return {
        "distance_miles": miles(home.easting, home.northing, placed.easting, placed.northing) if known else None,
        "boundary": side, "host_authority": host,
        "host_area": country_of(placed.authority_code) if side == "out" and host is None else "",
    }  # fmt: skip


@transaction.atomic
def set_distance(
    *, placement: Placement, version: int, by: Any, distance_miles: Decimal | None = None, boundary: str = "",
    host_authority: Authority | None = None, host_area: str = "",
) -> Placement:  # fmt: skip
    """How far from home and on which side of the boundary. Raises ChangedMeanwhile; ValidationError for a distance
    below nought, a host of a place inside the authority, and the authority itself as host."""
    if distance_miles is not None and distance_miles < 0:
        raise ValidationError({"distance_miles": "A distance is nought or more."})
    if boundary != "out" and (host_authority is not None or host_area):
        raise ValidationError({"host_authority": "Only a home outside the authority has another one as host."})
    if host_authority is not None and host_authority.pk == placement.authority_id:
        raise ValidationError({"host_authority": "That is your own authority: the home would be inside it."})
    with acting_as(current_viewer(), by=by):
        return save_unchanged(
            placement, version, distance_miles=distance_miles, boundary=boundary, host_authority=host_authority,
            host_area=host_area,
        )  # fmt: skip


@transaction.atomic
def approve_distance(
    *, placement: Placement, version: int, by: Any, today: date, reason: str = "", note: str = "",
    approved_by: str = "", approved_on: date | None = None, host_told_on: date | None = None,
) -> DistanceApproval | None:  # fmt: skip
    """Why a child lives so far away, who agreed it and when, and when the host was told; `version` is that of the
    record, 0 where none was read. Nothing said where nothing is recorded writes nothing.

    Raises ChangedMeanwhile; ValidationError for an approval without its day or its person, and days to come.
    """
    problems = {}
    if bool(approved_by.strip()) != (approved_on is not None):
        name = "approved_on" if approved_by.strip() else "approved_by"
        problems[name] = "An approval has a person and a day: enter both."
    if approved_by.strip() and not reason:
        problems["reason"] = "Say why the child lives so far away."
    if approved_on is not None and approved_on > today:
        problems["approved_on"] = "An approval is recorded once it is given."
    if host_told_on is not None and host_told_on > today:
        problems["host_told_on"] = "The host authority cannot have been told after today."
    if problems:
        raise ValidationError(problems)
    said = {
        "reason": reason, "note": note.strip(), "approved_by": approved_by.strip(), "approved_on": approved_on,
        "host_told_on": host_told_on,
    }  # fmt: skip
    Placement.objects.select_for_update(of=("self",)).get(pk=placement.pk)
    now = DistanceApproval.objects.filter(placement=placement).first()
    if now is None:
        if not any(said.values()):
            return None
        return DistanceApproval.objects.create(authority_id=placement.authority_id, placement=placement, **said)
    if version == 0:
        raise ChangedMeanwhile(now)
    with acting_as(current_viewer(), by=by):
        return save_unchanged(now, version, **said)


@transaction.atomic
def tell_host(*, placement: Placement, version: int, host_told_on: date, by: Any, today: date) -> DistanceApproval:
    """The host authority was told on a day; what else is recorded of the approval stays. Errors as above."""
    now = DistanceApproval.objects.filter(placement=placement).first()
    kept = {name: getattr(now, name) for name in ("reason", "note", "approved_by", "approved_on")} if now else {}
    return approve_distance(
        placement=placement, version=version, by=by, today=today, host_told_on=host_told_on, **kept
    )  # fmt: skip


@transaction.atomic
def plan_meeting(
    *, placement: Placement, kind: str, due_on: date, by: Any, today: date, held_on: date | None = None, note: str = ""
) -> PlacementMeeting:
    """A meeting that is due, held already or not. ValidationError for a day to come on which it was held, a day before
    the placement's own by more than four weeks, or a second planning meeting."""
    if (placement.starts_on - due_on).days > 28:
        raise ValidationError({"due_on": f"The placement starts on {placement.starts_on:%-d %B %Y}: check the day."})
    if held_on is not None:
        _past(held_on, today, "held_on", "A meeting is recorded as held once it was.")
    Placement.objects.select_for_update(of=("self",)).get(pk=placement.pk)
    if kind == "planning" and PlacementMeeting.objects.filter(placement=placement, kind=kind).exists():
        raise ValidationError({"kind": "A planning meeting is recorded already: say below when it was held."})
    return PlacementMeeting.objects.create(
        authority_id=placement.authority_id, placement=placement, kind=kind, due_on=due_on, held_on=held_on,
        note=note.strip(),
    )  # fmt: skip


@transaction.atomic
def hold_meeting(
    *, meeting: PlacementMeeting, version: int, held_on: date, by: Any, today: date, note: str = ""
) -> PlacementMeeting:
    """Raises ChangedMeanwhile; ValidationError for a day to come."""
    _past(held_on, today, "held_on", "A meeting is recorded as held once it was.")
    with acting_as(current_viewer(), by=by):
        return save_unchanged(meeting, version, held_on=held_on, note=note.strip())


@transaction.atomic
def plan_move(
    *, placement: Placement, version: int, by: Any, planned_end_on: date | None, destination: str
) -> Placement:  # fmt: skip
    """When an open placement is to end, and where the child goes then. Raises ChangedMeanwhile; ValidationError where
    it is over, or the planned end is not after the first night."""
    if placement.ends_before is not None:
        raise ValidationError("This placement has its end: say how it ended instead.")
    if planned_end_on is not None and planned_end_on <= placement.starts_on:
        raise ValidationError({"planned_end_on": "The planned end comes after the first night."})
    with acting_as(current_viewer(), by=by):
        return save_unchanged(placement, version, planned_end_on=planned_end_on, destination=destination)


@transaction.atomic
def add_own_place(
    *, authority: Authority, name: str, service_type: str, starts_on: date, by: Any,
    weekly_amount: Decimal | None = None, ends_before: date | None = None,
) -> PathwayPlace:  # fmt: skip
    """A place of the authority's own. ValidationError for a name that is taken, or an end before the start."""
    name = name.strip()
    if PathwayPlace.objects.filter(name__iexact=name).exists():
        raise ValidationError({"name": "A place of yours has that name already."})
    if ends_before is not None and ends_before <= starts_on:
        raise ValidationError({"ends_before": "The last day comes before the first: check both."})
    return PathwayPlace.objects.create(
        authority=authority, name=name, service_type=service_type, weekly_amount=weekly_amount, starts_on=starts_on,
        ends_before=ends_before,
    )  # fmt: skip


@transaction.atomic
def end_own_place(*, place: PathwayPlace, version: int, ends_before: date, by: Any) -> PathwayPlace:
    """Raises ChangedMeanwhile; ValidationError before the start, and while somebody lives there."""
    if ends_before <= place.starts_on:
        raise ValidationError({"ends_before": f"The place begins on {place.starts_on:%-d %B %Y}."})
    lived = Placement.objects.filter(pathway_place=place).overlapping(ends_before, None).order_by("starts_on").first()
    if lived is not None:
        raise ValidationError({"ends_before": f"{lived} is there after that day: end or move it first."})
    with acting_as(current_viewer(), by=by):
        return save_unchanged(place, version, ends_before=ends_before)


def _past(day: date, today: date, name: str, words: str) -> None:
    if day > today:
        raise ValidationError({name: words})
