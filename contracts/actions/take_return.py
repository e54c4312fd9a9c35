"""A return taken out of the platform, written down with who took it and why."""

from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from commissioning.kernel.tenancy.viewer import acting_as, current_viewer
from commissioning.partnership.models import Authority

from ..measures.returns import LAYOUTS, Value, rows_of
from ..models import ReturnTaken


@transaction.atomic
def take_return(
    *, authority: Authority, layout: str, as_at: date, reason: str, by: Any, today: date
) -> tuple[ReturnTaken, list[dict[str, Value]]]:
    """The record and the rows. ValidationError (by field) without a reason, or for a day after today."""
    problems = {}
    if layout not in LAYOUTS:
        problems["layout"] = "Choose a return."
    if as_at > today:
        problems["as_at"] = "The day is after today: nobody knows yet who will live where."
    if not reason.strip():
        problems["reason"] = "Say what the return is for: it stays on the record."
    if problems:
        raise ValidationError(problems)
    with acting_as(current_viewer(), by=by, reason=reason.strip()):
        rows = rows_of(LAYOUTS[layout], as_at, authority)
        taken = ReturnTaken.objects.create(
            authority=authority, layout=layout, as_at=as_at, taken_by=getattr(by, "name", "") or str(by),
            reason=reason.strip(), rows_given=len(rows),
        )  # fmt: skip
    return taken, rows
