"""One cell at a time: what is accepted, what is corrected with a note, and what the sender is asked to change."""

from __future__ import annotations

import datetime
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commissioning.kernel.ingest.cells import (
    CellError,
    as_code,
    as_company_number,
    as_date,
    as_int,
    as_money,
    as_text,
    as_urn,
    as_yes_no,
    date_order,
)
from commissioning.kernel.ingest.formats import MISSING_FORMULA, ErrorCell

LOTS = {"lot 1": "L1", "therapeutic homes": "L2", "children's home": "L3"}
READERS = [
    as_text, as_int, as_money, as_yes_no, as_urn, as_company_number, as_date,
    lambda cell: as_code(cell, LOTS, "lot"),
]  # fmt: skip


def reason(reader, *args, **options):
    with pytest.raises(CellError) as caught:
        reader(*args, **options)
    return str(caught.value)


@pytest.mark.parametrize("reader", READERS)
def test_blank_formula_and_error_cells_mean_the_same_everywhere(reader):
    assert reader(None) == (None, None)
    assert reader("  ") == (None, None)
    assert "press Save" in reason(reader, MISSING_FORMULA)
    assert "#N/A" in reason(reader, ErrorCell("#N/A"))


# --- text, codes, numbers


def test_text_is_trimmed_composed_and_freed_of_unseen_characters():
    assert as_text(" Tŷ Gwyn ") == ("Tŷ Gwyn", None)
    assert as_text("w\u0302yl") == ("ŵyl", None)
    assert as_text("a\u00a0b") == ("a b", None)
    value, note = as_text("Oak\u200b\u202e House\x07")
    assert value == "Oak House"
    assert "cannot be seen" in note
    assert [as_text(cell).value for cell in (2590934, 2590934.0, 1.5, date(2026, 3, 31))] == [
        "2590934", "2590934", "1.5", "31/03/2026",
    ]  # fmt: skip
    assert "shorten it to 5" in reason(as_text, "abcdef", max_length=5)


def test_codes_by_any_case_and_the_nearest_named():
    assert as_code(" Lot  1 ", LOTS, "lot").value == "L1"
    assert as_code("Children’s Home", LOTS, "lot").value == "L3"
    assert "“therapeutic homes”" in reason(as_code, "Theraputic home", LOTS, "lot")
    assert "use one of “lot 1”" in reason(as_code, "zzz", LOTS, "lot")


def test_whole_numbers():
    assert [as_int(cell).value for cell in (12, 12.0, "12", "1,200", "1 200", "12.0", "-3")] == [
        12,
        12,
        12,
        1200,
        1200,
        12,
        -3,
    ]
    for cell in (12.5, "12.5", "twelve", True, "1,2", "١٢", float("nan"), float("inf"), 1e300):
        assert "not a whole number" in reason(as_int, cell)
    assert "lowest accepted is 0" in reason(as_int, -1, 0)
    assert "highest accepted is 9" in reason(as_int, "10", 0, 9)
    assert as_int(0, 0, 0).value == 0


def test_yes_and_no():
    assert [as_yes_no(cell).value for cell in (True, "Y", "yes", 1, "TRUE")] == [True] * 5
    assert [as_yes_no(cell).value for cell in (False, "n", "No", 0, "0")] == [False] * 5
    for cell in ("maybe", 2, "yes please"):
        assert "Yes or No" in reason(as_yes_no, cell)


# --- money


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("£1,234.50", "1234.50"), ("1 234.50", "1234.50"), ("1\u00a0234", "1234.00"),
        ("1234.5", "1234.50"), ("£ 12", "12.00"),
        ("GBP 12.10", "12.10"), (".5", "0.50"), ("1234.500", "1234.50"), (1234, "1234.00"),
        (1234.5, "1234.50"), (0, "0.00"),
        (399033.7, "399033.70"), (Decimal("7.10"), "7.10"), ("9999999999.99", "9999999999.99"),
        ("1,234,567", "1234567.00"),
    ],
)  # fmt: skip
def test_amounts(cell, expected):
    value, note = as_money(cell)
    assert str(value) == expected
    assert note is None


def test_amounts_below_zero_only_where_they_may_be():
    for cell in ("(12.00)", "-12", "-£12.00", "£-12.00", "12.00-", "−12.00", "(£12.00)", -12, -12.0):
        assert as_money(cell, allow_negative=True).value == Decimal("-12.00")
        assert "below zero" in reason(as_money, cell)


def test_decimals_are_never_rounded_away():
    for cell in ("1234.565", 1234.565, "£1,234.5651", 1234.5650000000001, 0.12345):
        assert "more than 2 decimals" in reason(as_money, cell)
    assert as_money(1234.565, places=4).value == Decimal("1234.5650")
    assert "more than 4 decimals" in reason(as_money, "1.23456", places=4)
    value, note = as_money(0.1 + 0.2)
    assert value == Decimal("0.30")
    assert "0.30000000000000004" in note


def test_what_is_no_amount():
    for cell in (
        "NaN",
        "inf",
        "1e3",
        "1e400",
        "12.3.4",
        "12,34.50",
        "1,23,456",
        "",
        "twelve",
        "£",
        "--1",
        "()",
        "１２",
        "1 2",
        "1_0",
    ):
        if cell:
            assert "not an amount" in reason(as_money, cell)
    for cell in (float("nan"), float("inf"), float("-inf"), True, date(2026, 1, 1)):
        assert "not an amount" in reason(as_money, cell)
    assert "full stop" in reason(as_money, "12,50")
    for cell in ("-0", "-0.00", -0.0, "(0)"):
        assert "minus zero" in reason(as_money, cell, allow_negative=True)
    for cell in (1e300, 1e10, "10000000000", 10**400, "9" * 60, Decimal("1e400")):
        assert "too large" in reason(as_money, cell)
    assert "too large" in reason(as_money, "100000000", places=4)


def test_words_about_the_unit():
    for cell in ("£950 pw", "950 per week", "£950/week", "950.00 a week", "950p/w"):
        value, note = as_money(cell)
        assert value == Decimal("950.00")
        assert "a week" in note
    for cell in ("£50 per night", "50 ph", "4000 pcm", "5%", "45p/m"):
        assert "names a unit" in reason(as_money, cell)


AMOUNTS = st.decimals(min_value=0, max_value=Decimal("9999999.99"), places=2)


@given(AMOUNTS)
def test_an_amount_is_the_same_in_every_way_of_writing_it(amount):
    for cell in (f"{amount}", f"£{amount:,}", f"{amount:,}".replace(",", " "), float(amount), f" {amount} pw"):
        assert as_money(cell).value == amount
    assert as_money(f"({amount + 1})", allow_negative=True).value == -(amount + 1)
    assert as_money(str(amount), places=4).value.as_tuple().exponent == -4


@given(st.decimals(min_value=0, max_value=9999, places=5).filter(lambda amount: amount != round(amount, 4)))
def test_a_fifth_decimal_is_always_refused(amount):
    assert "decimals" in reason(as_money, str(amount), places=4)
    assert "decimals" in reason(as_money, float(amount), places=4)


@given(st.one_of(st.text(max_size=12), st.floats(), st.integers(), st.booleans(), st.dates(), st.datetimes()))
def test_any_cell_gives_a_value_or_a_reason(cell):
    for reader in READERS:
        try:
            value, note = reader(cell)
        except CellError as error:
            value, note = None, str(error)
        finally:
            assert note is None or isinstance(note, str)
            assert not isinstance(value, Decimal) or (value.is_finite() and value >= 0)


# --- registrations


def test_ofsted_numbers():
    for cell in ("SC123456", "2590934", 2590934, 2590934.0):
        value, note = as_urn(cell)
        assert value == str(cell).removesuffix(".0")
        assert note is None
    for cell, expected in (
        ("sc 123456", "SC123456"),
        ("2590934.0", "2590934"),
        ("URN 2590934", "2590934"),
        ("259 0934", "2590934"),
    ):
        value, note = as_urn(cell)
        assert value == expected
        assert expected in note
    for cell in ("SC12345", 259093, "25909345", "REDACTED", "SC1234567", True):
        assert "seven digits" in reason(as_urn, cell)


def test_company_numbers():
    assert as_company_number("01234567") == ("01234567", None)
    assert as_company_number("SC123456") == ("SC123456", None)
    for cell, expected in (
        (1234567, "01234567"),
        ("12345", "00012345"),
        ("oc 1234", "OC001234"),
        (1234567.0, "01234567"),
    ):
        value, note = as_company_number(cell)
        assert value == expected
        assert expected in note
    for cell in ("123456789", "N/A", "1234-567", "ABC12345", 12, -1234567):
        assert "eight characters" in reason(as_company_number, cell)


# --- dates

MARCH = date(2026, 3, 3)


@pytest.mark.parametrize(
    "cell",
    [MARCH, "2026-03-03", "03/03/2026", "3/3/2026", "3.3.2026", "03-03-2026", "3 March 2026",
     "3rd Mar 2026", "03-Mar-2026",
     "Tuesday 3 March 2026", "Tuesday, 3 March 2026", "March 3, 2026", "Mar 3 2026", "2026/03/03",
     "2026-03-03 00:00:00",
     "03/03/2026 00:00", "2026-03-03T00:00:00Z", " 03/03/2026 "],
)  # fmt: skip
def test_dates_that_need_no_note(cell):
    assert as_date(cell) == (MARCH, None)


@pytest.mark.parametrize(
    ("cell", "word"),
    [("03/03/26", "2026"), ("03-Mar-26", "2026"), (46084, "Excel"), (46084.5, "Excel"), ("46084", "Excel"),
     (20260303, "20260303"), (datetime.datetime(2026, 3, 3, 9, 30), "time"), ("2026-03-03 09:30", "time")],
)  # fmt: skip
def test_dates_with_a_note(cell, word):
    value, note = as_date(cell)
    assert value == MARCH
    assert word in note


def test_the_day_comes_before_the_month():
    assert as_date("01/10/2025").value == date(2025, 10, 1)
    assert as_date("Oct 1 2025").value == date(2025, 10, 1)
    assert as_date("01/10/51").value == date(1951, 10, 1)


def test_a_column_that_breaks_the_rule_is_not_guessed_at():
    column = ["01/10/2025", date(2025, 1, 1), None, 45000, "25/12/2025", "12/25/2025", "05/05/2025", "2025-10-01"]
    order = date_order(column)
    assert order.month_first == "12/25/2025"
    assert "“12/25/2025”" in reason(as_date, "01/10/2025", order)
    assert "month first" in reason(as_date, "12/25/2025", order)
    assert [as_date(cell, order).value for cell in column[4:8:2]] == [date(2025, 12, 25), date(2025, 5, 5)]
    assert as_date("2025-10-01", order).value == date(2025, 10, 1)
    assert date_order(column[:5]).month_first is None
    assert "month first" in reason(as_date, "12/25/2025")


def test_what_is_no_date():
    for cell in ("29/02/2025", "31/04/2026", "2026-13-01", "32/01/2026", "13/13/2026", "30 February 2026"):
        assert "does not exist" in reason(as_date, cell)
    for cell in ("soon", "3 Marrch 2026", "25/06/2012900", "03/03/2026 or later", True, "31/03", "Q1 2026"):
        assert "for example 31/03/2026" in reason(as_date, cell)
    for cell in (7, 999999, 12.5, float("nan"), float("inf"), -46084, 10**30):
        assert "is not a date" in reason(as_date, cell)
    for cell in ("03/03/0026", "2206-03-03", date(1066, 10, 14)):
        assert "check the year" in reason(as_date, cell)
    assert as_date("29/02/2024").value == date(2024, 2, 29)


@given(st.dates(min_value=date(1951, 1, 1), max_value=date(2050, 12, 31)))
def test_a_date_is_the_same_in_every_way_of_writing_it(day):
    for shape in ("%d/%m/%Y", "%Y-%m-%d", "%d %B %Y", "%d-%b-%Y", "%d-%b-%y", "%d/%m/%y", "%B %d, %Y", "%A %d %B %Y"):
        assert as_date(day.strftime(shape)).value == day
