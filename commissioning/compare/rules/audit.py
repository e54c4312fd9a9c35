"""What anybody can tell of a withheld figure: the least and the most that it can be, by linear programming.

An attacker knows every count that is shown (within its rounding, and by which of its figures are shown), every mean
(within its rounding), which combinations never occur together, and the rows of the authorities he works for. A cell
that is not shown may be withheld or empty: nothing tells which. He may know what a home costs where every home of its
kind costs the same: a rate card is no secret to those who buy from it.

Cells are made of atoms: records that lie in the same cells. A world is a number of records for each atom and what they
come to; it is possible if everything shown would have been shown of it. Counts bound sums of numbers, and a mean ties
the sum of amounts to the number, so the possible worlds make one system of linear inequalities. Attackers differ in
their own rows alone: in the least that each atom holds. Withholding never makes another cell less safe.
"""

from collections.abc import Callable, Collection, Hashable, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from typing import Any

import highspy
import numpy as np

from .cells import PARTS, Cell, Records, mean_of
from .disclosure import Thresholds, half_width, rounded_count

HAIR = 1 / 10**6  # what the solver's arithmetic may be out by
INFINITY = highspy.kHighsInf
PRIMAL = 4  # the simplex for questions of which only the objective changes
PLENTY = 4  # a world holds at most so many times what the true one does: no figure is that wide of the mark


class Contradiction(Exception):
    """The solver finds no world at all, though the true one is there: its arithmetic failed."""


@dataclass
class System:
    """Cells over atoms. `member[cell, atom]` is 0 or 1; `held[authority, atom]` how many records each has there and
    `sums` what they come to; `price` of each atom: what each of its records costs, where all cost the same."""

    cells: list[Cell]
    member: np.ndarray
    held: np.ndarray
    sums: np.ndarray
    known: np.ndarray
    price: np.ndarray
    authorities: list[int]
    atom_of: np.ndarray  # of each record
    total: np.ndarray = field(init=False)
    total_sums: np.ndarray = field(init=False)
    rows: list[np.ndarray] = field(init=False)  # atoms of each cell

    def __post_init__(self) -> None:
        self.total, self.total_sums = self.held.sum(axis=0), self.sums.sum(axis=0)
        self.rows = [np.flatnonzero(row) for row in self.member]

    @property
    def atoms(self) -> int:
        return len(self.total)

    def known_to(self, viewers: Iterable[int]) -> tuple[np.ndarray, np.ndarray]:
        """How many records of each atom these authorities (places in `authorities`) hold, and what they come to."""
        chosen = list(viewers)
        return self.held[chosen].sum(axis=0), self.sums[chosen].sum(axis=0)


def system_of(records: Records, cells: Sequence[Cell]) -> System:
    layers: dict[tuple[str, int | None, str], np.ndarray] = {}
    for place, cell in enumerate(cells):
        layer = layers.setdefault((cell.cut, cell.group, cell.part), np.full(len(records), -1, dtype=np.int64))
        layer[cell.members] = place
    known = np.asarray(records.known, dtype=np.int64)
    kinds, atom_of = np.unique(np.stack([known, *layers.values()]), axis=1, return_inverse=True)
    atom_of = np.asarray(atom_of).reshape(-1)
    atoms = kinds.shape[1]
    member = np.zeros((len(cells), atoms), dtype=np.int8)
    for kind in kinds[1:]:
        inside = np.flatnonzero(kind >= 0)
        member[kind[inside], inside] = 1
    authorities, whose = np.unique(records.authority, return_inverse=True)
    held, sums = (np.zeros((len(authorities), atoms), dtype=np.int64) for _ in range(2))
    np.add.at(held, (whose, atom_of), 1)
    amounts = np.where(records.known, records.amount, 0)
    np.add.at(sums, (whose, atom_of), amounts)
    lowest, highest = np.full(atoms, np.iinfo(np.int64).max), np.full(atoms, np.iinfo(np.int64).min)
    np.minimum.at(lowest, atom_of, amounts)
    np.maximum.at(highest, atom_of, amounts)
    alike = (lowest == highest) & (held.sum(axis=0) > 1) & (lowest > 0)
    return System(
        list(cells), member, held, sums, kinds[0] == 1, np.where(alike, lowest, 0), authorities.tolist(), atom_of
    )


def attackers_of(system: System, rules: Thresholds) -> list[tuple[int, ...]]:
    """Every set of as many authorities as may compare notes, then the smaller sets, then nobody: what one set cannot
    rule out, none of its subsets can."""
    sizes = range(min(rules.viewers, len(system.authorities)), -1, -1)
    return [viewers for size in sizes for viewers in combinations(range(len(system.authorities)), size)]


def count_band(cell: Cell, rules: Thresholds) -> tuple[int, int]:
    """What a shown count tells of the true one: its rounding, and which figures stand beside it, as each needs so many
    children. (A home is one child's, so homes are at least as many as children.)"""
    shown, spare = rounded_count(cell.n, rules), half_width(rules)
    least, most = shown - spare, shown + spare
    for needed in (rules.hidden_up_to + 1, rules.mean_from, rules.quartiles_from, rules.tails_from):
        if cell.tally.n >= needed:
            least = max(least, needed)
        elif cell.n < needed:
            most = min(most, needed - 1)
    return least, most


def mean_band(cell: Cell, records: Records) -> tuple[int, int]:
    """Least and most that the mean of a cell can be, by its rounding, in ten-thousandths."""
    known = cell.members[records.known[cell.members]]
    shown = int(mean_of(records.amount[known], cell.unit))
    return (2 * shown - cell.unit) * PARTS // 2, (2 * shown + cell.unit) * PARTS // 2


class Programme:
    """A linear programme whose rows are what is shown: least and most of sums of columns. What is withheld later frees
    its rows. The last basis is kept, so that the next question is answered quickly."""

    def __init__(self, columns: int) -> None:
        self.columns = columns
        self.about: list[Hashable] = []  # what each row is there for
        self._indices: list[np.ndarray] = []
        self._values: list[np.ndarray] = []
        self._lower: list[Any] = []
        self._upper: list[Any] = []
        self._every = np.arange(columns, dtype=np.int32)
        self.tight: set[Hashable] = set()

    def row(self, index: Any, values: Any, lower: Any, upper: Any, about: Hashable) -> None:
        self._indices.append(np.asarray(index, dtype=np.int32))
        self._values.append(np.asarray(values) * 1)
        self._lower.append(lower)
        self._upper.append(upper)
        self.about.append(about)

    def load(self) -> None:
        lp = highspy.HighsLp()
        lp.num_col_, lp.num_row_ = self.columns, len(self.about)
        lp.col_cost_ = np.zeros(self.columns)
        lp.col_lower_, lp.col_upper_ = np.zeros(self.columns), np.full(self.columns, INFINITY)
        lp.row_lower_, lp.row_upper_ = np.array(self._lower) * 1, np.array(self._upper) * 1
        lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
        lp.a_matrix_.start_ = np.cumsum([0, *map(len, self._indices)]).astype(np.int32)
        lp.a_matrix_.index_ = np.concatenate([np.zeros(0, dtype=np.int32), *self._indices])
        lp.a_matrix_.value_ = np.concatenate([np.zeros(0), *self._values])
        self.highs = highspy.Highs()
        self.highs.setOptionValue("output_flag", False)
        self.highs.setOptionValue("threads", 1)
        self.highs.setOptionValue("simplex_strategy", PRIMAL)
        self.highs.passModel(lp)

    def bound(self, lower: np.ndarray, upper: np.ndarray) -> None:
        """Least and most of each column."""
        self.highs.changeColsBounds(self.columns, self._every, lower * 1, upper * 1)

    def free(self, about: Callable[[Any], bool], *, free: bool = True) -> None:
        for row, each in enumerate(self.about):
            if about(each):
                bounds = (-INFINITY, INFINITY) if free else (self._lower[row], self._upper[row])
                self.highs.changeRowBounds(row, *bounds)

    def most(self, cost: np.ndarray) -> np.ndarray:
        """The columns in a world that has the most of `cost`. `tight` then says what stands in the way of more."""
        self.highs.changeColsCost(self.columns, self._every, cost)
        self.highs.changeObjectiveSense(highspy.ObjSense.kMaximize)
        self.highs.run()
        if self.highs.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            self.highs.clearSolver()  # from the beginning, should the last basis have been a bad place to start
            self.highs.run()
        status = self.highs.getModelStatus()
        if status != highspy.HighsModelStatus.kOptimal:
            raise Contradiction(str(status))
        solution = self.highs.getSolution()
        duals = np.asarray(solution.row_dual)
        self.tight = {self.about[row] for row in np.flatnonzero(np.abs(duals) > HAIR).tolist()}
        return np.asarray(solution.col_value)


RATE = (-1, False)  # what a row is about that says what a home costs: no figure, so nothing to withhold


class Model:
    """The possible worlds of a system, in one programme that serves every attacker and grows as more is withheld.
    Columns: the number of each atom, then its sum, in units of the mean amount. A row is about a cell (its place), and
    tells its count or, if True, its mean."""

    def __init__(self, system: System, records: Records, rules: Thresholds, *, unseen: Collection[str] = ()) -> None:
        """`unseen`: cuts that these attackers do not get to see."""
        self.system, self.atoms = system, system.atoms
        come_to = int(np.abs(system.total_sums).sum())
        self.scale = max(come_to // max(int(system.total.sum()), 1), 1)
        self.upper = np.repeat([PLENTY * int(system.total.sum()), PLENTY * (come_to / self.scale + 1)], self.atoms)
        self.programme = Programme(2 * self.atoms)
        for place, cell in enumerate(system.cells):
            if not cell.withheld and cell.cut not in unseen:
                atoms = system.rows[place]
                self.programme.row(atoms, np.ones(len(atoms)), *count_band(cell, rules), (place, False))
                if cell.tells_mean:
                    self._mean(place, cell, records)
        for atom in np.flatnonzero(system.price).tolist():
            self.programme.row([atom, self.atoms + atom], [system.price[atom] / self.scale, -1], 0, 0, RATE)
        self.programme.load()
        self.knows_rates = True

    def _mean(self, place: int, cell: Cell, records: Records) -> None:
        atoms = self.system.rows[place]
        atoms = atoms[self.system.known[atoms]]
        index, ones = np.concatenate([atoms, atoms + self.atoms]), np.ones(len(atoms))
        least, most = (edge / self.scale for edge in mean_band(cell, records))
        self.programme.row(index, np.concatenate([-least * ones, ones]), -HAIR, INFINITY, (place, True))
        self.programme.row(index, np.concatenate([-most * ones, ones]), -INFINITY, HAIR, (place, True))

    def least(self, viewers: Sequence[int]) -> tuple[np.ndarray, np.ndarray]:
        """What an atom holds at least: what these authorities hold of it themselves. It comes to at least that, but
        for the refunds that are really in it."""
        records, sums = self.system.known_to(viewers)
        return records, sums + np.minimum(self.system.total_sums - sums, 0)

    def attacked_by(self, viewers: Sequence[int], *, knows_rates: bool) -> None:
        records, sums = self.least(viewers)
        self.programme.bound(np.concatenate([records, sums / self.scale]), self.upper)
        if self.knows_rates != knows_rates:
            self.knows_rates = knows_rates
            self.programme.free(lambda about: about == RATE, free=not knows_rates)

    def withhold(self, place: int, mean_only: bool, *, back: bool = False) -> None:
        """A cell or its mean alone; or puts it back."""
        cell = self.system.cells[place]
        with_mean = mean_only or not back or cell.tells_mean
        self.programme.free(
            lambda about: (with_mean and about == (place, True)) or (not mean_only and about == (place, False)),
            free=not back,
        )

    def world(self, numbers: np.ndarray, sums: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """A possible world with the most of these, weighed: numbers, and sums in ten-thousandths."""
        found = self.programme.most(np.concatenate([numbers, sums]))
        return found[: self.atoms], found[self.atoms :] * self.scale

    @property
    def tight(self) -> set[Any]:
        """Which figures stand in the way of more: (cell, whether by its mean)."""
        return self.programme.tight - {RATE}
