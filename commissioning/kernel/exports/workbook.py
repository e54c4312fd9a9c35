"""The rows of a page as an Excel workbook: a first sheet about the file, then the tables, with charts where wanted.

Rows are written as they are read and never held, so a long list costs no more memory than a short one.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain, islice
from typing import IO, Any

from openpyxl import Workbook
from openpyxl.utils import get_column_letter

from ..tables import NUMERIC, Column
from . import cells
from .charts import SpreadChart, add_chart
from .notice import Notice
from .rows import WIDEST, ListSheet
from .text import clean

CONTENT_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
ABOUT = "About this file"
MOST_ROWS = 1_048_575  # of a sheet, its heading row apart
_WIDTH_FROM_ROWS = 100
_NARROWEST = 10
_KIND_WIDTHS = {"date": 12, "instant": 18, "money": 14, "number": 12, "percent": 10, "yesno": 8}


@dataclass(frozen=True)
class SheetOf:
    """One table of a workbook: its name, the page's columns, the rows, a native chart of them where wanted, and notes
    that stand under the rows."""

    title: str
    columns: Sequence[Column]
    rows: Iterable[Any]
    chart: SpreadChart | None = None
    notes: Sequence[str] = ()


def write_workbook(target: IO[bytes], sheets: Sequence[SheetOf], notice: Notice) -> int:
    """Writes the workbook to `target` and returns the number of rows, all sheets together, that its first sheet states.

    ValueError where a sheet has more rows than Excel can hold: nothing is cut off silently.
    """
    with streamed(target, notice) as book:
        about = book.create_sheet(ABOUT)
        names = sheet_names([ABOUT, *(sheet.title for sheet in sheets)])[1:]
        counts = [write_sheet(book, name, sheet) for name, sheet in zip(names, sheets, strict=True)]
        extra = [(f"Rows on {name}", count) for name, count in zip(names, counts, strict=True)]
        write_about(about, [*notice.lines(sum(counts)), *(extra if len(extra) > 1 else [])])
    return sum(counts)


def workbook_bytes(sheets: Sequence[SheetOf], notice: Notice) -> bytes:
    """The workbook as bytes."""
    buffer = io.BytesIO()
    write_workbook(buffer, sheets, notice)
    return buffer.getvalue()


@contextmanager
def streamed(target: IO[bytes], notice: Notice) -> Iterator[Workbook]:
    """A workbook written to disk row by row, saved to `target` at the end; after an error nothing of it is left."""
    book = Workbook(write_only=True)
    book.properties.title, book.properties.creator = clean(notice.title), clean(notice.viewer)
    try:
        yield book
    except BaseException:
        for sheet in book.worksheets:
            if sheet._writer is not None:  # each sheet is a temporary file from its first row on
                sheet.close()
                sheet._writer.cleanup()
        raise
    book.save(target)


def sheet_names(titles: Iterable[str]) -> list[str]:
    """The titles as Excel allows them: without []:*?/\\ and outer apostrophes, at most 31 characters, each once."""
    taken: set[str] = set()
    names = []
    for title in titles:
        plain = re.sub(r"[\[\]:*?/\\\s\x00-\x1f]+", " ", title).strip(" '")[:31].strip(" '") or "Sheet"
        if plain.lower() == "history":  # reserved by Excel
            plain = "History of changes"
        name, number = plain, 2
        while name.lower() in taken:
            ending = f" {number}"
            name, number = plain[: 31 - len(ending)] + ending, number + 1
        taken.add(name.lower())
        names.append(name)
    return names


def write_sheet(book: Workbook, name: str, sheet: SheetOf) -> int:
    """Writes one table to a sheet of its own in a `streamed` workbook, and returns how many rows it has."""
    made = ListSheet(book, name, sheet.columns)
    rows = iter(sheet.rows)
    first = list(islice(rows, _WIDTH_FROM_ROWS))
    for number, column in enumerate(sheet.columns, start=1):
        made.column_dimensions[get_column_letter(number)].width = _width(column, first)
    made.freeze_panes = "B2"
    made.append([_heading(made, column) for column in sheet.columns])
    count = 0
    for row in chain(first, rows):
        count += 1
        if count > MOST_ROWS:
            raise ValueError(f"More than {MOST_ROWS:,} rows do not fit a sheet: download the csv, or filter first")
        made.add(row)
    made.auto_filter.ref = f"A1:{get_column_letter(len(sheet.columns))}{count + 1}"
    if sheet.chart is not None and count:
        add_chart(made, sheet.chart, [column.key for column in sheet.columns], count)
    for note in ("", *sheet.notes) if sheet.notes else ():
        made.append([cells.cell(made, note)])
    return count


def _heading(made: Any, column: Column) -> Any:
    heading = cells.cell(made, column.heading)
    heading.font, heading.fill, heading.alignment = cells.BOLD, cells.HEADING, cells.WRAPPED
    return heading


def _width(column: Column, rows: Sequence[Any]) -> int:
    longest = max((len(word) for word in column.heading.split()), default=0) + 4
    if column.kind in NUMERIC or column.kind in _KIND_WIDTHS:
        return max(longest, _KIND_WIDTHS[column.kind])
    texts = (str(column.of(row) or column.missing) for row in rows)
    return min(WIDEST, max(_NARROWEST, longest, *(len(text) + 2 for text in texts), 0))


def write_about(about: Any, lines: Iterable[tuple[str, str | int]]) -> None:
    """Writes label and value pairs to an empty write-only sheet."""
    about.column_dimensions["A"].width, about.column_dimensions["B"].width = 20, 90
    for label, value in lines:
        first, second = cells.cell(about, label), cells.cell(about, value)
        first.font = cells.BOLD
        first.alignment = second.alignment = cells.WRAPPED_LEFT
        about.append([first, second])
