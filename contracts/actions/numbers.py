"""Numbers by which an authority's own rows are called: 1, 2, 3, within the authority."""

from django.db import connections, models
from django.db.models import Max

from commissioning.kernel.tenancy.viewer import acting


def next_number(model: type[models.Model], authority_id: int) -> int:
    """The next free number. A lock of the transaction's keeps two people from getting the same."""
    lock(model, authority_id)
    highest = model._default_manager.filter(authority=authority_id).aggregate(n=Max("number"))["n"]
    return (highest or 0) + 1


def lock(model: type[models.Model], authority_id: int) -> None:
    """Waits until nobody else numbers rows of this kind for the authority; held until the transaction ends."""
    with connections[acting().using].cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s), %s)", (model._meta.db_table, authority_id))
