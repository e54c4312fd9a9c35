"""Read a file that somebody sent into sheets of cells, and find the table in it.

`read_book` decides by content, never by extension, and refuses with a sentence that the sender can act on.
Nothing is guessed: a formula without a saved result, or an error cell, stays recognisable as such.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

from commissioning.kernel.ingest.delimited import read_delimited
from commissioning.kernel.ingest.formats import (
    ERROR_CELL,
    MISSING_FORMULA,
    SEND_TABLE,
    Book,
    ErrorCell,
    Limits,
    RawSheet,
    UnreadableFile,
    kind_of,
    kind_of_ole,
)
from commissioning.kernel.ingest.headers import Sheet, describe_missing, find_sheet
from commissioning.kernel.ingest.json_records import read_json
from commissioning.kernel.ingest.records import read_records
from commissioning.kernel.ingest.workbooks import read_archive, read_legacy

__all__ = [
    "ERROR_CELL",
    "MISSING_FORMULA",
    "Book",
    "ErrorCell",
    "Limits",
    "RawSheet",
    "Sheet",
    "UnreadableFile",
    "describe_missing",
    "find_sheet",
    "read_book",
]

_HEAD = 8192
_USUAL = Limits()


def read_book(
    path: str | Path, *, filename: str | None = None, limits: Limits = _USUAL, takes_json: bool = False
) -> Book:
    """Read a csv, xlsx, xls, ods or xml file whole, hidden sheets too; JSON where it is taken.

    `filename` is the name the sender gave (default: the path's own); it names the sheet of a csv.
    Raises UnreadableFile for anything that is not such a file, is damaged, or is larger than `limits`.
    """
    path = Path(path)
    name = filename or path.name
    size = path.stat().st_size
    if size > limits.max_bytes:
        raise UnreadableFile(
            f"The file is larger than {limits.max_bytes // (1024 * 1024)} MB. "
            "Send it in parts, for example one year at a time."
        )
    with path.open("rb") as stream:
        family = kind_of(stream.read(_HEAD))
    if family == "json" and not takes_json:
        raise UnreadableFile(f"The file is JSON, not a table. {SEND_TABLE}")
    kind, encoding, sheets = _read(path, family, Path(name).stem, limits)
    return Book(path=path, kind=kind, encoding=encoding, sheets=sheets, sha256=_digest(path), size=size)


def _read(path: Path, family: str, stem: str, limits: Limits) -> tuple[str, str | None, list[RawSheet]]:
    if family == "zip":
        kind, sheets = read_archive(path, limits)
        return kind, None, sheets
    if family == "ole":
        data = path.read_bytes()
        kind_of_ole(data)
        return "xls", None, read_legacy(path, data, limits)
    if family == "xml":
        return "xml", None, read_records(path, limits)
    if family == "json":
        return "json", None, read_json(path, limits)
    encoding, sheet = read_delimited(path.read_bytes(), stem, limits)
    return "csv", encoding, [sheet]


def _digest(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
