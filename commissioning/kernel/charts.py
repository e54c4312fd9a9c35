"""Charts whose data is also their table: one set of rows feeds both, so that they cannot disagree.

`{{ chart }}` renders a figure: the chart where scripts run, and always the HTML table of the same rows. Figures
become floats only on the way to the drawing; every figure that is read comes from the table's exact values.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from django.template.loader import render_to_string
from django.utils.html import html_safe, json_script
from django.utils.safestring import SafeString
from django.utils.text import slugify

from commissioning.kernel.tables import Column, Table

# Always in this order; assets/charts.js gives each its colour and pattern by key.
ROUTES: tuple[tuple[str, str], ...] = (
    ("framework", "Framework"),
    ("block", "Block contract"),
    ("dynamic_market", "Dynamic market"),
    ("spot", "Spot"),
    ("in_house", "In-house"),
)


@dataclass(frozen=True)
class Dot:
    """One provider's figure on a strip."""

    name: str
    value: Decimal
    href: str = ""


@dataclass(frozen=True)
class Strip:
    """One price line: every provider's figure, the spread worked out by the caller, and our own where there is one."""

    label: str
    dots: Sequence[Dot]
    lower: Decimal | None = None
    median: Decimal | None = None
    upper: Decimal | None = None
    ours: Decimal | None = None

    @property
    def n(self) -> int:
        return len(self.dots)

    @property
    def lowest(self) -> Decimal | None:
        return min((dot.value for dot in self.dots), default=None)

    @property
    def highest(self) -> Decimal | None:
        return max((dot.value for dot in self.dots), default=None)


@html_safe
@dataclass
class Chart:
    """A finding as a title, its rows, and how to draw them.

    kind: dot_strip (rows are Strips; use `dot_strip`), columns (stacked), line, or dumbbell (two series, ours and the
    partnership's, with the distance between them). For these the first Column names the category and each further
    Column is a series; a series key found in ROUTES is drawn in that order and colour. A missing value is a gap in a
    line and nothing in a column, never nought.
    """

    title: str
    kind: str
    columns: Sequence[Column]
    rows: Sequence[Any]
    unit: str = ""
    caption: str = ""
    note: str = ""
    ours_label: str = "Ours"
    slug: str = ""
    noun: str = "provider"
    extra_tables: Sequence[Table] = field(default_factory=tuple)
    own_table: bool = True  # False only where the page puts the same rows, more fully, in a table right under it

    def __post_init__(self) -> None:
        self.rows = list(self.rows)
        self.slug = self.slug or f"chart-{slugify(self.title)[:50]}"
        if self.kind not in ("dot_strip", "columns", "line", "dumbbell"):
            raise ValueError(f"No chart of kind {self.kind!r}")

    @property
    def tables(self) -> list[Table]:
        """The table of the chart's own rows, and any that hold its finer detail."""
        if not self.own_table:
            return list(self.extra_tables)
        return [_beside(self.columns, self.rows, self.caption or "The same figures as a table"), *self.extra_tables]

    @property
    def marks(self) -> list[tuple[str, str]]:
        """What each mark stands for, in words, above a dot strip."""
        if self.kind == "dumbbell":
            return [("ours", self.columns[1].label), ("dot", self.columns[2].label)]
        if self.kind != "dot_strip":
            return []
        marks = [("dot", f"a {self.noun}")]
        if any(strip.lower is not None for strip in self.rows):
            marks += [("band", "middle half: lower to upper quartile"), ("median", "median")]
        if any(strip.ours is not None for strip in self.rows):
            marks.append(("ours", self.ours_label))
        return marks

    @property
    def hint(self) -> str:
        return "Point at the chart, or focus it and use the arrow keys, to read each figure."

    @property
    def payload(self) -> SafeString:
        """The data as a JSON script: inert, so that a strict content security policy lets it be."""
        return json_script(self.data(), f"{self.slug}-data")

    def data(self) -> dict[str, Any]:
        """What assets/charts.js draws: numbers for positions, and the words of each figure as the table has them."""
        base = {"kind": self.kind, "title": self.title, "unit": self.unit, "oursLabel": self.ours_label}
        return base | (self._strips() if self.kind == "dot_strip" else self._series())

    def _strips(self) -> dict[str, Any]:
        say = Column("figure", "", kind="money").text
        strips = []
        for strip in self.rows:
            dots = [
                {"name": dot.name, "value": float(dot.value), "text": say(dot.value), "href": dot.href}
                for dot in sorted(strip.dots, key=lambda dot: (dot.value, dot.name))
            ]
            figures = {name: plain(getattr(strip, name)) for name in ("lower", "median", "upper", "ours")}
            words = {f"{name}Text": say(getattr(strip, name)) for name in figures}
            strips.append({"label": strip.label, "dots": dots, **figures, **words})
        return {"strips": strips}

    def _series(self) -> dict[str, Any]:
        category, *series = self.columns
        order = {key: place for place, (key, _) in enumerate(ROUTES)}
        series.sort(key=lambda column: order.get(column.key, len(order)))
        return {
            "categories": [category.text(category.of(row)) for row in self.rows],
            "series": [
                {
                    "key": column.key,
                    "label": column.label,
                    "values": [plain(column.of(row)) for row in self.rows],
                    "texts": [_in_words(column, column.of(row)) for row in self.rows],
                }
                for column in series
            ],
        }

    def render(self) -> SafeString:
        return render_to_string("components/chart.html", {"chart": self})

    __str__ = render


def _beside(columns: Sequence[Column], rows: Sequence[Any], caption: str) -> Table:
    """A table beside a chart: all rows, close set, scrolling inside itself where the screen is narrow."""
    return Table(columns, rows, caption, per_page=None, compact=True, cards=False, level=3)


def _in_words(column: Column, value: Any) -> str:
    """A figure with its unit, as it is read aloud: "£740.00 a week"."""
    if value is None:
        return column.missing
    return f"{replace(column, unit='').text(value)} {column.unit.replace('£', '').strip()}".strip()


def plain(value: Decimal | int | float | None) -> float | None:
    return None if value is None else float(value)


def strip_columns(unit: str, ours_label: str = "Ours", line_label: str = "Price line") -> list[Column]:
    """The columns of a dot strip's table: the spread of each price line."""
    money = {"kind": "money", "unit": unit}
    return [
        Column("label", line_label),
        Column("n", "Providers", kind="number"),
        Column("lowest", "Lowest", **money),  # type: ignore[arg-type]
        Column("lower", "Lower quartile", **money),  # type: ignore[arg-type]
        Column("median", "Median", **money),  # type: ignore[arg-type]
        Column("upper", "Upper quartile", **money),  # type: ignore[arg-type]
        Column("highest", "Highest", **money),  # type: ignore[arg-type]
        Column("ours", ours_label, **money),  # type: ignore[arg-type]
    ]


def dot_strip(
    title: str,
    strips: Iterable[Strip],
    *,
    unit: str,
    ours_label: str = "Ours",
    caption: str = "",
    note: str = "",
    slug: str = "",
    each: bool = True,
    own_table: bool = True,
) -> Chart:
    """Where each provider's figure stands among the others', one strip per price line.

    The table has a row per price line with its spread; unless `each` is False a second one has a row per provider.
    The column of our own figure appears only where some strip has one.
    """
    strips = list(strips)
    columns = strip_columns(unit, ours_label)
    if all(strip.ours is None for strip in strips):
        columns.pop()
    tables = (_each_provider(strips, unit),) if each and strips else ()
    return Chart(
        title,
        "dot_strip",
        columns,
        strips,
        unit=unit,
        caption=caption or "The spread on each price line",
        note=note,
        ours_label=ours_label,
        slug=slug,
        extra_tables=tables,
        own_table=own_table,
    )


def _each_provider(strips: Sequence[Strip], unit: str) -> Table:
    figures: dict[str, dict[str, Any]] = {}
    for place, strip in enumerate(strips):
        for dot in strip.dots:
            row = figures.setdefault(dot.name, {"name": dot.name, "href": dot.href})
            row[f"strip_{place}"] = dot.value
    columns = [Column("name", "Provider", link=lambda row: row["href"] or None)]
    columns += [_strip_column(place, strip, unit) for place, strip in enumerate(strips)]
    rows = sorted(figures.values(), key=lambda row: row["name"].casefold())
    return _beside(columns, rows, "Each provider's figure")


def _strip_column(place: int, strip: Strip, unit: str) -> Column:
    key = f"strip_{place}"

    def figure(row: Mapping[str, Any]) -> Any:
        return row.get(key)

    return Column(key, strip.label, value=figure, kind="money", unit=unit, missing="no rate")
