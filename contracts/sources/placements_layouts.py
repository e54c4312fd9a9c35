"""Rows of the placements census, of the LIIA layout and of the Placements Data Standard: their columns, and how the
words of their lists are read. What is called framework and has no award in force is recorded as spot, with a note."""

import re
from calendar import month_name
from collections.abc import Callable
from datetime import date
from typing import Any

from commissioning.kernel.exports.text import unguard
from commissioning.kernel.ingest.cells import as_int, as_money
from commissioning.kernel.ingest.parsed import Parsed
from commissioning.kernel.ingest.reading import UnreadableFile
from commissioning.kernel.ingest.source import DATE, Field, Table
from commissioning.kernel.ingest.staging import Staging
from commissioning.partnership.models import AuthorityName
from commissioning.partnership.rules.names import fold_authority

from ..rules.layouts import Column, Layout, fold, some_of, spellings
from ..rules.layouts_census import CENSUSES
from ..rules.layouts_liia import INTERNAL, LIIA
from ..rules.layouts_standard import STANDARD
from .placements_match import ROUTE_SQL, placed, running, serves, takes_part, temporary
from .placements_template import long_words, reference, words


def _unguarded(cell: Any) -> Parsed:
    """Words as they were before a csv of ours guarded them against formulas (kernel/exports/text.py)."""
    parsed = words(cell)
    return Parsed(unguard(parsed.value), parsed.note)


_READ = {
    "money": (lambda cell: as_money(cell), "numeric(12, 2)"),
    "date": (DATE, "date"),
    "whole": (lambda cell: as_int(cell, 0, 150), "int"),
}


def _field(column: Column, names: tuple[str, ...], needed: bool) -> Field:
    read, kind = _READ.get(column.kind, (long_words if column.section else _unguarded, "text"))
    if column.key == "identifier":
        read = reference
    return Field(
        column.key, column.heading, tuple(name for name in names if name != column.heading), read=read, column=kind,
        needed=needed, filled=column.key == "identifier", like=column.like,
        passing=column.key in ("identifier", "born_on", "home_postcode", "postcode"),
        restricted=column.key == "born_on",
    )  # fmt: skip


def _fields(layouts: tuple[Layout, ...], needed: set[str]) -> tuple[Field, ...]:
    """Every column of any year, by every heading it has had."""
    columns: dict[str, Column] = {}
    names: dict[str, list[str]] = {}
    for layout in layouts:
        for column in layout.columns:
            if not (column.key in columns and columns[column.key].like):
                columns[column.key] = column
            names.setdefault(column.key, []).append(column.heading)
    return tuple(_field(column, tuple(dict.fromkeys(names[key])), key in needed) for key, column in columns.items())


CENSUS = Table(
    "census", "rows of the placements census",
    _fields(CENSUSES, {"identifier", "sourced", "organisation", "provision", "weekly"}), optional=True,
)  # fmt: skip
COSTS = Table(
    "liia", "placement costs", _fields((LIIA,), {"identifier", "starts_on", "provision", "total"}), optional=True
)
RECORDS = Table(
    "standard", "records of the Placements Data Standard", _fields((STANDARD,), {"identifier", "weekly", "provision"}),
    optional=True,
)  # fmt: skip
OWN_HOMES = Table(
    "own_homes", "costs of the authority’s own homes",
    (
        Field("asset", INTERNAL[0], needed=True, read=lambda cell: Parsed(words(cell).value)),
        Field("urn", INTERNAL[1], read=words), Field("starts_on", INTERNAL[2], read=words),
        Field("ends_on", INTERNAL[3], read=words), Field("total", INTERNAL[4], read=words, needed=True),
    ),
    optional=True,
)  # fmt: skip

_MONTHS = [name.lower()[:3] for name in month_name[1:]]
_ISO = re.compile(r"(?<!\d)(20\d\d)[-_.](\d\d)[-_.](\d\d)(?!\d)")
_BRITISH = re.compile(r"(?<!\d)(\d\d?)[-_./](\d\d?)[-_./](20\d\d)(?!\d)")
_WORDS = re.compile(r"(?<!\d)(\d\d?)(?:st|nd|rd|th)?[\s_-]+(" + "|".join(_MONTHS) + r")[a-z]*[\s_-]+(20\d\d)", re.I)


def day_named(text: str) -> date | None:
    """The day that a file name or a line above the table names; None without one."""
    if found := _ISO.search(text):
        parts = (int(found[1]), int(found[2]), int(found[3]))
    elif found := _WORDS.search(text):
        parts = (int(found[3]), _MONTHS.index(found[2].lower()[:3]) + 1, int(found[1]))
    elif found := _BRITISH.search(text):
        parts = (int(found[3]), int(found[2]), int(found[1]))
    else:
        return None
    try:
        return date(*parts)
    except ValueError:
        return None


def day_of(staging: Staging, what: str) -> date:
    """The day that the file describes, from its name, from above its table or from what a JSON file says of itself.
    UnreadableFile without one."""
    above = [metadata(staging).get("asAt")]
    for count in staging.sheets:
        sheet = next(each for each in staging.book.sheets if each.name == count.name)
        above += [count.name, *(cell for row in sheet.rows[: count.header_row - 1] for cell in row)]
    for told in (*above[:1], staging.file_name, *above[1:]):
        day = told if type(told) is date else day_named(str(told)) if told is not None else None
        if day is not None:
            if day > staging.today:
                raise UnreadableFile(f"The file describes {day:%-d %B %Y}, which is after today. Correct its name.")
            return day
    raise UnreadableFile(
        f"The file does not say which day it describes. Put the day into its name, for example "
        f"“{what} 2025-12-31.csv”, and send it again."
    )


def metadata(staging: Staging) -> dict[str, Any]:
    """What a JSON file says of itself beside its records; empty for any other file."""
    sheet = next((each for each in staging.book.sheets if each.name == "metadata"), None)
    if staging.book.kind != "json" or sheet is None or len(sheet.rows) != 2:
        return {}
    return dict(zip(sheet.rows[0], sheet.rows[1], strict=False))


ALWAYS = ("identifier", "starts_on")  # no home can be recorded without them
_EMPTY = "'this cell is empty, and the collection asks for it: taken as not said'"


def read_words(staging: Staging, table: str, layout: Layout, meaning: dict[str, Callable[[str], str]]) -> None:
    """Temporary tables word_<column> (sent, word, means) for columns with a list; other words are refused with it.

    `means` is what `meaning` makes of the word, as text."""
    for column in layout.columns:
        empty = f"coalesce(s.{column.key}, '') = ''" if column.kind == "text" else f"s.{column.key} IS NULL"
        if column.needed and column.key in ALWAYS:
            staging.reject(table, f"s.ok AND {empty}", "'this cell is empty: every row needs one'", column=column.key)
        elif column.needed and not column.section:  # a standard asks for more than anybody has: its score says so
            staging.note(table, f"s.ok AND {empty}", _EMPTY, column=column.key)
        if column.words is None:
            continue
        known = spellings(column.words)
        sent = [text for (text,) in staging.rows(f"SELECT DISTINCT {column.key} FROM staged_{table}") if text]
        said = [(text, _word(text, known, column)) for text in sent]
        make = meaning.get(column.key, lambda word: word)
        temporary(
            staging, f"word_{column.key}", {"sent": "text", "word": "text", "means": "text"},
            ((text, word, make(word) if word else None) for text, word in said),
        )  # fmt: skip
        if column.key == "placed_by":  # judged by whose file it is
            continue
        staging.reject(
            table, "s.ok AND w.word IS NULL",
            "'“' || left(w.sent, 60) || '” is not in the list of this collection: it knows ' || %(known)s",
            joins=f"JOIN word_{column.key} w ON w.sent = s.{column.key}", column=column.key,
            known=some_of(column.words, most=12),
        )  # fmt: skip


def _word(text: str, known: dict[str, str], column: Column) -> str | None:
    """The word of the list that a cell means; None where it means none. Several are parted by a semicolon."""
    parts = text.split(";") if column.several else [text]
    found = [known.get(fold(part)) or known.get(fold(part + " ")) for part in parts]
    return "; ".join(word for word in found if word) if all(found) else None


def find_hosts(staging: Staging, table: str, as_at: date, *, word_of: Callable[[str], str] = lambda text: text) -> None:
    """Temporary table `hosts` (sent -> the authority, or nothing)."""
    names = AuthorityName.objects.known_on(as_at)
    sent = [text for (text,) in staging.rows(f"SELECT DISTINCT host FROM staged_{table} WHERE ok") if text]
    temporary(
        staging, "hosts", {"sent": "text", "authority_id": "bigint"},
        ((text, names.get(fold_authority(word_of(text)))) for text in sent),
    )  # fmt: skip


def find_supporting_awards(staging: Staging, table: str, start: str, service: str, joins: str) -> None:
    """Temporary table `claimed`: for rows that claim kinds of framework (word_sourced.means), the award that supports
    it on the day of the start. Rows whose claim nothing supports are noted."""
    staging.execute("DROP TABLE IF EXISTS claimed")
    staging.execute(
        f"""CREATE TEMPORARY TABLE claimed ON COMMIT DROP AS
            SELECT DISTINCT ON (s.sheet, s.row) s.sheet, s.row, f.award_id, f.lot_id, {ROUTE_SQL} AS route
            FROM staged_{table} s JOIN word_sourced w ON w.sent = s.sourced {joins}
            JOIN awards f ON f.provider_id = s.provider_id AND f.kind = ANY (string_to_array(w.means, ';'))
            WHERE s.ok AND {running(start)} AND {placed(start)} AND {takes_part(start)} AND {serves(service)}
            ORDER BY s.sheet, s.row, array_position(string_to_array(w.means, ';'), f.kind), f.award_id"""
    )
    staging.execute("ANALYZE claimed")
    staging.note(
        table,
        "s.ok AND w.means <> '' AND c.row IS NULL",
        "'recorded as spot without a reason: no award of this provider was in force that day'",
        column="sourced",
        joins="JOIN word_sourced w ON w.sent = s.sourced LEFT JOIN claimed c ON (c.sheet, c.row) = (s.sheet, s.row)",
    )


def refuse_own_homes(staging: Staging) -> None:
    staging.reject(
        "own_homes", "s.ok",
        "'costs of the authority’s own homes name no child, so that no placement can be made of them: nothing was "
        "loaded. Record the homes as own places of the placements that they are for'",
        column="asset",
    )  # fmt: skip
