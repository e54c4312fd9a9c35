"""DfE's layouts: the LAIT extract and its dictionary, four files of the looked-after release, and the neighbours."""

import re
from datetime import date, timedelta
from decimal import Decimal
from typing import Final

from commissioning.kernel.ingest.cells import as_code, as_int, as_text
from commissioning.kernel.ingest.parsed import CellError, Parsed, usable
from commissioning.kernel.ingest.source import Field, Table

from ..rules import national

PLACES: Final = 4  # decimals that a figure keeps
LONGEST: Final = 20_000  # characters of a definition
NEIGHBOURS: Final = 10
_EPOCH: Final = date(1899, 12, 30)  # day 0 of a spreadsheet's count of days
_FIGURE: Final = re.compile(r"[+-]?[0-9]{1,15}(?:\.[0-9]+)?")
_DIGITS_KEPT: Final = 15  # by a spreadsheet; those after them are computing noise


def figure(cell: object) -> Parsed[str | None]:
    """A figure as text ("1190", "-66"), or one of the signs of rules/national.py. Nothing is rounded but noise."""
    usable(cell)
    text = (as_text(cell).value or "").replace(",", "")
    if not text:
        return Parsed(None)
    if text.lower() in national.SIGNS:
        return Parsed(text.lower())
    if text in ("–", "—"):
        return Parsed("-")
    if not _FIGURE.fullmatch(text):
        signs = ", ".join(national.SIGNS)
        raise CellError(f"“{text[:60]}” is neither a figure nor one of the signs {signs}: write it as DfE published it")
    return _exact(Decimal(text), text)


def _exact(value: Decimal, text: str) -> Parsed[str | None]:
    if _decimals(value) <= PLACES:
        if value.adjusted() > 13:
            raise CellError(f"“{text}” is too large for a figure: check the decimal point")
        return Parsed(f"{value:f}")
    kept = Decimal(f"{value:.{_DIGITS_KEPT}g}").normalize()
    if _decimals(kept) <= PLACES:
        return Parsed(f"{kept:f}", f"{text} was read as {kept:f}: its last digits are computing noise")
    raise CellError(f"“{text}” has more than {PLACES} decimals: write it as DfE published it")


def _decimals(value: Decimal) -> int:
    return max(0, -int(value.as_tuple().exponent))


def period(cell: object) -> Parsed[str | None]:
    text = as_text(cell).value
    if text is None:
        return Parsed(None)
    found = national.period_of(text.removesuffix(".0"))
    if found is None:
        raise CellError(f"“{text[:30]}” is no year that is known: write 2024, or 2024-25 for a financial year")
    return Parsed(found)


def number(cell: object) -> Parsed[str | None]:
    """DfE's number of an authority or a region; "301.0" is 301. NA stands where there is none."""
    text = as_text(cell).value
    if text is None or text.upper() == "NA":
        return Parsed(None)
    return Parsed(str(as_int(text, 1, 9999).value))


def words(cell: object) -> Parsed[str]:
    parsed = as_text(cell)
    return Parsed(parsed.value or "", parsed.note)


def prose(cell: object) -> Parsed[str]:
    """A paragraph or several. "NA" and a dash are what an export writes for nothing."""
    text = as_text(cell, max_length=LONGEST).value or ""
    return Parsed("" if text in ("NA", "-") else re.sub(r"\s*\n\s*", "\n", text))


_POLARITY: Final = {"low": national.LOW, "high": national.HIGH, "-": "", "na": ""}


def polarity(cell: object) -> Parsed[str]:
    return Parsed(as_code(cell, _POLARITY, "polarity").value or "")


def updated(cell: object) -> Parsed[date | None]:
    """A spreadsheet's day, counted (45962), or nothing where words stand in its place ("New Data")."""
    if isinstance(cell, date):
        return Parsed(cell)
    text = as_text(cell).value or ""
    if not re.fullmatch(r"[0-9]{5}(?:\.0)?", text):
        return Parsed(None)
    return Parsed(_EPOCH + timedelta(days=int(text[:5])))


def closeness(cell: object) -> Parsed[str]:
    return Parsed((as_text(cell).value or "").capitalize())


LAIT = Table(
    "lait",
    "figures of the Local Authority Interactive Tool",
    (
        Field("measure", "Short Desc", needed=True, filled=True),
        Field("title", "Data item", read=words),
        Field("period", "Years", read=period, needed=True, filled=True),
        Field("area", "LA and Regions", read=words, needed=True),
        Field("value", "Values", read=figure, needed=True),
        Field("number", "LA Number", read=number),
        Field("region", "Region", read=words),
    ),
    optional=True,
)
DICTIONARY = Table(
    "dictionary",
    "what the measures mean",
    (
        Field("measure", "Measure_short", needed=True, filled=True),
        Field("topic", "Topic", read=words),
        Field("title", "Chart_title", needed=True, filled=True, read=prose),
        Field("good", "Polarity", read=polarity, needed=True),
        Field("axis", "y_axis_name", read=words),
        Field("definition", "Description", read=prose, needed=True),
        Field("methodology", "Methodology", read=prose),
        Field("updated", "Last Update", read=updated, column="date"),
    ),
    optional=True,
)

# Headings that every file of the looked-after release has; national files leave out those of smaller areas.
_RELEASE = (
    Field("period", "time_period", read=period, needed=True, filled=True),
    Field("level", "geographic_level", read=words, needed=True, filled=True),
    Field("region_code", "region_code", read=words),
    Field("number", "old_la_code", read=number),
    Field("area", "la_name", read=words),
    Field("code", "new_la_code", read=words),
)


def _release(key: str, holds: str, filters: tuple[str, ...], figures: tuple[str, ...]) -> Table:
    """A file of the release: the columns that tell its rows apart, and those that hold figures."""
    told = [Field(f"part_{place}", name, needed=True, filled=True) for place, name in enumerate(filters)]
    counted = [Field(name, heading, read=figure, needed=True) for name, heading in FIGURES.items() if name in figures]
    return Table(key, holds, (*_RELEASE, *told, *counted), optional=True)


FIGURES: Final = {"number_of": "number", "percent": "percentage"}
MEASURED: Final = {"number_of": "number", "percent": "percent"}  # how the measure's code ends
# Fuller headings come first: a file of distances has all the headings of one of net gain, and more.
RELEASES: Final = (
    _release("stability", "placement stability", ("cla_group", "placement_stability"), ("number_of", "percent")),
    _release(
        "provision", "kinds of placement and provider", ("placement_type", "placement_provider"),
        ("number_of", "percent"),
    ),
    _release("distance", "distance of placements", ("cla_group", "characteristic"), ("number_of", "percent")),
    _release("netgain", "children placed across boundaries", ("characteristic",), ("number_of",)),
)  # fmt: skip
# Other tables of the release have a column “characteristic” as well: these words tell whose it is.
CHARACTERISTICS: Final = {"distance": "mile|distance|^total", "netgain": "boundary|net gain"}

CLOSE_TO = Table(
    "neighbours",
    "statistical neighbours",
    (
        Field("number", "LA num", ("LA number",), read=number, needed=True),
        Field("area", "LA Name", read=words, needed=True),
        *(Field(f"n_{place}", f"SN{place}", read=number, needed=True) for place in range(1, NEIGHBOURS + 1)),
        # The ten columns are all headed SNP: each takes the next one.
        *(
            Field(f"c_{place}", f"SN{place} closeness", read=closeness, needed=True, like=r"snp$")
            for place in range(1, NEIGHBOURS + 1)
        ),
    ),
    optional=True,
)
