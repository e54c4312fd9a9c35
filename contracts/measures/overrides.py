"""The reasons given for what was done although something is suspended: history keeps them with the first writing."""

from collections.abc import Iterable

from django.db import models

from commissioning.kernel.audit.events import events_of


def reasons_of(model: type[models.Model], ids: Iterable[int]) -> dict[int, str]:
    """Row -> the reason written down when it was added. One query; rows without one are left out."""
    found = events_of(model).filter(operation="insert", row_id__in=list(ids)).exclude(reason="")
    return dict(found.values_list("row_id", "reason"))
