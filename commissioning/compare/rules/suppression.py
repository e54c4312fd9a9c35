"""Which cells are withheld: first those that may not be shown by themselves, then others, until nobody can work out
what is withheld."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from .audit import Attack, Audit, Finding, System, count_bands, viewers_of
from .cells import Cell, Records, children_of
from .disclosure import Thresholds, enough

Tell = Callable[[str, int, int], None]


class NotSafe(Exception):
    """No pattern was found under which everything withheld is safe; nothing may be published."""


@dataclass
class Outcome:
    """`audit` is of every look that was taken; `rounds` how often something more had to be withheld."""

    system: System
    audit: Audit
    rounds: int
    also_withheld: int
    without_figures: int


def withhold(
    records: Records,
    system: System,
    worth: Callable[[Cell], int],
    rules: Thresholds,
    tell: Tell = lambda stage, done, total: None,
) -> Outcome:
    """Withholds more cells of the system until every withheld count is safe from every set of viewers, then marks the
    cells whose figures differ too little from another's. `worth`: how much a cell would be missed. NotSafe if it fails.

    Withholding only takes knowledge away, so a cell once found safe from somebody stays so: each set of viewers asks
    about each withheld cell once, and those withheld on the way are asked about at the end.
    """
    cells = system.cells
    audit, also = Audit(), 0
    attackers = list(viewers_of(system, rules))
    pending = [place for place, cell in enumerate(cells) if cell.withheld]
    rounds = 0
    while pending:
        rounds += 1
        fresh: list[int] = []
        for number, viewers in enumerate(attackers):
            tell("Looking for what could be worked out" if rounds == 1 else "Looking again", number, len(attackers))
            attack = Attack(system, count_bands(system, rules), viewers, rules)
            for target in pending:
                while (finding := attack.on(target, audit, count=True)) is not None:
                    place = _to_withhold(system, finding, worth)
                    cells[place].withheld = "complementary"
                    fresh.append(place)
                    attack = Attack(system, count_bands(system, rules), viewers, rules)
        also += len(fresh)
        pending = fresh
    without = _mark_differences(records, system, rules)
    return Outcome(system, audit, rounds, also, without)


def _to_withhold(system: System, finding: Finding, worth: Callable[[Cell], int]) -> int:
    """Of the shown cells that bound what was found, the one that is missed least."""
    shown = [place for place in finding.tight if not system.cells[place].withheld]
    if not shown:
        raise NotSafe(f"{system.cells[finding.cell].cut}: nothing that is shown bounds it, yet it can be worked out")
    return min(shown, key=lambda place: (worth(system.cells[place]), place))


def _mark_differences(records: Records, system: System, rules: Thresholds) -> int:
    """Of two shown cells, one within the other, that differ by too few to be shown by themselves, the wider one keeps
    its count and loses its figures: two means tell what the few cost. Returns how many did."""
    shown = [place for place, cell in enumerate(system.cells) if not cell.withheld]
    if not shown:
        return 0
    member = system.member[shown].astype(np.float32)
    overlap = (member * system.total.astype(np.float32)) @ member.T
    sizes = np.array([system.cells[place].n for place in shown])
    inside = (overlap.round().astype(np.int64) == sizes[:, None]) & (sizes[:, None] < sizes[None, :])
    marked = 0
    for narrow, wide in zip(*np.nonzero(inside), strict=True):
        larger, smaller = system.cells[shown[wide]], system.cells[shown[narrow]]
        if larger.without_figures or smaller.without_figures:
            continue
        rest = np.setdiff1d(larger.members, smaller.members, assume_unique=True)
        if not enough(children_of(records, rest), rules):
            # A peer group gives way to the whole partnership; otherwise the wider figure to the narrower.
            loses = smaller if smaller.group is not None and larger.group is None else larger
            loses.without_figures = "difference"
            marked += 1
    return marked
