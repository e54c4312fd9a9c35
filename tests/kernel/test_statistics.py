"""Quartiles and median by one rule, beside a definition worked out in whole numbers and beside pandas."""

from decimal import Decimal
from fractions import Fraction

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from commissioning.kernel.statistics import RULE, Spread, percentile, spread

AMOUNTS = st.lists(st.integers(-(10**8), 10**8), min_size=1, max_size=40)


def quarter_by_hand(values: list[int], quarters: int) -> Decimal:
    """Ten-thousandths of a pound in; the weighted mean of two neighbours in quarters; halves away from nought."""
    ordered = sorted(values)
    steps = (len(ordered) - 1) * quarters
    below = steps // 4
    above = min(below + 1, len(ordered) - 1)
    weighted = ordered[below] * (4 - steps % 4) + ordered[above] * (steps % 4)  # 4 x 10,000 to the pound
    pence, rest = divmod(abs(weighted), 400)
    pence += rest * 2 >= 400
    return Decimal(-pence if weighted < 0 else pence) / 100


@settings(deadline=None)
@given(AMOUNTS)
def test_the_spread_is_the_definition(values):
    result = spread(Decimal(value).scaleb(-4) for value in values)
    expected = [quarter_by_hand(values, q) for q in range(5)]
    assert result == Spread(len(values), *expected)
    assert result.lowest <= result.lower_quartile <= result.median <= result.upper_quartile <= result.highest


@settings(deadline=None)
@given(AMOUNTS)
def test_the_spread_is_that_of_pandas_to_a_penny(values):
    series = pd.Series(values) / 10_000
    result = spread(Decimal(value).scaleb(-4) for value in values)
    for share, ours in ((0.25, result.lower_quartile), (0.5, result.median), (0.75, result.upper_quartile)):
        assert abs(float(ours) - series.quantile(share)) < 0.00501


def test_a_spread_by_hand():
    pounds = [Decimal(n) for n in ("800", "820", "850.01", "900")]
    assert spread(pounds) == Spread(4, *map(Decimal, ("800", "815.00", "835.01", "862.51", "900")))
    assert spread(pounds).median.as_tuple().exponent == -2


def test_one_amount_and_none():
    one = Decimal("812.50")
    assert spread([one]) == Spread(1, one, one, one, one, one)
    assert spread([]) == Spread(0, None, None, None, None, None)
    assert percentile([], Fraction(1, 2)) is None


def test_the_rule_is_said_for_readers_of_spreadsheets():
    assert "as Excel's QUARTILE.INC does" in RULE
    assert "percentile_cont" not in RULE


def test_any_percentile():
    values = [Decimal(n) for n in range(1, 12)]
    assert percentile(values, Fraction(9, 10)) == 10
    assert percentile(values, Fraction(0)) == 1
    assert percentile(values, Fraction(1)) == 11
    with pytest.raises(ValueError, match="between 0 and 1"):
        percentile(values, Fraction(11, 10))
    with pytest.raises(TypeError):
        percentile(values, 0.9)


@pytest.mark.parametrize("wrong", [1.5, None, 3])
def test_only_decimals_are_counted(wrong):
    with pytest.raises(TypeError):
        spread([Decimal(1), wrong])


def test_no_amount_that_cannot_be_compared():
    with pytest.raises(ValueError, match="not an amount"):
        spread([Decimal(1), Decimal("NaN")])
