"""How far a workbook's cells reach, and which of them hold an error or a formula without a result.

calamine keeps a sheet as the full rectangle around its filled cells, so two cells in far corners would cost
gigabytes: the rectangle is measured before it is built.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from defusedxml.ElementTree import iterparse

from commissioning.kernel.ingest.archives import PIECE, Archive, Part
from commissioning.kernel.ingest.formats import Limits, UnreadableFile

_TABLE: Final = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_OFFICE: Final = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
_ODS_TAG: Final = re.compile(
    rb"<table:table(?:\s[^>]*)?>|</table:table>|<table:table-row\b[^>]*>"
    rb"|<table:(?:covered-)?table-cell\b[^>]*>"
)
_ODS_REPEATED: Final = re.compile(rb"number-(?:rows|columns)-repeated\s*=\s*[\"'](\d+)[\"']")
_SHARED_INDEX: Final = re.compile(rb"\st\s*=\s*[\"']s[\"'][^>]*>\s*<(?:\w+:)?v[^>]*>\s*(\d+)")
_SPARSE_FROM: Final = 2_000_000
_SPARSE_RATIO: Final = 50


class Extent:
    """Adds up the rectangles of a workbook's sheets. Raises UnreadableFile when they exceed the limits."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.total = 0

    def fits(self, rows: int, columns: int, filled: int | None) -> bool:
        """Tell whether a sheet of so many rows, columns and filled cells (None = unknown) may be opened."""
        cells = rows * columns
        sparse = filled is not None and cells > _SPARSE_FROM and cells > _SPARSE_RATIO * filled
        return (
            not sparse
            and rows <= self.limits.max_rows
            and columns <= self.limits.max_columns
            and self.total + cells <= self.limits.max_cells
        )

    def add(self, rows: int, columns: int, filled: int | None) -> None:
        """Count one sheet in, or refuse the workbook."""
        if rows > self.limits.max_rows:
            raise UnreadableFile(f"A sheet has more than {self.limits.max_rows:,} rows. Send it in parts.")
        if columns > self.limits.max_columns:
            raise UnreadableFile(
                f"A sheet is filled in beyond {self.limits.max_columns} columns. "
                "Delete the columns to the right of the table and send it again."
            )
        if not self.fits(rows, columns, filled):
            raise UnreadableFile(
                "The cells of a sheet are spread too widely, with a few far from the table. "
                "Copy the table into a new workbook and send that."
            )
        self.total += rows * columns


def check_extents(path: Path, archive: Archive, parts: dict[str, str], limits: Limits) -> None:
    """Refuse a workbook whose sheets, or whose repeated texts, would grow out of proportion when opened."""
    extent = Extent(limits)
    if archive.kind == "ods":
        _check_ods(path, extent)
        return
    sheets = {part.name: part for part in archive.parts.values() if part.sheet}
    sheets.update({name: archive.parts[name] for name in parts.values()})
    for part in sheets.values():
        rows, columns = part.last_row, max((_column(letters) for letters in part.columns), default=0)
        if part.placed != part.cells or not extent.fits(rows, columns, part.cells):
            rows, columns, filled = _exact(path, part.name)
            extent.add(rows, columns, filled)
        else:
            extent.add(rows, columns, part.cells)
    _check_shared(path, archive, list(sheets.values()), limits)


def _exact(path: Path, name: str) -> tuple[int, int, int]:
    """Count by a real parser: rows, columns, and cells that hold something (not blank formatted ones)."""
    rows = columns = filled = 0
    for row, column, _, _, full in _cells(path, name):
        if full:
            rows, columns, filled = max(rows, row + 1), max(columns, column + 1), filled + 1
    return rows, columns, filled


def _check_shared(path: Path, archive: Archive, sheets: list[Part], limits: Limits) -> None:
    """A text is stored once and pointed to from many cells; each of them becomes a text of its own."""
    allowed = max(limits.ratio_from_bytes, limits.max_ratio * path.stat().st_size)
    texts = [part for part in archive.parts.values() if part.name.lower().endswith("sharedstrings.xml")]
    pointers = sum(part.cells for part in sheets)
    for part in texts:
        if part.size * pointers <= allowed:
            continue
        with zipfile.ZipFile(path) as packed:
            lengths = _lengths(packed, part.name)
            if max(lengths, default=0) * pointers <= allowed:
                continue
            grown = 0
            for sheet in sheets:
                for text in _pieces(packed, sheet.name, b"</row>"):
                    grown += sum(
                        lengths[index] for index in map(int, _SHARED_INDEX.findall(text)) if index < len(lengths)
                    )
                    if grown > allowed:
                        raise UnreadableFile(
                            "The workbook repeats very long texts in many cells, so it was not opened. "
                            "Send only the table, without long notes."
                        )


def _lengths(packed: zipfile.ZipFile, name: str) -> list[int]:
    lengths: list[int] = []
    for text in _pieces(packed, name, b"</si>"):
        lengths.extend(len(item) for item in text.split(b"</si>")[:-1])
    return lengths


def _pieces(packed: zipfile.ZipFile, name: str, end: bytes) -> Iterator[bytes]:
    """Yield an entry in pieces that each stop after `end`; the last piece is whatever is left."""
    carry = b""
    with packed.open(name) as stream:
        while piece := stream.read(PIECE):
            carry += piece
            cut = carry.rfind(end) + len(end)
            if cut >= len(end):
                yield carry[:cut]
                carry = carry[cut:]
    yield carry


def _check_ods(path: Path, extent: Extent) -> None:
    """Rows and cells of an OpenDocument sheet say how often they repeat; only filled ones count."""
    rows = columns = cells = filled = at_row = at_column = repeat = 0
    with zipfile.ZipFile(path) as packed:
        for text in _pieces(packed, "content.xml", b">"):
            for tag in _ODS_TAG.findall(text):
                times = _ODS_REPEATED.search(tag) if b"repeated" in tag else None
                count = int(times.group(1)) if times else 1
                if tag.startswith((b"<table:table-cell", b"<table:covered")):
                    at_column += count
                    if b"value-type" in tag:
                        rows, columns = max(rows, at_row), max(columns, at_column)
                        filled, cells = filled + 1, cells + count * repeat
                        if cells > extent.limits.max_cells or cells > _SPARSE_FROM > filled * _SPARSE_RATIO:
                            extent.add(rows, columns, filled)
                            extent.add(1, 1, None)
                elif tag.startswith(b"<table:table-row"):
                    at_row, at_column, repeat = at_row + count, 0, count
                elif tag.startswith(b"</"):
                    extent.add(rows, columns, filled)
                    rows = columns = cells = filled = at_row = 0


def sheet_marks(path: Path, name: str) -> Iterator[tuple[int, int, str | None]]:
    """Yield (row, column, error text) from 0 of an xlsx sheet; text None = formula without a result."""
    for row, column, error, unsaved, _ in _cells(path, name):
        if error is not None or unsaved:
            yield row, column, error


def _cells(path: Path, name: str) -> Iterator[tuple[int, int, str | None, bool, bool]]:
    """Yield row, column, error text, "formula without a result", "holds something" for each cell."""
    row, column = -1, -1
    with zipfile.ZipFile(path) as packed, packed.open(name) as stream:
        for event, element in iterparse(stream, events=("start", "end"), forbid_dtd=True):
            tag = element.tag.rsplit("}", 1)[-1]
            if tag == "row":
                if event == "start":
                    row, column = int(element.get("r", row + 2)) - 1, -1
                else:
                    element.clear()
            elif tag == "c" and event == "end":
                row, column = _place(element.get("r"), row, column)
                inside: dict[str, Any] = {child.tag.rsplit("}", 1)[-1]: child for child in element}
                value = inside["v"].text if "v" in inside else None
                full = bool(value) or "is" in inside
                error = (value or "an error") if element.get("t") == "e" else None
                # A formula whose result is an empty text is saved as <f> with an empty <v> of type "str".
                saved = full or ("v" in inside and element.get("t") == "str")
                yield row, column, error, "f" in inside and not saved, full or "f" in inside
                element.clear()


def _place(reference: str | None, row: int, column: int) -> tuple[int, int]:
    if reference is None:
        return row, column + 1
    letters = reference.rstrip("0123456789")
    return int(reference[len(letters) :]) - 1, _column(letters.encode()) - 1


def _column(letters: bytes) -> int:
    """Number of a column from 1: b"A" is 1, b"XFD" is 16384, b"" is 0."""
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def sheet_marks_ods(path: Path) -> Iterator[tuple[str, int, int, str | None]]:
    """Yield (sheet, row, column, error text) from 0, as sheet_marks does, for an OpenDocument file."""
    sheet, row, column = "", 0, 0
    with zipfile.ZipFile(path) as packed, packed.open("content.xml") as stream:
        for event, element in iterparse(stream, events=("start", "end"), forbid_dtd=True):
            if event == "start":
                if element.tag == f"{_TABLE}table":
                    sheet, row = element.get(f"{_TABLE}name", ""), 0
                elif element.tag == f"{_TABLE}table-row":
                    column = 0
                continue
            if element.tag in (f"{_TABLE}table-cell", f"{_TABLE}covered-table-cell"):
                error = any(value == "error" and key.endswith("}value-type") for key, value in element.items())
                shown = "".join(element.itertext()).strip()
                valued = f"{_OFFICE}value-type" in element.attrib
                if error or shown in _ERRORS and element.get(f"{_TABLE}formula"):
                    yield sheet, row, column, shown or "an error"
                elif element.get(f"{_TABLE}formula") and not valued and not shown:
                    yield sheet, row, column, None
                column += int(element.get(f"{_TABLE}number-columns-repeated", 1))
                element.clear()
            elif element.tag == f"{_TABLE}table-row":
                row += int(element.get(f"{_TABLE}number-rows-repeated", 1))
                element.clear()


_ERRORS: Final = frozenset({"#N/A", "#REF!", "#DIV/0!", "#VALUE!", "#NAME?", "#NUM!", "#NULL!", "Err:502", "Err:508"})
