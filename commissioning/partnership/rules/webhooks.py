"""Webhooks: of what they tell, how a message is written and signed, and when it is tried again.

The form is Standard Webhooks (standardwebhooks.com, version 1): an id that stays the same however often a message is
sent, the time of sending, and HMAC-SHA256 of "id.time.body" under a secret that begins with whsec_.
"""

import base64
import hashlib
import hmac
import json
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from decimal import Decimal

# What may be told. All of it is every member's to read: a message says no more than which row to read again.
KINDS = {
    "judgement.changed": "A regulator's judgement of a home changed, or what was heard of one was withdrawn",
    "suspension.changed": "A suspension was made, extended, lifted, or decided on by an authority",
    "visit.published": "A quality assurance visit was published to every member",
    "release.published": "A release of shared figures was published",
    "release.withdrawn": "A published release was withdrawn or corrected",
}
TEST = "webhook.test"
IN_SHORT = {
    "judgement.changed": "Judgement changed", "suspension.changed": "Suspension", "visit.published": "Visit published",
    "release.published": "Release published", "release.withdrawn": "Release withdrawn", TEST: "Test",
}  # fmt: skip

STATES = {
    "waiting": "Waiting",
    "delivered": "Delivered",
    "failed": "Failed, tried again",
    "given_up": "Given up",
    "gone": "Receiver gone",
    "dropped": "Not sent",
}

# After a first try that failed: seven more over about a day and a half (35 hours and 36 minutes, give or take a fifth).
WAITS = (
    timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=30), timedelta(hours=2), timedelta(hours=5),
    timedelta(hours=10), timedelta(hours=18),
)  # fmt: skip
TRIES = len(WAITS) + 1
KEPT_DAYS = 30  # for how long what happened can be sent again
OLDER_DAYS = 7  # for how long an older secret signs beside a new one, at most
MOST = 10  # webhooks of one authority

SECRET_BYTES = 32
PREFIX = "whsec_"


def wait(attempt: int, chance: Decimal) -> timedelta | None:
    """How long after the attempt of this number, the first being 1, the next one comes; None after the last.
    `chance` from 0 to 1 spreads them by a fifth either way: receivers that fail together are not tried together."""
    if attempt > len(WAITS):
        return None
    seconds = int(WAITS[attempt - 1].total_seconds())
    return timedelta(seconds=int(seconds * (Decimal("0.8") + Decimal("0.4") * chance)))


def secret_of(random: bytes) -> str:
    return PREFIX + base64.b64encode(random).decode()


def message(*, kind: str, occurred_at: datetime, resource: str, about: str, site: str) -> bytes:
    """The body, the same whenever it is sent: ids, and the address at which a key reads the row."""
    data = {"resource": resource, "id": about, "address": f"{site}/api/v1/{resource}/{about}/"}
    if kind == TEST:
        data.pop("address")
    told = {"type": kind, "timestamp": occurred_at.isoformat(), "data": data}
    return json.dumps(told, separators=(",", ":")).encode()


def signature(secret: str, id_: str, timestamp: int, body: bytes) -> str:
    key = base64.b64decode(secret.removeprefix(PREFIX))
    signed = f"{id_}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()


def headers(secrets: Sequence[str], id_: str, at: datetime, body: bytes) -> dict[str, str]:
    """What goes with the body: signed once with each secret, the newest first."""
    timestamp = int(at.timestamp())
    return {
        "Content-Type": "application/json",
        "User-Agent": "commissioning-webhooks/1",
        "webhook-id": id_,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": " ".join(signature(each, id_, timestamp, body) for each in secrets),
    }


def in_words(kinds: Iterable[str]) -> str:
    return ", ".join(IN_SHORT.get(kind, kind) for kind in kinds)


def failed(status: int) -> str:
    """Why an answer of this status is no delivery; "" where it is one."""
    if 200 <= status < 300:
        return ""
    if 300 <= status < 400:
        return f"It answered that it has moved ({status}). Messages follow no redirect: enter its new address."
    if status == 410:
        return "It answered that it is gone for good (410). The webhook is paused."
    if status in (401, 403):
        return f"It refused the message ({status}): check the secret there."
    if status == 404:
        return "Nothing answers at that address (404): check the address."
    return f"It answered with an error ({status})."
