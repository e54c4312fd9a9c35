"""The words of the Open Contracting Data Standard 1.1.5, its lots and techniques extensions: ours and back.

Closed code lists are the standard's. What it has no word for stands under a scheme or type that begins with x_, as
open code lists allow, so that a package says everything that it needs to be read again.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from commissioning.partnership.rules.codes import CALL_OFF_METHODS, FRAMEWORK_KINDS, SERVICE_TYPES

VERSION = "1.1"
EXTENSIONS = (
    "https://raw.githubusercontent.com/open-contracting-extensions/ocds_lots_extension/master/extension.json",
    "https://raw.githubusercontent.com/open-contracting-extensions/ocds_techniques_extension/master/extension.json",
)

# Organisations. The first three are lists of the register of organisation lists (org-id.guide) or of the ONS.
COMPANIES, CHARITIES, AUTHORITIES = "GB-COH", "GB-CHC", "GB-GSS"
OWN = "x_provider"  # a provider of no recorded number: by its public id here

AGREEMENTS = ("framework", "register")
DYNAMIC = ("dynamic_market", "dps")

# Whether a call-off reopens the competition among those on the lot.
REOPENS = {"ranked": False, "direct": False, "all": True, "gated": True, "mini_competition": True}
assert REOPENS.keys() == CALL_OFF_METHODS.keys()
WITH, WITHOUT, BOTH = "withReopeningCompetition", "withoutReopeningCompetition", "withAndWithoutReopeningCompetition"
# A package that names no method of ours: the nearest, which its reader is told.
METHODS_READ = {WITH: "mini_competition", WITHOUT: "ranked", BOTH: "all"}

SERVICE, CALL_OFF = "x_service", "x_callOffMethod"
EXTENSION, EVENT = "x_extension", "x_event_"
KINDS_READ = {label.casefold(): kind for kind, label in FRAMEWORK_KINDS.items()}


def process_id(prefix: str, uuid: UUID) -> str:
    """The ocid of a framework: its public id never changes, which its reference may."""
    return f"{prefix}-{uuid}"


def uuid_in(text: object) -> UUID | None:
    """The public id that a process or an award of ours carries; None in a package that others made."""
    try:
        return UUID(str(text)[-36:])
    except ValueError:
        return None


def instant(day: date) -> str:
    """The first moment of a day."""
    return f"{day.isoformat()}T00:00:00Z"


def period(starts_on: date, ends_before: date | None, at_most: date | None = None) -> dict[str, str]:
    """A half-open period as the standard has it: from the first moment to the last, which is of the day before."""
    told = {"startDate": instant(starts_on)}
    if ends_before is not None:
        told["endDate"] = _last(ends_before)
    if at_most is not None:
        told["maxExtentDate"] = _last(at_most)
    return told


def _last(ends_before: date) -> str:
    return f"{(ends_before - timedelta(days=1)).isoformat()}T23:59:59Z"


def day_of(text: object) -> date | None:
    """The day of an instant, as it is written there; None where there is none, or it is no date."""
    try:
        return date.fromisoformat(str(text)[:10]) if text else None
    except ValueError:
        return None


def ends_before(text: object) -> date | None:
    """The day after a last day."""
    day = day_of(text)
    return day + timedelta(days=1) if day is not None and day < date.max else None


def company_number(company: str, charity: str, uuid: UUID) -> tuple[str, str]:
    """(scheme, number) by which a provider is told apart."""
    if company:
        return COMPANIES, company
    return (CHARITIES, charity) if charity else (OWN, str(uuid))


def party_id(scheme: str, number: str) -> str:
    return f"{scheme}-{number}"


def method_of(call_off_methods: Iterable[str]) -> str | None:
    """Of one lot, or of all lots of a framework; None where it has none."""
    found = {REOPENS[method] for method in call_off_methods}
    if not found:
        return None
    return BOTH if len(found) == 2 else WITH if True in found else WITHOUT


def classifications(service_type: str, call_off_method: str) -> list[dict[str, str]]:
    return [
        {"scheme": SERVICE, "id": service_type, "description": SERVICE_TYPES[service_type]},
        {"scheme": CALL_OFF, "id": call_off_method, "description": CALL_OFF_METHODS[call_off_method]},
    ]


def release(ocid: str, stage: str, day: date, tags: list[str], **sections: Any) -> dict[str, Any]:
    """A release, without sections that are empty. Its id is made of what it says: the same facts give the same
    release wherever they stand, and other facts another. Stages begin with a figure, so that of releases of one day
    the ids are in their order."""
    body = {"ocid": ocid, "date": instant(day), "tag": tags, "initiationType": "tender", "language": "en"}
    body |= {name: told for name, told in sections.items() if told}
    written = json.dumps(body, ensure_ascii=False, sort_keys=True)
    mark = hashlib.sha256(written.encode()).hexdigest()[:12]
    return {"ocid": ocid, "id": f"{ocid}-{stage}-{mark}", **{k: v for k, v in body.items() if k != "ocid"}}


def package(
    releases: list[dict[str, Any]], *, uri: str, publisher: Mapping[str, str], published_at: str
) -> dict[str, Any]:
    """A release package. The standard asks for one release at least."""
    return {
        "uri": uri, "version": VERSION, "extensions": list(EXTENSIONS), "publishedDate": published_at,
        "publisher": dict(publisher), "releases": releases,
    }  # fmt: skip
