"""Coverage: the share of an authority's open placements whose premises were monitored within the required interval.

Numerator: placements open on the day at premises with a site visit (desktop review, provider's report: each kind
apart) that took place within the interval which the authority requires for that service: its own, or another
authority's that was published and formally relied on by that day. Denominator: all its placements open on the day for
whose service that kind is required. Where it is not known at which premises the child lives, the placement counts in
the denominator, and apart: nobody can say that it was monitored.

A visit to one of several addresses of a registration speaks of that address. A desktop review or report of the whole
registration speaks of all of them; a site visit that does not say which address was seen, of none.
"""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import Exists, OuterRef, Q, Subquery
from django.utils import timezone

from contracts.measures.addresses import address_of, several
from contracts.models import Placement
from providers.models import Establishment, Premises

from ..models import MonitoringRule, Reliance, Visit
from ..rules.codes import DONE_STATES
from ..rules.intervals import KINDS, due_on, every_days, in_time

Address = tuple[int, int | None]
# Southwark's plan: "100% of independent residential and semi-independent placements monitored".
INDEPENDENT = ("residential", "supported")
MONITORED, LATE, NOT_KNOWN, NOT_ASKED = "monitored", "late", "not_known", "not_asked"


@dataclass(frozen=True)
class Seen:
    """The newest visit of a kind that counts for the authority at an address."""

    on: date
    visit: Any  # its uuid
    authority: int


@dataclass(frozen=True)
class Placed:
    """One open placement, and for each kind whether its premises were monitored in time."""

    pk: int
    uuid: Any
    number: int
    child: int
    service_type: str
    route: str
    establishment_id: int | None
    premises_id: int | None
    address: Address | None
    days: dict[str, int | None]
    seen: dict[str, Seen | None]
    day: date

    @property
    def independent(self) -> bool:
        """Bought from somebody else, in a children's home or supported accommodation."""
        return self.route != "in_house" and self.service_type in INDEPENDENT

    def due_on(self, kind: str) -> date | None:
        seen = self.seen[kind]
        return due_on(seen.on if seen else None, self.days[kind])

    def state(self, kind: str) -> str:
        if self.days[kind] is None:
            return NOT_ASKED
        if self.address is None:
            return NOT_KNOWN
        seen = self.seen[kind]
        return MONITORED if in_time(seen.on if seen else None, self.days[kind], self.day) else LATE

    @property
    def whole(self) -> str:
        """In every way that is required."""
        states = {self.state(kind) for kind in KINDS} - {NOT_ASKED}
        for state in (NOT_KNOWN, LATE, MONITORED):
            if state in states:
                return state
        return NOT_ASKED


@dataclass(frozen=True)
class Share:
    """monitored + late + not_known = placements; `share` in whole per cent, None where there are none.

    A hundred means every one: it is never reached by rounding.
    """

    monitored: int
    late: int
    not_known: int

    @property
    def placements(self) -> int:
        return self.monitored + self.late + self.not_known

    @property
    def share(self) -> int | None:
        if not self.placements:
            return None
        rounded = (self.monitored * 200 + self.placements) // (self.placements * 2)
        return rounded if self.monitored == self.placements else min(rounded, 99)


def share_of(rows: Sequence[Placed], state: Callable[[Placed], str]) -> Share:
    states = [state(row) for row in rows]
    return Share(states.count(MONITORED), states.count(LATE), states.count(NOT_KNOWN))


def by_kind(rows: Sequence[Placed], kind: str) -> Share:
    """`kind` of codes.VISIT_KINDS, or "" for every way that is required together."""
    return share_of(rows, (lambda row: row.state(kind)) if kind else (lambda row: row.whole))


def own_rules(authority_id: int) -> dict[tuple[str, str], int]:
    """(service type, kind) -> days, where the authority differs from the usual."""
    rows = MonitoringRule.objects.filter(authority=authority_id)
    return {(service, kind): days for service, kind, days in rows.values_list("service_type", "kind", "every_days")}


def counted(authority_id: int, day: date) -> Any:
    """Visits that count for the authority on the day: its own, and others' that were published and relied on by
    then."""
    relied = Reliance.objects.filter(authority=authority_id, visit=OuterRef("pk"), relied_at__lt=_end_of(day))
    mine = Q(authority=authority_id, state__in=DONE_STATES)
    theirs = Q(state="published", published_at__lt=_end_of(day)) & Exists(relied)
    return Visit.objects.filter(mine | theirs, visited_on__lte=day)


def _end_of(day: date) -> Any:
    return timezone.make_aware(datetime.combine(day + timedelta(days=1), time.min))


def coverage(authority_id: int, day: date) -> list[Placed]:
    """Every placement of the authority that is open on the day. Four queries, whatever their number."""
    columns = (
        "pk", "uuid", "number", "child__number", "service_type", "route", "establishment_id", "premises_id",
    )  # fmt: skip
    open_on_day = Placement.objects.filter(authority=authority_id).on(day).order_by("number")
    rows = list(open_on_day.values_list(*columns))
    homes = {row[6] for row in rows if row[6] is not None}
    many = several(homes, day)
    newest = newest_visits(counted(authority_id, day), homes, many, day)
    own = own_rules(authority_id)
    placed = []
    for row in rows:
        address = address_of(row[6], row[7], many)
        placed.append(
            Placed(
                *row, address=address, day=day,
                days={kind: every_days(row[4], kind, own) for kind in KINDS},
                seen={kind: newest.get((address, kind)) if address else None for kind in KINDS},
            )
        )  # fmt: skip
    return placed


def newest_visits(
    visits: Any, homes: set[int], many: dict[int, list[Premises]], day: date
) -> dict[tuple[Address, str], Seen]:
    """(address, kind) -> the newest of these visits that speaks of it. One query."""
    found: dict[tuple[Address, str], Seen] = {}
    left = Premises.objects.filter(pk=OuterRef("premises"), left_on__lte=day).values("pk")[:1]
    rows = visits.filter(establishment__in=homes).annotate(left=Subquery(left)).order_by("visited_on", "pk")
    for home, premises, kind, on, uuid, authority, is_left in rows.values_list(
        "establishment_id", "premises_id", "kind", "visited_on", "uuid", "authority_id", "left"
    ):
        for address in _spoken_of(home, premises, kind, many, is_left=is_left is not None):
            found[address, kind] = Seen(on, uuid, authority)
    return found


def _spoken_of(
    home: int, premises: int | None, kind: str, many: dict[int, list[Premises]], *, is_left: bool
) -> list[Address]:
    if home not in many:
        return [] if is_left else [(home, None)]
    if premises is not None:
        return [(home, premises)]
    return [] if kind == "site" else [(home, each.pk) for each in many[home]]


def by_service(rows: Sequence[Placed]) -> dict[tuple[str, bool], list[Placed]]:
    """(service type, in-house) -> its placements, of those that are not in the independent group."""
    groups: dict[tuple[str, bool], list[Placed]] = defaultdict(list)
    for row in rows:
        if not row.independent:
            groups[row.service_type, row.route == "in_house"].append(row)
    return dict(groups)


def names_of(rows: Sequence[Placed]) -> tuple[dict[int, Establishment], dict[int, Premises]]:
    """The homes and premises of placements, for a list. Two queries."""
    return (
        Establishment.objects.in_bulk({row.establishment_id for row in rows if row.establishment_id}),
        Premises.objects.in_bulk({row.premises_id for row in rows if row.premises_id}),
    )
