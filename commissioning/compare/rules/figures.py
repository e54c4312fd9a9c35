"""All figures of a release, from what contributed to it: one pattern of withheld cells for every viewer.

Pure: records in, figures and a report out. actions/build_release.py reads the records and writes the figures.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from .audit import system_of
from .catalogue import CUTS, MEASURES, Measure
from .cells import UNITS, Cell, Figures, Records, cells_of, figures_of, tally_of
from .disclosure import OF_PROVIDER, USUAL, WITHHELD, Thresholds, rounded_count, why_withheld
from .history import Base, Key, Place, Rows, may_be_shown, rows_of, standing
from .shares import Told, shares_of
from .suppression import Audit, Outcome, Tell, withhold

__all__ = [
    "SHOWN_BY", "Base", "Figure", "Key", "Made", "Place", "Rows", "admitted", "cells_by_place", "make", "part_of",
    "rows_by_place",
]  # fmt: skip

IN_HOUSE = "in_house"
# Cuts that tell an authority's own homes too; the others are of what was bought.
EVERY_HOME = ("service_route", *MEASURES["agree_share"].cuts)
SHOWN_BY = {measure.key: measure.population for measure in MEASURES.values()}
WHOLE = "whole"  # what shares of routes are shares of: shown by itself nowhere


@dataclass(frozen=True)
class Figure:
    """One measure for one cell. `values` are of the cut's dimensions; `held_by`: which base release's figure stands
    (its place among the bases), so that this one holds none."""

    measure: str
    cut: str
    values: tuple[Any, ...]
    group: int | None = None
    n: int | None = None
    figures: Figures = field(default_factory=Figures)
    percent: int | None = None
    sign: str = ""
    held_by: int | None = None

    @property
    def held(self) -> bool:
        return self.held_by is not None

    @property
    def key(self) -> Key:
        return self.measure, self.place

    @property
    def place(self) -> Place:
        return self.cut, self.values, self.group


@dataclass
class Made:
    figures: list[Figure]
    report: dict[str, Any]


def make(
    populations: Mapping[str, Records], rules: Thresholds, *, groups: Mapping[int, frozenset[int]],
    bases: Sequence[Base] = (), tell: Tell = lambda stage, done, total: None,
) -> Made:  # fmt: skip
    """Every figure of every measure. `groups`: peer group -> its authorities, as admitted() lets through. NotSafe
    where no safe pattern is found."""
    figures: list[Figure] = []
    report: dict[str, Any] = {"populations": {}}
    for name, records in populations.items():
        measures = [measure for measure in MEASURES.values() if measure.population == name]
        told = []
        for part in records.apart():
            cells = _cells(part, measures, groups, rules)
            if not cells:
                continue
            _all_alike(cells, measures)
            stand = standing(name, part, cells, bases, measures, rules)
            outcome = withhold(part, system_of(part, cells), _worth(part), rules, tell)
            shares = Audit()
            for measure in measures:
                if measure.kind == "spread":
                    found = _spreads(measure, part, cells, rules)
                else:
                    found = _shares(measure, part, cells, rules, shares)
                figures += [each for figure in found if (each := _after(figure, stand, bases)) is not None]
            told.append(_told(outcome, shares, cells))
        if told:
            report["populations"][name] = {"rows_to_nearest_five": rounded_count(len(records)), **_together(told)}
    return Made(figures, report)


def admitted(
    groups: Mapping[int, Iterable[int]], members: Iterable[int], rules: Thresholds,
    before: Iterable[Iterable[int]] = (),
) -> dict[int, frozenset[int]]:  # fmt: skip
    """The peer groups that may be told apart: one after another, each as long as every part into which the groups cut
    the partnership keeps enough authorities for a figure of its own. `before`: the groups of earlier releases, as they
    were then, for a group that one authority joins would tell of that one by subtracting."""
    everyone = frozenset(members)
    least = rules.viewers + rules.other_authorities
    parts, kept = [everyone], {}
    for earlier in before:
        group = frozenset(earlier) & everyone
        parts = [piece for part in parts for piece in (part & group, part - group) if piece]
    for name, chosen in groups.items():
        group = frozenset(chosen) & everyone
        cut = [piece for part in parts for piece in (part & group, part - group) if piece]
        if group and all(len(piece) >= least for piece in cut):
            parts, kept[name] = cut, group
    return kept


# Cells


def _cells(
    records: Records, measures: Sequence[Measure], groups: Mapping[int, frozenset[int]], rules: Thresholds
) -> list[Cell]:
    bought = np.ones(len(records), dtype=bool)
    if "route" in records.dims and IN_HOUSE in records.labels["route"]:
        bought = records.dims["route"] != list(records.labels["route"]).index(IN_HOUSE)
    parts: dict[str, dict[str, int]] = {}  # cut -> part -> what its mean is rounded to
    for measure in measures:
        for cut in measure.cuts:
            mine = parts.setdefault(cut, {"": 0})
            if measure.kind == "spread":
                mine[part_of(records, measure.part)] = (rules if _money(measure) else UNITS).pounds
            elif measure.counted:
                mine |= {name: mine.get(name, 0) for word in (measure.part, measure.whole, measure.rest)
                         if (name := part_of(records, word)) not in mine}  # fmt: skip
    if any(measure.kind == "share" and not measure.whole for measure in measures):
        parts[WHOLE] = {"": 0}
    cells: list[Cell] = []
    for cut, mine in parts.items():
        dimensions = CUTS[cut].dimensions if cut in CUTS else ()
        for group, authorities in ((None, None), *groups.items()):
            within = np.ones(len(records), dtype=bool) if cut in EVERY_HOME else bought
            if authorities is not None:
                within = within & np.isin(records.authority, list(authorities))
            for part, unit in mine.items():
                inside = within & (records.values[part] > 0) if part else within
                for cell in cells_of(records, cut, dimensions, inside, group, part):
                    judge(cell, records, unit, rules)
                    cells.append(cell)
    return cells


def _all_alike(cells: Sequence[Cell], measures: Sequence[Measure]) -> None:
    """Where everybody of a cell said the same, how many did may not be told: it says what each of them said. So nobody
    may come near it by subtracting, either."""
    guarded = {word for measure in measures if measure.rest for word in (measure.part, measure.rest)}
    if guarded:
        wholes = {cell.place: cell.n for cell in cells if not cell.part}
        for cell in cells:
            if cell.part in guarded and cell.n == wholes.get(cell.place):
                cell.withheld = cell.withheld or "attribute"


def judge(cell: Cell, records: Records, unit: int, rules: Thresholds) -> None:
    """What may be shown of a cell by itself."""
    of_provider = cell.cut in OF_PROVIDER
    cell.withheld = why_withheld(cell.tally, rules, of_provider=of_provider)
    cell.unit = unit
    if unit:
        known = cell.members[records.known[cell.members]]
        tally = cell.tally if len(known) == cell.n else tally_of(records, known)
        few = "few_children" if tally.n < rules.mean_from else ""
        cell.without_figures = few or why_withheld(tally, rules, of_provider=of_provider)


def part_of(records: Records, word: str) -> str:
    """The part's name; empty where every record is in it, as then it is the cell itself."""
    return word if word and not (records.values[word] > 0).all() else ""


def _money(measure: Measure) -> bool:
    return measure.unit.startswith("£")


def _worth(records: Records) -> Callable[[Cell], int]:
    def worth(cell: Cell) -> int:
        weight = CUTS[cell.cut].worth if cell.cut in CUTS else 100
        return weight * (int(np.abs(records.amount[cell.members]).sum()) or cell.n)

    return worth


def _told(outcome: Outcome, shares: Audit, cells: Sequence[Cell]) -> dict[str, Any]:
    """What the report says of one population. Counts of cells only: nothing that tells of one."""
    reasons: dict[str, int] = {}
    for cell in cells:
        without = cell.without_figures if not cell.withheld else ""
        for reason in filter(None, (cell.withheld, without)):
            reasons[reason] = reasons.get(reason, 0) + 1
    return {
        "cells": len(cells),
        "shown": sum(not cell.withheld for cell in cells),
        "reasons": reasons,
        "counts": outcome.counts.as_told(),
        "amounts": outcome.amounts.as_told(),
        "shares": shares.as_told(),
    }


def _together(told: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Of parts that were told apart: their sums, and the narrowest of all."""
    whole: dict[str, Any] = {"cells": 0, "shown": 0, "reasons": {}, "counts": {}, "amounts": {}, "shares": {}}
    for each in told:
        for name in ("cells", "shown"):
            whole[name] += each[name]
        for name in ("reasons", "counts", "amounts", "shares"):
            for word, value in each[name].items():
                before = whole[name].get(word)
                if word == "narrowest":
                    whole[name][word] = min((one for one in (before, value) if one is not None), default=None)
                else:
                    whole[name][word] = (before or 0) + value
    return whole


# Figures of one measure


def _spreads(measure: Measure, records: Records, cells: Sequence[Cell], rules: Thresholds) -> list[Figure]:
    part = part_of(records, measure.part)
    return [
        Figure(
            measure.key, cell.cut, cell.key, cell.group, n=rounded_count(cell.n, rules),
            figures=figures_of(records, cell.members, rules, money=_money(measure)) if cell.tells_mean else Figures(),
        )
        for cell in cells
        if cell.cut in measure.cuts and cell.part == part and not cell.withheld
    ]  # fmt: skip


def _shares(measure: Measure, records: Records, cells: Sequence[Cell], rules: Thresholds, audit: Audit) -> list[Figure]:
    """The shares that are shown, each with the count of what it is a share of."""
    by_place = {(*cell.place, cell.part): cell for cell in cells}
    asked: list[Told] = []
    for cell in cells:
        if cell.cut not in measure.cuts or cell.part:
            continue
        if measure.counted:
            whole = by_place.get((*cell.place, part_of(records, measure.whole)))
            part = by_place.get((*cell.place, part_of(records, measure.part)))
        elif measure.whole:
            whole, part = cell, cell
        else:
            part = cell if cell.key[-1] != IN_HOUSE else None
            cut, key = (WHOLE, ()) if cell.cut == "route" else ("service", cell.key[:1])
            whole = by_place.get((cut, key, cell.group, ""))
        if whole is not None:
            asked.append(Told(cell, part, whole))
    found = shares_of(measure, records, asked, rules, audit, of_provider=OF_PROVIDER)
    return [
        Figure(
            measure.key, told.cell.cut, told.cell.key, told.cell.group, percent=told.percent, sign=told.sign,
            n=None if told.sign else rounded_count(told.n, rules),
        )
        for told in found
        if told.sign != WITHHELD
    ]  # fmt: skip


# What an earlier release told


def _after(figure: Figure, stand: Mapping[Key, Sequence[int]], bases: Sequence[Base]) -> Figure | None:
    shown, more = may_be_shown(figure.key, bases)
    if not shown or (not more and figure.percent is not None):
        return None
    if figure.key in stand:
        return replace(figure, held_by=stand[figure.key][0], n=None, figures=Figures(), percent=None, sign="")
    return figure if more else replace(figure, figures=Figures())


def cells_by_place(population: str, records: Records) -> dict[tuple[str, tuple[Any, ...], str], Cell]:
    """(cut, values, part) -> every cell of a population's measures, and the whole that shares of routes are of."""
    measures = [measure for measure in MEASURES.values() if measure.population == population]
    return {(cell.cut, cell.key, cell.part): cell for cell in _cells(records, measures, {}, USUAL)}


def rows_by_place(
    populations: Mapping[str, Records], groups: Mapping[int, frozenset[int]] | None = None
) -> dict[tuple[str, Place], Rows]:
    """Every cell's rows, of the whole partnership and of peer groups as they were, whether it was shown or not, by
    population: a provider on a lot has both homes and searches."""
    found: dict[tuple[str, Place], Rows] = {}
    for name, records in populations.items():
        measures = [measure for measure in MEASURES.values() if measure.population == name]
        for cell in _cells(records, measures, groups or {}, USUAL):
            if not cell.part:
                found[name, cell.place] = rows_of(records, cell.members)
    return found
