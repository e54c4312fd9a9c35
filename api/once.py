"""A call that changes something is done once, however often it is sent: its Idempotency-Key and what it answered are
kept for a day, in the transaction of the change itself."""

import re
from collections.abc import Callable
from hashlib import sha256

from django.db import IntegrityError, transaction
from django.http import HttpResponse
from rest_framework.request import Request

from commissioning.partnership.models import KeptAnswer

from .problems import BadRequest, SentBefore

HEADER = "Idempotency-Key"
KEPT_HEADERS = ("ETag", "Location")
KEY = "[!-~]{1,255}"


def once(request: Request, act: Callable[[], HttpResponse]) -> HttpResponse:
    """What `act` answers; or what it answered when this very request was sent before. Inside the door.

    Of two at once the second waits for the first. A request that was refused is not kept: it may be mended and sent
    again under its key. BadRequest without a usable key; SentBefore for another request under the same one.
    """
    named = key_named(request)
    digest = _digest(request)
    caller = request.auth.key
    try:
        with transaction.atomic():
            kept = KeptAnswer.objects.create(
                authority_id=caller.authority_id, key=caller, sent_as=named, digest=digest
            )  # fmt: skip
    except IntegrityError:
        return _again(KeptAnswer.objects.get(key=caller, sent_as=named), digest)
    answer = act()
    headers = {name: answer[name] for name in KEPT_HEADERS if name in answer}
    KeptAnswer.objects.filter(pk=kept.pk).update(
        status=answer.status_code, headers=headers, body=answer.content.decode()
    )
    return answer


def key_named(request: Request) -> str:
    """The call's Idempotency-Key. BadRequest where it is missing, or is none."""
    named = request.headers.get(HEADER, "")
    if not re.fullmatch(KEY, named, re.ASCII):
        raise BadRequest(
            f"{HEADER} is missing, or is not 1 to 255 letters, digits and signs.",
            f"Send {HEADER} with a fresh random value, such as a UUID; send the same again only to repeat the call.",
        )
    return named


def _again(kept: KeptAnswer, digest: str) -> HttpResponse:
    if kept.digest != digest:
        raise SentBefore("Under this Idempotency-Key another request was sent: it, and not this one, was carried out.")
    answer = HttpResponse(kept.body, status=kept.status, content_type="application/json", headers=kept.headers)
    answer["Idempotency-Replayed"] = "true"
    return answer


def _digest(request: Request) -> str:
    told = f"{request.method} {request._request.get_full_path()} {request.headers.get('If-Match', '')}\n"
    return sha256(told.encode("utf-8", "backslashreplace") + request._request.body).hexdigest()
