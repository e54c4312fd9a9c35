"""What an earlier release told, and what would show by subtracting: figures that stand, and cells that a correction
may not show."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from .catalogue import CUTS
from .cells import Cell, Records
from .disclosure import Thresholds, enough

Place = tuple[str, tuple[Any, ...], int | None]  # cut, values, peer group: which cell
Rows = Mapping[str, tuple[Any, str, int]]  # row key -> what it says, child, authority


@dataclass
class Base:
    """An earlier release. `rows`: of each population and place, the rows as they were when its figure was worked out;
    `shown`: the keys of its figures, and `told` of those that had more than a count; `groups`: the peer groups that it
    told apart, as they were. `correction`: of the same day, by the release that is being made. `held`: of the figures
    that it held from a release before, the rows as it read them itself."""

    rows: Mapping[tuple[str, Place], Rows]
    shown: frozenset[tuple[Any, ...]]
    correction: bool = False
    told: frozenset[tuple[Any, ...]] | None = None
    groups: Mapping[int, frozenset[int]] = field(default_factory=dict)
    held: Mapping[tuple[str, Place], Rows] = field(default_factory=dict)


def rows_of(records: Records, members: np.ndarray) -> dict[str, tuple[Any, str, int]]:
    names = sorted(records.values)
    return {
        records.row[place]: (
            (
                int(records.amount[place]), bool(records.known[place]),
                *(int(records.values[name][place]) for name in names),
            ),
            str(records.child[place]), int(records.authority[place]),
        )
        for place in members.tolist()
    }  # fmt: skip


def too_little_changed(before: Rows, now: Rows, rules: Thresholds) -> bool:
    """Whether something changed, and so little that it may not be told by itself."""
    changed: dict[int, set[str]] = {}
    for row in before.keys() | now.keys():
        if before.get(row, (None,))[0] != now.get(row, (None,))[0]:
            _, child, authority = now.get(row) or before[row]
            changed.setdefault(authority, set()).add(child)
    return bool(changed) and not enough({who: len(children) for who, children in changed.items()}, rules)


def standing(
    population: str, records: Records, cells: Sequence[Cell], bases: Sequence[Base], shown_by: Mapping[str, str],
    rules: Thresholds,
) -> set[Place]:  # fmt: skip
    """The cells whose figures of an earlier release stand, as too little changed since. In a correction such figures
    are wrong, so their cells are withheld (but for one that stood in the release that is corrected too, and of which
    nothing is corrected); as is whatever that release did not show: what is corrected would show by subtracting.
    Before the audit, so that it guards what is withheld here too. `shown_by`: measure -> its population."""
    stand: set[Place] = set()
    for base in bases:
        shown = {place for measure, place in base.shown if shown_by[measure] == population}
        told = {
            place
            for measure, place in (base.shown if base.told is None else base.told)
            if shown_by[measure] == population
        }
        still: set[Place] = set()
        for cell in cells:
            if cell.part or cell.place not in shown:
                continue
            name, now = (population, cell.place), rows_of(records, cell.members)
            then = base.rows.get(name)  # None: not kept, so nobody can tell how much changed
            if then is None or too_little_changed(then, now, rules):
                (stand if not base.correction or base.held.get(name) == now else still).add(cell.place)
        if base.correction:
            for cell in cells:
                hidden = cell.place in still or (cell.cut in CUTS and cell.place not in shown)
                cell.withheld = cell.withheld or ("changed" if hidden else "")
                if cell.unit and cell.place not in told:
                    cell.without_figures = cell.without_figures or "changed"
    return stand


def may_be_shown(key: tuple[Any, ...], bases: Sequence[Base]) -> tuple[bool, bool]:
    """Whether a figure may be shown, and more of it than its count: in a correction, as far as it was before."""
    corrected = [base for base in bases if base.correction]
    return all(key in base.shown for base in corrected), all(
        key in (base.shown if base.told is None else base.told) for base in corrected
    )
