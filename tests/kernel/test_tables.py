"""Tables: what a cell says, escaping, sorting, paging, empty states and the sentence of filters."""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal

import pytest
from django.test import RequestFactory

from commissioning.kernel.tables import (
    ActiveFilter,
    Column,
    Download,
    EmptyState,
    FilterSentence,
    Table,
    ordering,
    sort_rows,
)
from commissioning.kernel.wording import Withheld

NAME = Column("name", "Provider", link=lambda row: f"/providers/{row['id']}/", sort="name")
RATE = Column("rate", "Core 5-10", kind="money", unit="£ a week", sort="rate")
COLUMNS = [NAME, RATE]


def rows(count: int) -> list[dict]:
    return [{"id": i, "name": f"Provider {i:03}", "rate": Decimal(700 + i)} for i in range(count)]


@pytest.mark.parametrize(
    ("column", "value", "said"),
    [
        (RATE, Decimal("1234.5"), "1,234.50"),
        (RATE, Decimal("0.005"), "0.01"),
        (Column("x", "X", kind="money"), Decimal("1234.5"), "£1,234.50"),
        (Column("x", "X", kind="money", whole=True), Decimal("1234.5"), "£1,235"),
        (Column("x", "X", kind="money", signed=True), Decimal(-58), "−£58.00"),
        (Column("x", "X", kind="money", unit="£ a week", signed=True), Decimal(58), "+58.00"),
        (Column("x", "X", kind="number"), 12345, "12,345"),
        (Column("x", "X", kind="percent"), Decimal("61.4"), "61%"),
        (Column("x", "X", kind="date"), dt.date(2026, 3, 3), "3 March 2026"),
        (Column("x", "X", kind="yesno"), False, "No"),
        (RATE, None, "not recorded"),
        (Column("x", "X", missing="no rate"), None, "no rate"),
    ],
)
def test_a_cell_says_its_value_in_words(column: Column, value: object, said: str) -> None:
    assert column.text(value) == said


def test_money_is_never_a_float() -> None:
    with pytest.raises(TypeError):
        RATE.text(12.5)


def test_nought_is_a_value_and_not_missing() -> None:
    assert RATE.text(Decimal(0)) == "0.00"
    assert "not recorded" not in Column("x", "X", kind="number").html({"x": 0})


def test_a_column_reads_mappings_objects_and_functions() -> None:
    row = type("Row", (), {"name": "Alder"})()
    assert Column("name", "Provider").of(row) == "Alder"
    assert Column("name", "Provider").of({"name": "Beech"}) == "Beech"
    assert Column("name", "Provider", value=lambda r: r["a"] + 1).of({"a": 1}) == 2


def test_everything_from_a_row_is_escaped() -> None:
    hostile = '"><script>alert(1)</script>'
    column = Column("name", hostile, unit=hostile, link=lambda row: hostile, sort="name")
    table = Table([column, Column("kind", "Kind", kind="tag")], [{"name": hostile, "kind": hostile}], hostile)
    page = str(table)
    assert "<script" not in page
    assert page.count("&lt;script&gt;") >= 5


def test_a_withheld_figure_says_why_and_what_stands_in() -> None:
    cell = RATE.html({"rate": Withheld("Fewer than 5 children.", "The median is £905.")})
    assert ">c<" in cell
    assert "Fewer than 5 children. The median is £905." in cell


def test_a_signed_change_speaks_its_direction() -> None:
    column = Column("x", "Since last year", kind="percent", signed=True)
    assert "down </span>−3%" in column.html({"x": Decimal(-3)})
    assert "up </span>+3%" in column.html({"x": Decimal(3)})
    assert column.html({"x": Decimal(0)}) == "0%"


def test_unit_stands_once_in_the_heading() -> None:
    table = Table(COLUMNS, rows(2), "Rates", cards=False)
    assert str(table).count("£") == 1
    assert ">701.00<" in str(table)


def test_pages_of_fifty_with_a_total() -> None:
    table = Table(COLUMNS, rows(120), "Rates", page=3, noun=("provider", "providers"))
    assert table.summary == "101 to 120 of 120 providers"
    assert [row["id"] for row in table.shown] == list(range(100, 120))
    assert table.previous == "?page=2"
    assert table.next == ""


@pytest.mark.parametrize(("count", "pages"), [(0, 1), (1, 1), (50, 1), (51, 2), (100, 2), (101, 3)])
def test_number_of_pages(count: int, pages: int) -> None:
    assert Table(COLUMNS, rows(count), "Rates").pages == pages


def test_a_page_beyond_the_last_shows_the_last() -> None:
    assert Table(COLUMNS, rows(60), "Rates", page=99).page == 2


def test_a_given_total_means_the_rows_are_this_page() -> None:
    table = Table(COLUMNS, rows(50), "Rates", total=400, page=2)
    assert len(table.shown) == 50
    assert table.summary == "51 to 100 of 400 rows"


def test_a_queryset_is_counted_and_sliced_by_the_database() -> None:
    class Queryset:
        query = object()
        asked: list[slice] = []

        def count(self) -> int:
            return 120

        def __getitem__(self, part: slice) -> list[dict]:
            self.asked.append(part)
            return rows(120)[part]

        def __iter__(self):
            raise AssertionError("all rows were fetched")

    table = Table(COLUMNS, Queryset(), "Rates", page=2)
    assert Queryset.asked == [slice(50, 100)]
    assert table.total == 120


def test_page_links_leave_gaps() -> None:
    links = Table(COLUMNS, rows(500), "Rates", page=5).page_links()
    assert [link["number"] for link in links] == [1, None, 4, 5, 6, None, 10]
    assert [link["number"] for link in links if link.get("current")] == [5]


def test_sorting_keeps_filters_and_says_direction_in_words() -> None:
    table = Table(COLUMNS, rows(3), "Rates", sort="rate", query="age=5-10")
    page = str(table)
    assert 'href="?age=5-10&amp;sort=-rate"' in page
    assert 'aria-sort="ascending"' in page
    assert table.sorted_by == "sorted by Core 5-10, lowest first"
    assert Table(COLUMNS, rows(3), "Rates", sort="-name").sorted_by == "sorted by Provider, Z to A"


@pytest.mark.parametrize("asked", ["password", "-password", "--rate", "rate__secret", "?", ""])
def test_only_offered_columns_can_be_sorted(asked: str) -> None:
    assert ordering(COLUMNS, asked, "name") == "name"


def test_offered_orderings_pass() -> None:
    assert ordering(COLUMNS, "-rate", "name") == "-rate"


def test_rows_without_a_value_come_last_in_either_direction() -> None:
    some = [{"rate": None}, {"rate": Decimal(2)}, {"rate": Withheld("why")}, {"rate": Decimal(1)}]
    assert [row["rate"] for row in sort_rows(some, COLUMNS, "rate")][:2] == [1, 2]
    assert [row["rate"] for row in sort_rows(some, COLUMNS, "-rate")][:2] == [2, 1]
    assert len(sort_rows(some, COLUMNS, "rate")) == 4


def test_page_and_sort_come_from_the_address() -> None:
    request = RequestFactory().get("/lots/?age=5-10&page=2&sort=-rate")
    table = Table.for_request(request, COLUMNS, rows(120), "Rates")
    assert (table.page, table.sort, table.query) == (2, "-rate", "age=5-10")
    assert table.next == "?age=5-10&sort=-rate&page=3"


@pytest.mark.parametrize("page", ["0", "-1", "x", "", "1e9", "٣", "9" * 400])
def test_a_foolish_page_number_is_harmless(page: str) -> None:
    request = RequestFactory().get("/lots/", {"page": page})
    assert Table.for_request(request, COLUMNS, rows(60), "Rates").page in (1, 2)


def test_empty_state_replaces_the_table() -> None:
    empty = EmptyState("No rates yet", "None has been loaded.", "Load a rate card", "/imports/")
    page = str(Table(COLUMNS, [], "Rates", empty=empty))
    assert "No rates yet" in page
    assert 'href="/imports/"' in page
    assert "<table" not in page


def test_long_tables_keep_their_heading_in_sight() -> None:
    assert "app-table--sticky" in str(Table(COLUMNS, rows(21), "Rates"))
    assert "app-table--sticky" not in str(Table(COLUMNS, rows(20), "Rates"))


def test_cards_carry_their_labels_and_roles() -> None:
    page = str(Table(COLUMNS, rows(1), "Rates"))
    assert 'data-label="Core 5-10 (£ a week)"' in page
    assert page.count('role="row"') == 2


def test_first_cell_is_a_row_heading_and_a_link() -> None:
    body = Table(COLUMNS, rows(1), "Rates").body()
    assert re.search(r'<th [^>]*scope="row"[^>]*>.*?<a class="govuk-link" href="/providers/0/">', body)


def test_totals_leave_blank_what_has_no_total() -> None:
    foot = Table(COLUMNS, rows(1), "Rates", footer={"id": 0, "name": "All", "rate": None}).foot()
    assert "not recorded" not in foot
    assert "<a " not in foot


def test_downloads_name_their_table() -> None:
    page = str(Table(COLUMNS, rows(1), "Rates", downloads=[Download("Download csv", "?format=csv&age=5")]))
    assert 'href="?format=csv&amp;age=5"' in page
    assert ": Rates</span>" in page


def test_filters_read_as_a_sentence() -> None:
    sentence = FilterSentence(
        [ActiveFilter("Lots", "all"), ActiveFilter("Age", "5-10", "?lot=1")], 14, 27, ("provider", "providers"), "?"
    )
    page = " ".join(re.sub(r"<[^>]+>", "", str(sentence)).split())
    assert page == "Lots: all Age: 5-10 remove Age: 5-10 14 of 27 providers Clear all"
    assert str(sentence).count('href="?lot=1"') == 1


def test_a_long_sentence_leaves_out_the_filters_that_are_off() -> None:
    off = [ActiveFilter(f"Question {n}", "all") for n in range(5)]
    on = ActiveFilter("Age", "5-10", "?")
    assert FilterSentence([*off[:4], on], 1, 2).told == [*off[:4], on]
    assert FilterSentence([*off, on], 1, 2).told == [on]


def test_a_sentence_counts_nothing_in_words() -> None:
    assert FilterSentence([], 0, 0, ("home", "homes")).counted == "no homes"
    assert FilterSentence([], 0, 3, ("home", "homes")).counted == "0 of 3 homes"


def test_what_belongs_together_keeps_to_one_line() -> None:
    at = dt.datetime(2026, 7, 3, 13, 5, tzinfo=dt.UTC)
    kept = '<span class="app-table__nowrap">{}</span>'
    shown = Column("at", "At", kind="instant").html({"at": at})
    assert shown == f"{kept.format('3 July 2026')} {kept.format('at 2:05pm')}"
    assert Column("on", "On", kind="date").html({"on": dt.date(2026, 7, 3)}) == kept.format("3 July 2026")
    linked = Column("home", "Home", link=lambda row: "/h/").html
    assert linked({"home": "Placement 12"}) == f'<a class="govuk-link" href="/h/">{kept.format("Placement 12")}</a>'
    assert linked({"home": "Elm House 12"}) == '<a class="govuk-link" href="/h/">Elm House 12</a>'
    assert Column("month", "Month").html({"month": "April 2026"}) == "April 2026"


def test_a_sentence_without_filters_offers_nothing_to_clear() -> None:
    sentence = FilterSentence([ActiveFilter("Lots", "all")], 27, 27, ("provider", "providers"), "?")
    assert "Clear all" not in str(sentence)
    assert "all 27 providers" in str(sentence)
