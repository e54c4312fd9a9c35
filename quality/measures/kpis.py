"""KPIs worked out from an authority's own records, for each provider: the numerator and denominator of each formula.

Only the rows of the authority that is named are counted, and they are its own alone to read. With `lot`, only homes
bought on that lot; without, all that the provider does for the authority. Each function says what it counts.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Exists, OuterRef
from django.utils import timezone

from contracts.models import AgreementVersion, Offer, Placement
from contracts.rules.searches import in_time

from ..rules.kpi_ratings import value_of
from .coverage import MONITORED, NOT_ASKED, coverage
from .settled import STATUS_ONLY, distance, stability

ENDED_BY = {"ended_by_provider": "provider", "ended_by_purchaser": "authority", "ended_by_young_person": "young_person"}
STABILITY = ("three_homes", "same_home")
DISTANCE = ("over_20_miles", "outside_boundary", "over_20_miles_outside")
Counts = dict[tuple[int, str], list[int]]  # provider, formula -> numerator, denominator


@dataclass(frozen=True)
class Figure:
    """`denominator` is n. `day` is that on which what stands on one day was looked at."""

    numerator: int
    denominator: int
    starts_on: date
    ends_before: date
    day: date

    def value(self, good: str) -> Decimal | None:
        """In per cent; None where there is nobody to count."""
        return value_of("percent", Decimal(self.numerator), Decimal(self.denominator), good=good, divided=True)


@dataclass(frozen=True)
class _Asked:
    authority: int
    formulas: Collection[str]
    begins: date
    ends: date
    day: date
    lot: int | None
    today: date

    def placements(self) -> Any:
        rows = Placement.objects.filter(authority=self.authority, respite=False).exclude(provider=None)
        return rows if self.lot is None else rows.filter(lot=self.lot)


def figures(
    authority_id: int, formulas: Collection[str], begins: date, ends: date, today: date, *, lot: int | None = None
) -> dict[tuple[int, str], Figure]:
    """(provider, formula) -> the figure, for the period; of what is still running, as it stands today. A provider
    without anybody to count has no entry. A fixed number of queries."""
    day = min(ends - timedelta(days=1), today)
    asked = _Asked(authority_id, formulas, begins, ends, day, lot, today)
    counts: Counts = {}
    for names, count in _COUNTED:
        if set(names) & set(formulas):
            count(asked, counts)
    return {
        key: Figure(numerator, denominator, begins, ends, day)
        for key, (numerator, denominator) in counts.items()
        if key[1] in formulas and denominator
    }


def _add(counts: Counts, provider: int, formula: str, counted: bool) -> None:
    pair = counts.setdefault((provider, formula), [0, 0])
    pair[0] += counted
    pair[1] += 1


def _endings(asked: _Asked, counts: Counts) -> None:
    """Out of the homes that a child left in the period, those recorded as not planned, by who ended them."""
    ended = asked.placements().filter(ends_before__gte=asked.begins, ends_before__lt=asked.ends)
    rows = ended.exclude(end_reason=STATUS_ONLY).values_list("provider_id", "ended_as_planned", "ended_by")
    for provider, planned, ended_by in rows:
        for formula, who in ENDED_BY.items():
            _add(counts, provider, formula, planned is False and ended_by == who)


def _stability(asked: _Asked, counts: Counts) -> None:
    """Of the child, told of the provider where it lives on the day, wherever its earlier homes were."""
    for child in stability(asked.authority, asked.placements(), asked.day):
        _add(counts, child.provider, "three_homes", child.three_homes)
        if child.same_home is not None:
            _add(counts, child.provider, "same_home", child.same_home)


def _distance(asked: _Asked, counts: Counts) -> None:
    """Over 20 miles, outside, and both: an unknown is neither, and stays in the denominator."""
    for home in distance(asked.authority, asked.placements(), asked.day):
        _add(counts, home.provider, "over_20_miles", home.over_20_miles)
        _add(counts, home.provider, "outside_boundary", home.outside_boundary)
        _add(counts, home.provider, "over_20_miles_outside", home.over_20_miles and home.outside_boundary)


def _monitored(asked: _Asked, counts: Counts) -> None:
    """As the page of coverage counts, in every way required; homes for which nothing is required are left out."""
    whose = dict(asked.placements().on(asked.day).values_list("pk", "provider_id"))
    for placed in coverage(asked.authority, asked.day):
        if placed.pk in whose and placed.whole != NOT_ASKED:
            _add(counts, whose[placed.pk], "monitored", placed.whole == MONITORED)


def _answered(asked: _Asked, counts: Counts) -> None:
    """Questions of the period that were answered or have had their time."""
    rows = Offer.objects.filter(
        authority=asked.authority, asked_at__gte=_at(asked.begins), asked_at__lt=_at(asked.ends)
    )
    if asked.lot is not None:
        rows = rows.filter(lot=asked.lot)
    for provider, at, answered_at in rows.values_list("provider_id", "asked_at", "answered_at"):
        answered = timezone.localdate(answered_at) if answered_at else None
        judged = in_time(timezone.localdate(at), answered, asked.today)
        if judged is not None:
            _add(counts, provider, "answered_in_time", judged)


def _agreements(asked: _Asked, counts: Counts) -> None:
    """Homes that began in the period, with an agreement signed by its last day."""
    signed = AgreementVersion.objects.filter(placement=OuterRef("pk"), agreed_on__lt=asked.ends)
    rows = asked.placements().filter(starts_on__gte=asked.begins, starts_on__lt=asked.ends, starts_on__lte=asked.day)
    for provider, made in rows.annotate(made=Exists(signed)).values_list("provider_id", "made"):
        _add(counts, provider, "agreements_made", made)


def _at(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))


_COUNTED: tuple[tuple[Collection[str], Callable[[_Asked, Counts], None]], ...] = (
    (tuple(ENDED_BY), _endings),
    (STABILITY, _stability),
    (DISTANCE, _distance),
    (("monitored",), _monitored),
    (("answered_in_time",), _answered),
    (("agreements_made",), _agreements),
)
