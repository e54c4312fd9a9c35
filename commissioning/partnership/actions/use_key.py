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
    """Whether the key is good now, and its maker, where it is theirs alone, as it was found: asked over a second
    connection, as a long answer reads from one moment, in which what has ended meanwhile still stands."""
    role = key.made_by.role if key.made_by else ""
    second = connections["default"].copy()
    try:
        with second.cursor() as cursor:
            cursor.execute(
                "SELECT k.revoked_at IS NULL AND k.expires_at > clock_timestamp() AND (NOT k.own OR"
                " (p.is_active AND p.authority_id = k.authority_id AND p.role = %s))"
                " FROM partnership_apikey AS k LEFT JOIN partnership_user AS p ON p.id = k.made_by_id WHERE k.id = %s",
                [role, key.pk],
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
