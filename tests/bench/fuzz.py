"""Twenty thousand calls made up from the API's own description, by callers of every kind. The gate: no failure."""

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.db import transaction
from django.test import override_settings

from tests.api.conftest import build_market
from tests.api.fuzz import Told, try_out
from tests.bench.rounds import OURS, Contender, Finding, gate
from tests.resident import PARTNERS, PLAIN, authorities

EDGES, DRAWN = 1, 84  # of each operation every edge case, and so many that are allowed and that are not
LIMITS = {"API_CALLS_OF_KEY": 10**9, "API_CALLS_OF_AUTHORITY": 10**9, "ALLOWED_HOSTS": ["localhost", "testserver"]}


def bench(folder: Path) -> list[Finding]:
    logging.getLogger("django.request").setLevel(logging.ERROR)  # refusals are what is asked for
    begun = time.monotonic()
    with override_settings(**PLAIN, **LIMITS), _taken_away():
        known = authorities()
        market = build_market(*(known[partner] for partner in PARTNERS))
        told = try_out(market, known["southwark"], share=EDGES, drawn=DRAWN)
    seconds = time.monotonic() - begun
    for failure in told.failures[:20]:
        print(f"\n{failure}")
    by_caller = {name: f"{cases:,} cases, {faults} answered 5xx" for name, (cases, faults) in told.by_caller().items()}
    facts = {"cases": f"{told.cases:,}", "failures": len(told.failures), **by_caller, "answers": _by_status(told)}
    for label, value in facts.items():
        print(f"  {label}: {value}")
    gate("failures", len(told.failures), 0)
    ours = Contender(f"{told.cases:,} calls, made up and judged", OURS, lambda: None, seconds=[seconds])
    return [Finding("fuzz", "calls made up from the description, by every caller", [ours], facts, BOUNDED)]


def _by_status(told: Told) -> str:
    found: dict[int, int] = {}
    for (_, status), n in told.answers.items():
        found[status] = found.get(status, 0) + n
    return ", ".join(f"{n:,} of {status}" for status, n in sorted(found.items()))


@contextmanager
def _taken_away() -> Iterator[None]:
    outer = transaction.atomic(using="default")
    outer._from_testcase = True  # type: ignore[attr-defined]  # acting_as opens its durable block in it
    with outer:
        yield
        transaction.set_rollback(True, using="default")


BOUNDED = "making the cases up, which takes about as long as answering and judging them."
