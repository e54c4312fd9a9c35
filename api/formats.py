"""csv and ndjson: every row of a selection, as the JSON pages show it, a chunk at a time."""

import csv
import json
from collections.abc import Callable, Iterable, Iterator
from io import StringIO
from typing import Any

from commissioning.kernel.exports import guard

from .fields import Field

FORMATS = {"csv": "text/csv; charset=utf-8", "ndjson": "application/x-ndjson"}
CHUNK = 1000  # rows sent together
REMOVAL_COLUMNS = ("deleted", "removes")


def ndjson(rows: Iterable[str]) -> Iterator[bytes]:
    """One row's JSON on each line."""
    return _in_chunks(rows, lambda chunk: "".join(f"{row}\n" for row in chunk))


def as_csv(rows: Iterable[str], fields: tuple[Field, ...], *, delta: bool) -> Iterator[bytes]:
    """A heading and one line for each row; a list within a row is JSON in its cell. Nothing recorded is empty.
    A delta has two columns more, which only removals fill."""
    columns = [field.name for field in fields] + list(REMOVAL_COLUMNS if delta else ())
    yield _lines([columns])
    yield from _in_chunks(rows, lambda chunk: _text([_cells(json.loads(row), columns) for row in chunk]))


def cell(value: Any) -> str:
    """A value as text in which no formula starts (`kernel.exports.unguard` takes the apostrophes away again)."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list | dict):
        return guard(json.dumps(value, ensure_ascii=False, separators=(",", ":")))
    return guard(value) if isinstance(value, str) else str(value)


def _cells(row: dict[str, Any], columns: list[str]) -> list[str]:
    return [cell(row.get(column)) for column in columns]


def _text(lines: list[list[str]]) -> str:
    out = StringIO()
    csv.writer(out).writerows(lines)
    return out.getvalue()


def _lines(lines: list[list[str]]) -> bytes:
    return _text(lines).encode()


def _in_chunks(rows: Iterable[str], write: Callable[[list[str]], str]) -> Iterator[bytes]:
    chunk: list[str] = []
    for row in rows:
        chunk.append(row)
        if len(chunk) == CHUNK:
            yield write(chunk).encode()
            chunk = []
    if chunk:
        yield write(chunk).encode()
