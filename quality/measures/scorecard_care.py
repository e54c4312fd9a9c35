"""What the regulator, visits, actions, events, concerns and suspensions say of providers, as far as the viewer reads
it: now, and in the twelve months before. Judgements keep to their own scales and are never averaged."""

from collections import Counter, defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import Count, Max, Min, Q
from django.utils import timezone

from commissioning.partnership.rules.terms import add_months
from providers.models import Establishment, Suspension

from ..models import Concern, Escalation, ImprovementAction, Inspection, NotifiableEvent, Visit, VisitReport
from ..rules import codes
from ..rules.scales import scale_of
from .events import with_lateness

NOT_DONE = ("proposed", "agreed", "sent_back")


@dataclass
class Judged:
    """Of one scale. `now` and `before` (as they stood a year ago): each listed establishment's latest judgement, ""
    where it had none. `changed`: (home, then, now, day). `limiting`: (home, which part, day)."""

    scale: str
    now: Counter[str] = field(default_factory=Counter)
    before: Counter[str] = field(default_factory=Counter)
    newest_on: date | None = None
    changed: list[tuple[str, str, str, date]] = field(default_factory=list)
    limiting: list[tuple[str, str, date]] = field(default_factory=list)

    @property
    def homes(self) -> int:
        return sum(self.now.values())


def judged(provider_ids: Collection[int], today: date, kinds: Collection[str] = ()) -> list[Judged]:
    """Two queries."""
    homes = Establishment.objects.listed().filter(provider__in=provider_ids)
    if kinds:
        homes = homes.filter(kind__in=kinds)
    listed = list(homes.order_by("name", "urn"))
    rows = Inspection.objects.judged().told_once().filter(establishment__in=listed, inspected_on__lte=today)
    by_home: dict[int, list[Inspection]] = defaultdict(list)
    for row in rows.order_by("-inspected_on", "-event_number"):
        by_home[row.establishment_id].append(row)
    year, found = add_months(today, -12), {}
    for home in listed:
        one = found.setdefault(scale_of(home.kind), Judged(scale_of(home.kind)))
        known = by_home[home.pk]
        then = next((row for row in known if row.inspected_on <= year), None)
        one.before[then.overall if then else ""] += 1
        one.now[known[0].overall if known else ""] += 1
        if known:
            _note(one, home, known[0], then)
    return sorted(found.values(), key=lambda each: each.scale)


def _note(one: Judged, home: Establishment, newest: Inspection, then: Inspection | None) -> None:
    one.newest_on = max(filter(None, (one.newest_on, newest.inspected_on)))
    if then is not newest and (then is None or then.overall != newest.overall):
        one.changed.append((home.shown_name, then.overall if then else "", newest.overall, newest.inspected_on))
    for part, words in (("protection", "helped and protected"), ("leadership", "leaders and managers")):
        if getattr(newest, part) == "inadequate":
            one.limiting.append((home.shown_name, words, newest.inspected_on))


@dataclass(frozen=True)
class Visited:
    """Visits, reviews and reports that took place, and what those came to whose report the viewer reads."""

    kinds: Counter[str]
    before: int
    newest_on: date | None
    ratings: Counter[str]
    ratings_before: Counter[str]

    @property
    def n(self) -> int:
        return sum(self.kinds.values())


def visited(provider_ids: Collection[int], today: date, kinds: Collection[str] = ()) -> Visited:
    """Two queries."""
    year, two = add_months(today, -12), add_months(today, -24)
    rows = Visit.objects.done().filter(provider__in=provider_ids, visited_on__gt=two, visited_on__lte=today)
    if kinds:
        rows = rows.filter(establishment__kind__in=kinds)
    days = list(rows.values_list("pk", "kind", "visited_on"))
    rated = dict(VisitReport.objects.filter(visit__in=[pk for pk, _, _ in days]).values_list("visit", "rating"))
    now, then = [row for row in days if row[2] > year], [row for row in days if row[2] <= year]
    return Visited(
        Counter(kind for _, kind, _ in now), len(then), max((day for *_, day in days), default=None),
        Counter(rated[pk] for pk, *_ in now if rated.get(pk)), Counter(rated[pk] for pk, *_ in then if rated.get(pk)),
    )  # fmt: skip


def actions(provider_ids: Collection[int], today: date, kinds: Collection[str] = ()) -> dict[str, Any]:
    """How many are open, overdue, to be checked; closed in twelve months, and in those before. One query."""
    year, two = add_months(today, -12), add_months(today, -24)
    rows = ImprovementAction.objects.filter(provider__in=provider_ids)
    if kinds:
        rows = rows.filter(Q(visit__establishment__kind__in=kinds) | Q(meeting__isnull=False))
    late = Q(state__in=NOT_DONE, due_on__lt=today)
    return rows.aggregate(
        opened=Count("pk", filter=Q(state__in=codes.OPEN_ACTION_STATES)), late=Count("pk", filter=late),
        done=Count("pk", filter=Q(state="done")), oldest=Min("due_on", filter=Q(state__in=NOT_DONE)),
        closed=Count("pk", filter=Q(verified_on__gt=year)),
        closed_before=Count("pk", filter=Q(verified_on__gt=two, verified_on__lte=year)),
        newest=Max("verified_on"),
    )  # fmt: skip


def events(provider_ids: Collection[int], today: date, kinds: Collection[str] = ()) -> dict[str, Any]:
    """How many happened in twelve months, how many were told late, by theme; and how many before. Two queries."""
    now, then = _moment(add_months(today, -12)), _moment(add_months(today, -24))
    rows = NotifiableEvent.objects.filter(
        provider__in=provider_ids, happened_at__gte=then, happened_at__lt=_moment(today + timedelta(days=1))
    )
    if kinds:
        rows = rows.filter(establishment__kind__in=kinds)
    recent = Q(happened_at__gte=now)
    found = with_lateness(rows.order_by()).aggregate(
        n=Count("pk", filter=recent), n_late=Count("pk", filter=recent & Q(late=True)),
        before=Count("pk", filter=~recent), newest=Max("happened_at"),
    )  # fmt: skip
    themes = Counter(rows.filter(recent).order_by().values_list("theme", flat=True))
    return found | {"themes": themes}


def _moment(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))


def concerns(provider_ids: Collection[int], today: date, kinds: Collection[str] = ()) -> dict[str, Any]:
    """Raised in twelve months, and before; how many are open, whenever they were raised. One query."""
    year, two = add_months(today, -12), add_months(today, -24)
    rows = Concern.objects.filter(provider__in=provider_ids)
    if kinds:
        rows = rows.filter(Q(establishment__kind__in=kinds) | Q(establishment=None))
    return rows.aggregate(
        n=Count("pk", filter=Q(raised_on__gt=year)),
        before=Count("pk", filter=Q(raised_on__gt=two, raised_on__lte=year)),
        opened=Count("pk", filter=Q(closed_on=None)), newest=Max("raised_on"),
    )  # fmt: skip


def letters(provider_ids: Collection[int], today: date) -> dict[str, Any]:
    """Letters and notices. One query."""
    year, two = add_months(today, -12), add_months(today, -24)
    return Escalation.objects.filter(provider__in=provider_ids).aggregate(
        n=Count("pk", filter=Q(sent_on__gt=year)), before=Count("pk", filter=Q(sent_on__gt=two, sent_on__lte=year)),
        opened=Count("pk", filter=Q(state="open")), newest=Max("sent_on"),
    )  # fmt: skip


def suspensions(provider_ids: Collection[int], today: date, lot_id: int | None = None) -> Sequence[Suspension]:
    """Those of two years, newest first: in force, and over. One query."""
    rows = Suspension.objects.filter(provider__in=provider_ids, starts_on__lte=today)
    rows = rows.filter(Q(lifted_on=None) | Q(lifted_on__gt=add_months(today, -24)))
    if lot_id is not None:
        rows = rows.filter(Q(award=None) | Q(award__lot=lot_id))
    related = rows.select_related("provider", "establishment", "award__lot", "award__framework")
    return list(related.order_by("-starts_on", "-pk"))
