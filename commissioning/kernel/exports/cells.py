"""One value in one cell of a workbook: text that stays text, numbers that add up, dates that sort."""

from __future__ import annotations

import datetime as dt
from copy import copy
from decimal import Decimal
from typing import Any

from django.utils import timezone
from openpyxl.cell.cell import Cell, WriteOnlyCell
from openpyxl.styles import Alignment, Font, PatternFill, Protection

from .. import wording
from ..tables import NUMERIC, Column
from .text import clean, starts_formula

MONEY = "#,##0.00"
WHOLE_MONEY = "#,##0"
DATE = "dd/mm/yyyy"
INSTANT = "dd/mm/yyyy hh:mm"
LONGEST_TEXT = 32_767  # of a cell in Excel
CUT = " [cut here: a cell holds no more]"
LONGEST_NUMBER = 10**15  # beyond this Excel loses digits
FIRST_YEAR = 1900  # Excel has no dates before

BOLD = Font(bold=True)
TITLE = Font(bold=True, size=14)
MISSING = Font(color="595959", italic=True)
HEADING = PatternFill("solid", fgColor="D9E2E4")
INPUT = PatternFill("solid", fgColor="FFF9DB")
FAULT = PatternFill("solid", fgColor="F8D3D0")
WRAPPED = Alignment(wrap_text=True, vertical="top")
WRAPPED_LEFT = Alignment(wrap_text=True, vertical="top", horizontal="left")
UNLOCKED = Protection(locked=False)


def cell(sheet: Any, value: Any, column: Column | None = None) -> Cell:
    """A cell for a write-only `sheet`, formatted as the column's kind asks; a value of its own kind without one."""
    made = WriteOnlyCell(sheet)
    fill(made, value, column)
    return made


def fill(target: Cell, value: Any, column: Column | None = None) -> None:
    """Puts `value` into `target`. ValueError for a number that is not finite."""
    if wording.is_missing(value):
        if column is not None:
            put_text(target, column.missing)
            target.font = copy(MISSING)
    elif isinstance(value, wording.Withheld):
        put_text(target, value.sign)
    elif isinstance(value, bool) and column is None:
        target.value = value
    elif isinstance(value, bool) or (column is not None and column.kind == "yesno"):
        put_text(target, "Yes" if value else "No")
    elif isinstance(value, dt.date):
        _put_date(target, value)
    elif isinstance(value, int | float | Decimal) and (column is None or column.kind in NUMERIC):
        _put_number(target, value, column)
    else:
        put_text(target, str(value))


def put_text(target: Cell, text: str) -> None:
    """Text and nothing else: never a formula, an error value or a number, even when the cell is edited in Excel."""
    text = clean(text).replace("\r\n", "\n").replace("\r", "\n")
    if len(text) > LONGEST_TEXT:
        text = text[: LONGEST_TEXT - len(CUT)] + CUT
    target.value = text
    target.data_type = "s"
    if starts_formula(text):
        target.quotePrefix = True


def _put_number(target: Cell, value: Decimal | float, column: Column | None) -> None:
    exact = value if isinstance(value, Decimal) else Decimal(str(value))
    if not exact.is_finite():
        raise ValueError(f"{value} cannot be written to a workbook as a number")
    kind = column.kind if column is not None else "number"
    if abs(exact) >= LONGEST_NUMBER:
        put_text(target, f"{exact:f}")
    elif kind == "percent":
        target.value = exact / 100
        target.number_format = "0%"
    else:
        target.value = exact
        target.number_format = _number_format(exact, column)


def _number_format(exact: Decimal, column: Column | None) -> str:
    if column is None:
        return "General"
    if column.kind == "money":
        return WHOLE_MONEY if column.whole else MONEY
    places = max(0, -int(exact.normalize().as_tuple().exponent))
    return "#,##0" + ("." + "0" * places if places else "")


def _put_date(target: Cell, value: dt.date) -> None:
    if value.year < FIRST_YEAR:
        put_text(target, value.isoformat())
    elif isinstance(value, dt.datetime):
        target.value = timezone.localtime(value).replace(tzinfo=None) if timezone.is_aware(value) else value
        target.number_format = INSTANT
    else:
        target.value = value
        target.number_format = DATE
