"""The files of an authority's own returns: the headings and the spelling that each layout asks for."""

import csv
import io
from datetime import date
from decimal import Decimal

from commissioning.kernel.exports.csv import BOM
from commissioning.kernel.exports.notice import Notice
from commissioning.kernel.exports.text import guard
from commissioning.kernel.exports.workbook import SheetOf, workbook_bytes
from commissioning.kernel.tables import Column as TableColumn

from .measures.returns import Value
from .rules.layouts import Layout


def csv_of(layout: Layout, rows: list[dict[str, Value]]) -> bytes:
    """The headings of the layout and the rows, in the spelling that the layout asks for: 31/12/2025 and 1234.50."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([column.heading for column in layout.columns])
    writer.writerows([[guard(spelt(row[column.key])) for column in layout.columns] for row in rows])
    return BOM + out.getvalue().encode()


def book_of(layout: Layout, rows: list[dict[str, Value]], notice: Notice) -> bytes:
    """The same as a workbook: dates that sort and amounts that add up."""
    kinds = {"date": "date", "money": "money", "whole": "number"}
    columns = [
        TableColumn(each.key, each.heading, kind=kinds.get(each.kind, "text"), missing="") for each in layout.columns
    ]
    return workbook_bytes([SheetOf(layout.label[:31], columns, rows)], notice)


def spelt(value: Value) -> str:
    if value is None:
        return ""
    if isinstance(value, date):
        return f"{value:%d/%m/%Y}"
    return f"{value:.2f}" if isinstance(value, Decimal) else str(value)
