"""Zip containers (xlsx, ods): refuse what would harm, before any spreadsheet library opens them.

The list at the end of a zip can lie, so every entry is unpacked here in small pieces and measured, and thrown
away. What the cells of a workbook would grow to is judged from the same pass.
"""

from __future__ import annotations

import re
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, Final

from commissioning.kernel.ingest.formats import Limits, UnreadableFile, kind_of_archive

PIECE: Final = 1024 * 1024
_DAMAGED: Final = "The workbook is damaged or was cut short. Open it, save it as a new file and send that."
_TOO_LARGE: Final = (
    "The workbook unpacks to far more than its size, so it was not opened. "
    "Copy the table into a new workbook and send that."
)
_UNSAFE: Final = "The workbook holds entries that reach outside it, so it was not opened. Save it as a new workbook."
_NESTED: Final = "The workbook holds another packed file ({}). Remove the attached or embedded file and send it again."
_CELL_REF: Final = re.compile(rb"\sr\s*=\s*[\"']([^\"']*)[\"']")
_CELL_TAGS: Final = tuple(sign + b"c" + end for sign in (b"<", b":") for end in (b" ", b">", b"/", b"\n", b"\r", b"\t"))
_UNSAVED: Final = re.compile(
    rb"(?:</(?:\w+:)?f>|<(?:\w+:)?f\b[^>]*/>)\s*(?:</(?:\w+:)?c>|<(?:\w+:)?v\s*/>|<(?:\w+:)?v[^>]*>\s*</)"
)
_UNSAVED_ODS: Final = re.compile(rb"<table:table-cell\b(?=[^>]*\stable:formula)(?![^>]*\soffice:value-type)[^>]*>")
_ERRORS: Final = (b't="e"', b"t='e'", b'-type="error"', b">#", b">Err:")
_OVERLAP: Final = 1000
_REF: Final = re.compile(rb"([A-Z]{0,3})([0-9]{1,7})")


@dataclass
class Part:
    """What one pass over an XML entry saw.

    `cells` counts cell tags and `placed` those that say where they stand; `unsaved` and `errors` tell whether
    a formula without a result, or an error, may be among them.
    """

    name: str
    size: int = 0
    columns: set[bytes] = field(default_factory=set)
    last_row: int = 0
    cells: int = 0
    placed: int = 0
    unsaved: bool = False
    errors: bool = False
    sheet: bool = False
    tail: bytes = b""


@dataclass
class Archive:
    """A zip that may be opened: its kind (xlsx or ods), and its parts by name."""

    kind: str
    parts: dict[str, Part]


def inspect(path: Path, limits: Limits) -> Archive:
    """Measure every entry of a zip. Raises UnreadableFile where it is damaged, harmful or protected."""
    try:
        _check_directory(path, limits)
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
            _check_entries(entries, path.stat().st_size, limits)
            mimetype = archive.read("mimetype")[:200] if "mimetype" in archive.namelist() else b""
            kind = kind_of_archive({entry.filename for entry in entries}, mimetype)
            with path.open("rb") as stream:
                parts = {entry.filename: _measure(stream, entry) for entry in entries}
    except (zipfile.BadZipFile, zlib.error, struct.error, EOFError, OSError, ValueError, NotImplementedError):
        raise UnreadableFile(_DAMAGED) from None
    if kind == "ods" and b"encryption-data" in _manifest(path):
        raise UnreadableFile("The sheet is protected with a password. Save it without the password and send it again.")
    return Archive(kind=kind, parts=parts)


def _check_directory(path: Path, limits: Limits) -> None:
    """Judge the number of entries from the end record alone: the list itself may be enormous."""
    with path.open("rb") as stream:
        size = stream.seek(0, 2)
        stream.seek(max(0, size - 65_557))
        tail = stream.read()
    at = tail.rfind(b"PK\x05\x06")
    if at < 0:
        raise UnreadableFile(_DAMAGED)
    count, length = struct.unpack("<HL", tail[at + 10 : at + 16])
    if count > limits.max_entries or (length > limits.max_entries * 2048 and length != 0xFFFFFFFF):
        raise UnreadableFile(
            f"The file is packed from more than {limits.max_entries} parts, so it was not opened. "
            "Copy the table into a new workbook and send that."
        )


def _check_entries(entries: list[zipfile.ZipInfo], packed_size: int, limits: Limits) -> None:
    if len(entries) > limits.max_entries or len({entry.filename for entry in entries}) != len(entries):
        raise UnreadableFile(_DAMAGED)
    for entry in entries:
        name = entry.filename
        if name.startswith(("/", "\\")) or ".." in re.split(r"[/\\]", name) or name[1:2] == ":":
            raise UnreadableFile(_UNSAFE)
        if stat.S_ISLNK(entry.external_attr >> 16):
            raise UnreadableFile(_UNSAFE)
        if entry.flag_bits & 0x1:
            raise UnreadableFile("The file is protected with a password. Save it without one and send it again.")
        if name.lower().endswith((".zip", ".xlsx", ".xlsm", ".ods", ".7z", ".rar", ".gz", ".docx", ".jar")):
            raise UnreadableFile(_NESTED.format(name.rsplit("/", 1)[-1]))
    unpacked = sum(entry.file_size for entry in entries)
    if unpacked > limits.max_unpacked_bytes or (
        unpacked > limits.ratio_from_bytes and unpacked > limits.max_ratio * packed_size
    ):
        raise UnreadableFile(_TOO_LARGE)


def _measure(stream: BinaryIO, entry: zipfile.ZipInfo) -> Part:
    part, check, carry = Part(entry.filename), 0, b""
    is_xml = entry.filename.lower().endswith((".xml", ".rels", ".vml"))
    for piece in _pieces(stream, entry):
        if part.size == 0 and piece.startswith(b"PK\x03\x04"):
            raise UnreadableFile(_NESTED.format(entry.filename.rsplit("/", 1)[-1]))
        part.size += len(piece)
        if part.size > entry.file_size:
            raise UnreadableFile(_TOO_LARGE)
        check = zlib.crc32(piece, check)
        if is_xml:
            carry = _scan(part, carry + piece)
    if is_xml:
        _scan(part, carry + b"<")
    if part.size != entry.file_size or check != entry.CRC:
        raise UnreadableFile(_DAMAGED)
    return part


def _pieces(stream: BinaryIO, entry: zipfile.ZipInfo) -> Iterator[bytes]:
    """Unpack one entry by our own count: zipfile itself stops at the size that the directory claims."""
    stream.seek(entry.header_offset)
    header = stream.read(30)
    if header[:4] != b"PK\x03\x04" or entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise UnreadableFile(_DAMAGED)
    name_length, extra_length = struct.unpack("<HH", header[26:30])
    stream.seek(name_length + extra_length, 1)
    left, unpack = entry.compress_size, zlib.decompressobj(-15)
    while left > 0:
        packed = stream.read(min(left, 65_536))
        if not packed:
            raise UnreadableFile(_DAMAGED)
        left -= len(packed)
        if entry.compress_type == zipfile.ZIP_STORED:
            yield packed
            continue
        while packed and not unpack.eof:
            yield unpack.decompress(packed, PIECE)
            packed = unpack.unconsumed_tail
    if entry.compress_type == zipfile.ZIP_DEFLATED:
        if not unpack.eof:
            raise UnreadableFile(_DAMAGED)
        yield unpack.flush()


def _scan(part: Part, text: bytes) -> bytes:
    """Note what an XML piece holds; return its unfinished last tag, to be read with the next piece."""
    if text.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise UnreadableFile(_DAMAGED)  # no spreadsheet program writes UTF-16 here; it would hide from this scan
    cut = text.rfind(b"<")
    if cut < 0 or len(text) - cut > PIECE:
        cut = len(text)
    done = text[:cut]
    if b"<!DOCTYPE" in done or b"<!ENTITY" in done:
        raise UnreadableFile(
            "The workbook holds definitions (DTD) that spreadsheets never need, so it was not opened. "
            "Save it as a new workbook."
        )
    part.sheet = part.sheet or b"sheetData" in done
    joined = part.tail + done  # what is looked for may straddle two pieces
    part.errors = part.errors or any(sign in joined for sign in _ERRORS)
    if not part.unsaved and part.sheet and (b"<f" in joined or b":f" in joined):
        part.unsaved = _UNSAVED.search(joined) is not None
    elif not part.unsaved and b"table:formula" in joined:
        part.unsaved = _UNSAVED_ODS.search(joined) is not None
    part.tail = done[-_OVERLAP:]
    if part.sheet:
        _scan_places(part, done)
    return text[cut:]


def _scan_places(part: Part, text: bytes) -> None:
    part.cells += sum(text.count(tag) for tag in _CELL_TAGS)
    places = _CELL_REF.findall(text)
    joined = b" ".join(places)
    found = _REF.findall(joined)
    if len(found) != len(places) or joined.translate(None, b"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 "):
        part.last_row = 10_000_000  # a place in an unknown notation: the slow count decides
        return
    letters = [column for column, _ in found]
    part.columns.update(letters)
    part.placed += len(letters) - letters.count(b"")
    part.last_row = max(part.last_row, max(map(int, {row for _, row in found}), default=0))


def _manifest(path: Path) -> bytes:
    with zipfile.ZipFile(path) as archive:
        return archive.read("META-INF/manifest.xml") if "META-INF/manifest.xml" in archive.namelist() else b""
