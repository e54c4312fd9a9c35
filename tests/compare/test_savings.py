"""Possible and realistic savings: each rule by itself, at its edge."""

from datetime import date
from decimal import Decimal

import pytest

from commissioning.compare.measures.price_decisions import accepted_on
from commissioning.compare.models import PriceDecision
from commissioning.compare.rules.savings import LEFT_OUT, Counted, Facts, days_counted, left_out, savings
from tests.contracts.bought import TODAY


@pytest.mark.parametrize(
    ("facts", "reasons"),
    [
        (Facts("fostering"), ()),
        (Facts("fostering", notice_given_on=TODAY), ("notice",)),
        (Facts("fostering", planned_end_on=date(2026, 7, 20)), ("ending",)),
        (Facts("fostering", planned_end_on=date(2026, 7, 21)), ()),
        (Facts("fostering", planned_end_on=date(2025, 1, 1)), ("ending",)),
        (Facts("fostering", homes=2), ()),
        (Facts("fostering", homes=3), ("moves",)),
        (Facts("fostering", meetings=[("planning", TODAY, None)]), ()),
        (Facts("fostering", meetings=[("stability", date(2026, 5, 1), None)]), ("meeting",)),
        (Facts("fostering", meetings=[("disruption", date(2025, 9, 1), date(2025, 10, 20))]), ("meeting",)),
        (Facts("fostering", meetings=[("disruption", date(2025, 9, 1), date(2025, 10, 19))]), ()),
        (Facts("fostering", under_order=True), ("order",)),
        (Facts("staying_put"), ("staying_put",)),
        (Facts("fostering", accepted_on=date(2025, 4, 21)), ("accepted",)),
        (Facts("fostering", accepted_on=date(2025, 4, 20)), ()),
        (Facts("staying_put", notice_given_on=TODAY, homes=4), ("notice", "moves", "staying_put")),
    ],
)
def test_each_reason_by_itself_at_its_edge(facts, reasons):
    assert left_out(facts, TODAY) == reasons
    assert set(reasons) <= set(LEFT_OUT)


def test_nights_run_to_the_planned_end_or_a_year():
    assert days_counted(None, TODAY) == 365
    assert days_counted(date(2026, 4, 27), TODAY) == 7
    assert days_counted(date(2026, 4, 20), TODAY) == days_counted(date(2020, 1, 1), TODAY) == 365
    assert days_counted(date(2030, 1, 1), TODAY) == 365


def test_above_is_above_both_medians_and_below_is_below_both():
    levels = {"days": 7, "median": Decimal(800), "level_median": Decimal(1000)}
    above, between, below = (Counted(Decimal(price), **levels) for price in (1010, 900, 790))
    assert (above.possible, between.possible, below.possible) == (10, 0, 0)
    assert (above.below, between.below, below.below) == (0, 0, 10)
    assert (above.difference, between.difference, below.difference) == (10, 0, -10)


def test_additional_services_are_possible_and_never_realistic():
    home = Counted(Decimal(1000), Decimal(800), 7, additional=Decimal(150))
    assert (home.possible, home.realistic, home.why) == (200, 50, ())
    home = Counted(Decimal(1000), Decimal(800), 7, additional=Decimal(200))
    assert (home.possible, home.realistic, home.why) == (200, 0, ("additional",))


def test_parts_add_up_and_nothing_is_nought():
    homes = [Counted(Decimal(price), Decimal(800), 100, ("moves",) * (price % 2)) for price in range(700, 900, 7)]
    whole, halves = savings(homes), [savings(homes[:9]), savings(homes[9:])]
    for name in ("possible", "realistic", "below", "above", "left_out", "for_the_child"):
        assert getattr(whole, name) == sum(getattr(half, name) for half in halves), name
    assert savings([]).possible == savings([]).realistic == 0
    for reasons, child in ((("accepted",), 0), (("accepted", "moves"), 1)):
        assert savings([Counted(Decimal(900), Decimal(800), 7, reasons)]).for_the_child == child


def test_an_acceptance_stands_until_the_authority_decides_anew():
    def row(outcome):
        return PriceDecision(outcome=outcome, decided_on=TODAY)

    assert accepted_on([]) is None
    assert accepted_on([row("accepted"), row("talk")]) == TODAY
    assert accepted_on([row("talk"), row("accepted")]) is None
    assert accepted_on([row("agreed"), row("accepted")]) == TODAY  # a new price settles its own home alone
