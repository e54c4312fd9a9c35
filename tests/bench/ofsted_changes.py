"""Two yearly lists of Ofsted's compared: what changed, told once by us as facts with history, by pandas as a frame."""

import csv
from pathlib import Path
from typing import Any

import pandas
from django.db import connection

from commissioning.kernel.ingest import road
from commissioning.kernel.ingest.source import source_named
from commissioning.kernel.models import ImportRun
from commissioning.kernel.tenancy.viewer import acting_as
from quality.sources import ofsted
from tests.bench.bare import BY
from tests.bench.ground import empty
from tests.bench.market import NOW, SERVICE
from tests.bench.ofsted import AREAS, HOME, SUPPORTED, WORDS
from tests.bench.rounds import LIMIT, OURS, PEER, Contender, Finding, gate, interleave
from tests.bench.watch import parts_timed
from tests.quality import books

ROWS, ROUNDS = 20_000, 3
OUTCOMES = (
    "Consistently strong service delivery", "Inconsistent quality of service delivery",
    "Serious or widespread weaknesses",
)  # fmt: skip
# Every so many rows of the later list: a new judgement, another owner, a suspension, one that is no longer listed.
JUDGED, SOLD, SUSPENDED, GONE = 7, 90, 250, 110
OWNER, OVERALL = "Organisation which owns the provider", "Overall experiences and progress of children and young people"
OUTCOME, STATUS = "Supported Accommodation outcome", "Registration status"
PARTS = {
    "remembering what was known": [(ofsted, "remember")],
    "comparing and telling": [(ofsted, "tell_changes")],
}


def bench(folder: Path) -> list[Finding]:
    earlier, later = (_written(folder, year) for year in (2024, 2025))
    found_by_us: list[set[tuple[str, ...]]] = []
    spent: list[dict[str, float]] = []
    by_pandas = _compared(earlier, later)

    def ready() -> None:
        empty()
        _bring_in(earlier)

    def second() -> ImportRun:
        with parts_timed(PARTS) as parts:
            run = _bring_in(later)
        spent.append(parts)
        return run

    def judge(run: ImportRun) -> None:
        gate("rows read by us and by pandas", run.rows_read, len(_frame(later)))
        gate("nothing rejected", run.rows_rejected, 0)
        found_by_us.append(_told())
        gate("what changed, by us and by pandas", *(sorted(found) for found in (found_by_us[-1], by_pandas)))

    def judge_again(run: ImportRun) -> None:
        gate("facts changed by the same file again", run.facts_added + run.facts_changed + run.facts_removed, 0)

    ours = Contender("the later list, file to committed facts and changes told", OURS, second, ready, judge)
    contenders = [
        ours,
        Contender("the same list once more: nothing is told twice", OURS, lambda: _bring_in(later), after=judge_again),
        Contender("pandas reading both lists and merging them", PEER, lambda: _compared(earlier, later),
                  after=lambda found: gate("what pandas found", found, by_pandas)),
        Contender("pandas reading both lists", LIMIT, lambda: (_frame(earlier), _frame(later))),
    ]  # fmt: skip
    interleave(contenders, rounds=ROUNDS, turning=False)
    middle = sorted(range(ROUNDS), key=lambda n: ours.seconds[n])[ROUNDS // 2]
    facts = {
        "rows in each list": f"{ROWS:,}",
        "changes": f"{len(by_pandas):,}",
        "share of": ", ".join(
            f"{part} {seconds / ours.seconds[middle]:.0%} ({seconds:.2f} s)" for part, seconds in spent[middle].items()
        ),
    }
    return [Finding("changes", "two yearly lists of Ofsted's compared (csv)", contenders, facts, BOUNDED)]


BOUNDED = (
    "the import itself: every row becomes a registration's record and an inspection with keys, stamps and history, "
    "which pandas does not write; the comparison is a small part of it, above."
)


def _bring_in(file: Path) -> ImportRun:
    with acting_as(SERVICE, by=BY):
        run = road.receive(source=source_named("ofsted"), file=file, file_name=file.name, authority=None, by=BY)
    return road.bring_in(run, viewer=SERVICE, by=BY, now=NOW, load=True)


def _told() -> set[tuple[str, ...]]:
    with acting_as(SERVICE, by=BY), connection.cursor() as cursor:
        cursor.execute(
            """SELECT e.urn, c.kind, c.before, c.after FROM quality_change c
               JOIN providers_establishment e ON e.id = c.establishment_id"""
        )
        return {tuple(row) for row in cursor.fetchall()}


def _frame(file: Path) -> Any:
    frame = pandas.read_csv(file, header=len(books.PREAMBLE), dtype=str, keep_default_na=False)
    return frame.rename(columns=lambda heading: heading.strip())


def _compared(earlier: Path, later: Path) -> set[tuple[str, ...]]:
    """(URN, kind, before, after) in the platform's words."""
    kept = ["URN", OWNER, OVERALL, OUTCOME, STATUS]
    both = _frame(earlier)[kept].merge(_frame(later)[kept], on="URN", how="left", suffixes=(" then", " now"))
    gone = both[f"{STATUS} now"].isna()
    found = {
        (urn, "registration", status, "Not on the list") for urn, status in both[gone][["URN", f"{STATUS} then"]].values
    }
    there = both[~gone]
    codes = {words: words.lower().replace(" to be good", "").replace(" ", "_") for words in WORDS} | dict(
        zip(OUTCOMES, ("consistently_strong", "inconsistent", "serious_weaknesses"), strict=True)
    )
    for column, kind, words in (
        (OVERALL, "judgement", codes), (OUTCOME, "judgement", codes), (STATUS, "registration", {}), (OWNER, "owner", {})
    ):  # fmt: skip
        then, now = there[f"{column} then"], there[f"{column} now"]
        differ = there[(then != now) & (now != "")]
        found |= {
            (urn, kind, words.get(before, before), words.get(after, after))
            for urn, before, after in differ[["URN", f"{column} then", f"{column} now"]].values
        }
    return found


def _written(folder: Path, year: int) -> Path:
    path = folder / f"provider_level_at_31_march_{year}.csv"
    with path.open("w", newline="", encoding="utf-8") as out:
        writer = csv.writer(out)
        writer.writerows([each[0]] for each in books.PREAMBLE)
        writer.writerow(books.HEADINGS)
        writer.writerows(_row(n, later=year == 2025) for n in range(ROWS) if year == 2024 or n % GONE)
    return path


def _row(n: int, *, later: bool) -> list[Any]:
    supported, new = n % 5 == 0, later and n % JUDGED == 1
    held = dict.fromkeys((heading.strip().lower() for heading in books.HEADINGS), "") | {
        "web link": "Ofsted Social Care Provider Webpage", "urn": f"{2_500_000 + n}",
        "registration status": "Suspended" if later and n % SUSPENDED == 1 else "Active",
        "provision type": SUPPORTED if supported else HOME, "name": "REDACTED", "address 1": "REDACTED",
        "registration date": f"{1 + n % 28:02}/{1 + n % 12:02}/{2010 + n % 12}", "town": "REDACTED",
        "postcode": "REDACTED", "government office region": "London", "local authority": AREAS[n % len(AREAS)],
        "sector": "Private", "parliamentary constituency": f"Constituency {n % 500}", "places": 1 + n % 9,
        "organisation which owns the provider": f"Invented Homes {(n + (later and n % SOLD == 1)) % 2300} Ltd",
        "latest full inspection event type": "Full inspection",
        "latest full inspection event number": 10_000_000 + n * 2 + new,
        "latest full inspection date": f"{1 + n % 28:02}/{4 + n % 8:02}/{2024 if new else 2022}",
        "latest full inspection publication date": f"{1 + n % 28:02}/{5 + n % 8:02}/{2024 if new else 2022}",
    }  # fmt: skip
    if supported:
        held["supported accommodation outcome"] = OUTCOMES[(n + new) % len(OUTCOMES)]
    else:
        word = WORDS[(n + new) % len(WORDS)]
        for heading in (OVERALL, "How well children and young people are helped and protected",
                        "The effectiveness of leaders and managers"):  # fmt: skip
            held[heading.lower()] = word
    return list(held.values())
