"""A release package as rows of facts: frameworks, their options, buyers, events and lots, places on lots, call-offs.

Releases of one process are put together as the standard says: in the order of their dates, objects field by field,
lists of objects by their ids, anything else replaced. What no fact here stands for is named, and left.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from commissioning.partnership.rules.codes import CALL_OFF_METHODS, FRAMEWORK_EVENTS, SERVICE_TYPES
from commissioning.partnership.rules.terms import add_months

from . import ocds

Row = dict[str, Any]
MOST_RELEASES = 100_000
DEEPEST = 40
# Of a tender, a lot and an award: what becomes a fact, or follows from one.
_TENDER = {
    "id", "title", "status", "procuringEntity", "procurementMethodDetails", "mainProcurementCategory", "contractPeriod",
    "techniques", "lots", "milestones",
}  # fmt: skip
_LOT = {"id", "title", "description", "additionalClassifications", "techniques", "status"}
_AWARD = {"id", "title", "status", "date", "suppliers", "contractPeriod", "relatedLots", "amendments"}
_SECTIONS = {
    "ocid", "id", "date", "tag", "initiationType", "language", "parties", "buyer", "planning", "tender", "awards",
    "contracts", "relatedProcesses",
}  # fmt: skip


class NotAPackage(Exception):
    """What was sent is no release package; says what to send."""


@dataclass
class Package:
    """Rows by sheet, in the order of the package; each by heading key."""

    frameworks: list[Row] = field(default_factory=list)
    options: list[Row] = field(default_factory=list)
    buyers: list[Row] = field(default_factory=list)
    events: list[Row] = field(default_factory=list)
    lots: list[Row] = field(default_factory=list)
    places: list[Row] = field(default_factory=list)
    call_offs: list[Row] = field(default_factory=list)


def read_package(sent: Any) -> Package:
    """Raises NotAPackage."""
    if isinstance(sent, dict) and isinstance(sent.get("records"), list):
        raise NotAPackage("This is a record package. Export a release package (its list is called releases).")
    if not isinstance(sent, dict) or not isinstance(sent.get("releases"), list):
        raise NotAPackage("This JSON is no OCDS release package: it has no list of releases. Export one and send that.")
    releases = sent["releases"]
    if not all(isinstance(release, dict) and _word(release.get("ocid")) for release in releases):
        raise NotAPackage("A release in the package has no ocid, so that nobody knows what it is of. Export it again.")
    if len(releases) > MOST_RELEASES:
        raise NotAPackage(f"The package has more than {MOST_RELEASES:,} releases. Send it in parts.")
    made = Package()
    for ocid, process in compiled(releases).items():
        parents = [
            _word(each.get("identifier")) for each in _objects(process.get("relatedProcesses"))
            if "framework" in _words(each.get("relationship"))
        ]  # fmt: skip
        if parents:
            made.call_offs.append({"process": ocid, "parent": parents[0]})
        else:
            _read_framework(ocid, process, made)
    return made


def compiled(releases: Iterable[Row]) -> dict[str, Row]:
    """ocid -> its releases as one. Of two of the same moment the later in the list counts."""
    found: dict[str, Row] = {}
    for release in sorted(releases, key=lambda each: _word(each.get("date"))):
        of = found.setdefault(_word(release["ocid"]), {})
        _lay(of, release, 0)
    return found


def _lay(under: Row, over: Row, depth: int) -> None:
    if depth > DEEPEST:
        raise NotAPackage("The package is nested too deeply to hold releases. Export it again.")
    for name, value in over.items():
        known = under.get(name)
        if isinstance(value, dict):
            under[name] = target = dict(known) if isinstance(known, dict) else {}
            _lay(target, value, depth + 1)
        elif isinstance(value, list) and value and all(isinstance(each, dict) and "id" in each for each in value):
            under[name] = _by_id(known if isinstance(known, list) else [], value, depth)
        else:
            under[name] = value


def _by_id(known: list[Any], more: list[Row], depth: int) -> list[Row]:
    rows = {str(each["id"]): each for each in known if isinstance(each, dict) and "id" in each}
    for each in more:
        target = rows.setdefault(str(each["id"]), {})
        _lay(target, each, depth + 1)
    return list(rows.values())


def _read_framework(ocid: str, process: Row, made: Package) -> None:
    tender = _object(process.get("tender"))
    parties = {_word(party.get("id")): party for party in _objects(process.get("parties"))}
    agreement = _object(_object(tender.get("techniques")).get("frameworkAgreement"))
    term = _object(tender.get("contractPeriod")) or _object(agreement.get("period"))
    options = _options(ocid, tender, term)
    first_due = next((each["due_on"] for each in options if each["due_on"]), None)
    lead = _object(tender.get("procuringEntity")) or _object(process.get("buyer"))
    starts_on = ocds.day_of(term.get("startDate"))
    made.frameworks.append({
        "process": ocid, "reference": _word(tender.get("id")), "name": _word(tender.get("title")),
        "kind": _kind(tender), "lead": _authority(lead, parties), "starts_on": starts_on,
        "last_day": first_due or ocds.day_of(term.get("endDate")), "aside": ", ".join(_aside(process, tender)),
    })  # fmt: skip
    made.options += [{name: each[name] for name in ("process", "position", "months", "taken_on")} for each in options]
    for party in parties.values():
        if "buyer" in _words(party.get("roles")):
            told = _objects(_object(party.get("details")).get("takesPart")) or [{}]
            made.buyers += [
                {
                    "process": ocid, "authority": _authority(party, parties),
                    "starts_on": ocds.day_of(part.get("startDate")) or starts_on,
                    "last_day": ocds.day_of(part.get("endDate")),
                }
                for part in told
            ]  # fmt: skip
    for milestone in _objects(_object(process.get("planning")).get("milestones")):
        kind = _word(milestone.get("type")).removeprefix(ocds.EVENT)
        if kind in FRAMEWORK_EVENTS:
            made.events.append({"process": ocid, "event": kind, "day": ocds.day_of(milestone.get("dueDate"))})
    made.lots += [_lot(ocid, lot, agreement) for lot in _objects(tender.get("lots"))]
    for award in _objects(process.get("awards")):
        made.places += _places(ocid, award, parties)


def _options(ocid: str, tender: Row, term: Row) -> list[Row]:
    """Options to extend: each as its milestone says; else the months between the term's end and its longest extent."""
    told: list[Row] = []
    for milestone in _objects(tender.get("milestones")):
        months = re.fullmatch(r"P([0-9]{1,3})M", _word(milestone.get("code")))
        if milestone.get("type") == ocds.EXTENSION and months:
            told.append({
                "process": ocid, "position": len(told) + 1, "months": int(months[1]),
                "taken_on": ocds.day_of(milestone.get("dateMet")), "due_on": ocds.day_of(milestone.get("dueDate")),
            })  # fmt: skip
    end, most = ocds.ends_before(term.get("endDate")), ocds.ends_before(term.get("maxExtentDate"))
    if not told and end and most and most > end:
        months_between = (most.year - end.year) * 12 + most.month - end.month
        if months_between and add_months(end, months_between) == most:
            told.append({"process": ocid, "position": 1, "months": months_between, "taken_on": None, "due_on": None})
    return told


def _kind(tender: Row) -> str:
    techniques = _object(tender.get("techniques"))
    named = ocds.KINDS_READ.get(_word(tender.get("procurementMethodDetails")).casefold(), "")
    if named:
        return named
    if techniques.get("hasDynamicPurchasingSystem") is True:
        return "dynamic_market"
    return "framework" if techniques.get("hasFrameworkAgreement") is True else ""


def _lot(ocid: str, lot: Row, agreement: Row) -> Row:
    said = {_word(each.get("scheme")): _word(each.get("id")) for each in _objects(lot.get("additionalClassifications"))}
    of_lot = _object(_object(lot.get("techniques")).get("frameworkAgreement"))
    method = said.get(ocds.CALL_OFF, "")
    if method not in CALL_OFF_METHODS:
        method = ocds.METHODS_READ.get(_word(of_lot.get("method")) or _word(agreement.get("method")), "")
    service = said.get(ocds.SERVICE, "")
    return {
        "process": ocid, "lot": _word(lot.get("id")), "name": _word(lot.get("title")),
        "service": service if service in SERVICE_TYPES else "", "call_off": method,
        "specification": _text(lot.get("description")),
    }  # fmt: skip


def _places(ocid: str, award: Row, parties: dict[str, Row]) -> list[Row]:
    """One for each supplier and lot. An award that was cancelled, or to nobody, gave no place."""
    if award.get("status") in ("cancelled", "unsuccessful"):
        return []
    period = _object(award.get("contractPeriod"))
    changes = {_word(each.get("id")): _text(each.get("rationale")) for each in _objects(award.get("amendments"))}
    suppliers = _objects(award.get("suppliers"))
    lots = _words(award.get("relatedLots")) or [""]
    rows = []
    for supplier in suppliers:
        party = _object(parties.get(_word(supplier.get("id")))) or supplier
        numbers = _numbers(party)
        rows += [
            {
                "process": ocid, "award": _word(award.get("id")), "lot": lot,
                "provider": _word(party.get("name")) or _word(supplier.get("name")),
                "company_number": numbers.get(ocds.COMPANIES, ""), "charity_number": numbers.get(ocds.CHARITIES, ""),
                "own_id": numbers.get(ocds.OWN, ""),
                "starts_on": ocds.day_of(period.get("startDate")) or ocds.day_of(award.get("date")),
                "last_day": ocds.day_of(period.get("endDate")), "why": changes.get("removal", ""),
            }
            for lot in lots
        ]  # fmt: skip
    return rows


def _numbers(party: Row) -> dict[str, str]:
    told = [_object(party.get("identifier")), *_objects(party.get("additionalIdentifiers"))]
    return {_word(each.get("scheme")): _word(each.get("id")) for each in reversed(told)}


def _authority(who: Row, parties: dict[str, Row]) -> str:
    """Its ONS code, or its name where the package has another."""
    party = _object(parties.get(_word(who.get("id")))) or who
    return _numbers(party).get(ocds.AUTHORITIES) or _word(party.get("name")) or _word(who.get("name"))


def _aside(process: Row, tender: Row) -> list[str]:
    found = sorted(process.keys() - _SECTIONS) + [f"tender.{name}" for name in sorted(tender.keys() - _TENDER)]
    for part, rows, known in (
        ("lots", _objects(tender.get("lots")), _LOT), ("awards", _objects(process.get("awards")), _AWARD)
    ):  # fmt: skip
        found += [f"{part}.{name}" for name in sorted(set().union(*rows) - known)] if rows else []
    return found


def _object(value: Any) -> Row:
    return value if isinstance(value, dict) else {}


def _objects(value: Any) -> list[Row]:
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def _words(value: Any) -> list[str]:
    return [_word(each) for each in value] if isinstance(value, list) else []


def _word(value: Any) -> str:
    """Text of one line, or a whole number as text."""
    return " ".join(_text(value).split())


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value.strip()
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else ""
