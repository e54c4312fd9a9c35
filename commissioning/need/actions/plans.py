"""What became of a planned action: how far it is, which statements it serves, and when a milestone was met."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction

from commissioning.kernel.tenancy.viewer import acting_as, current_viewer
from commissioning.partnership.actions.leading import save_unchanged
from commissioning.partnership.models import Statement, StatementSet

from ..models import Milestone, PlannedAction
from ..rules import codes


def _must_own(row: PlannedAction | Milestone) -> None:
    viewer = current_viewer()
    if viewer.kind != "authority" or viewer.authority_id != row.authority_id:
        raise PermissionDenied("Only the authority whose plan it is changes it.")


@transaction.atomic
def tell_progress(*, action: PlannedAction, version: int, state: str, progress: str, by: Any) -> PlannedAction:
    """Raises ChangedMeanwhile; ValidationError (by field) for a state there is not, and one that is dropped without a
    word of why."""
    _must_own(action)
    if state not in codes.PLAN_STATES:
        raise ValidationError({"state": "Choose how far it is."})
    if state == "dropped" and not progress.strip():
        raise ValidationError({"progress": "Say why it is dropped."})
    with acting_as(current_viewer(), by=by):
        return save_unchanged(action, version, state=state, progress=progress.strip())


@transaction.atomic
def link_statements(
    *, action: PlannedAction, version: int, statement_set: StatementSet | None, numbers: Sequence[int], by: Any
) -> PlannedAction:
    """Which statements the action serves. Raises ChangedMeanwhile; ValidationError for a number of no statement."""
    _must_own(action)
    chosen = sorted(set(numbers))
    known = set()
    if statement_set is not None:
        known = set(Statement.objects.filter(statement_set=statement_set).values_list("number", flat=True))
    if not set(chosen) <= known:
        raise ValidationError({"statements": "Choose statements of the set."})
    with acting_as(current_viewer(), by=by):
        return save_unchanged(action, version, statements=chosen, statement_set=statement_set if chosen else None)


@transaction.atomic
def meet_milestone(
    *, milestone: Milestone, version: int, met_on: date | None, by: Any, today: date
) -> Milestone:  # fmt: skip
    """When it was met; without a day it is not met after all. Raises ChangedMeanwhile; ValidationError for a day to
    come."""
    _must_own(milestone)
    if met_on is not None and met_on > today:
        raise ValidationError({"met_on": "That day has not come: enter the day on which it was met."})
    with acting_as(current_viewer(), by=by):
        return save_unchanged(milestone, version, met_on=met_on)
