"""Adding a lot to a framework, and changing one."""

from django.core.exceptions import ValidationError

from commissioning.kernel.tenancy.viewer import acting_as, current_viewer

from ..models import Framework, Lot
from .leading import must_lead, save_unchanged


def add_lot(
    *, framework: Framework, by: object, number: str, name: str, service_type: str, call_off_method: str,
    specification: str = "",
) -> Lot:  # fmt: skip
    """Raises ValidationError where the framework has a lot of that number."""
    must_lead(framework)
    _free(framework, number)
    with acting_as(current_viewer(), by=by):
        return Lot.objects.create(
            framework=framework, number=number, name=name, service_type=service_type,
            call_off_method=call_off_method, specification=specification,
        )  # fmt: skip


def change_lot(
    *, lot: Lot, version: int, by: object, number: str, name: str, service_type: str, call_off_method: str,
    specification: str, reason: str = "",
) -> Lot:  # fmt: skip
    """Raises ChangedMeanwhile where `version` is no longer the row's, ValidationError for a number in use."""
    must_lead(lot.framework)
    _free(lot.framework, number, but=lot)
    with acting_as(current_viewer(), by=by, reason=reason):
        return save_unchanged(
            lot, version, number=number, name=name, service_type=service_type,
            call_off_method=call_off_method, specification=specification,
        )  # fmt: skip


def _free(framework: Framework, number: str, but: Lot | None = None) -> None:
    others = framework.lots.filter(number=number)
    if but is not None:
        others = others.exclude(pk=but.pk)
    if other := others.first():
        raise ValidationError({"number": f"{other} has this number. Choose a different one."})
