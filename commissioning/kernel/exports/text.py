"""Text that is safe in a spreadsheet: no formula starts in it, and nothing in it cannot be stored.

A spreadsheet runs a csv cell that begins with one of = + - @, a tab or a line end, in ordinary or full width, even
behind blanks or quotes; and one that splits at another delimiter than ours finds such a beginning inside our cell.
"""

from __future__ import annotations

import re
from functools import cache

_STARTERS = "=+\\-@\uff1d\uff0b\uff0d\uff20\ufe66\ufe62\ufe63\ufe6b"
_BLANKS = r"\s\u200b-\u200f\u2060\ufeff\""  # and quotes: all that may stand before a starter
# The beginning of a cell, or of what another delimiter would make one; then apostrophes; then the starter itself.
# Apostrophes already there are matched too, so that the one we add can be taken away again, and only that one.
_BEGINS = rf"(\A[{_BLANKS}]*|[,;|\t\r\n\"][{_BLANKS}]*)"
_DANGER = re.compile(rf"{_BEGINS}('*)(?=[{_STARTERS}])")
_GUARDED = re.compile(rf"{_BEGINS}'('*)(?=[{_STARTERS}])")
_LINE_END = re.compile(r"'*[\t\r\n]")
_GUARDED_LINE_END = re.compile(r"'+[\t\r\n]")
_LEADING = re.compile(rf"\A[{_BLANKS},;|]*[{_STARTERS}]|\A[\t\r\n]")
# Control characters, halves of surrogate pairs and the two code points that XML forbids.
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
# What most cells are: printable ASCII that begins with a letter or figure, without quotes and delimiters. Nothing can
# start in it.
_PLAIN = re.compile(r"[0-9A-Za-z][ !#-+\--:<-{}~]*")


def clean(text: str) -> str:
    """`text` without control characters; tabs and line ends stay."""
    return _CONTROL.sub("", text)


def starts_formula(text: str) -> bool:
    """True where a spreadsheet might take the cell for a formula when it is edited."""
    return _LEADING.search(text) is not None


def guard(text: str) -> str:
    """`text` for a csv cell: cleaned, and an apostrophe before whatever could start a formula. See `unguard`."""
    if _PLAIN.fullmatch(text):
        return text
    guarded = _DANGER.sub(r"\1'\2", clean(text))
    return f"'{guarded}" if _LINE_END.match(guarded) else guarded


def left_alone(cells: bytes, between: bytes) -> bool:
    """True where each of the cells, with one byte `between` them, goes into csv as it is: nothing starts in it, and
    nothing needs quotation marks. Only the ordinary is known at a glance, many cells at once: False says to look at
    each."""
    seen = cells.translate(_kinds(between))
    return b"?" not in seen and between + b"x" not in seen and not seen.startswith(b"x")


@cache
def _kinds(between: bytes) -> bytes:
    """Each byte as what it is: harmless (.), so where no cell begins with it (x), never so (?), or `between`."""
    kinds = bytearray(b"?" * 256)
    kinds[0x20:0x7F] = b"." * (0x7F - 0x20)
    for letter in b" '=+-@":
        kinds[letter] = ord("x")
    for letter in b'",;|':
        kinds[letter] = ord("?")
    kinds[ord(between)] = ord(between)
    return bytes(kinds)


def unguard(text: str) -> str:
    """The text that `guard` was given, control characters apart."""
    return _GUARDED.sub(r"\1\2", text[1:] if _GUARDED_LINE_END.match(text) else text)
