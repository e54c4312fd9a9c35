"""Notifiable events counted: by theme and quarter, how many were told late, which nobody has acknowledged."""

from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any

from django.db.models import BooleanField, Case, Count, Exists, ExpressionWrapper, F, OuterRef, Q, QuerySet, Value, When
from django.db.models.functions import TruncQuarter
from django.utils import timezone

from commissioning.partnership.rules.terms import add_months

from ..models import Alert, EventNotice, NotifiableEvent
from ..rules import codes
from ..rules.lateness import AT_ONCE, TOLD_AT_ONCE, WITHIN

QUARTERS = 5  # the running one, and the four before it


def with_lateness(events: QuerySet) -> QuerySet:
    """Each with `late`, as rules/lateness.py."""
    took = F("received_at") - F("happened_at")
    late = Case(
        When(theme__in=TOLD_AT_ONCE, then=ExpressionWrapper(Q(took__gt=AT_ONCE), output_field=BooleanField())),
        default=ExpressionWrapper(Q(took__gt=WITHIN), output_field=BooleanField()),
    )
    return events.annotate(took=took).annotate(late=late)


def with_ours(events: QuerySet, authority_id: int) -> QuerySet:
    """Each with `ours`: "acknowledged", "waiting" for it (named by the provider, or told because children of ours
    lived there), or ""."""
    mine = EventNotice.objects.filter(event=OuterRef("pk"), authority=authority_id)
    alerted = Alert.objects.filter(kind="event", about=OuterRef("uuid"), authority=authority_id)
    return events.annotate(
        ours=Case(
            When(Exists(mine.filter(acknowledged_at__isnull=False)), then=Value("acknowledged")),
            When(Exists(mine) | Exists(alerted), then=Value("waiting")),
            default=Value(""),
        )
    )


def with_told(events: QuerySet) -> QuerySet:
    """For the provider: how many authorities it told of each, and how many have acknowledged it."""
    return events.annotate(
        told=Count("notices"), read=Count("notices", filter=Q(notices__acknowledged_at__isnull=False))
    )


def waiting_for_us(authority_id: int) -> QuerySet:
    """Events that the authority has not acknowledged."""
    return with_ours(NotifiableEvent.objects.all(), authority_id).filter(ours="waiting")


@dataclass
class Theme:
    """One theme's events in each quarter, and how many of all were told late. `total` is of the quarters shown."""

    theme: str
    quarters: dict[date, int] = field(default_factory=dict)
    total: int = 0
    late: int = 0

    @property
    def label(self) -> str:
        return codes.EVENT_THEMES[self.theme]


def quarters_to(today: date) -> list[date]:
    """The first days of the quarters shown, oldest first."""
    this = date(today.year, (today.month - 1) // 3 * 3 + 1, 1)
    return [add_months(this, -3 * back) for back in reversed(range(QUARTERS))]


def themes_over_time(events: QuerySet, today: date) -> list[Theme]:
    """Themes by how often they happened, most often first. One query."""
    shown = quarters_to(today)
    since = timezone.make_aware(datetime.combine(shown[0], time.min))
    counted = (
        with_lateness(events.order_by().filter(happened_at__gte=since))
        .annotate(quarter=TruncQuarter("happened_at")).values("theme", "quarter")
        .annotate(n=Count("pk", distinct=True), n_late=Count("pk", filter=Q(late=True), distinct=True))
        .values_list("theme", "quarter", "n", "n_late")
    )  # fmt: skip
    found: dict[str, Theme] = {}
    for theme, quarter, n, late in counted:
        row = found.setdefault(theme, Theme(theme))
        day = timezone.localtime(quarter).date() if isinstance(quarter, datetime) else quarter
        row.quarters[day] = row.quarters.get(day, 0) + n
        row.total += n
        row.late += late
    return sorted(found.values(), key=lambda row: (-row.total, row.label))


def figures(events: QuerySet) -> dict[str, Any]:
    """How many events there are, how many were told late. One query."""
    found = with_lateness(events.order_by()).aggregate(n=Count("pk"), n_late=Count("pk", filter=Q(late=True)))
    return {"n": found["n"], "late": found["n_late"]}
