"""The rows of a page as csv: UTF-8 with a byte order mark, CRLF, one heading row of stable names.

Made to be read by machines. Money and numbers are plain digits with nothing lost, dates are ISO, what is missing is
empty, a withheld figure is `c`. The notice goes beside it (notice.py), not into it.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from typing import Any

from django.utils import timezone

from .. import wording
from ..tables import NUMERIC, Column
from .text import guard

CONTENT_TYPE = "text/csv; charset=utf-8"
BOM = b"\xef\xbb\xbf"


def csv_chunks(columns: Sequence[Column], rows: Iterable[Any], *, rows_a_chunk: int = 500) -> Iterator[bytes]:
    """The file in pieces of `rows_a_chunk` rows, read from `rows` as it goes; the heading comes even with no rows."""
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, lineterminator="\r\n")
    writer.writerow([guard(column.key) for column in columns])
    held = 0
    start = BOM
    for row in rows:
        writer.writerow([field(column, column.of(row)) for column in columns])
        held += 1
        if held == rows_a_chunk:
            yield start + _take(buffer)
            start, held = b"", 0
    if start or held:
        yield start + _take(buffer)


def csv_bytes(columns: Sequence[Column], rows: Iterable[Any]) -> bytes:
    """The whole file at once."""
    return b"".join(csv_chunks(columns, rows))


def field(column: Column, value: Any) -> str:
    """One value as it stands in the file. ValueError for a number that is not finite."""
    if wording.is_missing(value):
        return ""
    if isinstance(value, wording.Withheld):
        return value.sign
    if isinstance(value, bool) or column.kind == "yesno":
        return "Yes" if value else "No"
    if isinstance(value, dt.datetime):
        return (timezone.localtime(value) if timezone.is_aware(value) else value).isoformat(timespec="seconds")
    if isinstance(value, dt.date):
        return value.isoformat()
    if column.kind in NUMERIC and isinstance(value, int | float | Decimal):
        return digits(value, places=2 if column.kind == "money" else 0)
    return guard(str(value))


def digits(value: Decimal | float, *, places: int) -> str:
    """Plain digits, never an exponent, with at least `places` decimals and no more than the value needs."""
    exact = value if isinstance(value, Decimal) else Decimal(str(value))
    if not exact.is_finite():
        raise ValueError(f"{value} cannot be written to a file as a number")
    whole, _, decimals = f"{exact:f}".partition(".")
    decimals = decimals.rstrip("0").ljust(places, "0")
    return f"{whole}.{decimals}" if decimals else whole


def _take(buffer: io.StringIO) -> bytes:
    text = buffer.getvalue()
    buffer.seek(0)
    buffer.truncate()
    return text.encode("utf-8")
