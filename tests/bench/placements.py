"""200,000 placements with cost lines by the import road, from a csv file to committed history."""

import csv
import os
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

from django.apps import apps
from django.db.models import Count, Sum

from commissioning.kernel.ingest import road, staging
from commissioning.kernel.ingest.source import source_named
from commissioning.kernel.models import ImportRun
from commissioning.kernel.tenancy.viewer import acting_as
from contracts.models import CareStatus, Child, ChildReference, CostLine, FundingSplit, Placement
from tests.bench import market as markets
from tests.bench.bare import BY, Bare
from tests.bench.ground import empty
from tests.bench.rounds import LIMIT, OURS, Contender, Finding, gate, interleave
from tests.bench.watch import Parts, forget_peak, parts_timed, peak

PROVIDERS = 400
CHILDREN = int(os.environ.get("BENCH_PLACEMENTS", "200000")) // 4
HOMES = 4  # of each child, one after another
ROWS = CHILDREN * HOMES
HEADINGS = [
    "Placement reference", "Child reference", "Date of birth", "Sex", "Ethnicity", "Care status", "Service type",
    "Provider", "Provider company number", "Framework", "Lot", "Spot reason", "Start date", "Left on", "Registration",
    "Weekly cost", "From health",
]  # fmt: skip
WRITTEN = (Child, ChildReference, CareStatus, Placement, CostLine, FundingSplit)
PARTS: Parts = {
    "reading the file": [(road, "read_book")],
    "reading cells and copying": [(staging.Staging, "stage")],
    "checking": [(type(source_named("placements")), "check")],
    "loading": [(type(source_named("placements")), "load"), (road, "_now")],
    "counting and reporting": [(staging.Staging, "settle"), (road, "difference"), (road, "_report")],
}


def bench(folder: Path) -> list[Finding]:
    market = markets.build(providers=PROVIDERS, lines=1)
    file = _file(folder / "placements.csv", market)
    bare = Bare(market.viewer, *WRITTEN)
    wanted = (ROWS, sum(_amount(n) for n in range(ROWS)), CHILDREN)
    spent: list[dict[str, float]] = []
    memory: list[tuple[int, int]] = []

    def bring_in() -> ImportRun:
        held = forget_peak()
        with parts_timed(PARTS) as parts:
            run = _receive_and_load(file, market)
        memory.append((held, peak()))
        spent.append(parts)
        return run

    def judge_import(run: ImportRun) -> None:
        gate("rows read = accepted", run.rows_read, run.rows_accepted, ROWS)
        gate("placements, pounds a week and children after the import", _state(market), wanted)
        bare.keep()

    ours = Contender("the import road, csv to committed history", OURS, bring_in, _empty, judge_import)
    limit = Contender(
        "six bare INSERT ... SELECT, same keys, policy, audit", LIMIT, bare.put_back, _empty,
        lambda _: gate("the same after the bare INSERT", _state(market), wanted),
    )  # fmt: skip
    interleave([ours, limit], rounds=3)
    middle = sorted(range(3), key=lambda n: ours.seconds[n])[1]
    shares = {part: f"{seconds / ours.seconds[middle]:.0%}" for part, seconds in spent[middle].items()}
    rest = 1 - sum(spent[middle].values()) / ours.seconds[middle]
    facts = {
        "placements, each with its line": ROWS,
        "rows a second": round(ROWS / ours.median),
        "rows a second, bare": round(ROWS / limit.median),
        "share of": ", ".join(f"{part} {share}" for part, share in (*shares.items(), ("the rest", f"{rest:.0%}"))),
        "client's highest memory": f"{memory[0][1] / 2**20:.0f} MB ({memory[0][0] / 2**20:.0f} MB before it began)",
    }
    return [Finding("placements", f"{ROWS:,} placements with cost lines", [ours, limit], facts, BOUNDED)]


BOUNDED = (
    "what the bare INSERT pays too: the guard against two homes on one day, the composite keys, the indexes, a stamp "
    "and an event for each of several rows a placement. Above that stand Python, which reads each cell and makes two "
    "digests a child, the set-wise checks, and the events read back for the difference."
)


def _receive_and_load(file: Path, market: markets.Market) -> ImportRun:
    source = source_named("placements")
    with acting_as(market.viewer, by=BY):
        run = road.receive(source=source, file=file, file_name=file.name, authority=market.lead, by=BY)
    return road.bring_in(run, viewer=market.viewer, by=BY, now=markets.NOW, load=True)


def _empty() -> None:
    empty(*apps.get_app_config("contracts").get_models())  # all of them: keys hold them together


def _file(path: Path, market: markets.Market) -> Path:
    with path.open("w", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(HEADINGS)
        for child in range(CHILDREN):
            for home in range(HOMES):
                writer.writerow(_row(child, home, market))
    return path


def _row(child: int, home: int, market: markets.Market) -> list[object]:
    number = child * HOMES + home
    provider = market.providers[number % PROVIDERS]
    start = date(2021, 1, 1) + timedelta(days=child % 300 + home * 400)
    bought = ["Fostering", provider.name, provider.company_number, "BENCH", "1", ""]
    if number % 3 == 0:
        bought = ["Children's home", provider.name, provider.company_number, "", "", "no_capacity"]
    return [
        f"P-{number:07d}", f"C-{child:07d}", f"{date(2008, 1, 1) + timedelta(days=child % 3000):%d/%m/%Y}",
        "F" if child % 2 else "M", "WBRI", "Looked after", *bought, f"{start:%d/%m/%Y}",
        f"{start + timedelta(days=390):%d/%m/%Y}", "Registered with Ofsted", _amount(number),
        "100" if number % 10 == 0 else "",
    ]  # fmt: skip


def _amount(number: int) -> Decimal:
    return Decimal(60000 + number % 5000 * 25) / 100


def _state(market: markets.Market) -> tuple[int, Decimal, int]:
    with acting_as(market.viewer, by=BY):
        lines = CostLine.objects.aggregate(count=Count("pk"), total=Sum("weekly_amount"))
        return lines["count"], lines["total"], Child.objects.count()
