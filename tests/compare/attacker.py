"""An attacker of his own: what can be told of a group of records from figures alone, by scipy's linear programming.

Written from the rules as DESIGN.md words them, without the product's audit: numbers of the rules stand here as they
are printed there. He knows every figure, which combinations never occur, and the rows of those he works for.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import ceil, floor, inf
from typing import Any

import numpy as np
from scipy.optimize import linprog
from scipy.sparse import csr_matrix, vstack

from commissioning.compare.rules.catalogue import CUTS, MEASURES
from commissioning.compare.rules.cells import PARTS
from commissioning.compare.rules.figures import Figure
from tests.compare.partnership_rows import Row

HAIR = 1e-6
EVERY_HOME = ("service_route", "statement", "statement_service", "statement_market", "statement_owner",
              "statement_provider_market")  # fmt: skip


@dataclass(frozen=True)
class Shown:
    """A group of records of which something is known: between how many and how many, and between what means."""

    members: frozenset[int]
    least: int
    most: float
    mean: tuple[Fraction, Fraction] | None = None  # of those whose amount is known, in pounds or hours


def wanted(value: int) -> int:
    return max(5, ceil(value * 15 / 100))


class Attacker:
    """`groups`: the records of each target, by a name of its own."""

    def __init__(self, rows: Sequence[Row], shown: Sequence[Shown], groups: dict[Any, frozenset[int]]) -> None:
        self.rows, self.shown, self.groups = rows, shown, groups
        signs: dict[tuple[Any, ...], list[int]] = {}
        mine: list[list[int]] = [[] for _ in rows]
        for number, each in enumerate([*(fact.members for fact in shown), *groups.values()]):
            for row in each:
                mine[row].append(number)
        for number, row in enumerate(rows):
            signs.setdefault((row.amount is not None, *mine[number]), []).append(number)
        self.atoms = list(signs.values())
        self.known = np.array([sign[0] for sign in signs])
        atom_of = {row: atom for atom, inside in enumerate(self.atoms) for row in inside}
        self.places = {
            name: np.array(sorted({atom_of[row] for row in members}), dtype=int) for name, members in groups.items()
        }
        n, upper, bounds = len(self.atoms), [], []
        self.bounded = np.zeros(n)  # in how many shown groups each atom lies
        for fact in shown:
            inside = np.array(sorted({atom_of[row] for row in fact.members}), dtype=int)
            line = np.zeros(2 * n)
            line[inside] = 1
            self.bounded[inside] += fact.most < inf
            if fact.most < inf:
                upper, bounds = [*upper, line], [*bounds, fact.most]
            upper, bounds = [*upper, -line], [*bounds, -fact.least]
            if fact.mean is not None:
                known = inside[self.known[inside]]
                for sign, edge in ((-1, fact.mean[0]), (1, fact.mean[1])):
                    line = np.zeros(2 * n)
                    line[known], line[known + n] = -sign * float(edge) / 1000, sign
                    upper, bounds = [*upper, line], [*bounds, HAIR]
        self.upper = csr_matrix(np.array(upper)) if upper else None
        self.bounds = np.array(bounds)

    def _holdings(self, viewers: Iterable[int]) -> tuple[np.ndarray, np.ndarray]:
        """Records of each atom that these authorities hold, and thousands of pounds."""
        mine = set(viewers)
        held = [[self.rows[row] for row in atom if self.rows[row].authority in mine] for atom in self.atoms]
        return np.array([len(each) for each in held]), np.array(
            [sum(row.amount or 0 for row in each) / PARTS / 1000 for each in held]
        )

    def looks(self, viewers: Iterable[int]) -> None:
        everyone = {row.authority for row in self.rows}
        own, sums = self._holdings(viewers)
        self.total, self.total_sums = self._holdings(everyone)
        self.others, self.others_sums = self.total - own, self.total_sums - sums
        self.own = own
        least = [*own, *(sums + np.minimum(self.others_sums, 0))]
        self.columns = [(low, None) for low in least]

    def _solve(self, cost: np.ndarray, upper: Any = None, bounds: Any = None) -> Any:
        found = linprog(
            cost, A_ub=self.upper if upper is None else upper, b_ub=self.bounds if bounds is None else bounds,
            bounds=self.columns, method="highs",
        )  # fmt: skip
        if found.status == 3:
            return -inf
        assert found.status == 0, (found.status, found.message)
        return found.fun

    def value(self, name: Any) -> int:
        return int(self.others[self.places[name]].sum())

    def count(self, name: Any) -> tuple[int, float]:
        """Least and most records of the others in a group; whole numbers."""
        if (self.bounded[self.places[name]] == 0).any():
            return 0, inf  # an atom of it lies in nothing that is shown
        cost = np.zeros(2 * len(self.atoms))
        cost[self.places[name]] = 1
        own = int(self.own[self.places[name]].sum())
        most = -self._solve(-cost)
        return ceil(self._solve(cost) - HAIR) - own, most if most == inf else floor(most + HAIR) - own

    def mean_may_be(self, name: Any, factor: float) -> bool:
        """Whether there is a possible world with somebody in the group, whose mean is at least (or, below one, at most)
        so many times the true one of the others."""
        inside = self.places[name][self.known[self.places[name]]]
        n = len(self.atoms)
        value, come_to = int(self.others[inside].sum()), float(self.others_sums[inside].sum())
        own, own_sums = int(self.own[inside].sum()), float((self.total_sums - self.others_sums)[inside].sum())
        edge = come_to / value * factor
        sign = 1 if factor > 1 else -1
        cost = np.zeros(2 * n)
        cost[inside + n], cost[inside] = -sign, sign * edge
        somebody = np.zeros((1, 2 * n))
        somebody[0, inside] = -1
        rows = [each for each in (self.upper, csr_matrix(somebody)) if each is not None]
        found = self._solve(cost, vstack(rows), np.append(self.bounds, -(own + 1)))
        return found == -inf or -found >= sign * (own_sums - edge * own) - HAIR


# From figures to what is known of groups of records


def key_of(row: Row, cut: str) -> tuple[Any, ...] | None:
    values = tuple(row.dims.get(name) for name in CUTS[cut].dimensions)
    return None if None in values else values


def cells(
    rows: Sequence[Row], cuts: Iterable[str], groups: dict[int, frozenset[int]], parts: Sequence[str] = ("",)
) -> dict[Any, frozenset[int]]:
    """(cut, values, group, part) -> places of its records, for every cell that somebody could ask for."""
    found: dict[Any, set[int]] = {}
    for place, row in enumerate(rows):
        for cut in cuts:
            key = key_of(row, cut)
            if key is None or (row.dims.get("route") == "in_house" and cut not in EVERY_HOME):
                continue
            for group in [None, *(name for name, members in groups.items() if row.authority in members)]:
                for part in parts:
                    if not part or row.values[part]:
                        found.setdefault((cut, key, group, part), set()).add(place)
    return {key: frozenset(members) for key, members in found.items()}


def told_by(figure: Figure, whose: Callable[..., frozenset[int]]) -> list[Shown]:
    """What one figure says, and of which records (`whose` gives them: by part, and of which cell if not its own)."""
    measure = MEASURES[figure.measure]
    if figure.n is None:
        return []
    least, most = max(figure.n - 2, 8), figure.n + 2
    if measure.kind == "spread":
        money = measure.unit.startswith("£")
        mean = None
        if figure.figures.mean is not None:
            least, spare = max(least, 10), Fraction(5, 2) if money else Fraction(1, 2)
            mean = (Fraction(figure.figures.mean) - spare, Fraction(figure.figures.mean) + spare)
        if figure.figures.ninetieth is not None:
            least = max(least, 20)
        return [Shown(whose(measure.part), least, most, mean)]
    least = max(least, 10)
    if not measure.whole:  # the share of a route tells how many homes it is a share of
        cell = ("service", figure.values[:1]) if figure.cut == "service_route" else ("bought", ())
        return [Shown(whose("", *cell), least, most)]
    facts = [
        Shown(whose(measure.whole if measure.counted and measure.whole not in ("asked", "said") else ""), least, most)
    ]
    if measure.counted and figure.percent is not None:
        parts = [
            part
            for part in range(0, figure.n + 5, 5)
            if min((200 * part + figure.n) // (2 * figure.n), 99) == figure.percent
        ]
        facts.append(Shown(whose(measure.part), min(parts) - 2, max(parts) + 2))
    return facts


def against(
    rows: Sequence[Row], figures: Sequence[Figure], population: str, groups: dict[int, frozenset[int]] | None = None
) -> tuple[Attacker, dict[Any, frozenset[int]], set[Any]]:
    """(attacker, every cell, those of which a count is shown) for a whole release: one population, all its cuts and
    measures together."""
    measures = [measure for measure in MEASURES.values() if measure.population == population]
    counted = any(measure.counted for measure in measures)
    parts = ("", "answered", "offered", "chosen") if counted else ("",)
    if population == "voices":
        parts = ("", "agrees", "others")
    cuts = {cut for measure in measures for cut in measure.cuts}
    every = cells(rows, sorted(cuts), groups or {}, parts)
    shown: list[Shown] = []
    seen: set[Any] = set()
    for figure in figures:
        if MEASURES[figure.measure].population != population or figure.sign:
            continue

        def whose(part: str, cut: str = "", values: Any = None, figure: Figure = figure) -> frozenset[int]:
            name = (cut or figure.cut, figure.values if values is None else values, figure.group, part)
            if cut == "bought":
                inside = (groups or {}).get(figure.group)  # type: ignore[arg-type]
                return frozenset(
                    place for place, row in enumerate(rows)
                    if row.dims["route"] != "in_house" and (inside is None or row.authority in inside)
                )  # fmt: skip
            seen.add(name)
            return every[name]

        shown += told_by(figure, whose)
    return Attacker(rows, shown, every), every, seen
