"""Rows of a long list in a workbook, written as text: openpyxl makes an element of each cell, which costs ten times
what the list itself does. What a cell is stays for cells.py to say; it is asked once for each value of a column."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from xml.sax.saxutils import escape

from openpyxl import LXML, Workbook
from openpyxl.cell._writer import _set_attributes
from openpyxl.compat import safe_string
from openpyxl.utils import get_column_letter
from openpyxl.worksheet._write_only import WriteOnlyWorksheet
from openpyxl.worksheet._writer import WorksheetWriter

from ..tables import Column
from . import cells

MOST_REMEMBERED = 20_000  # values of a column
WIDEST = 60


class _Writer(WorksheetWriter):
    def write_row(self, xf: Any, row: Any, row_idx: int) -> None:
        if isinstance(row, str):
            xf._file(f'<row r="{row_idx}">{row}</row>')
        else:
            super().write_row(xf, row, row_idx)


class ListSheet(WriteOnlyWorksheet):
    """A sheet of a write-only workbook that takes a list's rows beside the usual ones."""

    def __init__(self, book: Workbook, name: str, columns: Sequence[Column]) -> None:
        super().__init__(book, name)
        book._add_sheet(self)
        self._columns = [(column, get_column_letter(number), {}) for number, column in enumerate(columns, start=1)]
        self._number = 0

    def append(self, row: Any) -> None:
        super().append(row)
        self._number += 1

    def add(self, row: Any) -> None:
        """One row of the list."""
        if LXML:  # its writer takes elements alone
            self.append([_cell(self, column, column.of(row)) for column, _, _ in self._columns])
            return
        number = self._number + 1
        written = [
            f'<c r="{letter}{number}"{self._told(column, column.of(row), known)}'
            for column, letter, known in self._columns
        ]
        self._rows.send("".join(written))  # the heading row has opened the sheet
        self._number = number

    def _told(self, column: Column, value: Any, known: dict[Any, str]) -> str:
        key = (type(value), str(value))  # 1.50 is 1.5, and reads otherwise
        told = known.get(key)
        if told is None:
            told = _written(_cell(self, column, value))
            if len(known) < MOST_REMEMBERED:
                known[key] = told
        return told

    def _get_writer(self) -> None:
        if self._writer is None:
            self._writer = _Writer(self)
            self._writer.write_top()

    def _values_to_row(self, values: Any, row_idx: int) -> Any:
        return values if isinstance(values, str) else super()._values_to_row(values, row_idx)


def _cell(sheet: Any, column: Column, value: Any) -> Any:
    """Text that is longer than the widest column goes on in the next line."""
    cell = cells.cell(sheet, value, column)
    if isinstance(cell.value, str) and len(cell.value) > WIDEST:
        cell.alignment = cells.WRAPPED_LEFT
    return cell


def _written(cell: Any) -> str:
    """The rest of the cell's element, after its address."""
    cell.row = cell.column = 1
    value, attributes = _set_attributes(cell, cell.has_style)
    marks = "".join(f' {name}="{mark}"' for name, mark in attributes.items() if name != "r")
    if value is None or value == "":
        return f"{marks}/>"
    if cell.data_type != "s":
        return f"{marks}><v>{safe_string(value)}</v></c>"
    space = ' xml:space="preserve"' if value != value.strip() else ""
    return f"{marks}><is><t{space}>{escape(value)}</t></is></c>"
