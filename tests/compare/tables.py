"""Random tables of one population, two dimensions and their margins, as a release would show them."""

import random
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from commissioning.compare.rules.audit import system_of
from commissioning.compare.rules.cells import PARTS, Cell, cells_of, mean_of
from commissioning.compare.rules.disclosure import USUAL, rounded_count
from commissioning.compare.rules.figures import judge
from commissioning.compare.rules.suppression import Outcome, withhold
from tests.compare.attacker import Attacker, Shown
from tests.compare.partnership_rows import Row, columns

CUTS = {"whole": (), "service": ("service",), "level": ("level",), "both": ("service", "level")}


def table(seed: int, most: int = 12) -> list[Row]:
    """5 to 12 (or `most`) authorities, 2 to 4 kinds by 2 to 5 levels; some combinations never occur, some are large."""
    chance = random.Random(seed)
    authorities, kinds, levels = chance.randint(5, most), chance.randint(2, 4), chance.randint(2, 5)
    rows = []
    for kind in range(kinds):
        for level in range(levels):
            if chance.random() < 0.15:
                continue
            usual = chance.choice([1, 1, 2, 4, 8, 25])
            for authority in range(authorities):
                for _ in range(min(int(chance.expovariate(1 / usual)), 60)):
                    pounds = 500 + 400 * kind + (0 if chance.random() < 0.3 else chance.randint(0, 300))
                    number = len(rows)
                    rows.append(
                        Row(
                            authority, authority * 100_000 + number, chance.randint(1, 9), pounds * PARTS,
                            {"service": kind, "level": level},
                        )
                    )  # fmt: skip
    return rows


@dataclass
class Released:
    rows: list[Row]
    amounts: Any
    cells: list[Cell]
    outcome: Outcome | None = None

    @property
    def withheld(self) -> list[Cell]:
        return [cell for cell in self.cells if cell.withheld]

    def attacker(self, **more: frozenset[int]) -> Attacker:
        """After every withheld cell, and after groups of other names."""
        shown: list[Shown] = []
        groups: dict[Any, frozenset[int]] = {**more}
        for cell in self.cells:
            members = frozenset(cell.members.tolist())
            if cell.withheld:
                groups[name(cell)] = members
                continue
            n = rounded_count(cell.n)
            mean, least = None, max(n - 2, 8)
            if cell.tells_mean:
                middle = Fraction(mean_of(self.amounts[cell.members], 5))
                mean, least = (middle - Fraction(5, 2), middle + Fraction(5, 2)), max(least, 10)
            shown.append(Shown(members, least, n + 2, mean))
        return Attacker(self.rows, shown, groups)


def name(cell: Cell) -> Any:
    return cell.cut, cell.key


def judged(rows: list[Row]) -> Released:
    """Each cell by the rules of one cell alone."""
    records = columns(rows)
    cells = [cell for cut, dimensions in CUTS.items() for cell in cells_of(records, cut, dimensions)]
    for cell in cells:
        judge(cell, records, 5, USUAL)
    return Released(rows, records.amount, cells)


def released(rows: list[Row]) -> Released:
    found = judged(rows)
    records = columns(rows)
    found.outcome = withhold(records, system_of(records, found.cells), lambda cell: cell.n, USUAL)
    return found
