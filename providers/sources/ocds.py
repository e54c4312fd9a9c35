"""Source `ocds`: a release package of the Open Contracting Data Standard, for frameworks that the sender leads.

Frameworks, options to extend, buyers, events, lots and suppliers' places become the same facts as if they had been
entered: through the same actions, which refuse what they would refuse a person. Public ids that the package carries
are kept where they are free, so that a package of ours goes back out as it came. Rates and price lines are in none.
"""

import json
from hashlib import sha256
from pathlib import Path
from typing import Any

from commissioning.kernel.ingest.cells import as_company_number, as_int, as_text
from commissioning.kernel.ingest.formats import Book, Limits, RawSheet, UnreadableFile
from commissioning.kernel.ingest.parsed import Parsed
from commissioning.kernel.ingest.source import DATE, Field, Source, Table, register
from commissioning.kernel.ingest.staging import Staging
from commissioning.partnership.models import (
    Authority,
    AuthorityCode,
    AuthorityName,
    Extension,
    Framework,
    FrameworkEvent,
    Lot,
    Participation,
)
from commissioning.partnership.rules.names import fold_authority

from ..models import Award, Provider
from ..rules.ocds_read import NotAPackage, read_package
from .ocds_load import Loading

LONGEST = 20_000
MOST_BYTES = 50 * 1024 * 1024


def _text(cell: object) -> Parsed:
    return Parsed(as_text(cell, max_length=LONGEST).value or "")


def _sheet(key: str, holds: str, *fields: Field, sheet: str) -> Table:
    process = Field("process", "Process", read=_text, needed=True, filled=True)
    return Table(f"ocds_{key}", holds, (process, *fields), sheet=sheet, optional=True)


_STARTS = Field("starts_on", "First day", read=DATE, column="date")
_LAST = Field("last_day", "Last day", read=DATE, column="date")
FRAMEWORKS = _sheet(
    "frameworks", "frameworks",
    Field("reference", "Reference", read=_text, needed=True, filled=True),
    Field("name", "Name", read=_text, needed=True, filled=True),
    Field("kind", "Kind", read=_text), Field("lead", "Lead authority", read=_text, needed=True, filled=True),
    _STARTS, _LAST, Field("aside", "Not taken over", read=_text), sheet="Frameworks",
)  # fmt: skip
OPTIONS = _sheet(
    "options", "options to extend",
    Field("position", "Position", read=as_int, column="int", filled=True),
    Field("months", "Months", read=as_int, column="int", filled=True),
    Field("taken_on", "Taken on", read=DATE, column="date"), sheet="Options",
)  # fmt: skip
BUYERS = _sheet(
    "buyers", "authorities that take part", Field("authority", "Authority", read=_text, needed=True, filled=True),
    _STARTS, _LAST, sheet="Buyers",
)  # fmt: skip
EVENTS = _sheet(
    "events", "events", Field("event", "Event", read=_text, needed=True, filled=True),
    Field("day", "Day", read=DATE, column="date", filled=True), sheet="Events",
)  # fmt: skip
LOTS = _sheet(
    "lots", "lots", Field("lot", "Lot", read=_text, needed=True, filled=True),
    Field("name", "Name", read=_text, filled=True), Field("service", "What is bought", read=_text),
    Field("call_off", "How a home is called off", read=_text), Field("specification", "Specification", read=_text),
    sheet="Lots",
)  # fmt: skip
PLACES = _sheet(
    "places", "suppliers' places on lots", Field("award", "Award", read=_text), Field("lot", "Lot", read=_text),
    Field("provider", "Supplier", read=_text, needed=True, filled=True),
    Field("company_number", "Company number", read=as_company_number),
    Field("charity_number", "Charity number", read=_text), Field("own_id", "Provider id", read=_text),
    Field("starts_on", "First day", read=DATE, column="date", filled=True), _LAST,
    Field("why", "Why it ended", read=_text), sheet="Places",
)  # fmt: skip
CALL_OFFS = _sheet(
    "call_offs", "call-offs", Field("parent", "Called off from", read=_text, needed=True), sheet="Call-offs"
)
TABLES = (FRAMEWORKS, OPTIONS, BUYERS, EVENTS, LOTS, PLACES, CALL_OFFS)
PARTS = tuple(table for table in TABLES if table not in (FRAMEWORKS, CALL_OFFS))


@register
class Ocds(Source):
    name = "ocds"
    label = "Contracting data (OCDS)"
    says = (
        "A release package of the Open Contracting Data Standard 1.1 as a json file: frameworks that your authority "
        "leads, with their lots, who buys and which providers have a place."
    )
    may = ("ocds", "import")
    tables = TABLES

    def writes(self):
        return [Framework, Extension, Participation, FrameworkEvent, Lot, Provider, Award]

    def read(self, path: Path, file_name: str) -> Book:
        size = path.stat().st_size
        if size > MOST_BYTES:
            raise UnreadableFile(f"The package is larger than {MOST_BYTES // 1024 // 1024} MB. Send it in parts.")
        data = path.read_bytes()
        try:
            package = read_package(json.loads(data.decode("utf-8-sig")))
        except NotAPackage as problem:
            raise UnreadableFile(str(problem)) from None
        except (UnicodeDecodeError, ValueError, RecursionError):
            raise UnreadableFile(
                "The file is no JSON, or is damaged or cut short. Export the OCDS release package again, as json."
            ) from None
        sheets = [_raw(table, getattr(package, table.key.removeprefix("ocds_"))) for table in TABLES]
        if sum(len(sheet.rows) for sheet in sheets) > Limits().max_rows:
            raise UnreadableFile("The package holds more rows than one file may. Send it in parts.")
        return Book(path=path, kind="json", encoding="utf-8", sheets=sheets, sha256=sha256(data).hexdigest(), size=size)

    def check(self, staging: Staging) -> None:
        _check_frameworks(staging)
        for table in PARTS:
            if staging.has(table.key):
                staging.reject(
                    table.key, "s.ok AND NOT EXISTS (SELECT FROM staged_ocds_frameworks f WHERE f.ok AND "
                    "f.process = s.process)",
                    "'its framework was not taken over: see the sheet Frameworks'", column="process",
                )  # fmt: skip
        if staging.has(LOTS.key):
            staging.reject(
                LOTS.key, "s.ok AND s.service = ''",
                "'the lot does not say which kind of home it is for: the platform reads it from a classification of "
                "the scheme x_service (fostering, residential, supported, family or school)'",
                column="service",
            )  # fmt: skip
            staging.reject(
                LOTS.key, "s.ok AND s.call_off = ''",
                "'the lot does not say how a home is called off, nor does its framework agreement have a method'",
                column="call_off",
            )  # fmt: skip
        if staging.has(CALL_OFFS.key):
            staging.note(
                CALL_OFFS.key,
                "(s.sheet, s.row) = (SELECT sheet, row FROM staged_ocds_call_offs WHERE ok ORDER BY row LIMIT 1)",
                "(SELECT count(*) FROM staged_ocds_call_offs WHERE ok) || ' call-offs are in the package. They tell of "
                "no child, so that nothing is recorded of them: placements come in by their own file'",
            )  # fmt: skip

    def load(self, staging: Staging) -> None:
        Loading(staging).run()

    def title_of(self, model, row):
        if model is Lot:
            return f"Lot {row['number']}: {row['name']}"
        if model is Extension:
            return f"{row['months']} months"
        if model is FrameworkEvent:
            return f"{row['kind']} on {row['happens_on']}"
        return super().title_of(model, row)


def _raw(table: Table, rows: list[dict[str, Any]]) -> RawSheet:
    headings = tuple(field.heading for field in table.fields)
    cells = [tuple(row.get(field.key) or None for field in table.fields) for row in rows]
    return RawSheet(name=str(table.sheet), rows=[headings, *cells])


def _check_frameworks(staging: Staging) -> None:
    """Kind and first day are there, no reference twice, and the sender leads each of them."""
    if not staging.has(FRAMEWORKS.key):
        return
    staging.reject(
        FRAMEWORKS.key, "s.ok AND s.kind = ''",
        "'the tender is neither a framework agreement nor a dynamic purchasing system, nor does its "
        "procurementMethodDetails say what it is'", column="kind",
    )  # fmt: skip
    staging.reject(
        FRAMEWORKS.key, "s.ok AND s.starts_on IS NULL",
        "'the tender has no contractPeriod that begins on a day'", column="starts_on",
    )  # fmt: skip
    staging.reject(
        FRAMEWORKS.key, "s.ok AND EXISTS (SELECT FROM staged_ocds_frameworks o WHERE o.reference = s.reference "
        "AND o.row < s.row)", "'another process of the package has this reference (the tender’s id)'",
        column="reference",
    )  # fmt: skip
    texts = [text for (text,) in staging.rows("SELECT DISTINCT lead FROM staged_ocds_frameworks WHERE ok")]
    known = authorities_named(staging, texts)
    called = dict(Authority.objects.filter(pk__in=known.values()).values_list("pk", "name"))
    staging.reject(
        FRAMEWORKS.key, "s.ok AND w.authority_id IS DISTINCT FROM %(mine)s::bigint",
        "w.name || ' leads it, and a framework is brought in by its lead authority alone: send it from there'",
        joins="JOIN unnest(%(texts)s::text[], %(ids)s::bigint[], %(names)s::text[]) AS w (text, authority_id, name) "
        "ON w.text = s.lead", column="lead", mine=staging.authority_id, texts=texts,
        ids=[known[text] for text in texts], names=[called.get(known[text], f"“{text}”") for text in texts],
    )  # fmt: skip
    staging.note(
        FRAMEWORKS.key, "s.ok AND s.aside <> ''", "'the package says more, of which nothing is kept: ' || s.aside",
        column="aside",
    )  # fmt: skip


def authorities_named(staging: Staging, texts: list[str]) -> dict[str, int | None]:
    """Code or name as sent -> the authority; None where nobody has it."""
    codes = dict(AuthorityCode.objects.values_list("ons_code", "authority_id"))
    names = AuthorityName.objects.known_on(staging.today)
    return {text: codes.get(text.upper()) or names.get(fold_authority(text)) for text in texts}
