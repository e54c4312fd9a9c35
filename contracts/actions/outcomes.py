"""Outcomes for the child: how far each has come, reviewed at six months and at the end."""

from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from ..models import Outcome, OutcomeReview
from ..rules import codes


@transaction.atomic
def review_outcome(
    *,
    outcome: Outcome,
    kind: str,
    reviewed_on: date,
    now: int,
    evidence: str,
    reviewer: str,
    by: Any,
    today: date,
    child_view: str = "",
) -> OutcomeReview:
    """A review of one outcome; `child_view` is what the child says, in their own words.

    ValidationError (by field) for a day after today or before the outcome was agreed, a figure off the scale of 1 to 5,
    a second six-month or final review, or no evidence or reviewer.
    """
    Outcome.objects.select_for_update().get(pk=outcome.pk)  # two reviewers at once: the second sees the first's review
    problems = {}
    if reviewed_on > today:
        problems["reviewed_on"] = "A review cannot have been held after today."
    elif reviewed_on < outcome.agreed_on:
        problems["reviewed_on"] = f"The outcome was agreed on {outcome.agreed_on:%-d %B %Y}: a review comes after."
    if now not in codes.PROGRESS:
        problems["now"] = "Choose where things stand now, from 1 to 5."
    if not evidence.strip():
        problems["evidence"] = "Say what shows it."
    if not reviewer.strip():
        problems["reviewer"] = "Say who reviewed it."
    held = OutcomeReview.objects.filter(outcome=outcome, kind=kind).first() if kind != "other" else None
    if held is not None:
        problems["kind"] = (
            f"{codes.REVIEW_KINDS[kind]} was held on {held.reviewed_on:%-d %B %Y} by {held.reviewer} and found "
            f"“{held.get_now_display()}”. Record yours as another review."
        )
    if problems:
        raise ValidationError(problems)
    return OutcomeReview.objects.create(
        authority_id=outcome.authority_id, placement_id=outcome.placement_id, outcome=outcome, kind=kind,
        reviewed_on=reviewed_on, now=now, evidence=evidence.strip(), child_view=child_view.strip(),
        reviewer=reviewer.strip(),
    )  # fmt: skip
