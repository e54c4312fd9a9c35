"""The webhooks of an authority, and what was sent to each."""

from datetime import datetime
from inspect import getsource
from typing import Any

from django.db.models import Count, Exists, Max, OuterRef, Q, Subquery
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone

from commissioning.kernel.pages.allowed import allowed
from commissioning.kernel.tables import ActiveFilter, Column, EmptyState, FilterSentence, Table
from commissioning.kernel.wording import day, instant

from .. import receiving as receiver
from ..models import Webhook, WebhookDelivery
from ..rules.webhooks import IN_SHORT, KEPT_DAYS, KINDS, OLDER_DAYS, STATES, TEST, TRIES, in_words

# What the log can be narrowed to. (states, words)
SHOWN = {
    "waiting": (("waiting",), "waiting"),
    "delivered": (("delivered",), "delivered"),
    "failed": (("failed", "given_up", "gone", "dropped"), "not delivered"),
}


@allowed("webhooks")
def webhooks(request: HttpRequest) -> HttpResponse:
    sent = WebhookDelivery.objects.filter(webhook=OuterRef("pk")).exclude(at=None).order_by("-at", "-pk")
    rows = list(
        Webhook.objects.select_related("made_by").annotate(
            delivered_at=Max("deliveries__at", filter=Q(deliveries__state="delivered")),
            waiting=Count("deliveries", filter=Q(deliveries__state="waiting")),
            last=Subquery(sent.values("state")[:1]),
        ).order_by("revoked_at", "name")
    )  # fmt: skip
    table = Table(
        (
            Column("name", "Webhook", link=lambda row: reverse("webhook", args=[row.uuid])),
            Column("kinds", "Told of", value=lambda row: in_words(row.kinds)),
            Column("delivered_at", "Last delivered", kind="instant", missing=f"not in {KEPT_DAYS} days"),
            Column("waiting", "Waiting", kind="number"),
            Column("made_by", "Made by", value=lambda row: row.made_by and row.made_by.email, missing="a command"),
            Column("state", "State", kind="tag", value=lambda row: state(row, row.last)),
        ),
        rows, f"Webhooks of {request.user.body_name}", noun=("webhook", "webhooks"), caption_hidden=True,
        empty=EmptyState(
            "No webhooks yet",
            "A webhook tells one of your authority's own systems at once that a judgement changed, a provider was "
            "suspended, or a visit or shared figures were published, so that it need not ask again and again.",
            "Make a webhook", reverse("webhook-make"),
        ),
    )  # fmt: skip
    return render(request, "partnership/webhooks.html", {
        "table": table, "any": bool(rows), "opening": sum(row.is_open for row in rows),
        "troubled": [row.name for row in rows if row.is_open and row.last in ("failed", "given_up")],
        "gone": [row.name for row in rows if row.revoked_at is None and row.paused_why == "gone"],
    })  # fmt: skip


@allowed("webhooks")
def webhook(request: HttpRequest, uuid: Any) -> HttpResponse:
    row = get_object_or_404(Webhook.objects.select_related("made_by"), uuid=uuid)
    now = timezone.now()
    log = WebhookDelivery.objects.filter(webhook=row)
    told = log.aggregate(
        delivered_at=Max("at", filter=Q(state="delivered")), waiting=Count("pk", filter=Q(state="waiting")),
        everything=Count("pk"),
    )  # fmt: skip
    again = log.filter(event=OuterRef("event"), replay__gt=OuterRef("replay"))
    given_up = log.filter(state="given_up").exclude(Exists(again)).count()
    last = log.exclude(at=None).order_by("-at", "-pk").first()
    asked = request.GET.get("which", "")
    shown = log.filter(state__in=SHOWN[asked][0]) if asked in SHOWN else log
    table = Table.for_request(
        request, _log_columns(row), shown.select_related("event").order_by("-pk"), "Messages, the newest first",
        noun=("message", "messages"),
        empty=EmptyState(
            "No messages like that" if asked in SHOWN else "No messages yet",
            f"Each message of the last {KEPT_DAYS} days appears here, with what was answered.",
        ),
    )  # fmt: skip
    sentence = FilterSentence(
        [ActiveFilter("Messages", SHOWN[asked][1] if asked in SHOWN else "all", "?" if asked in SHOWN else "")],
        table.total or 0, told["everything"], ("message", "messages"),
    )  # fmt: skip
    return render(request, "partnership/webhook.html", {
        "webhook": row, "state": state(row, last and last.state), "rows": _rows(row, told, now), "table": table,
        "waiting": told["waiting"], "given_up": given_up, "last": last, "sentence": sentence,
        "older": row.older_until is not None and row.older_until > now, "kept_days": KEPT_DAYS, "tries": TRIES,
        "others": [(key, words) for key, (_, words) in SHOWN.items() if key != asked],
    })  # fmt: skip


@allowed("webhooks")
def receiving(request: HttpRequest) -> HttpResponse:
    """For whoever writes the receiving end: what comes, and how to know that it is ours."""
    return render(request, "partnership/webhook_receiving.html", {
        "code": getsource(receiver), "kept_days": KEPT_DAYS, "older_days": OLDER_DAYS, "tries": TRIES, "test": TEST,
        "kinds": [(kind, says, RESOURCES[kind]) for kind, says in KINDS.items()],
    })  # fmt: skip


RESOURCES = {
    "judgement.changed": "inspections",
    "suspension.changed": "suspensions",
    "visit.published": "visits",
    "release.published": "releases",
    "release.withdrawn": "releases",
}


def state(row: Webhook, last: str | None) -> str:
    """In one or two words; `last` is what became of the last message that was sent."""
    if row.revoked_at is not None:
        return "Revoked"
    if row.paused_at is not None:
        return "Paused"
    return "Not answering" if last in ("failed", "given_up") else "Active"


def _rows(row: Webhook, told: dict[str, Any], now: datetime) -> list[tuple[str, str]]:
    older = row.older_until is not None and row.older_until > now
    rows = [
        ("Sends to", row.address),
        ("Told of", in_words(row.kinds)),
        ("Made", f"{day(timezone.localtime(row.made_at))}, by {row.made_by.email if row.made_by else 'a command'}"),
        ("Last delivered", instant(told["delivered_at"]) if told["delivered_at"] else f"not in {KEPT_DAYS} days"),
    ]
    if older:
        rows.append(("Signed by", f"two secrets: the older one as well until {instant(row.older_until)}"))
    if row.paused_at is not None:
        why = "because the receiver answered that it is gone for good" if row.paused_why == "gone" else "by a person"
        rows.append(("Paused", f"{instant(row.paused_at)}, {why}"))
    if row.revoked_at is not None:
        rows.append(("Revoked", instant(row.revoked_at)))
    return rows


def _log_columns(row: Webhook) -> tuple[Column, ...]:
    columns = (
        Column("kind", "What happened", value=lambda each: IN_SHORT.get(each.event.kind, each.event.kind)),
        Column("occurred_at", "When", kind="instant", value=lambda each: each.event.occurred_at),
        Column("at", "Sent", kind="instant", missing="not yet"),
        Column("attempt", "Attempt", value=lambda each: f"{each.attempt} of {TRIES}"),
        Column("state", "Came to", kind="tag", value=lambda each: STATES[each.state]),
        Column("error", "Why not", value=lambda each: each.error or _next(each), missing=""),
    )
    if row.revoked_at is not None:
        return columns
    again = Column(
        "again", "Send again", value=lambda each: None if each.state == "waiting" else "Send again", missing="",
        link=lambda each: None if each.state == "waiting"
        else reverse("webhook-again-one", args=[row.uuid, each.uuid]),
    )  # fmt: skip
    return (*columns, again)


def _next(each: WebhookDelivery) -> str | None:
    if each.state != "waiting":
        return None
    return f"To be sent from {instant(each.due_at)}" if each.attempt > 1 else "To be sent"
