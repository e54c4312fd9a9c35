"""The partnership's own template of placements: four sheets, of which the first is enough."""

from collections.abc import Mapping
from typing import Any

from commissioning.kernel.ingest.cells import (
    as_code,
    as_company_number,
    as_int,
    as_money,
    as_text,
    as_urn,
    as_yes_no,
)
from commissioning.kernel.ingest.parsed import CellError, Parsed
from commissioning.kernel.ingest.source import DATE, Field, Table
from commissioning.partnership.rules.codes import LEVELS

from ..rules import codes
from ..rules.references import LONGEST, fold


def words(cell: Any) -> Parsed:
    parsed = as_text(cell)
    return Parsed(parsed.value or "", parsed.note)


def long_words(cell: Any) -> Parsed:
    parsed = as_text(cell, max_length=4000)
    return Parsed(parsed.value or "", parsed.note)


def folded(cell: Any) -> Parsed:
    return Parsed((as_text(cell).value or "").casefold())


def reference(cell: Any) -> Parsed:
    """What another system calls a child."""
    value = as_text(cell).value
    if value and len(fold(value)) > LONGEST:
        raise CellError(f"a child’s reference has at most {LONGEST} characters")
    return Parsed(value)


def pounds(cell: Any) -> Parsed:
    return as_money(cell, places=4)


def coded(table: Mapping[str, str], label: str, *, empty: str | None = "") -> Any:
    """A code or its label, whatever the case."""
    known = {name.lower(): code for code, name in table.items() if code} | {
        code.lower(): code for code in table if code
    }
    return lambda cell: Parsed(as_code(cell, known, label).value or empty)


def _several(table: Mapping[str, str], label: str) -> Any:
    """Codes or labels parted by ; or , -> codes parted by ;."""
    read = coded(table, label)

    def each(cell: Any) -> Parsed:
        parts = (as_text(cell).value or "").replace(",", ";").split(";")
        return Parsed(";".join(dict.fromkeys(read(part).value for part in parts if part.strip())))

    return each


def _money(key: str, heading: str) -> Field:
    return Field(key, heading, read=pounds, column="numeric(12, 4)")


def _day(key: str, heading: str, *aliases: str, **more: Any) -> Field:
    return Field(key, heading, aliases, read=DATE, column="date", **more)


def _yes_no(key: str, heading: str, *aliases: str) -> Field:
    return Field(key, heading, aliases, read=as_yes_no, column="boolean")


PARTS = (
    _money("education", "From education"),
    _money("health", "From health"),
    _money("housing", "From housing benefit"),
    _money("other", "From others"),
)
SERVICE = coded(codes.SERVICE_TYPES, "service type", empty=None)

PLACEMENTS = Table(
    "placements",
    "placements",
    (
        Field("reference", "Placement reference", needed=True, filled=True),
        Field("child", "Child reference", read=reference, needed=True, filled=True, passing=True),
        _day("born_on", "Date of birth", passing=True, restricted=True),
        Field("sex", "Sex", read=coded(codes.SEXES, "sex")),
        Field("ethnicity", "Ethnicity", read=coded(codes.ETHNICITIES, "ethnicity")),
        Field("disabilities", "Disability", read=_several(codes.DISABILITIES, "disability")),
        _yes_no("ehcp", "EHCP", "Education, health and care plan"),
        _yes_no("unaccompanied", "Unaccompanied", "UASC"),
        Field("sibling", "Sibling group", read=folded),
        Field("care_status", "Care status", read=coded(codes.CARE_STATUSES, "care status")),
        Field("legal_status", "Legal status", read=coded(codes.LEGAL_STATUSES, "legal status")),
        _day("care_from", "Care status from"),
        Field("service_type", "Service type", read=SERVICE, needed=True, filled=True),
        Field("level", "Level", read=coded(LEVELS, "level")),
        Field("provider", "Provider", ("Provider name",), read=words),
        Field("company_number", "Provider company number", ("Company number",), read=as_company_number),
        Field("urn", "Establishment URN", ("URN",), read=as_urn),
        Field("premises", "Premises", ("Premises name",), read=words),
        Field("own_place", "Own place", read=words),
        Field("framework", "Framework", ("Framework reference",), read=folded),
        Field("lot", "Lot", ("Lot number",), read=folded),
        _yes_no("in_house", "In-house", "In house"),
        Field("spot_reason", "Spot reason", read=coded(codes.SPOT_REASONS, "spot reason")),
        _day("called_off_on", "Called off on"),
        _day("starts_on", "Start date", needed=True, filled=True),
        _day("ends_before", "Left on"),
        _day("planned_end_on", "Planned end"),
        _yes_no("respite", "Respite"),
        _yes_no("solo", "Solo"),
        Field("registration", "Registration", read=coded(codes.REGISTRATIONS, "registration", empty="unknown")),
        Field("home_postcode", "Home postcode", read=words, passing=True),
        Field("postcode", "Placement postcode", read=words, passing=True),
        Field("distance_reason", "Distance reason", read=coded(codes.DISTANCE_REASONS, "distance reason")),
        Field("distance_approved_by", "Distance approved by", read=words),
        _day("distance_approved_on", "Distance approved on"),
        _day("host_told_on", "Host authority told on"),
        _day("notice_given_on", "Notice given on"),
        Field("end_reason", "End reason", read=coded(codes.END_REASONS, "end reason")),
        Field("ended_by", "Ended by", read=coded(codes.ENDED_BY, "answer to who ended it")),
        _yes_no("ended_as_planned", "Ended as planned"),
        Field("destination", "Destination", read=coded(codes.DESTINATIONS, "destination")),
        Field("referral", "Referral reference", read=words),
        _money("weekly", "Weekly cost"),
        *PARTS,
    ),
    optional=True,
)
CATEGORIES = {"core": "Core", "additional": "Additional service", "discount": "Discount"}
COST_LINES = Table(
    "cost_lines",
    "cost lines",
    (
        Field("reference", "Placement reference", needed=True, filled=True),
        Field("category", "Line", read=coded(CATEGORIES, "kind of line"), needed=True, filled=True),
        Field("service", "Service", read=coded(codes.SERVICES, "service")),
        Field("description", "Description", read=words),
        Field("price_line", "Price line", read=folded),
        Field(
            "amount", "Amount", read=lambda cell: as_money(cell, places=4, allow_negative=True),
            column="numeric(12, 4)", needed=True, filled=True,
        ),
        Field(
            "unit", "Unit", read=coded(codes.COST_UNITS | {"one_off": "once"}, "unit", empty=None), needed=True,
            filled=True,
        ),
        Field("quantity", "Quantity", read=lambda cell: as_money(cell), column="numeric(10, 2)"),
        _day("starts_on", "From", needed=True, filled=True),
        _day("last_day", "Last day"),
        Field("approved_by", "Approved by", read=words),
        _day("approved_on", "Approved on"),
        _day("review_on", "Review on"),
        *PARTS,
    ),
    optional=True,
)  # fmt: skip
OVERSIGHT = Table(
    "oversight",
    "oversight where nobody looks",
    (
        Field("reference", "Placement reference", needed=True, filled=True),
        Field(
            "kind", "Kind", read=coded(codes.OVERSIGHT_KINDS, "kind of oversight", empty=None), needed=True, filled=True
        ),
        Field("why", "Why", read=long_words, needed=True, filled=True),
        Field("approved_by", "Approved by", read=words, needed=True, filled=True),
        _day("approved_on", "Approved on", needed=True, filled=True),
        _day("starts_on", "From", needed=True, filled=True),
        _day("last_day", "Last day"),
        Field("court_reference", "Court reference", read=words),
        Field("checks", "Checks", read=long_words),
        Field("visit_every_days", "Visit every (days)", read=lambda cell: as_int(cell, 1, 366), column="int"),
        _day("last_visited_on", "Last visited"),
        _day("regulator_told_on", "Regulator told on"),
        Field("exit_plan", "Exit plan", read=long_words),
        _day("exit_by", "Exit by"),
    ),
    optional=True,
)
MEETINGS = Table(
    "meetings",
    "placement meetings",
    (
        Field("reference", "Placement reference", needed=True, filled=True),
        Field("kind", "Kind", read=coded(codes.MEETING_KINDS, "kind of meeting", empty=None), needed=True, filled=True),
        _day("due_on", "Due on", needed=True, filled=True),
        _day("held_on", "Held on"),
    ),
    optional=True,
)
