"""Rows of the steering group's workbook that put several measures side by side, and what of ours is withheld in it.

Every figure comes from benchmark() or cost_of_care(), as the pages have it.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from commissioning.kernel.tables import Column
from commissioning.kernel.wording import Withheld

from .measures.benchmark import Benchmark, Row, Values
from .measures.cost_of_care import Care, CostOfCare
from .pages import benchmark_tables as tables
from .rules.small_numbers import hidden

OURS_WITHHELD = Withheld("1 to 7 of our children stand behind it, or it would give such a figure away.")
OURS = ("our_n", "our_median", "our_mean", "our_percent", "difference", "position")
OURS_OF_CARE = ("n", "mode", "mean", "median", "lower", "upper", "unpriced", "difference", "position")


def few(found: Benchmark, *, exact: bool) -> set[Values]:
    """The cells whose own figures are withheld from a copy that is sent to others."""
    if exact:
        return set()
    return hidden({row.values: row.own.children for row in found.rows if row.own})


def few_of_care(found: CostOfCare, *, exact: bool) -> set[str]:
    return set() if exact else hidden({row.kind.key: row.paid.n + row.paid.unpriced for row in found.rows})


def guarded(columns: Sequence[Column], key: Callable[[Any], Any], away: Collection[Any], ours: Sequence[str] = OURS,
            ) -> list[Column]:  # fmt: skip
    """The page's columns, without links, with the sign in place of our own figures in the rows `away`."""

    def guard(column: Column) -> Column:
        def value(row: Any) -> Any:
            return OURS_WITHHELD if key(row) in away else column.of(row)

        return replace(column, link=None, **({"value": value} if column.key in ours else {}))

    return [guard(column) for column in columns]


def of_values(row: Row) -> Values:
    return row.values


def of_kind(row: Care) -> str:
    return row.kind.key


def drawn_first(rows: Sequence[Row], away: Collection[Values], *, share: bool = False) -> tuple[list[Row], int]:
    """(rows, how many of them can be drawn), those with both figures first: see SpreadChart.rows."""

    def both(row: Row) -> bool:
        if row.values in away or row.own is None or row.shared is None:
            return False
        return (row.own.percent, row.shared.percent).count(None) == 0 if share else row.difference is not None

    can = [row for row in rows if both(row)]
    return [*can, *(row for row in rows if not both(row))], min(len(can), tables.MOST_DRAWN)


# Several measures of one cell


@dataclass(frozen=True)
class Together:
    """One cell with its row in each measure, by the measure's key; `labels` in the order of the heads."""

    labels: tuple[str, ...]
    rows: Mapping[str, Row]
    away: bool

    @property
    def first(self) -> Row:
        return next(iter(self.rows.values()))


def together(founds: Sequence[Benchmark], *, exact: bool, lead: tuple[str, ...] = ()) -> list[Together]:
    """The cells of benchmarks by one cut, in the order of the first. `lead`: labels before the cell's own."""
    away = set().union(*(few(found, exact=exact) for found in founds))
    by_measure = {found.measure.key: {row.values: row for row in found.rows} for found in founds}
    order = dict.fromkeys(row.values for found in founds for row in found.rows)
    words = {row.values: tuple(found.names.each(row.values)) for found in founds for row in found.rows}
    return [
        Together(
            lead + words[values],
            {key: rows[values] for key, rows in by_measure.items() if values in rows},
            values in away,
        )
        for values in order
    ]


def heads(*words: tuple[str, str]) -> list[Column]:
    """Columns of the labels: (key, heading)."""

    def label(place: int) -> Callable[[Together], str]:
        return lambda row: row.labels[place]

    return [Column(key, heading, value=label(place)) for place, (key, heading) in enumerate(words)]


def beside(founds: Sequence[Benchmark]) -> list[Column]:
    """For each measure: ours and the partnership's (a median, or a share), with over how many ours stand."""
    columns = [Column("our_n", "Ours", value=_our_n, kind="number", missing="none")]
    for found in founds:
        what = {column.key: column for column in tables.columns(found)}
        ours, theirs = ("our_median", "median") if found.measure.kind == "spread" else ("our_percent", "percent")
        title = found.measure.title
        columns += [
            replace(what[ours], key=f"{found.measure.key}_{ours}", label=f"{title}: ours", sort=None,
                    value=_of(found, what[ours], ours=True)),
            replace(what[theirs], key=f"{found.measure.key}_{theirs}", label=f"{title}: partnership",
                    value=_of(found, what[theirs], ours=False)),
        ]  # fmt: skip
    return columns


def _our_n(row: Together) -> Any:
    if row.away:
        return OURS_WITHHELD
    return max((each.own.n for each in row.rows.values() if each.own), default=None)


def _of(found: Benchmark, column: Column, *, ours: bool) -> Callable[[Together], Any]:
    def value(row: Together) -> Any:
        mine = row.rows.get(found.measure.key)
        if mine is None:
            return None if ours else tables.withheld(None, found.measure)
        return OURS_WITHHELD if ours and row.away and mine.own else column.of(mine)

    return value


# Spot and framework


@dataclass(frozen=True)
class Premium:
    """One kind of home bought by the frameworks and spot: medians of each, as the release and our records have them."""

    label: str
    framework: Row | None
    spot: Row | None
    away: bool

    @property
    def ours(self) -> Decimal | None:
        """What spot costs us above the frameworks, pounds a week."""
        if self.framework is None or self.spot is None or self.framework.own is None or self.spot.own is None:
            return None
        return _above(self.spot.own.median, self.framework.own.median)

    @property
    def shared(self) -> Decimal | None:
        if self.framework is None or self.spot is None or self.framework.shared is None or self.spot.shared is None:
            return None
        return _above(self.spot.shared.median, self.framework.shared.median)


def _above(spot: Decimal | None, framework: Decimal | None) -> Decimal | None:
    return None if spot is None or framework is None else spot - framework


def premiums(found: Benchmark, *, exact: bool) -> list[Premium]:
    """From the weekly price by kind of home and route. Kinds that are bought in one way alone are left out."""
    away = few(found, exact=exact)
    by_cell = {row.values: row for row in found.rows}
    kinds = dict.fromkeys(values[0] for values in by_cell)
    made = []
    for kind in kinds:
        framework, spot = by_cell.get((kind, "framework")), by_cell.get((kind, "spot"))
        if framework and spot:
            label = found.names.each(framework.values)[0]
            made.append(Premium(label, framework, spot, bool({framework.values, spot.values} & away)))
    return sorted(made, key=lambda each: each.ours is None or each.shared is None or each.away)
