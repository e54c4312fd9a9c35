"""Counting a call of a key, and refusing it where the minute is full: exact however many come at once."""

from typing import Any

from django.conf import settings
from django.db import connections

from ..models import ApiKey

SECONDS = 60

# The key's row first, then its authority's: every call takes them in this order, so that none waits for another in a
# ring. What the key may not call is not counted for the authority: one key's haste takes nothing from the others.
# A refused call changes no row, and so needs a second look for how long the minute still has.
_COUNT = """
WITH now AS MATERIALIZED (SELECT clock_timestamp() AS at),
own AS (
    INSERT INTO partnership_calls AS c (authority_id, key_id, began_at, made)
    SELECT %(authority)s, %(key)s, now.at, 1 FROM now
    ON CONFLICT (authority_id, key_id) DO UPDATE SET
        began_at = CASE WHEN {over} THEN clock_timestamp() ELSE c.began_at END,
        made = CASE WHEN {over} THEN 1 ELSE c.made + 1 END
    WHERE {over} OR c.made < %(of_key)s
    RETURNING 1),
everybody AS (
    INSERT INTO partnership_calls AS c (authority_id, key_id, began_at, made)
    SELECT %(authority)s, NULL, now.at, 1 FROM now, own
    ON CONFLICT (authority_id, key_id) DO UPDATE SET
        began_at = CASE WHEN {over} THEN clock_timestamp() ELSE c.began_at END,
        made = CASE WHEN {over} THEN 1 ELSE c.made + 1 END
    WHERE {over} OR c.made < %(of_authority)s
    RETURNING 1)
SELECT (SELECT count(*) FROM own), (SELECT count(*) FROM everybody)
""".replace("{over}", f"clock_timestamp() >= c.began_at + interval '{SECONDS} seconds'")

_LEFT = """
SELECT ceil(extract(epoch FROM began_at - clock_timestamp())) + %(seconds)s
FROM partnership_calls WHERE authority_id = %(authority)s AND key_id IS NOT DISTINCT FROM %(full)s
"""


class TooMany(Exception):
    """The minute is full. `seconds` until it is over; `whose`: "key", or "authority" for all of its keys together."""

    def __init__(self, whose: str, most: int, seconds: int) -> None:
        super().__init__(whose)
        self.whose, self.most, self.seconds = whose, most, seconds


def count_call(key: ApiKey) -> None:
    """Counts one call of `key`. TooMany where it, or its authority's keys together, have made as many as a minute
    holds (API_CALLS_OF_KEY, API_CALLS_OF_AUTHORITY). A minute begins with its first call, by the database's clock,
    which every machine of the installation shares.

    In a transaction of its own: not inside acting_as, which would hold every other call up until it ends.
    """
    of_key, of_authority = settings.API_CALLS_OF_KEY, settings.API_CALLS_OF_AUTHORITY
    told: dict[str, Any] = {
        "authority": key.authority_id, "key": key.pk, "of_key": of_key, "of_authority": of_authority,
    }  # fmt: skip
    with connections["default"].cursor() as cursor:
        cursor.execute(_COUNT, told)
        own, everybody = cursor.fetchone()
        if own and everybody:
            return
        whose, most, full = ("authority", of_authority, None) if own else ("key", of_key, key.pk)
        cursor.execute(_LEFT, {"authority": key.authority_id, "full": full, "seconds": SECONDS})
        left = cursor.fetchone()
    raise TooMany(whose, most, max(1, min(SECONDS, int(left[0]) if left else 1)))
