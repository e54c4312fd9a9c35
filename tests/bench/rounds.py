"""Contenders timed in interleaved rounds, and what is said of them."""

import gc
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from statistics import median
from typing import Any

OURS, PEER, LIMIT = "ours", "peer", "limit"


class GateClosed(Exception):
    """Two ways that must agree do not: no figure is worth printing."""


def gate(what: str, *values: Any) -> None:
    """Raises GateClosed unless all values are equal."""
    if any(value != values[0] for value in values):
        raise GateClosed(f"{what}: {' | '.join(map(str, values))}")


def nothing() -> None:
    pass


@dataclass
class Contender:
    """One way of doing the work. `before` makes ready and is not timed; `after` judges what `run` gave."""

    label: str
    role: str
    run: Callable[[], Any]
    before: Callable[[], None] = nothing
    after: Callable[[Any], None] = lambda given: None
    work: float = 1  # how much of the benchmark's work it does: a peer too slow for all of it does a part
    seconds: list[float] = field(default_factory=list)

    @property
    def median(self) -> float:
        """For the whole work."""
        return median(self.seconds) / self.work


@dataclass
class Finding:
    """A benchmark's outcome. `facts` are counts and shares; `bounded` says what holds it back."""

    name: str
    says: str
    contenders: list[Contender]
    facts: dict[str, Any]
    bounded: str
    ratios: dict[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for ours in (each for each in self.contenders if each.role == OURS):
            for other in (each for each in self.contenders if each.role != OURS):
                self.ratios[f"{ours.label} : {other.label}"] = ours.median / other.median

    def as_json(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "says": self.says,
            "contenders": [
                {"label": c.label, "role": c.role, "median_seconds": c.median, "rounds": c.seconds, "share": c.work}
                for c in self.contenders
            ],
            "ratios": self.ratios,
            "facts": self.facts,
            "bounded_by": self.bounded,
        }


def interleave(contenders: list[Contender], *, rounds: int, warm: bool = False, turning: bool = True) -> None:
    """Each contender once a round. `warm`: a round before that does not count. `turning`: another begins each time."""
    for number in range(-1 if warm else 0, rounds):
        turn = number % len(contenders) if turning else 0
        for each in contenders[turn:] + contenders[:turn]:
            each.before()
            gc.collect()
            begun = time.perf_counter()
            given = each.run()
            took = time.perf_counter() - begun
            each.after(given)
            if number >= 0:
                each.seconds.append(took)
