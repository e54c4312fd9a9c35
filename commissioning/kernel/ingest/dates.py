"""Dates as people write them. Day before month is the rule; a column that breaks it is not guessed at."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from commissioning.kernel.ingest.parsed import CellError, Parsed, usable

_NUMERIC: Final = re.compile(r"(\d{1,2})([/.\-\s])(\d{1,2})\2(\d{4}|\d{2})(.*)", re.DOTALL)
_ISO: Final = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(.*)", re.DOTALL)
_COMPACT: Final = re.compile(r"((?:19|20)\d{2})(\d{2})(\d{2})")
_DAY_NAME: Final = re.compile(
    r"(?:mon|tue|tues|wed|weds|thu|thur|thurs|fri|sat|sun)(?:day|nesday|sday|rsday|urday)?,?\s+"
)
_DAY_MONTH: Final = re.compile(r"(\d{1,2})(?:st|nd|rd|th)?[\s\-/.,]*([a-z]{3,9})[\s\-/.,]*(\d{4}|\d{2})(.*)", re.DOTALL)
_MONTH_DAY: Final = re.compile(r"([a-z]{3,9})\.?[\s\-/]*(\d{1,2})(?:st|nd|rd|th)?,?[\s\-/]+(\d{4})(.*)", re.DOTALL)
_TIME: Final = re.compile(
    r"[t\s,]*(?:(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,]\d+)?)?\s*(?:am|pm)?(?:z|[+-]\d{2}:?\d{2})?)?\s*"
)
_MONTHS: Final = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september", "october",
    "november", "december",
)  # fmt: skip
_SERIAL_ZERO: Final = datetime.date(1899, 12, 30)
_FIRST, _LAST = datetime.date(1900, 1, 1), datetime.date(2100, 12, 31)
_FIRST_SERIAL: Final = (datetime.date(1990, 1, 1) - _SERIAL_ZERO).days
_LAST_SERIAL: Final = (datetime.date(2100, 12, 31) - _SERIAL_ZERO).days
_HOW: Final = "write it as day/month/year, for example 31/03/2026"


@dataclass(frozen=True)
class DateOrder:
    """How text dates of one column are read. `month_first`: a value only possible as month/day/year."""

    month_first: str | None = None


DAY_FIRST: Final = DateOrder()


def date_order(values: Iterable[Any]) -> DateOrder:
    """Decide for a whole column from all of its cells; real dates, numbers and blanks say nothing."""
    for text in dict.fromkeys(value for value in values if type(value) is str):
        found = _NUMERIC.fullmatch(text.strip())
        if found and int(found[1]) <= 12 < int(found[3]) <= 31:
            return DateOrder(month_first=text.strip())
    return DAY_FIRST


def as_date(cell: Any, order: DateOrder = DAY_FIRST) -> Parsed[datetime.date | None]:
    """Return the date in a cell, None where it is blank. A date and time loses its time, with a note.

    Accepts dates, ISO text, day/month/year, "3 March 2026", "03-Mar-26", "Oct 1 2025", and Excel's numbers
    of days for 1990 to 2100. Raises CellError for other text, days that do not exist, years outside 1900 to
    2100, and text that could be read two ways in a column where some dates put the month first.
    """
    kind = type(cell)
    if kind is str:
        text = cell.strip()
        return _from_text(text, order) if text else Parsed(None)
    if kind is datetime.date:
        return Parsed(_plausible(cell, cell.isoformat()))
    if cell is None:
        return Parsed(None)
    if kind is datetime.datetime:
        note = None if cell.time() == datetime.time() else f"the time of {cell:%d/%m/%Y %H:%M} was left out"
        return Parsed(_plausible(cell.date(), cell.isoformat()), note)
    usable(cell)
    if kind is int or kind is float:
        return _from_number(cell)
    raise CellError(f"“{cell}” is not a date: {_HOW}")


def _from_number(number: int | float) -> Parsed[datetime.date | None]:
    if _FIRST_SERIAL <= number < _LAST_SERIAL + 1:
        day = _SERIAL_ZERO + datetime.timedelta(days=int(number))
        return Parsed(day, f"the number {number:g} was read as Excel's number for {day:%d/%m/%Y}")
    found = _COMPACT.fullmatch(str(number))
    if found:
        day = _built(found[1], found[2], found[3], str(number))
        return Parsed(day, f"{number} was read as {day:%d/%m/%Y}")
    raise CellError(f"the number {number:g} is not a date: {_HOW}")


@lru_cache(maxsize=8192)
def _from_text(text: str, order: DateOrder) -> Parsed[datetime.date | None]:
    if found := _ISO.fullmatch(text):
        return _timed(_built(found[1], found[2], found[3], text), found[4], text, None)
    if found := _NUMERIC.fullmatch(text):
        return _from_day_month(text, found, order)
    lower = _DAY_NAME.sub("", text.lower(), count=1)
    if found := _DAY_MONTH.fullmatch(lower):
        day, month, year, rest = found[1], found[2], found[3], found[4]
    elif found := _MONTH_DAY.fullmatch(lower):
        month, day, year, rest = found[1], found[2], found[3], found[4]
    elif text.isascii() and text.isdigit():
        return _from_number(int(text))
    else:
        raise CellError(f"“{text}” is not a date: {_HOW}")
    full, note = _year(year, text)
    return _timed(_built(full, str(_month(month, text)), day, text), rest, text, note)


def _from_day_month(text: str, found: re.Match[str], order: DateOrder) -> Parsed[datetime.date | None]:
    first, second = int(found[1]), int(found[3])
    if order.month_first is not None and first <= 12 and second <= 12 and first != second:
        raise CellError(
            f"“{text}” could be two dates, because “{order.month_first}” in the same column "
            "puts the month first: write every date of the column as day/month/year, or as a real date"
        )
    if first <= 12 < second <= 31:
        raise CellError(f"“{text}” puts the month first: {_HOW}")
    year, note = _year(found[4], text)
    return _timed(_built(year, found[3], found[1], text), found[5], text, note)


def _timed(day: datetime.date, rest: str, text: str, note: str | None) -> Parsed[datetime.date | None]:
    found = _TIME.fullmatch(rest.lower())
    if found is None:
        raise CellError(f"“{text}” is not a date: {_HOW}")
    if any(part and int(part) for part in found.groups()):
        note = f"the time of “{text}” was left out"
    return Parsed(day, note)


def _month(name: str, text: str) -> int:
    for number, month in enumerate(_MONTHS, 1):
        if name == month or name == month[:3] or name == "sept" and number == 9:
            return number
    raise CellError(f"“{text}” names no month: {_HOW}")


def _year(year: str, text: str) -> tuple[str, str | None]:
    if len(year) == 4:
        return year, None
    full = f"20{year}" if int(year) <= 50 else f"19{year}"
    return full, f"the year of “{text}” was read as {full}"


def _built(year: str, month: str, day: str, text: str) -> datetime.date:
    try:
        return _plausible(datetime.date(int(year), int(month), int(day)), text)
    except ValueError:
        raise CellError(f"“{text}” is a day that does not exist: check the day, month and year") from None


def _plausible(day: datetime.date, text: str) -> datetime.date:
    if not _FIRST <= day <= _LAST:
        raise CellError(f"“{text}” is outside the years 1900 to 2100: check the year")
    return day
