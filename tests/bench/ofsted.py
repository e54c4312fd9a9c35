"""Ofsted's workbook, from file to committed history: an invented one in the layout of 2025, and the published one."""

from datetime import date
from pathlib import Path
from typing import Any

import pandas
from django.db import connection
from openpyxl import Workbook
from python_calamine import CalamineWorkbook

from commissioning.kernel.ingest import road, staging
from commissioning.kernel.ingest.source import source_named
from commissioning.kernel.models import ImportRun
from commissioning.kernel.tenancy.viewer import acting_as
from tests.bench.bare import BY, Bare
from tests.bench.ground import empty
from tests.bench.market import NOW, SERVICE
from tests.bench.rounds import LIMIT, OURS, PEER, Contender, Finding, gate, interleave
from tests.bench.watch import Parts, parts_timed
from tests.quality import books
from tests.world import shared_data

ROWS, IN_THE_YEAR, HOMES_SHARED, LEFT = 5600, 4900, 8100, 1500
ROUNDS, ROUNDS_OF_PUBLISHED = 5, 3
WORDS = ("Outstanding", "Good", "Requires improvement to be good", "Inadequate")
SUPPORTED, HOME = "Supported Accommodation", "Children's home"
AREAS = ("Southwark", "Lewisham", "Lambeth", "Greenwich", "Bexley", "Bromley", "Croydon", "Kent", "Essex", "Surrey")
NOT_SAID = ["id", "uuid", "version", "changed_at", "changed_xid", "source_import_id", "establishment_id", "provider_id"]
SHEETS = ("provider_level_at", "provider_level_in_year", "sa_premises", "leavers")
PARTS: Parts = {
    "reading the file": [(road, "read_book")],
    "reading cells and copying": [(staging.Staging, "stage")],
    "checking": [(type(source_named("ofsted")), "check")],
    "loading": [(type(source_named("ofsted")), "load"), (road, "_now")],
    "counting and reporting": [(staging.Staging, "settle"), (road, "difference"), (road, "_report")],
}


def bench(folder: Path) -> list[Finding]:
    found = [_measured("ofsted", "an invented workbook (xlsx)", _invented(folder), rounds=ROUNDS, providers=ROWS)]
    data = shared_data()
    published = data and data / "ofsted" / "provider_level_at_31_march_2025.ods"
    if published and published.exists():
        empty()
        found.append(
            _measured(
                "ofsted, published", "the published workbook of 2025 (ods)", published, rounds=ROUNDS_OF_PUBLISHED
            )
        )
    return found


def _measured(name: str, says: str, file: Path, *, rounds: int, providers: int | None = None) -> Finding:
    source = source_named("ofsted")
    bare = Bare(SERVICE, *source.writes())
    states: list[Any] = []
    spent: list[dict[str, float]] = []
    rows = _rows_by_pandas(file)

    def first() -> ImportRun:
        with parts_timed(PARTS) as parts:
            run = _bring_in(file)
        spent.append(parts)
        return run

    def judge(run: ImportRun) -> None:
        gate("read = accepted + rejected", run.rows_read, run.rows_accepted + run.rows_rejected)
        gate("rows read, by us and by pandas", run.rows_read, sum(rows.values()))
        gate("nothing rejected", run.rows_rejected, 0)
        if providers:
            gate("registrations listed", _listed(), providers)
        states.append(_state(source))
        gate("state after each round", *states)
        bare.keep()

    def ready_for_bare() -> None:
        empty()
        bare.put_back_runs()

    def judge_again(run: ImportRun) -> None:
        gate("facts changed by the same file again", run.facts_added + run.facts_changed + run.facts_removed, 0)
        gate("state after the same file again", _state(source), states[0])

    def put_back() -> int:
        with CalamineWorkbook.from_path(file) as book:
            for sheet in _sheets(book.sheet_names):
                book.get_sheet_by_name(sheet).to_python()
        return bare.put_back()

    ours = Contender("the import road, file to committed history", OURS, first, empty, judge)
    again = Contender("the same file once more: nothing changes", OURS, lambda: _bring_in(file), after=judge_again)
    contenders = [
        ours,
        again,
        Contender("pandas (calamine) reading the same four sheets", PEER, lambda: _rows_by_pandas(file),
                  after=lambda read: gate("rows by pandas", read, rows)),
        Contender("calamine's cells, then bare INSERT ... SELECT", LIMIT, put_back, ready_for_bare,
                  lambda _: gate("state after the bare INSERT", _state(source), states[0])),
    ]  # fmt: skip
    # In this order each round: the second import finds the first's facts, the bare INSERT puts the same back.
    interleave(contenders, rounds=rounds, turning=False)
    middle = sorted(range(rounds), key=lambda n: ours.seconds[n])[rounds // 2]
    rest = 1 - sum(spent[middle].values()) / ours.seconds[middle]
    shares = ", ".join(f"{part} {seconds / ours.seconds[middle]:.0%}" for part, seconds in spent[middle].items())
    facts = {
        "rows": ", ".join(f"{sheet} {count:,}" for sheet, count in rows.items()),
        "facts": f"{sum(count for count, _ in states[0]):,}",
        "share of": f"{shares}, committing and the rest {rest:.0%}",
    }
    return Finding(name, says, contenders, facts, BOUNDED)


BOUNDED = (
    "two things in the shares above: the database, which writes each fact with its keys, stamp and event, and reading, "
    "where the file is checked for what it would unpack to, unpacked, and each cell turned into a value or a sentence. "
    "pandas only unpacks. A second import reads and compares all of it again, and writes nothing."
)


def _bring_in(file: Path) -> ImportRun:
    with acting_as(SERVICE, by=BY):
        run = road.receive(source=source_named("ofsted"), file=file, file_name=file.name, authority=None, by=BY)
    return road.bring_in(run, viewer=SERVICE, by=BY, now=NOW, load=True)


def _sheets(names: list[str]) -> list[str]:
    return [next(name for name in names if name.lower().startswith(wanted)) for wanted in SHEETS]


def _rows_by_pandas(file: Path) -> dict[str, int]:
    with pandas.ExcelFile(file, engine="calamine") as book:
        names = _sheets([str(name) for name in book.sheet_names])
        return {name: len(book.parse(name, header=len(books.PREAMBLE))) for name in names}


def _listed() -> int:
    with acting_as(SERVICE, by=BY), connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM providers_establishment WHERE listed_at = '2025-03-31'")
        return cursor.fetchone()[0]


def _state(source: Any) -> list[tuple[int, Any]]:
    """Of each table: how many rows, and a sum over what they say that is the same whichever ids they have."""
    found = []
    with acting_as(SERVICE, by=BY), connection.cursor() as cursor:
        for model in source.writes():
            cursor.execute(
                f"""SELECT count(*), sum(hashtext((to_jsonb(t) - %s::text[])::text)::bigint)
                    FROM {model._meta.db_table} t""",
                [NOT_SAID],
            )
            found.append(cursor.fetchone())
    return found


def _invented(folder: Path) -> Path:
    """5,600 registrations, the year's inspections, premises and leavers, under the headings of 2025."""
    path = folder / "provider_level_at_31_march_2025.xlsx"
    book = Workbook(write_only=True)
    sheets = {
        "Provider_level_at_31_Mar_2025": [books.HEADINGS, *(_registration(n) for n in range(ROWS))],
        "Provider_level_in_year_2024-25": [books.IN_YEAR, *(_registration(n, again=1) for n in range(IN_THE_YEAR))],
        "SA_Premises_at_31_Mar_2025": [books.PREMISES, *(_premises(n) for n in range(HOMES_SHARED))],
        "Leavers+Joiners_at_31_Mar_2025": [books.LEAVERS, *(_leaver(n) for n in range(LEFT))],
    }
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in [*([each[0]] for each in books.PREAMBLE), *rows]:
            sheet.append(row)
    book.save(path)
    return path


def _registration(n: int, again: int = 0) -> list[Any]:
    """One row of the list; `again`: an inspection of the year before, in the other sheet."""
    supported = n % 5 == 0
    held = dict.fromkeys((heading.strip().lower() for heading in books.HEADINGS), "") | {
        "web link": "Ofsted Social Care Provider Webpage", "urn": f"{2_500_000 + n}", "registration status": "Active",
        "provision type": SUPPORTED if supported else HOME, "name": "REDACTED", "address 1": "REDACTED",
        "registration date": date(2010 + n % 14, 1 + n % 12, 1 + n % 28), "town": "REDACTED", "postcode": "REDACTED",
        "government office region": "London", "local authority": AREAS[n % len(AREAS)], "sector": "Private",
        "parliamentary constituency": f"Constituency {n % 500}", "places": 1 + n % 9,
        "organisation which owns the provider": f"Invented Homes {n % 2300} Ltd",
        "latest full inspection event type": "Full inspection",
        "latest full inspection event number": 10_000_000 + n * 2 + again,
        "latest full inspection date": date(2024 - again, 4 + n % 8, 1 + n % 28),
        "latest full inspection publication date": date(2024 - again, 5 + n % 8, 1 + n % 28),
    }  # fmt: skip
    if supported:
        held["supported accommodation outcome"] = "Consistently strong service delivery"
    else:
        word = WORDS[n % 4]
        held["overall experiences and progress of children and young people"] = word
        held["how well children and young people are helped and protected"] = word
        held["the effectiveness of leaders and managers"] = word
    return list(held.values())


def _premises(n: int) -> list[Any]:
    held = dict.fromkeys(books.PREMISES, "") | {
        "Web link": "page", "URN": f"{2_500_000 + n % (ROWS // 5) * 5}", "Provider name": "REDACTED",
        "Provision type": SUPPORTED, "Service category (Note 4)": f"Category {1 + n % 4}",
        "Places": 1 + n % 6, "Premises Government Office Region": "London", "Sector": "Private",
        "Premises Local Authority": AREAS[n % len(AREAS)],
        "Premises Parliamentary Constituency": f"Constituency {n % 500}",
    }  # fmt: skip
    return list(held.values())


def _leaver(n: int) -> list[Any]:
    held = dict.fromkeys(books.LEAVERS, "") | {
        "URN": f"{2_400_000 + n}", "Provision type": HOME, "Government Office Region": "London", "Sector": "Private",
        "Local authority": AREAS[n % len(AREAS)], "Places": 1 + n % 9, "Leaver status": "Leaver",
        "First effective date (that the provider became active)": date(2012, 1 + n % 12, 1),
        "First effective date (that the provider closed)": date(2024, 5 + n % 8, 1),
        "Registration status (as at 31 March 2025)": "Closed",
    }  # fmt: skip
    return list(held.values())
