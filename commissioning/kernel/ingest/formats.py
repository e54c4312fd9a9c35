"""What a file is, told by its content, and the shapes that reading produces.

An extension is only ever used to word a message: councils send workbooks named `.csv` and web pages
named `.xls`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

MEGABYTE: Final = 1024 * 1024


class UnreadableFile(Exception):
    """A file that cannot be read as a table. Its text tells the sender what is wrong and what to do."""


@dataclass(frozen=True)
class Limits:
    """How much one file may hold. Sizes in bytes; the ratio is unpacked to packed."""

    max_bytes: int = 200 * MEGABYTE
    max_unpacked_bytes: int = 1024 * MEGABYTE
    max_ratio: int = 100
    ratio_from_bytes: int = 10 * MEGABYTE  # small files pack well for honest reasons
    max_entries: int = 500
    max_rows: int = 1_048_576
    max_columns: int = 500
    max_cells: int = 20_000_000  # the rectangle that holds every filled cell, all sheets together


@dataclass(frozen=True)
class ErrorCell:
    """A cell in which the spreadsheet shows an error, such as `#N/A` or `#REF!`."""

    text: str

    def __str__(self) -> str:
        return self.text


class MissingFormula:
    """The type of MISSING_FORMULA: a formula whose result was not saved in the file."""

    def __repr__(self) -> str:
        return "MISSING_FORMULA"

    def __str__(self) -> str:
        return "formula without a saved result"


MISSING_FORMULA: Final = MissingFormula()
ERROR_CELL = ErrorCell


@dataclass
class RawSheet:
    """One sheet as it stands. `rows[i]` is row i+1 of the file; a blank cell is None.

    `merged` lists merged ranges ("A5:B6"): their value stands in the top-left cell only.
    """

    name: str
    rows: list[tuple[Any, ...]]
    merged: list[str] = field(default_factory=list)


@dataclass
class Book:
    """A file that was read. `kind` is csv, xlsx, xls, ods, xml or json; `size` is in bytes."""

    path: Path
    kind: str
    encoding: str | None
    sheets: list[RawSheet]
    sha256: str
    size: int


_SAVE_AS = "Open it in Excel, choose Save As, pick “Excel Workbook (.xlsx)” and send that file."
SEND_TABLE = "Send the table itself as an Excel workbook (.xlsx), an OpenDocument sheet (.ods) or a csv file."

_SIGNATURES: Final[tuple[tuple[bytes, str], ...]] = (
    (b"%PDF", "a PDF document"),
    (b"\x89PNG", "an image"),
    (b"\xff\xd8\xff", "an image"),
    (b"GIF8", "an image"),
    (b"BM\x00", "an image"),
    (b"II*\x00", "an image"),
    (b"MM\x00*", "an image"),
    (b"{\\rtf", "a Word document (rich text)"),
    (b"MZ", "a program"),
    (b"\x7fELF", "a program"),
    (b"\x1f\x8b", "a compressed file (gzip)"),
    (b"7z\xbc\xaf", "a compressed file (7-Zip)"),
    (b"Rar!", "a compressed file (RAR)"),
    (b"BZh", "a compressed file (bzip2)"),
    (b"\xfd7zXZ", "a compressed file (xz)"),
    (b"SQLite format 3", "a database"),
    (b"PAR1", "a Parquet file"),
)
_OLE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def _utf16(name: str) -> bytes:
    return name.encode("utf-16-le")


def kind_of(head: bytes) -> str:
    """Tell the family of a file from its first bytes: zip, ole, xml, json or text.

    Raises UnreadableFile, naming what the file seems to be, for everything else.
    """
    if not head.strip(b"\x00 \t\r\n\xef\xbb\xbf\xff\xfe"):
        raise UnreadableFile("The file is empty. Check that the export finished, and send it again.")
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return "zip"
    if head.startswith(_OLE):
        return "ole"
    if head[:2] == b"RI" and head[8:12] == b"WEBP" or head[4:12] in (b"ftypheic", b"ftypmif1", b"ftypavif"):
        raise UnreadableFile(f"The file is an image. {SEND_TABLE}")
    if head[:4] in (b"\x09\x08\x10\x00", b"\x09\x04\x06\x00", b"\x09\x02\x06\x00"):
        raise UnreadableFile(f"The file was saved by a very old Excel. {_SAVE_AS}")
    for signature, what in _SIGNATURES:
        if head.startswith(signature):
            raise UnreadableFile(f"The file is {what}, not a table. {SEND_TABLE}")
    return _kind_of_text(head)


def _kind_of_text(head: bytes) -> str:
    text = head.replace(b"\x00", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n").lower()
    if text.startswith((b"<!doctype html", b"<html", b"<table", b"<meta", b"<head", b"<body", b"<style")):
        raise UnreadableFile(f"The file is a web page, although it may be named as a spreadsheet. {_SAVE_AS}")
    if text.startswith(b"<?xml") or text.startswith(b"<") and b">" in text[:4000]:
        if b"urn:schemas-microsoft-com:office:spreadsheet" in text:
            raise UnreadableFile(f"The file is an “XML Spreadsheet 2003”. {_SAVE_AS}")
        if b"<html" in text:
            raise UnreadableFile(f"The file is a web page, although it may be named as a spreadsheet. {_SAVE_AS}")
        if b"<svg" in text:
            raise UnreadableFile(f"The file is an image. {SEND_TABLE}")
        return "xml"
    if text.startswith((b"mime-version:", b"from: ", b"received: ")):
        raise UnreadableFile(f"The file is an e-mail or a saved web page. {_SAVE_AS}")
    if text.startswith((b"{", b"[{", b"[\n", b"[ ")):
        return "json"
    return "text"


def kind_of_ole(data: bytes) -> str:
    """Tell what an OLE container (the format of Office before 2007) holds: always "xls", or it raises."""
    if _utf16("EncryptedPackage") in data or _utf16("EncryptionInfo") in data:
        raise UnreadableFile(
            "The workbook is protected with a password. "
            "Open it, remove the password (File, Info, Protect Workbook) and send it again."
        )
    if _utf16("WordDocument") in data:
        raise UnreadableFile(f"The file is a Word document, not a table. {SEND_TABLE}")
    if _utf16("PowerPoint Document") in data:
        raise UnreadableFile(f"The file is a PowerPoint presentation, not a table. {SEND_TABLE}")
    if _utf16("__substg1.0_") in data or _utf16("__properties_version1.0") in data:
        raise UnreadableFile("The file is an Outlook message. Save the attachment by itself and send that.")
    if _utf16("Workbook") not in data and _utf16("Book") not in data:
        if _utf16("VBA") in data or _utf16("_VBA_PROJECT") in data:
            raise UnreadableFile(f"The file holds only macros and no sheet. {SEND_TABLE}")
        raise UnreadableFile(f"The file is not a workbook, or it is damaged. {SEND_TABLE}")
    return "xls"


def kind_of_archive(names: set[str], mimetype: bytes) -> str:
    """Tell what a zip archive holds from its entry names: "xlsx" or "ods", or it raises."""
    if "xl/workbook.xml" in names or any(name.endswith("/workbook.xml") for name in names):
        return "xlsx"
    if "xl/workbook.bin" in names:
        raise UnreadableFile(f"The file is an Excel binary workbook (.xlsb). {_SAVE_AS}")
    if mimetype.startswith(b"application/vnd.oasis.opendocument.spreadsheet"):
        return "ods"
    if any(name.startswith("word/") for name in names) or mimetype.startswith(b"application/vnd.oasis.op"):
        raise UnreadableFile(f"The file is a document, such as Word, not a table. {SEND_TABLE}")
    if any(name.startswith("ppt/") for name in names):
        raise UnreadableFile(f"The file is a PowerPoint presentation, not a table. {SEND_TABLE}")
    if not names:
        raise UnreadableFile("The file is an empty zip file. Send the table itself, not packed.")
    if any(name.startswith(("xl/", "docProps/")) or name == "content.xml" for name in names):
        raise UnreadableFile(f"The workbook is damaged: its list of sheets is missing. {_SAVE_AS}")
    count = f"{len(names)} files" if len(names) > 1 else "a file"
    raise UnreadableFile(f"The file is a zip of {count}, not a table. Unpack it and send each table by itself.")
