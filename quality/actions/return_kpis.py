"""What a provider returns of a lot's KPIs for a period, and sends again when it was queried or disputed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction

from commissioning.kernel import wording
from commissioning.kernel.tenancy.viewer import acting_as, current_viewer
from providers.models import Award, Establishment

from ..measures.contract_kpis import Held, own_targets
from ..measures.kpi_returns import newest_checks, ratings_before
from ..models import AskedBy, ContractKpi, Expected, KpiReturn, asked_by
from ..rules import kpi_periods
from ..rules.kpi_ratings import problem_of, rating_of, value_of
from ..rules.kpi_standing import state_of, words_asked

ONE_DAY = timedelta(days=1)
Key = tuple[AskedBy, int | None]  # what asks for it, the establishment


@dataclass(frozen=True)
class Entry:
    """`name` says which part of a form is at fault: it is put before "numerator", "denominator" and "narrative"."""

    expected: Expected
    establishment: Establishment | None
    numerator: Decimal | None
    denominator: Decimal | None
    narrative: str = ""
    name: str = ""


def figures_of(
    expected: Expected, held: Held, numerator: Decimal | None, denominator: Decimal | None
) -> dict[str, Any]:  # fmt: skip
    """The columns of a return that follow from what was entered. `held`: what the contract is held to."""
    kpi = expected.kpi
    divided = bool(kpi.denominator)
    value = value_of(kpi.unit, numerator, denominator, good=kpi.good, divided=divided)
    return {
        "numerator": numerator if divided else None,
        "denominator": denominator if divided else None,
        "value": value,
        "rating": rating_of(
            value, good=kpi.good, target=held.target, approaching=held.approaching, improvement=held.improvement,
        ),
    }  # fmt: skip


@transaction.atomic
def return_kpis(
    *, award: Award, ends_before: date, entries: Sequence[Entry], by: Any, now: datetime, today: date
) -> list[KpiReturn]:
    """Writes what is new or differs, of periods that end before that day: quarters, half years and years alike. What is
    as it was stays untouched, with its checks. All of it or nothing.

    PermissionDenied for anybody but the provider. ValidationError, by the names of the entries, for a period that is
    not over or not of the KPI, figures that cannot be, and where words are asked for: the rating is another than the
    period before, or the figure was queried or disputed.
    """
    viewer = current_viewer()
    if viewer.kind != "provider" or viewer.provider_id != award.provider_id:
        raise PermissionDenied("A provider returns its own figures.")
    with acting_as(viewer, by=by):
        known = _known(award, ends_before)
        checks = newest_checks(row.pk for row in known.values())
        rated = ratings_before(award.provider_id, [each.expected for each in entries], ends_before)
        own = own_targets([award.lot_id], provider=award.provider_id)
        problems: dict[str, Any] = {}
        written = []
        for entry in entries:
            row = known.get((asked_by(entry.expected), entry.establishment.pk if entry.establishment else None))
            if row is None and entry.numerator is None and entry.denominator is None and not entry.narrative.strip():
                continue  # not returned yet
            held = own.held(award.lot_id, award.provider_id, entry.expected, ends_before - ONE_DAY)
            said = _write(award, ends_before, entry, held, row, checks, rated, by, now, today)
            if isinstance(said, dict):
                problems |= said
            elif said is not None:
                written.append(said)
        if problems:
            raise ValidationError(problems)
    return written


def _known(award: Award, ends_before: date) -> dict[Key, KpiReturn]:
    rows = KpiReturn.objects.select_for_update().filter(award=award, ends_before=ends_before)
    return {(row.asked_by, row.establishment_id): row for row in rows}


def _write(
    award: Award, ends_before: date, entry: Entry, held: Held, row: KpiReturn | None, checks: Any, rated: Any,
    by: Any, now: datetime, today: date,
) -> KpiReturn | dict[str, str] | None:  # fmt: skip
    expected = entry.expected
    kpi = expected.kpi
    starts_on = kpi_periods.period_of(kpi.period, ends_before - ONE_DAY)[0]
    if says := not_asked(award, expected, starts_on, ends_before, today):
        return {f"{entry.name}numerator": f"{kpi.name}: {says}"}
    if entry.establishment and entry.establishment.provider_id != award.provider_id:
        return {f"{entry.name}numerator": f"{kpi.name}: that home is not one of yours."}
    if found := problem_of(kpi.unit, entry.numerator, entry.denominator, divided=bool(kpi.denominator)):
        return {f"{entry.name}{found[0]}": f"{kpi.name}: {found[1]}."}
    narrative = entry.narrative.strip()
    facts = figures_of(expected, held, entry.numerator, entry.denominator) | {"narrative": narrative}
    if row is not None and all(getattr(row, name) == value for name, value in facts.items()):
        return None
    if not narrative and (says := _asks(kpi.code, entry, row, checks, rated, facts["rating"])):
        return {f"{entry.name}narrative": f"{kpi.name}: {says}"}
    who = by if hasattr(by, "uuid") else None
    if row is None:
        return KpiReturn.objects.create(
            award=award, framework_id=award.framework_id, lot_id=award.lot_id, provider_id=award.provider_id,
            establishment=entry.establishment, starts_on=starts_on, ends_before=ends_before, sent_at=now, sent_by=who,
            **asking(expected), **facts,
        )  # fmt: skip
    whence = {"source_import": None, "source_sheet": "", "source_row": None}
    KpiReturn.objects.filter(pk=row.pk).update(sent_by=who, **whence, **facts)  # `sent_at` is when it first came
    return KpiReturn.objects.get(pk=row.pk)


def asking(expected: Expected) -> dict[str, int | None]:
    """The columns of a return that say what asks for it."""
    return dict(zip(("lot_kpi_id", "contract_kpi_id"), asked_by(expected), strict=True))


def not_asked(award: Award, expected: Expected, starts_on: date, ends_before: date, today: date) -> str:
    """Why nothing is returned for that period; "" where something is. What runs on its last day is asked for."""
    last = ends_before - ONE_DAY
    if not kpi_periods.is_period(expected.kpi.period, starts_on, ends_before):
        return f"no period of it runs from {wording.day(starts_on)} to {wording.day(last)}."
    if today < ends_before:
        return f"the period is not over before {wording.day(ends_before)}."
    if expected.kpi.formula:
        return "it is worked out from the authorities’ own records, and not returned."
    if isinstance(expected, ContractKpi) and (expected.award_id != award.pk or not kpi_periods.runs_on(expected, last)):
        return "it is not agreed with this contract for this period."
    if expected.lot_id != award.lot_id or not kpi_periods.runs_on(expected, last):
        return "the lot does not expect it for this period."
    return "" if kpi_periods.runs_on(award, last) else "the provider was not on the lot then."


def _asks(code: str, entry: Entry, row: KpiReturn | None, checks: Any, rated: Any, rating: str) -> str:
    state = state_of(row.version, checks.get(row.pk)) if row is not None else ""
    return words_asked(rated.get((code, entry.establishment.pk if entry.establishment else None)), rating, state)
