"""Judgements in the order in which they were given: what stood before each, by establishment and by scale."""

from collections.abc import Iterable
from typing import Any

from django.db.models import QuerySet

from ..models import Inspection


def before_each(inspections: Iterable[Inspection]) -> dict[int, str]:
    """Inspection -> the judgement before it of the same establishment on the same scale. One query.

    Those without one before are left out.
    """
    return _before({row.establishment_id for row in inspections})


def before_in(inspections: QuerySet) -> dict[int, str]:
    """The same for every row of a queryset, without naming each to the database."""
    return _before(inspections.order_by().values("establishment_id"))


def _before(establishments: Any) -> dict[int, str]:
    rows = (
        Inspection.objects.judged().told_once().filter(establishment_id__in=establishments)
        .order_by("establishment_id", "scale", "inspected_on", "event_number")
        .values_list("pk", "establishment_id", "scale", "overall")
    )  # fmt: skip
    found: dict[int, str] = {}
    last: tuple[int, str] | None = None
    overall_before = ""
    for pk, home, scale, overall in rows:
        if last == (home, scale):
            found[pk] = overall_before
        last, overall_before = (home, scale), overall
    return found
