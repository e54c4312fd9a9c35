"""10,000 random tables (RELIABILITY, D1): withheld by us, and each withheld count attacked by scipy. `BENCH_TABLES`
takes fewer, for trying. And what young people say (D9), so attacked in invented partnerships; `BENCH_VOICES`."""

import os
from collections.abc import Sequence
from pathlib import Path

from commissioning.compare.rules.disclosure import OF_PROVIDER, USUAL
from commissioning.compare.rules.figures import Figure, make
from tests.bench.rounds import OURS, PEER, Contender, Finding, gate, interleave
from tests.compare.attacker import against, wanted
from tests.compare.oracle_figures import unfit
from tests.compare.partnership_rows import Row, columns, voices
from tests.compare.tables import Released, released, table

TABLES = int(os.environ.get("BENCH_TABLES", "10000"))
VOICES = int(os.environ.get("BENCH_VOICES", "100"))


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
    return [
        Finding("disclosure", f"{TABLES:,} random tables", contenders, facts, "questions for each pair anew"),
        _voices(),
    ]


def _voices() -> Finding:
    """D9: what young people say, of invented partnerships in which some providers' all agree."""
    told = {"tried": 0, "exact": 0, "too narrow": 0, "shown": 0}
    made: list[tuple[list[Row], Sequence[Figure]]] = []

    def withhold() -> None:
        for seed in range(200_000, 200_000 + VOICES):
            rows = voices(seed, authorities=6, n=260, statements=1)
            made.append((rows, make({"voices": columns(rows)}, USUAL, groups={}).figures))

    def attack() -> None:
        for rows, figures in made:
            attacker, every, seen = against(rows, figures, "voices")
            told["shown"] += len(figures)
            attacker.looks(())
            for name, members in every.items():
                alike = bool(name[-1]) and len(members) == len(every[(*name[:-1], "")])
                if name in seen or not (alike or unfit(rows, members, of_provider=name[0] in OF_PROVIDER)):
                    continue
                least, most = attacker.count(name)
                told["tried"] += 1
                told["exact"] += least == most
                told["too narrow"] += most - least < wanted(attacker.value(name))

    contenders = [
        Contender("ours: every member and pair", OURS, withhold),
        Contender("scipy: an outsider, after us", PEER, attack),
    ]
    interleave(contenders, rounds=1, turning=False)
    gate("answers recovered, and told too closely", (told["exact"], told["too narrow"]), (0, 0))
    facts = {
        "partnerships, shares shown": f"{VOICES:,}, {told['shown']:,}",
        "withheld and attacked, recovered, too narrow": f"{told['tried']:,}, {told['exact']}, {told['too narrow']}",
    }
    return Finding("voices", f"{VOICES:,} partnerships' answers to a statement", contenders, facts, "the same")
