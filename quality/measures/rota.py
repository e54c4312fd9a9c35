"""The rota: every address where any member has children, who has, who went last and goes next, when the next visit is
due, and how pressing it is.

A viewer's own children count to itself; of another authority no more is known than that it places there, and in which
band. A fixed number of queries, whatever the number of addresses.
"""

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from typing import Any

from commissioning.partnership.models import Authority
from contracts.measures.addresses import NAMED, address_of, several
from contracts.models import Placement, Presence
from contracts.rules.codes import PRESENCE_BANDS
from providers.models import Establishment, Premises

from ..models import Concern, ImprovementAction, NotifiableEvent, Visit
from ..rules.codes import DONE_STATES
from ..rules.intervals import SERVICE_OF_KIND, due_on, in_time, strictest
from ..rules.priority import Facts, Priority, priority
from ..rules.watch_words import places_in_words
from .coverage import Address, Seen, counted, newest_visits, own_rules
from .judgements import latest_judgements

YEAR = timedelta(days=365)
# Establishments that the regulator judges on no scale that is kept here.
UNJUDGED: frozenset[str] = frozenset({"cafcass"})
NOT_DONE = ("proposed", "agreed", "sent_back")
HOME = ("uuid", "urn", "kind", "name", "area_name")
NOWHERE = -1  # stands for premises that are not recorded, where a registration has several


@dataclass(frozen=True)
class Went:
    """A visit as every member may know it: when, whose, how far it has come."""

    on: date
    uuid: Any
    authority: int
    state: str


@dataclass
class Due:
    """One address of the rota, for one viewer."""

    home: Establishment
    premises: Premises | None
    unknown: bool  # the registration has several addresses, and it is not recorded at which
    ours: int
    others: dict[int, str]  # authority -> its band, "" where two rows of it fall together
    last: Went | None  # by anybody
    next: Went | None  # planned, by anybody
    seen: Seen | None  # the last site visit that counts for the viewer
    offered: Went | None  # another's published visit that would count if it were relied on
    days: int | None
    facts: Facts

    @property
    def due_on(self) -> date | None:
        """None where no visit that counts has been made, or none is asked for."""
        return due_on(self.facts.last_on, self.days)

    @cached_property
    def priority(self) -> Priority:
        return priority(self.facts)


def rota(authority_id: int, today: date) -> list[Due]:
    """Every address where a member has children today, the most pressing first."""
    presences = list(Presence.objects.values_list("authority_id", "establishment_id", "premises_id", "band"))
    ids = {home for _, home, _, _ in presences}
    homes = Establishment.objects.only(*HOME).in_bulk(ids)
    many = several(ids, today)
    there = _addresses(presences, many)
    own = _own(authority_id, today, many)
    rules = own_rules(authority_id)
    visits = Visit.objects.filter(kind="site")
    counts = newest_visits(counted(authority_id, today).filter(kind="site"), ids, many, today)
    last, offers = _been(visits, ids, many, today, authority_id)
    coming = _coming(visits, ids, many, today)
    judged = latest_judgements(ids)
    trouble = _trouble(ids, many, today)
    named = {each.pk: each for rows in many.values() for each in rows}
    given_up = {premises for _, premises in there if premises not in (None, NOWHERE)} - named.keys()
    named |= Premises.objects.only(*NAMED).in_bulk(given_up)
    rows = []
    for address, authorities in there.items():
        home_id, premises_id = address
        home = homes[home_id]
        ours, services, miles = own.get(address, (0, set(), None))
        went, seen = last.get(address), counts.get((address, "site"))
        services = services or {SERVICE_OF_KIND.get(home.kind, "other")}
        days = strictest(services, "site", rules)
        events, concerns, overdue = (sum(each[at] for at in {address, (home_id, None)}) for each in trouble)
        # Where we have nobody, whoever went last went for all.
        last_on = (seen.on if seen else None) if ours else (went.on if went else None)
        rows.append(Due(
            home=home, premises=named.get(premises_id) if premises_id else None, unknown=premises_id == NOWHERE,
            ours=ours, others={each: band for each, band in authorities.items() if each != authority_id}, last=went,
            next=coming.get(address), seen=seen, days=days,
            offered=_offer(offers.get(address), seen, days, today), facts=Facts(
                day=today, last_on=last_on, days=days, children=ours, events=events, concerns=concerns, overdue=overdue,
                judgement=None if home.kind in UNJUDGED else judged.get(home_id, ("", None))[0],
                miles=miles,
            ),
        ))  # fmt: skip
    return sorted(
        rows, key=lambda row: (-row.priority.points, row.home.shown_name, str(row.premises and row.premises.pk))
    )


def _at(home: int, premises: int | None, many: dict[int, list[Premises]]) -> Address:
    return address_of(home, premises, many) or (home, NOWHERE)


def _addresses(
    presences: list[tuple[int, int, int | None, str]], many: dict[int, list[Premises]]
) -> dict[Address, dict[int, str]]:
    """Address -> authority -> band. Two rows of one authority that fall together are "many" where one is; else the
    sum of two small numbers is not known, and no band is told."""
    there: dict[Address, dict[int, str]] = defaultdict(dict)
    for authority, home, premises, band in presences:
        bands = there[_at(home, premises, many)]
        both = "many" if "many" in (band, bands.get(authority)) else ""
        bands[authority] = both if authority in bands else band
    return there


def _own(authority_id: int, today: date, many: dict[int, list[Premises]]) -> dict[Address, tuple[int, set[str], Any]]:
    """Address -> (our children there, the services they are there for, the farthest from home)."""
    children: dict[Address, set[int]] = defaultdict(set)
    services: dict[Address, set[str]] = defaultdict(set)
    miles: dict[Address, Any] = {}
    open_now = Placement.objects.filter(authority=authority_id).on(today).exclude(establishment=None)
    for home, premises, child, service, far in open_now.values_list(
        "establishment_id", "premises_id", "child_id", "service_type", "distance_miles"
    ):
        address = _at(home, premises, many)
        children[address].add(child)
        services[address].add(service)
        if far is not None:
            miles[address] = max(far, miles.get(address, far))
    return {address: (len(who), services[address], miles.get(address)) for address, who in children.items()}


_WENT = ("establishment_id", "premises_id", "uuid", "authority_id", "state")


def _been(
    visits: Any, ids: set[int], many: dict[int, list[Premises]], today: date, authority_id: int
) -> tuple[dict[Address, Went], dict[Address, Went]]:
    """Address -> the last visit by anybody; address -> the last that another authority published."""
    done = visits.filter(establishment__in=ids, state__in=DONE_STATES, visited_on__lte=today)
    rows = done.exclude(premises__left_on__lte=today).order_by("visited_on", "pk")
    last: dict[Address, Went] = {}
    offers: dict[Address, Went] = {}
    for home, premises, uuid, authority, state, on in rows.values_list(*_WENT, "visited_on"):
        address, went = _at(home, premises, many), Went(on, uuid, authority, state)
        last[address] = went
        if state == "published" and authority != authority_id:
            offers[address] = went
    return last, offers


def _coming(visits: Any, ids: set[int], many: dict[int, list[Premises]], today: date) -> dict[Address, Went]:
    """Address -> the next visit that anybody has planned."""
    rows = visits.filter(establishment__in=ids, state="planned", planned_on__gte=today).order_by("-planned_on", "-pk")
    return {
        _at(home, premises, many): Went(on, uuid, authority, state)
        for home, premises, uuid, authority, state, on in rows.values_list(*_WENT, "planned_on")
    }


def _offer(offer: Went | None, seen: Seen | None, days: int | None, today: date) -> Went | None:
    """The other's visit, where relying on it would count and bring the next one later."""
    newer = offer is not None and (seen is None or offer.on > seen.on)
    return offer if newer and offer is not None and in_time(offer.on, days, today) else None


def _trouble(ids: set[int], many: dict[int, list[Premises]], today: date) -> tuple[Counter, Counter, Counter]:
    """Events, concerns and overdue actions by address; what names no premises of several, by (home, None)."""
    events: Counter = Counter()
    concerns: Counter = Counter()
    overdue: Counter = Counter()
    happened = NotifiableEvent.objects.filter(establishment__in=ids, happened_at__date__gt=today - YEAR)
    for home, premises in happened.values_list("establishment_id", "premises_id"):
        events[home, premises if home in many else None] += 1
    raised = Concern.objects.filter(establishment__in=ids, raised_on__gt=today - YEAR)
    for home in raised.values_list("establishment_id", flat=True):
        concerns[home, None] += 1
    late = ImprovementAction.objects.filter(visit__establishment__in=ids, state__in=NOT_DONE, due_on__lt=today)
    for home, premises in late.values_list("visit__establishment_id", "visit__premises_id"):
        overdue[home, premises if home in many else None] += 1
    return events, concerns, overdue


def who_places(row: Due, names: dict[int, str]) -> list[str]:
    """["Lewisham places 8 or more", "Bexley and Croydon each place fewer than 8"]; "Lewisham places here" where no
    band is told."""
    by_band: dict[str, list[str]] = {}
    for each, band in row.others.items():
        by_band.setdefault(band, []).append(names[each])
    return [
        places_in_words(sorted(by_band[band]), PRESENCE_BANDS.get(band, "here").lower())
        for band in ("many", "few", "")
        if band in by_band
    ]


def names_of_members(rows: list[Due]) -> dict[int, str]:
    ids = {each for row in rows for each in row.others}
    ids |= {went.authority for row in rows for went in (row.last, row.next) if went}
    return dict(Authority.objects.filter(pk__in=ids).values_list("pk", "name"))
