"""What other members may know of where an authority's children live: kept in step with its placements."""

from collections.abc import Iterable
from datetime import date

from django.db import connections, transaction

from commissioning.kernel.tenancy.viewer import acting

from ..models import Presence
from .numbers import lock

MANY = 8  # counts of one to seven are never told


@transaction.atomic
def tell_presence(*, authority_id: int, today: date, establishments: Iterable[int | None] | None = None) -> int:
    """Makes the authority's Presence rows say what its open placements of `today` say; of these `establishments`, or
    of every one. A placement of respite counts: a child sleeps there. Returns how many rows changed. Three statements,
    whatever the number of placements; rows that are right already are left alone. Of two at once the second waits for
    the first and counts its placements too: each would otherwise tell of its own alone."""
    wanted = None if establishments is None else sorted({each for each in establishments if each})
    if wanted == []:
        return 0
    lock(Presence, authority_id)
    values = {"authority": authority_id, "today": today, "wanted": wanted, "many": MANY}
    with connections[acting().using].cursor() as cursor:
        cursor.execute(_GONE, values)
        gone = cursor.rowcount
        cursor.execute(_HERE, values)
        return gone + cursor.rowcount


_OPEN = """
    SELECT establishment_id, premises_id,
        CASE WHEN count(DISTINCT child_id) >= %(many)s THEN 'many' ELSE 'few' END AS band
    FROM public.contracts_placement
    WHERE authority_id = %(authority)s AND establishment_id IS NOT NULL AND starts_on <= %(today)s
      AND (ends_before IS NULL OR ends_before > %(today)s)
      AND (%(wanted)s::bigint[] IS NULL OR establishment_id = ANY (%(wanted)s::bigint[]))
    GROUP BY establishment_id, premises_id"""

_GONE = f"""
    DELETE FROM public.contracts_presence p
    WHERE p.authority_id = %(authority)s
      AND (%(wanted)s::bigint[] IS NULL OR p.establishment_id = ANY (%(wanted)s::bigint[]))
      AND NOT EXISTS (
        SELECT FROM ({_OPEN}) o WHERE o.establishment_id = p.establishment_id
          AND o.premises_id IS NOT DISTINCT FROM p.premises_id)"""

_HERE = f"""
    INSERT INTO public.contracts_presence AS p (authority_id, establishment_id, premises_id, band)
    SELECT %(authority)s, o.establishment_id, o.premises_id, o.band FROM ({_OPEN}) o
    ON CONFLICT (authority_id, establishment_id, premises_id) DO UPDATE SET band = excluded.band
    WHERE p.band <> excluded.band"""


def elsewhere(establishment_id: int, authority_id: int) -> list[int]:
    """The other authorities that have children at the home now, by id."""
    rows = Presence.objects.filter(establishment=establishment_id).exclude(authority=authority_id)
    return sorted(set(rows.values_list("authority", flat=True)))
