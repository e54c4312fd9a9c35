"""The accrual rule under any split, and the measure in SQL against the rule in Python, on lines of any kind.

Clocks cannot matter: every fact is a day, and no instant is read. The two nights of a year that have 23 and 25 hours
are a night each, as the test of the clock change says in figures.
"""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from commissioning.kernel import wording
from commissioning.kernel.money import ZERO
from commissioning.kernel.periods import Period, financial_year
from contracts.measures.spend import spend_rows
from contracts.models import CostLine, FundingSplit, Placement
from contracts.rules.ages import age_on, band_of
from contracts.rules.lines import cost_of_line
from contracts.rules.routes import later_states
from contracts.rules.shares import LATER, Bought, per_cent, route_shares, spot_costs_more, total
from contracts.rules.spans import Span, chosen, usual_year
from tests.contracts.bought import child_of, spot_placement
from tests.contracts.oracle_spend import of_day

EARLIEST, LATEST = date(2019, 1, 1), date(2029, 12, 31)
DAYS = st.dates(EARLIEST, LATEST)
# Discounts too: a credit rounds as the charge of its size does.
AMOUNTS = st.decimals(Decimal("-20000"), Decimal("20000"), places=4).map(lambda value: value + Decimal(0))
POUNDS = st.decimals(Decimal("-5000"), Decimal("5000"), places=2).map(lambda value: value + Decimal(0))
UNHURRIED = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])  # a busy machine is no fault
LEAP, CLOCKS_ON, CLOCKS_BACK = date(2024, 2, 29), date(2026, 3, 29), date(2025, 10, 26)


@st.composite
def lines(draw):
    first = draw(DAYS)
    length = draw(st.one_of(st.none(), st.integers(1, 2000)))
    return draw(AMOUNTS), draw(POUNDS), Period(first, first + timedelta(days=length) if length else None)


@UNHURRIED
@given(lines(), st.lists(DAYS, min_size=2, max_size=30))
@example((Decimal("700.0001"), Decimal(0), Period(date(2024, 2, 28))), [date(2024, 2, 28), LEAP, date(2024, 3, 1)])
@example((Decimal("0.0350"), Decimal("12.34"), Period(CLOCKS_ON)), [CLOCKS_ON, date(2026, 3, 30), date(2026, 4, 1)])
def test_any_split_of_any_period_adds_up(line, days):
    weekly, once, period = line
    cuts = sorted(days)
    parts = [cost_of_line(weekly, once, period, a, b) for a, b in zip(cuts, cuts[1:], strict=False)]
    assert sum(parts, ZERO) == cost_of_line(weekly, once, period, cuts[0], cuts[-1])


@UNHURRIED
@given(lines(), st.dates(EARLIEST, date(2028, 1, 1)), st.integers(1, 400), st.dates(date(2000, 1, 1), EARLIEST))
def test_days_months_years_and_birthdays_add_up(line, first, length, born_on):
    weekly, once, period = line
    span = Period(first, first + timedelta(days=length))
    whole = cost_of_line(weekly, once, period, *span.bounds)
    birthdays = [day for day in _days(span) if age_on(day, born_on) != age_on(day - timedelta(days=1), born_on)]
    each_day = [Period(day, day + timedelta(days=1)) for day in _days(span)]
    for parts in (span.split_by_months(), span.split_by_financial_years(), span.split_at(birthdays), each_day):
        assert sum((cost_of_line(weekly, once, period, *part.bounds) for part in parts), ZERO) == whole


@UNHURRIED
@given(lines(), DAYS)
def test_a_day_is_what_the_oracle_says(line, day):
    weekly, once, period = line
    if day not in period:
        assert cost_of_line(weekly, once, period, day, day + timedelta(days=1)) == 0
        return
    wanted = of_day(weekly, period.starts_on, day) + (once if day == period.starts_on else 0)
    assert cost_of_line(weekly, once, period, day, day + timedelta(days=1)) == wanted


@pytest.mark.parametrize("day", [CLOCKS_ON, CLOCKS_BACK, LEAP])
def test_a_night_is_a_night_whatever_the_clock_did(day):
    line = Decimal("700.00"), ZERO, Period(day - timedelta(days=7))
    assert cost_of_line(*line, day, day + timedelta(days=1)) == Decimal("100.00")
    assert cost_of_line(*line, day, day + timedelta(days=7)) == Decimal("700.00")


@UNHURRIED
@given(
    DAYS, st.one_of(st.none(), st.integers(1, 2000)), st.one_of(st.none(), DAYS), st.integers(0, 800),
    st.one_of(st.none(), DAYS),
)  # fmt: skip
def test_every_night_of_a_purchase_has_one_state(first, length, initial, extended, left):
    until = first + timedelta(days=length) if length else None
    final = initial + timedelta(days=extended) if initial else None
    states = later_states(first, until, initial_end=initial, framework_end=final, award_end=left)
    assert states[0][1] == first
    assert states[-1][2] == until
    assert all(
        before[2] == after[1] and before[0] != after[0] for before, after in zip(states, states[1:], strict=False)
    )
    assert all(end is None or start < end for _, start, end in states)


AMOUNT = st.builds(Bought, st.integers(0, 10_000), st.decimals(0, 10**7, places=2))


CLASSES = [("framework", state) for state in ("in_force", *LATER)]
ROUTES = [("framework", ""), ("spot", ""), ("in_house", ""), ("block", "extension"), *CLASSES]


@UNHURRIED
@given(st.dictionaries(st.sampled_from(ROUTES), AMOUNT))
def test_shares_come_to_the_whole_and_fall_without_a_class(parts):
    for of in ("nights", "gross"):
        shares = route_shares(parts, of)
        known = [row.share for row in shares.values() if row.share is not None]
        assert not known or abs(sum(known) - 100) < Decimal("1e-20")
        for row in shares.values():
            for share in row.without.values():
                assert (share is None) == (row.share is None)
                assert share is None or row.firm <= share <= row.share
    assert total(parts.values()).nights == sum(bought.nights for bought in parts.values())


def test_a_share_is_rounded_once():
    assert wording.percent(per_cent(7046, 10_000)) == "70%"  # not 70.5, and 71 of that
    assert wording.percent(per_cent(7050, 10_000)) == "71%"
    assert per_cent(0, 0) is None


def test_spot_is_compared_with_the_same_kind_of_home():
    week = Bought(7, Decimal("700.00"))
    dear, cheap = Bought(14, Decimal("2000.00")), Bought(7, Decimal("400.00"))
    assert spot_costs_more({"fostering": {"spot": dear, "framework": week}}) == Decimal("300.00")
    assert spot_costs_more({"fostering": {"spot": cheap, "framework": week}}) == Decimal("-300.00")
    both = {"fostering": {"spot": dear, "framework": week}, "residential": {"spot": cheap, "framework": week}}
    assert spot_costs_more(both) == Decimal("100.00")  # by spot nights: 14 and 7
    assert spot_costs_more({"fostering": {"framework": week}, "residential": {"spot": dear}}) is None


@UNHURRIED
@given(st.integers(2019, 2027), st.one_of(st.none(), DAYS), st.one_of(st.none(), DAYS), DAYS)
def test_a_span_is_never_empty_and_never_beyond_today(start, from_day, to_day, today):
    year = financial_year(date(start, 4, 1))
    months = [day.replace(day=1) if day else None for day in (from_day, to_day)]
    span = chosen(year, *months, today)
    assert span.first < span.until <= today + timedelta(days=1)
    assert Period(span.first, span.until).days == sum(each.days for each in span.months)
    assert span.words
    assert usual_year(today) in (financial_year(today), financial_year(today).previous)


def test_spans_in_words():
    today = date(2026, 4, 20)
    year = financial_year(date(2025, 4, 1))
    assert chosen(year, None, None, today).words == "in 2025/26"
    assert chosen(year, date(2026, 3, 1), None, today).words == "in March 2026"
    assert chosen(year, date(2026, 1, 1), date(2026, 2, 1), today).words == "from January to February 2026"
    assert chosen(year.following, None, None, today).words == "from 1 to 20 April 2026"
    assert chosen(year.following, None, None, date(2026, 6, 20)).words == "from April to 20 June 2026"
    assert chosen(year.following, None, None, date(2027, 1, 5)).words == "from April 2026 to 5 January 2027"
    assert Span(LEAP, date(2024, 3, 1)).year_before.first == date(2023, 2, 28)


def _days(span: Period) -> list[date]:
    return [span.starts_on + timedelta(days=n) for n in range(span.days)]


@pytest.fixture
def home(world, as_authority):
    """An open placement whose lines each example replaces."""
    with as_authority(world.southwark):
        yield spot_placement(child_of(world.southwark, born_on=date(2008, 2, 29)), EARLIEST)


@pytest.mark.django_db(databases=["default", "owner"])
@settings(
    max_examples=40, deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)  # fmt: skip
@given(st.lists(lines(), min_size=1, max_size=8), st.dates(EARLIEST, date(2027, 1, 1)), st.integers(1, 900), AMOUNTS)
@example([(Decimal("0.0350"), ZERO, Period(EARLIEST))], EARLIEST, 7, Decimal("0.0150"))
@example([(Decimal("-0.0350"), ZERO, Period(EARLIEST))], EARLIEST, 1, Decimal("-0.0150"))
def test_sql_equals_the_rule(home, found, first, length, paid):
    """numeric(12,4) in whole ten-thousandths, rounded half away from nought: the same penny as kernel/money.py."""
    until = first + timedelta(days=length)
    CostLine.objects.filter(placement=home).delete()
    for weekly, once, period in found:
        sign = weekly or once
        line = CostLine.objects.create(
            authority=home.authority, placement=home, category="discount" if sign < 0 else "core", amount=abs(weekly),
            unit="week" if weekly else "one_off", weekly_amount=weekly, once_amount=ZERO if weekly else once,
            starts_on=period.starts_on, ends_before=period.ends_before,
        )  # fmt: skip
        FundingSplit.objects.create(authority=home.authority, placement=home, cost_line=line, funder="health",
                                    weekly_amount=paid)  # fmt: skip
    told = [(weekly, ZERO if weekly else once, period) for weekly, once, period in found]
    for a, b in [(first, until), *(part.bounds for part in Period(first, until).split_by_months())]:
        rows = spend_rows(first=a, until=b)
        whole = total(rows)
        assert whole.gross == sum((cost_of_line(*line, a, b) for line in told), ZERO)
        health = sum((cost_of_line(paid, ZERO, period, a, b) for _, _, period in told), ZERO)
        assert whole.others.get("health", ZERO) == health
        assert whole.own + whole.from_others == whole.gross
        assert whole.nights == (b - a).days
    by_age = spend_rows(first=first, until=until, by=("month", "age_band"))
    assert total(by_age) == total(spend_rows(first=first, until=until, by=("month",)))
    assert all(band_of(age_on(max(row.key[0], first), date(2008, 2, 29))) == row.key[1] for row in by_age)
    assert Placement.objects.count() == 1
