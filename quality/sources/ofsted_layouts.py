"""Ofsted's published lists, 2015 to 2025: which headings hold what, and which day they describe."""

import re
from datetime import date

from commissioning.kernel.ingest.cells import as_code, as_int, as_text, as_urn
from commissioning.kernel.ingest.parsed import Parsed
from commissioning.kernel.ingest.source import DATE, Field, Table
from providers.rules import codes

from ..rules import scales

REDACTED = "redacted"


def _published(cell: object) -> Parsed:
    """Text, or nothing where the file withholds it."""
    parsed = as_text(cell)
    return Parsed("") if parsed.value is None or parsed.value.lower() == REDACTED else parsed


def _owner(cell: object) -> Parsed:
    """As published; 0 is a look-up that found nothing, not a name that several owners share."""
    parsed = _published(cell)
    return Parsed("") if parsed.value == "0" else parsed


def _words(cell: object) -> Parsed:
    parsed = as_text(cell)
    return Parsed(parsed.value or "", parsed.note)


def _coded(table: dict[str, str], label: str, blank: tuple[str, ...] = ("",)):
    """A code from a list, whatever its case; the words in `blank` mean that there is none."""
    known = {words.lower(): code for code, words in table.items()} | dict.fromkeys(blank, "")
    return lambda cell: Parsed(as_code(cell, known, label).value or "")


_KINDS = dict(codes.ESTABLISHMENT_KINDS) | {"cafcass": "CAFCASS"}
_JUDGEMENT_WORDS = {code: words for code, words in scales.GRADES.items()}
_judgement_codes = (
    {words.lower(): code for code, words in scales.GRADES.items()}
    | {"adequate": "adequate", "satisfactory": "satisfactory"}
    | scales.OTHER_WORDS
    | dict.fromkeys(scales.NOT_JUDGED, "")
)


def _judgement(cell: object) -> Parsed:
    return Parsed(as_code(cell, _judgement_codes, "judgement").value or "")


def _short_breaks(cell: object) -> Parsed:
    """The column is blank, "Yes", or says the words again."""
    return Parsed((as_text(cell).value or "no").lower() not in ("no", "n"))


def _latest(*names: str) -> tuple[str, ...]:
    """Headings of 2022 stand behind "Latest full inspection", once misspelt."""
    return (
        *names,
        *(f"Latest full inspection {name}" for name in names),
        *(f"Latest full inspectio {name}" for name in names),
    )


_SHORT_BREAKS = Field(
    "short_breaks_only", "Short-break-only children's home",
    ("Short breaks only children's home", "Short breaks only"), read=_short_breaks, column="boolean",
)  # fmt: skip
_AT_31_MARCH = tuple(f"Registration status (as at 31 March {year})" for year in range(2015, 2051))

REGISTRATION = (
    Field("urn", "URN", read=as_urn, needed=True, filled=True),
    Field("kind", "Provision type", read=_coded(_KINDS, "provision type"), needed=True, filled=True),
    Field("status", "Registration status", ("Reg status",), read=_words),
    Field("name", "Name", ("Setting name",), read=_published),
    Field("address_1", "Address 1", read=_published),
    Field("address_2", "Address 2", read=_published),
    Field("town", "Town", read=_published),
    Field("postcode", "Postcode", read=_published),
    Field("region", "Government Office Region", ("Region",), read=_words),
    Field("area_name", "Local authority", read=_words, needed=True),
    Field("constituency", "Parliamentary constituency", read=_words),
    Field("sector", "Sector", read=_coded(codes.SECTORS, "sector")),
    Field("places", "Places", read=lambda cell: as_int(cell, 0, 2000), column="int"),
    Field("registered_on", "Registration date", read=DATE, column="date"),
    _SHORT_BREAKS,
    Field("education_urn", "Linked Education URN", read=_words),
    Field(
        "owner_name", "Organisation which owns the provider", ("Organisation", "Organisation name"), read=_owner
    ),
)  # fmt: skip
INSPECTION = (
    Field(
        "event_type", "Latest full inspection event type", ("Event type", "Inspection event type", "Inspection type"),
        read=_words,
    ),
    Field("inspected_on", "Latest full inspection date", ("Inspection date",), read=DATE, column="date"),
    Field(
        "published_on", "Latest full inspection publication date", ("Publication date", "Inspection publication date"),
        read=DATE, column="date",
    ),
    Field(
        "event_number", "Latest full inspection event number",
        ("Event number", "Inspection event number", "Inspection ID"), read=_words,
    ),
    Field(
        "overall", "Overall experiences and progress of children and young people",
        _latest("Overall effectiveness", "overall experiences and progress of children and young people"),
        read=_judgement,
    ),
    Field(
        "protection", "How well children and young people are helped and protected",
        _latest(
            "Safeguarding children and young people", "The safety of CYP",
            "how well children and young people are helped and protected",
        ),
        read=_judgement,
    ),
    Field(
        "leadership", "The effectiveness of leaders and managers",
        _latest("Leadership and management", "the effectiveness of leaders and managers"), read=_judgement,
    ),
    Field(
        "outcomes", "Outcomes for children and young people", _latest("Outcomes for CYP"), read=_judgement
    ),
    Field("quality_of_care", "Quality of care", _latest("quality of care"), read=_judgement),
    Field(
        "education", "Outcomes in education and related learning activities",
        _latest("outcomes in education and related learning activities"), read=_judgement,
    ),
    Field("health", "Health services", _latest("health services"), read=_judgement),
    Field(
        "supported_outcome", "Supported Accommodation outcome",
        read=_coded(scales.OUTCOMES, "supported accommodation outcome"),
    ),
)  # fmt: skip

PROVIDERS = Table(
    "providers", "providers and their latest judgements", REGISTRATION + INSPECTION, sheet="provider_level_at"
)
IN_YEAR = Table(
    "in_year", "inspections of the year", REGISTRATION + INSPECTION, sheet="provider_level_in_year", optional=True
)
PREMISES = Table(
    "premises",
    "supported-accommodation premises",
    (
        Field("urn", "URN", read=as_urn, needed=True, filled=True),
        Field(
            "category", "Service category (Note 4)", ("Service category",), column="int",
            read=lambda cell: as_int((as_text(cell).value or "").lower().removeprefix("category").strip(), 1, 4),
            needed=True,
        ),
        Field("places", "Places", read=lambda cell: as_int(cell, 0, 2000), column="int"),
        Field("region", "Premises Government Office Region", read=_words),
        Field("constituency", "Premises Parliamentary Constituency", read=_words),
        Field("area_name", "Premises Local Authority", read=_words, needed=True),
    ),
    sheet="sa_premises",
    optional=True,
)  # fmt: skip
LEAVERS = Table(
    "leavers",
    "registrations that ended or began in the year",
    (
        Field("urn", "URN", read=as_urn, needed=True, filled=True),
        Field("kind", "Provision type", read=_coded(_KINDS, "provision type"), needed=True, filled=True),
        Field("name", "Setting name", read=_published),
        Field("area_name", "Local authority", read=_words),
        Field("region", "Government Office Region", read=_words),
        Field("constituency", "Parliamentary constituency", read=_words),
        Field("sector", "Sector", read=_coded(codes.SECTORS, "sector")),
        Field("places", "Places", read=lambda cell: as_int(cell, 0, 2000), column="int"),
        Field(
            "registered_on", "First effective date (that the provider became active)", read=DATE, column="date"
        ),
        Field("resigned_on", "First effective date (that the provider became resigned)", read=DATE, column="date"),
        Field("closed_on", "First effective date (that the provider closed)", read=DATE, column="date"),
        Field("cancelled_on", "First effective date (that the provider became cancelled)", read=DATE, column="date"),
        Field("leaver", "Leaver status", read=_words, needed=True),
        # "Resigned" says more than "Leaver"; the heading carries the year.
        Field("status", "Registration status (as at 31 March)", _AT_31_MARCH),
        _SHORT_BREAKS,
    ),
    sheet="leavers",
    optional=True,
)  # fmt: skip

_MONTHS = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
]
_NAMED = re.compile(  # a month is a word of its own: "summary 2025" names none
    r"(?:(?<!\d)(\d{1,2})(?:st|nd|rd|th)?[\s_-]+)?(?<![a-z])("
    + "|".join(f"{month[:3]}(?:{month[3:]})?" for month in _MONTHS).replace("sep", "sept?")
    + r")[\s_-]+(\d{4}|\d{2})(?!\d)",
    re.I,
)
_NUMBERED = re.compile(r"(?<!\d)(\d{2})[_\-.](\d{2})[_\-.](\d{4}|\d{2})(?!\d)")


def day_described(*texts: str) -> date | None:
    """The day in the first text that names one: "at 31 march 2025", "as at March 2022", "30_09_25"; else None."""
    for text in texts:
        if found := _NAMED.search(text):
            day, month = found[1], [m[:3] for m in _MONTHS].index(found[2][:3].lower()) + 1
        elif found := _NUMBERED.search(text):
            day, month = found[1], int(found[2])
        else:
            continue
        year = int(found[3]) + (2000 if len(found[3]) == 2 else 0)
        try:
            return date(year, month, int(day)) if day else _last_day(year, month)
        except ValueError:  # 31 June
            continue
    return None


def _last_day(year: int, month: int) -> date:
    following = date(year + month // 12, month % 12 + 1, 1)
    return date.fromordinal(following.toordinal() - 1)
