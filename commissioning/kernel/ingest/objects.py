"""Rows as another system sends them, in JSON: {"sheet": [{"heading": value, ...}, ...], ...}."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

from commissioning.kernel.ingest.formats import Limits, RawSheet, UnreadableFile

_SHAPE = 'Rows are sent as {"table": [{"column": "value"}]}.'


def read_objects(path: Path, limits: Limits) -> list[RawSheet]:
    """Return one sheet per list, with a heading for each name that any of its rows has, in the order they come.

    A list of words within a row becomes one cell, parted by semicolons. Raises UnreadableFile for anything else.
    """
    try:
        told = json.loads(path.read_bytes(), parse_float=Decimal)
    except (ValueError, RecursionError):
        raise UnreadableFile(f"The file is not JSON, or is cut short. {_SHAPE}") from None
    if not isinstance(told, dict) or not told:
        raise UnreadableFile(f"The file holds no lists of rows. {_SHAPE}")
    return [_sheet(name, rows, limits) for name, rows in told.items()]


def _sheet(name: str, rows: Any, limits: Limits) -> RawSheet:
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise UnreadableFile(f"“{name}” is not a list of rows. {_SHAPE}")
    if len(rows) > limits.max_rows:
        raise UnreadableFile(f"“{name}” has more than {limits.max_rows:,} rows. Send it in parts.")
    headings = list(dict.fromkeys(heading for row in rows for heading in row))
    if len(headings) > limits.max_columns:
        raise UnreadableFile(f"The rows of “{name}” have more than {limits.max_columns} kinds of value.")
    return RawSheet(name, [tuple(headings), *(tuple(_cell(row.get(each)) for each in headings) for row in rows)])


def _cell(value: Any) -> Any:
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, list) and all(isinstance(each, str) for each in value):
        return "; ".join(value) or None
    if isinstance(value, list | dict):
        raise UnreadableFile("A value within a row is text, a number, true or false, or a list of words.")
    return value
