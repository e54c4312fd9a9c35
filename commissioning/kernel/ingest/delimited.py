"""Separated text: which encoding, which separator, then its rows."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from typing import Any, Final

from charset_normalizer import from_bytes

from commissioning.kernel.ingest.formats import Limits, RawSheet, UnreadableFile

_BOMS: Final = (
    (b"\xff\xfe\x00\x00", "utf-32-le"),
    (b"\x00\x00\xfe\xff", "utf-32-be"),
    (b"\xff\xfe", "utf-16-le"),
    (b"\xfe\xff", "utf-16-be"),
)
# A byte order mark that was itself read as cp1252 and saved again, as some councils' exports hold it.
_STRAY_MARKS: Final = ("\ufeff", "ï»¿")
MULTIBYTE: Final = re.compile(rb"[\xc3-\xdf][\x80-\xbf]|[\xe1-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")
_CONTROL: Final = re.compile(r"[\x01-\x08\x0e-\x1f]")
_SAVE_UTF8: Final = "Open it in Excel, choose Save As, pick “CSV UTF-8” and send that file."
_DELIMITERS: Final = ",;\t|"
_SAMPLE_ROWS: Final = 60


def read_delimited(data: bytes, name: str, limits: Limits) -> tuple[str, RawSheet]:
    """Return the encoding found and one sheet; every cell is text or None.

    Raises UnreadableFile where the bytes are not text of one encoding, or the rows do not add up to a table.
    """
    text, encoding = decode(data)
    for control in _CONTROL.finditer(text[:65536]):
        if control.group() not in "\x1a\x1c\x1d\x1e\x1f":
            raise UnreadableFile(
                "The file is not a table that can be read here. "
                "Send an Excel workbook (.xlsx), an OpenDocument sheet (.ods) or a csv file."
            )
    return encoding, RawSheet(name=name, rows=_rows(text.rstrip("\x1a"), limits))


def decode(data: bytes) -> tuple[str, str]:
    """Return the text of `data` and the encoding it was in; a byte order mark is dropped."""
    for mark, encoding in _BOMS:
        if data.startswith(mark):
            return _without_marks(_decoded(data[len(mark) :], encoding)), encoding
    if data.startswith(b"\xef\xbb\xbf"):
        data = data[3:]
    if b"\x00" in data:
        encoding = _wide_encoding(data)
        return _without_marks(_decoded(data, encoding)), encoding
    try:
        return _without_marks(data.decode("utf-8")), "utf-8"
    except UnicodeDecodeError as error:
        return _single_byte(data, error.start)


def _decoded(data: bytes, encoding: str) -> str:
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError:
        raise UnreadableFile(f"The text of the file is damaged or cut short. {_SAVE_UTF8}") from None
    if "\x00" in text:
        raise UnreadableFile(f"The file holds empty (NUL) characters, so it is damaged. {_SAVE_UTF8}")
    return text


def _wide_encoding(data: bytes) -> str:
    """Tell UTF-16 without its mark from a file with stray NUL bytes, by where the NULs stand."""
    sample = data[:4096]
    half = max(len(sample) // 2, 1)
    even, odd = sample[0::2].count(0) / half, sample[1::2].count(0) / half
    if len(data) % 2 == 0 and odd > 0.5 and even < 0.1:
        return "utf-16-le"
    if len(data) % 2 == 0 and even > 0.5 and odd < 0.1:
        return "utf-16-be"
    raise UnreadableFile(f"The file holds empty (NUL) characters, so it is damaged. {_SAVE_UTF8}")


def _single_byte(data: bytes, first_bad: int) -> tuple[str, str]:
    """Decode text that is not UTF-8. Raises where some of it is: half of the letters would come out wrong."""
    if MULTIBYTE.search(data):
        line = len(re.findall(rb"\r\n|\r|\n", data[:first_bad])) + 1
        raise UnreadableFile(
            f"The file mixes two ways of writing letters: line {line} differs from others. {_SAVE_UTF8}"
        )
    if b"\r" in data and b"\n" not in data:
        return _without_marks(data.decode("mac_roman")), "mac_roman"  # “CSV (Macintosh)” ends lines so
    try:
        return _without_marks(data.decode("cp1252")), "cp1252"
    except UnicodeDecodeError:
        guess = from_bytes(data[:500_000]).best()
    if guess is None:
        raise UnreadableFile(f"The letters of the file cannot be told. {_SAVE_UTF8}")
    return _without_marks(_decoded(data, guess.encoding)), guess.encoding


def _without_marks(text: str) -> str:
    while text.startswith(_STRAY_MARKS):
        for mark in _STRAY_MARKS:
            text = text.removeprefix(mark)
    return text


def _rows(text: str, limits: Limits) -> list[tuple[Any, ...]]:
    delimiter = find_delimiter(text)
    try:
        return _parsed(text, delimiter, limits, strict=True)
    except csv.Error as error:
        if "unexpected end" in str(error) or "field larger" in str(error):
            raise UnreadableFile(_unclosed(text, delimiter)) from None
    # Some systems write a bare quotation mark inside a cell. Such a mark is kept as it stands, unless it
    # opens a cell that swallows the rest of the file.
    try:
        rows = _parsed(text, delimiter, limits, strict=False)
    except csv.Error:
        raise UnreadableFile(_unclosed(text, delimiter)) from None
    last = rows[-1][-1] if rows and rows[-1] else None
    if text.count('"') % 2 and isinstance(last, str) and ("\n" in last or "\r" in last):
        raise UnreadableFile(_unclosed(text, delimiter))
    return rows


def _parsed(text: str, delimiter: str, limits: Limits, *, strict: bool) -> list[tuple[Any, ...]]:
    rows: list[tuple[Any, ...]] = []
    for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=strict):
        if len(row) > limits.max_columns:
            raise UnreadableFile(
                f"Row {len(rows) + 1} has more than {limits.max_columns} columns. "
                "Send only the columns that were asked for."
            )
        rows.append(tuple([cell if cell and not cell.isspace() else None for cell in row]))
        if len(rows) > limits.max_rows:
            raise UnreadableFile(f"The file has more than {limits.max_rows:,} rows. Send it in parts.")
    while rows and not any(cell is not None for cell in rows[-1]):
        rows.pop()
    return rows


def _unclosed(text: str, delimiter: str) -> str:
    row = 0
    try:
        for _ in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True):
            row += 1
    except csv.Error:
        pass
    return (
        f"A quotation mark that opens in row {row + 1} is never closed, so the rows after it run together. "
        "Add the closing mark, or export the file again."
    )


def find_delimiter(text: str) -> str:
    """Return the separator of the table: the one whose usual row width has a header above it.

    Titles and notes above the table are passed over. A single column counts as separated by commas.
    """
    if text[:4].lower() == "sep=" and text[4:5] in _DELIMITERS:
        return text[4]
    best, best_score = ",", (False, 0.0, 1)
    for delimiter in _DELIMITERS:
        if delimiter in text:
            score = _delimiter_score(text, delimiter)
            if score > best_score:
                best, best_score = delimiter, score
    return best


def _delimiter_score(text: str, delimiter: str) -> tuple[bool, float, int]:
    rows: list[list[str]] = []
    try:
        for row in csv.reader(io.StringIO(text[:400_000], newline=""), delimiter=delimiter):
            if any(row):
                rows.append(row)
            if len(rows) == _SAMPLE_ROWS:
                break
    except csv.Error:
        pass
    widths = Counter(len(row) for row in rows if len(row) > 1)
    if not widths:
        return (False, 0.0, 1)
    width, count = max(widths.items(), key=lambda item: (item[1], item[0]))
    header = next(row for row in rows if len(row) == width)
    named = sum(1 for cell in header if cell.strip())
    wordy = sum(1 for cell in header if any(letter.isalpha() for letter in cell))
    return (wordy >= 2 and wordy * 2 > named, count / len(rows), width)
