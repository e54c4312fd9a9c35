"""What our own records say beside a statement: events, endings, distance. Never what a young person said.

Which measure stands beside which statement is data (codes/statement_measures.csv). Each is of the viewer's authority
over the days asked, and says what it counts, of what.
"""

import csv
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Subquery

from commissioning.kernel.tenancy.viewer import acting
from contracts.models import Outcome, OutcomeReview, Placement, Referral

from ..models import EventNotice, Finding
from ..rules.stability import FLAG
from .settled import distance, stability

FILE = Path(__file__).resolve().parent.parent / "codes" / "statement_measures.csv"
SAFETY = ("exploitation", "police", "allegation", "enquiry", "restraint", "missing")
ONE_ADDRESS = ("residential", "secure", "school", "family", "supported")  # where one can tell who lives together
LATEST_FIRST = ("-reviewed_on", "-pk")


@dataclass(frozen=True)
class Window:
    """Days, half-open, and what homes: of one kind or one provider, where asked."""

    first: date
    until: date
    statement: int
    statement_set: int
    service: str = ""
    provider: int | None = None

    def homes(self, rows: QuerySet, path: str = "") -> QuerySet:
        asked = {"service_type": self.service, "provider_id": self.provider}
        return rows.filter(**{path + name: value for name, value in asked.items() if value})

    @property
    def last(self) -> date:
        return self.until - timedelta(days=1)

    def placements(self) -> QuerySet:
        return self.homes(Placement.objects.filter(respite=False))

    def open(self) -> QuerySet:
        """On the last day."""
        return self.placements().filter(starts_on__lte=self.last).exclude(ends_before__lte=self.last)


@dataclass(frozen=True)
class Kind:
    """`of`: what the count is a part of, one and several; empty where it is a plain count."""

    title: str
    says: str
    of: tuple[str, str] | tuple[()]
    count: Callable[[Window], tuple[int, int]]


@dataclass(frozen=True)
class Record:
    """One measure over some days. `of` 0: nothing to count it of."""

    kind: Kind
    part: int
    of: int

    @property
    def percent(self) -> Decimal | None:
        return Decimal(100 * self.part) / self.of if self.kind.of and self.of else None


def _safety_events(window: Window) -> tuple[int, int]:
    rows = EventNotice.objects.filter(
        event__theme__in=SAFETY, event__happened_at__date__gte=window.first, event__happened_at__date__lt=window.until
    )
    if window.provider:
        rows = rows.filter(provider=window.provider)
    return rows.count(), 0


def _findings(window: Window) -> tuple[int, int]:
    rows = Finding.objects.filter(
        authority=acting().viewer.authority_id, visit__visited_on__gte=window.first, visit__visited_on__lt=window.until,
        question__statements__contains=[window.statement], taken_out_on=None,
    )  # fmt: skip
    if window.provider:
        rows = rows.filter(provider=window.provider)
    return rows.count(), 0


def _unplanned(window: Window) -> tuple[int, int]:
    ended = window.placements().filter(
        ends_before__gt=window.first, ends_before__lte=window.until, ended_as_planned__isnull=False
    )
    return _two(ended, Q(ended_as_planned=False))


def _three_homes(window: Window) -> tuple[int, int]:
    """As the KPI counts it."""
    rows = list(stability(acting().viewer.authority_id, window.placements(), window.last))
    return sum(child.three_homes for child in rows), len(rows)


def _far(window: Window) -> tuple[int, int]:
    """As the KPI counts it."""
    rows = list(distance(acting().viewer.authority_id, window.placements(), window.last))
    return sum(home.over_20_miles for home in rows), len(rows)


def _siblings(window: Window) -> tuple[int, int]:
    """Of children with a brother or sister in our care: those who live at one address with at least one of them. Homes
    of which only the agency is known are left out: nobody can tell who lives with whom."""
    rows = window.open().filter(child__sibling_group__isnull=False)
    groups: dict[int, list[tuple[str, tuple[int, int | None] | None]]] = defaultdict(list)
    for group, service, home, premises in rows.values_list(
        "child__sibling_group", "service_type", "establishment", "premises"
    ):
        groups[group].append((service, (home, premises) if home and service in ONE_ADDRESS else None))
    together = known = 0
    for homes in groups.values():
        if len(homes) < 2:
            continue
        for place, (_, address) in enumerate(homes):
            if address is not None:
                known += 1
                together += any(other == address for at, (_, other) in enumerate(homes) if at != place)
    return together, known


def _view(window: Window) -> tuple[int, int]:
    rows = Referral.objects.filter(opened_at__date__gte=window.first, opened_at__date__lt=window.until)
    if window.service:
        rows = rows.filter(service_type=window.service)
    return _two(rows, ~Q(child_view=""))


def _outcomes(window: Window) -> QuerySet:
    rows = Outcome.objects.filter(
        statement_set=window.statement_set, statements__contains=[window.statement], dropped_on=None,
        agreed_on__lt=window.until,
    )  # fmt: skip
    return window.homes(rows, "placement__")


def _held(window: Window) -> QuerySet:
    return OutcomeReview.objects.filter(
        outcome=OuterRef("pk"), reviewed_on__gte=window.first, reviewed_on__lt=window.until
    )


def _further_on(window: Window) -> tuple[int, int]:
    newest = _held(window).order_by(*LATEST_FIRST).values("now")[:1]
    rows = _outcomes(window).annotate(stands=Subquery(newest)).filter(stands__isnull=False)
    return _two(rows, Q(stands__gt=F("baseline")))


def _reviewed(window: Window) -> tuple[int, int]:
    """Of outcomes whose home was lived in: those that somebody reviewed in the days."""
    rows = _outcomes(window).exclude(placement__ends_before__lte=window.first)
    return _two(rows.annotate(held=Exists(_held(window))), Q(held=True))


def _two(rows: QuerySet, part: Q) -> tuple[int, int]:
    found = rows.order_by().aggregate(part=Count("pk", filter=part), of=Count("pk"))
    return found["part"], found["of"]


YOUNG, OUTCOMES = ("young person", "young people"), ("outcome", "outcomes")
KINDS = {
    "safety_events": Kind(
        "Serious events about safety", "Exploitation, police, allegations, enquiries, restraint and going missing, as "
        "providers told us of them", (), _safety_events,
    ),
    "findings": Kind(
        "Findings on our visits", "What our visits found against this statement", (), _findings,
    ),
    "unplanned_endings": Kind(
        "Homes that ended as nobody planned", "Of homes that ended, short stays apart", ("ending", "endings"),
        _unplanned,
    ),
    "three_homes": Kind(
        "Three or more homes in a year", "Of those looked after on the last day, over the twelve months to it. " + FLAG,
        YOUNG, _three_homes,
    ),
    "far_from_home": Kind(
        "More than 20 miles from home", "Of homes on the last day of those looked after; where the distance is not "
        "known, it is not counted as far", ("home", "homes"), _far,
    ),
    "siblings_together": Kind(
        "Brothers and sisters in one home", "Of those with a brother or sister in our care whose address is known: who "
        "lives with at least one of them", YOUNG, _siblings,
    ),
    "view_recorded": Kind(
        "Searches that record the young person’s view", "Of searches for a home begun in the time",
        ("search", "searches"), _view,
    ),
    "outcomes_further_on": Kind(
        "Outcomes further on than at the beginning", "Of outcomes for this statement that were reviewed", OUTCOMES,
        _further_on,
    ),
    "outcomes_reviewed": Kind(
        "Outcomes reviewed", "Of outcomes for this statement in homes that were lived in", OUTCOMES, _reviewed,
    ),
}  # fmt: skip


def tied() -> dict[str, dict[int, list[str]]]:
    """Set's code -> statement -> keys of KINDS, as the code list has them. KeyError for a measure that is not known."""
    found: dict[str, dict[int, list[str]]] = {}
    with FILE.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            KINDS[row["measure"]]
            found.setdefault(row["statement_set"], {}).setdefault(int(row["statement"]), []).append(row["measure"])
    return found


def records(keys: list[str], window: Window) -> list[Record]:
    """A query for each."""
    return [Record(KINDS[key], *KINDS[key].count(window)) for key in keys]
