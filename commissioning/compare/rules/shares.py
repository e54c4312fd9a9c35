"""Shares of a release, in whole per cent: which may be shown, and what could be told of those that are not.

A share of records is worked out from rounded counts, which the audit of counts guards (suppression.py). A share of
pounds or nights is exact to the per cent; whoever knows what the whole comes to, as one can nearly tell from a count
and a mean, knows the part to within half a per cent of it. What is withheld must not follow from the parts shown.
"""

from collections.abc import Collection, Hashable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from .audit import PLENTY, Programme, System, attackers_of, system_of
from .catalogue import Measure
from .cells import Cell, Records, children_of, tally_of
from .disclosure import (
    NEARLY_NOUGHT,
    NOT_AVAILABLE,
    WITHHELD,
    Thresholds,
    rounded_count,
    rounded_percent,
    why_withheld,
)
from .suppression import Audit


@dataclass
class Told:
    """The share of one cell: of `part` in `whole`. `n`: how many records the whole has."""

    cell: Cell
    part: Cell | None
    whole: Cell
    percent: int | None = None
    sign: str = WITHHELD
    come_to: int = 0  # the whole

    @property
    def n(self) -> int:
        return self.whole.n

    @property
    def shown(self) -> bool:
        return self.sign != WITHHELD


def shares_of(
    measure: Measure, records: Records, asked: Sequence[Told], rules: Thresholds, audit: Audit,
    *, of_provider: Collection[str],
) -> Sequence[Told]:  # fmt: skip
    """Each with its per cent or its sign."""
    for told in asked:
        _judge(measure, records, told, rules, of_provider=told.cell.cut in of_provider)
    if not measure.counted:
        _Shares(measure, records, asked, rules, audit).settle()
    return asked


def _judge(measure: Measure, records: Records, told: Told, rules: Thresholds, *, of_provider: bool) -> None:
    """What may be shown of a share by itself: enough must stand behind the part, and behind the rest of the whole, in
    children and in what is shared."""
    whole, part = told.whole, told.part
    if whole.withheld or part is None or part.withheld or told.cell.withheld:
        return
    inside = part.members
    if measure.counted:
        values = np.ones(len(records), dtype=np.int64)
        numerator, denominator = len(inside), whole.n
    else:
        values = records.values[measure.part]
        inside = inside[values[inside] != 0]
        told.come_to = int(records.values[measure.whole or measure.part][whole.members].sum())
        numerator, denominator = int(values[inside].sum()), told.come_to
    if denominator <= 0:
        told.sign = NOT_AVAILABLE
        return
    if sum(children_of(records, whole.members).values()) < measure.smallest_n:
        return
    rest = np.setdiff1d(whole.members, inside, assume_unique=True)
    for some in (inside, rest):
        if len(some) and why_withheld(tally_of(records, some, values), rules, of_provider=of_provider):
            return
    percent, sign = rounded_percent(numerator, denominator)
    if measure.counted and not sign:
        numerator, denominator = rounded_count(numerator, rules), rounded_count(denominator, rules)
        percent, sign = rounded_percent(numerator, denominator) if numerator < denominator else (99, "")
    told.percent, told.sign = percent, sign


class _Shares:
    """Withholds more shares, the smallest first, until no part that is withheld can be told too closely."""

    def __init__(
        self, measure: Measure, records: Records, asked: Sequence[Told], rules: Thresholds, audit: Audit
    ) -> None:
        self.measure, self.rules, self.audit = measure, rules, audit
        self.told = [each for each in asked if each.part is not None]
        cells = {id(cell): cell for each in self.told for cell in (each.cell, each.whole)}
        self.place = {key: place for place, key in enumerate(cells)}
        if not any(each.shown for each in self.told):
            self.told = []
            return
        self.system: System = system_of(records, list(cells.values()))
        self.values = np.zeros((len(self.system.authorities), self.system.atoms), dtype=np.int64)
        _, whose = np.unique(records.authority, return_inverse=True)
        np.add.at(self.values, (whose, self.system.atom_of), records.values[measure.part])
        self.total = self.values.sum(axis=0)
        self.scale = max(int(np.abs(self.total).max()), 1)
        self.programme = self._programme()

    def _atoms(self, cell: Cell) -> np.ndarray:
        return self.system.rows[self.place[id(cell)]]

    def _programme(self) -> Programme:
        programme = Programme(self.system.atoms)
        for number, told in enumerate(self.told):
            if told.shown and told.sign != NOT_AVAILABLE:
                atoms, unit = self._atoms(told.cell), told.come_to / self.scale / 200
                percent = told.percent or 0
                least, most = (0, 1) if told.sign == NEARLY_NOUGHT else (2 * percent - 1, 2 * percent + 1)
                most = 200 if percent == 99 else most
                programme.row(atoms, np.ones(len(atoms)), least * unit, most * unit, number)
        if not self.measure.whole:
            wholes = {id(told.whole): told for told in self.told if told.shown}
            for told in wholes.values():
                atoms = self._atoms(told.whole)
                exactly = told.come_to / self.scale
                programme.row(atoms, np.ones(len(atoms)), exactly, exactly, ("whole", id(told.whole)))
        programme.load()
        return programme

    def settle(self) -> None:
        targets = [number for number, told in enumerate(self.told) if not told.shown]
        while targets:
            fresh: list[int] = []
            for viewers in attackers_of(self.system, self.rules) if self.told else ():
                fresh += self._attacked(viewers, targets)
            targets = fresh

    def _attacked(self, viewers: Sequence[int], targets: Sequence[int]) -> list[int]:
        """Everything withheld against one attacker. Returns what had to be withheld for it."""
        own = self.values[list(viewers)].sum(axis=0)
        others = self.total - own
        self.programme.bound(
            (own + np.minimum(others, 0)) / self.scale,
            np.full(self.system.atoms, PLENTY * int(np.abs(self.total).sum()) / self.scale),
        )
        inside = np.zeros((len(targets), self.system.atoms))
        for row, number in enumerate(targets):
            inside[row, self._atoms(self.told[number].cell)] = 1
        values = inside @ others
        least, most = inside @ self.total / self.scale, inside @ self.total / self.scale
        wanted = np.abs(values) * self.rules.width_percent / 100 / self.scale
        self.audit.tried += int((values != 0).sum())
        fresh: list[int] = []
        for row in np.flatnonzero(values).tolist():
            if most[row] - least[row] >= wanted[row]:
                self.audit.near += 1
                continue
            self.audit.solved += 1
            while most[row] - least[row] < wanted[row]:
                tight: set[Hashable] = set()
                for way in (1, -1):
                    found = inside @ self.programme.most(way * inside[row])
                    tight |= self.programme.tight
                    least, most = np.minimum(least, found), np.maximum(most, found)
                if most[row] - least[row] < wanted[row] and not self._give_way(tight, fresh):
                    break  # bounded by what the viewers hold themselves, and by a whole that nobody tells them
            self.audit.note(int((most[row] - least[row]) * self.scale))
        return fresh

    def _give_way(self, tight: set[Any], fresh: list[int]) -> bool:
        bounding = [number for number in tight if isinstance(number, int) and self.told[number].shown]
        if not bounding:
            return False
        loses = min(bounding, key=lambda number: (self.told[number].percent or 0, number))
        told = self.told[loses]
        told.percent, told.sign = None, WITHHELD
        fresh.append(loses)
        whole = id(told.whole)
        alone = not any(each.shown for each in self.told if id(each.whole) == whole)
        self.programme.free(lambda about: about == loses or (alone and about == ("whole", whole)))
        return True
