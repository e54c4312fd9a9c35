"""D3, D4, D7 and D8: a whole release, all cuts and measures together, against an attacker of our own."""

import random
from functools import cache
from itertools import combinations
from math import inf

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from commissioning.compare.rules.cells import PARTS
from commissioning.compare.rules.disclosure import OF_PROVIDER, USUAL
from commissioning.compare.rules.figures import make
from tests.compare.attacker import against, told_by, wanted
from tests.compare.oracle_figures import unfit
from tests.compare.partnership_rows import Row, columns, homes, partnership

SEEDS = (11, 12)
VIEWERS = ((), (0,), (1, 2), (3, 4))


@cache
def release(seed):
    rows = partnership(seed, authorities=6, n=260)
    return rows, make({name: columns(mine) for name, mine in rows.items()}, USUAL, groups={}).figures


def sensitive(rows, every, seen):
    """Cells that may not be shown by themselves, and are not."""
    for name, members in every.items():
        if name not in seen and unfit(rows, members, of_provider=name[0] in OF_PROVIDER):
            yield name


@pytest.mark.parametrize("population", ["homes", "lines", "searches"])
@pytest.mark.parametrize("seed", SEEDS)
def test_no_withheld_count_follows_from_everything_shown_together(seed, population):
    """D7, with D2's viewers: one linear programme over the numbers and the sums of a whole population."""
    rows, figures = release(seed)
    attacker, every, seen = against(rows[population], figures, population)
    targets = list(sensitive(rows[population], every, seen))
    for viewers in VIEWERS:
        attacker.looks(viewers)
        for target in random.Random(seed).sample(targets, min(30, len(targets))):
            if value := attacker.value(target):
                least, most = attacker.count(target)
                assert most - least >= wanted(value), (viewers, target, value)


@pytest.mark.parametrize("seed", SEEDS)
def test_no_two_or_three_figures_differ_by_a_few_that_can_be_told(seed):
    """D3: of a shown cell and one or two others inside it, what is left."""
    rows, figures = release(seed)
    for population in ("homes", "searches"):
        _, every, seen = against(rows[population], figures, population)
        rests = {}
        shown = sorted(seen, key=str)
        for wide in shown:
            inside = [each for each in shown if every[each] < every[wide]]
            for some in [*combinations(inside, 1), *combinations(inside, 2)]:
                rest = every[wide].difference(*(every[each] for each in some))
                if 1 <= len(rest) <= 7 and (len(some) == 1 or not every[some[0]] & every[some[1]]):
                    rests[wide, some] = rest
        if not rests:
            continue
        groups = dict(random.Random(seed).sample(sorted(rests.items(), key=str), min(25, len(rests))))
        attacker = _with(rows[population], figures, population, groups)
        for viewers in VIEWERS:
            attacker.looks(viewers)
            for name in groups:
                if attacker.value(name):
                    least, most = attacker.count(name)
                    assert most - least >= (3 if len(name[1]) == 1 else 1), (viewers, name)


def _with(rows, figures, population, groups):
    """The attacker, after other groups than the cells."""
    attacker, every, _ = against(rows, figures, population)
    return type(attacker)(rows, attacker.shown, {**groups})


def test_a_release_tells_nothing_of_a_withheld_share():
    """D4: shares that come to a hundred, all less framework, rows and columns: who knows what each kind of home cost in
    all still cannot tell a withheld part of it more closely than 15%."""
    tried = 0
    for seed in SEEDS:
        rows = homes(seed, authorities=6, n=260)
        figures = make({"homes": columns(rows)}, USUAL, groups={}).figures
        for measure, value in (("spend_share", "gross"), ("night_share", "nights")):
            tried += _shares(rows, [each for each in figures if each.measure == measure], value)
    assert tried > 10


def _shares(rows, figures, value):
    bought = [row for row in rows if row.dims["route"] != "in_house"]
    kinds = sorted({(row.dims["service"], row.dims["route"]) for row in bought})
    place = {kind: number for number, kind in enumerate(kinds)}
    told = {(each.cut, each.values): each for each in figures}
    parts = {("service_route", kind): [place[kind]] for kind in kinds}
    parts |= {("route", (route,)): [place[each] for each in kinds if each[1] == route] for _, route in kinds}
    wholes = {("service_route", kind): [place[each] for each in kinds if each[0] == kind[0]] for kind in kinds}
    everything = np.zeros(len(kinds))
    np.add.at(everything, [place[row.dims["service"], row.dims["route"]] for row in bought],
              [row.values[value] for row in bought])  # fmt: skip
    scale = everything.max()
    equal, equals, upper, bounds = [], [], [], []
    for cell, inside in parts.items():
        whole = wholes.get(cell, list(range(len(kinds))))
        if cell in told:
            line, total = np.zeros(len(kinds)), everything[whole].sum() / scale
            line[inside] = 1
            percent = told[cell].percent or 0
            low, high = (percent - 0.5, percent + 0.5) if percent else (0, 0.5)
            upper, bounds = [*upper, line, -line], [*bounds, (101 if percent == 99 else high) / 100 * total,
                                                    -low / 100 * total]  # fmt: skip
            line = np.zeros(len(kinds))
            line[whole] = 1
            equal, equals = [*equal, line], [*equals, total]
    tried = 0
    for viewers in ((), (0, 1), (2, 5)):
        own = np.zeros(len(kinds))
        for row in bought:
            if row.authority in viewers:
                own[place[row.dims["service"], row.dims["route"]]] += row.values[value] / scale
        for cell, inside in parts.items():
            others = everything[inside].sum() / scale - own[inside].sum()
            if cell in told or others <= 0 or not upper:
                continue
            line = np.zeros(len(kinds))
            line[inside] = 1
            least = [(low, None) for low in own]
            ends = [
                linprog(way * line, A_ub=upper, b_ub=bounds, A_eq=equal, b_eq=equals, bounds=least) for way in (1, -1)
            ]
            if any(end.status == 3 for end in ends):
                continue
            tried += 1
            width = -ends[1].fun - ends[0].fun
            if width < 0.15 * others - 1e-6:
                # Told by what the viewers hold and the whole alone, of which no share shown is a part.
                assert not [each for each in told if set(wholes.get(each, parts[cell])) & set(inside)], (viewers, cell)
    return tried


def test_a_known_rate_does_not_tell_how_many_pay_it():
    """D6: four levels with one price each, that everybody knows, all withheld; the mean of all would tell how many pay
    the dearer price: of about 40 at 820 on average, four pay 1,000 and the others 800."""
    levels = [("a", 1, 800)] * 16 + [("b", 2, 800)] * 14 + [("c", 3, 800)] * 6 + [("d", 4, 1000)] * 2
    rows = [
        Row(number % 6, number, provider, pounds * PARTS,
            {"service": "supported", "level": level, "market": ("lot", 1, ""), "route": "framework",
             "age": "18 and over", "provider": provider, "judgement": "good"},
            {"weekly": 1, "additional": 0, "nights": 1, "gross": 1}, key=str(number))
        for number, (level, provider, pounds) in enumerate([*levels, *[("d", 5, 1000)] * 2])
    ]  # fmt: skip
    figures = make({"homes": columns(rows)}, USUAL, groups={}).figures
    shown = [each for each in figures if each.measure == "weekly_price"]
    assert not [each for each in shown if each.cut == "service_level"]
    whole = [each for each in shown if each.cut in ("service", "market", "market_age", "service_age")]
    possible = {
        high
        for high in range(60)
        for cheap in range(60)
        if all(
            abs(each.n - high - cheap) <= 2
            and (
                each.figures.mean is None
                or abs(each.figures.mean * (high + cheap) - 800 * cheap - 1000 * high) * 2 <= 5 * (high + cheap)
            )
            for each in whole
        )
    }
    assert 4 in possible
    assert max(possible) - min(possible) >= 5


QUESTIONS = 500


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow], database=None)
@given(chance=st.randoms(use_true_random=False), seed=st.sampled_from(SEEDS), pair=st.sampled_from(VIEWERS))
def test_an_adaptive_attacker_finds_no_small_count(chance, seed, pair):
    """D8: 500 questions, each of two groups that he knows something of, one taken from the other or put to it; what he
    finds he may ask with again. He also knows his own rows."""
    rows, figures = release(seed)
    mine = rows["homes"]
    known = _first_knowledge(mine, figures, pair)
    groups = list(known)
    for _ in range(QUESTIONS):
        one, other = chance.choice(groups), chance.choice(groups)
        (low, high), (less, more) = known[one], known[other]
        if other < one:
            group, found = one - other, (max(low - more, 0), high - less)
        elif not one & other:
            group, found = one | other, (low + less, high + more)
        else:
            continue
        before = known.get(group, (0, inf))
        known[group] = (max(before[0], found[0]), min(before[1], found[1]))
        if group not in known or before == (0, inf):
            groups.append(group)
        assert known[group][0] <= len(group) <= known[group][1], "he reasons wrongly"
        if 1 <= len(group) <= 7:
            assert known[group][0] < known[group][1], f"{len(group)} children are told exactly"


def _first_knowledge(rows, figures, viewers):
    """Others' records of each shown cell, and between how many and how many."""
    _, every, _ = against(rows, figures, "homes")
    own = {place for place, row in enumerate(rows) if row.authority in viewers}
    known = {}
    for figure in figures:
        name = (figure.cut, figure.values, figure.group, "")
        if figure.measure == "weekly_price" and not figure.sign:
            for fact in told_by(figure, lambda part, members=every[name]: members):
                group, held = fact.members - own, len(fact.members & own)
                low, high = known.get(group, (0, inf))
                known[group] = (max(low, fact.least - held), min(high, fact.most - held))
    return known
