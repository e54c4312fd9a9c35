"""D5: two releases side by side tell nothing of what changed between them, if that is few."""

import copy
import random
from dataclasses import replace

import numpy as np
import pytest

from commissioning.compare.rules.cells import PARTS
from commissioning.compare.rules.disclosure import USUAL
from commissioning.compare.rules.figures import Base, admitted, make, rows_by_place
from commissioning.compare.rules.history import rows_of, too_little_changed
from tests.compare.attacker import against, cells, key_of, wanted
from tests.compare.partnership_rows import Row, columns, homes, searches

GROUP = {7: frozenset(range(5))}


def made(rows, bases=(), groups=None):
    return make({"homes": columns(rows)}, USUAL, groups=groups or {}, bases=bases)


def base_of(rows, release, *, correction=False, groups=None):
    told = frozenset(each.key for each in release.figures if each.figures.mean is not None or each.percent is not None)
    return Base(
        rows_by_place({"homes": columns(rows)}, groups), frozenset(each.key for each in release.figures), correction,
        told, groups or {},
    )  # fmt: skip


@pytest.fixture(scope="module")
def first():
    rows = homes(21, authorities=6, n=200)
    return rows, made(rows)


def one_more(rows, release):
    """A child of authority 2 comes to a home like one of the others, of a kind that is shown; its price is its own."""
    of_groups = [each for each in release.figures if each.cut == "service" and each.group is not None]
    (service,) = (of_groups or [each for each in release.figures if each.cut == "service"])[0].values
    like = (row for row in rows if row.dims["service"] == service and row.dims["route"] == "framework")
    joined = copy.deepcopy(next(like))
    joined.authority, joined.child, joined.key, joined.amount = 2, 999_999, "new", (joined.amount or 0) + 500 * PARTS
    return [*rows, joined], joined


def changed_cells(row, groups=()):
    return {
        (cut, key_of(row, cut)) for cut in ("service", "market", "market_age_level", "service_level", "provider_market")
    }


def test_one_more_child_changes_no_figure_that_it_is_in(first):
    rows, release = first
    later, joined = one_more(rows, release)
    found = made(later, [base_of(rows, release)])
    mine = changed_cells(joined)
    before = {each.key for each in release.figures}
    touched = [each for each in found.figures if (each.cut, each.values) in mine]
    assert touched
    for figure in touched:
        assert figure.held or figure.key not in before
        assert (figure.n, figure.figures.mean) == (None, None) or not figure.held


def test_what_did_not_change_is_told_as_before(first):
    rows, release = first
    again = made(rows, [base_of(rows, release)])
    assert again.figures == release.figures
    assert not any(figure.held for figure in again.figures)


def test_homes_and_searches_of_one_provider_on_one_lot_are_held_apart():
    """They are the same place of two tables: searches that came and went do not stand for homes that did."""
    rows, asked = homes(21, authorities=6, n=150), searches(21, authorities=6, n=150)
    for row in (*rows, *asked):
        row.dims["market"], row.dims["service"] = ("lot", 1, ""), "fostering"
    both = {"homes": columns(rows), "searches": columns(asked)}
    release = make(both, USUAL, groups={})
    base = Base(rows_by_place(both), frozenset(each.key for each in release.figures))
    again = make(both, USUAL, groups={}, bases=[base])
    assert again.figures == release.figures
    later = {"homes": columns(one_more(rows, release)[0]), "searches": both["searches"]}
    found = {each.key: each for each in make(later, USUAL, groups={}, bases=[base]).figures}
    assert found["weekly_price", ("market", (("lot", 1, ""),), None)].held
    assert not found["response_hours", ("market", (("lot", 1, ""),), None)].held


def test_a_correction_keeps_a_figure_that_stood_and_of_which_nothing_is_corrected(first):
    rows, release = first
    later, joined = one_more(rows, release)
    second = made(later, [base_of(rows, release)])
    standing = {each.place for each in second.figures if each.held}
    assert standing
    origin, now = rows_by_place({"homes": columns(rows)}), rows_by_place({"homes": columns(later)})
    base = base_of(later, second, correction=True)
    base.told = None
    base.rows = now | {name: then for name, then in origin.items() if name[1] in standing}
    assert {each.place for each in made(later, [base]).figures} & standing == set()
    base.rows, base.since = now, {each.key: origin["homes", each.place] for each in second.figures if each.held}
    assert {each.place for each in made(later, [base]).figures if each.held} == standing


def test_where_the_rows_of_a_figure_are_not_kept_it_stands(first):
    rows, release = first
    base = base_of(rows, release)
    base.rows = {}
    assert all(each.held for each in made(rows, [base]).figures if each.key in base.shown)


PRICE = ("weekly_price", ("service", ("fostering",), None))


def lived_in(authorities=6, each=5, nights=100):
    """Foster homes of one lot, age and level, so many of each authority, of as many providers as authorities."""
    dims = {"service": "fostering", "market": ("lot", 1, ""), "route": "framework", "age": "5 to 10", "level": ""}
    return [
        Row(
            who, 100 * who + n, (who + n) % authorities, (800 + 10 * n + who) * PARTS, dims | {"provider": who},
            {"weekly": 800 * PARTS, "additional": 0, "nights": nights, "gross": 110 * nights * PARTS}, f"{who} {n}",
        )
        for who in range(authorities)
        for n in range(each)
    ]  # fmt: skip


def later_of(rows, nights):
    """Some months on: every home has more nights and pounds behind it, and the same price."""
    found = copy.deepcopy(rows)
    for row in found:
        row.values |= {"nights": nights, "gross": 110 * nights * PARTS}
    return found


def test_nights_that_go_by_do_not_hide_a_few_homes_that_came():
    """Every home has more nights behind it, which no mean price tells; of prices, five homes' alone are new."""
    rows = lived_in()
    release = made(rows)
    later = later_of(rows, nights=190)
    later += [replace(later[5 * who], child=9_000 + who, key=f"new {who}") for who in range(5)]
    found = {each.key: each for each in made(later, [base_of(rows, release)]).figures}
    assert PRICE in {each.key for each in release.figures}
    assert found[PRICE].held
    plain = {each.key: each for each in made(later_of(rows, nights=190), [base_of(rows, release)]).figures}
    assert plain[PRICE].figures.mean is not None
    assert not plain[PRICE].held


def test_what_changed_is_told_where_enough_changed_and_nobody_s_part_is_most_of_it():
    rows = {row.key: row for row in lived_in(authorities=8, each=10)}
    before = rows_of(columns(list(rows.values())), np.arange(len(rows)))

    def changed(**homes):
        """So many homes of each authority come, each at 1,000 pounds."""
        came = [
            Row(who, 5_000 + 100 * who + n, f"{who} {n}", 1000 * PARTS, {}, rows["0 0"].values, f"new {who} {n}")
            for who, more in ((int(name[1:]), more) for name, more in homes.items())
            for n in range(more)
        ]
        return too_little_changed(before, before | rows_of(columns(came), np.arange(len(came))), USUAL)

    assert changed(a0=1)
    assert changed(a0=3, a1=3, a2=1, a3=1, a4=1), "three children of three authorities, besides two that compare notes"
    assert not changed(a0=3, a1=3, a2=2, a3=2, a4=2)
    # One that joins, beside a few of others: the difference would be its price.
    assert changed(a0=40, a1=2, a2=2, a3=2, a4=2)
    assert not changed(a0=12, a1=5, a2=5, a3=5, a4=5)


def test_what_changed_of_one_provider_is_not_told_but_of_cells_that_name_it():
    rows = lived_in(authorities=8, each=10)
    before, after = columns(rows), copy.deepcopy(rows)
    for row in after:
        if row.provider == 3:
            row.amount += 40 * PARTS
    then, now = (rows_of(records, np.arange(len(rows))) for records in (before, columns(after)))
    assert too_little_changed(then, now, USUAL)
    assert not too_little_changed(then, now, USUAL, of_provider=True)
    assert too_little_changed(then, now, USUAL, (0, 1))
    assert not too_little_changed(then, now, USUAL, (2, 3)), "what did not change of it is told"


def test_a_figure_stands_by_the_release_that_it_differs_too_little_from():
    """A release between two others is compared with both, whichever was published last."""
    rows = lived_in(each=8)
    newest = [replace(row, amount=row.amount + 100 * PARTS * (1 + row.authority % 2)) for row in rows]
    bases = [base_of(each, made(each)) for each in (newest, rows)]
    between = [*rows, replace(rows[0], child=999, key="new", amount=3000 * PARTS)]
    found = {each.key: each for each in made(between, bases).figures}
    assert found[PRICE].held_by == 1
    alone = {each.key: each for each in made(between, bases[:1]).figures}
    assert not alone[PRICE].held


def test_a_figure_that_the_release_before_did_not_show_is_compared_with_when_it_was_shown():
    rows = lived_in()
    first, between = base_of(rows, made(rows)), base_of(rows, made(rows))
    between.shown = between.told = between.shown - {PRICE}
    later = [*rows, replace(rows[0], child=999, key="new", amount=3000 * PARTS)]
    found = {each.key: each for each in made(later, [between, first]).figures}
    assert found[PRICE].held_by == 1


def test_what_a_withdrawn_release_showed_is_neither_shown_again_nor_told_by_what_changed():
    rows = lived_in()
    wrong = base_of(rows, made(rows))
    wrong.withdrawn = True
    later = [*rows, replace(rows[0], child=999, key="new", amount=3000 * PARTS)]
    assert PRICE not in {each.key for each in made(later, [wrong]).figures}
    stands = {each.key: each for each in made(later, [base_of(rows, made(rows)), wrong]).figures}
    assert stands[PRICE].held_by == 0, "as it stands in one that is published, it tells nothing new"


def test_the_same_homes_under_another_name_are_the_same_homes():
    """All foster homes are of one lot. The earlier release told the lot's mean alone; told of the kind, the next one's
    would be the new home's price by subtracting."""
    rows = lived_in()
    base = base_of(rows, made(rows))
    lot = ("weekly_price", ("market", (("lot", 1, ""),), None))
    base.shown = base.told = frozenset({lot})
    later = [*rows, replace(rows[0], child=999, key="new", amount=3000 * PARTS)]
    found = {each.key: each for each in made(later, [base]).figures}
    assert found[lot].held
    assert found[PRICE].figures.mean is None
    again = {each.key: each for each in made(rows, [base]).figures}
    assert again[PRICE].figures.mean is not None


def test_enough_changes_are_told(first):
    rows, release = first
    later = copy.deepcopy(rows)
    for row in later:
        row.amount = (row.amount or 0) + 10 * PARTS
    found = made(later, [base_of(rows, release)])
    assert not any(each.held for each in found.figures if (each.measure, each.cut) == ("weekly_price", "service"))


def test_a_peer_group_is_held_as_the_whole_partnership_is():
    rows = homes(23, authorities=10, n=150)
    release = made(rows, groups=GROUP)
    later, joined = one_more(rows, release)
    found = made(later, [base_of(rows, release, groups=GROUP)], GROUP)
    touched = [each for each in found.figures if each.group == 7 and (each.cut, each.values) in changed_cells(joined)]
    before = {each.key for each in release.figures}
    assert touched
    assert all(each.held or each.key not in before for each in touched)


def test_an_authority_that_joins_or_leaves_is_not_the_difference_of_two_releases(first):
    rows, release = first
    for who in (3,):
        without = [row for row in rows if row.authority != who]
        for before, after in ((without, rows), (rows, without)):
            earlier = made(before)
            later = made(after, [base_of(before, earlier)])
            keys = {each.key for each in earlier.figures}
            contributed = cells([row for row in rows if row.authority == who], ["service", "market"], {})
            for figure in later.figures:
                if (figure.cut, figure.values, None, "") in contributed and figure.key in keys:
                    assert figure.held, figure
    assert admitted({1: range(6)}, range(12), USUAL, before=[range(5)]) == {}


def test_a_correction_shows_nothing_that_was_not_shown_and_withholds_what_it_corrects(first):
    rows, release = first
    corrected = copy.deepcopy(rows)
    wrong = next(row for row in corrected if row.dims["route"] == "framework")
    wrong.amount = 77_777 * PARTS
    found = made(corrected, [base_of(rows, release, correction=True)])
    assert {each.key for each in found.figures} < {each.key for each in release.figures}
    mine = changed_cells(wrong)
    assert not [each for each in found.figures if (each.cut, each.values) in mine]
    assert not any(each.held for each in found.figures)


def test_what_a_correction_withholds_does_not_follow_from_the_rest(first):
    """Its new figure less its old one would be the child that was corrected."""
    rows, release = first
    corrected = copy.deepcopy(rows)
    chance = random.Random(3)
    for row in chance.sample([each for each in corrected if each.dims["service"] == "fostering"], 30):
        row.amount = (row.amount or 0) + 100 * PARTS
    lonely = next(row for row in corrected if row.dims["market"][1] == "fostering-0")
    lonely.amount = 50_000 * PARTS
    found = made(corrected, [base_of(rows, release, correction=True)])
    attacker, every, seen = against(corrected, found.figures, "homes")
    before = {each.place for each in release.figures if each.measure == "weekly_price"}
    taken = [name for name in every if name[:3] in before and name not in seen]
    assert taken
    for viewers in ((), (0, 1)):
        attacker.looks(viewers)
        for name in taken:
            if attacker.value(name):
                least, most = attacker.count(name)
                assert most - least >= 5, (viewers, name)


def test_what_a_correction_may_not_show_does_not_follow_from_the_same_homes_elsewhere(first):
    """Homes of one kind are all of one age: to withhold the one and show the other withholds nothing."""
    rows, release = first
    place = ("service_age", ("residential", "all ages"), None)
    assert place in {each.place for each in release.figures}
    base = base_of(rows, release, correction=True)
    base.shown = frozenset(key for key in base.shown if key[1] != place)
    found = made(rows, [base])
    attacker, every, seen = against(rows, found.figures, "homes")
    attacker.looks(())
    name = (*place, "")
    assert name not in seen
    least, most = attacker.count(name)
    assert most - least >= wanted(len(every[name]))


def test_a_correction_shows_no_measure_of_a_cell_that_only_another_was_shown_of(first):
    rows, release = first
    key = next(each.key for each in release.figures if each.measure == "additional_share")
    base = base_of(rows, release, correction=True)
    base.shown = base.shown - {key}
    found = {each.key for each in made(rows, [base]).figures}
    assert key not in found
    assert ("weekly_price", key[1]) in found


def test_a_correction_of_nothing_is_the_release_again(first):
    """What the audit took away is taken away from the start, so that nothing more has to be."""
    rows, release = first
    assert made(rows, [base_of(rows, release, correction=True)]).figures == release.figures


def test_a_mean_that_was_not_told_is_not_told_by_a_correction(first):
    rows, release = first
    base = base_of(rows, release, correction=True)
    some = next(each for each in release.figures if each.measure == "weekly_price" and each.figures.mean is not None)
    base.told = base.told - {some.key}
    found = {each.key: each for each in made(rows, [base]).figures}
    assert found[some.key].n == some.n
    assert found[some.key].figures.mean is None


def test_a_held_figure_s_new_count_is_not_told_exactly_by_the_others():
    """It stands as it was; but what is shown anew around it must not give its new value away, less the old one."""
    tried = 0
    for seed in (36, 38):
        rows = homes(seed, authorities=6, n=260)
        earlier = made(rows)
        gone = set(random.Random(seed).sample(range(len(rows)), 25))
        came = homes(seed + 1000, authorities=6, n=30)
        for row in came:
            row.child, row.key = row.child + 50_000, "new" + row.key
        later = [row for place, row in enumerate(rows) if place not in gone] + came
        found = made(later, [base_of(rows, earlier)])
        held = {each.place for each in found.figures if each.held and each.measure == "weekly_price"}
        attacker, every, seen = against(later, [each for each in found.figures if not each.held], "homes")
        for viewers in ((), (0, 1)):
            attacker.looks(viewers)
            for name in every:
                if name[:3] in held and name not in seen and attacker.value(name):
                    least, most = attacker.count(name)
                    assert most > least, (viewers, name)
                    tried += 1
    assert tried > 50
