"""Money: any split of any period adds up, and only exact amounts are taken."""

import datetime as dt
from decimal import Decimal, localcontext
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from commissioning.kernel import money
from commissioning.kernel.periods import FinancialYear, Period

DAYS = st.dates(dt.date(2015, 1, 1), dt.date(2035, 12, 31))
RATES = st.integers(-(10**9), 10**9).map(lambda n: Decimal(n).scaleb(-4))
PAID = st.integers(-(10**9), 10**9).map(lambda n: Decimal(n).scaleb(-2))
PERIODS = st.tuples(DAYS, st.integers(1, 3000), st.booleans()).map(
    lambda t: Period(t[0], None if t[2] else t[0] + dt.timedelta(days=t[1]))
)


def pence_by_hand(exact: Fraction) -> Decimal:
    """Long division of pence, the remainder compared with a half: nothing shared with the code under test."""
    size = abs(exact) * 100
    whole, rest = divmod(size.numerator, size.denominator)
    if rest * 2 >= size.denominator:
        whole += 1
    return Decimal(-whole if exact < 0 else whole) / 100


def cost_by_counting(amount: Decimal, period: Period, starts_on: dt.date, ends_before: dt.date) -> Decimal:
    """Counts days one at a time from the line's start, and takes one accrual from the other."""

    def reached(day: dt.date) -> Decimal:
        days, at = 0, period.starts_on
        while at < day and (period.ends_before is None or at < period.ends_before):
            days, at = days + 1, at + dt.timedelta(days=1)
        return pence_by_hand(Fraction(amount) * days / 7)

    return reached(ends_before) - reached(starts_on)


@settings(deadline=None)
@given(RATES, PERIODS, DAYS, st.lists(DAYS, max_size=8), DAYS)
def test_any_split_of_any_period_adds_up(rate, period, first, cuts, last):
    first, *between, last = sorted([first, *cuts, last])
    points = [first, *between, last]
    parts = [money.cost(rate, period, a, b) for a, b in zip(points, points[1:], strict=False)]
    assert sum(parts, money.ZERO) == money.cost(rate, period, first, last)


@settings(deadline=None)
@given(RATES, PERIODS, DAYS, st.integers(0, 900))
def test_cost_is_what_counting_days_gives(rate, period, starts_on, days):
    ends_before = starts_on + dt.timedelta(days=days)
    assert money.cost(rate, period, starts_on, ends_before) == cost_by_counting(rate, period, starts_on, ends_before)


@settings(deadline=None)
@given(RATES, st.integers(2000, 2040))
def test_twelve_months_are_the_year_and_the_year_is_its_days(rate, start):
    year = FinancialYear(start)
    months = [money.cost(rate, year.period, *month.bounds) for month in year.period.split_by_months()]
    assert sum(months) == money.annual(rate, year)
    assert money.annual(rate, year) == pence_by_hand(Fraction(rate) * (366 if start % 4 == 3 else 365) / 7)


def test_a_leap_year_costs_one_day_more():
    assert money.annual(Decimal("700"), FinancialYear(2023)) == Decimal("36600.00")
    assert money.annual(Decimal("700"), FinancialYear(2024)) == Decimal("36500.00")


def test_cost_outside_the_line_is_nothing_and_an_ended_line_stops():
    line = Period(dt.date(2026, 3, 30), dt.date(2026, 4, 6))
    assert money.cost(Decimal("850"), line, dt.date(2025, 4, 1), dt.date(2026, 3, 30)) == 0
    assert money.cost(Decimal("850"), line, dt.date(2026, 3, 1), dt.date(2026, 4, 1)) == Decimal("242.86")
    assert money.cost(Decimal("850"), line, dt.date(2026, 4, 1), dt.date(2027, 4, 1)) == Decimal("607.14")
    assert money.cost(Decimal("850"), line, dt.date(2026, 4, 6), dt.date(2026, 4, 6)) == 0


@pytest.mark.parametrize(
    ("value", "pence"),
    [("0.005", "0.01"), ("0.0049", "0.00"), ("1.235", "1.24"), ("-1.235", "-1.24"), ("-0.004", "0.00"), ("2", "2.00")],
)
def test_halves_go_away_from_nought_and_nought_has_no_sign(value, pence):
    rounded = money.round_half_up(Decimal(value))
    assert str(rounded) == pence


@settings(deadline=None)
@given(PAID)
def test_a_credit_cancels_its_charge(amount):
    assert money.accrued(amount, 10) + money.accrued(Decimal(0) - amount, 10) == 0


@pytest.mark.parametrize("wrong", [1.5, 1, "1.50", None, True])
def test_only_decimal_is_money(wrong):
    for take in (money.checked, money.round_half_up, lambda v: money.accrued(v, 7)):
        with pytest.raises(TypeError, match="never"):
            take(wrong)


@pytest.mark.parametrize("wrong", ["NaN", "sNaN", "Infinity", "-Infinity", "-0", "-0.00"])
def test_what_is_no_amount_is_refused(wrong):
    for take in (money.checked, money.round_half_up, lambda v: money.accrued(v, 7)):
        with pytest.raises(ValueError, match="not an amount|no sign"):
            take(Decimal(wrong))


def test_amounts_that_could_not_be_stored_are_refused():
    with pytest.raises(ValueError, match="4 decimal places"):
        money.checked(Decimal("1.00001"))
    with pytest.raises(ValueError, match="2 decimal places"):
        money.checked(Decimal("1.001"), places=2)
    with pytest.raises(ValueError, match="100 million"):
        money.checked(Decimal(10**8))
    assert money.checked(Decimal("812.5000"), places=2) == Decimal("812.5")


@pytest.mark.parametrize("days", [1.0, True, None])
def test_days_are_whole(days):
    with pytest.raises(TypeError):
        money.accrued(Decimal(7), days)


def test_days_and_dates_that_run_backwards_are_refused():
    with pytest.raises(ValueError, match="negative"):
        money.accrued(Decimal(7), -1)
    with pytest.raises(ValueError, match="before starts_on"):
        money.cost(Decimal(7), Period(dt.date(2026, 1, 1)), dt.date(2026, 1, 2), dt.date(2026, 1, 1))
    with pytest.raises(ValueError, match="must have a start"):
        money.cost(Decimal(7), Period(None), dt.date(2026, 1, 1), dt.date(2026, 1, 2))


def test_a_careless_decimal_context_changes_nothing():
    with localcontext() as context:
        context.prec = 4
        assert money.accrued(Decimal("12345.6789"), 365) == Decimal("643738.97")
        assert money.weekly_from_nightly(Decimal("1234.5678")) == Decimal("8641.9746")


@settings(deadline=None)
@given(st.integers(0, 10**8).map(lambda n: Decimal(n).scaleb(-4)))
def test_a_nightly_rate_survives_the_week(rate):
    assert money.nightly_from_weekly(money.weekly_from_nightly(rate)) == rate


def test_weekly_from_a_year_and_from_care_days():
    assert money.weekly_from_annual(Decimal("36500"), FinancialYear(2024)) == Decimal("700.0000")
    assert money.weekly_from_annual(Decimal("36600"), FinancialYear(2023)) == Decimal("700.0000")
    assert money.weekly_from_total(Decimal("10000"), 30) == Decimal("2333.3333")
    with pytest.raises(ValueError, match="above nought"):
        money.weekly_from_total(Decimal(1), 0)
    with pytest.raises(TypeError):
        money.weekly_from_total(Decimal(1), 1.5)
