"""A placement put right, and how it ended told afterwards: never its route, which is a fact of the call-off day."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from commissioning.kernel.tenancy.viewer import acting_as, current_viewer
from commissioning.partnership.actions.leading import ChangedMeanwhile, save_unchanged
from providers.models import Establishment, Premises

from ..models import Placement
from .call_off import refuse_suspended
from .placements import end_placement, must_be_there
from .presence import tell_presence


@transaction.atomic
def change_placement(
    *,
    placement: Placement,
    version: int,
    by: Any,
    today: date,
    reference: str = "",
    level: str = "",
    solo: bool | None = None,
    registration: str = "unknown",
    planned_end_on: date | None = None,
    establishment: Establishment | None = None,
    premises: Premises | None = None,
    reason: str = "",
) -> Placement:
    """Raises ChangedMeanwhile where `version` is no longer the row's. ValidationError (by field) for a planned end
    before the start, a home of another provider, premises of another home, a reference that another has, or a home
    put in afterwards that was suspended when the placement was agreed, without a reason, which history keeps."""
    if planned_end_on is not None and planned_end_on <= placement.starts_on:
        raise ValidationError({"planned_end_on": "The planned end comes after the first night."})
    if establishment is not None and placement.provider_id and establishment.provider_id != placement.provider_id:
        raise ValidationError({"establishment": "That home is another provider's."})
    same = Placement.objects.filter(reference=reference).exclude(pk=placement.pk) if reference else None
    if same is not None and same.exists():
        raise ValidationError({"reference": f"{same.first()} has that reference already."})
    must_be_there(premises, establishment)
    moved = establishment is not None and establishment.pk != placement.establishment_id
    if moved and placement.route != "in_house" and not reason.strip():
        try:
            refuse_suspended(
                placement.called_off_on, placement.authority_id, provider=None, establishment=establishment,
                award=placement.award,
            )  # fmt: skip
        except ValidationError as refused:
            raise ValidationError({"reason": refused.messages}) from refused
    homes = [placement.establishment_id, establishment and establishment.pk]
    with acting_as(current_viewer(), by=by, reason=reason):
        saved = save_unchanged(
            placement, version, reference=reference, level=level, solo=solo, registration=registration,
            planned_end_on=planned_end_on, establishment=establishment, premises=premises,
        )  # fmt: skip
        tell_presence(authority_id=placement.authority_id, today=today, establishments=homes)
        return saved


@transaction.atomic
def set_premises(*, chosen: Sequence[tuple[Placement, int, Premises]], by: Any, today: date) -> int:
    """The premises of several placements at once: (placement, the version that was read, premises). Returns how many
    changed. Raises ChangedMeanwhile; ValidationError for premises of another registration: then nothing is saved."""
    changed = 0
    with acting_as(current_viewer(), by=by):
        for placement, version, premises in chosen:
            must_be_there(premises, placement.establishment)
            changed += placement.premises_id != premises.pk
            save_unchanged(placement, version, premises=premises)
        for authority_id in {placement.authority_id for placement, _, _ in chosen}:
            homes = [placement.establishment_id for placement, _, _ in chosen]
            tell_presence(authority_id=authority_id, today=today, establishments=homes)
    return changed


@transaction.atomic
def end_as_read(*, placement: Placement, version: int, **facts: Any) -> Placement:
    """end_placement, provided the row still has the version that was read. Raises ChangedMeanwhile."""
    same = Placement.objects.select_for_update(of=("self",)).filter(pk=placement.pk, version=version).first()
    if same is None:
        raise ChangedMeanwhile(Placement.objects.get(pk=placement.pk))
    return end_placement(placement=same, **facts)


@transaction.atomic
def tell_end(
    *,
    placement: Placement,
    version: int,
    by: Any,
    end_reason: str,
    ended_by: str,
    ended_as_planned: bool,
    destination: str,
    notice_given_on: date | None = None,
) -> Placement:
    """How a placement that is over ended; its last night stays. Raises ChangedMeanwhile; ValidationError where the
    placement is still open, or notice was given after it ended."""
    if placement.ends_before is None:
        raise ValidationError("This placement has not ended: end it first.")
    if notice_given_on is not None and notice_given_on > placement.ends_before:
        raise ValidationError({"notice_given_on": "Notice is given before the placement ends."})
    with acting_as(current_viewer(), by=by):
        return save_unchanged(
            placement, version, end_reason=end_reason, ended_by=ended_by, ended_as_planned=ended_as_planned,
            destination=destination, notice_given_on=notice_given_on,
        )  # fmt: skip
