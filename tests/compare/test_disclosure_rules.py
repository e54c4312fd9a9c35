"""The rules of one cell against the handbooks' wording (D6, D9), and the thresholds, roundings, signs and ladder."""

import random
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest

from commissioning.compare.rules import disclosure
from commissioning.compare.rules.audit import count_band
from commissioning.compare.rules.cells import PARTS, Cell, tally_of
from commissioning.compare.rules.disclosure import USUAL, Tally, rounded_percent, thresholds, why_withheld
from tests.compare.oracle_figures import nearest, nearest_five, unfit
from tests.compare.partnership_rows import Row, columns


def cell_of(seed):
    """One cell's rows: now and then few, dominated, with one provider, all free, or full of refunds."""
    chance = random.Random(seed)
    authorities, providers = chance.choice([1, 4, 5, 7, 9]), chance.choice([1, 3, 8, 8])
    weights = [chance.paretovariate(chance.choice([1, 4, 9])) for _ in range(authorities)]
    rows = []
    for number in range(chance.choice([7, 9, 12, 30, 80])):
        authority = chance.choices(range(authorities), weights)[0]
        pounds = round(chance.paretovariate(3) * 500) * chance.choice([1, 1, 1, 1, -1])
        child = authority * 1000 + (number if chance.random() < 0.8 else number // 3)
        amount = 0 if seed % 25 == 0 else pounds * PARTS
        rows.append(Row(authority, child, chance.randrange(providers), amount, {"service": "one"}))
    return rows


def test_500_cells_are_judged_as_a_slow_oracle_judges_them_or_more_strictly():
    found = {True: 0, False: 0}
    for seed in range(500):
        rows = cell_of(seed)
        everyone = range(len(rows))
        for of_provider in (False, True):
            ours = bool(why_withheld(tally_of(columns(rows), _all(rows)), of_provider=of_provider))
            theirs = unfit(rows, everyone, of_provider=of_provider)
            assert ours or not theirs, f"shown though unfit: {seed}"
            assert ours == theirs, f"withheld though fit: {seed}"
        found[theirs] += 1
    assert min(found.values()) > 50, "both kinds must be tried"


def _all(rows):
    return np.arange(len(rows))


def tally(children, amounts=None, provided=None):
    amounts = amounts or {who: n * 100 for who, n in children.items()}
    return Tally(children, amounts, provided or {"a": 40, "b": 30, "c": 30})


FIVE = dict.fromkeys(range(5), 4)


@pytest.mark.parametrize(
    ("given", "why"),
    [
        (tally(FIVE), ""),
        (tally(dict.fromkeys(range(7), 1)), "few_children"),
        (tally(dict.fromkeys(range(4), 9)), "few_authorities"),
        (tally({0: 50, 1: 50, 2: 2, 3: 1, 4: 1}), "few_authorities"),  # besides any two, four children are left
        (tally(FIVE, {0: 70, 1: 10, 2: 10, 3: 5, 4: 5}), "one_authority"),
        (tally(FIVE, {0: 45, 1: 43, 2: 4, 3: 4, 4: 4}), "one_authority"),
        (tally(FIVE, {0: 59, 1: 17, 2: 17, 3: 4, 4: 3}), "one_authority"),  # two may tell the first within 12%
        (tally(FIVE, provided={"one": 100}), "one_provider"),
        (tally(FIVE, provided={"one": 70, "two": 30}), "one_provider"),
        (tally(FIVE, {0: 0, 1: 0, 2: 0, 3: 0, 4: 0}, {"one": 0}), ""),  # nothing is paid, so nothing is told
    ],
)
def test_each_rule_of_a_cell(given, why):
    assert why_withheld(given) == why


def test_a_cell_that_names_its_provider_is_not_withheld_for_it():
    alone = tally(FIVE, provided={"one": 100})
    assert why_withheld(alone, of_provider=True) == ""


def test_refunds_hide_nobody():
    """Absolute contributions: an authority with as much paid back as paid is still most of it."""
    rows = [Row(0, n, n % 3, (900 if n % 2 else -900) * PARTS, {}) for n in range(10)]
    rows += [Row(1 + n % 5, 100 + n, n % 3, 20 * PARTS, {}) for n in range(20)]
    assert why_withheld(tally_of(columns(rows), _all(rows))) == "one_authority"
    assert unfit(rows, range(len(rows)))


def test_two_homes_of_one_child_are_one_child():
    rows = [Row(n % 5, n % 7, n % 3, 100 * PARTS, {}) for n in range(35)]
    assert why_withheld(tally_of(columns(rows), _all(rows))) == "few_children"


# Thresholds


def test_stricter_rules_are_accepted():
    given = thresholds("other_authorities=4 pounds=10 largest_percent=50 nearest=7")
    assert (given.other_authorities, given.pounds, given.largest_percent, given.nearest) == (4, 10, 50, 7)
    assert given.hidden_up_to == 7
    assert thresholds("") == USUAL


@pytest.mark.parametrize("name", [name for name in vars(USUAL)])
def test_no_rule_may_be_looser(name):
    down = name in ("largest_percent", "two_largest_percent")
    loose = getattr(USUAL, name) + (1 if down else -1)
    with pytest.raises(ValueError, match=f"would loosen {name} from {getattr(USUAL, name)} to {loose}"):
        thresholds(f"{name}={loose}")


@pytest.mark.parametrize(
    ("setting", "says"),
    [
        ("other_authority=4", "names no rule 'other_authority'. The rules are: hidden_up_to"),
        ("pounds", "'pounds' should be a rule and a whole number"),
        ("pounds=ten", "'pounds=ten' should be a rule and a whole number"),
        ("pounds=-5", "should be a rule and a whole number"),
        ("nearest=6", "nearest must be an odd number"),
    ],
)
def test_a_wrong_setting_is_refused_with_a_sentence(setting, says):
    with pytest.raises(ValueError, match=says.replace("(", r"\(")):
        thresholds(setting)


# Roundings, signs, ladder


def test_counts_are_rounded_to_the_nearest_five():
    assert [disclosure.rounded_count(n) for n in (8, 12, 13, 17, 18)] == [10, 10, 15, 15, 20]
    for n in range(8, 400):
        assert disclosure.rounded_count(n) == nearest_five(n)
        assert abs(disclosure.rounded_count(n) - n) <= disclosure.half_width()


def test_pounds_are_rounded_to_five_halves_away_from_nought():
    assert disclosure.rounded_pounds(102_50) == Decimal(105)
    assert disclosure.rounded_pounds(102_49) == Decimal(100)
    assert disclosure.rounded_pounds(-102_50) == Decimal(-105)
    chance = random.Random(1)
    for _ in range(500):
        pence, parts = chance.randint(-(10**6), 10**6), chance.randint(1, 40)
        assert disclosure.rounded_pounds(pence, parts) == nearest(Fraction(pence, 100 * parts), 5)


def test_shares_that_tell_of_everybody_are_withheld():
    """D9: all or nothing says something of every child."""
    assert rounded_percent(20, 20) == (None, disclosure.WITHHELD)
    assert rounded_percent(0, 20) == (None, disclosure.WITHHELD)
    assert rounded_percent(1, 400) == (None, disclosure.NEARLY_NOUGHT)
    assert rounded_percent(399, 400) == (99, "")
    assert rounded_percent(5, 0) == (None, disclosure.NOT_AVAILABLE)
    assert rounded_percent(1, 8) == (13, "")


def test_every_sign_has_its_words():
    assert set(disclosure.SIGNS) == {"c", "z", "k", "x"}
    assert all(disclosure.SIGNS.values())


def test_the_ladder_leads_to_the_nearest_figure():
    assert disclosure.first_shown({"service", "market", "market_age"}) == "market_age"
    assert disclosure.first_shown({"service"}) == "service"
    assert disclosure.first_shown(()) == "rate_card"
    assert set(disclosure.RUNGS) == {*disclosure.LADDER, "rate_card", "own"}


def test_what_stands_beside_a_count_tells_of_it():
    """Shown as about ten: with a mean it is 10 to 12, without one 8 or 9; about twenty with tails is 20 to 22."""

    def band(n, children):
        cell = Cell("service", ("x",), _all(range(n)), Tally({0: children}, {}, {}))
        return count_band(cell, USUAL)

    assert (band(11, 11), band(9, 9)) == ((10, 12), (8, 9))
    assert (band(21, 20), band(19, 19), band(22, 18)) == ((20, 22), (18, 19), (20 - 2, 22))
    for n in range(8, 60):
        for children in range(8, n + 1):
            least, most = band(n, children)
            assert least <= n <= most
