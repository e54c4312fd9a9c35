"""At which address a child lives: the establishment itself, or one of its premises where it has several."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import date

from django.db.models import QuerySet

from providers.models import Premises

from ..models import Placement

# What pages say of premises. The rest is left where it is: reading the stamps of thousands costs more than asking.
NAMED = ("uuid", "establishment", "name", "address", "area_name", "constituency", "places", "ordinal")


def several(establishments: Collection[int] | QuerySet, day: date) -> dict[int, list[Premises]]:
    """Of these registrations, those with more than one address on the day, and their premises. One query."""
    found: dict[int, list[Premises]] = defaultdict(list)
    rows = Premises.objects.lived_in(day).filter(establishment__in=establishments).only(*NAMED)
    for row in rows.order_by("establishment", "name", "area_name", "constituency", "category", "places", "ordinal"):
        found[row.establishment_id].append(row)
    return {home: rows for home, rows in found.items() if len(rows) > 1}


def address_of(
    establishment_id: int | None, premises_id: int | None, many: Collection[int] | Mapping[int, object]
) -> tuple[int, int | None] | None:
    """(establishment, premises) where a visit finds who lives there; None where that is not known. `many` are the
    registrations with several addresses: of any other the establishment is the address."""
    if establishment_id is None:
        return None
    if establishment_id not in many:
        return establishment_id, None
    return (establishment_id, premises_id) if premises_id is not None else None


def without_premises(today: date) -> QuerySet:
    """Placements open today at registrations with several addresses, where it is not said at which."""
    open_now = Placement.objects.on(today).filter(premises=None).exclude(establishment=None)
    many = several(open_now.values("establishment"), today)
    return open_now.filter(establishment__in=list(many))
