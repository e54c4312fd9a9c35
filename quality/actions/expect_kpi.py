"""What a lot expects of a KPI: set, changed from a day on, and ended, by the framework's lead."""

from datetime import date
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from commissioning.kernel import wording
from commissioning.kernel.tenancy.viewer import acting_as, current_viewer
from commissioning.partnership.actions.leading import ChangedMeanwhile, must_lead
from commissioning.partnership.models import Kpi, Lot, LotKpi

from ..models import ContractKpi, KpiReturn
from ..rules.kpi_ratings import in_order

MOST_DAYS = 366


@transaction.atomic
def expect_kpi(
    *, lot: Lot, kpi: Kpi, target: Decimal, approaching: Decimal, improvement: Decimal, due_days: int, starts_on: date,
    by: Any, reason: str = "",
) -> LotKpi:  # fmt: skip
    """From `starts_on` the lot expects this; what it expected of the same KPI, in whichever version, ends there.

    ValidationError for thresholds out of order, a KPI of other services or retired, one that is agreed with a contract
    alone from then on, a day on which something later is expected already, and one before periods that have been
    returned: what was rated stays rated as it was.
    """
    must_lead(lot.framework)
    check_expectation(lot, kpi, target, approaching, improvement, due_days)
    facts = {"target": target, "approaching": approaching, "improvement": improvement, "due_days": due_days}
    with acting_as(current_viewer(), by=by, reason=reason.strip()):
        hold_lot(lot)
        _not_alone(lot, kpi, starts_on)
        rows = LotKpi.objects.select_for_update().filter(lot=lot, kpi__code=kpi.code).order_by("starts_on")
        for row in rows:
            if row.starts_on > starts_on:
                raise ValidationError({"starts_on": f"Something is expected from {wording.day(row.starts_on)} already: "
                                       "choose that day to replace it, or a later one."})  # fmt: skip
            if row.ends_before is None or row.ends_before > starts_on:
                _not_returned(row, starts_on, "starts_on")
                if row.starts_on == starts_on:
                    LotKpi.objects.filter(pk=row.pk).update(kpi=kpi, ends_before=None, **facts)
                    return LotKpi.objects.get(pk=row.pk)
                LotKpi.objects.filter(pk=row.pk).update(ends_before=starts_on)
        return LotKpi.objects.create(framework_id=lot.framework_id, lot=lot, kpi=kpi, starts_on=starts_on, **facts)


@transaction.atomic
def stop_expecting(*, expected: LotKpi, version: int, ends_before: date, by: Any, reason: str) -> LotKpi:
    """Periods that end later are not asked for. ChangedMeanwhile where somebody else changed it first."""
    must_lead(expected.lot.framework)
    if not reason.strip():
        raise ValidationError({"reason": "Say why it ends."})
    with acting_as(current_viewer(), by=by, reason=reason.strip()):
        row = LotKpi.objects.select_for_update().get(pk=expected.pk)
        if row.version != version:
            raise ChangedMeanwhile(row)
        if ends_before <= row.starts_on:
            raise ValidationError({"ends_before": f"Choose {wording.day(row.starts_on)}, its first day, or later."})
        if row.ends_before is not None and ends_before > row.ends_before:
            raise ValidationError({"ends_before": "It ends before that already."})
        _not_returned(row, ends_before, "ends_before")
        LotKpi.objects.filter(pk=row.pk).update(ends_before=ends_before)
    return LotKpi.objects.get(pk=row.pk)


def hold_lot(lot: Lot) -> None:
    """Of two who change what is asked on a lot, the second waits here: a KPI is asked once, of all or of one."""
    Lot.objects.select_for_update(of=("self",)).get(pk=lot.pk)


def _not_alone(lot: Lot, kpi: Kpi, starts_on: date) -> None:
    rows = ContractKpi.objects.filter(lot=lot, kpi__code=kpi.code).exclude(due_days=None)
    for row in rows.exclude(ends_before__lte=starts_on).select_related("award", "provider"):
        if row.award.ends_before is None or row.award.ends_before > starts_on:
            raise ValidationError({"kpi": f"“{kpi.name}” is agreed with {row.provider.name} alone: end that first, or "
                                   "expect it from a later day."})  # fmt: skip


def check_expectation(
    lot: Lot, kpi: Kpi, target: Decimal, approaching: Decimal, improvement: Decimal, due_days: int
) -> None:  # fmt: skip
    if kpi.retired_on:
        raise ValidationError({"kpi": f"“{kpi.name}” is retired: choose another."})
    if kpi.service_types and lot.service_type not in kpi.service_types:
        raise ValidationError({"kpi": f"“{kpi.name}” is not for {lot.get_service_type_display().lower()}."})
    if not 0 <= due_days <= MOST_DAYS:
        raise ValidationError({"due_days": f"Enter days from 0 to {MOST_DAYS}."})
    check_thresholds(kpi, target, approaching, improvement)


def check_thresholds(kpi: Kpi, target: Decimal, approaching: Decimal, improvement: Decimal) -> None:
    if kpi.unit == "percent" and not all(0 <= each <= 100 for each in (target, approaching, improvement)):
        raise ValidationError({"target": "Per cents are from 0 to 100."})
    if not in_order(kpi.good, target, approaching, improvement):
        more, less = ("highest", "lowest") if kpi.good == "high" else ("lowest", "highest")
        raise ValidationError({"approaching": f"For this KPI {kpi.get_good_display()}: the target is the {more} of the "
                               f"three, and where “Requires improvement” ends the {less}."})  # fmt: skip


def _not_returned(row: LotKpi, day: date, field: str) -> None:
    """Nothing was returned for a period whose last day is on `day` or later."""
    last = KpiReturn.objects.filter(lot_kpi=row, ends_before__gt=day).order_by("-ends_before").first()
    if last is not None:
        raise ValidationError({field: f"Periods up to {wording.day(last.ends_before)} have been returned and rated by "
                               f"what stands now. Choose {wording.day(last.ends_before)} or later."})  # fmt: skip
