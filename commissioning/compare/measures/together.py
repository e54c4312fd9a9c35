"""Price, quality and voice of each provider on a lot, side by side and never one score.

Shared figures are those of a release, withheld or not; own answers and own homes are live. About thirty queries,
however many providers.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from django.db.models import Count, Q

from commissioning.partnership.models import Lot, Statement
from commissioning.partnership.rules.terms import add_months
from contracts.models import Placement
from quality.measures.exposure import tops
from quality.measures.voice import Result, Selection, results
from quality.models import VisitReport

from ..models import PublishedFigure, Release
from ..rules.catalogue import MEASURES, VOICE_MONTHS
from .benchmark import Comparator, Figures, instead_of, newest_release
from .lot_rates import LotRates, Place, lot_rates
from .own import own_prices

PRICE, VOICE = "weekly_price", "agree_share"


@dataclass(frozen=True)
class Visited:
    """The newest rating of a visit that the viewer may read: its own, or another member's that is published."""

    rating: str
    on: date
    authority: str


@dataclass(frozen=True)
class Row:
    """One provider. `rate`: of the rate card's line; `paid`: our own median; `price` and `said`: the release's figures,
    None where withheld, and then `price_instead` and `said_instead` stand in."""

    place: Place
    rate: Decimal | None
    paid: Decimal | None
    price: PublishedFigure | None
    price_instead: Comparator | None
    said: PublishedFigure | None
    said_instead: Comparator | None
    own: Result | None
    homes: int
    visited: Visited | None
    lot_price: PublishedFigure | None

    @property
    def difference(self) -> Decimal | None:
        """The provider's released median less the lot's, where both are told."""
        lot = self.lot_price.median if self.lot_price else None
        return None if self.price is None or self.price.median is None or lot is None else self.price.median - lot


@dataclass(frozen=True)
class Together:
    lot: Lot
    statement: Statement | None
    release: Release | None
    rates: LotRates
    rows: list[Row]
    lot_price: PublishedFigure | None
    lot_said: PublishedFigure | None
    lot_said_instead: Comparator | None
    own: Result | None


def together(lot: Lot, statement: Statement | None, day: date) -> Together:
    release = newest_release()
    rates = lot_rates(lot, day=day)
    line = rates.default_line
    providers = [place.provider.pk for place in rates.places]
    prices, voices = Figures(release, PRICE), Figures(release, VOICE)
    market = ("lot", lot.pk, "")
    services = {lot.pk: lot.service_type}
    owners = tops(release.as_at) if release else {}
    own, whole = _own(lot, statement, day)
    homes = dict(
        Placement.objects.filter(lot=lot, starts_on__lte=day, respite=False).exclude(ends_before__lte=day)
        .order_by().values_list("provider_id").annotate(n=Count("pk"))
    )  # fmt: skip
    visited = _visited(providers)
    lot_price = prices.of("market", (market,))
    paid = own_prices(day).of(MEASURES[PRICE], "provider_market")
    rows = []
    for place in rates.places:
        pk = place.provider.pk
        cell = (pk, market)
        said_cell = (statement.pk if statement else None, pk, market)
        rows.append(Row(
            place, place.amount(line), paid[cell].median if cell in paid else None, prices.of("provider_market", cell),
            instead_of(prices, MEASURES[PRICE], "provider_market", cell, services),
            voices.of("statement_provider_market", said_cell),
            instead_of(voices, MEASURES[VOICE], "statement_provider_market", said_cell, services, owners),
            own.get(pk), homes.get(pk, 0), visited.get(pk), lot_price,
        ))  # fmt: skip
    said_of_lot = (statement.pk if statement else None, market)
    return Together(
        lot, statement, release, rates, rows, lot_price, voices.of("statement_market", said_of_lot),
        instead_of(voices, MEASURES[VOICE], "statement_market", said_of_lot, services), whole,
    )  # fmt: skip


def _own(lot: Lot, statement: Statement | None, day: date) -> tuple[dict[int, Result], Result | None]:
    """Our own answers from homes of the lot, over as many months as a release pools."""
    if statement is None:
        return {}, None
    until = day + timedelta(days=1)
    selection = Selection(statement.statement_set_id, add_months(until, -VOICE_MONTHS), until, lot=lot.pk)
    found = {each.key[0]: each for each in results(selection, ("provider",), statement.number) if each.key[0]}
    whole = results(selection, (), statement.number)
    return found, whole[0] if whole else None


def _visited(providers: list[int]) -> dict[int, Visited]:
    found: dict[int, Visited] = {}
    reports = (
        VisitReport.objects.filter(~Q(rating=""), provider__in=providers, visit__visited_on__isnull=False)
        .order_by("visit__visited_on", "pk").select_related("visit", "authority")
    )  # fmt: skip
    for report in reports:
        found[report.provider_id] = Visited(report.get_rating_display(), report.visit.visited_on, report.authority.name)
    return found
