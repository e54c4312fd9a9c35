"""What happened goes to whoever asked to be told: put before every webhook, sent, tried again, given up.

At least once: a sending is claimed for two minutes, made with nothing open in the database, and noted. Who dies between
sending and noting is followed by another who sends the same again, under the same id. Opens its own viewers.
"""

import logging
import secrets
from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.core.mail import send_mail
from django.urls import reverse
from django.utils import timezone

from commissioning.kernel import outward
from commissioning.kernel.outward import NotSent
from commissioning.kernel.tenancy.viewer import Viewer, acting_as

from ..models import Authority, User, Webhook, WebhookDelivery, WebhookEvent
from ..rules import webhooks as rules
from .webhooks import limits, pause, secrets_of, spread_events

BY = "service:webhooks"
SERVICE = Viewer.of_service("webhooks")
CLAIMED_FOR = timedelta(minutes=2)  # longer than any sending takes
IN_A_ROUND = 50  # to one webhook, before the next one's turn
AT_ONCE = 5_000  # events put before webhooks together
WRITTEN_EVERY = timedelta(days=1)  # one e-mail about one webhook, however much of it fails
GONE = 410
log = logging.getLogger(__name__)


def tell_webhooks(*, clock: Callable[[], datetime]) -> bool:
    """One round: what happened is spread, what is due is sent, makers are written to. True where more is due at once.

    A webhook whose receiver does not answer is left for this round after the first failure, so that it holds nobody
    else up; one authority's trouble keeps nobody else from being told, and is raised when all have been."""
    members = _members(clock())
    spread(members, clock())
    more, trouble = False, None
    for authority_id in members:
        try:
            for pk in _due(authority_id, clock()):
                more = _send_to(authority_id, pk, clock) or more
            _write_to_makers(authority_id, clock())
        except Exception as problem:
            log.exception("the webhooks of an authority could not be told")
            trouble = problem
    if trouble is not None:
        raise trouble
    return more


def _members(now: datetime) -> list[int]:
    """Who may know: the members of today, in their order."""
    with acting_as(SERVICE, by=BY):
        return list(Authority.objects.members_on(timezone.localdate(now)).order_by("pk").values_list("pk", flat=True))


def spread(members: list[int], now: datetime) -> None:
    """Puts every event before the webhooks that ask for it. Done again, or by two at once, none is there twice."""
    with acting_as(SERVICE, by=BY):
        rows = WebhookEvent.objects.filter(authority=None, spread_at=None).order_by("pk")
        events = list(rows.values_list("pk", "kind", "occurred_at")[:AT_ONCE])
    if not events:
        return
    recent = [(pk, kind) for pk, kind, at in events if at > now - timedelta(days=rules.KEPT_DAYS)]
    for authority_id in members:
        with acting_as(Viewer.of_authority(authority_id), by=BY):
            for webhook in Webhook.objects.filter(revoked_at=None).order_by("pk"):
                spread_events(webhook, [(pk, 0) for pk, kind in recent if kind in webhook.kinds], now)
    with acting_as(SERVICE, by=BY):
        WebhookEvent.objects.filter(pk__in=[pk for pk, *_ in events]).update(spread_at=now)


def _due(authority_id: int, now: datetime) -> list[int]:
    with acting_as(Viewer.of_authority(authority_id), by=BY):
        return list(WebhookDelivery.objects.due(now).order_by("webhook").values_list("webhook", flat=True).distinct())


def _send_to(authority_id: int, webhook: int, clock: Callable[[], datetime]) -> bool:
    """Sends what is due to one webhook, the oldest first, until one fails. True where more is due."""
    for _ in range(IN_A_ROUND):
        claimed = _claim(authority_id, webhook, clock())
        if claimed is None:
            return False
        if not _send(authority_id, *claimed, clock):
            return False
    return True


def _claim(authority_id: int, webhook: int, now: datetime) -> tuple[WebhookDelivery, bytes, dict[str, str]] | None:
    """The next sending, with its body and headers; nobody else takes it for two minutes."""
    with acting_as(Viewer.of_authority(authority_id), by=BY):
        row = (
            WebhookDelivery.objects.due(now)
            .filter(webhook=webhook)
            .select_related("event", "webhook")
            .select_for_update(of=("self",), skip_locked=True)
            .order_by("due_at", "pk")
            .first()
        )
        if row is None:
            return None
        row.due_at = now + CLAIMED_FOR
        row.save(update_fields=["due_at"])
        event = row.event
        body = rules.message(
            kind=event.kind, occurred_at=event.occurred_at, resource=event.resource, about=str(event.about),
            site=settings.SITE_URL,
        )  # fmt: skip
        return row, body, rules.headers(secrets_of(row.webhook, now), str(event.uuid), now, body)


def _send(
    authority_id: int, row: WebhookDelivery, body: bytes, headers: dict[str, str], clock: Callable[[], datetime]
) -> bool:
    """Sends it with no transaction open, and notes what came of it."""
    status, error = None, ""
    try:
        answer = outward.post(row.webhook.address, body, headers, limits())
        status, error = answer.status, rules.failed(answer.status)
        if error and answer.words:
            error = f"{error} It said: {answer.words}"
    except NotSent as refused:
        error = str(refused)
    with acting_as(Viewer.of_authority(authority_id), by=BY):
        _note(row.pk, status, error, clock())
    return not error


def _note(delivery: int, status: int | None, error: str, now: datetime) -> None:
    row = WebhookDelivery.objects.select_for_update(of=("self",)).select_related("webhook").get(pk=delivery)
    if row.state != "waiting":
        return  # somebody else sent it too and noted it first, or the webhook was revoked meanwhile
    row.at, row.status, row.error = now, status, error
    after, next_ = None, (row.replay, row.attempt + 1)
    if not error:
        row.state = "delivered"
    elif status == GONE:
        row.state, after, next_ = "gone", timedelta(), (row.replay + 1, 1)  # begun anew when somebody resumes it
    else:
        after = rules.wait(row.attempt, Decimal(secrets.randbelow(1001)) / 1000)
        row.state = "given_up" if after is None else "failed"
    row.save(update_fields=["at", "status", "error", "state"])
    if after is not None:
        WebhookDelivery.objects.bulk_create(
            [
                WebhookDelivery(
                    authority_id=row.authority_id,
                    webhook_id=row.webhook_id,
                    event_id=row.event_id,
                    replay=next_[0],
                    attempt=next_[1],
                    due_at=now + after,
                )
            ],
            ignore_conflicts=True,
        )
    if row.state == "gone" and row.webhook.revoked_at is None:
        pause(webhook=row.webhook, at=now, by=BY, why="gone")


def _write_to_makers(authority_id: int, now: datetime) -> None:
    """An e-mail to who made a webhook of which something was given up, or that is gone: one a day about each."""
    with acting_as(Viewer.of_authority(authority_id), by=BY):
        lost = WebhookDelivery.objects.filter(
            state__in=("given_up", "gone"), told_at=None, webhook__revoked_at=None
        )  # fmt: skip
        for webhook in Webhook.objects.filter(pk__in=lost.values("webhook")).select_related("made_by", "authority"):
            said = WebhookDelivery.objects.filter(webhook=webhook, told_at__gt=now - WRITTEN_EVERY)
            to = _written_to(webhook)
            if said.exists() or not to:
                continue
            rows = lost.filter(webhook=webhook)
            try:
                send_mail(*_mail(webhook, rows.filter(state="given_up").count()), settings.DEFAULT_FROM_EMAIL, to)
            except OSError:
                log.exception("the maker of a webhook could not be written to")
                continue
            rows.update(told_at=now)


def _written_to(webhook: Webhook) -> list[str]:
    """Who made it, where that person still looks after webhooks of that authority; else all who do."""
    people = User.objects.filter(authority=webhook.authority_id, is_active=True).order_by("pk")
    able = [person for person in people if person.may("change", "webhooks")]
    return [person.email for person in able if person.pk == webhook.made_by_id] or [person.email for person in able]


def _mail(webhook: Webhook, given_up: int) -> tuple[str, str]:
    """Subject and text: the webhook's name, and no address."""
    if webhook.paused_why == "gone":
        subject = f"Webhook paused: {webhook.name}"
        says = "Its receiver answered that it is gone for good, so the webhook is paused. What happens meanwhile waits."
    else:
        messages = "1 message" if given_up == 1 else f"{given_up} messages"
        subject = f"Webhook not answered: {webhook.name}"
        says = f"{messages} could not be delivered after {rules.TRIES} attempts over about a day and a half."
    page = settings.SITE_URL + reverse("webhook", args=[webhook.uuid])
    return subject, (
        f"This is about the webhook {webhook.name} of {webhook.authority.name}. {says}\n\nSign in to see why. From "
        f"there everything of the last {rules.KEPT_DAYS} days can be sent again:\n{page}\n"
    )


def sweep_webhooks(*, now: datetime) -> None:
    """Takes away what happened more than a month ago with its deliveries, and older secrets whose time is over. A day
    later than anything can be sent again, so that nothing goes that was just asked for."""
    before = now - timedelta(days=rules.KEPT_DAYS + 1)
    with acting_as(SERVICE, by=BY):
        authorities = list(Authority.objects.exclude(member_from=None).order_by("pk").values_list("pk", flat=True))
    for authority_id in authorities:
        with acting_as(Viewer.of_authority(authority_id), by=BY):
            WebhookDelivery.objects.filter(event__occurred_at__lt=before).delete()
            WebhookEvent.objects.filter(authority=authority_id, occurred_at__lt=before).delete()
            over: Any = Webhook.objects.filter(older_until__lte=now)
            over.update(older_secret="", older_until=None)
    with acting_as(SERVICE, by=BY):
        WebhookEvent.objects.filter(authority=None, occurred_at__lt=before).exclude(spread_at=None).delete()
