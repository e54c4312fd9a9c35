"""Releases of one day beside those of others, whenever each was asked for: what was once seen stays known."""

from datetime import date

import pytest

from tests.compare.market import AS_AT
from tests.compare.releasing import build, publish
from tests.compare.test_releases import BEFORE, figures_of

pytestmark = pytest.mark.django_db(databases=["default", "owner", "release"], transaction=True)
EARLIER = date(2025, 9, 30)


@pytest.fixture
def people(wide):
    return wide.person("southwark"), wide.person("lewisham")


def price_of(wide, release, person, provider="Provider 1"):
    """The provider's figure on the lot; None where it is not shown."""
    whose = wide.providers[provider].pk
    mine = [each for each in figures_of(release, person) if (each.cut, each.provider_id) == ("provider_market", whose)]
    return next((each for each in mine if each.measure == "weekly_price"), None)


def test_an_older_quarter_that_is_built_late_is_held_against_what_comes_before_and_after_it(wide, people):
    asks, second = people
    first = publish(build(EARLIER, by=asks), second)
    wide.buy("greenwich", ["2000.00"], starts_on=date(2025, 11, 3))
    for authority in wide.authorities:
        wide.buy(authority, ["1000.00", "1010.00", "1020.00"], starts_on=date(2026, 1, 5))
    newest = publish(build(AS_AT, by=asks), second)
    assert price_of(wide, newest, asks).held_from_id is None
    between = publish(build(BEFORE, by=asks), second)
    assert between.report["against"] == [first.number, newest.number]
    found, stands = price_of(wide, between, asks), price_of(wide, first, asks)
    assert (found.held_from_id, found.mean, found.n) == (first.pk, stands.mean, stands.n)


def test_what_a_correction_withheld_does_not_come_with_the_next_quarter(wide, people):
    """The figure before the correction was seen: less that, the next one would tell what was corrected."""
    asks, second = people
    wrong = publish(build(BEFORE, by=asks), second)
    wide.buy("greenwich", ["2000.00"])
    right = publish(build(BEFORE, by=asks, corrects=wrong, note="One home was missing"), second)
    after = build(AS_AT, by=asks)
    assert after.report["against"] == [right.number, wrong.number]
    assert [price_of(wide, each, asks) is None for each in (wrong, right, after)] == [False, True, True]
    assert price_of(wide, after, asks, "Provider 2").mean == price_of(wide, wrong, asks, "Provider 2").mean
