"""What happened, put down to be told to the webhooks of every member: in the transaction in which it happens, so that
what is rolled back is never told and what is saved always is."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db import transaction

from ..models import WebhookEvent
from ..rules.webhooks import KINDS


@transaction.atomic
def announce(*, kind: str, resource: str, about: Iterable[UUID], at: datetime) -> list[WebhookEvent]:
    """One event for each row in `about` (public ids), of what every member may read: it goes to all of them alike, so
    that it tells nobody whose children are concerned. `resource` is the row's name in the API. Inside acting_as."""
    from ..jobs import tell_webhooks_job

    if kind not in KINDS:
        raise ValueError(f"no webhook asks for {kind}")
    made = WebhookEvent.objects.bulk_create(
        WebhookEvent(kind=kind, resource=resource, about=each, occurred_at=at) for each in about
    )
    if made:
        tell_webhooks_job.defer()
    return made
