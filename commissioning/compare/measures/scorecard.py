"""The scorecard of a provider, an owner's group or a lot: price, regulator, visits and actions, KPIs, what young people
say, outcomes, events, concerns and suspensions, standing side by side. Never one score, and no rank.

Each part is asked as the viewer: what it may not read is not there. A fixed number of queries, about thirty, whatever
the number of providers.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet

from commissioning.kernel.statistics import spread
from commissioning.partnership.models import Lot
from commissioning.partnership.rules.terms import add_months
from contracts.measures.placement_rows import with_last_night, with_weekly
from contracts.models import OutcomeReview, Placement
from providers.models import Award, Provider, Suspension
from providers.rules.codes import KINDS_FOR_SERVICE
from quality.measures import scorecard_care as care
from quality.measures.exposure import group_ids, tops
from quality.measures.scorecard_kpis import KpiStanding, kpi_standings
from quality.measures.scorecard_voice import Voice, voices
from quality.measures.voice import FEW

from ..models import PublishedFigure, Release
from .benchmark import Comparator, Names, Values, newest_release, shown, values_of

RUNGS_USED = ("provider_market", "market", "service")
Market = tuple[str, Any, str]


@dataclass(frozen=True)
class Scope:
    """Whose scorecard: these providers, on one lot alone where one is named. `kinds` of registration: the lot's.
    `together`: homes of all providers are priced as one."""

    providers: tuple[int, ...]
    lot: Lot | None = None
    kinds: tuple[str, ...] = ()
    together: bool = False

    @property
    def lot_id(self) -> int | None:
        return self.lot.pk if self.lot else None


def of_provider(provider: Provider) -> Scope:
    return Scope((provider.pk,))


def of_group(provider: Provider, today: date) -> Scope:
    """The provider and everyone under it."""
    return Scope(tuple(group_ids(provider.pk, today)))


def of_lot(lot: Lot, today: date) -> Scope:
    placed = Award.objects.in_force_on(today).filter(lot=lot).values_list("provider", flat=True)
    return Scope(tuple(sorted(set(placed))), lot, KINDS_FOR_SERVICE.get(lot.service_type, ()), together=True)


@dataclass
class Priced:
    """Own open homes of one provider on one lot, or for one kind of home outside; of a lot, all its providers'
    together. Whole prices a week. `beside`: the narrowest figure of the newest release that may be shown."""

    label: str
    now: list[Decimal]
    before: list[Decimal]
    unpriced: int
    beside: Comparator

    @property
    def median(self) -> Decimal | None:
        return spread(self.now).median

    @property
    def median_before(self) -> Decimal | None:
        return spread(self.before).median

    @property
    def difference(self) -> Decimal | None:
        figure = self.beside.figure
        return None if self.median is None or figure is None else self.median - figure.median


@dataclass(frozen=True)
class Reviewed:
    """The newest review of each outcome in twelve months, against where it began: how many are further on, where they
    were, further away."""

    further: int = 0
    same: int = 0
    back: int = 0
    newest_on: date | None = None

    @property
    def n(self) -> int:
        return self.further + self.same + self.back


@dataclass
class Scorecard:
    """`own`: an authority looks, whose own children's part is in it; a provider's contact has none. `owner_voice`: the
    same statements over the whole group, where a provider's own people are few."""

    scope: Scope
    today: date
    own: bool
    release: Release | None
    judged: list[care.Judged]
    visited: care.Visited
    actions: dict[str, Any]
    kpis: list[KpiStanding]
    events: dict[str, Any]
    letters: dict[str, Any]
    suspensions: Collection[Suspension]
    prices: list[Priced] = field(default_factory=list)
    voice: list[Voice] = field(default_factory=list)
    owner_voice: Mapping[int, Voice] = field(default_factory=dict)
    owner: Provider | None = None
    reviewed: Reviewed = field(default_factory=Reviewed)
    reviewed_before: Reviewed = field(default_factory=Reviewed)
    concerns: dict[str, Any] | None = None
    homes: int = 0


def scorecard(scope: Scope, today: date, *, own: bool, concerns: bool) -> Scorecard:
    """`own`: the viewer is an authority. `concerns`: it may read them."""
    ids, kinds = scope.providers, scope.kinds
    made = Scorecard(
        scope, today, own, newest_release() if own else None, care.judged(ids, today, kinds),
        care.visited(ids, today, kinds), care.actions(ids, today, kinds), kpi_standings(ids, today, scope.lot_id),
        care.events(ids, today, kinds), care.letters(ids, today), care.suspensions(ids, today, scope.lot_id),
        concerns=care.concerns(ids, today, kinds) if concerns else None,
    )  # fmt: skip
    if own:
        made.prices, made.homes = _prices(scope, made.release, today)
        made.voice = voices(today, provider_ids=ids, lot_id=scope.lot_id)
        made.reviewed, made.reviewed_before = _reviews(scope, today)
        _pool(made)
    return made


def _pool(made: Scorecard) -> None:
    """Where few people answered, the whole of the owner's group stands beside them."""
    scope = made.scope
    if scope.lot or len(scope.providers) != 1 or all(each.people >= FEW for each in made.voice):
        return
    top = tops(made.today).get(scope.providers[0], scope.providers[0])
    group = group_ids(top, made.today)
    if len(group) > 1:
        made.owner = Provider.objects.filter(pk=top).first()
        made.owner_voice = {each.statement.pk: each for each in voices(made.today, provider_ids=group)}


def bought(scope: Scope, day: date) -> QuerySet:
    """Own homes open on the day, bought from these providers: short stays and in-house homes are left out."""
    rows = Placement.objects.on(day).filter(respite=False, provider__in=scope.providers).exclude(route="in_house")
    if scope.lot_id is not None:
        rows = rows.filter(lot=scope.lot_id)
    return with_weekly(with_last_night(rows, day))


def _prices(scope: Scope, release: Release | None, today: date) -> tuple[list[Priced], int]:
    """Seven queries."""
    now, then = _by_market(scope, today), _by_market(scope, add_months(today, -12))
    figures = _figures(release, scope)
    names = Names(list(now), "provider_market")
    found = []
    for key in now:
        known = [price for price in now[key] if price is not None]
        earlier = [price for price in then.get(key, ()) if price is not None]
        provider, where = names.each(key)
        label = where if len(scope.providers) == 1 or scope.lot else f"{provider}, {where}"
        beside = _beside(figures, key, names.services, whole_lot=scope.together)
        found.append(Priced(label, known, earlier, len(now[key]) - len(known), beside))
    return sorted(found, key=lambda each: each.label), sum(map(len, now.values()))


def _by_market(scope: Scope, day: date) -> dict[Values, list[Decimal | None]]:
    """(provider, market) -> the price a week of each home; of a lot, its market alone."""
    found: dict[Values, list[Decimal | None]] = {}
    for provider, lot, route, service, weekly in bought(scope, day).values_list(
        "provider_id", "lot_id", "route", "service_type", "weekly"
    ):
        market = ("lot", lot, "") if lot else ("outside", route, service)
        found.setdefault((0 if scope.together else provider, market), []).append(weekly)
    return found


def _figures(release: Release | None, scope: Scope) -> dict[tuple[str, Values], PublishedFigure]:
    if release is None:
        return {}
    rows = shown(release, "weekly_price").exclude(median=None).filter(cut__in=RUNGS_USED)
    kept = [row for row in rows if row.provider_id is None or row.provider_id in scope.providers]
    return {(row.cut, values_of(row)): row for row in kept}


def _beside(
    figures: Mapping[tuple[str, Values], PublishedFigure], key: Values, services: Mapping[int, str], *, whole_lot: bool
) -> Comparator:
    kind, what, service = key[1]
    cells: list[tuple[str, Values]] = [] if whole_lot else [("provider_market", key)]
    cells += [("market", (key[1],)), ("service", (services.get(what, "") if kind == "lot" else service,))]
    for rung, values in cells:
        if (figure := figures.get((rung, values))) is not None:
            return Comparator(rung, figure)
    return Comparator("rate_card", None)


def _reviews(scope: Scope, today: date) -> tuple[Reviewed, Reviewed]:
    """Of own young people in these homes: the last twelve months, and those before. One query."""
    year, two = add_months(today, -12), add_months(today, -24)
    rows = OutcomeReview.objects.filter(placement__provider__in=scope.providers, reviewed_on__gt=two)
    rows = rows.filter(reviewed_on__lte=today, outcome__dropped_on=None)
    if scope.lot_id is not None:
        rows = rows.filter(placement__lot=scope.lot_id)
    told = list(rows.order_by("reviewed_on", "pk").values_list("outcome_id", "reviewed_on", "now", "outcome__baseline"))
    recent, earlier = [row for row in told if row[1] > year], [row for row in told if row[1] <= year]
    return _reviewed(recent), _reviewed(earlier)


def _reviewed(rows: list[tuple[Any, ...]]) -> Reviewed:
    newest = {outcome: (last, began) for outcome, _, last, began in rows}.values()
    return Reviewed(
        sum(last > began for last, began in newest), sum(last == began for last, began in newest),
        sum(last < began for last, began in newest), max((row[1] for row in rows), default=None),
    )  # fmt: skip
