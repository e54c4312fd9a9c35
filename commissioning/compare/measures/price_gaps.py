"""Same provider, same service, different price: what the viewer pays for each open home beside what the partnership
pays the same provider on the same lot (or, outside the lots, for the same kind of home).

Of other authorities nothing is read but the newest release's figures. A home is compared by its whole price a week with
the median of provider and lot, and with the lot's median for its age and level where that is shown. Where its core
price is of a price line, which names an age and a level, and the release shows that line's median for the provider, it
is compared by the core price with that alone: like with like. Savings are those of rules/savings.py. In-house homes,
short stays and homes of a provider that is not recorded are left out.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Any

from django.db.models import Sum

from commissioning.kernel.money import ZERO
from commissioning.kernel.statistics import spread
from commissioning.partnership.rules.terms import add_months
from contracts.measures.placement_rows import with_last_night, with_weekly
from contracts.models import CostLine, Oversight, Placement, PlacementMeeting

from ..models import PriceDecision, PublishedFigure, Release
from ..rules.catalogue import MEASURES, priced_age
from ..rules.savings import AT_RISK, HOMES_MONTHS, Counted, Facts, Savings, days_counted, left_out, savings
from .benchmark import Names, Values, shown, values_of
from .own import Own, OwnFigures
from .price_decisions import Market, accepted_on, decisions

CUT = "provider_market"
ORDER = "deprivation_of_liberty"


@dataclass(frozen=True)
class OpenHome:
    """One open home of the viewer's. `price` is all that is paid a week today; None where no cost line runs. `line`:
    the price line by which it is compared; None where the whole price is. `counted` has the two amounts compared."""

    placement: Placement
    price: Decimal | None
    line: Any = None
    counted: Counted | None = None

    @property
    def difference(self) -> Decimal | None:
        """Pounds a week above what it is compared with; below it with a minus."""
        return None if self.counted is None else self.counted.difference


@dataclass
class Gap:
    """One provider on one lot, or for one kind of home outside. `own`: the viewer's own figures of the release's kind,
    over twelve months; the medians of the page are of the homes that are open."""

    provider_id: int
    market: Market
    provider: str
    where: str
    provider_uuid: Any
    market_in_address: str
    figure: PublishedFigure
    homes: list[OpenHome] = field(default_factory=list)
    own: Own | None = None
    decisions: list[PriceDecision] = field(default_factory=list)

    @cached_property
    def median(self) -> Decimal | None:
        """Of the open homes' whole prices, pounds a week."""
        return spread([home.price for home in self.homes if home.price is not None]).median

    @property
    def difference(self) -> Decimal | None:
        """Our median less the partnership's."""
        return None if self.median is None else self.median - self.figure.median

    @cached_property
    def savings(self) -> Savings:
        return savings(home.counted for home in self.homes if home.counted is not None)

    @cached_property
    def weekly_above(self) -> Decimal:
        """Pounds a week, over the homes that lie above."""
        return sum((home.difference for home in self.homes if (home.difference or 0) > 0), Decimal(0))

    @property
    def standing(self) -> PriceDecision | None:
        return self.decisions[0] if self.decisions else None

    @property
    def like_for_like(self) -> int:
        return sum(home.line is not None for home in self.homes)


@dataclass
class PriceGaps:
    """Gaps with most to save first. `elsewhere`: open homes bought from others that the release has no figure of
    provider and lot for. `all_decisions` are the authority's, those on prices that no longer differ too."""

    release: Release | None
    day: date
    gaps: list[Gap]
    elsewhere: int
    all_decisions: list[PriceDecision]

    @property
    def homes(self) -> list[OpenHome]:
        return [home for gap in self.gaps for home in gap.homes]

    @property
    def unpriced(self) -> int:
        return sum(home.price is None for home in self.homes)

    @cached_property
    def savings(self) -> Savings:
        """The totals. Page, csv, workbook and any other place read these."""
        return savings(home.counted for home in self.homes if home.counted is not None)


def price_gaps(release: Release | None, own: OwnFigures, today: date) -> PriceGaps:
    """What the viewer may talk to providers about. About a dozen queries, whatever the number of homes."""
    figures = _figures(release, "weekly_price", CUT)
    rows = Placement.objects.on(today).filter(respite=False).exclude(provider=None).exclude(route="in_house")
    rows = with_weekly(with_last_night(rows, today)).select_related("child", "provider").defer("sent")
    placements = list(rows.order_by("number"))
    told: dict[Values, list[Placement]] = {}
    for placement in placements:
        told.setdefault((placement.provider_id, _market(placement)), []).append(placement)
    compared = {values: homes for values, homes in told.items() if values in figures}
    ids = [home.pk for homes in compared.values() for home in homes]
    levels = {key: row.median for key, row in _figures(release, "weekly_price", "market_age_level").items()}
    of_lines, extras = _line_prices(release, ids, today), _additional(ids, today)
    every = decisions()
    by_place: dict[Values, list[PriceDecision]] = {}
    for decision in every:
        by_place.setdefault((decision.provider_id, decision.market), []).append(decision)
    facts = _facts([home for homes in compared.values() for home in homes], today)
    ours = own.of(MEASURES["weekly_price"], CUT)
    names = Names(list(compared), CUT)
    found = []
    for values, homes in compared.items():
        decided = by_place.get(values, [])
        accepted = accepted_on(decided)
        provider, where = names.each(values)
        kind, what, service = values[1]
        gap = Gap(
            values[0], values[1], provider, where, names.provider_ids[values[0]],
            str(names.lots[what].uuid) if kind == "lot" else f"{what}:{service}", figures[values],
            own=ours.get(values), decisions=decided,
        )  # fmt: skip
        for home in homes:
            told_of = facts(home, accepted)
            extra = extras.get(home.pk, ZERO)
            medians = (gap.figure.median, levels.get(_level(home, today)))
            gap.homes.append(_home(home, medians, of_lines.get(home.pk), extra, told_of, today))
        found.append(gap)
    found.sort(key=lambda gap: (-gap.savings.possible, -gap.savings.below, gap.provider, gap.where))
    return PriceGaps(release, today, found, len(placements) - sum(map(len, compared.values())), every)


def _figures(release: Release | None, measure: str, cut: str) -> dict[Values, PublishedFigure]:
    """Those with a median. None of a release that is not published reaches here: pages ask for the newest that is."""
    if release is None:
        return {}
    rows = shown(release, measure, cut).exclude(median=None).select_related("price_line", "release")
    return {values_of(row): row for row in rows}


def _market(placement: Placement) -> Market:
    if placement.lot_id:
        return ("lot", placement.lot_id, "")
    return ("outside", placement.route, placement.service_type)


def _line_prices(release: Release | None, placements: list[int], today: date) -> dict[int, tuple[Any, Decimal, Any]]:
    """Placement -> (price line, our core price a week, the partnership's median), where one core line alone runs."""
    figures = _figures(release, "line_price", "provider_price_line")
    if not figures:
        return {}
    running = CostLine.objects.on(today).filter(placement__in=placements, category="core")
    lines: dict[int, list[Any]] = {}
    for placement, provider, line, amount in running.order_by("pk").values_list(
        "placement_id", "placement__provider_id", "price_line_id", "weekly_amount"
    ):
        lines.setdefault(placement, []).append((figures.get((provider, line)), amount))
    return {
        placement: (each[0][0].price_line, each[0][1], each[0][0].median)
        for placement, each in lines.items()
        if len(each) == 1 and each[0][0] is not None
    }


def _level(placement: Placement, today: date) -> Values | None:
    """The cell of lot, age and level that the home is in; None where its level or age is not recorded."""
    age = priced_age(placement.service_type, placement.child.age_on(today))
    return (_market(placement), age, placement.level) if age and placement.level else None


def _additional(placements: list[int], today: date) -> dict[int, Decimal]:
    """Placement -> pounds a week of its additional services."""
    running = CostLine.objects.on(today).filter(placement__in=placements, category="additional")
    return dict(running.order_by().values_list("placement_id").annotate(Sum("weekly_amount")))


def _home(
    placement: Placement, medians: tuple[Decimal, Decimal | None], line: tuple[Any, Decimal, Decimal] | None,
    extras: Decimal, facts: Facts, today: date,
) -> OpenHome:  # fmt: skip
    if placement.weekly is None:
        return OpenHome(placement, None)
    price_line, price, median = line or (None, placement.weekly, medians[0])
    counted = Counted(
        price, median, days_counted(placement.planned_end_on, today), left_out(facts, today),
        additional=ZERO if line else extras, level_median=None if line else medians[1],
    )  # fmt: skip
    return OpenHome(placement, placement.weekly, price_line, counted)


def _facts(placements: Iterable[Placement], today: date) -> Any:
    """(placement, when its price was accepted) -> the facts by which it counts as realistic. Three queries."""
    placements = list(placements)
    ids = [placement.pk for placement in placements]
    since = add_months(today, -HOMES_MONTHS)
    homes: Mapping[int, int] = Counter(
        Placement.objects.filter(
            child__in=[placement.child_id for placement in placements], respite=False, starts_on__lte=today
        ).exclude(ends_before__lte=since).values_list("child_id", flat=True)
    )  # fmt: skip
    meetings: dict[int, list[Any]] = {}
    for placement, *meeting in PlacementMeeting.objects.filter(placement__in=ids, kind__in=AT_RISK).values_list(
        "placement_id", "kind", "due_on", "held_on"
    ):
        meetings.setdefault(placement, []).append(tuple(meeting))
    ordered = set(
        Oversight.objects.on(today).filter(placement__in=ids, kind=ORDER).values_list("placement_id", flat=True)
    )

    def facts(placement: Placement, accepted: date | None) -> Facts:
        return Facts(
            placement.service_type, placement.planned_end_on, placement.notice_given_on, homes[placement.child_id],
            meetings.get(placement.pk, ()), placement.pk in ordered, accepted,
        )  # fmt: skip

    return facts
