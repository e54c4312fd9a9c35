"""Turn one cell into a value of the field, or into a sentence that tells the sender what to change.

Every function takes a cell as read_book gives it and returns Parsed(value, note); a blank cell gives None.
Nothing is rounded and nothing is guessed: what was corrected is said in the note.
"""

from __future__ import annotations

import datetime
import math
import re
import unicodedata
from collections.abc import Mapping
from decimal import Decimal
from functools import lru_cache
from typing import Any, Final

from rapidfuzz import fuzz, process

from commissioning.kernel.ingest.dates import DAY_FIRST, DateOrder, as_date, date_order
from commissioning.kernel.ingest.parsed import CellError, Parsed, usable

__all__ = [
    "DAY_FIRST",
    "CellError",
    "DateOrder",
    "Parsed",
    "as_code",
    "as_company_number",
    "as_date",
    "as_int",
    "as_money",
    "as_text",
    "as_urn",
    "as_yes_no",
    "date_order",
]

_DIGITS: Final = 12  # numeric(12, 2) and numeric(12, 4) hold as many in all
_SPACES: Final = re.compile(r"\s+")
_HIDDEN: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
_WIDE_SPACES: Final = str.maketrans({"\u00a0": " ", "\u2007": " ", "\u2009": " ", "\u202f": " "})
_PLAIN_MONEY: Final = re.compile(r"[0-9]{1,10}(?:\.[0-9]{1,4})?")
_MONEY: Final = re.compile(
    r"(?P<digits>[0-9]{1,3}(?:,[0-9]{3})+|[0-9]{1,3}(?: [0-9]{3})+|[0-9]+)?(?:\.(?P<pence>[0-9]+))?"
)
_A_WEEK: Final = re.compile(r"\s*(?:pw|p/w|p\.w\.|(?:per|a|/)\s*week|/\s*wk|weekly)\s*$", re.IGNORECASE)
_OTHER_UNIT: Final = re.compile(
    r"\s*(?:p/?[adhmn]|pcm|%|(?:per|a|an|/)\s*(?:hour|day|night|month|mile|annum|year|hr))\s*$", re.IGNORECASE
)
_YES: Final = frozenset({"yes", "y", "true", "t", "1"})
_NO: Final = frozenset({"no", "n", "false", "f", "0"})
_URN: Final = re.compile(r"SC[0-9]{6}|[0-9]{7}")
_COMPANY: Final = re.compile(r"[0-9]{8}|[A-Z]{2}[0-9]{6}|[A-Z]{2}[0-9]{5}R|R[0-9]{7}")


def as_text(cell: Any, *, max_length: int = 255) -> Parsed[str | None]:
    """Return trimmed text (Unicode NFC). Unseen characters are taken out, with a note. Line breaks stay."""
    if type(cell) is str:
        text, note = cell.strip(), None
        if not text.isascii() or not text.isprintable():
            clean = _HIDDEN.sub("", unicodedata.normalize("NFC", text.translate(_WIDE_SPACES))).strip()
            note = "characters that cannot be seen were taken out" if _HIDDEN.search(text) else None
            text = clean
    else:
        text, note = _shown(cell), None
    if len(text) > max_length:
        raise CellError(f"the text has {len(text):,} characters: shorten it to {max_length:,}")
    return Parsed(text or None, note)


def as_code(cell: Any, codes: Mapping[str, str], label: str) -> Parsed[str | None]:
    """Return the code that `codes` (spelling in lower case -> code) gives for the cell.

    Raises CellError naming the nearest spellings where there is none; `label` says what is meant ("lot").
    """
    text = _SPACES.sub(" ", as_text(cell, max_length=500).value or "")
    if not text:
        return Parsed(None)
    code = codes.get(text.lower())
    if code is None:
        code = codes.get(text.lower().replace("’", "'").replace("‘", "'"))
    if code is not None:
        return Parsed(code)
    near = process.extract(text.lower(), list(codes), scorer=fuzz.WRatio, limit=3, score_cutoff=60)
    if near:
        names = " or ".join(f"“{name}”" for name, _, _ in near)
        raise CellError(f"“{_short(text)}” is not a known {label}: the nearest are {names}")
    known = ", ".join(f"“{name}”" for name in list(codes)[:6])
    raise CellError(f"“{_short(text)}” is not a known {label}: use one of {known}" + (" …" if len(codes) > 6 else ""))


def as_int(cell: Any, minimum: int | None = None, maximum: int | None = None) -> Parsed[int | None]:
    """Return a whole number from `minimum` to `maximum`, both included."""
    if type(cell) is int:
        number = cell
    else:
        text = _shown(cell).translate(_WIDE_SPACES)
        if not text:
            return Parsed(None)
        if not re.fullmatch(r"[+-]?(?:[0-9]{1,3}(?:[, ][0-9]{3})+|[0-9]{1,15})(?:\.0+)?", text):
            raise CellError(f"“{_short(text)}” is not a whole number: write digits only, for example 12")
        number = int(text.split(".")[0].replace(",", "").replace(" ", ""))
    if minimum is not None and number < minimum:
        raise CellError(f"{number:,} is too small: the lowest accepted is {minimum:,}")
    if maximum is not None and number > maximum:
        raise CellError(f"{number:,} is too large: the highest accepted is {maximum:,}")
    return Parsed(number)


def as_money(cell: Any, *, places: int = 2, allow_negative: bool = False) -> Parsed[Decimal | None]:
    """Return pounds as a Decimal with exactly `places` decimals (2 or 4).

    More decimals than that are an error, never rounded. A number in a workbook is taken as the 15 digits that
    a spreadsheet keeps: 0.30000000000000004 is 0.30, with a note.
    """
    kind = type(cell)
    parsed: Parsed[Decimal | None]
    if kind is str:
        text = cell.strip()
        if not text:
            return Parsed(None)
        parsed = _money(text, places)
    elif cell is None:
        return Parsed(None)
    elif kind is int or kind is Decimal:
        parsed = Parsed(_exact(Decimal(cell), places, str(cell)))
    elif kind is float:
        parsed = _money_from_float(cell, places)
    else:
        usable(cell)
        raise CellError(f"“{_shown(cell)}” is not an amount: write it in pounds, for example 1234.50")
    if parsed.value is not None and parsed.value < 0 and not allow_negative:
        raise CellError(f"“{cell}” is below zero: write an amount of zero or more")
    return parsed


def _money_from_float(number: float, places: int) -> Parsed[Decimal | None]:
    shown = repr(number)
    if not math.isfinite(number):
        raise CellError(f"“{shown}” is not an amount: write it in pounds, for example 1234.50")
    amount = Decimal(shown)
    kept = Decimal(f"{number:.15g}")
    if amount != kept and -kept.normalize().as_tuple().exponent <= places:  # type: ignore[operator]
        return Parsed(_exact(kept, places, shown), f"{shown} was read as {kept}: its last digits are computing noise")
    return Parsed(_exact(amount, places, shown))


@lru_cache(maxsize=16384)
def _money(text: str, places: int) -> Parsed[Decimal | None]:
    if _PLAIN_MONEY.fullmatch(text):
        return Parsed(_exact(Decimal(text), places, text))
    rest, note = text.translate(_WIDE_SPACES), None
    if _A_WEEK.search(rest):
        rest = _A_WEEK.sub("", rest)
        note = f"“{text}” was read as an amount a week, without the words"
    elif _OTHER_UNIT.search(rest):
        raise CellError(f"“{text}” names a unit: write the amount alone, in the unit that the heading asks for")
    rest, negative = _unsigned(rest.strip())
    found = _MONEY.fullmatch(rest)
    if found is None or not (found["digits"] or found["pence"]):
        comma = re.fullmatch(r"[0-9. ]*,[0-9]{1,2}", rest)
        hint = "use a full stop before the pence" if comma else "write it in pounds, for example 1234.50"
        raise CellError(f"“{_short(text)}” is not an amount: {hint}")
    digits = (found["digits"] or "0").replace(",", "").replace(" ", "")
    amount = Decimal(f"{'-' if negative else ''}{digits}.{found['pence'] or '0'}")
    return Parsed(_exact(amount, places, text), note)


def _unsigned(text: str) -> tuple[str, bool]:
    """Take the pound sign and the sign off: "(12.00)", "-£12.00", "£-12.00" and "12.00-" are below zero."""
    negative = False
    if text.startswith("(") and text.endswith(")"):
        text, negative = text[1:-1].strip(), True
    for _ in range(2):
        if text[:1] in ("-", "−", "–") and not negative:
            text, negative = text[1:].strip(), True
        text = text.removeprefix("£").strip()
        if text[:3].upper() == "GBP":
            text = text[3:].strip()
    if text.endswith("-") and not negative:
        text, negative = text[:-1].strip(), True
    return text, negative


def _exact(amount: Decimal, places: int, shown: str) -> Decimal:
    if not amount.is_finite():
        raise CellError(f"“{shown}” is not an amount: write it in pounds, for example 1234.50")
    if amount.is_zero() and amount.is_signed():
        raise CellError(f"“{shown}” is minus zero: write 0, or the amount that was meant")
    if amount.adjusted() >= _DIGITS - places:
        raise CellError(f"“{_short(shown)}” is too large for an amount in pounds: check the decimal point")
    exact = amount.quantize(Decimal(1).scaleb(-places))
    if exact != amount:
        raise CellError(f"“{_short(shown)}” has more than {places} decimals: write the amount to be paid")
    return exact


def as_yes_no(cell: Any) -> Parsed[bool | None]:
    """Return True for yes, y, true, 1 and False for no, n, false, 0 in any case."""
    if type(cell) is bool:
        return Parsed(cell)
    text = _shown(cell)
    if not text:
        return Parsed(None)
    if text.lower() in _YES:
        return Parsed(True)
    if text.lower() in _NO:
        return Parsed(False)
    raise CellError(f"“{_short(text)}” is neither yes nor no: write Yes or No")


def as_urn(cell: Any) -> Parsed[str | None]:
    """Return an Ofsted registration number: SC and six digits, or seven digits."""
    if type(cell) is str and _URN.fullmatch(cell):
        return Parsed(cell)
    text = _shown(cell)
    if not text:
        return Parsed(None)
    urn = _SPACES.sub("", text.translate(_WIDE_SPACES)).upper().removesuffix(".0")
    urn = urn.removeprefix("URN").lstrip(":")
    if not _URN.fullmatch(urn):
        raise CellError(f"“{_short(text)}” is not an Ofsted URN: it has seven digits, or SC and six digits")
    return Parsed(urn, None if urn == text else f"“{text}” was read as {urn}")


def as_company_number(cell: Any) -> Parsed[str | None]:
    """Return a Companies House number of eight characters; leading zeros that were lost are put back."""
    text = _shown(cell)
    if not text:
        return Parsed(None)
    plain = _SPACES.sub("", text.translate(_WIDE_SPACES)).upper().removesuffix(".0")
    found = re.fullmatch(r"([A-Z]{0,2})([0-9]{3,8})", plain)
    number = plain if found is None else found[1] + found[2].zfill(8 - len(found[1]))
    if not _COMPANY.fullmatch(number):
        raise CellError(
            f"“{_short(text)}” is not a company number: it has eight characters, such as 01234567 or SC123456"
        )
    return Parsed(number, None if number == text else f"“{text}” was read as {number}")


def _shown(cell: Any) -> str:
    """Return the cell as trimmed text, the way a spreadsheet would show it."""
    kind = type(cell)
    if kind is str:
        return str(cell).strip()
    if cell is None:
        return ""
    usable(cell)
    if kind is bool:
        return "Yes" if cell else "No"
    if kind is float and cell.is_integer() and abs(cell) < 1e15:
        return str(int(cell))
    if kind is datetime.datetime:
        return f"{cell:%d/%m/%Y %H:%M}"
    if kind is datetime.date:
        return f"{cell:%d/%m/%Y}"
    return str(cell)


def _short(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:59]}…"
