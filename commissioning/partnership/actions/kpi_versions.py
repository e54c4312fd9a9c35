"""A KPI's definition: its first version, the next one, and its retirement. No version is ever changed: what was
returned on it was returned on those words."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.text import slugify

from commissioning.kernel.tenancy.viewer import acting_as, current_viewer

from ..models import Kpi, Statement, StatementSet
from ..rules import codes

LONGEST = 60
WORDS = (
    "name", "why", "how", "numerator", "denominator", "unit", "good", "formula", "period", "service_types", "source",
    "statements",
)  # fmt: skip


@transaction.atomic
def define_kpi(*, by: Any, reason: str, **words: Any) -> Kpi:
    """The first version of a new one. ValidationError where another has its name, or something is not said."""
    code = slugify(words["name"])[:LONGEST]
    if Kpi.objects.filter(code=code).exists():
        raise ValidationError({"name": "There is a KPI of that name. Open it, and make its next version."})
    return _make(code, 1, by, reason, words)


@transaction.atomic
def make_kpi_version(*, kpi: Kpi, by: Any, reason: str, **words: Any) -> Kpi:
    """The version after `kpi`. Lots go on expecting theirs until their lead expects this one. ValidationError where
    another version followed meanwhile, nothing differs, or something is not said."""
    list(Kpi.objects.select_for_update().filter(code=kpi.code))  # nobody else makes one until this is made
    newest = Kpi.objects.filter(code=kpi.code).order_by("-number").first()
    if newest is None or newest.pk != kpi.pk:
        raise ValidationError("Somebody made another version meanwhile. Open the newest one, and change that.")
    if kpi.retired_on:
        raise ValidationError("This KPI is retired: define another one instead.")
    if all(getattr(kpi, name) == words[name] for name in WORDS):
        raise ValidationError("Nothing differs from the version that there is. Change what is to be counted otherwise.")
    return _make(kpi.code, kpi.number + 1, by, reason, words)


@transaction.atomic
def retire_kpi(*, kpi: Kpi, by: Any, reason: str, today: date) -> Kpi:
    """No lot can begin to expect it. Those that do go on until their lead ends it."""
    if not reason.strip():
        raise ValidationError({"reason": "Say why it is retired."})
    with acting_as(current_viewer(), by=by, reason=reason.strip()):
        if not Kpi.objects.filter(code=kpi.code, retired_on=None).update(retired_on=today):
            raise ValidationError("It is retired already.")
    kpi.retired_on = today
    return kpi


def _make(code: str, number: int, by: Any, reason: str, words: dict[str, Any]) -> Kpi:
    if not reason.strip():
        raise ValidationError({"reason": "Say why it is defined so."})
    for name, says in (("name", "Enter its name."), ("numerator", "Say what is counted.")):
        if not words[name].strip():
            raise ValidationError({name: says})
    if words["unit"] == "percent" and not words["denominator"].strip():
        raise ValidationError({"denominator": "A per cent is of something: say of what."})
    if words["formula"] and words["formula"] not in codes.KPI_FORMULAS:
        raise ValidationError({"formula": "Choose one of the list."})
    served = _served(words["statements"])
    with acting_as(current_viewer(), by=by, reason=reason.strip()):
        try:
            with transaction.atomic():
                return Kpi.objects.create(
                    code=code, number=number, statement_set=served, **{name: words[name] for name in WORDS}
                )
        except IntegrityError:
            raise ValidationError({"name": "Somebody defined it meanwhile. Open that one."}) from None


def _served(numbers: Sequence[int]) -> StatementSet | None:
    if not numbers:
        return None
    served = StatementSet.objects.in_use().order_by("pk").first()
    known = set(Statement.objects.filter(statement_set=served).values_list("number", flat=True))
    if strange := sorted(set(numbers) - known):
        raise ValidationError({"statements": f"There is no I statement {strange[0]}."})
    return served
