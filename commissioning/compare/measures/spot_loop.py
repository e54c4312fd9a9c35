"""Spot to framework: why each home of the last twelve months was bought outside the frameworks, and what it cost.

Read from the viewer's own placements and referral log. A purchase counts by its day of call-off, short stays
included. The price is what is paid a week today, or was on the last night; nights are those lived so far, by arrival.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Any

from django.utils import timezone

from commissioning.kernel.money import ZERO
from commissioning.kernel.periods import Period
from commissioning.kernel.tenancy.viewer import current_viewer
from commissioning.partnership.models import Framework, Participation
from contracts.measures.placement_rows import with_last_night, with_weekly
from contracts.measures.spend import spend_rows
from contracts.models import Offer, Placement
from contracts.rules.codes import BOUGHT_FROM_LOT
from contracts.rules.routes import Facts, why_not
from providers.models import Award
from providers.rules.codes import KINDS_FOR_SERVICE
from quality.measures.judgements import Standing, standings

from ..models import PublishedFigure, Release
from ..rules.catalogue import MEASURES
from ..rules.spot_loop import CLASSES, Asked, best_offer, class_of, premium
from .benchmark import Comparator, Figures
from .contributions import Window
from .own import Own, OwnFigures

SPOT, FRAMEWORK = "spot", "framework"
UNLISTED = Standing((), None, None)


@dataclass(frozen=True)
class Purchase:
    """One spot purchase. `paid` and `offered` are pounds a week; `places`: how many places could have been called off
    for such a home on the day."""

    placement: Placement
    kind: str  # rules/spot_loop.py CLASSES
    nights: int
    paid: Decimal | None
    offered: Decimal | None
    places: int

    @property
    def premium(self) -> Decimal:
        return self._until(self.nights)

    @property
    def provider(self) -> str:
        return self.placement.provider.name if self.placement.provider_id else self.placement.provider_name

    def premium_in(self, period: Period) -> Decimal:
        """Its part of the premium in a bounded period: differences of two accruals, so parts add up to the whole."""
        start, stop = period.bounds
        first = self.placement.starts_on
        nights = [min(self.nights, max(0, (day - first).days)) for day in (start, stop)]
        return self._until(nights[1]) - self._until(nights[0])

    def _until(self, nights: int) -> Decimal:
        return premium(self.paid, self.offered, nights) if self.kind == "not_taken" else ZERO


@dataclass(frozen=True)
class Quarter:
    """One calendar quarter: purchases called off in it by class, and the avoidable premium that accrued in it."""

    period: Period
    counts: Mapping[str, int]
    premium: Decimal

    @property
    def purchases(self) -> int:
        return sum(self.counts.values())


@dataclass
class SpotLoop:
    window: Window
    day: date
    purchases: list[Purchase]

    @cached_property
    def counts(self) -> dict[str, int]:
        """Class -> purchases, every class, in order; they add up to all."""
        found = Counter(each.kind for each in self.purchases)
        return {kind: found[kind] for kind in CLASSES}

    def of(self, kind: str) -> list[Purchase]:
        return [each for each in self.purchases if each.kind == kind]

    @cached_property
    def premium(self) -> Decimal:
        """Pounds that could have been avoided so far."""
        return sum((each.premium for each in self.purchases), ZERO)

    @property
    def unpriced(self) -> int:
        """Avoidable purchases of which the offer or the price paid is not recorded."""
        return sum(each.paid is None or each.offered is None for each in self.of("not_taken"))

    @cached_property
    def quarters(self) -> list[Quarter]:
        """The calendar quarters that the window and the avoidable homes lived in touch, oldest first: a home called off
        after the child had moved in may go further back."""
        found = []
        first = min([self.window.first, *(each.placement.starts_on for each in self.of("not_taken"))])
        for period in _quarters(first, self.window.until):
            counts = Counter(each.kind for each in self.purchases if each.placement.called_off_on in period)
            lost = sum((each.premium_in(period) for each in self.purchases), ZERO)
            found.append(Quarter(period, {kind: counts[kind] for kind in CLASSES}, lost))
        return found


def spot_loop(today: date) -> SpotLoop:
    """Every spot purchase called off in the twelve months to today. About a dozen queries."""
    window = Window.to(today)
    rows = Placement.objects.filter(route=SPOT, called_off_on__gte=window.first, called_off_on__lt=window.until)
    rows = with_weekly(with_last_night(rows, today)).select_related("child", "provider", "referral").defer("sent")
    placements = list(rows.order_by("-called_off_on", "-number"))
    places = _Places.of(placement.service_type for placement in placements)
    searches = _searches({each.referral_id for each in placements if each.referral_id}, places)
    found = []
    for each in placements:
        asked = searches.get(each.referral_id, []) if each.referral_id else None
        days = (each.called_off_on, each.starts_on)
        until = min(today, each.ends_before or today)
        found.append(Purchase(
            each, class_of(asked, *days), max(0, (until - each.starts_on).days), each.weekly, best_offer(asked, *days),
            places.open_on(each.called_off_on, each.service_type),
        ))  # fmt: skip
    return SpotLoop(window, today, found)


def _searches(referrals: Iterable[int], places: "_Places") -> dict[int, list[Asked]]:
    found: dict[int, list[Asked]] = {}
    for offer in Offer.objects.filter(referral__in=referrals).order_by("pk"):
        asked_on = timezone.localdate(offer.asked_at)
        found.setdefault(offer.referral_id, []).append(Asked(
            offer.lot_id is not None or places.held_by(offer.provider_id, asked_on, offer.service_type), asked_on,
            offer.answer, timezone.localdate(offer.answered_at) if offer.answered_at else None, offer.suitable,
            offer.weekly_amount, offer.available_on, offer.chosen,
        ))  # fmt: skip
    return found


@dataclass
class _Places:
    """Places on lots of frameworks in which the authority has taken part: (provider, service) -> the facts by which
    each could be called off (contracts/rules/routes.py)."""

    facts: dict[str, list[tuple[int, Facts]]]
    memory: dict[tuple[date, str], int] = field(default_factory=dict)

    @classmethod
    def of(cls, services: Iterable[str]) -> "_Places":
        wanted = set(services)
        lots = [lot for lot, meets in BOUGHT_FROM_LOT.items() if wanted & set(meets)]
        taken_part: dict[int, list[tuple[date, date | None]]] = {}
        mine = Participation.objects.filter(authority=current_viewer().authority_id)
        for framework, *period in mine.values_list("framework_id", "starts_on", "ends_before"):
            taken_part.setdefault(framework, []).append(tuple(period))
        frameworks = {
            each.pk: each for each in Framework.objects.filter(pk__in=taken_part).prefetch_related("extensions")
        }
        found: dict[str, list[tuple[int, Facts]]] = {service: [] for service in wanted}
        awards = Award.objects.filter(framework__in=frameworks, lot__service_type__in=lots)
        for framework_id, lot, provider, starts_on, ends_before in awards.values_list(
            "framework_id", "lot__service_type", "provider_id", "starts_on", "ends_before"
        ):
            terms = frameworks[framework_id]
            facts = Facts(
                terms.kind, terms.starts_on, terms.runs_until, starts_on, ends_before,
                tuple(taken_part[framework_id]), fits_service=True,
            )  # fmt: skip
            for service in wanted & set(BOUGHT_FROM_LOT[lot]):
                found[service].append((provider, facts))
        return cls(found)

    def held_by(self, provider: int, day: date, service: str) -> bool:
        return any(who == provider and not why_not(day, facts) for who, facts in self.facts.get(service, ()))

    def open_on(self, day: date, service: str) -> int:
        if (day, service) not in self.memory:
            self.memory[day, service] = sum(not why_not(day, facts) for _, facts in self.facts.get(service, ()))
        return self.memory[day, service]


def _quarters(first: date, until: date) -> list[Period]:
    """Calendar quarters, whole ones, from that of the first day to that of the last."""
    found, start = [], date(first.year, (first.month - 1) // 3 * 3 + 1, 1)
    while start < until:
        stop = date(start.year + (start.month == 10), (start.month + 2) % 12 + 1, 1)
        found.append(Period(start, stop))
        start = stop
    return found


# Whom to invite


@dataclass(frozen=True)
class Seller:
    """A provider that sold homes of one kind outside the frameworks in the twelve months, with what it was paid.
    `provider` is None for a name that is no recorded provider; `lots`: where it has a place today."""

    name: str
    service: str
    provider: Any
    homes: int
    open: int
    spent: Decimal
    standing: Standing  # empty where no registration of that kind is listed
    lots: tuple[str, ...]


def sellers(loop: SpotLoop) -> list[Seller]:
    """By what we paid in the twelve months, most first; by kind of home, since lots are and the regulator's scales are
    kept apart. Homes that were called off before and lived in since count too. Two queries for each kind of home."""
    window = loop.window
    lived = Placement.objects.filter(route=SPOT, starts_on__lt=window.until).exclude(ends_before__lte=window.first)
    spent = {row.key[0]: row.gross for row in spend_rows(
        first=window.first, until=window.until, by=("placement",), placements=lived
    )}  # fmt: skip
    told: dict[tuple[Any, str, str], list[Placement]] = {}
    for home in lived.select_related("provider").defer("sent").order_by("pk"):
        name = home.provider.name if home.provider_id else home.provider_name
        told.setdefault((home.provider_id, name, home.service_type), []).append(home)
    judged = _standings({(provider, service) for provider, _, service in told if provider})
    placed = _placed({provider for provider, *_ in told if provider}, loop.day)
    found = [
        Seller(
            name, service, homes[0].provider, len(homes),
            sum(home.starts_on <= loop.day and (home.ends_before or window.until) > loop.day for home in homes),
            sum((spent.get(home.pk, ZERO) for home in homes), ZERO), judged.get((provider, service), UNLISTED),
            placed.get(provider, ()),
        )
        for (provider, name, service), homes in told.items()
    ]  # fmt: skip
    return sorted(found, key=lambda each: (-each.spent, each.name, each.service))


def _standings(wanted: set[tuple[int, str]]) -> dict[tuple[int, str], Standing]:
    found = {}
    for service in sorted({service for _, service in wanted}):
        lots = (lot for lot, meets in BOUGHT_FROM_LOT.items() if service in meets)
        kinds = tuple(kind for lot in lots for kind in KINDS_FOR_SERVICE[lot])
        if kinds:
            mine = sorted(provider for provider, kind in wanted if kind == service)
            found |= {(provider, service): standing for provider, standing in standings(mine, kinds).items()}
    return found


def _placed(providers: Iterable[int], today: date) -> dict[int, tuple[str, ...]]:
    """Provider -> the lots it has a place on today, in words."""
    found: dict[int, list[str]] = {}
    awards = Award.objects.in_force_on(today).filter(provider__in=providers).select_related("lot__framework")
    for award in awards.order_by("framework__reference", "lot__number"):
        found.setdefault(award.provider_id, []).append(f"{award.lot.framework.reference} {award.lot}")
    return {provider: tuple(lots) for provider, lots in found.items()}


# The partnership's premium


@dataclass(frozen=True)
class Premium:
    """Spot beside framework for one kind of home, means a week: ours, exact and live, and the partnership's."""

    service: str
    ours: Mapping[str, Own | None]
    shared: Mapping[str, PublishedFigure | None]
    wider: Comparator | None = None  # of the kind of home however it was bought, where the release shows that

    @property
    def our_premium(self) -> Decimal | None:
        means = [found.mean if (found := self.ours[route]) else None for route in (SPOT, FRAMEWORK)]
        return None if None in means else means[0] - means[1]

    @property
    def partnership(self) -> Decimal | None:
        """Of the two published means alone; None where either is withheld."""
        means = [found.mean if (found := self.shared[route]) else None for route in (SPOT, FRAMEWORK)]
        return None if None in means else means[0] - means[1]


def premiums(release: Release | None, own: OwnFigures) -> list[Premium]:
    """For each kind of home of which either side is known, by our spot spend a week."""
    figures = Figures(release, "weekly_price")
    theirs, whole = figures.cut("service_route"), figures.cut("service")
    ours = own.of(MEASURES["weekly_price"], "service_route")
    services = {service for service, route in {**ours, **theirs} if route == SPOT}
    found = [
        Premium(
            service,
            *({route: side.get((service, route)) for route in (SPOT, FRAMEWORK)} for side in (ours, theirs)),
            Comparator("service", whole[service,]) if (service,) in whole else None,
        )
        for service in services
    ]

    def weight(each: Premium) -> Any:
        mine = each.ours[SPOT]
        return (-(mine.weekly if mine else 0), each.service)

    return sorted(found, key=weight)
