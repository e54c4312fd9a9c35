"""Rejected rows as a workbook to mend and send again: the sender's own cells, the faulty ones marked, and why."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from openpyxl import Workbook
from openpyxl.comments import Comment
from openpyxl.utils import get_column_letter

from . import cells
from .notice import Notice
from .workbook import ABOUT, sheet_names, streamed, write_about

WHAT_TO_CHANGE = "What to change"
_AUTHOR = "Import"


@dataclass(frozen=True)
class Fault:
    """reason: a sentence the sender can act on. column: place of the faulty cell from 0; None where it is the row's."""

    reason: str
    column: int | None = None


@dataclass(frozen=True)
class RejectedRow:
    """row_number: of the row in the sender's file, from 1. cells: its values as they were read, in file order."""

    row_number: int
    cells: Sequence[Any]
    faults: Sequence[Fault]


@dataclass(frozen=True)
class RejectedSheet:
    """headings: the sender's own, in file order, so that the mended sheet can go in again as it is."""

    name: str
    headings: Sequence[str | None]
    rows: Iterable[RejectedRow]


def rejects_workbook(sheets: Sequence[RejectedSheet], notice: Notice) -> bytes:
    """A workbook of the rejected rows. The sender's sheets keep their names and come first; the notice comes last."""
    names = sheet_names([*(sheet.name for sheet in sheets), ABOUT])
    buffer = io.BytesIO()
    with streamed(buffer, notice) as book:
        count = sum(_write_sheet(book, name, sheet) for name, sheet in zip(names, sheets, strict=False))
        write_about(book.create_sheet(names[-1]), notice.lines(count))
    return buffer.getvalue()


def _write_sheet(book: Workbook, name: str, sheet: RejectedSheet) -> int:
    made = book.create_sheet(name)
    rows = list(sheet.rows)
    # A row may have more cells than there are headings: what to change stands beyond the longest.
    width = max([len(sheet.headings), *(len(row.cells) for row in rows)], default=0)
    for place in range(1, width + 1):
        made.column_dimensions[get_column_letter(place)].width = 18
    made.column_dimensions[get_column_letter(width + 1)].width = 80
    made.freeze_panes = "A2"
    padded = [*sheet.headings, *[None] * (width - len(sheet.headings)), WHAT_TO_CHANGE]
    headings = [cells.cell(made, heading) for heading in padded]
    for heading in headings:
        heading.font, heading.fill, heading.alignment = cells.BOLD, cells.HEADING, cells.WRAPPED
    made.append(headings)
    for row in rows:
        made.append(_row(made, row, width))
    return len(rows)


def _row(sheet: Any, row: RejectedRow, width: int) -> list[Any]:
    values = [*row.cells, *[None] * (width - len(row.cells))]
    made = [cells.cell(sheet, value) for value in values]
    reasons: dict[int, list[str]] = {}
    for fault in row.faults:
        if fault.column is not None and not 0 <= fault.column < width:
            raise ValueError(f"Row {row.row_number} has no column {fault.column}")
        if fault.column is not None:
            reasons.setdefault(fault.column, []).append(fault.reason)
    for place, texts in reasons.items():
        made[place].fill = cells.FAULT
        made[place].comment = Comment("\n".join(texts), _AUTHOR, height=120, width=320)
    said = f"Row {row.row_number}: " + " ".join(fault.reason for fault in row.faults)
    last = cells.cell(sheet, said)
    last.alignment = cells.WRAPPED
    return [*made, last]
