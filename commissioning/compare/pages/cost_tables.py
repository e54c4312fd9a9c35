"""The columns, sentences and chart of the cost of care."""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any

from commissioning.kernel import wording
from commissioning.kernel.charts import Chart
from commissioning.kernel.tables import Column

from ..measures.cost_of_care import MEASURE, Care, CostOfCare
from ..models import PublishedFigure
from ..rules.catalogue import MEASURES
from ..rules.intervals import position
from .benchmark_tables import withheld

WEEKLY = {"kind": "money", "unit": "£ a week"}
NO_HOME = "none"
KIND = Column("kind", "Kind of home", value=lambda row: row.label)


def own_columns() -> list[Column]:
    """What we pay. Pounds and pence: a page asks for whole pounds by `on_page()`."""

    def money(key: str, label: str, value: Callable[[Care], Any]) -> Column:
        return Column(key, label, value=value, missing=NO_HOME, **WEEKLY)  # type: ignore[arg-type]

    return [
        KIND,
        Column("n", "Homes", value=lambda row: row.paid.n, kind="number"),
        money("mode", "Most usual price", lambda row: row.paid.mode),
        money("mean", "Mean", lambda row: row.paid.mean),
        money("median", "Median", lambda row: row.paid.median),
        money("lower", "Lower quartile", lambda row: row.paid.spread.lower_quartile),
        money("upper", "Upper quartile", lambda row: row.paid.spread.upper_quartile),
        Column("unpriced", "Without a price", value=lambda row: row.paid.unpriced, kind="number"),
    ]  # fmt: skip


def shared_columns() -> list[Column]:
    """What the release shows of the partnership, or the sign in its place."""

    def shared(pick: Callable[[PublishedFigure], Any], *, needs: bool = True) -> Callable[[Care], Any]:
        def value(row: Care) -> Any:
            found = pick(row.shared) if row.shared else None
            if found is None and (needs or row.shared is None):
                return withheld(row.instead, MEASURES[MEASURE])
            return found

        return value

    def money(key: str, label: str, pick: Callable[[PublishedFigure], Any], *, needs: bool = True) -> Column:
        return Column(key, label, value=shared(pick, needs=needs), missing="no band shown", whole=True, **WEEKLY)  # type: ignore[arg-type]

    return [
        Column("shared_n", "Partnership", value=shared(lambda f: f.n), kind="number", unit="to nearest 5"),
        money("shared_median", "Partnership median", lambda f: f.median),
        money("shared_mean", "Partnership mean", lambda f: f.mean),
        money("shared_mode", "Most usual band from", lambda f: f.mode_from, needs=False),
        money("shared_lower", "Lower quartile there", lambda f: f.lower_quartile),
        money("shared_upper", "Upper quartile there", lambda f: f.upper_quartile),
        Column("difference", "Ours above", value=lambda row: row.difference, missing="not comparable", signed=True,
               whole=True, **WEEKLY),
        Column("position", "We lie", value=_position, missing="not comparable"),
        Column("whose", "Beside homes", value=lambda row: row.whose),
    ]  # fmt: skip


def _position(row: Care) -> str:
    if row.paid.median is None or row.shared is None:
        return ""
    return position(row.paid.median, row.shared.lower_quartile, row.shared.median, row.shared.upper_quartile)


def on_page(found: CostOfCare) -> list[Column]:
    """Whole pounds; the column of homes without a price only where there are any."""
    columns = [replace(column, whole=True) for column in own_columns()]
    return columns if found.unpriced else columns[:-1]


def beside() -> list[Column]:
    median = next(column for column in own_columns() if column.key == "median")
    return [KIND, replace(median, label="Our median", whole=True), *shared_columns()[:-1]]


def file_columns() -> list[Column]:
    return [*own_columns(), *shared_columns()]


def answer(found: CostOfCare, whose: str) -> str:
    """The page in one line: where a mean says most wrongly what is usual."""
    if not found.n:
        return f"No home of {whose} has a price recorded on {wording.day(found.day)}."
    said = f"{whose} paid for {wording.number(found.n)} homes on {wording.day(found.day)}."
    lifted = [row for row in found.rows if row.paid.mode and lift(row) > 0]
    if not lifted:
        return said
    row = max(lifted, key=lambda each: each.paid.n * lift(each))
    usual, median, mean = (wording.pounds(each or 0, whole=True) for each in
                           (row.paid.mode, row.paid.median, row.paid.mean))  # fmt: skip
    return (
        f"{said} {row.label}: the most usual price is {usual} a week and half cost {median} or less, though the mean "
        f"is {mean}: a few dear homes lift it."
    )


def lift(row: Care) -> Decimal:
    """How far a few dear homes lift the mean above the median, pounds a week."""
    return (row.paid.mean or Decimal(0)) - (row.paid.median or Decimal(0))


def dumbbell(found: CostOfCare, whose: str) -> Chart | None:
    rows = [row for row in found.rows if row.difference is not None]
    if not rows:
        return None
    dearer = sum(row.difference > 0 for row in rows if row.difference is not None)
    return Chart(
        f"{whose} lies above the partnership’s median in {dearer} of {len(rows)} kinds of home", "dumbbell",
        [
            KIND,
            Column("ours", whose, value=lambda row: row.paid.median, whole=True, **WEEKLY),  # type: ignore[arg-type]
            Column("partnership", "Partnership median", value=lambda row: row.shared.median, whole=True, **WEEKLY),  # type: ignore[arg-type]
        ],
        rows, unit="£ a week", own_table=False, slug="chart-cost-of-care",
    )  # fmt: skip
