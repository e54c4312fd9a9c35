"""What an earlier release told, and what would show by subtracting: figures that stand, and cells that a correction
may not show."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from .catalogue import CUTS, Measure
from .cells import Cell, Records
from .disclosure import OF_PROVIDER, Tally, Thresholds, why_withheld

Place = tuple[str, tuple[Any, ...], int | None]  # cut, values, peer group: which cell
Key = tuple[str, Place]  # measure, and of which cell: which figure
Row = tuple[tuple[Any, ...], str, int, int]  # what it says, its amount first; child, authority, provider
Rows = Mapping[str, Row]  # by row key
CLOSE = 30  # rows by which two cells may differ, to be nearly the same homes: one of them inside the other,
NEARLY = 4  # or with so many times more in common


@dataclass
class Base:
    """An earlier release. `rows`: of each population and place, the rows as it read them; `since`: of a figure that it
    held from a release before, the rows as they were when that was worked out (None: not kept). `shown`: the keys of
    its figures, and `told` of those that had more than a count; `groups`: the peer groups that it told apart, as they
    were. `correction`: of the same day, by the release that is being made. `withdrawn`: seen once, and wrong."""

    rows: Mapping[tuple[str, Place], Rows]
    shown: frozenset[Key]
    correction: bool = False
    told: frozenset[Key] | None = None
    groups: Mapping[int, frozenset[int]] = field(default_factory=dict)
    since: Mapping[Key, Rows | None] = field(default_factory=dict)
    withdrawn: bool = False

    def places(self, measures: Collection[str], *, told: bool) -> set[Place]:
        """Of the cells that it showed, or told more of than a count."""
        keys = self.told if told and self.told is not None else self.shown
        return {place for measure, place in keys if measure in measures}

    def then(self, population: str, key: Key) -> Rows | None:
        """The rows that a figure was worked out from."""
        return self.since[key] if key in self.since else self.rows.get((population, key[1]))


def rows_of(records: Records, members: np.ndarray) -> dict[str, Row]:
    names = sorted(records.values)
    return {
        records.row[place]: (
            (
                int(records.amount[place]), bool(records.known[place]),
                *(int(records.values[name][place]) for name in names),
            ),
            str(records.child[place]), int(records.authority[place]), int(records.provider[place]),
        )
        for place in members.tolist()
    }  # fmt: skip


def says_of(measure: Measure, records: Records) -> tuple[int, ...]:
    """What of a row a measure tells, by its place in what the row says: a home's nights grow from day to day, and its
    price does not."""
    if measure.kind == "spread":
        return 0, 1
    names = sorted(records.values)
    return tuple(2 + names.index(word) for word in (measure.part, measure.whole) if word in names)


def too_little_changed(
    before: Rows, now: Rows, rules: Thresholds, says: Sequence[int] = (0, 1), *, of_provider: bool = False
) -> bool:
    """Whether something changed, and so little, or so much of it one authority's or provider's, that it may not be
    told by itself: whoever has both figures has the difference. `says`: what of each row is told."""
    children: dict[int, set[str]] = {}
    amounts: dict[int, int] = {}
    provided: dict[int, int] = {}
    for row in before.keys() | now.keys():
        then, since = before.get(row), now.get(row)
        if then is not None and since is not None and all(then[0][each] == since[0][each] for each in says):
            continue
        _, child, authority, provider = since or then  # type: ignore[misc]
        amount = abs((since[0][says[0]] if since else 0) - (then[0][says[0]] if then else 0))
        children.setdefault(authority, set()).add(child)
        amounts[authority] = amounts.get(authority, 0) + amount
        provided[provider] = provided.get(provider, 0) + amount
    tally = Tally({who: len(some) for who, some in children.items()}, amounts, provided)
    return bool(children) and bool(why_withheld(tally, rules, of_provider=of_provider))


def standing(
    population: str, records: Records, cells: Sequence[Cell], bases: Sequence[Base], measures: Sequence[Measure],
    rules: Thresholds,
) -> dict[Key, list[int]]:  # fmt: skip
    """The figures of earlier releases that stand, as too little changed since, and of which bases. In a correction
    such figures are wrong, so their cells are withheld (but for one that stood in the release that is corrected too,
    and of which nothing is corrected), as they are where the earlier release was withdrawn; and so is whatever the
    corrected release did not show: what is corrected would show by subtracting. Before the audit, so that it guards
    what is withheld here too."""
    says = {measure.key: says_of(measure, records) for measure in measures}
    read = {cell.place: rows_of(records, cell.members) for cell in cells if not cell.part} if bases else {}
    stand: dict[Key, list[int]] = {}
    wrong: set[Key] = set()
    for number, base in enumerate(bases):
        still: set[Place] = set()
        for cell, measure in ((cell, measure) for cell in cells if not cell.part for measure in says):
            key, name = (measure, cell.place), (population, cell.place)
            if key not in base.shown:
                continue
            then, now = base.then(population, key), read[cell.place]
            # Not kept: nobody can tell how much changed.
            if then is None or too_little_changed(then, now, rules, says[measure], of_provider=_named(cell)):
                if base.correction and not (key in base.since and base.rows.get(name) == now):
                    still.add(cell.place)
                elif base.withdrawn and not base.correction:
                    wrong.add(key)
                else:
                    stand.setdefault(key, []).append(number)
        if base.correction:
            shown, told = base.places(says, told=False), base.places(says, told=True)
            for cell in cells:
                hidden = cell.place in still or (cell.cut in CUTS and cell.place not in shown)
                cell.withheld = cell.withheld or ("changed" if hidden else "")
                if cell.unit and cell.place not in told:
                    cell.without_figures = cell.without_figures or "changed"
    gone, kept = ({place for _, place in keys} for keys in (wrong - stand.keys(), stand))
    for cell in cells:
        if cell.place in gone:
            cell.withheld = cell.withheld or "changed"
    for base in bases:
        told = base.places(says, told=True)
        fresh = [cell for cell in cells if cell.tells_mean and cell.place not in told and cell.place not in kept]
        _part_from_others(population, records, fresh, base, told, rules)
    return stand


def _named(cell: Cell) -> bool:
    return cell.cut in OF_PROVIDER


def _part_from_others(
    population: str, records: Records, fresh: Sequence[Cell], base: Base, told: Collection[Place], rules: Thresholds
) -> None:
    """A cell whose mean the earlier release did not tell loses it where that told one of nearly the same homes under
    another name: all homes of a kind may be of one lot, and which of the two is withheld changes with the release."""
    names = [name for place in told if (rows := base.rows.get(name := (population, place))) and len(rows)]
    if not fresh or not names:
        return
    place_of = {row: place for place, row in enumerate(records.row)}
    before, now = (np.zeros((len(some), len(records)), dtype=np.float32) for some in (names, fresh))
    for line, name in enumerate(names):
        before[line, [place_of[row] for row in base.rows[name] if row in place_of]] = 1
    for line, cell in enumerate(fresh):
        now[line, cell.members] = 1
    sizes, lengths = np.array([cell.n for cell in fresh]), np.array([len(base.rows[name]) for name in names])
    both = (now @ before.T).round().astype(np.int64)
    came, left = sizes[:, None] - both, lengths[None, :] - both
    near = (came + left <= CLOSE) & ((came == 0) | (left == 0) | (NEARLY * (came + left) <= both))
    for line, other in zip(*np.nonzero(near), strict=True):
        rows, cell = rows_of(records, fresh[line].members), fresh[line]
        if too_little_changed(base.rows[names[other]], rows, rules, of_provider=_named(cell)):
            cell.without_figures = "difference"


def may_be_shown(key: tuple[Any, ...], bases: Sequence[Base]) -> tuple[bool, bool]:
    """Whether a figure may be shown, and more of it than its count: in a correction, as far as it was before."""
    corrected = [base for base in bases if base.correction]
    return all(key in base.shown for base in corrected), all(
        key in (base.shown if base.told is None else base.told) for base in corrected
    )
