"""A lot's pricing schedule, set as a whole: lines added, changed and removed in one step."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import ProtectedError

from commissioning.kernel.tenancy.policies import check_keys_now
from commissioning.kernel.tenancy.viewer import acting, acting_as, current_viewer

from ..models import Lot, PriceLine
from .leading import ChangedMeanwhile, must_lead

FIELDS = ("position", "code", "name", "unit", "category", "level", "age_from", "age_to", "includes")


def set_price_lines(
    *, lot: Lot, lines: Sequence[Mapping[str, Any]], known: Mapping[UUID, int], by: object, reason: str = ""
) -> list[PriceLine]:
    """The lot's lines become `lines`: mappings of FIELDS, with `uuid` for those that are there already.

    `known` is uuid -> version of every line when the form was opened; where that has changed, ChangedMeanwhile.
    Raises ValidationError for a code used twice, and for removing a line that has rates. Nothing is half done.
    """
    must_lead(lot.framework)
    _check_codes(lines)
    with acting_as(current_viewer(), by=by, reason=reason):
        # Locked, so that of two people saving at once the second is told.
        current = {line.uuid: line for line in PriceLine.objects.select_for_update().filter(lot=lot)}
        if {uuid: line.version for uuid, line in current.items()} != dict(known):
            raise ChangedMeanwhile(lot)
        kept = {line["uuid"]: line for line in lines if line.get("uuid")}
        _remove([line for uuid, line in current.items() if uuid not in kept])
        _change({current[uuid]: line for uuid, line in kept.items() if uuid in current})
        PriceLine.objects.bulk_create(
            PriceLine(framework_id=lot.framework_id, lot=lot, **{name: line[name] for name in FIELDS})
            for line in lines
            if not line.get("uuid")
        )
    return list(PriceLine.objects.filter(lot=lot).order_by("position"))


def _check_codes(lines: Sequence[Mapping[str, Any]]) -> None:
    seen: set[str] = set()
    for line in lines:
        if line["code"] in seen:
            raise ValidationError(f"Two lines have the code {line['code']}. Give each line its own.")
        seen.add(line["code"])


def _remove(lines: list[PriceLine]) -> None:
    for line in lines:
        try:
            with transaction.atomic(using=acting().using):
                line.delete()
                check_keys_now(acting().using)  # so that a refusal can be told in the form
        except (ProtectedError, IntegrityError):
            raise ValidationError(f"{line.name} has rates recorded against it, so it cannot be removed.") from None


def _change(lines: Mapping[PriceLine, Mapping[str, Any]]) -> None:
    codes = {line.code for line in lines}
    for line, wanted in lines.items():
        if wanted["code"] != line.code and wanted["code"] in codes:
            # Two lines exchange codes: the first steps aside.
            PriceLine.objects.filter(pk=line.pk).update(code=f"{line.code} (was)")
    for line, wanted in lines.items():
        changed = {name: wanted[name] for name in FIELDS if getattr(line, name) != wanted[name]}
        if changed:
            PriceLine.objects.filter(pk=line.pk).update(**changed)
