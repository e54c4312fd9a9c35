"""How the KPIs of a contract stand: the newest return of each, the one before, and which returns are late."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from commissioning.partnership.models import LotKpi
from providers.models import Award

from ..models import AskedBy, ContractKpi, Expected, KpiCheck, KpiReturn, asked_by
from ..rules import kpi_periods
from .contract_kpis import Held, OwnTargets, own_targets
from .kpi_returns import taking_part


@dataclass
class KpiStanding:
    """One KPI that is expected of one provider, by its lot or by its contract alone. `returns` are those for the
    provider as a whole, newest first; `check` is the newest word on the newest of them. `missing`: the return of the
    newest period was due, and has not come."""

    expected: Expected
    award: Award
    held: Held  # what the contract is held to
    returns: list[KpiReturn] = field(default_factory=list)
    check: str = ""
    period: tuple[date, date] | None = None
    due_on: date | None = None
    missing: bool = False

    @property
    def newest(self) -> KpiReturn | None:
        return self.returns[0] if self.returns else None

    @property
    def before(self) -> KpiReturn | None:
        return self.returns[1] if len(self.returns) > 1 else None

    @property
    def own_records(self) -> bool:
        """Worked out by the platform: no return is expected."""
        return bool(self.expected.kpi.formula)

    @property
    def alone(self) -> bool:
        """Agreed with this contract alone."""
        return isinstance(self.expected, ContractKpi)

    @property
    def below(self) -> bool:
        return self.newest is not None and self.newest.rating in ("improvement", "inadequate", "approaching")


def kpi_standings(
    provider_ids: Collection[int], today: date, lot_id: int | None = None
) -> list[KpiStanding]:  # fmt: skip
    """Of every award that is in force today, by lot and KPI, of frameworks in which the viewer takes part: what others
    return is not its to read, and nothing of theirs is late to it. Six queries, whatever the number."""
    awards = Award.objects.in_force_on(today).filter(provider__in=provider_ids).select_related("lot", "provider")
    if lot_id is not None:
        awards = awards.filter(lot=lot_id)
    by_lot: dict[int, list[Award]] = {}
    part = taking_part()
    for award in awards.order_by("provider__name", "lot__number", "pk"):
        if not part(award.framework_id, today, today + timedelta(days=1)):
            continue
        by_lot.setdefault(award.lot_id, []).append(award)
    expected = (
        LotKpi.objects.filter(lot__in=list(by_lot), starts_on__lte=today).exclude(ends_before__lte=today)
        .select_related("kpi").order_by("lot", "kpi__code", "pk")
    )  # fmt: skip
    own = own_targets(list(by_lot))
    asked: list[tuple[Award, Expected]] = [(award, each) for each in expected for award in by_lot[each.lot_id]]
    asked += [
        (award, each) for awards in by_lot.values() for award in awards for each in own.alone_of(award.pk)
        if kpi_periods.runs_on(each, today)
    ]  # fmt: skip
    found = {
        (award.pk, asked_by(each)): _standing(each, award, own, today)
        for award, each in sorted(asked, key=lambda pair: (pair[0].lot_id, pair[1].kpi.code))
    }
    if found:
        _returns(found, provider_ids)
    return list(found.values())


def _standing(expected: Expected, award: Award, own: OwnTargets, today: date) -> KpiStanding:
    """The period is the newest whose return is overdue on the day unless it has come."""
    made = KpiStanding(expected, award, own.held(award.lot_id, award.provider_id, expected, today))
    starts, ends = kpi_periods.last_ended(expected.kpi.period, today - timedelta(days=expected.due_days or 0))
    if starts >= max(award.starts_on, expected.starts_on):  # a period it was to be answered for as a whole
        made.period, made.due_on = (starts, ends), kpi_periods.due_on(ends, expected.due_days or 0)
        made.missing = not made.own_records
    return made


def _returns(found: dict[tuple[int, AskedBy], KpiStanding], provider_ids: Collection[int]) -> None:
    lots, contracts = ({key[of] for _, key in found if key[of] is not None} for of in (0, 1))
    rows = KpiReturn.objects.of_expected(lots, contracts).filter(provider__in=provider_ids, establishment=None)
    newest: dict[int, KpiStanding] = {}
    for row in rows.order_by("-starts_on", "-pk"):
        standing = found.get((row.award_id, row.asked_by))
        if standing is None:
            continue
        if not standing.returns:
            newest[row.pk] = standing
        standing.returns.append(row)
        if standing.period and row.starts_on >= standing.period[0]:
            standing.missing = False
    for check in KpiCheck.objects.filter(kpi_return__in=list(newest)).order_by("checked_at", "pk"):
        standing = newest[check.kpi_return_id]
        if check.return_version == standing.returns[0].version:
            standing.check = check.outcome


def in_words(value: Decimal | None, unit: str) -> str:
    """ "94 per cent", "3.5 days" """
    if value is None:
        return "no figure"
    shown = f"{value:,.2f}".rstrip("0").rstrip(".")
    return f"{shown}%" if unit == "percent" else f"{shown} days" if unit == "days" else shown


def late_by_provider(standings: list[KpiStanding]) -> dict[int, list[Any]]:
    """Provider -> those whose newest period has no return though it was due."""
    found: dict[int, list[Any]] = {}
    for each in standings:
        if each.missing:
            found.setdefault(each.award.provider_id, []).append(each)
    return found
