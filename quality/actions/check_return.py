"""What the framework's lead says of a return as it stands."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from commissioning.kernel.tenancy.viewer import acting_as, current_viewer
from commissioning.partnership.actions.leading import ChangedMeanwhile, must_lead

from ..models import KpiCheck, KpiReturn
from ..rules import codes


@transaction.atomic
def check_return(
    *, row: KpiReturn, version: int, outcome: str, words: str = "", by: Any, now: datetime
) -> KpiCheck:  # fmt: skip
    """Verified, queried or disputed: the newest one says how the return stands, until the provider sends it again.
    ChangedMeanwhile where it was sent again since it was looked at."""
    must_lead(row.framework)
    if outcome not in codes.KPI_CHECKS:
        raise ValidationError({"outcome": "Choose how it stands."})
    if outcome != "verified" and not words.strip():
        raise ValidationError({"words": "Say what is asked, or what is not accepted: the provider answers it."})
    with acting_as(current_viewer(), by=by):
        now_row = KpiReturn.objects.get(pk=row.pk)
        if now_row.version != version:
            raise ChangedMeanwhile(now_row)
        return KpiCheck.objects.create(
            kpi_return=row, return_version=version, award_id=row.award_id, framework_id=row.framework_id,
            lot_id=row.lot_id, provider_id=row.provider_id, starts_on=row.starts_on, ends_before=row.ends_before,
            outcome=outcome, words=words.strip(), checked_by=by if hasattr(by, "uuid") else None, checked_at=now,
        )  # fmt: skip


@transaction.atomic
def verify_returns(*, rows: Sequence[KpiReturn], by: Any, now: datetime) -> int:
    """Many at once, as they stood when they were read; one that was sent again since is left to be looked at. Returns
    how many were verified."""
    for framework in {row.framework_id: row.framework for row in rows}.values():
        must_lead(framework)
    with acting_as(current_viewer(), by=by):
        stands = dict(KpiReturn.objects.filter(pk__in=[row.pk for row in rows]).values_list("pk", "version"))
        made = [_verified(row, by, now) for row in rows if stands.get(row.pk) == row.version]
        KpiCheck.objects.bulk_create(made, batch_size=1000)
    return len(made)


def _verified(row: KpiReturn, by: Any, now: datetime) -> KpiCheck:
    return KpiCheck(
        kpi_return=row, return_version=row.version, award_id=row.award_id, framework_id=row.framework_id,
        lot_id=row.lot_id, provider_id=row.provider_id, starts_on=row.starts_on, ends_before=row.ends_before,
        outcome="verified", checked_by=by if hasattr(by, "uuid") else None, checked_at=now,
    )  # fmt: skip
