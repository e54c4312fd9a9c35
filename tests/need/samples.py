"""Rows on which the pages of the sufficiency plan are tried (tests/permissions.py)."""

from datetime import date

from commissioning.need.models import Milestone, PlannedAction
from tests.permissions import Sample
from tests.quality.meeting import with_set
from tests.quality.visiting import own


def planned_action(cast):
    """Southwark's, made once, with a milestone."""
    of_set = with_set()
    with own(cast.authority):
        found = PlannedAction.objects.filter(authority=cast.authority).first()
        if found is None:
            found = PlannedAction.objects.create(
                authority=cast.authority, number=1, area="Fostering", words="Recruit carers", statement_set=of_set,
                statements=[1, 7],
            )  # fmt: skip
            Milestone.objects.create(authority=cast.authority, planned_action=found, due_on=date(2026, 3, 1))
        return found


def _action(cast):
    return {"uuid": planned_action(cast).uuid}


def _milestone(cast):
    found = planned_action(cast)
    with own(cast.authority):
        return {"uuid": found.uuid, "milestone": Milestone.objects.get(planned_action=found).uuid}


SAMPLES = {
    "planned-action": Sample(_action, why="every member reads every member's plan"),
    "planned-action-progress": Sample(_action, refused_to="stranger"),
    "planned-action-statements": Sample(_action, refused_to="stranger"),
    "milestone-met": Sample(_milestone, refused_to="stranger"),
}
