"""What each provider on a lot charges on a day, beside the lot's spread, a year before, and the regulator's judgement.

Page, workbook and API read the same rows. As many queries for four hundred providers as for four.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from django.db import models

from commissioning.kernel.statistics import Spread, spread
from commissioning.kernel.tenancy.viewer import Viewer, current_viewer
from commissioning.partnership.models import Lot, Participation, PriceLine
from commissioning.partnership.rules.terms import add_months
from providers.models import Award, Provider, Rate
from providers.models.awards import RateQuerySet
from providers.rules.codes import KINDS_FOR_SERVICE
from quality.measures.judgements import Standing, standings

NOT_LISTED = Standing((), None, None)


@dataclass(frozen=True)
class Charged:
    """One provider's rate for one line: for the viewer's own authority alone, or for every participant."""

    amount: Decimal
    own: bool = False


@dataclass
class Place:
    """A provider's place on the lot. `rates` and `before` are by price line id; absent means not priced."""

    award: Award
    provider: Provider
    standing: Standing
    rates: dict[int, Charged] = field(default_factory=dict)
    before: dict[int, Charged] = field(default_factory=dict)

    def amount(self, line: PriceLine | None) -> Decimal | None:
        charged = self.rates.get(line.pk) if line else None
        return charged.amount if charged else None

    def since_last_year(self, line: PriceLine | None) -> Decimal | None:
        """Per cent, up positive; None where either year has no rate."""
        if line is None or line.pk not in self.rates or line.pk not in self.before:
            return None
        old, new = self.before[line.pk].amount, self.rates[line.pk].amount
        return (new - old) / old * 100 if old else None


@dataclass
class LotRates:
    """`seen` is False where the framework's rates are not the viewer's to see: places are listed, without a rate."""

    lot: Lot
    day: date
    lines: list[PriceLine]
    places: list[Place]
    seen: bool
    rivals_seen: bool

    def spread_of(self, line: PriceLine) -> Spread:
        """Over the providers' rates that the viewer would pay: its own where it has one, else everybody's."""
        return spread(_amounts(self.places, line))

    def spread_before(self, line: PriceLine) -> Spread:
        return spread(place.before[line.pk].amount for place in self.places if line.pk in place.before)

    def line_coded(self, code: str) -> PriceLine | None:
        return next((line for line in self.lines if line.code == code), None)

    @property
    def default_line(self) -> PriceLine | None:
        """The core line that most providers price."""
        core = [line for line in self.lines if line.category == "core"] or self.lines
        return max(core, key=lambda line: (sum(line.pk in p.rates for p in self.places), -line.position), default=None)


def lot_rates(lot: Lot, *, day: date) -> LotRates:
    """Everything about the lot on the day, as far as the current viewer may see. `lot` with its framework."""
    viewer = current_viewer()
    lines = list(lot.price_lines.order_by("position", "pk"))
    awards = list(Award.objects.in_force_on(day).filter(lot=lot).select_related("provider").order_by("provider__name"))
    judged = standings([award.provider_id for award in awards], KINDS_FOR_SERVICE[lot.service_type])
    places = {
        award.provider_id: Place(award, award.provider, judged.get(award.provider_id, NOT_LISTED)) for award in awards
    }
    seen = _may_see(lot, day, viewer)
    if seen:
        _charge(places, Rate.objects.in_force_on(day).filter(lot=lot), viewer, "rates")
        _charge(places, Rate.objects.in_force_on(add_months(day, -12)).filter(lot=lot), viewer, "before")
    return LotRates(lot, day, lines, list(places.values()), seen, rivals_seen=viewer.kind == "authority")


def _charge(places: dict[int, Place], rates: RateQuerySet, viewer: Viewer, name: str) -> None:
    """An authority pays its own rate where it has one. Another authority's own rate is not what this one pays."""
    everybodys_first = models.F("authority_id").asc(nulls_first=True)
    charged = rates.charged_to(viewer.authority_id).order_by(everybodys_first)
    # Plain values: thousands of rows, of which a model object would be the greater part of the page's time.
    told = charged.values_list("provider_id", "price_line_id", "amount", "authority_id", "award_id")
    for provider_id, line_id, amount, authority_id, award_id in told:
        # Today's price is that of the place it has today; a year before it may have had another place.
        if provider_id in places and (name == "before" or places[provider_id].award.pk == award_id):
            getattr(places[provider_id], name)[line_id] = Charged(amount, own=authority_id is not None)


def _may_see(lot: Lot, day: date, viewer: Viewer) -> bool:
    if viewer.kind == "provider":
        return True
    return Participation.objects.on(day).filter(framework=lot.framework_id, authority=viewer.authority_id).exists()


def _amounts(places: Iterable[Place], line: PriceLine) -> list[Decimal]:
    return [place.rates[line.pk].amount for place in places if line.pk in place.rates]
