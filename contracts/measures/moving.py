"""Ends that come without a next step, meetings in time and late, how homes ended, and voids of the authority's own."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from django.db.models import Exists, OuterRef, Prefetch, QuerySet

from commissioning.kernel.money import ZERO, cost
from commissioning.kernel.periods import FinancialYear, Period, months_of

from ..models import AgreementVersion, PathwayPlace, Placement, PlacementMeeting, Referral
from ..rules.clocks import SOON, notice_days, planning_due


def ends_coming(day: date) -> QuerySet:
    """Open homes whose planned end has passed or comes within four weeks, with no next step: no place to go to, no
    search that is open, and no later home of the child. The longest past comes first."""
    searching = Referral.objects.filter(child=OuterRef("child"), outcome="")
    next_home = Placement.objects.filter(child=OuterRef("child"), respite=False, starts_on__gt=OuterRef("starts_on"))
    rows = Placement.objects.on(day).filter(planned_end_on__lte=day + SOON, ends_before=None)
    rows = rows.exclude(destination__gt="").exclude(Exists(searching)).exclude(Exists(next_home))
    return rows.select_related("child", "provider", "pathway_place").defer("sent").order_by("planned_end_on", "number")


@dataclass(frozen=True)
class Meeting:
    """One that was recorded, or (`meeting` None) the planning meeting that a home should have had by `due_on`."""

    placement: Placement
    kind: str
    due_on: date
    held_on: date | None
    meeting: PlacementMeeting | None
    day: date

    @property
    def state(self) -> str:
        """ "in_time", "late", "overdue", "planned" or "unrecorded"."""
        if self.held_on is not None:
            return "in_time" if self.held_on <= self.due_on else "late"
        if self.meeting is None:
            return "unrecorded"
        return "overdue" if self.due_on < self.day else "planned"


def meetings(day: date, year: FinancialYear) -> list[Meeting]:
    """Those due in the year; and for each open home that started in it, the planning meeting that nobody recorded.
    Overdue ones first, then unrecorded, then by the day. Two queries."""
    rows = PlacementMeeting.objects.filter(due_on__gte=year.starts_on, due_on__lt=year.ends_before)
    rows = rows.select_related("placement__child", "placement__provider", "placement__pathway_place")
    found = [Meeting(row.placement, row.kind, row.due_on, row.held_on, row, day) for row in rows]
    planned = PlacementMeeting.objects.filter(placement=OuterRef("pk"), kind="planning")
    without = Placement.objects.on(day).filter(starts_on__gte=year.starts_on, starts_on__lt=year.ends_before)
    without = without.filter(respite=False).exclude(Exists(planned))
    for home in without.select_related("child", "provider", "pathway_place").defer("sent"):
        found.append(Meeting(home, "planning", planning_due(home.starts_on), None, None, day))
    order = ("overdue", "unrecorded", "planned", "late", "in_time")
    return sorted(found, key=lambda row: (order.index(row.state), row.due_on, row.placement.number))


def on_time(rows: Iterable[Meeting]) -> tuple[int, int]:
    """(held in time, recorded and due): what is planned for a later day and what nobody recorded do not count."""
    states = Counter(row.state for row in rows)
    return states["in_time"], states["in_time"] + states["late"] + states["overdue"]


@dataclass(frozen=True)
class Ending:
    """How one home ended; `agreed` is the notice of the agreement in days, None where none is recorded."""

    placement: Placement
    agreed: int | None

    @property
    def notice(self) -> int | None:
        return notice_days(self.placement.notice_given_on, self.placement.ends_before)

    @property
    def short(self) -> bool | None:
        """Less notice than agreed; None where either is not recorded, or everybody had planned the end."""
        if self.notice is None or self.agreed is None or self.placement.ended_as_planned:
            return None
        return self.notice < self.agreed


def endings(year: FinancialYear, day: date) -> list[Ending]:
    """Homes that the child left in the year and by the day, short stays apart; the newest first. Two queries."""
    rows = Placement.objects.filter(
        ends_before__gte=year.starts_on, ends_before__lt=year.ends_before, ends_before__lte=day, respite=False
    )
    rows = rows.select_related("child", "provider", "pathway_place").defer("sent").order_by("-ends_before", "number")
    agreements = AgreementVersion.objects.order_by("number").only("placement_id", "number", "starts_on", "notice_days")
    rows = rows.prefetch_related(Prefetch("agreementversions", agreements, to_attr="versions"))
    return [Ending(row, _agreed(row)) for row in rows]


def _agreed(placement: Placement) -> int | None:
    """The notice of the version in force when notice was given, else of the first."""
    versions = placement.versions
    told = placement.notice_given_on or placement.ends_before
    running = [version for version in versions if version.starts_on <= told]
    return (running or versions)[-1 if running else 0].notice_days if versions else None


@dataclass(frozen=True)
class Voids:
    """Nights and pounds of one own place in one period: `void` + `used` are the nights available."""

    place: PathwayPlace
    period: Period
    available: int
    used: int
    void_cost: Decimal | None  # None where the place has no price

    @property
    def void(self) -> int:
        return self.available - self.used


def voids(year: FinancialYear, until: date) -> list[Voids]:
    """Each own place in each month of the year in which it was there, up to and without `until`; by name, then month.

    A night on which somebody lived there is used, once, whoever else did. The cost of void nights is what the place's
    weekly amount accrues over them from its own first day, so that used and void nights together cost the whole.
    Two queries.
    """
    months = [part for month in months_of(year) if (part := _before(month, until))]
    places = PathwayPlace.objects.order_by("name")
    lived = Placement.objects.exclude(pathway_place=None).order_by("starts_on")
    stays: dict[int, list[tuple[date, date | None]]] = defaultdict(list)
    for place, starts_on, ends_before in lived.values_list("pathway_place", "starts_on", "ends_before"):
        stays[place].append((starts_on, ends_before))
    found = []
    for place in places:
        whole = Period(place.starts_on, place.ends_before)
        for month in months:
            part = whole.intersect(month)
            if part is not None:
                found.append(_voids(place, whole, part, stays[place.pk]))
    return found


def _voids(place: PathwayPlace, whole: Period, part: Period, stays: list[tuple[date, date | None]]) -> Voids:
    empty = gaps(part, stays)
    price = place.weekly_amount
    lost = None if price is None else sum((cost(price, whole, *gap) for gap in empty), ZERO)
    available = part.days
    return Voids(place, part, available, available - sum((stop - start).days for start, stop in empty), lost)


def gaps(part: Period, stays: list[tuple[date, date | None]]) -> list[tuple[date, date]]:
    """The runs of nights [start, stop) of a bounded period on which nobody stayed. `stays` come by their start."""
    start, stop = part.bounds
    found = []
    for begins, ends in stays:
        if begins >= stop:
            break
        if begins > start:
            found.append((start, begins))
        start = max(start, min(ends or stop, stop))
    if start < stop:
        found.append((start, stop))
    return found


def _before(month: Period, until: date) -> Period | None:
    return month.intersect(Period(until - timedelta(days=36525), until))


def lived_in(day: date) -> dict[int, Placement]:
    """Own place -> who lives there on the day. One query."""
    rows = Placement.objects.on(day).exclude(pathway_place=None).select_related("child").order_by("-respite", "pk")
    return {row.pathway_place_id: row for row in rows}
