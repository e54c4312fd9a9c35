"""Rows on which the routes of events, concerns, letters and alerts are tried (tests/permissions.py)."""

import uuid

from django.utils import timezone

from quality.actions.concerns import raise_concern
from quality.actions.escalate import escalate
from quality.actions.notify_event import notify_event
from quality.models import Alert, Concern, Escalation, NotifiableEvent
from tests.permissions import Sample
from tests.providers.samples import home_of

READ_BY_ALL = "every member reads events; what concerns a child is in each authority's own notice"


def _event(cast):
    """An event at Alder's home, of which Southwark is told; made once."""
    home = home_of(cast.provider)
    with cast.acting("quality_officer") as user:
        now = timezone.now()
        made = NotifiableEvent.objects.first() or notify_event(
            establishment=home, rule="homes_40", theme="missing", happened_at=now, received_at=now, by=user, now=now,
            told={user.authority: "C-12 was away for a night"},
        )  # fmt: skip
        return {"uuid": made.uuid}


def _concern(cast):
    """Southwark's, which it alone reads."""
    with cast.acting("quality_officer") as user:
        made = Concern.objects.first() or raise_concern(
            authority=user.authority, provider=cast.provider, kind="concern", source="officer", theme="staffing",
            marking="placing", words="Few staff at night", raised_on=timezone.localdate(), by=user, now=timezone.now(),
        )  # fmt: skip
        return {"uuid": made.uuid}


def _escalation(cast):
    with cast.acting("quality_officer") as user:
        made = Escalation.objects.first() or escalate(
            authority_id=user.authority_id, provider=cast.provider, stage="concern_letter", reason="Late notices",
            sent_on=timezone.localdate(), by=user, today=timezone.localdate(),
        )  # fmt: skip
        return {"uuid": made.uuid}


def _alert(cast):
    with cast.acting("quality_officer") as user:
        made = Alert.objects.first() or Alert.objects.create(
            authority=user.authority, kind="event", about=uuid.uuid4(), title="An event", link="/concerns/events/",
            sent_to="told@southwark.test", sent_at=timezone.now(),
        )  # fmt: skip
        return {"uuid": made.uuid}


SAMPLES = {
    "event": Sample(_event, hidden_from="rival"),
    "event-acknowledge": Sample(_event, why=READ_BY_ALL),
    "event-close": Sample(_event, why=READ_BY_ALL),
    "event-tell": Sample(_event, hidden_from="rival"),
    **{name: Sample(_concern, hidden_from="stranger")
       for name in ("concern", "concern-note", "concern-mark", "concern-close")},
    **{name: Sample(_escalation, hidden_from="stranger")
       for name in ("escalation", "escalation-end", "escalation-share")},
    "alert": Sample(_alert, hidden_from="stranger"),
}  # fmt: skip
