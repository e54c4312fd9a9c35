"""D1 and D2: what an outsider, every member and every pair of members can tell of a withheld cell of one table."""

from itertools import combinations

import numpy as np
import pytest

from commissioning.compare.rules.audit import system_of
from commissioning.compare.rules.cells import PARTS, cells_of
from commissioning.compare.rules.disclosure import USUAL
from commissioning.compare.rules.figures import judge
from commissioning.compare.rules.suppression import withhold
from tests.compare.attacker import Attacker, wanted
from tests.compare.partnership_rows import Row, columns
from tests.compare.tables import judged, name, released, table

TABLES = 300  # 10,000 in `make bench`


def too_narrow(attacker: Attacker, viewers: tuple[int, ...]) -> list[object]:
    attacker.looks(viewers)
    found = []
    for target in attacker.groups:
        if value := attacker.value(target):
            least, most = attacker.count(target)
            if most - least < wanted(value):
                found.append((viewers, target, value, least, most))
    return found


def mean_is_wide(attacker: Attacker, target: object) -> bool:
    """Whether the mean of the others may lie anywhere in 15% of itself; tried in steps of 2.5%, so 12.5% will do."""
    room = 0
    for way in (1, -1):
        steps = [step for step in (25, 50, 75, 100, 125, 150) if attacker.mean_may_be(target, 1 + way * step / 1000)]
        room += max(steps, default=0)
    return room >= 125


def test_nobody_outside_can_tell_a_withheld_count():
    tried = shown = 0
    for seed in range(TABLES):
        found = released(table(seed, most=5))
        attacker = found.attacker()
        assert too_narrow(attacker, ()) == [], f"table {seed}"
        tried += len(found.withheld)
        shown += len(found.cells) - len(found.withheld)
    assert tried > TABLES, "little was withheld, so little was tried"
    assert shown > TABLES, "a pattern that shows nothing is safe, and of no use"


def test_no_member_and_no_pair_can_tell_a_withheld_count():
    for seed in range(1000, 1004):
        found = released(table(seed, most=7))
        attacker = found.attacker()
        authorities = sorted({row.authority for row in found.rows})
        for size in (1, 2):
            for viewers in combinations(authorities, size):
                assert too_narrow(attacker, viewers) == [], f"table {seed}"


def test_no_pair_can_tell_what_a_withheld_cell_costs():
    tried = 0
    for seed in range(2000, 2003):
        found = released(table(seed, most=6))
        attacker = found.attacker()
        for viewers in ((), (0, 1), (2, 4)):
            attacker.looks(viewers)
            for target in attacker.groups:
                if attacker.value(target) and attacker.others_sums[attacker.places[target]].sum():
                    tried += 1
                    assert mean_is_wide(attacker, target), (seed, viewers, target)
    assert tried > 20


def homes_of(**levels):
    """So many homes of each level, of one kind, spread over six authorities and seven providers, at about one price."""
    rows = []
    for level, n in levels.items():
        for number in range(n):
            pounds = 800 + 10 * (number % 3)
            dims = {"service": "one", "level": None if level == "other" else level}
            rows.append(Row(number % 6, len(rows), number % 7, pounds * PARTS, dims))
    return rows


def test_what_is_left_of_a_cell_without_another_is_not_told_closely():
    """Twelve homes, ten of them of a level that is known: with their means beside them both counts are 10 to 12."""
    found = released(homes_of(a=10, other=2))
    shown = {name(cell): cell for cell in found.cells if not cell.withheld}
    assert shown
    attacker = found.attacker(rest=frozenset({10, 11}))
    attacker.looks(())
    least, most = attacker.count("rest")
    assert most - least >= 3


def test_the_mean_of_nine_does_not_follow_from_the_means_of_others():
    found = released(homes_of(a=25, b=22, c=9))
    nine = next(cell for cell in found.cells if name(cell) == ("level", ("c",)))
    assert not nine.tells_mean
    attacker = found.attacker(nine=frozenset(nine.members.tolist()))
    for viewers in ((), (0, 1)):
        attacker.looks(viewers)
        assert mean_is_wide(attacker, "nine")


def test_two_means_do_not_tell_the_mean_of_nine_between_them():
    """The nine may be counted, and are no cell of their own."""
    found = released(homes_of(a=25, other=9))
    attacker = found.attacker(rest=frozenset(range(25, 34)))
    attacker.looks(())
    assert mean_is_wide(attacker, "rest")


@pytest.mark.parametrize("rest", [9, 3])
def test_of_two_cells_with_few_between_them_the_wider_loses_its_mean_though_the_audit_needs_it_not(rest):
    """Three hundred are rounded too coarsely for the few beside them to follow; they may still not be two means."""
    found = released(homes_of(a=300, other=rest))
    told = {name(cell): cell.tells_mean for cell in found.cells if not cell.withheld}
    assert told == {
        ("whole", ()): False, ("service", ("one",)): False, ("level", ("a",)): True, ("both", ("one", "a")): True,
    }  # fmt: skip
    assert {cell.without_figures for cell in found.cells if not cell.tells_mean} == {"difference"}


def test_a_peer_group_gives_way_to_the_partnership():
    rows = homes_of(a=300)
    records = columns(rows)
    inside = np.array([row.authority < 5 or place % 12 == 5 for place, row in enumerate(rows)])
    cells = [
        cell
        for within, group in ((None, None), (inside, 7))
        for cell in cells_of(records, "service", ("service",), within, group)
    ]
    for cell in cells:
        judge(cell, records, 5, USUAL)
    withhold(records, system_of(records, cells), lambda cell: cell.n, USUAL)
    assert [(cell.group, cell.tells_mean, cell.without_figures) for cell in cells] == [
        (None, True, ""), (7, False, "difference"),
    ]  # fmt: skip


def test_a_cell_of_fewer_than_five_authorities_is_never_shown():
    for seed in range(3000, 3200):
        found = judged(table(seed))
        for cell in found.cells:
            whose = {found.rows[place].authority for place in cell.members.tolist()}
            assert len(whose) >= 5 or cell.withheld, name(cell)


def test_the_attacker_finds_what_is_badly_withheld():
    """He is no use if he finds nothing: show a table's every cell but the small ones, and he tells them."""
    found = 0
    for seed in range(30):
        found += bool(too_narrow(judged(table(seed, most=7)).attacker(), (0, 1)))
    assert found >= 3
