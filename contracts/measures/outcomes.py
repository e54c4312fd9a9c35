"""Reviews of outcomes that are due: six months after an outcome was agreed, and when the home ended."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Exists, OuterRef, Q

from ..models import Outcome, OutcomeReview
from ..rules.reviews import Due, reviews_due

AHEAD = timedelta(days=28)
SHORTEST_HALF_YEAR = timedelta(days=181)  # 1 September to 1 March


@dataclass(frozen=True)
class DueReview:
    outcome: Outcome
    due: Due


def due_of(outcome: Outcome, reviews: Iterable[OutcomeReview], today: date) -> list[Due]:
    """Reviews of one outcome still to be held; its placement is loaded."""
    return reviews_due(
        outcome.agreed_on, held={each.kind for each in reviews}, ended_on=outcome.placement.ends_before,
        planned_end_on=outcome.placement.planned_end_on, dropped_on=outcome.dropped_on, today=today,
    )  # fmt: skip


def due_by(today: date, ahead: timedelta = AHEAD) -> list[DueReview]:
    """Reviews overdue, and due until `ahead` from today, the oldest first. Two queries: the database leaves out what
    cannot be due, the rule decides."""
    horizon = today + ahead
    held = OutcomeReview.objects.filter(outcome=OuterRef("pk"))
    six_month = Q(agreed_on__lte=horizon - SHORTEST_HALF_YEAR) & ~Exists(held.filter(kind="six_month"))
    end = (Q(placement__ends_before__lte=horizon) | Q(placement__planned_end_on__lte=horizon)) & ~Exists(
        held.filter(kind="end")
    )
    rows = (
        Outcome.objects.filter(six_month | end, dropped_on=None)
        .select_related("placement__child", "placement__provider", "placement__pathway_place")
        .prefetch_related("reviews")
    )
    found = [DueReview(row, due) for row in rows for due in due_of(row, row.reviews.all(), today)]
    return sorted((each for each in found if each.due.due_on <= horizon), key=lambda each: each.due.due_on)
