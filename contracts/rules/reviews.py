"""When an outcome sought for a child is reviewed: six months after it was agreed, and when the home ends."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from commissioning.partnership.rules.terms import add_months

SIX_MONTHS = 6


@dataclass(frozen=True)
class Due:
    """A review that has not been held: its kind (codes.REVIEW_KINDS) and its day."""

    kind: str
    due_on: date

    def overdue(self, today: date) -> bool:
        return self.due_on < today


def reviews_due(
    agreed_on: date,
    *,
    held: Collection[str],
    ended_on: date | None = None,
    planned_end_on: date | None = None,
    dropped_on: date | None = None,
    today: date,
) -> list[Due]:
    """Reviews still to be held, the first one first.

    `held` names the kinds of review already held, `ended_on` is the day the child left. A home that ended within six
    months has the review at the end alone, and once that is held nothing earlier is asked for. A planned end that
    passed while the home goes on asks for nothing until it ends. An outcome that was dropped asks for nothing.
    """
    if dropped_on is not None or ("end" in held and ended_on is not None):
        return []
    due = []
    half_year = add_months(agreed_on, SIX_MONTHS)
    if "six_month" not in held and (ended_on is None or half_year < ended_on):
        due.append(Due("six_month", half_year))
    coming = planned_end_on if planned_end_on is not None and planned_end_on >= today else None
    end = ended_on or coming
    if "end" not in held and end is not None:
        due.append(Due("end", end))
    return sorted(due, key=lambda each: each.due_on)
