"""What somebody said, or was sent, that needs a person: alerts, events, suspensions, letters, concerns."""

from datetime import date

from django.urls import reverse

from commissioning.kernel import wording
from providers.measures.suspended import thing_of
from providers.models import Suspension, SuspensionDecision
from quality.measures.events import waiting_for_us
from quality.models import Alert, Concern, Escalation

from .needs import Need

SHOWN = 5


def needs_of_concerns(user, today: date) -> list[Need]:
    """For who may act on them, what cannot wait first."""
    if user.provider_id:
        return [*_suspended(user, today), *_to_put_right(today)]
    if not user.authority_id:
        return []
    return [
        *(_alerts() if user.may("change", "alerts") else ()),
        *(_events(user) if user.may("change", "notifiable-events") else ()),
        *(_undecided(user, today) if user.may("change", "suspensions") else ()),
        *(_past(user, today) if user.may("change", "escalations") else ()),
        *(_of_our_children(user) if user.may("read", "concerns") else ()),
    ]


def _alerts() -> list[Need]:
    new = Alert.objects.filter(acknowledged_at=None).count()
    if not new:
        return []
    what = f"{_counted(new, 'alert')} {'has' if new == 1 else 'have'} not been read yet"
    return [Need(what, "Each was sent at once.", "Read it" if new == 1 else "Read them", reverse("alerts"))]


def _events(user) -> list[Need]:
    waiting = waiting_for_us(user.authority_id).count()
    if not waiting:
        return []
    what = "1 event waits" if waiting == 1 else f"{waiting:,} events wait"
    return [Need(
        f"{what} for us to acknowledge", "The provider sees whether we have.", "See the events",
        f"{reverse('events')}?ours=waiting",
    )]  # fmt: skip


def _undecided(user, today: date) -> list[Need]:
    decided = SuspensionDecision.objects.filter(authority=user.authority_id).values("suspension")
    rows = Suspension.objects.in_force_on(today).exclude(pk__in=decided)
    count = rows.count()
    if not count:
        return []
    what = "1 suspension waits for our decision" if count == 1 else f"{count:,} suspensions wait for our decision"
    return [Need(what, "Until we decide, we follow them.", "Decide", f"{reverse('suspensions')}?ours=none")]


def _past(user, today: date) -> list[Need]:
    late = Escalation.objects.filter(authority=user.authority_id, state="open", deadline_on__lt=today).count()
    if not late:
        return []
    what = "1 notice to a provider is" if late == 1 else f"{late:,} notices to providers are"
    return [Need(f"{what} past the deadline", "Say whether it was put right.", "See the notices",
                 f"{reverse('escalations')}?which=late")]  # fmt: skip


def _of_our_children(user) -> list[Need]:
    raised = Concern.objects.filter(about=user.authority_id, closed_on=None).exclude(authority=user.authority_id)
    count = raised.count()
    if not count:
        return []
    what = "1 concern about a child of ours was raised by another authority"
    if count > 1:
        what = f"{count:,} concerns about children of ours were raised by other authorities"
    return [Need(what, "Still open.", "Read it" if count == 1 else "Read them",
                 f"{reverse('concerns')}?whose=about&state=open")]  # fmt: skip


def _suspended(user, today: date) -> list[Need]:
    """Of a provider's contact's own."""
    rows = Suspension.objects.in_force_on(today).filter(provider=user.provider_id)
    rows = rows.select_related("authority", "provider", "establishment", "award__lot", "award__framework")
    return [
        Need(
            f"{thing_of(row)} is suspended by {row.authority.name}", f"What lifts it: {row.lifts_when}",
            "See the suspension", reverse("suspension", args=[row.uuid]),
        )
        for row in rows.order_by("starts_on")[:SHOWN]
    ]  # fmt: skip


def _to_put_right(today: date) -> list[Need]:
    rows = Escalation.objects.filter(state="open", deadline_on__isnull=False).select_related("authority")
    return [
        Need(
            f"{row.get_stage_display()} of {row.authority.name}: put it right by {wording.day(row.deadline_on)}",
            _left((row.deadline_on - today).days), "See what it asks", reverse("escalation", args=[row.uuid]),
        )
        for row in rows.order_by("deadline_on")[:SHOWN]
    ]  # fmt: skip


def _left(days: int) -> str:
    if days <= 0:
        return "Its deadline is over." if days < 0 else "Today is the last day."
    return f"{_counted(days, 'day')} left."


def _counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
