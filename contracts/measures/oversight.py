"""Where nobody looks: homes that no regulator watches and deprivation of liberty orders, with or without a record.

A home is among them for what it is: its registration, or an order that runs. That nobody recorded an approval is
itself the alarm, and never takes a home off the list.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet

from commissioning.kernel.money import ZERO
from commissioning.kernel.periods import Period

from ..models import CostLine, Oversight, Placement
from ..rules import codes
from ..rules.clocks import SOON, order_state, visit_due
from ..rules.lines import cost_of_line

ORDER = "deprivation_of_liberty"
WHICH = ("now", "ran_out", "past")


@dataclass(frozen=True)
class Watched:
    """One home. `record` is what was said of it last: an approval of the home where its registration needs one, else
    the order; None where nobody recorded anything. `order` is its latest order. Days are nights, from `since` up to
    the day asked about or the end; `cost` is what these nights cost by the accrual rule."""

    placement: Placement
    day: date
    since: date
    until: date | None
    record: Oversight | None
    order: Oversight | None
    weekly: Decimal | None
    cost: Decimal

    @property
    def days(self) -> int:
        return max(0, (min(self.day, self.until or self.day) - self.since).days)

    @property
    def missing(self) -> bool:
        """Nobody is recorded as having approved what runs today."""
        return self.record is None or (self.record.ends_before is not None and self.record.ends_before <= self.day)

    @property
    def visit_due_on(self) -> date | None:
        if self.record is None or self.missing:
            return None
        return visit_due(self.record.last_visited_on, self.record.starts_on, self.record.visit_every_days)

    @property
    def visit_overdue(self) -> bool:
        return self.visit_due_on is not None and self.visit_due_on < self.day

    @property
    def order_state(self) -> str:
        """ "" without an order; else as rules/clocks.py."""
        return order_state(self.order.ends_before, self.day) if self.order else ""


def placements_of(which: str, day: date) -> QuerySet:
    """ "now": open homes that nobody watches or with an order that runs. "ran_out": open homes whose last order ran out
    in the last four weeks. "past": homes of both kinds that are over, or that have since been registered."""
    orders = Oversight.objects.filter(placement=OuterRef("pk"), kind=ORDER)
    running = Exists(orders.on(day))
    unwatched = Q(registration__in=codes.UNWATCHED)
    if which == "now":
        return Placement.objects.on(day).filter(unwatched | running)
    if which == "ran_out":
        later = Exists(orders.filter(Q(ends_before=None) | Q(ends_before__gt=day)))
        lately = Exists(orders.filter(ends_before__lte=day, ends_before__gt=day - SOON))
        return Placement.objects.on(day).filter(lately).exclude(later)
    anything = Exists(Oversight.objects.filter(placement=OuterRef("pk")))
    over = Q(ends_before__lte=day) & (unwatched | Q(anything))
    return Placement.objects.filter(starts_on__lte=day).filter(
        over | (Q(anything) & ~unwatched & ~Q(running))
    )  # fmt: skip


def watched(which: str, day: date) -> list[Watched]:
    """The homes of a question, those unrecorded first, then by days, the most first. Five queries, however many."""
    rows = placements_of(which, day).select_related("child", "provider", "pathway_place").defer("sent")
    rows = rows.prefetch_related(
        Prefetch("oversights", Oversight.objects.order_by("starts_on", "pk"), to_attr="records"),
        Prefetch("costlines", CostLine.objects.order_by("pk"), to_attr="lines"),
    )
    found = [_watched(row, day) for row in rows]
    return sorted(found, key=lambda row: (not row.missing, -row.days, row.placement.number))


def _watched(placement: Placement, day: date) -> Watched:
    records: list[Oversight] = [row for row in placement.records if row.starts_on <= day]
    orders = [row for row in records if row.kind == ORDER]
    unwatched = placement.registration in codes.UNWATCHED
    approvals = [row for row in records if row.kind != ORDER]
    told = approvals if unwatched or not orders else orders
    since = placement.starts_on if unwatched or not told else max(placement.starts_on, _unbroken(told))
    until = placement.ends_before
    if not unwatched and told and told[-1].ends_before and told[-1].ends_before <= day:
        until = min(filter(None, (until, told[-1].ends_before)))
    last_night = min(day, until - timedelta(days=1)) if until else day
    stop = max(since, min(day, until or day))
    lines = placement.lines
    running = [row.weekly_amount for row in lines if _runs(row, last_night)]
    return Watched(
        placement, day, since, until, told[-1] if told else None, orders[-1] if orders else None,
        sum(running, ZERO) if running else None,
        sum((cost_of_line(row.weekly_amount, row.once_amount, Period(row.starts_on, row.ends_before), since, stop)
             for row in lines), ZERO),
    )  # fmt: skip


def _runs(line: CostLine, day: date) -> bool:
    return line.starts_on <= day and (line.ends_before is None or line.ends_before > day)


def _unbroken(records: list[Oversight]) -> date:
    """The first day of the records that follow one another without a gap up to the last."""
    first = records[-1].starts_on
    for row in reversed(records[:-1]):
        if row.ends_before is not None and row.ends_before < first:
            break
        first = min(first, row.starts_on)
    return first
