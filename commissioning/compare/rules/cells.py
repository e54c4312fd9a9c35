"""From records to cells: who stands behind each, and its figures, exactly and as they may be shown.

Amounts are whole numbers (ten-thousandths of a pound, or of an hour); columns are numpy arrays of one length.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import numpy as np

from .disclosure import Tally, Thresholds, rounded_pounds

PARTS = 10_000  # of a pound
NOWHERE = -1  # a record that is in no cell of a cut


@dataclass
class Records:
    """One population. `values` are what shares are made of; `labels[name][code]` says what a dimension's code is."""

    authority: np.ndarray
    child: np.ndarray
    provider: np.ndarray
    row: Sequence[str]
    amount: np.ndarray
    known: np.ndarray  # whether there is an amount
    dims: Mapping[str, np.ndarray]
    labels: Mapping[str, Sequence[Any]]
    values: Mapping[str, np.ndarray] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.authority)

    def apart(self) -> list["Records"]:
        """By statement, where that is what they are of: no cell holds answers to two, so nothing of one bounds what
        can be told of another, and each is withheld and audited by itself."""
        codes = self.dims.get("statement")
        found = [] if codes is None else sorted(set(codes.tolist()) - {NOWHERE})
        return [self._only(codes == code) for code in found] if codes is not None and found else [self]

    def _only(self, chosen: np.ndarray) -> "Records":
        places = np.flatnonzero(chosen)
        return Records(
            self.authority[places], self.child[places], self.provider[places],
            [self.row[place] for place in places.tolist()], self.amount[places], self.known[places],
            {name: codes[places] for name, codes in self.dims.items()}, self.labels,
            {name: values[places] for name, values in self.values.items()},
        )  # fmt: skip


@dataclass
class Cell:
    """`key`: the values of the cut's dimensions. `members`: which records are in it. `part`: only those of its
    records that have something of this value (of providers asked, those that answered); empty for all."""

    cut: str
    key: tuple[Any, ...]
    members: np.ndarray
    tally: Tally
    group: int | None = None  # of authorities; None: the whole partnership
    part: str = ""
    withheld: str = ""  # why, disclosure.REASONS
    unit: int = 0  # what a mean of it is rounded to, in pounds or hours; 0 where no mean is told
    without_figures: str = ""  # why its figures are withheld though its count is shown

    @property
    def n(self) -> int:
        return len(self.members)

    @property
    def place(self) -> tuple[str, tuple[Any, ...], int | None]:
        return self.cut, self.key, self.group

    @property
    def tells_mean(self) -> bool:
        return bool(self.unit and not self.withheld and not self.without_figures)


def cells_of(
    records: Records, cut: str, dimensions: Sequence[str], within: np.ndarray | None = None,
    group: int | None = None, part: str = "",
) -> list[Cell]:  # fmt: skip
    """Every cell of a cut that has a record, in order of its codes. `within` leaves records out."""
    if not len(records):
        return []
    codes = [records.dims[name] for name in dimensions]
    inside = np.ones(len(records), dtype=bool) if within is None else within.copy()
    for code in codes:
        inside &= code != NOWHERE
    picked = np.flatnonzero(inside)
    if not len(picked):
        return []
    if not codes:
        groups = [picked]
    else:
        stacked = np.stack([code[picked] for code in codes])
        order = np.lexsort(stacked[::-1])
        sorted_codes = stacked[:, order]
        breaks = np.flatnonzero((np.diff(sorted_codes, axis=1) != 0).any(axis=0)) + 1
        groups = np.split(picked[order], breaks)
    return [
        Cell(
            cut,
            tuple(records.labels[name][code[members[0]]] for name, code in zip(dimensions, codes, strict=True)),
            members,
            tally_of(records, members),
            group,
            part,
        )
        for members in groups
    ]


def tally_of(records: Records, members: np.ndarray, amounts: np.ndarray | None = None) -> Tally:
    """Distinct children by authority, and absolute amounts by authority and by provider. `amounts`: others than the
    records' own."""
    each = (records.amount if amounts is None else amounts)[members]
    return Tally(
        children=children_of(records, members),
        amounts=_sums(records.authority[members], each),
        provided=_sums(records.provider[members], each),
    )


def children_of(records: Records, members: np.ndarray) -> dict[int, int]:
    _, first = np.unique(records.child[members], return_index=True)
    whose, n = np.unique(records.authority[members][first], return_counts=True)
    return dict(zip(whose.tolist(), n.tolist(), strict=True))


def _sums(keys: np.ndarray, amounts: np.ndarray) -> dict[int, int]:
    found, where = np.unique(keys, return_inverse=True)
    sums = np.zeros(len(found), dtype=np.int64)
    np.add.at(sums, where, np.abs(amounts))
    return dict(zip(found.tolist(), sums.tolist(), strict=True))


@dataclass(frozen=True)
class Figures:
    """Of the amounts of a cell, as they are shown: pounds to the nearest five. None: too few for it."""

    mean: Decimal | None = None
    median: Decimal | None = None
    lower_quartile: Decimal | None = None
    upper_quartile: Decimal | None = None
    tenth: Decimal | None = None
    ninetieth: Decimal | None = None
    mode_from: int | None = None


def mean_of(amounts: np.ndarray, unit: int) -> Decimal:
    """Of at least one amount, as it is shown."""
    return rounded_pounds(int(amounts.sum()), len(amounts) * PARTS // 100, Thresholds(pounds=unit))


def figures_of(records: Records, members: np.ndarray, rules: Thresholds, *, money: bool = True) -> Figures:
    """Quantiles by the one rule of kernel/statistics.py, worked out in whole numbers. `money`: to five pounds and with
    a usual band; otherwise to whole units."""
    known = members[records.known[members]]
    n = sum(children_of(records, known).values())
    if n < rules.mean_from:
        return Figures()
    ordered = np.sort(records.amount[known])
    rounding = rules if money else UNITS

    def at(parts: int, of: int) -> Decimal:
        place = (len(ordered) - 1) * parts
        below, rest = divmod(place, of)
        low = int(ordered[below])
        high = int(ordered[min(below + 1, len(ordered) - 1)])
        return rounded_pounds(low * (of - rest) + high * rest, of * PARTS // 100, rounding)

    quartiles, tails = n >= rules.quartiles_from, n >= rules.tails_from
    return Figures(
        mean=mean_of(ordered, rounding.pounds),
        median=at(1, 2),
        lower_quartile=at(1, 4) if quartiles else None,
        upper_quartile=at(3, 4) if quartiles else None,
        tenth=at(1, 10) if tails else None,
        ninetieth=at(9, 10) if tails else None,
        mode_from=_mode(records, known, rules) if money else None,
    )


UNITS = Thresholds(pounds=1)


def _mode(records: Records, known: np.ndarray, rules: Thresholds) -> int | None:
    """The lowest pounds of the fullest band, where it holds enough children of enough authorities."""
    bands = records.amount[known] // (rules.mode_band * PARTS)
    found, where, counts = np.unique(bands, return_inverse=True, return_counts=True)
    fullest = int(counts.argmax())
    children = children_of(records, known[where == fullest])
    if len(children) < rules.mode_authorities or sum(children.values()) < rules.mode_children:
        return None
    return int(found[fullest]) * rules.mode_band
