"""All figures of a release, from what contributed to it: one pattern of withheld cells for every viewer.

Pure: records in, figures and a report out. actions/build_release.py reads the records and writes the figures.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from .audit import Attack, Audit, System, bands_of_amounts, system_of, viewers_of
from .catalogue import CUTS, MEASURES, Measure
from .cells import PARTS, Cell, Figures, Records, cells_of, children_of, figures_of
from .disclosure import (
    NOT_AVAILABLE,
    USUAL,
    WITHHELD,
    Thresholds,
    enough,
    rounded_count,
    rounded_percent,
    why_withheld,
)
from .suppression import Outcome, Tell, withhold

IN_HOUSE = "in_house"
OF_PROVIDER = ("provider_market", "provider_price_line")
EVERY_HOME = ("service_route",)  # cuts that tell an authority's own homes too; the others are of what was bought


Place = tuple[str, tuple[Any, ...], int | None]  # cut, values, peer group: which cell


@dataclass(frozen=True)
class Figure:
    """One measure for one cell. `values` are of the cut's dimensions; `held`: the base release's figure stands."""

    measure: str
    cut: str
    values: tuple[Any, ...]
    group: int | None = None
    n: int | None = None
    figures: Figures = field(default_factory=Figures)
    percent: int | None = None
    sign: str = ""
    held: bool = False

    @property
    def key(self) -> tuple[Any, ...]:
        return self.measure, self.place

    @property
    def place(self) -> Place:
        return self.cut, self.values, self.group


@dataclass
class Base:
    """An earlier release, for what would show by subtracting. `rows`: each cell's rows as they were when its figure
    was worked out (row key -> amounts, child, authority); `shown`: the keys of its figures. `correction`: of the same
    day, by the release that is being made."""

    rows: Mapping[Place, Mapping[str, tuple[Any, str, int]]]
    shown: frozenset[tuple[Any, ...]]
    correction: bool = False


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
        cells = _cells(records, measures, groups, rules)
        if not cells:
            continue
        worth = _worth(records)
        system = system_of(records, cells)
        outcome = withhold(records, system, worth, rules, tell)
        _not_loosened(cells, bases)
        if any(measure.kind == "spread" for measure in measures):
            money = _audit_amounts(records, system, rules, tell)
        else:
            money = Audit()
        report["populations"][name] = _told(outcome, money, cells, records)
        for measure in measures:
            figures += _figures(measure, records, cells, rules, bases)
    return Made(figures, report)


def admitted(
    groups: Mapping[int, Iterable[int]], members: Iterable[int], rules: Thresholds
) -> dict[int, frozenset[int]]:
    """The peer groups that may be told apart: one after another, each as long as every part into which the groups cut
    the partnership keeps enough authorities for a figure of its own."""
    everyone = frozenset(members)
    least = rules.viewers + rules.other_authorities
    parts, kept = [everyone], {}
    for name, chosen in groups.items():
        group = frozenset(chosen) & everyone
        cut = [piece for part in parts for piece in (part & group, part - group) if piece]
        if group and all(len(piece) >= least for piece in cut):
            parts, kept[name] = cut, group
    return kept


def _cells(
    records: Records, measures: Sequence[Measure], groups: Mapping[int, frozenset[int]], rules: Thresholds
) -> list[Cell]:
    bought = np.ones(len(records), dtype=bool)
    if "route" in records.dims and IN_HOUSE in records.labels["route"]:
        bought = records.dims["route"] != list(records.labels["route"]).index(IN_HOUSE)
    cells: list[Cell] = []
    for cut in dict.fromkeys(name for measure in measures for name in measure.cuts):
        within = np.ones(len(records), dtype=bool) if cut in EVERY_HOME else bought
        for group, authorities in ((None, None), *groups.items()):
            inside = within if authorities is None else within & np.isin(records.authority, list(authorities))
            for cell in cells_of(records, cut, CUTS[cut].dimensions, inside):
                cell.group = group
                cell.withheld = why_withheld(cell.tally, rules, of_provider=cut in OF_PROVIDER)
                cells.append(cell)
    if "route" in records.dims:  # what shares of routes are shares of
        cells += cells_of(records, "whole", (), bought)
        for cell in cells[-1:]:
            cell.withheld = why_withheld(cell.tally, rules)
    return cells


def _worth(records: Records) -> Callable[[Cell], int]:
    def worth(cell: Cell) -> int:
        weight = CUTS[cell.cut].worth if cell.cut in CUTS else 100
        return weight * (int(np.abs(records.amount[cell.members]).sum()) or cell.n)

    return worth


def _not_loosened(cells: Sequence[Cell], bases: Sequence[Base]) -> None:
    """In a correction, a cell stays withheld that the release it corrects withheld."""
    for base in bases:
        if base.correction:
            shown = {place for _, place in base.shown}
            for cell in cells:
                if not cell.withheld and cell.cut in CUTS and (cell.cut, cell.key, cell.group) not in shown:
                    cell.withheld = "changed"


def _audit_amounts(records: Records, system: System, rules: Thresholds, tell: Tell) -> Audit:
    """Whether the sum of a withheld cell can be told from means and rounded counts; where it can, figures that bound
    it are taken away (never the count)."""
    pounds = np.where(records.known, np.abs(records.amount) // PARTS, 0)
    weighed = system_of(records, system.cells, pounds)
    audit = Audit()
    attackers = list(viewers_of(weighed, rules))
    targets = [place for place, cell in enumerate(system.cells) if cell.withheld]
    bands = bands_of_amounts(weighed, records, rules)
    for number, viewers in enumerate(attackers):
        tell("Looking at sums of money", number, len(attackers))
        attack = Attack(weighed, bands, viewers, rules, whole=False)
        for target in targets:
            while (finding := attack.on(target, audit, count=False)) is not None:
                bounding = [place for place in finding.tight if not system.cells[place].without_figures]
                if not bounding:
                    break  # bounded by what the viewers hold themselves
                least = min(bounding, key=lambda place: (_worth(records)(system.cells[place]), place))
                system.cells[least].without_figures = "difference"
                bands = bands_of_amounts(weighed, records, rules)
                attack = Attack(weighed, bands, viewers, rules, whole=False)
    return audit


def _told(outcome: Outcome, money: Audit, cells: Sequence[Cell], records: Records) -> dict[str, Any]:
    """What the report says of one population. Counts of cells only: nothing that tells of one."""
    reasons: dict[str, int] = {}
    for cell in cells:
        for reason in filter(None, (cell.withheld, cell.without_figures)):
            reasons[reason] = reasons.get(reason, 0) + 1
    return {
        "rows_to_nearest_five": rounded_count(len(records)),
        "cells": len(cells),
        "shown": sum(not cell.withheld for cell in cells),
        "reasons": reasons,
        "counts": outcome.audit.as_told(),
        "amounts": money.as_told(),
    }


# Figures of one measure


def _figures(
    measure: Measure, records: Records, cells: Sequence[Cell], rules: Thresholds, bases: Sequence[Base]
) -> list[Figure]:
    by_key = {(cell.cut, cell.key, cell.group): cell for cell in cells}
    found = []
    for cell in cells:
        if cell.cut in measure.cuts and not cell.withheld:
            figure = Figure(measure.key, cell.cut, cell.key, cell.group, n=rounded_count(cell.n, rules))
            if measure.kind == "spread":
                figure = _spread(figure, measure, records, cell, rules)
            else:
                figure = _share(figure, measure, records, cell, by_key, rules)
            found.append(_held(figure, measure, records, cell, bases, rules))
    if measure.kind == "share" and not measure.whole:
        found = _complete(found, cells, measure)
    return [figure for figure in found if figure.sign != WITHHELD]


def _spread(figure: Figure, measure: Measure, records: Records, cell: Cell, rules: Thresholds) -> Figure:
    if cell.without_figures:
        return figure
    return replace(figure, figures=figures_of(records, cell.members, rules, money=measure.unit.startswith("£")))


def _share(
    figure: Figure, measure: Measure, records: Records, cell: Cell, by_key: Mapping[Any, Cell], rules: Thresholds
) -> Figure:
    """Withheld where few children stand behind the part, or behind the rest of the whole."""
    if measure.whole:
        whole, inside = cell, cell.members
        part = inside[records.values[measure.part][inside] > 0]
        numerator, denominator = (int(records.values[name][inside].sum()) for name in (measure.part, measure.whole))
    else:
        wide = by_key.get(("whole", (), None)) if cell.cut == "route" else by_key.get(
            ("service", cell.key[:1], cell.group)
        )  # fmt: skip
        if wide is None or wide.withheld or cell.key[-1] == IN_HOUSE:
            return replace(figure, sign=WITHHELD)
        whole, part = wide, cell.members
        values = records.values[measure.part]
        numerator, denominator = int(values[part].sum()), int(values[whole.members].sum())
    if not whole.n or denominator <= 0:
        return replace(figure, sign=NOT_AVAILABLE, n=None)
    rest = np.setdiff1d(whole.members, part)
    few = [len(children_of(records, some)) and not enough(children_of(records, some), rules) for some in (part, rest)]
    if any(few) or sum(children_of(records, whole.members).values()) < measure.smallest_n:
        return replace(figure, sign=WITHHELD, n=None)
    percent, sign = rounded_percent(numerator, denominator)
    return replace(figure, percent=percent, sign=sign, n=None if sign else figure.n)


def _complete(found: list[Figure], cells: Sequence[Cell], measure: Measure) -> list[Figure]:
    """Shares of routes come to a hundred: where one alone is withheld, the smallest that is shown is withheld too."""
    wholes: dict[Any, list[Figure]] = {}
    for figure in found:
        wholes.setdefault((figure.cut, figure.values[:-1], figure.group), []).append(figure)
    there: dict[Any, int] = {}
    for cell in cells:
        if cell.cut in measure.cuts and cell.key[-1] != IN_HOUSE:
            key = (cell.cut, cell.key[:-1], cell.group)
            there[key] = there.get(key, 0) + 1
    kept = []
    for key, shares in wholes.items():
        told = sorted((each for each in shares if each.sign != WITHHELD), key=lambda each: each.percent or 0)
        if there.get(key, 0) - len(told) == 1:
            told = told[1:]
        kept += told
    return kept


# What an earlier release told


def rows_of(records: Records, members: np.ndarray) -> dict[str, tuple[Any, str, int]]:
    """Row key -> ((amount, values), child, authority)."""
    names = sorted(records.values)
    return {
        records.row[place]: (
            (int(records.amount[place]), *(int(records.values[name][place]) for name in names)),
            str(records.child[place]), int(records.authority[place]),
        )
        for place in members.tolist()
    }  # fmt: skip


def cells_by_place(population: str, records: Records) -> dict[tuple[str, tuple[Any, ...]], Cell]:
    """Every cell of a population's measures, and the whole that shares of routes are shares of."""
    measures = [measure for measure in MEASURES.values() if measure.population == population]
    return {(cell.cut, cell.key): cell for cell in _cells(records, measures, {}, USUAL)}


def rows_by_place(populations: Mapping[str, Records]) -> dict[Place, dict[str, tuple[Any, str, int]]]:
    """Every cell's rows, of the whole partnership, whether it was shown or not."""
    found: dict[Place, dict[str, tuple[Any, str, int]]] = {}
    for name, records in populations.items():
        for (cut, values), cell in cells_by_place(name, records).items():
            found.setdefault((cut, values, None), {}).update(rows_of(records, cell.members))
    return found


def _held(
    figure: Figure, measure: Measure, records: Records, cell: Cell, bases: Sequence[Base], rules: Thresholds
) -> Figure:
    """Where fewer have changed since an earlier release than may be told by themselves, its figure stands, or two
    releases would be subtracted. In a correction, where the old figure is wrong, it is withheld instead."""
    for base in bases:
        if figure.key not in base.shown:
            continue
        before = base.rows.get(figure.place, {})
        now = rows_of(records, cell.members)
        changed: dict[int, set[str]] = {}
        for row in before.keys() | now.keys():
            if before.get(row, (None,))[0] != now.get(row, (None,))[0]:
                _, child, authority = now.get(row) or before[row]
                changed.setdefault(authority, set()).add(child)
        if changed and not enough({who: len(children) for who, children in changed.items()}, rules):
            return replace(figure, sign=WITHHELD) if base.correction else replace(figure, held=True)
    return figure
