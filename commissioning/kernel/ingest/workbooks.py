"""Workbooks: xlsx, xls and ods, read with calamine once their extent is known to be reasonable."""

from __future__ import annotations

import datetime
import posixpath
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import ParseError, fromstring
from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, PasswordError, SheetTypeEnum

from commissioning.kernel.ingest.archives import Archive, inspect
from commissioning.kernel.ingest.extents import Extent, check_extents, sheet_marks, sheet_marks_ods
from commissioning.kernel.ingest.formats import MISSING_FORMULA, ErrorCell, Limits, RawSheet, UnreadableFile

_DAMAGED: Final = "The workbook is damaged or was cut short. Open it, save it as a new file and send that."
_EXACT_WHOLE: Final = 2**53
_MIDNIGHT: Final = datetime.time()

Mark = tuple[int, int, Any]


def read_archive(path: Path, limits: Limits) -> tuple[str, list[RawSheet]]:
    """Return the kind ("xlsx" or "ods") and the sheets of a zipped workbook."""
    archive = inspect(path, limits)
    try:
        if archive.kind == "xlsx":
            parts = _sheet_parts(path)
            check_extents(path, archive, parts, limits)
            marks = _marks_xlsx(path, archive, parts)
        else:
            check_extents(path, archive, {}, limits)
            marks = _marks_ods(path, archive)
    except (ParseError, DefusedXmlException, KeyError, zipfile.BadZipFile, ValueError):
        raise UnreadableFile(_DAMAGED) from None
    return archive.kind, _read(path, marks, limits)


def read_legacy(path: Path, data: bytes, limits: Limits) -> list[RawSheet]:
    """Return the sheets of a workbook in the format of Excel 97 to 2003."""
    extent = Extent(limits)
    for first_row, last_row, first_column, last_column in _legacy_sizes(data):
        extent.add(last_row - first_row, last_column - first_column, None)
    return _read(path, {}, limits)


def _legacy_sizes(data: bytes) -> Iterator[tuple[int, int, int, int]]:
    """Yield the extents that the sheets declare (DIMENSIONS records: MS-XLS 2.4.90)."""
    for found in re.finditer(rb"\x00\x02\x0e\x00(.{4})(.{4})(.{2})(.{2})\x00\x00", data, re.DOTALL):
        first, last, left, right = (int.from_bytes(group, "little") for group in found.groups())
        if first <= last <= 65_536 and left <= right <= 256:
            yield first, last, left, right


def _read(path: Path, marks: dict[str, list[Mark]], limits: Limits) -> list[RawSheet]:
    sheets: list[RawSheet] = []
    try:
        with CalamineWorkbook.from_path(str(path)) as workbook:
            for about in workbook.sheets_metadata:
                if about.typ == SheetTypeEnum.WorkSheet:
                    sheet = workbook.get_sheet_by_name(about.name)
                    sheets.append(_sheet(sheet, marks.get(about.name, []), limits))
    except PasswordError:
        raise UnreadableFile(
            "The workbook is protected with a password. "
            "Open it, remove the password (File, Info, Protect Workbook) and send it again."
        ) from None
    except (CalamineError, OSError, ValueError, OverflowError):
        raise UnreadableFile(_DAMAGED) from None
    if not sheets:
        raise UnreadableFile(
            "The workbook holds no sheet of cells, only macros or charts. Send the table as a sheet of a workbook."
        )
    return sheets


def _sheet(sheet: CalamineSheet, marks: list[Mark], limits: Limits) -> RawSheet:
    name = sheet.name
    if sheet.total_height > limits.max_rows:
        raise UnreadableFile(f"Sheet “{name}” has more than {limits.max_rows:,} rows. Send it in parts.")
    if sheet.total_width > limits.max_columns:
        raise UnreadableFile(
            f"Sheet “{name}” is filled in beyond {limits.max_columns} columns. "
            "Delete the columns to the right of the table and send it again."
        )
    rows: list[tuple[Any, ...]] = [
        tuple([_plain(cell) for cell in row]) for row in sheet.to_python(skip_empty_area=False)
    ]
    for row, column, mark in marks:
        _put(rows, row, column, mark)
    return RawSheet(name=name, rows=rows, merged=_merged(sheet))


def _plain(cell: Any) -> Any:
    """Turn calamine's value into ours: "" is blank, whole floats are integers, midnight is a plain date."""
    kind = type(cell)
    if kind is str:
        return cell if cell and not cell.isspace() else None
    if kind is float:
        return int(cell) if cell.is_integer() and -_EXACT_WHOLE < cell < _EXACT_WHOLE else cell
    if kind is datetime.datetime:
        return cell.date() if cell.time() == _MIDNIGHT else cell
    if kind is datetime.time or kind is datetime.timedelta:
        return str(cell)
    return cell


def _put(rows: list[tuple[Any, ...]], row: int, column: int, mark: Any) -> None:
    while len(rows) <= row:
        rows.append(())
    cells = list(rows[row])
    cells.extend([None] * (column + 1 - len(cells)))
    # A formula cell without a value comes back blank; one that came back with a value keeps it.
    if cells[column] is None or mark is not MISSING_FORMULA:
        cells[column] = mark
        rows[row] = tuple(cells)


def _merged(sheet: CalamineSheet) -> list[str]:
    ranges = sheet.merged_cell_ranges or []
    return [f"{_name(top, left)}:{_name(bottom, right)}" for (top, left), (bottom, right) in ranges]


def _name(row: int, column: int) -> str:
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return f"{letters}{row + 1}"


def _sheet_parts(path: Path) -> dict[str, str]:
    """Map each sheet's name to its entry in the archive, by the workbook's own relationships."""
    with zipfile.ZipFile(path) as archive:
        names = archive.namelist()
        book = "xl/workbook.xml"
        if book not in names:
            book = next(name for name in names if name.endswith("/workbook.xml"))
        folder, file = posixpath.split(book)
        targets = {
            link.attrib["Id"]: link.attrib["Target"]
            for link in fromstring(archive.read(f"{folder}/_rels/{file}.rels"), forbid_dtd=True)
        }
        parts: dict[str, str] = {}
        for element in fromstring(archive.read(book), forbid_dtd=True).iter():
            if element.tag.rsplit("}", 1)[-1] != "sheet":
                continue
            link_id = next((value for key, value in element.attrib.items() if key.endswith("}id")), "")
            target = targets.get(link_id, "")
            full = target.lstrip("/") if target.startswith("/") else posixpath.normpath(f"{folder}/{target}")
            if full in names:
                parts[element.attrib.get("name", "")] = full
        return parts


def _marks_xlsx(path: Path, archive: Archive, parts: dict[str, str]) -> dict[str, list[Mark]]:
    marks: dict[str, list[Mark]] = {}
    for sheet, name in parts.items():
        part = archive.parts[name]
        if part.unsaved or part.errors:
            marks[sheet] = [_marked(mark) for mark in sheet_marks(path, name)]
    return marks


def _marks_ods(path: Path, archive: Archive) -> dict[str, list[Mark]]:
    part = archive.parts.get("content.xml")
    if part is None or not (part.unsaved or part.errors):
        return {}
    marks: dict[str, list[Mark]] = {}
    for sheet, row, column, error in sheet_marks_ods(path):
        marks.setdefault(sheet, []).append(_marked((row, column, error)))
    return marks


def _marked(mark: tuple[int, int, str | None]) -> Mark:
    row, column, error = mark
    return row, column, MISSING_FORMULA if error is None else ErrorCell(error)
