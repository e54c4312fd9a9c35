"""What one contract is held to: a target of its own, or a KPI that its lot does not expect; set from a day on, and
ended, by the framework's lead."""

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
from .expect_kpi import check_expectation, check_thresholds, hold_lot


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
    _check(award, starts_on, reason)
    check_thresholds(kpi, target, approaching, improvement)
    expected = LotKpi.objects.filter(lot=award.lot_id, kpi__code=kpi.code, starts_on__lte=starts_on)
    if not expected.exclude(ends_before__lte=starts_on).exists():
        raise ValidationError({"starts_on": f"The lot does not expect “{kpi.name}” on that day: choose a later one."})
    facts = {"target": target, "approaching": approaching, "improvement": improvement, "due_days": None}
    with acting_as(current_viewer(), by=by, reason=reason.strip()):
        return _from(starts_on, award, kpi, facts | {"ends_before": None})


@transaction.atomic
def agree_alone(
    *, award: Award, kpi: Kpi, target: Decimal, approaching: Decimal, improvement: Decimal, due_days: int,
    starts_on: date, ends_before: date | None = None, by: Any, reason: str,
) -> ContractKpi:  # fmt: skip
    """From `starts_on`, until `ends_before` or the contract's end, this contract alone returns a KPI that its lot does
    not expect.

    ValidationError as of a lot's expectation, for a day outside the contract, on which something later is agreed
    already, or before periods that have been returned, and for a KPI that the lot expects meanwhile.
    """
    must_lead(award.lot.framework)
    _check(award, starts_on, reason)
    check_expectation(award.lot, kpi, target, approaching, improvement, due_days)
    if ends_before is not None and ends_before <= starts_on:
        raise ValidationError({"ends_before": f"Choose {wording.day(starts_on)}, its first day, or later."})
    facts = {"target": target, "approaching": approaching, "improvement": improvement, "due_days": due_days}
    with acting_as(current_viewer(), by=by, reason=reason.strip()):
        hold_lot(award.lot)
        _not_expected(award, kpi, starts_on, min(filter(None, (ends_before, award.ends_before)), default=None))
        return _from(starts_on, award, kpi, facts | {"ends_before": ends_before})


def _check(award: Award, starts_on: date, reason: str) -> None:
    if not reason.strip():
        raise ValidationError({"reason": "Say why this contract differs."})
    if starts_on < award.starts_on or (award.ends_before is not None and award.ends_before <= starts_on):
        raise ValidationError({"starts_on": "The provider is not on the lot on that day: choose another."})


def _not_expected(award: Award, kpi: Kpi, starts_on: date, until: date | None) -> None:
    rows = LotKpi.objects.filter(lot=award.lot_id, kpi__code=kpi.code).exclude(ends_before__lte=starts_on)
    if until is not None:
        rows = rows.filter(starts_on__lt=until)
    first = rows.order_by("starts_on").first()
    if first is None:
        return
    if first.starts_on <= starts_on:
        raise ValidationError(
            {"kpi": f"The lot expects “{kpi.name}” then: set a target of the contract’s own instead."}
        )
    raise ValidationError({"ends_before": f"The lot expects “{kpi.name}” from {wording.day(first.starts_on)}: choose a "
                           "last day before that."})  # fmt: skip


def _from(starts_on: date, award: Award, kpi: Kpi, facts: dict[str, Any]) -> ContractKpi:
    """What was agreed of the KPI until then ends there. `facts` hold `ends_before`."""
    rows = list(ContractKpi.objects.select_for_update().filter(award=award, kpi__code=kpi.code))
    for row in rows:
        if row.starts_on > starts_on and (facts["ends_before"] is None or row.starts_on < facts["ends_before"]):
            raise ValidationError({"starts_on": f"Something is agreed from {wording.day(row.starts_on)} already: "
                                   "choose that day to replace it, or a later one."})  # fmt: skip
    _not_returned(award.pk, kpi.code, starts_on, "starts_on")
    for row in rows:
        if row.starts_on == starts_on:
            ContractKpi.objects.filter(pk=row.pk).update(kpi=kpi, **facts)
            return ContractKpi.objects.select_related("kpi", "provider").get(pk=row.pk)
        if row.ends_before is None or row.ends_before > starts_on:
            ContractKpi.objects.filter(pk=row.pk).update(ends_before=starts_on)
    return ContractKpi.objects.create(
        award=award, framework_id=award.framework_id, lot_id=award.lot_id, provider_id=award.provider_id, kpi=kpi,
        starts_on=starts_on, **facts,
    )  # fmt: skip


@transaction.atomic
def take_back(*, own: ContractKpi, version: int, ends_before: date, by: Any, reason: str) -> ContractKpi:
    """Of periods that end later, what the lot expects holds again; what the contract alone returned is not asked for.
    ChangedMeanwhile where somebody else changed it first."""
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
    rows = KpiReturn.objects.of_kpi(code).filter(award=award, ends_before__gt=day)
    last = rows.order_by("-ends_before").first()
    if last is not None:
        raise ValidationError({field: f"Periods up to {wording.day(last.ends_before)} have been returned and rated by "
                               f"what stands now. Choose {wording.day(last.ends_before)} or later."})  # fmt: skip
