"""How often an authority monitors one kind of home, where that differs from the usual."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from commissioning.kernel.tenancy.viewer import acting_as, current_viewer

from ..models import MonitoringRule
from ..rules.codes import VISIT_KINDS
from ..rules.intervals import LONGEST, NOT_ASKED, USUAL


@transaction.atomic
def set_intervals(*, authority_id: int, service_type: str, days: dict[str, int | None], by: Any) -> None:
    """{kind: days, None for the usual}. ValidationError (by kind) for no whole number of days, or over three years."""
    if service_type not in USUAL | NOT_ASKED:
        raise ValidationError("That is no kind of home.")
    wrong = {
        kind: f"Enter days from 1 to {LONGEST}, or leave it empty."
        for kind, number in days.items()
        if kind not in VISIT_KINDS or (number is not None and not 1 <= number <= LONGEST)
    }
    if wrong:
        raise ValidationError(wrong)
    with acting_as(current_viewer(), by=by):
        for kind, number in days.items():
            usual = USUAL.get(service_type, {}).get(kind)
            if number is None or (usual is not None and usual.days == number):
                MonitoringRule.objects.filter(authority=authority_id, service_type=service_type, kind=kind).delete()
                continue
            MonitoringRule.objects.update_or_create(
                authority_id=authority_id, service_type=service_type, kind=kind, defaults={"every_days": number}
            )
