"""The audit of a whole release: ours, which asks about many withheld cells at once and keeps every world it finds for
the next, against scipy's HiGHS asked about each withheld cell and each attacker by itself, without that."""

import os
import random
from functools import partial
from pathlib import Path

from commissioning.compare.rules.disclosure import OF_PROVIDER, USUAL
from commissioning.compare.rules.figures import Made, make
from tests.bench.rounds import OURS, PEER, Contender, Finding, gate, interleave
from tests.compare.attacker import against
from tests.compare.oracle_figures import unfit
from tests.compare.partnership_rows import columns, homes

HOMES = int(os.environ.get("BENCH_HOMES", "1500"))
AUTHORITIES, ASKED, ROUNDS = 7, 60, 3


def bench(folder: Path) -> list[Finding]:
    rows = homes(1, authorities=AUTHORITIES, n=HOMES)
    records = columns(rows)

    def ours() -> Made:
        return make({"homes": records}, USUAL, groups={})

    made = ours()
    attacker, every, seen = against(rows, made.figures, "homes")
    targets = [name for name, members in every.items()
               if name not in seen and unfit(rows, members, of_provider=name[0] in OF_PROVIDER)]  # fmt: skip
    pairs = [(one, other) for one in range(AUTHORITIES) for other in range(one)]
    attackers = [*pairs, *((one,) for one in range(AUTHORITIES)), ()]
    asked = [(viewers, name) for viewers in attackers for name in targets]
    sample = random.Random(1).sample(asked, min(ASKED, len(asked)))

    def peer() -> int:
        exact = 0
        for viewers, name in sorted(sample, key=str):
            attacker.looks(viewers)
            if attacker.value(name):
                least, most = attacker.count(name)
                exact += least == most
                attacker.mean_may_be(name, 1.075)
                attacker.mean_may_be(name, 0.925)
        return exact

    contenders = [
        Contender("the whole of make(): cells, audit, figures", OURS, ours),
        Contender(
            "scipy, each cell and attacker by itself", PEER, peer, after=partial(gate, "exact", 0),
            work=len(sample) / len(asked),
        ),
    ]  # fmt: skip
    interleave(contenders, rounds=ROUNDS)
    told = made.report["populations"]["homes"]
    facts = {
        "homes, cells, withheld that may not be shown, attackers": f"{HOMES:,}, {told['cells']}, {len(targets)}, "
        f"{len(attackers)}",
        "asked by itself, of how many": f"{told['counts']['solved']} of {told['counts']['tried']:,} for counts, "
        f"{told['amounts']['solved']} of {told['amounts']['tried']:,} for amounts",
        "recovered": told["counts"]["exact"] + told["amounts"]["exact"],
        "the peer": f"timed on {len(sample)} of {len(asked):,} questions and multiplied; it withholds nothing",
    }
    return [Finding("audit", "nothing withheld can be told", contenders, facts, "the simplex, for each pair anew")]
