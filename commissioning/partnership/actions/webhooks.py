"""Webhooks made, paused, resumed, revoked; their secrets changed; what happened sent again."""

import secrets
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from commissioning.kernel import sealing
from commissioning.kernel.outward import Limits, NotSent, checked, networks
from commissioning.kernel.tenancy.viewer import acting_as, current_viewer

from ..models import Authority, User, Webhook, WebhookDelivery, WebhookEvent
from ..rules import webhooks as rules

PURPOSE = b"webhook"


def limits() -> Limits:
    """What nothing is sent to, here. This machine itself may be told in a demonstration alone."""
    site = settings.SITE_URL.partition("://")[2].partition("/")[0].partition(":")[0]
    own = {name.lower() for name in (*settings.ALLOWED_HOSTS, site)} - {"", "*"}
    return Limits(settings.DEMONSTRATION, frozenset(own), networks(settings.REFUSED_NETWORKS))


@transaction.atomic
def make_webhook(
    *, authority: Authority, name: str, address: str, kinds: Sequence[str], at: datetime, by: User
) -> tuple[Webhook, str]:
    """The webhook, and the secret with which its messages are signed: it is returned once.

    ValidationError (by field) without a name, for one in use, an address to which nothing may be sent, no kind or an
    unknown one, for an authority that is no member, and one that has too many.
    """
    _must_own(authority.pk)
    name, address, problems = " ".join(name.split()), address.strip(), {}
    live = Webhook.objects.filter(authority=authority, revoked_at=None)
    if not name:
        problems["name"] = "Say what it is for, so that you know later which one to stop."
    elif live.filter(name=name).exists():
        problems["name"] = f"A webhook called {name} is in use. Revoke it first, or choose another name."
    try:
        checked(address, limits())
    except NotSent as refused:
        problems["address"] = str(refused)
    if not kinds or set(kinds) - set(rules.KINDS):
        problems["kinds"] = "Choose what it is told of."
    if problems:
        raise ValidationError(problems)
    if not Authority.objects.members_on(timezone.localdate(at)).filter(pk=authority.pk).exists():
        raise ValidationError(f"{authority} is no member of the partnership: nothing is told to it.")
    if live.count() >= rules.MOST:
        raise ValidationError(f"{authority} has {rules.MOST} webhooks already. Revoke one that is not used.")
    secret = _new_secret()
    with acting_as(current_viewer(), by=by):
        made = Webhook(
            authority=authority, name=name, address=address, made_by=by,
            kinds=[kind for kind in rules.KINDS if kind in kinds],
        )  # fmt: skip
        made.secret = _seal(made, secret)
        made.save(force_insert=True)
    return made, secret


@transaction.atomic
def rotate_secret(*, webhook: Webhook, days: int, at: datetime, by: User) -> str:
    """A new secret, returned once. The one before signs as well for `days` days more, so that the receiver can change
    over; with 0 it signs nothing from now on. ValidationError for more days, and for a revoked webhook."""
    row = _locked(webhook)
    if not 0 <= days <= rules.OLDER_DAYS:
        raise ValidationError(f"The older secret signs for {rules.OLDER_DAYS} days more at most.")
    secret = _new_secret()
    row.older_secret, row.older_until = (row.secret, at + timedelta(days=days)) if days else ("", None)
    row.secret = _seal(row, secret)
    _save(row, by, "secret", "older_secret", "older_until")
    return secret


@transaction.atomic
def end_older_secret(*, webhook: Webhook, by: User) -> Webhook:
    """The older secret signs nothing from now on. ValidationError where there is none."""
    row = _locked(webhook)
    if not row.older_secret:
        raise ValidationError("Only the newest secret signs: nothing has changed.")
    row.older_secret, row.older_until = "", None
    return _save(row, by, "older_secret", "older_until")


@transaction.atomic
def pause(*, webhook: Webhook, at: datetime, by: Any, why: str = "") -> Webhook:
    """Nothing is sent from now on; what happens waits. Done again, the first time stands."""
    row = _locked(webhook)
    if row.paused_at is not None:
        return row
    row.paused_at, row.paused_why = at, why
    return _save(row, by, "paused_at", "paused_why")


@transaction.atomic
def resume(*, webhook: Webhook, by: User) -> Webhook:
    """What waited is sent now, the oldest first."""
    from ..jobs import tell_webhooks_job

    row = _locked(webhook)
    row.paused_at, row.paused_why = None, ""
    _save(row, by, "paused_at", "paused_why")
    tell_webhooks_job.defer()
    return row


@transaction.atomic
def revoke_webhook(*, webhook: Webhook, at: datetime, by: User) -> Webhook:
    """Ended for good: nothing is sent to it, and what waited is not sent. Its secrets are forgotten."""
    row = _locked(webhook)
    row.revoked_at, row.secret, row.older_secret, row.older_until = at, "", "", None
    _save(row, by, "revoked_at", "secret", "older_secret", "older_until")
    WebhookDelivery.objects.filter(webhook=row, state="waiting").update(
        state="dropped", at=at, error="The webhook was revoked before this was sent."
    )
    return row


@transaction.atomic
def send_test(*, webhook: Webhook, at: datetime, by: User) -> WebhookDelivery:
    """A message that tells nothing, by the road of all others. ValidationError while it is paused."""
    from ..jobs import tell_webhooks_job

    row = _locked(webhook)
    if row.paused_at is not None:
        raise ValidationError("It is paused: resume it first, and send the test then.")
    with acting_as(current_viewer(), by=by):
        event = WebhookEvent.objects.create(
            authority_id=row.authority_id, kind=rules.TEST, resource="webhooks", about=row.uuid, occurred_at=at,
            spread_at=at,
        )  # fmt: skip
        made = WebhookDelivery.objects.create(authority_id=row.authority_id, webhook=row, event=event, due_at=at)
    tell_webhooks_job.defer()
    return made


@transaction.atomic
def replay_delivery(*, delivery: WebhookDelivery, at: datetime, by: User) -> int:
    """Sends what this delivery was about once more, under the id that it had. How many are to be sent: 0 where it
    waits to be sent already. ValidationError once it is too long ago."""
    row = _locked(delivery.webhook)
    events = WebhookEvent.objects.filter(pk=delivery.event_id, occurred_at__gte=_oldest(at))
    if not events.exists():
        raise ValidationError(f"That was more than {rules.KEPT_DAYS} days ago: it can no longer be sent.")
    return _again(row, events, at, by)


@transaction.atomic
def replay_since(*, webhook: Webhook, since: datetime, at: datetime, by: User) -> int:
    """Sends everything once more that happened from `since` on and that the webhook asks for, whether or not it was
    delivered, or the webhook there. How many are to be sent. ValidationError for a time to come or too long ago."""
    row = _locked(webhook)
    if since > at:
        raise ValidationError({"since": "That day has not come: enter one that is past."})
    if since < _oldest(at):
        raise ValidationError({"since": f"What happened is kept for {rules.KEPT_DAYS} days: enter a later day."})
    events = WebhookEvent.objects.filter(authority=None, kind__in=row.kinds, occurred_at__gte=since)
    return _again(row, events, at, by)


def secrets_of(webhook: Webhook, at: datetime) -> list[str]:
    """What its messages are signed with now, the newest first."""
    older = [webhook.older_secret] if webhook.older_until is not None and webhook.older_until > at else []
    return [
        sealing.unseal(settings.REFERENCE_KEY, PURPOSE, [str(webhook.uuid)], each) for each in (webhook.secret, *older)
    ]


def spread_events(webhook: Webhook, events: Iterable[tuple[int, int]], at: datetime) -> int:
    """Deliveries to come, one for each (event, replay). One that is there already stays as it is."""
    made = WebhookDelivery.objects.bulk_create(
        (
            WebhookDelivery(
                authority_id=webhook.authority_id, webhook=webhook, event_id=event, replay=replay, due_at=at
            )
            for event, replay in events
        ),
        ignore_conflicts=True,
        batch_size=1000,
    )
    return len(made)


def _again(webhook: Webhook, events: Any, at: datetime, by: User) -> int:
    from ..jobs import tell_webhooks_job

    sent = WebhookDelivery.objects.filter(webhook=webhook, event=OuterRef("pk"))
    rows = events.exclude(Exists(sent.filter(state="waiting"))).order_by("pk")
    last = dict(
        WebhookDelivery.objects.filter(webhook=webhook, event__in=rows.values("pk"))
        .order_by("replay").values_list("event", "replay")
    )  # fmt: skip
    with acting_as(current_viewer(), by=by):
        count = spread_events(webhook, [(pk, last.get(pk, -1) + 1) for pk in rows.values_list("pk", flat=True)], at)
    if count:
        tell_webhooks_job.defer()
    return count


def _oldest(at: datetime) -> datetime:
    return at - timedelta(days=rules.KEPT_DAYS)


def _new_secret() -> str:
    return rules.secret_of(secrets.token_bytes(rules.SECRET_BYTES))


def _seal(webhook: Webhook, secret: str) -> str:
    return sealing.seal(settings.REFERENCE_KEY, PURPOSE, [str(webhook.uuid)], secret)


def _must_own(authority_id: int) -> None:
    viewer = current_viewer()
    if viewer.kind != "authority" or viewer.authority_id != authority_id:
        raise PermissionDenied("Only the webhook's own authority changes it.")


def _locked(webhook: Webhook) -> Webhook:
    """The row as it is now. PermissionDenied for another authority's; ValidationError for a revoked one."""
    _must_own(webhook.authority_id)
    row = Webhook.objects.select_for_update().get(pk=webhook.pk)
    if row.revoked_at is not None:
        raise ValidationError(f"The webhook {row.name} was revoked. Make a new one instead.")
    return row


def _save(row: Webhook, by: Any, *columns: str) -> Webhook:
    with acting_as(current_viewer(), by=by):
        row.save(update_fields=list(columns))
    return row
