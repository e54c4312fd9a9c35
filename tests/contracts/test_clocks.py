"""Working days, bank holidays and what is due when."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.rules.clocks import (
    bank_holidays,
    easter,
    host_due,
    is_working,
    order_state,
    planning_due,
    visit_due,
    working_days_after,
)

# As gov.uk/bank-holidays lists them for England and Wales.
LISTED = {
    2020: "01-01 04-10 04-13 05-08 05-25 08-31 12-25 12-28",
    2021: "01-01 04-02 04-05 05-03 05-31 08-30 12-27 12-28",
    2022: "01-03 04-15 04-18 05-02 06-02 06-03 08-29 09-19 12-26 12-27",
    2023: "01-02 04-07 04-10 05-01 05-08 05-29 08-28 12-25 12-26",
    2024: "01-01 03-29 04-01 05-06 05-27 08-26 12-25 12-26",
    2025: "01-01 04-18 04-21 05-05 05-26 08-25 12-25 12-26",
    2026: "01-01 04-03 04-06 05-04 05-25 08-31 12-25 12-28",
    2027: "01-01 03-26 03-29 05-03 05-31 08-30 12-27 12-28",
}


@pytest.mark.parametrize("year", LISTED)
def test_bank_holidays_are_those_that_are_listed(year):
    assert bank_holidays(year) == {date.fromisoformat(f"{year}-{day}") for day in LISTED[year].split()}


def test_easter():
    assert [easter(year) for year in (2000, 2008, 2011, 2024, 2038)] == [
        date(2000, 4, 23), date(2008, 3, 23), date(2011, 4, 24), date(2024, 3, 31), date(2038, 4, 25),
    ]  # fmt: skip


@given(st.dates(date(2019, 1, 1), date(2035, 1, 1)), st.integers(0, 30))
def test_so_many_working_days_lie_after(day, number):
    due = working_days_after(day, number)
    counted = sum(is_working(day + timedelta(days=n)) for n in range(1, (due - day).days + 1))
    assert counted == number
    assert number == 0 or is_working(due)


def test_due_days():
    assert planning_due(date(2026, 4, 1)) == date(2026, 4, 10), "Good Friday and Easter Monday are no working days"
    assert host_due(date(2026, 4, 1), planned=True) == date(2026, 4, 1)
    assert host_due(date(2026, 4, 1), planned=False) == date(2026, 4, 10)
    assert visit_due(None, date(2026, 4, 1), 7) == date(2026, 4, 8)
    assert visit_due(date(2026, 4, 5), date(2026, 4, 1), 7) == date(2026, 4, 12)
    assert visit_due(None, date(2026, 4, 1), None) is None


@pytest.mark.parametrize(
    ("ends", "says"),
    [(None, "open"), (date(2026, 4, 20), "over"), (date(2026, 4, 21), "soon"), (date(2026, 5, 18), "soon"),
     (date(2026, 5, 19), "runs")],
)  # fmt: skip
def test_the_end_of_an_order(ends, says):
    assert order_state(ends, date(2026, 4, 20)) == says
