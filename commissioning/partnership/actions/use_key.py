"""Finding the key that a caller presented, in the same time whether it is right or nearly right."""

import hmac
from datetime import datetime, timedelta

from django.db import connections
from django.db.models import Q

from commissioning.kernel.tenancy.viewer import Viewer, acting_as

from ..models import ApiKey
from .make_key import digest

NOTED_EVERY = timedelta(minutes=1)
_NOBODYS = digest("no key has this prefix")


def find_key(presented: str, at: datetime) -> ApiKey | None:
    """The key, or None where it is unknown, altered, expired or revoked. The caller says no more than "no".

    Needs no viewer and must not stand inside another's `acting_as`: its last use is noted as the key's authority,
    at most once a minute.
    """
    prefix = presented.partition(".")[0]
    key = None
    if prefix.isascii() and prefix.isalnum():
        key = ApiKey.objects.select_related("made_by").filter(prefix=prefix).first()
    # Compared for an unknown prefix too, so that its answer takes as long.
    right = hmac.compare_digest(digest(presented), key.digest if key else _NOBODYS)
    if key is None or not right or key.revoked_at is not None or key.expires_at <= at:
        return None
    _note_use(key, at)
    return key


def still_live(key: ApiKey) -> bool:
    """Whether the key is good now, asked over a second connection: a long answer reads from one moment, in which a key
    that was revoked meanwhile still stands."""
    second = connections["default"].copy()
    try:
        with second.cursor() as cursor:
            cursor.execute(
                "SELECT revoked_at IS NULL AND expires_at > clock_timestamp() FROM partnership_apikey WHERE id = %s",
                [key.pk],
            )
            found = cursor.fetchone()
    finally:
        second.close()
    return bool(found and found[0])


def _note_use(key: ApiKey, at: datetime) -> None:
    if key.last_used_at is not None and key.last_used_at > at - NOTED_EVERY:
        return
    with acting_as(Viewer.of_authority(key.authority_id), by=f"key:{key.uuid}"):
        due = Q(last_used_at=None) | Q(last_used_at__lte=at - NOTED_EVERY)
        ApiKey.objects.filter(due, pk=key.pk).update(last_used_at=at)
