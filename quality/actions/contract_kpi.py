"""A target of a contract's own: set from a day on, and taken back, by the framework's lead."""

from datetime import date
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from commissioning.kernel import wording
from commissioning.kernel.tenancy.viewer import acting_as, current_viewer
from commissioning.partnership.actions.leading import ChangedMeanwhile, must_lead
from commissioning.partnership.models import Kpi, LotKpi
from providers.models import Award

from ..models import ContractKpi, KpiReturn
from .expect_kpi import check_thresholds


@transaction.atomic
def hold_contract(
    *, award: Award, kpi: Kpi, target: Decimal, approaching: Decimal, improvement: Decimal, starts_on: date, by: Any,
    reason: str,
) -> ContractKpi:  # fmt: skip
    """From `starts_on` this contract is held to these, instead of what its lot expects of the KPI.

    ValidationError for thresholds out of order, a KPI that the lot does not expect then, a day outside the contract, on
    which something later is agreed already, or before periods that have been returned: they stay rated as they were.
    """
    must_lead(award.lot.framework)
    if not reason.strip():
        raise ValidationError({"reason": "Say why this contract differs."})
    check_thresholds(kpi, target, approaching, improvement)
    if starts_on < award.starts_on or (award.ends_before is not None and award.ends_before <= starts_on):
        raise ValidationError({"starts_on": "The provider is not on the lot on that day: choose another."})
    expected = LotKpi.objects.filter(lot=award.lot_id, kpi__code=kpi.code, starts_on__lte=starts_on)
    if not expected.exclude(ends_before__lte=starts_on).exists():
        raise ValidationError({"starts_on": f"The lot does not expect “{kpi.name}” on that day: choose a later one."})
    facts = {"kpi": kpi, "target": target, "approaching": approaching, "improvement": improvement}
    with acting_as(current_viewer(), by=by, reason=reason.strip()):
        for row in ContractKpi.objects.select_for_update().filter(award=award, kpi__code=kpi.code):
            if row.starts_on > starts_on:
                raise ValidationError({"starts_on": f"Something is agreed from {wording.day(row.starts_on)} already: "
                                       "choose that day to replace it, or a later one."})  # fmt: skip
        _not_returned(award.pk, kpi.code, starts_on, "starts_on")
        for row in ContractKpi.objects.filter(award=award, kpi__code=kpi.code):
            if row.starts_on == starts_on:
                ContractKpi.objects.filter(pk=row.pk).update(ends_before=None, **facts)
                return ContractKpi.objects.select_related("kpi", "provider").get(pk=row.pk)
            if row.ends_before is None or row.ends_before > starts_on:
                ContractKpi.objects.filter(pk=row.pk).update(ends_before=starts_on)
        return ContractKpi.objects.create(
            award=award, framework_id=award.framework_id, lot_id=award.lot_id, provider_id=award.provider_id,
            starts_on=starts_on, **facts,
        )  # fmt: skip


@transaction.atomic
def take_back(*, own: ContractKpi, version: int, ends_before: date, by: Any, reason: str) -> ContractKpi:
    """Of periods that end later, what the lot expects holds again. ChangedMeanwhile where somebody else changed it
    first."""
    must_lead(own.award.lot.framework)
    if not reason.strip():
        raise ValidationError({"reason": "Say why it ends."})
    with acting_as(current_viewer(), by=by, reason=reason.strip()):
        row = ContractKpi.objects.select_for_update().get(pk=own.pk)
        if row.version != version:
            raise ChangedMeanwhile(row)
        if ends_before <= row.starts_on:
            raise ValidationError({"ends_before": f"Choose {wording.day(row.starts_on)}, its first day, or later."})
        if row.ends_before is not None and ends_before > row.ends_before:
            raise ValidationError({"ends_before": "It ends before that already."})
        _not_returned(row.award_id, own.kpi.code, ends_before, "ends_before")
        ContractKpi.objects.filter(pk=row.pk).update(ends_before=ends_before)
    return ContractKpi.objects.get(pk=row.pk)


def _not_returned(award: int, code: str, day: date, field: str) -> None:
    """Nothing was returned for a period whose last day is on `day` or later."""
    rows = KpiReturn.objects.filter(award=award, lot_kpi__kpi__code=code, ends_before__gt=day)
    last = rows.order_by("-ends_before").first()
    if last is not None:
        raise ValidationError({field: f"Periods up to {wording.day(last.ends_before)} have been returned and rated by "
                               f"what stands now. Choose {wording.day(last.ends_before)} or later."})  # fmt: skip
