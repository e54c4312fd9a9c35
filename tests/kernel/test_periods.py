"""Half-open periods and financial years, beside sets of single days."""

import datetime as dt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from commissioning.kernel.periods import (
    FinancialYear,
    Period,
    financial_year,
    months_of,
    overlapping,
    parse_financial_year,
)

FIRST = dt.date(2019, 12, 1)
WINDOW = {FIRST + dt.timedelta(days=n) for n in range(160)}
ENDS = st.integers(0, 159).map(lambda n: FIRST + dt.timedelta(days=n))


@st.composite
def periods(draw):
    a, b = draw(st.none() | ENDS), draw(st.none() | ENDS)
    if a and b:
        a, b = min(a, b), max(a, b) + dt.timedelta(days=1)
    return Period(a, b)


def days_of(period: Period) -> set[dt.date]:
    return {
        day
        for day in WINDOW
        if (period.starts_on is None or day >= period.starts_on)
        and (period.ends_before is None or day < period.ends_before)
    }


@settings(deadline=None)
@given(periods(), periods())
def test_intersect_and_overlap_are_those_of_the_days(one, other):
    shared = one.intersect(other)
    both = days_of(one) & days_of(other)
    assert (days_of(shared) if shared else set()) == both
    assert shared == other.intersect(one)
    assert one.overlaps(other) == (shared is not None)
    assert one.covers(one)
    assert shared is None or (one.covers(shared) and other.covers(shared))


@settings(deadline=None)
@given(periods(), ENDS)
def test_contains_is_membership(period, day):
    assert period.contains(day) == (day in days_of(period)) == (day in period)


@settings(deadline=None)
@given(ENDS, st.integers(1, 159), st.lists(ENDS))
def test_a_split_has_the_same_days_once(starts_on, length, cuts):
    period = Period(starts_on, starts_on + dt.timedelta(days=length))
    parts = period.split_at(cuts)
    assert sum(part.days for part in parts) == period.days == length
    assert [part.starts_on for part in parts[1:]] == [part.ends_before for part in parts[:-1]]
    assert (parts[0].starts_on, parts[-1].ends_before) == period.bounds
    assert {part.starts_on for part in parts[1:]} == {c for c in cuts if period.starts_on < c < period.ends_before}


LONG = st.dates(dt.date(1999, 1, 1), dt.date(2045, 1, 1))


@settings(deadline=None)
@given(LONG, st.integers(1, 2500))
def test_months_and_financial_years_are_cut_where_they_begin(starts_on, length):
    period = Period(starts_on, starts_on + dt.timedelta(days=length))
    every = [starts_on + dt.timedelta(days=n) for n in range(length)]
    months = period.split_by_months()
    years = period.split_by_financial_years()
    assert [m.starts_on for m in months] == [d for d in every if d.day == 1 or d == starts_on]
    assert [y.starts_on for y in years] == [d for d in every if (d.month, d.day) == (4, 1) or d == starts_on]
    assert sum(m.days for m in months) == sum(y.days for y in years) == length


@settings(deadline=None)
@given(LONG)
def test_financial_year_of_a_day(day):
    year = financial_year(day)
    assert year.starts_on <= day < year.ends_before
    assert day in year.period
    assert year.days == (366 if year.start % 4 == 3 else 365)
    assert len(months_of(year)) == 12
    assert year.following.previous == year
    assert year.following.starts_on == year.ends_before


def test_financial_years_turn_on_the_first_of_april():
    assert financial_year(dt.date(2026, 3, 31)).label == "2025/26"
    assert str(financial_year(dt.date(2026, 4, 1))) == "2026/27"
    assert str(FinancialYear(1999)) == "1999/00"
    assert FinancialYear(2024) < FinancialYear(2025)


def test_months_of_a_financial_year_begin_in_april_and_know_leap_days():
    months = months_of(FinancialYear(2023))
    assert [m.starts_on.month for m in months] == [4, 5, 6, 7, 8, 9, 10, 11, 12, 1, 2, 3]
    assert months[10].days == 29
    assert months_of(FinancialYear(2024))[10].days == 28


@pytest.mark.parametrize("text", ["2025/26", "2025-26", " 2025/2026 ", "2025\N{EN DASH}26", "2025 - 26"])
def test_financial_years_are_read(text):
    assert parse_financial_year(text) == FinancialYear(2025)


def test_the_turn_of_a_century_is_read():
    assert parse_financial_year("1999/00") == parse_financial_year("1999-2000") == FinancialYear(1999)


@pytest.mark.parametrize(
    "text", ["2025/27", "2025/25", "2025", "25/26", "2025/2027", "", "2025/026", "9999/00", "0000/01", "٢٠٢٥/٢٦"]
)
def test_other_text_is_no_financial_year(text):
    with pytest.raises(ValueError, match="not a financial year"):
        parse_financial_year(text)


def test_what_is_no_period_is_refused():
    day = dt.date(2026, 1, 1)
    with pytest.raises(ValueError, match="end after it starts"):
        Period(day, day)
    with pytest.raises(TypeError, match="must be a date"):
        Period(dt.datetime(2026, 1, 1))
    with pytest.raises(TypeError, match="must be a date"):
        Period(day, "2026-02-01")
    with pytest.raises(TypeError):
        Period(day).contains(dt.datetime(2026, 1, 1))
    for ask in ("days", "bounds"):
        with pytest.raises(ValueError, match="open end"):
            getattr(Period(day), ask)
    with pytest.raises(ValueError, match="open end"):
        Period(None, day).split_by_months()


def test_the_last_month_there_is_does_not_overflow():
    period = Period(dt.date(9999, 11, 5), dt.date.max)
    assert [m.starts_on for m in period.split_by_months()] == [dt.date(9999, 11, 5), dt.date(9999, 12, 1)]


@settings(deadline=None)
@given(st.lists(periods(), max_size=6))
def test_overlapping_finds_a_clash_exactly_where_there_is_one(some):
    ordered = sorted(some, key=lambda period: period.starts_on or dt.date.min)
    naive = [late for n, late in enumerate(ordered) if any(late.overlaps(early) for early in ordered[:n])]
    clashes = overlapping(some)
    assert [late for _, late in clashes] == naive
    assert all(a.overlaps(b) for a, b in clashes)
