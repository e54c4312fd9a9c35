"""What negotiations save: pounds a week on a day, and pounds in a financial year by the accrual rule.

Cashable and avoided are two figures and are never added up. A benefit ends with its placement, whatever its agreement
planned; its row stays as it was recorded.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from commissioning.kernel.money import ZERO, cost
from commissioning.kernel.periods import FinancialYear, Period

from ..models import Benefit


@dataclass(frozen=True)
class Saved:
    """One benefit with its figures: pounds a week on the day asked about (nought outside its period), and pounds in
    the year."""

    benefit: Benefit
    ends_before: date | None
    weekly_now: Decimal
    in_year: Decimal


def ends_with_its_placement(benefit: Benefit) -> date | None:
    """The earlier of the benefit's own end and the day the child left; None while neither is known."""
    ends = [day for day in (benefit.ends_before, benefit.placement.ends_before) if day is not None]
    return min(ends, default=None)


def saved(day: date, year: FinancialYear) -> list[Saved]:
    """Every benefit the viewer may see, the newest agreement first. Two queries at most, whatever their number."""
    rows = Benefit.objects.select_related("agreement", "placement__child", "placement__provider").order_by(
        "-starts_on", "-pk"
    )
    return [_figures(row, day, year) for row in rows]


def totals(rows: list[Saved]) -> dict[str, tuple[Decimal, Decimal]]:
    """kind -> (pounds a week now, pounds in the year); both kinds always, each by itself."""
    return {
        kind: (
            sum((row.weekly_now for row in rows if row.benefit.kind == kind), ZERO),
            sum((row.in_year for row in rows if row.benefit.kind == kind), ZERO),
        )
        for kind in ("cashable", "avoided")
    }


def _figures(benefit: Benefit, day: date, year: FinancialYear) -> Saved:
    ends_before = ends_with_its_placement(benefit)
    if ends_before is not None and ends_before <= benefit.starts_on:  # the placement ended before the benefit began
        return Saved(benefit, ends_before, ZERO, ZERO)
    period = Period(benefit.starts_on, ends_before)
    return Saved(
        benefit,
        ends_before,
        benefit.weekly_amount if day in period else ZERO,
        cost(benefit.weekly_amount, period, year.starts_on, year.ends_before),
    )
