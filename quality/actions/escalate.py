"""A step of the ladder with a provider: sent, shared with the other members, and ended."""

from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from commissioning.kernel.tenancy.viewer import acting_as, current_viewer
from commissioning.partnership.actions.leading import save_unchanged
from providers.models import Establishment, Provider

from ..models import Escalation
from ..rules import codes
from ..rules.ladder import WITH_DEADLINE


@transaction.atomic
def escalate(
    *, authority_id: int, provider: Provider, stage: str, reason: str, sent_on: date, by: Any, today: date,
    deadline_on: date | None = None, establishment: Establishment | None = None, share: bool = False,
) -> Escalation:  # fmt: skip
    """The provider reads it from now on; with `share` every member does. ValidationError (by field) for a day to come,
    a notice without a deadline, a deadline that does not follow, a home of another provider, and no reason."""
    if establishment is not None and establishment.provider_id != provider.pk:
        raise ValidationError({"home": "That home is another provider's."})
    if stage not in codes.ESCALATION_STAGES:
        raise ValidationError({"stage": "Choose what was sent."})
    if sent_on > today:
        raise ValidationError({"sent_on": "That day has not come: check the date."})
    if stage in WITH_DEADLINE and deadline_on is None:
        raise ValidationError({"deadline_on": "A default notice has a deadline: enter it."})
    if deadline_on is not None and deadline_on <= sent_on:
        raise ValidationError({"deadline_on": "The deadline comes after the day on which it was sent."})
    if not reason.strip():
        raise ValidationError({"reason": "Say why, without a word about a child."})
    with acting_as(current_viewer(), by=by):
        return Escalation.objects.create(
            authority_id=authority_id, provider=provider, establishment=establishment, stage=stage,
            reason=reason.strip(), sent_on=sent_on, deadline_on=deadline_on, to_provider=True, to_members=share,
        )  # fmt: skip


@transaction.atomic
def share_escalation(*, escalation: Escalation, version: int, by: Any) -> Escalation:
    """Every member reads it from now on. Raises ChangedMeanwhile."""
    with acting_as(current_viewer(), by=by):
        return save_unchanged(escalation, version, to_members=True)


@transaction.atomic
def end_escalation(
    *, escalation: Escalation, version: int, state: str, ended_on: date, why: str, by: Any, today: date
) -> Escalation:
    """Put right, missed, or withdrawn: it stays on the record either way. Raises ChangedMeanwhile; ValidationError (by
    field) for one that has ended, a day to come or before it was sent, and without what happened."""
    if escalation.state != "open":
        raise ValidationError("This step has ended already.")
    if state not in codes.ESCALATION_STATES or state == "open":
        raise ValidationError({"state": "Choose how it ended."})
    if ended_on > today:
        raise ValidationError({"ended_on": "That day has not come: check the date."})
    if ended_on < escalation.sent_on:
        raise ValidationError({"ended_on": "It would end before it was sent: check the date."})
    if not why.strip():
        raise ValidationError({"why": "Say what happened: the provider reads it."})
    with acting_as(current_viewer(), by=by, reason=why.strip()):
        return save_unchanged(escalation, version, state=state, ended_on=ended_on, ended_why=why.strip())
