"""Slow, obvious oracles: the rules of one cell and every figure of it, in plain Python over plain rows."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from fractions import Fraction
from math import floor
from typing import Any

from commissioning.compare.rules.catalogue import MEASURES
from commissioning.compare.rules.cells import PARTS, Figures
from commissioning.compare.rules.disclosure import OF_PROVIDER
from commissioning.compare.rules.figures import Figure
from tests.compare.attacker import cells
from tests.compare.partnership_rows import Row


def too_great(parts: Iterable[Fraction | int], *, viewers: int) -> bool:
    """p% 15, (2, 85%) and (1, 60%): each as the handbooks word it, for every part and every set of viewers."""
    ordered = sorted((abs(Fraction(part)) for part in parts), reverse=True)
    whole = sum(ordered)
    if not whole:
        return False
    if ordered[0] > whole * Fraction(60, 100) or sum(ordered[:2]) > whole * Fraction(85, 100):
        return True
    for place, part in enumerate(ordered):
        knows = sum((ordered[:place] + ordered[place + 1 :])[:viewers])
        if part and whole - part - knows < part * Fraction(15, 100):
            return True
    return False


def unfit(rows: Sequence[Row], members: Iterable[int], *, of_provider: bool = False, value: str = "") -> bool:
    """Whether a cell may not be shown by itself."""
    inside = [rows[place] for place in members]
    children: dict[int, set[int]] = {}
    spent: dict[int, int] = {}
    provided: dict[Any, int] = {}
    for row in inside:
        children.setdefault(row.authority, set()).add(row.child)
        amount = abs(row.values[value] if value else row.amount or 0)
        spent[row.authority] = spent.get(row.authority, 0) + amount
        provided[row.provider] = provided.get(row.provider, 0) + amount
    counts = sorted((len(each) for each in children.values()), reverse=True)
    if sum(counts) < 8 or len(counts) < 5 or sum(counts[2:]) < 5:
        return True
    return too_great(spent.values(), viewers=2) or (not of_provider and too_great(provided.values(), viewers=1))


def nearest(exact: Fraction, step: int) -> Decimal:
    """Halves away from nought."""
    steps = floor(abs(exact) / step + Fraction(1, 2))
    return Decimal(steps * step if exact >= 0 else -steps * step)


def nearest_five(n: int) -> int:
    return int(nearest(Fraction(n), 5))


def quantile(ordered: Sequence[Fraction], share: Fraction) -> Fraction:
    place = (len(ordered) - 1) * share
    below = floor(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)


def spread(rows: Sequence[Row], members: Iterable[int], *, money: bool) -> Figures:
    inside = [rows[place] for place in members if rows[place].amount is not None]
    children = {row.child for row in inside}
    if len(children) < 10:
        return Figures()
    ordered = sorted(Fraction(row.amount, PARTS) for row in inside)
    step = 5 if money else 1
    tails = len(children) >= 20
    return Figures(
        mean=nearest(sum(ordered) / len(ordered), step),
        median=nearest(quantile(ordered, Fraction(1, 2)), step),
        lower_quartile=nearest(quantile(ordered, Fraction(1, 4)), step),
        upper_quartile=nearest(quantile(ordered, Fraction(3, 4)), step),
        tenth=nearest(quantile(ordered, Fraction(1, 10)), step) if tails else None,
        ninetieth=nearest(quantile(ordered, Fraction(9, 10)), step) if tails else None,
        mode_from=mode(inside) if money else None,
    )


def mode(inside: Sequence[Row]) -> int | None:
    bands: dict[int, list[Row]] = {}
    for row in inside:
        bands.setdefault(floor(Fraction(row.amount or 0, PARTS) / 25) * 25, []).append(row)
    fullest = max(sorted(bands), key=lambda band: len(bands[band]))
    there = bands[fullest]
    if len({row.child for row in there}) < 5 or len({row.authority for row in there}) < 3:
        return None
    return fullest


_PARTS = {"searches": ("", "asked", "answered", "offered", "chosen"), "voices": ("", "said", "agrees", "others")}


def expected(rows: Sequence[Row], figure: Figure, groups: dict[int, frozenset[int]]) -> Figure | None:
    """The figure as the oracle works it out; None where it may not be shown."""
    measure = MEASURES[figure.measure]
    every = cells(
        rows,
        [figure.cut],
        groups,
        _PARTS.get(measure.population, ("",)),
    )
    of_provider = figure.cut in OF_PROVIDER
    cell = every[figure.cut, figure.values, figure.group, ""]
    if measure.kind == "spread":
        members = every.get((figure.cut, figure.values, figure.group, measure.part), frozenset())
        if unfit(rows, members, of_provider=of_provider):
            return None
        figures = spread(rows, members, money=measure.unit.startswith("£"))
        return Figure(
            measure.key, figure.cut, figure.values, figure.group, n=nearest_five(len(members)), figures=figures
        )
    if measure.counted:
        whole, part = (
            every.get((figure.cut, figure.values, figure.group, name), frozenset())
            for name in (measure.whole, measure.part)
        )
        value, sums = "", (len(part), len(whole))
    else:
        part = frozenset(place for place in cell if rows[place].values[measure.part])
        whole = cell
        if not measure.whole:
            inside = groups.get(figure.group) if figure.group is not None else None
            whole = frozenset(
                place for place, row in enumerate(rows)
                if row.dims["route"] != "in_house" and (inside is None or row.authority in inside)
                and (figure.cut == "route" or row.dims["service"] == figure.values[0])
            )  # fmt: skip
        value = measure.part
        sums = (
            sum(rows[place].values[measure.part] for place in part),
            sum(rows[place].values[measure.whole or measure.part] for place in whole),
        )
    rest = whole - part
    if len({rows[place].child for place in whole}) < 10 or unfit(rows, cell, of_provider=of_provider):
        return None
    ones = {measure.whole if measure.whole == "said" else "asked"} if measure.counted else {value}
    if any(some and unfit(rows, some, of_provider=of_provider, value=next(iter(ones))) for some in (part, rest)):
        return None
    if not part or not rest and sums[0] == sums[1]:
        return None
    if measure.counted:
        sums = (nearest_five(sums[0]), nearest_five(sums[1]))
    share = Fraction(100 * sums[0], sums[1])
    percent = min(int(nearest(share, 1)), 99)
    return Figure(
        measure.key, figure.cut, figure.values, figure.group, n=None if percent == 0 else nearest_five(len(whole)),
        percent=percent or None, sign="k" if percent == 0 else "",
    )  # fmt: skip
