"""Which placements answer a question of the list: nights in a window, what became of the purchase, age, extras.

Every answer is a condition in the database, so that a list of thousands is counted and cut there.
"""

from datetime import date, timedelta
from typing import Any

from django.db.models import DateField, DecimalField, F, OuterRef, Q, QuerySet, Subquery, Sum, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import Cast, Coalesce, Greatest, Least
from django.db.models.lookups import LessThan

from commissioning.partnership.models import Framework

from ..models import CostLine

FOREVER = date(9999, 12, 31)
MONEY = DecimalField(max_digits=14, decimal_places=4)


def with_last_night(rows: QuerySet, day: date) -> QuerySet:
    """Adds `told_on`: the day by which a row is judged. `day` while the placement runs, its last night once it has
    ended before, its first while it has not begun."""
    return rows.annotate(told_on=_told_on(day))


def with_weekly(rows: QuerySet) -> QuerySet:
    """Adds `weekly`: pounds a week of the cost lines that run on `told_on`; None where no line does."""
    running = CostLine.objects.filter(placement=OuterRef("pk"), starts_on__lte=OuterRef("told_on"))
    running = running.filter(Q(ends_before=None) | Q(ends_before__gt=OuterRef("told_on")))
    total = running.order_by().values("placement").annotate(total=Sum("weekly_amount")).values("total")
    return rows.annotate(weekly=Subquery(total, output_field=MONEY))


def with_extras(rows: QuerySet, wanted: bool, day: date) -> QuerySet:
    """With, or without, an additional service that runs on `told_on` of the same day.

    One set for all rows: asked row by row it takes minutes where the database has not counted its rows lately.
    """
    services = CostLine.objects.filter(category="additional").annotate(told_on=_told_on(day, "placement__"))
    running = services.filter(Q(ends_before=None) | Q(ends_before__gt=F("told_on")), starts_on__lte=F("told_on"))
    found = running.values("placement")
    return rows.filter(pk__in=found) if wanted else rows.exclude(pk__in=found)


def in_state(rows: QuerySet, state: str, window: tuple[date, date] | None = None) -> QuerySet:
    """Framework, block and dynamic-market purchases with a night in this later state (rules/routes.py): between the
    two days of a window, or on `told_on`."""
    begins, ends = window or (None, None)
    starts: list[Any] = [F("starts_on"), _day(begins)] if begins else [F("told_on")]
    stops: list[Any] = [_open(F("ends_before")), _day(ends)] if ends else [_after(F("told_on"))]
    left = _open(F("award__ends_before"))
    found = Q(pk__in=[])
    for framework in Framework.objects.prefetch_related("extensions"):
        initial, end = framework.ends_before, framework.runs_until
        lower, upper = {
            "in_force": ([], [_day(initial), left, _day(end)]),
            "extension": ([_day(initial)], [left, _day(end)]),
            "provider_left": ([left], [_day(end)]),
            "framework_ended": ([_day(end)], []),
        }[state]
        found |= Q(award__framework=framework.pk) & _all_before([*starts, *lower], [*stops, *upper])
    return rows.filter(found)


def of_age(rows: QuerySet, low: int, high: int, day: date) -> QuerySet:
    """Of children from `low` to `high` whole years old on the day, both included (rules/ages.py, in the database)."""
    born = Q(child__born_on__lte=years_before(day, low), child__born_on__gt=years_before(day, high + 1))
    if low == 0:
        born = Q(child__born_on__gt=years_before(day, high + 1))
    recorded = Q(pk__in=[])
    for age in range(27):
        same = Q(child__age_recorded=age, child__age_recorded_on__gt=years_before(day, high + 1 - age))
        if low > 0:
            same &= Q(child__age_recorded_on__lte=years_before(day, low - age))
        recorded |= same
    return rows.filter(born | (Q(child__born_on=None) & recorded))


def years_before(day: date, years: int) -> date:
    """The latest day since which that many whole years have passed: 29 February, 1 year on, is told from 28 February.

    A negative number looks ahead.
    """
    try:
        return day.replace(year=day.year - years)
    except ValueError:
        return date(day.year - years, 2, 28)


def _all_before(starts: list[Any], stops: list[Any]) -> Q:
    """The latest of the starts lies before the earliest of the stops."""
    condition = Q()
    for start in starts:
        for stop in stops:
            condition &= Q(LessThan(start, stop))
    return condition


def _told_on(day: date, placement: str = "") -> Combinable:
    last_night = Cast(F(f"{placement}ends_before") - timedelta(days=1), DateField())
    return Greatest(Least(Coalesce(last_night, _day(day)), _day(day)), F(f"{placement}starts_on"))


def _day(day: date | None) -> Combinable:
    return Value(day or FOREVER, output_field=DateField())


def _open(end: F) -> Combinable:
    return Coalesce(end, _day(None))


def _after(day: F) -> Combinable:
    return Cast(day + timedelta(days=1), DateField())
