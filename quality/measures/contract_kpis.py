"""What a contract is held to of a KPI: its own target and thresholds where it has them, otherwise the lot's."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from typing import Any

from commissioning.partnership.models import LotKpi

from ..models import ContractKpi
from ..rules import kpi_periods

Held = LotKpi | ContractKpi


class OwnTargets:
    """`rows`: contracts' own targets that the viewer reads, by provider, KPI and day."""

    def __init__(self, rows: Sequence[ContractKpi]) -> None:
        self.rows = rows
        self._of: dict[tuple[int, int, str], list[ContractKpi]] = defaultdict(list)
        for row in rows:
            self._of[row.lot_id, row.provider_id, row.kpi.code].append(row)

    def held(self, lot_id: int, provider_id: int, expected: LotKpi, day: date) -> Held:
        """What holds on the day, a period's last. A target of its own holds for every version of the definition that
        is counted in the same unit and has the same good side, and no longer than the contract."""
        for row in self._of.get((lot_id, provider_id, expected.kpi.code), ()):
            same = (row.kpi.unit, row.kpi.good) == (expected.kpi.unit, expected.kpi.good)
            if same and kpi_periods.runs_on(row, day) and kpi_periods.runs_on(row.award, day):
                return row
        return expected


def own_targets(lots: Any = None, *, provider: int | None = None) -> OwnTargets:
    """Of these lots, or of all; of one provider, or of all. One query."""
    rows = ContractKpi.objects.select_related("award", "kpi", "provider")
    if lots is not None:
        rows = rows.filter(lot__in=lots)
    if provider is not None:
        rows = rows.filter(provider=provider)
    return OwnTargets(list(rows.order_by("provider__name", "kpi__name", "starts_on")))
