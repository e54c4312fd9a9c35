"""200,000 rates by the import road, from a csv file to committed history."""

import csv
from copy import copy
from datetime import date
from decimal import Decimal
from pathlib import Path

from django.db import connection
from django.db.models import Count, Sum

from commissioning.kernel.ingest import road, staging
from commissioning.kernel.ingest.source import source_named
from commissioning.kernel.models import ImportRun
from commissioning.kernel.tenancy.viewer import acting_as
from providers.models import Award, Rate
from tests.bench import market as markets
from tests.bench.bare import BY, Bare
from tests.bench.ground import empty
from tests.bench.rounds import LIMIT, OURS, PEER, Contender, Finding, gate, interleave
from tests.bench.watch import Parts, forget_peak, parts_timed, peak

PROVIDERS, LINES, MONTHS = 400, 10, 50
ROWS = PROVIDERS * LINES * MONTHS
ORM_PROVIDERS = 20  # the peer writes this many providers' rates: a twentieth of the work
HEADINGS = ["Framework", "Lot", "Price line", "Provider", "Company number", "Rate", "From"]
PARTS: Parts = {
    "reading the file": [(road, "read_book")],
    "reading cells and copying": [(staging.Staging, "stage")],
    "checking": [(type(source_named("rates")), "check")],
    "loading": [(type(source_named("rates")), "load"), (road, "_now")],
    "counting and reporting": [(staging.Staging, "settle"), (road, "difference"), (road, "_report")],
}


def bench(folder: Path) -> list[Finding]:
    market = markets.build(providers=PROVIDERS, lines=LINES)
    file = _file(folder / "rates.csv", market)
    bare = Bare(market.viewer, Rate)
    wanted = (ROWS, sum(_amount(p, n, m) for p in range(PROVIDERS) for n in range(LINES) for m in range(MONTHS)))
    spent: list[dict[str, float]] = []
    memory: list[tuple[int, int]] = []
    clean = _clean(market)

    def bring_in() -> ImportRun:
        held = forget_peak()
        with parts_timed(PARTS) as parts:
            run = receive_and_load(file, market)
        memory.append((held, peak()))
        spent.append(parts)
        return run

    def judge_import(run: ImportRun) -> None:
        gate("rows read = accepted", run.rows_read, run.rows_accepted, ROWS)
        gate("count and sum after the import", _state(market), wanted)
        gate("events of history", _events(market), ROWS)
        bare.keep()

    ours = Contender("the import road, csv to committed history", OURS, bring_in, empty_rates, judge_import)
    limit = Contender(
        "one bare INSERT ... SELECT, same keys, policy, audit", LIMIT, bare.put_back, empty_rates,
        lambda count: gate("count and sum of the bare INSERT", _state(market), wanted),
    )  # fmt: skip
    peer = Contender(
        "Django bulk_create of clean rows, 5,000 at a time", PEER, lambda: _by_orm(market, clean), empty_rates,
        lambda _: gate("rows by bulk_create", _state(market)[0], len(clean)), work=ORM_PROVIDERS / PROVIDERS,
    )  # fmt: skip
    interleave([ours, limit, peer], rounds=3)
    middle = sorted(range(3), key=lambda n: ours.seconds[n])[1]
    shares = {part: f"{seconds / ours.seconds[middle]:.0%}" for part, seconds in spent[middle].items()}
    rest = 1 - sum(spent[middle].values()) / ours.seconds[middle]
    facts = {
        "rows": ROWS,
        "rows a second": round(ROWS / ours.median),
        "rows a second, bare": round(ROWS / limit.median),
        "share of": ", ".join(f"{part} {share}" for part, share in (*shares.items(), ("the rest", f"{rest:.0%}"))),
        "client's highest memory": f"{memory[0][1] / 2**20:.0f} MB ({memory[0][0] / 2**20:.0f} MB before it began)",
    }
    return [Finding("rates", f"{ROWS:,} rates", [ours, limit, peer], facts, BOUNDED)]


BOUNDED = (
    "what the bare INSERT pays too: the guard against overlapping rates, the foreign keys, ten indexes, a stamp and an "
    "event for each row. Above that stand Python, which reads each cell, the set-wise checks, and the events read back "
    "for the difference."
)


def receive_and_load(file: Path, market: markets.Market) -> ImportRun:
    with acting_as(market.viewer, by=BY):
        run = road.receive(source=source_named("rates"), file=file, file_name=file.name, authority=market.lead, by=BY)
    return road.bring_in(run, viewer=market.viewer, by=BY, now=markets.NOW, load=True)


def empty_rates() -> None:
    empty(Rate)


def _file(path: Path, market: markets.Market) -> Path:
    with path.open("w", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(HEADINGS)
        for p, provider in enumerate(market.providers):
            for n, line in enumerate(market.lines):
                for m in range(MONTHS):
                    start, amount = f"{_day(m):%d/%m/%Y}", _amount(p, n, m)
                    writer.writerow(["BENCH", "1", line.code, provider.name, provider.company_number, amount, start])
    return path


def _amount(provider: int, line: int, month: int) -> Decimal:
    return Decimal(60000 + provider * 37 + line * 1100 + month * 125) / 100


def _day(month: int) -> date:
    return date(2022 + (month + 2) // 12, (month + 2) % 12 + 1, 1)


def _state(market: markets.Market) -> tuple[int, Decimal]:
    with acting_as(market.viewer, by=BY):
        found = Rate.objects.aggregate(count=Count("pk"), total=Sum("amount"))
        return found["count"], found["total"]


def _events(market: markets.Market) -> int:
    with acting_as(market.viewer, by=BY), connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM audit.providers_rate")
        return cursor.fetchone()[0]


def _clean(market: markets.Market) -> list[Rate]:
    with acting_as(market.viewer, by=BY):
        awards = list(Award.objects.order_by("provider_id")[:ORM_PROVIDERS])
    return [
        Rate(
            award=award, price_line=line, framework=market.framework, lot=market.lot, provider_id=award.provider_id,
            amount=_amount(p, n, m), starts_on=_day(m), ends_before=_day(m + 1) if m + 1 < MONTHS else None,
        )
        for p, award in enumerate(awards)
        for n, line in enumerate(market.lines)
        for m in range(MONTHS)
    ]  # fmt: skip


def _by_orm(market: markets.Market, clean: list[Rate]) -> None:
    with acting_as(market.viewer, by=BY):
        Rate.objects.bulk_create((copy(rate) for rate in clean), batch_size=5000)
