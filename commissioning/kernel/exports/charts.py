"""Native Excel charts, drawn from the cells of the table beside them, so that both change together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from openpyxl.chart import BarChart, LineChart, Reference
from openpyxl.chart.axis import ChartLines
from openpyxl.chart.shapes import GraphicalProperties
from openpyxl.utils import get_column_letter

GREY, DARK, BLUE = "5F6B73", "0B0C0C", "14528C"  # the colours of the pages
_LINE_WIDTH = 19_050  # EMU: 1.5 points
_MARKS = ("dash", "diamond", "dash", "triangle", "circle")


@dataclass(frozen=True)
class SpreadChart:
    """A chart of the sheet it stands on, one category a row.

    label: key of the column that names the rows (price lines). series: keys of the columns drawn, usually
    lower_quartile, median, upper_quartile. ours: the one of them that is the viewer's own, drawn in blue.
    kind: "dots" (marks joined by a line from the lowest to the highest series), "columns" or "lines".
    rows: how many rows are drawn, from the first; all of them without it. Text in a cell (a withheld figure) would be
    drawn as nought, so rows with one come after those that are drawn.
    """

    title: str
    label: str
    series: Sequence[str]
    unit: str = ""
    ours: str = ""
    kind: Literal["dots", "columns", "lines"] = "dots"
    rows: int | None = None


def add_chart(sheet: Any, chart: SpreadChart, keys: Sequence[str], rows: int) -> None:
    """Puts `chart` right of the table on `sheet`: headings in row 1, `keys` the columns in order, `rows` data rows.

    ValueError where the chart names a column that the sheet does not have.
    """
    unknown = [key for key in (chart.label, *chart.series) if key not in keys]
    if unknown:
        raise ValueError(f"The chart {chart.title!r} asks for columns that the sheet does not have: {unknown}")
    rows = min(rows, chart.rows or rows)
    drawn = BarChart() if chart.kind == "columns" else LineChart()
    drawn.title, drawn.y_axis.title = chart.title, chart.unit or None
    for key in chart.series:
        column = keys.index(key) + 1
        drawn.add_data(Reference(sheet, min_col=column, min_row=1, max_row=rows + 1), titles_from_data=True)
    column = keys.index(chart.label) + 1
    drawn.set_categories(Reference(sheet, min_col=column, min_row=2, max_row=rows + 1))
    _style(drawn, chart)
    drawn.height, drawn.width = 10, max(16, min(40, 2.2 * rows))
    drawn.legend.position = "b"
    drawn.title.overlay = drawn.legend.overlay = False  # beside what is drawn, not over it
    # Without these, versions of Excel since 2016 draw no axes.
    drawn.x_axis.delete = drawn.y_axis.delete = False
    drawn.y_axis.number_format = "0%" if chart.unit.startswith("%") else "#,##0"  # cells hold 0.61 for 61%
    sheet.add_chart(drawn, f"{get_column_letter(len(keys) + 2)}2")


def _style(drawn: Any, chart: SpreadChart) -> None:
    if chart.kind == "dots":
        drawn.hiLowLines = ChartLines(spPr=GraphicalProperties(ln=None))
        drawn.hiLowLines.spPr.line.solidFill = GREY
        drawn.hiLowLines.spPr.line.width = _LINE_WIDTH * 3
    middle = len(chart.series) // 2
    for place, (key, series) in enumerate(zip(chart.series, drawn.series, strict=True)):
        colour = BLUE if key == chart.ours else DARK if place == middle else GREY
        if chart.kind == "columns":
            series.graphicalProperties.solidFill = colour
            continue
        series.smooth = False
        series.marker.symbol = "triangle" if key == chart.ours else _MARKS[place % len(_MARKS)]
        series.marker.size = 9
        series.marker.graphicalProperties = GraphicalProperties(solidFill=colour)
        series.marker.graphicalProperties.line.solidFill = colour
        if chart.kind == "dots":
            series.graphicalProperties.line.noFill = True
        else:
            series.graphicalProperties.line.solidFill = colour
            series.graphicalProperties.line.width = _LINE_WIDTH
