"""Cost of care, as councils publish it: what an authority pays a week for each kind of home on a day, live and exact,
beside what a release shows of the partnership.

One very dear home lifts a mean and leaves the most usual price and the median where they are, so all three stand
together (FIELD.md, story 5).
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from django.db.models import Sum

from commissioning.kernel.money import round_half_up
from commissioning.kernel.statistics import Spread, spread
from contracts.models import CostLine, Placement
from contracts.rules.ages import age_on

from ..models import PublishedFigure, Release
from ..rules.kinds_of_care import BOUGHT, OWN, Kind, in_order, kind_of
from .benchmark import Comparator, Figures

MEASURE = "weekly_price"


@dataclass(frozen=True)
class Paid:
    """`n` homes with a price a week on the day, and `unpriced` ones besides. Pounds; the mode is the amount that most
    homes share (the lowest of several such), None where no two cost the same."""

    n: int = 0
    unpriced: int = 0
    mode: Decimal | None = None
    mode_n: int = 0
    mean: Decimal | None = None
    spread: Spread = field(default_factory=lambda: spread([]))
    weekly: Decimal = Decimal(0)

    @property
    def median(self) -> Decimal | None:
        return self.spread.median


@dataclass(frozen=True)
class Care:
    """One kind of home: ours, the partnership's figure that matches it, and what stands in where that is withheld."""

    kind: Kind
    paid: Paid
    whose: str
    shared: PublishedFigure | None
    instead: Comparator | None

    @property
    def label(self) -> str:
        return self.kind.label

    @property
    def difference(self) -> Decimal | None:
        """Our median less the partnership's."""
        if self.paid.median is None or self.shared is None or self.shared.median is None:
            return None
        return self.paid.median - self.shared.median


@dataclass(frozen=True)
class CostOfCare:
    day: date
    release: Release | None
    rows: list[Care]

    @property
    def n(self) -> int:
        return sum(row.paid.n for row in self.rows)

    @property
    def unpriced(self) -> int:
        return sum(row.paid.unpriced for row in self.rows)


def paid(amounts: Iterable[Decimal | None]) -> Paid:
    """Of the weekly amounts of one kind; None for a home whose price is not recorded."""
    every = list(amounts)
    priced = [amount for amount in every if amount is not None]
    if not priced:
        return Paid(unpriced=len(every))
    times = Counter(priced)
    most = max(times.values())
    whole = sum(priced, Decimal(0))
    return Paid(
        n=len(priced), unpriced=len(every) - len(priced),
        mode=min(amount for amount, n in times.items() if n == most) if most > 1 else None,
        mode_n=most if most > 1 else 0, mean=round_half_up(whole / len(priced)), spread=spread(priced), weekly=whole,
    )  # fmt: skip


def cost_of_care(day: date, release: Release | None) -> CostOfCare:
    """Of the authority that is looking: every home lived in on the night of `day`, short stays apart. Four queries."""
    prices = dict(
        CostLine.objects.on(day).order_by().values("placement_id").annotate(weekly=Sum("weekly_amount"))
        .values_list("placement_id", "weekly")
    )  # fmt: skip
    found: dict[Kind, list[Decimal | None]] = {}
    routes: dict[Kind, set[str]] = {}
    for placement, service, route, born_on, age, age_day in (
        Placement.objects.on(day)
        .filter(respite=False)
        .values_list("pk", "service_type", "route", "child__born_on", "child__age_recorded", "child__age_recorded_on")
    ):
        kind = kind_of(service, route, age_on(day, born_on, age, age_day))
        found.setdefault(kind, []).append(prices.get(placement))
        routes.setdefault(kind, set()).add(OWN if route == "in_house" else BOUGHT)
    figures = Figures(release, MEASURE)
    return CostOfCare(
        day,
        release,
        [_care(kind, found.get(kind, []), routes.get(kind, set()), figures) for kind in in_order([*found])],
    )


def _care(kind: Kind, amounts: list[Decimal | None], routes: set[str], figures: Figures) -> Care:
    # A row of both stands beside the authorities' own homes only where all of ours are our own.
    whose = kind.whose or (OWN if routes == {OWN} else BOUGHT)
    (cut, values), *wider = kind.cells(whose)
    shared = figures.of(cut, values)
    instead = None
    if shared is None or shared.median is None:
        stands = ((rung, figures.of(rung, cell)) for rung, cell in wider)
        rung, figure = next(((r, f) for r, f in stands if f is not None and f.median is not None), ("rate_card", None))
        instead = Comparator(rung, figure) if figure is not None else None
    return Care(kind, paid(amounts), whose, shared, instead)
