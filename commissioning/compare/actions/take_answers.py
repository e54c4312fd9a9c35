"""Answers to a freedom of information request taken out of the platform, written down as a return is."""

from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from commissioning.kernel.periods import FinancialYear
from commissioning.kernel.tenancy.viewer import acting_as, current_viewer
from commissioning.partnership.models import Authority
from contracts.models import ReturnTaken

from ..measures.foi import Answers, foi

LAYOUT = "Freedom of information answers"
NAMED = f"{LAYOUT}, providers named"


@transaction.atomic
def take_answers(
    *, authority: Authority, year: FinancialYear, named: bool, reason: str, by: Any, today: date
) -> tuple[ReturnTaken, Answers]:
    """The record and the answers. ValidationError (by field) without a reason, or for a year that has not begun."""
    problems = {}
    if year.starts_on > today:
        problems["year"] = "The year has not begun."
    if not reason.strip():
        problems["reason"] = "Say which request it answers: it stays on the record."
    if problems:
        raise ValidationError(problems)
    with acting_as(current_viewer(), by=by, reason=reason.strip()):
        answers = foi(year, today, named=named)
        taken = ReturnTaken.objects.create(
            authority=authority, layout=NAMED if named else LAYOUT, as_at=answers.last_day,
            taken_by=getattr(by, "name", "") or str(by), reason=reason.strip(),
            rows_given=sum(len(answer.lines) + 1 for answer in answers.answers.values()),
        )  # fmt: skip
    return taken, answers
