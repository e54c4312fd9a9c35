"""Stability and distance, child by child, as DfE counts them: the one place where they are worked out. The KPIs of a
provider and what stands beside a statement count these same rows.

Of homes of children who are looked after on the day. An unknown distance is not far, and stays in the denominator.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from contracts.models import CareStatus, Child, Placement
from contracts.rules.distance import over_20

from ..rules.stability import MOVES, NOT_COUNTED, UNDER, Stay, homes_in_year, in_care_long, lasts, place_of

STATUS_ONLY = "PLACE"  # of an end reason: only the status changed


@dataclass(frozen=True)
class Settled:
    """Of a child, told of the provider where it lives on the day, wherever its earlier homes were. `same_home` is None
    where DfE does not ask: sixteen or over, or looked after for less than two and a half years."""

    provider: int
    three_homes: bool
    same_home: bool | None


@dataclass(frozen=True)
class Far:
    provider: int
    over_20_miles: bool
    outside_boundary: bool


def living_there(authority: int, homes: Any, day: date) -> Any:
    """Of these placements, homes on the day, of children who are looked after on it. Short stays are no homes."""
    kept = CareStatus.objects.filter(authority=authority, status="looked_after").on(day)
    kept = kept.exclude(legal_status__in=NOT_COUNTED)
    return homes.filter(authority=authority, respite=False).on(day).filter(child__in=kept.values("child"))


def stability(authority: int, homes: Any, day: date) -> Iterator[Settled]:
    """Of each child that lives in one of these homes."""
    there = dict(living_there(authority, homes, day).values_list("child_id", "provider_id"))
    stays: dict[int, list[Stay]] = defaultdict(list)
    rows = Placement.objects.filter(authority=authority, child__in=there, starts_on__lte=day)
    for child, starts_on, ends_before, provider, service, premises, home, short, reason in rows.values_list(
        "child_id", "starts_on", "ends_before", "provider_id", "service_type", "premises_id", "establishment_id",
        "respite", "end_reason",
    ):  # fmt: skip
        stays[child].append(
            Stay(starts_on, ends_before, provider, place_of(service, premises, home), short, reason == STATUS_ONLY)
        )
    spells: dict[int, list[tuple[date, date | None]]] = defaultdict(list)
    kept = CareStatus.objects.filter(authority=authority, child__in=there, status="looked_after")
    for child, starts_on, ends_before in kept.exclude(legal_status__in=NOT_COUNTED).values_list(
        "child_id", "starts_on", "ends_before"
    ):
        spells[child].append((starts_on, ends_before))
    for child in Child.objects.filter(pk__in=there):
        age = child.age_on(day)
        asked = age is not None and age < UNDER and in_care_long(spells[child.pk], day)
        yield Settled(
            there[child.pk],
            homes_in_year(stays[child.pk], day) >= MOVES,
            lasts(stays[child.pk], day) if asked else None,
        )


def distance(authority: int, homes: Any, day: date) -> Iterator[Far]:
    """Of each of these homes that is lived in."""
    rows = living_there(authority, homes, day).values_list("provider_id", "distance_miles", "boundary")
    for provider, miles, side in rows:
        yield Far(provider, miles is not None and over_20(miles), side == "out")
