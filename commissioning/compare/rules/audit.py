"""What anybody can tell of a withheld figure: the least and the most that it can be, by linear programming.

An attacker knows every count that is shown (within its rounding), which combinations never occur together, and the
rows of the authorities he works for. A cell that is not shown may be withheld or empty: nothing tells which. What he
wants is the others' part of a withheld cell. Cells are made of atoms: records that lie in the same cells. Each atom's
unknown number is at least nought, so each cell that is shown bounds a sum of atoms from both sides, and the narrowest
interval that follows is a linear programme.

Two cheaper proofs come first. A feasible world that differs from the true one by enough shows that a cell is safe; it
is looked for near the cell alone, with everything else held at its true value. Only what that leaves open is asked of
the whole system. What is withheld here never makes another cell less safe, so each is judged once.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from math import ceil, floor
from typing import Any

import highspy
import numpy as np

from .cells import PARTS, Cell, Records
from .disclosure import Thresholds, half_width, rounded_count

HAIR = 1 / 10**6  # what the solver's arithmetic may be out by


@dataclass
class System:
    """Cells over atoms. `member[cell, atom]` is 0 or 1; `held[authority, atom]` what each authority has there."""

    cells: list[Cell]
    member: np.ndarray
    held: np.ndarray
    authorities: list[int]
    atom_of: np.ndarray  # of each record
    total: np.ndarray = field(init=False)
    rows: list[np.ndarray] = field(init=False)  # atoms of each cell

    def __post_init__(self) -> None:
        self.total = self.held.sum(axis=0)
        self.rows = [np.flatnonzero(row) for row in self.member]

    def value(self, cell: int, known: np.ndarray) -> int:
        return int((self.total - known)[self.rows[cell]].sum())

    def known_to(self, viewers: Iterable[int]) -> np.ndarray:
        """What these authorities (places in `authorities`) hold of each atom."""
        chosen = list(viewers)
        return self.held[chosen].sum(axis=0) if chosen else np.zeros(len(self.total), dtype=np.int64)


def system_of(records: Records, cells: Sequence[Cell], weights: np.ndarray | None = None) -> System:
    """`weights`: what is added up over records; ones where none is given."""
    cuts: dict[tuple[str, int | None], np.ndarray] = {}
    for place, cell in enumerate(cells):
        cuts.setdefault((cell.cut, cell.group), np.full(len(records), -1, dtype=np.int64))[cell.members] = place
    signs = np.stack(list(cuts.values()))
    kinds, atom_of = np.unique(signs, axis=1, return_inverse=True)
    atom_of = np.asarray(atom_of).reshape(-1)
    atoms = kinds.shape[1]
    member = np.zeros((len(cells), atoms), dtype=np.int8)
    for kind in kinds:
        inside = np.flatnonzero(kind >= 0)
        member[kind[inside], inside] = 1
    authorities, whose = np.unique(records.authority, return_inverse=True)
    held = np.zeros((len(authorities), atoms), dtype=np.int64)
    np.add.at(held, (whose, atom_of), 1 if weights is None else weights)
    return System(list(cells), member, held, authorities.tolist(), atom_of)


@dataclass(frozen=True)
class Interval:
    least: float | int
    most: float | int

    @property
    def whole(self) -> int | None:
        """How far apart the whole numbers in it lie; None where nothing bounds it above."""
        return None if self.most == INFINITY else floor(self.most + HAIR) - ceil(self.least - HAIR)


INFINITY = highspy.kHighsInf
Band = tuple[np.ndarray, np.ndarray]  # least and most of each cell's sum; minus and plus INFINITY where unknown


class Solver:
    """One system with one attacker's knowledge: least and most of a sum of atoms. The last basis is kept, so that the
    next question is answered quickly."""

    def __init__(self, rows: Sequence[np.ndarray], atoms: int, lower: np.ndarray, upper: np.ndarray) -> None:
        kept = [place for place in range(len(rows)) if lower[place] > 0 or upper[place] < INFINITY]
        lp = highspy.HighsLp()
        lp.num_col_, lp.num_row_ = atoms, len(kept)
        lp.col_cost_ = np.zeros(atoms)
        lp.col_lower_, lp.col_upper_ = np.zeros(atoms), np.full(atoms, INFINITY)
        lp.row_lower_, lp.row_upper_ = lower[kept], upper[kept]
        lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
        lp.a_matrix_.start_ = np.concatenate([[0], np.cumsum([len(rows[place]) for place in kept])]).astype(np.int32)
        index = [rows[place] for place in kept]
        lp.a_matrix_.index_ = (np.concatenate(index) if index else np.zeros(0)).astype(np.int32)
        lp.a_matrix_.value_ = np.ones(len(lp.a_matrix_.index_))
        self.model = highspy.Highs()
        self.model.setOptionValue("output_flag", False)
        self.model.setOptionValue("threads", 1)
        self.model.passModel(lp)
        self.every = np.arange(atoms, dtype=np.int32)
        self.atoms, self.kept = atoms, kept
        self.tight: set[int] = set()  # cells that bounded the last question

    def interval(self, target: np.ndarray) -> Interval:
        """Least and most of the sum of these atoms. RuntimeError where the system contradicts itself."""
        cost = np.zeros(self.atoms)
        cost[target] = 1
        self.model.changeColsCost(self.atoms, self.every, cost)
        self.tight = set()
        return Interval(self._solve(highspy.ObjSense.kMinimize), self._solve(highspy.ObjSense.kMaximize))

    def _solve(self, sense: Any) -> Any:
        self.model.changeObjectiveSense(sense)
        self.model.run()
        status = self.model.getModelStatus()
        if status == highspy.HighsModelStatus.kOptimal:
            duals = np.asarray(self.model.getSolution().row_dual)
            self.tight.update(self.kept[row] for row in np.flatnonzero(np.abs(duals) > HAIR))
            return self.model.getInfo().objective_function_value
        if status in (highspy.HighsModelStatus.kUnbounded, highspy.HighsModelStatus.kUnboundedOrInfeasible):
            return INFINITY
        raise RuntimeError(f"the audit's system has no solution: {status}")


def count_bands(system: System, rules: Thresholds) -> Band:
    """What is shown of each cell's count, before what the attacker knows himself is taken away."""
    lower, upper = np.zeros(len(system.cells)), np.full(len(system.cells), INFINITY)
    for place, cell in enumerate(system.cells):
        if not cell.withheld:
            shown = rounded_count(cell.n, rules)
            lower[place] = max(shown - half_width(rules), rules.hidden_up_to + 1)
            upper[place] = shown + half_width(rules)
    return lower, upper


def bands_of_amounts(system: System, records: Records, rules: Thresholds) -> Band:
    """The same of each cell's sum, in pounds, where a mean is shown: between the least count at the least mean and the
    most at the most. A mean is of known amounts alone."""
    lower, upper = np.zeros(len(system.cells)), np.full(len(system.cells), INFINITY)
    for place, cell in enumerate(system.cells):
        if cell.withheld or cell.without_figures:
            continue
        known = cell.members[records.known[cell.members]]
        sizes = len(np.unique(records.child[known]))
        if sizes < rules.mean_from:
            continue
        n, spare = rounded_count(len(known), rules), half_width(rules)
        mean = int(np.abs(records.amount[known]).sum()) // len(known) // PARTS
        step = rules.pounds
        lower[place] = max(0, n - spare) * max(0, mean - step)
        upper[place] = (n + spare) * (mean + step)
    return lower, upper


def bands_for(system: System, bands: Band, known: np.ndarray) -> Band:
    """The bands of the others' part, for an attacker who holds `known` of each atom."""
    own = system.member.astype(np.int64) @ known
    lower, upper = bands
    return np.maximum(lower - own, 0), np.where(upper < INFINITY, upper - own, INFINITY)


def viewers_of(system: System, rules: Thresholds) -> Iterator[tuple[int, ...]]:
    """Nobody, every authority, and every set of as many as may compare notes."""
    for size in range(rules.viewers + 1):
        yield from combinations(range(len(system.authorities)), size)


def wanted_width(value: int, rules: Thresholds, *, count: bool) -> int:
    """How wide the interval of a withheld figure has to be."""
    share = -(-value * rules.width_percent // 100)
    return max(rules.width, share) if count else share


@dataclass(frozen=True)
class Finding:
    """A withheld cell of which somebody can tell too much."""

    cell: int
    viewers: tuple[int, ...]
    value: int
    interval: Interval
    tight: frozenset[int]  # the shown cells that bound it


@dataclass
class Audit:
    """`tried`: pairs of a withheld cell and an attacker; `near`: proved safe near the cell; `exact`: recovered."""

    tried: int = 0
    near: int = 0
    solved: int = 0
    exact: int = 0
    narrowest: int | None = None

    def as_told(self) -> dict[str, int | None]:
        return {"tried": self.tried, "near": self.near, "solved": self.solved, "exact": self.exact,
                "narrowest": self.narrowest}  # fmt: skip

    def note(self, width: int | None) -> None:
        if width is not None:
            self.narrowest = width if self.narrowest is None else min(self.narrowest, width)
            self.exact += width == 0


class Attack:
    """One set of viewers against the system as it is shown now."""

    def __init__(
        self, system: System, bands: Band, viewers: tuple[int, ...], rules: Thresholds, *, whole: bool = True
    ) -> None:
        """`whole`: what is counted moves by ones, so that a world near the true one may be looked for first."""
        self.system, self.viewers, self.rules = system, viewers, rules
        self.known = system.known_to(viewers)
        self.true = system.total - self.known
        self.lower, self.upper = bands_for(system, bands, self.known)
        self.near = (_Steps if whole else _Room)(system, self.lower, self.upper, self.true)
        self.solver: Solver | None = None

    def on(self, target: int, audit: Audit, *, count: bool) -> Finding | None:
        """What they can tell of a withheld cell, where that is too much."""
        value = int(self.true[self.system.rows[target]].sum())
        if not value:
            return None  # what nobody else has is known to be nought from the start
        audit.tried += 1
        wanted = wanted_width(value, self.rules, count=count)
        if self.near.width(target, wanted) >= wanted:
            audit.near += 1
            return None
        if self.solver is None:
            self.solver = Solver(self.system.rows, len(self.true), self.lower, self.upper)
        audit.solved += 1
        interval = self.solver.interval(self.system.rows[target])
        width = interval.whole
        if width is None or width >= wanted:
            audit.note(width)
            return None
        return Finding(target, self.viewers, value, interval, frozenset(self.solver.tight))


class _Room:
    """How far a withheld cell's sum can move from its true value when one atom of it moves alone, and every shown cell
    stays within its band. What it finds is really possible, so it can only understate."""

    def __init__(self, system: System, lower: np.ndarray, upper: np.ndarray, true: np.ndarray) -> None:
        sums = system.member.astype(np.int64) @ true
        up, down = np.where(upper < INFINITY, upper - sums, INFINITY), sums - lower
        inside = system.member.astype(bool)
        self.up = np.where(inside, up[:, None], INFINITY).min(axis=0)
        self.down = np.minimum(np.where(inside, down[:, None], INFINITY).min(axis=0), true)
        self.rows = system.rows

    def width(self, target: int, wanted: int) -> int:
        atoms = self.rows[target]
        return floor(max(0, min(self.up[atoms].max(), wanted)) + max(0, self.down[atoms].max()))


class _Steps:
    """The same in whole steps of one child, with another atom outside the cell to make up for each where it must."""

    def __init__(self, system: System, lower: np.ndarray, upper: np.ndarray, true: np.ndarray) -> None:
        self.system, self.true = system, true
        sums = system.member.astype(np.int64) @ true
        self.up = np.where(upper < INFINITY, upper - sums, INFINITY)
        self.down = sums - lower
        self.bounds = np.flatnonzero((upper < INFINITY) | (lower > 0))
        self.cells_of: dict[int, np.ndarray] = {}

    def _cells(self, atom: int) -> np.ndarray:
        if atom not in self.cells_of:
            self.cells_of[atom] = np.flatnonzero(self.system.member[:, atom])
        return self.cells_of[atom]

    def width(self, target: int, wanted: int) -> int:
        up = self._moved(target, wanted, 1)
        return up + (self._moved(target, wanted - up, -1) if up < wanted else 0)

    def _moved(self, target: int, wanted: int, way: int) -> int:
        room_up, room_down = self.up.copy(), self.down.copy()
        values = self.true.copy()
        inside = self.system.rows[target]
        within = set(inside.tolist())
        moved = 0
        while moved < wanted:
            for atom in inside.tolist():
                if way < 0 and values[atom] == 0:
                    continue
                change = self._step(atom, way, room_up, room_down, values, within)
                if change:
                    for each, by in change:
                        values[each] += by
                        cells = self._cells(each)
                        room_up[cells] -= by
                        room_down[cells] += by
                    moved += 1
                    break
            else:
                return moved
        return moved

    def _step(self, atom, way, room_up, room_down, values, within) -> list[tuple[int, int]] | None:
        cells = self._cells(atom)
        room = room_up if way > 0 else room_down
        tight = cells[room[cells] < 1]
        if not len(tight):
            return [(atom, way)]
        # One other atom that lies in every tight cell, and has room the other way, sets it right.
        candidates = np.flatnonzero(self.system.member[tight].all(axis=0))
        back = room_down if way > 0 else room_up
        mine = set(cells.tolist())
        for other in candidates.tolist():
            if other in within or other == atom or (way > 0 and values[other] == 0):
                continue
            if all(back[cell] >= 1 or cell in mine for cell in self._cells(other).tolist()):
                return [(atom, way), (other, -way)]
        return None
