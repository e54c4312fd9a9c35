"""A workbook to be filled in and sent back: instructions, locked headings, drop-downs, and cells meant for typing.

Protection has no password: it guards against slips, not against people. What comes back is checked all the same.
"""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from openpyxl import Workbook
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from ..tables import Column
from . import cells
from .notice import Notice
from .text import clean
from .workbook import sheet_names

INSTRUCTIONS, LISTS, REFERENCE = "Instructions", "Lists", "Reference"
Kind = Literal["text", "money", "number", "date", "choice"]
_FORMATS = {"money": "#,##0.00##", "number": "#,##0.####", "date": cells.DATE, "text": "@", "choice": "@"}
_EARLIEST, _LATEST = dt.date(2000, 1, 1), dt.date(2099, 12, 31)
_MOST = "99999999.9999"  # what a rate can hold


@dataclass(frozen=True)
class FormColumn:
    """One column of a form.

    key: where rows hold what is filled in beforehand. heading: what the sheet shows, and what the file is read back by.
    locked: it identifies the row and cannot be changed. choices: with kind "choice", the values of the drop-down.
    hint: shown when a cell is entered.
    """

    key: str
    heading: str
    kind: Kind = "text"
    locked: bool = False
    choices: Sequence[str] = ()
    hint: str = ""
    width: int = 16

    def __post_init__(self) -> None:
        if (self.kind == "choice") != bool(self.choices):
            raise ValueError(f"{self.heading}: a column has choices where its kind is choice, and only there")


@dataclass
class WorkbookForm:
    """rows: mappings of what stands in the form already, keyed as the columns. sheet: the name of the data sheet.

    reference: what must come back with the form, such as its kind and its lot, on a hidden sheet of keys and values.
    spare: how many empty rows stand below the filled ones, free in every column, for rows that nobody foresaw.
    more: further sheets to be filled in, by name, each with its columns and as many empty rows.
    """

    sheet: str
    columns: Sequence[FormColumn]
    rows: Sequence[Mapping[str, Any]]
    instructions: Sequence[str]
    notice: Notice
    reference: Mapping[str, str] = field(default_factory=dict)
    spare: int = 0
    more: Mapping[str, Sequence[FormColumn]] = field(default_factory=dict)

    def build(self) -> bytes:
        """The workbook, opening on its instructions."""
        book = Workbook()
        front = book.active
        front.title = INSTRUCTIONS
        data = book.create_sheet(sheet_names([INSTRUCTIONS, LISTS, REFERENCE, self.sheet])[-1])
        self._write_instructions(front, data.title)
        self._write_data(data)
        others = [
            (book.create_sheet(name), replace(self, columns=columns, rows=())) for name, columns in self.more.items()
        ]
        lists = book.create_sheet(LISTS)
        used = self._add_validations(data, lists, 0)
        for sheet, form in others:
            form._write_data(sheet)
            used = form._add_validations(sheet, lists, used)
        self._write_reference(book.create_sheet(REFERENCE))
        for sheet in book.worksheets:
            _protect(sheet)
        book[LISTS].sheet_state = book[REFERENCE].sheet_state = "hidden"
        book.properties.title, book.properties.creator = clean(self.notice.title), clean(self.notice.viewer)
        buffer = io.BytesIO()
        book.save(buffer)
        return buffer.getvalue()

    def _write_instructions(self, sheet: Worksheet, data: str) -> None:
        sheet.column_dimensions["A"].width, sheet.column_dimensions["B"].width = 6, 100
        cells.fill(sheet["A1"], self.notice.title)
        sheet["A1"].font = cells.TITLE
        last = f"Type only in the yellow cells of the sheet {data}. Leave the headings as they are."
        steps = [*self.instructions, last]
        for number, text in enumerate(steps, start=1):
            cells.fill(sheet.cell(number + 2, 1), number)
            cells.fill(sheet.cell(number + 2, 2), text)
            sheet.cell(number + 2, 2).alignment = cells.WRAPPED
        below = len(steps) + 4
        for number, (label, value) in enumerate(self.notice.lines(len(self.rows))):
            cells.fill(sheet.cell(below + number, 2), f"{label}: {value}")

    def _write_data(self, sheet: Worksheet) -> None:
        for place, column in enumerate(self.columns, start=1):
            heading = sheet.cell(1, place)
            cells.put_text(heading, column.heading)
            heading.font, heading.fill, heading.alignment = cells.BOLD, cells.HEADING, cells.WRAPPED
            sheet.column_dimensions[get_column_letter(place)].width = column.width
            for line, row in enumerate(self.rows, start=2):
                _fill(sheet.cell(line, place), column, row.get(column.key))
            for line in range(len(self.rows) + 2, self._last_line() + 1):
                _fill(sheet.cell(line, place), replace(column, locked=False), None)
        first_input = next((n for n, column in enumerate(self.columns, start=1) if not column.locked), 1)
        sheet.freeze_panes = f"{get_column_letter(first_input)}2"
        sheet.print_title_rows = "1:1"
        sheet.page_setup.orientation, sheet.page_setup.fitToHeight = "landscape", 0
        sheet.sheet_properties.pageSetUpPr.fitToPage = True

    def _add_validations(self, sheet: Worksheet, lists: Worksheet, used: int) -> int:
        """Drop-downs and rules; returns how many lists stand on the hidden sheet now."""
        for place, column in enumerate(self.columns, start=1):
            if column.locked or self._last_line() == 1:
                continue
            source = ""
            if column.choices:
                used += 1
                source = _write_list(lists, used, column)
            rule = _validation(column, source)
            if rule is not None:
                letter = get_column_letter(place)
                rule.add(f"{letter}2:{letter}{self._last_line()}")
                sheet.add_data_validation(rule)
        return used

    def _last_line(self) -> int:
        """The last line that is there to be filled in; 1, that of the headings, where there is none."""
        return 1 + len(self.rows) + self.spare

    def _write_reference(self, sheet: Worksheet) -> None:
        for number, (key, value) in enumerate(self.reference.items(), start=1):
            cells.put_text(sheet.cell(number, 1), key)
            cells.put_text(sheet.cell(number, 2), value)


def _fill(target: Any, column: FormColumn, value: Any) -> None:
    if value is not None:
        kind = column.kind if column.kind in ("money", "number", "date") else "text"
        cells.fill(target, value, Column(column.key, column.heading, kind=kind, missing=""))
    target.number_format = _FORMATS[column.kind]
    target.alignment = cells.WRAPPED
    if not column.locked:
        target.protection, target.fill = cells.UNLOCKED, cells.INPUT


def _write_list(lists: Worksheet, place: int, column: FormColumn) -> str:
    cells.put_text(lists.cell(1, place), column.heading)
    for number, choice in enumerate(column.choices, start=2):
        cells.put_text(lists.cell(number, place), choice)
    letter = get_column_letter(place)
    return f"{LISTS}!${letter}$2:${letter}${len(column.choices) + 1}"


def _validation(column: FormColumn, source: str) -> DataValidation | None:
    match column.kind:
        case "choice":
            rule = DataValidation(type="list", formula1=source, allow_blank=True)
            rule.error = "Choose one of the values in the list."
        case "money" | "number":
            rule = DataValidation(type="decimal", operator="between", formula1="0", formula2=_MOST, allow_blank=True)
            rule.error = "Type a number, nought or more, without words or a pound sign."
        case "date":
            ends = [f"DATE({day.year},{day.month},{day.day})" for day in (_EARLIEST, _LATEST)]
            rule = DataValidation(type="date", operator="between", formula1=ends[0], formula2=ends[1], allow_blank=True)
            rule.error = "Type a date as day/month/year, from 01/01/2000."
        case _:
            if not column.hint:
                return None
            rule = DataValidation(allow_blank=True)
    rule.errorTitle, rule.showErrorMessage = column.heading[:32], True
    if column.hint:
        rule.promptTitle, rule.prompt, rule.showInputMessage = column.heading[:32], column.hint[:255], True
    return rule


def _protect(sheet: Worksheet) -> None:
    sheet.protection.sheet = True
    # A protected sheet still lets people widen a column and copy from a locked cell.
    sheet.protection.formatColumns = sheet.protection.formatRows = False
