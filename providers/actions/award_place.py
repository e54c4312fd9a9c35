"""A provider's place on a lot: awarded, changed, and ended with a reason."""

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID, uuid4

from django.core.exceptions import ValidationError
from django.db import transaction

from commissioning.partnership.models import Lot

from ..models import Award, Provider, Rate


@transaction.atomic
def award_place(
    *,
    lot: Lot,
    provider: Provider,
    starts_on: date,
    by: Any,
    ends_before: date | None = None,
    tier: int | None = None,
    rank: int | None = None,
    reason: str = "",
    uuid: UUID | None = None,
    source: Mapping[str, Any] | None = None,
) -> Award:
    """Gives the provider a place; raises ValidationError where it has one on those days, or the framework had none.
    `uuid` is the place's public id where another installation has given it one; `source`, the import, sheet and row."""
    if starts_on < lot.framework.starts_on:
        raise ValidationError(
            f"The framework begins on {lot.framework.starts_on:%-d %B %Y}: a place cannot begin before."
        )
    held = Award.objects.filter(lot=lot, provider=provider).exclude(ends_before__lte=starts_on)
    if ends_before is not None:
        held = held.filter(starts_on__lt=ends_before)
    if held.exists():
        raise ValidationError(f"{provider} has a place on this lot on those days already.")
    return Award.objects.create(
        framework_id=lot.framework_id, lot=lot, provider=provider, tier=tier, rank=rank, starts_on=starts_on,
        ends_before=ends_before, admission_reason=reason, uuid=uuid or uuid4(), **(source or {}),
    )  # fmt: skip


@transaction.atomic
def end_place(*, award: Award, ends_before: date, reason: str, by: Any) -> Award:
    """Ends a place and its rates on the day; raises ValidationError without a reason or where it had not begun."""
    if not reason.strip():
        raise ValidationError("Say why the place ends: it stays on the record.")
    if ends_before <= award.starts_on:
        raise ValidationError("A place cannot end before it begins.")
    award.ends_before, award.removal_reason = ends_before, reason.strip()
    award.save(update_fields=["ends_before", "removal_reason"])
    running = Rate.objects.filter(award=award, starts_on__lt=ends_before)
    running.exclude(ends_before__lte=ends_before).update(ends_before=ends_before)
    return award
