"""Charts: the drawing and the table come from the same rows."""

from __future__ import annotations

import json
import re
from decimal import Decimal

import pytest

from commissioning.kernel.charts import ROUTES, Chart, Dot, Strip, dot_strip
from commissioning.kernel.tables import Column


def strip(**more: object) -> Strip:
    dots = [Dot("Beech", Decimal("760.50"), "/providers/2/"), Dot("Alder", Decimal("742.00"))]
    spread = {"lower": Decimal("746.63"), "median": Decimal("751.25"), "upper": Decimal("755.88")}
    return Strip("Core 5-10", dots, **(spread | more))  # type: ignore[arg-type]


def payload(chart: Chart) -> dict:
    found = re.search(r'<script id="[^"]+" type="application/json">(.*?)</script>', str(chart), re.S)
    assert found
    return json.loads(found.group(1))


def test_each_dot_is_drawn_with_the_words_of_the_table() -> None:
    chart = dot_strip("Rates", [strip()], unit="£ a week")
    drawn = payload(chart)["strips"][0]["dots"]
    assert [(dot["name"], dot["value"], dot["text"]) for dot in drawn] == [
        ("Alder", 742.0, "£742.00"),
        ("Beech", 760.5, "£760.50"),
    ]
    for figure in ("742.00", "760.50", "746.63", "751.25", "755.88"):
        assert f">{figure}<" in str(chart)


def test_there_is_always_a_table_and_the_drawing_waits_for_scripts() -> None:
    page = str(dot_strip("Rates", [strip()], unit="£ a week"))
    assert page.count("<table") == 2
    assert re.search(r'<div class="app-chart__plot"[^>]* hidden>', page)


def test_nothing_inline_that_a_strict_policy_would_refuse() -> None:
    page = str(dot_strip("Rates", [strip()], unit="£ a week"))
    assert " style=" not in page
    assert not re.search(r" on[a-z]+=", page)
    assert page.count("<script") == page.count('type="application/json"')


def test_hostile_names_stay_text() -> None:
    hostile = "</script><script>alert(1)</script>"
    chart = dot_strip(hostile, [Strip(hostile, [Dot(hostile, Decimal(1))])], unit="£", slug="x")
    assert "<script>alert" not in str(chart)
    assert payload(chart)["strips"][0]["dots"][0]["name"] == hostile


def test_ours_appears_only_where_it_is_known() -> None:
    without = dot_strip("Rates", [strip()], unit="£ a week", ours_label="Southwark")
    assert "Southwark" not in re.sub(r"<script.*?</script>", "", str(without), flags=re.S)
    with_ours = dot_strip("Rates", [strip(ours=Decimal("811.00"))], unit="£ a week", ours_label="Southwark")
    assert ("ours", "Southwark") in with_ours.marks
    assert ">811.00<" in str(with_ours)
    assert payload(with_ours)["strips"][0]["oursText"] == "£811.00"


def test_a_provider_without_a_rate_on_a_line_is_said_to_have_none() -> None:
    lines = [strip(), Strip("Core 11-15", [Dot("Alder", Decimal(800))])]
    detail = dot_strip("Rates", lines, unit="£ a week").tables[1]
    assert [row["name"] for row in detail.shown] == ["Alder", "Beech"]
    assert str(detail).count("no rate") == 1


def test_a_strip_without_dots_has_no_spread() -> None:
    empty = Strip("Core 5-10", [])
    assert (empty.n, empty.lowest, empty.highest) == (0, None, None)
    assert "not recorded" in str(dot_strip("Rates", [empty], unit="£ a week"))


def test_routes_are_drawn_in_their_fixed_order_whatever_the_table_has() -> None:
    columns = [Column("month", "Month"), *[Column(key, label, kind="money") for key, label in reversed(ROUTES)]]
    row = {"month": "April", **{key: Decimal(place) for place, (key, _) in enumerate(ROUTES)}}
    drawn = payload(Chart("Spend", "columns", columns, [row]))
    assert [series["key"] for series in drawn["series"]] == [key for key, _ in ROUTES]
    assert [series["values"] for series in drawn["series"]] == [[0.0], [1.0], [2.0], [3.0], [4.0]]


def test_a_missing_value_is_a_gap_and_not_nought() -> None:
    columns = [Column("year", "Year"), Column("ours", "Ours", kind="money")]
    chart = Chart("Medians", "line", columns, [{"year": "2025/26", "ours": None}])
    series = payload(chart)["series"][0]
    assert series["values"] == [None]
    assert series["texts"] == ["not recorded"]


def test_a_figure_is_read_with_its_unit() -> None:
    columns = [Column("year", "Year"), Column("ours", "Ours", kind="money", unit="£ a week")]
    chart = Chart("Medians", "line", columns, [{"year": "2025/26", "ours": Decimal(740)}])
    assert payload(chart)["series"][0]["texts"] == ["£740.00 a week"]


def test_long_tables_are_folded() -> None:
    columns = [Column("year", "Year"), Column("ours", "Ours", kind="number")]
    many = [{"year": str(year), "ours": 1} for year in range(13)]
    assert "<details" in str(Chart("Many", "line", columns, many))
    assert "<details" not in str(Chart("Few", "line", columns, many[:12]))


def test_rows_may_be_an_iterator() -> None:
    columns = [Column("year", "Year"), Column("ours", "Ours", kind="number")]
    chart = Chart("One pass", "line", columns, iter([{"year": "2025", "ours": 1}]))  # type: ignore[arg-type]
    assert payload(chart)["categories"] == ["2025"]
    assert ">2025<" in str(chart)


def test_an_unknown_kind_is_refused() -> None:
    with pytest.raises(ValueError, match="pie"):
        Chart("x", "pie", [], [])


def dumbbell(rows: list[dict]) -> Chart:
    """Ours and the partnership's median, cell by cell."""
    money = {"kind": "money", "unit": "£ a week", "whole": True}
    columns = [
        Column("label", "What is compared"),
        Column("ours", "Southwark", **money),  # type: ignore[arg-type]
        Column("partnership", "Partnership median", **money),  # type: ignore[arg-type]
    ]
    return Chart("Weekly price", "dumbbell", columns, rows, unit="£ a week")


def test_a_dumbbell_draws_ours_first_and_the_distance_to_the_partnership() -> None:
    rows = [
        {"label": "Fostering", "ours": Decimal("758.40"), "partnership": Decimal(755)},
        {"label": "Residential", "ours": Decimal(4187), "partnership": Decimal(3900)},
    ]
    chart = dumbbell(rows)
    drawn = payload(chart)
    assert (drawn["kind"], drawn["categories"]) == ("dumbbell", ["Fostering", "Residential"])
    assert [series["key"] for series in drawn["series"]] == ["ours", "partnership"]
    assert [series["values"] for series in drawn["series"]] == [[758.4, 4187.0], [755.0, 3900.0]]
    assert drawn["series"][0]["texts"] == ["£758 a week", "£4,187 a week"]
    assert chart.marks == [("ours", "Southwark"), ("dot", "Partnership median")]
    for figure in ("758", "755", "4,187", "3,900"):
        assert f">{figure}<" in str(chart), "every figure stands in the table too"


def test_a_dumbbell_with_one_end_has_a_gap_and_not_nought() -> None:
    drawn = payload(dumbbell([{"label": "Fostering", "ours": Decimal(758), "partnership": None}]))
    assert drawn["series"][1]["values"] == [None]
    assert drawn["series"][1]["texts"] == ["not recorded"]


def test_a_dumbbell_keeps_hostile_names_text_and_waits_for_scripts() -> None:
    hostile = "</script><script>alert(1)</script>"
    chart = dumbbell([{"label": hostile, "ours": Decimal(1), "partnership": Decimal(2)}])
    assert "<script>alert" not in str(chart)
    assert payload(chart)["categories"] == [hostile]
    assert re.search(r'<div class="app-chart__plot"[^>]* hidden>', str(chart))
    assert " style=" not in str(chart)
