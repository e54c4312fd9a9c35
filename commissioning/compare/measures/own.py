"""An authority's own figures, live and exact, by the same measures and cells as a release has them."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Any

import numpy as np

from commissioning.kernel.money import round_half_up
from commissioning.kernel.statistics import Spread, spread

from ..models import Contribution
from ..rules.catalogue import CUTS, Measure
from ..rules.cells import PARTS, Cell, Records
from ..rules.figures import IN_HOUSE, WHOLE, cells_by_place, part_of
from .contributions import Window, homes, judge, own_groups, purchases, records_of, voices

Place = tuple[str, tuple[Any, ...], str]  # cut, values, part
TENTH = Decimal("0.1")


@dataclass(frozen=True)
class Own:
    """Of one cell: `n` records; the spread, mean and most usual amount of those known; or a share in per cent."""

    n: int
    children: int
    spread: Spread = field(default_factory=lambda: spread([]))
    mean: Decimal | None = None
    mode: Decimal | None = None
    percent: Decimal | None = None
    weekly: Decimal = Decimal(0)  # pounds a week in all, on the last nights
    amounts: tuple[Decimal, ...] = ()

    @property
    def median(self) -> Decimal | None:
        return self.spread.median


@dataclass
class OwnFigures:
    """Everything that the viewer's authority would contribute on a day. Worked out once, asked often."""

    day: date
    rows: list[Contribution]

    @cached_property
    def records(self) -> dict[str, Records]:
        return records_of(self.rows)

    @cached_property
    def _cells(self) -> dict[str, dict[Place, Cell]]:
        return {name: cells_by_place(name, records) for name, records in self.records.items()}

    def of(self, measure: Measure, cut: str) -> dict[tuple[Any, ...], Own]:
        """Values of the cut's dimensions -> own figures, for every cell that has a record."""
        cells = self._cells.get(measure.population, {})
        if not cells or cut not in CUTS:
            return {}
        records = self.records[measure.population]
        part = part_of(records, measure.part) if measure.kind == "spread" else ""
        found = ((values, cell) for (name, values, of), cell in cells.items() if (name, of) == (cut, part))
        if measure.kind == "spread":
            return {values: _spread(records, cell) for values, cell in found}
        return {values: _share(measure, records, cell, cells) for values, cell in found}


def _spread(records: Records, cell: Cell) -> Own:
    known = cell.members[records.known[cell.members]]
    amounts = [Decimal(int(amount)) / PARTS for amount in records.amount[known]]
    if not amounts:
        return Own(cell.n, _children(cell))
    usual = Counter(amounts).most_common()
    mode = min(amount for amount, times in usual if times == usual[0][1])
    whole = sum(amounts, Decimal(0))
    mean = round_half_up(whole / len(amounts))
    return Own(cell.n, _children(cell), spread(amounts), mean, mode, weekly=whole, amounts=tuple(amounts))


def _share(measure: Measure, records: Records, cell: Cell, cells: dict[Place, Cell]) -> Own:
    """`n` is of what the share is a share of, as a release has it; `children` are those of the part itself."""
    part, whole = measure.part, measure.whole or measure.part
    of: Cell | None = cell
    if measure.counted:
        of = cells.get((cell.cut, cell.key, part_of(records, measure.whole)))
    elif not measure.whole:
        if cell.key[-1] == IN_HOUSE:
            return Own(cell.n, _children(cell))
        of = cells.get((WHOLE, (), "")) if cell.cut == "route" else cells.get(("service", cell.key[:1], ""))
    if of is None:
        return Own(0, 0)
    numerator, denominator = _sum(records, part, cell.members), _sum(records, whole, of.members)
    percent = round_half_up(Decimal(numerator * 100) / denominator, TENTH) if denominator else None
    return Own(of.n, _children(cell), percent=percent)


def _children(cell: Cell) -> int:
    return sum(cell.tally.children.values())


def _sum(records: Records, name: str, members: np.ndarray) -> int:
    return int(records.values[name][members].sum())


def own_prices(day: date) -> OwnFigures:
    """The homes alone, without the regulator's judgements: for the price of a lot, age or level. Six queries."""
    return OwnFigures(day, list(homes(Window.to(day))))


def own_figures(day: date) -> OwnFigures:
    """Of the authority that is looking, for the twelve months to the end of `day`: what it bought and asked for. About
    fifteen queries."""
    rows = list(purchases(day))
    judge(rows)
    return OwnFigures(day, rows)


def own_of(measure: Measure, day: date) -> OwnFigures:
    """What one measure needs: own_figures, or what young people said."""
    if measure.population != "voices":
        return own_figures(day)
    rows = list(voices(day))
    own_groups(rows, day)
    return OwnFigures(day, rows)
