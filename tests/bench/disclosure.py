"""10,000 random tables (RELIABILITY, D1): withheld by us, and each withheld count attacked by scipy. `BENCH_TABLES`
takes fewer, for trying."""

import os
from pathlib import Path

from tests.bench.rounds import OURS, PEER, Contender, Finding, gate, interleave
from tests.compare.attacker import wanted
from tests.compare.tables import Released, released, table

TABLES = int(os.environ.get("BENCH_TABLES", "10000"))


def bench(folder: Path) -> list[Finding]:
    found: list[Released] = []
    told = {"tried": 0, "exact": 0, "too narrow": 0}

    def withhold() -> None:
        found.extend(released(table(seed)) for seed in range(100_000, 100_000 + TABLES))

    def attack() -> None:
        for each in found:
            attacker = each.attacker()
            attacker.looks(())
            for name in attacker.groups:
                least, most = attacker.count(name)
                told["tried"] += 1
                told["exact"] += least == most
                told["too narrow"] += most - least < wanted(attacker.value(name))

    contenders = [
        Contender("ours: every member and pair", OURS, withhold),
        Contender("scipy: an outsider, after us", PEER, attack),
    ]
    interleave(contenders, rounds=1, turning=False)
    gate("counts recovered, and told too closely", (told["exact"], told["too narrow"]), (0, 0))
    cells = sum(len(each.cells) for each in found)
    shown = cells - sum(len(each.withheld) for each in found)
    facts = {
        "tables, cells, shown": f"{TABLES:,}, {cells:,}, {shown / cells:.0%}",
        "withheld and attacked, recovered, too narrow": f"{told['tried']:,}, {told['exact']}, {told['too narrow']}",
    }
    return [Finding("disclosure", f"{TABLES:,} random tables", contenders, facts, "questions for each pair anew")]
