"""What a contract is held to of a KPI: its own target and thresholds where it has them, otherwise the lot's. And what
is agreed with it alone."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from typing import Any

from django.db.models import Q

from commissioning.partnership.models import Lot, LotKpi

from ..models import ContractKpi, Expected
from ..rules import kpi_periods

Held = Expected


class OwnTargets:
    """`rows`: contracts' own targets that the viewer reads, by provider, KPI and day. `alone`: what single contracts
    return that their lots do not expect."""

    def __init__(self, rows: Sequence[ContractKpi]) -> None:
        self.rows = [row for row in rows if not row.alone]
        self.alone = [row for row in rows if row.alone]
        self._of: dict[tuple[int, int, str], list[ContractKpi]] = defaultdict(list)
        for row in self.rows:
            self._of[row.lot_id, row.provider_id, row.kpi.code].append(row)
        self._alone: dict[int, list[ContractKpi]] = defaultdict(list)
        for row in self.alone:
            self._alone[row.award_id].append(row)

    def held(self, lot_id: int, provider_id: int, expected: Expected, day: date) -> Held:
        """What holds on the day, a period's last. A target of its own holds for every version of the definition that
        is counted in the same unit and has the same good side, and no longer than the contract."""
        if isinstance(expected, ContractKpi):
            return expected
        for row in self._of.get((lot_id, provider_id, expected.kpi.code), ()):
            same = (row.kpi.unit, row.kpi.good) == (expected.kpi.unit, expected.kpi.good)
            if same and kpi_periods.runs_on(row, day) and kpi_periods.runs_on(row.award, day):
                return row
        return expected

    def alone_of(self, award_id: int) -> Sequence[ContractKpi]:
        """What this contract alone returns, whenever: by KPI and day."""
        return self._alone.get(award_id, ())


def own_targets(lots: Any = None, *, provider: int | None = None) -> OwnTargets:
    """Of these lots, or of all; of one provider, or of all. One query."""
    rows = ContractKpi.objects.select_related("award", "kpi", "provider")
    if lots is not None:
        rows = rows.filter(lot__in=lots)
    if provider is not None:
        rows = rows.filter(provider=provider)
    return OwnTargets(list(rows.order_by("provider__name", "kpi__name", "starts_on")))


def asking_lots() -> Any:
    """Lots that expect a KPI, or with a contract that alone returns one."""
    alone = ContractKpi.objects.exclude(due_days=None).values("lot")
    expecting = LotKpi.objects.values("lot")
    return Lot.objects.filter(Q(pk__in=expecting) | Q(pk__in=alone))
