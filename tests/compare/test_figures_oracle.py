"""Every figure of every measure, through the whole make(), against oracles that sort lists."""

import random
from dataclasses import replace
from decimal import Decimal

import pytest

from commissioning.compare.rules.catalogue import MEASURES
from commissioning.compare.rules.cells import PARTS, Figures
from commissioning.compare.rules.disclosure import USUAL
from commissioning.compare.rules.figures import Figure, _cells, make
from tests.compare.oracle_figures import expected
from tests.compare.partnership_rows import Row, columns, partnership

GROUPS = {7: frozenset(range(5))}


def made(rows, groups=None):
    return make({name: columns(mine) for name, mine in rows.items()}, USUAL, groups=groups or {})


@pytest.mark.parametrize(("seed", "refunds", "groups"), [(1, False, {}), (2, True, {}), (3, False, GROUPS)])
def test_every_figure_equals_the_oracle(seed, refunds, groups):
    rows = partnership(seed, authorities=10 if groups else 6, n=300 if groups else 450, refunds=refunds)
    found = made(rows, groups)
    seen = set()
    for figure in found.figures:
        mine = rows[MEASURES[figure.measure].population]
        wanted = expected(mine, figure, groups)
        assert wanted is not None, f"{figure} is shown, and may not be"
        if figure.figures == Figures() and wanted.figures != Figures():
            wanted = Figure(**{**vars(wanted), "figures": Figures()})  # withheld for the sake of another
        assert figure == wanted
        seen.add((figure.measure, figure.group))
    assert {measure for measure, _ in seen} == set(MEASURES), "every measure shows something"
    assert {group for _, group in seen} == {None, *groups}


def test_figures_come_in_the_order_of_their_words_never_of_their_sizes():
    rows = partnership(1, authorities=6, n=200)
    found = made(rows)
    for measure in MEASURES.values():
        for cut in measure.cuts:
            keys = [each.values for each in found.figures if (each.measure, each.cut) == (measure.key, cut)]
            assert keys == sorted(keys, key=lambda values: [str(value) for value in values])


def home(number, authority, pounds, **dims):
    usual = {"service": "residential", "market": ("lot", 1, ""), "route": "framework", "age": "all ages",
             "level": "standard", "provider": number % 7, "judgement": "good"}  # fmt: skip
    values = {"weekly": pounds * PARTS, "additional": 0, "nights": 10, "gross": pounds * 10 * PARTS}
    return Row(authority, 1000 * authority + number, number % 7, pounds * PARTS, usual | dims, values, key=f"k{number}")


def prices(rows, cut="service"):
    found = made({"homes": rows})
    return next(each for each in found.figures if (each.measure, each.cut) == ("weekly_price", cut))


def test_twenty_prices_by_hand():
    """Ten pounds apart from 4,000 to 4,190: quartiles at 4,047.50 and 4,142.50, tenths at 4,019 and 4,171."""
    figure = prices([home(number, number % 5, 4000 + 10 * number) for number in range(20)])
    assert figure.n == 20
    assert figure.figures == Figures(
        mean=Decimal(4095), median=Decimal(4095), lower_quartile=Decimal(4050), upper_quartile=Decimal(4145),
        tenth=Decimal(4020), ninetieth=Decimal(4170), mode_from=None,
    )  # fmt: skip


def test_nine_children_have_a_count_and_no_figures():
    figure = prices([home(number, number % 5, 4000) for number in range(9)])
    assert (figure.n, figure.figures) == (10, Figures())


def test_ten_homes_of_nine_children_have_no_figures():
    rows = [home(number, number % 5, 4000) for number in range(9)]
    rows.append(Row(0, rows[0].child, 1, 4000 * PARTS, rows[0].dims, rows[0].values, key="again"))
    assert prices(rows).figures == Figures()


def test_homes_whose_price_is_not_known_are_counted_and_lend_no_authority_to_a_mean():
    rows = [home(number, number % 6, 4000) for number in range(60)]
    for row in rows:
        row.amount = row.amount if row.authority < 4 else None
    assert prices(rows) == Figure("weekly_price", "service", ("residential",), n=60)


def test_what_an_authority_runs_itself_is_told_by_route_alone():
    rows = [home(number, number % 6, 4000 + 10 * (number % 9), route="in_house" if number % 5 == 0 else "spot")
            for number in range(90)]  # fmt: skip
    found = {each.key: each for each in made({"homes": rows}).figures}
    assert found["weekly_price", ("service", ("residential",), None)].n == 70
    cells = _cells(columns(rows), [MEASURES["weekly_price"]], {}, USUAL)
    assert sorted(cell.n for cell in cells if cell.cut == "service_route") == [18, 72]


def test_a_usual_price_is_told_as_a_band():
    figure = prices([home(number, number % 5, 4010 if number < 12 else 5000 + 100 * number) for number in range(20)])
    assert figure.figures.mode_from == 4000
    few = prices([home(number, number % 2 if number < 12 else number % 5, 4010 if number < 12 else 5000 + 100 * number)
                  for number in range(40)])  # fmt: skip
    assert few.figures.mode_from is None, "a band of two authorities"


def search(number, authority, *, offered, chosen, answered=True):
    dims = {"service": "fostering", "market": ("lot", 1, ""), "provider": number % 4, "route": ""}
    values = {"asked": 1, "answered": int(answered), "offered": int(offered), "chosen": int(chosen)}
    return Row(authority, 1000 * authority + number, number % 4, 5 * PARTS if answered else None, dims, values,
               key=f"s{number}")  # fmt: skip


def shares(rows, measure, cut="market"):
    found = made({"searches": rows})
    return [each.percent for each in found.figures if (each.measure, each.cut) == (measure, cut)]


def test_the_share_of_offers_chosen_is_of_offers_and_not_of_everybody_asked():
    """A hundred asked, twelve offered, eleven chosen: the one that was not chosen is one child."""
    rows = [search(n, n % 6, offered=n < 12, chosen=n < 11) for n in range(100)]
    assert shares(rows, "conversion_share") == []
    rows = [search(n, n % 6, offered=n < 60, chosen=n < 30) for n in range(100)]
    assert shares(rows, "conversion_share") == [50]


def test_a_share_of_few_does_not_tell_them_exactly():
    """9 of 24 is 37.5%, which of about 25 only 9 of 24 is. From the rounded counts it is 10 of 25."""
    rows = [search(n, n % 6, offered=n < 9, chosen=False) for n in range(24)]
    assert shares(rows, "offer_share") == [40]


def test_a_measure_may_ask_for_more_than_the_rules_do(monkeypatch):
    rows = [search(n, n % 6, offered=n < 60, chosen=False) for n in range(100)]
    assert shares(rows, "offer_share") == [60]
    monkeypatch.setitem(MEASURES, "offer_share", replace(MEASURES["offer_share"], smallest_n=101))
    assert shares(rows, "offer_share") == []


def test_hours_are_of_those_who_answered_and_need_as_many_authorities():
    answered = [search(n, n % 6, offered=False, chosen=False, answered=n < 40) for n in range(60)]
    figure = next(each for each in made({"searches": answered}).figures if each.measure == "response_hours")
    assert figure.n == 40
    few = [search(n, n % 6, offered=False, chosen=False, answered=n % 6 < 4) for n in range(90)]
    assert not [each for each in made({"searches": few}).figures if each.measure == "response_hours"]


def test_all_or_nothing_is_not_told():
    """D9."""
    assert shares([search(n, n % 6, offered=True, chosen=False) for n in range(60)], "offer_share") == []
    assert shares([search(n, n % 6, offered=False, chosen=False) for n in range(60)], "offer_share") == []
    assert shares([search(n, n % 6, offered=n < 5, chosen=False) for n in range(7)], "offer_share") == []


def test_one_authority_with_most_of_the_pounds_takes_the_share_away():
    """By what is shared, not only by the weekly price: its homes were lived in all year, the others' for days."""

    def rows(nights_of_first):
        homes = [home(n, n % 5, 4000, route="spot" if n % 2 else "framework") for n in range(60)]
        for each in homes:
            each.values["nights"] = nights_of_first if each.authority == 0 else 10
        return [each.percent for each in made({"homes": homes}).figures
                if (each.measure, each.cut) == ("night_share", "route")]  # fmt: skip

    assert rows(10) == [50, 50]
    assert rows(360) == []


def test_make_ends_for_partnerships_of_every_size_and_shows_something():
    chance = random.Random(5)
    for authorities in (5, 8):
        rows = partnership(authorities, authorities=authorities, n=chance.randint(100, 200))
        found = made(rows)
        told = found.report["populations"]["homes"]
        assert told["counts"]["exact"] == told["amounts"]["exact"] == 0
        assert found.figures


def test_nothing_comes_of_nothing():
    assert made({}).figures == []
    few = made({"homes": [home(n, n, 4000) for n in range(3)]})
    assert few.figures == []
