"""The measures and cuts as data: closed, complete, and groups that may be told apart."""

from datetime import date

import pytest

from commissioning.compare.rules import catalogue
from commissioning.compare.rules.catalogue import CUTS, MEASURES, Cut, priced_age
from commissioning.compare.rules.disclosure import LADDER, USUAL, Thresholds
from commissioning.compare.rules.figures import admitted


def test_dimensions_are_a_closed_list_of_at_most_three():
    assert all(len(cut.dimensions) <= 3 for cut in CUTS.values())
    assert all(set(cut.dimensions) <= set(catalogue.DIMENSIONS) for cut in CUTS.values())
    with pytest.raises(ValueError, match="more than three dimensions"):
        Cut("wide", ("service", "age", "level", "route"))
    with pytest.raises(ValueError, match="postcode"):
        Cut("odd", ("postcode",))
    assert set(LADDER) <= set(CUTS)
    assert all(cut.title for cut in CUTS.values())


@pytest.mark.parametrize("measure", MEASURES.values(), ids=list(MEASURES))
def test_every_measure_says_all_about_itself(measure):
    for name in ("title", "why", "how", "numerator", "denominator", "unit", "misleads", "source", "checked_by"):
        assert getattr(measure, name).strip(), name
    assert measure.good in ("low", "high", "neither")
    assert measure.kind in ("spread", "share")
    assert measure.population in catalogue.POPULATIONS
    assert measure.smallest_n >= USUAL.mean_from
    assert set(measure.cuts) <= set(CUTS)
    assert isinstance(measure.checked_on, date)
    assert measure.as_kept()["checked_on"] == measure.checked_on.isoformat()


def test_a_share_of_records_is_worked_out_from_rounded_counts():
    assert {key for key, measure in MEASURES.items() if measure.counted} == {
        "answered_share", "offer_share", "conversion_share", "agree_share"
    }  # fmt: skip


@pytest.mark.parametrize(
    ("service", "age", "band"),
    [
        ("residential", 12, "all ages"),
        ("residential", None, "all ages"),
        ("fostering", None, ""),
        ("fostering", 18, "18 and over"),
        ("supported", 17, "under 18"),
        ("supported", 18, "18 and over"),
    ],
)
def test_ages_as_homes_are_priced(service, age, band):
    assert priced_age(service, age) == band


# Peer groups


def test_a_group_needs_five_and_leaves_five():
    twelve = range(12)
    assert admitted({1: range(5)}, twelve, USUAL) == {1: frozenset(range(5))}
    assert admitted({1: range(4)}, twelve, USUAL) == {}
    assert admitted({1: range(8)}, twelve, USUAL) == {}
    assert admitted({1: twelve}, twelve, USUAL) == {1: frozenset(twelve)}
    assert admitted({1: [40, 41, 42, 43, 44]}, twelve, USUAL) == {}


def test_groups_that_differ_by_few_are_not_both_told():
    twelve = range(12)
    assert admitted({1: range(6), 2: range(5)}, twelve, USUAL) == {1: frozenset(range(6))}
    assert set(admitted({1: range(10), 2: range(5, 15)}, range(20), USUAL)) == {1, 2}
    stricter = Thresholds(other_authorities=4)
    assert admitted({1: range(5)}, twelve, stricter) == {}


def test_a_group_that_one_authority_joined_waits():
    """Its figure less that of the release before would be the joiner's."""
    twelve = range(12)
    assert admitted({1: range(6)}, twelve, USUAL, before=[range(5)]) == {}
    assert admitted({1: range(5)}, twelve, USUAL, before=[range(5)]) == {1: frozenset(range(5))}
