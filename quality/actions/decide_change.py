"""What an authority decides for each of its own placements after a change at a home."""

from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from commissioning.kernel.tenancy.viewer import acting_as, current_viewer
from commissioning.partnership.actions.leading import ChangedMeanwhile, save_unchanged
from contracts.models import Placement

from ..models import Change, ChangeDecision
from ..rules.codes import CHANGE_DECISIONS


@transaction.atomic
def decide_change(
    *, change: Change, placement: Placement, version: int, decision: str, why: str, by: Any, now: datetime
) -> ChangeDecision:
    """The decision that stands; an earlier one stays in history. `version` is that of the decision that was read, 0
    for none. Raises ChangedMeanwhile; ValidationError (by field) without a decision, without a reason for anything but
    staying, and for a placement at another home."""
    if placement.establishment_id != change.establishment_id:
        raise ValidationError("That child does not live at this home.")
    if decision not in CHANGE_DECISIONS:
        raise ValidationError({"decision": "Choose what is decided."})
    why = why.strip()
    if decision != "stay" and not why:
        raise ValidationError({"why": "Say why."})
    facts = {"decision": decision, "why": why}
    stamped = {"decided_by": by if hasattr(by, "uuid") else None, "decided_at": now}
    with acting_as(current_viewer(), by=by, reason=why):
        stands = ChangeDecision.objects.filter(change=change, placement=placement).first()
        if stands is not None:
            return save_unchanged(stands, version, **facts, **stamped)
        try:
            with transaction.atomic():
                return ChangeDecision.objects.create(
                    authority_id=placement.authority_id, change=change, placement=placement, **facts, **stamped
                )
        except IntegrityError:
            raise ChangedMeanwhile(ChangeDecision.objects.get(change=change, placement=placement)) from None
