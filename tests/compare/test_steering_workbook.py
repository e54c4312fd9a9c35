"""The steering group's workbook, read again: ten sheets, charts, and each figure as its page has it."""

import csv
import io
from decimal import Decimal

import pytest
import time_machine
from django.test import Client
from openpyxl import load_workbook

from commissioning.compare.measures.benchmark import newest_release
from commissioning.compare.measures.price_gaps import price_gaps
from commissioning.compare.rules.small_numbers import hidden
from commissioning.compare.steering_workbook import same_provider_sheet, steering
from commissioning.kernel import wording
from commissioning.kernel.tenancy.viewer import Viewer, acting_as
from providers.models import Provider
from providers.rules.names import fold
from tests.compare.releases import figure, published
from tests.compare.test_cost_of_care import BY_HAND, homes
from tests.contracts.sending import PROVIDER, framework, load, spot
from tests.world import BY, NOW

pytestmark = pytest.mark.django_db(databases=["default", "owner"], transaction=True)
SHEETS = [
    "Summary", "Cost of care", "Price by kind of home", "Lot, age and level", "Same provider", "Routes",
    "Spot and framework", "Additional services", "Searches", "Definitions",
]  # fmt: skip
EVIL = "=HYPERLINK(evil) Care Ltd"
BORN = "17/05/2013"
# A sheet that is one page's rows: its measure and cut.
OF_PAGE = {
    "Price by kind of home": ("weekly_price", "service"),
    "Lot, age and level": ("weekly_price", "market_age_level"),
    "Same provider": ("weekly_price", "provider_market"),
    "Additional services": ("additional_share", "service"),
}


@pytest.fixture
def bought(cast):
    """Southwark's homes of every kind and route, and a release that shows some figures of each measure."""
    with acting_as(Viewer.of_service("tests"), by=BY):
        Provider.objects.create(name=EVIL, folded_name=fold(EVIL))
    rows = homes(BY_HAND)
    rows += [
        framework(f"F-{n}", f"F-{n}", **{"Weekly cost": str(700 + n), "Level": "standard", "Date of birth": BORN})
        for n in range(11)
    ]
    rows += [
        spot(f"S-{n}", f"S-{n}", **{"Weekly cost": str(900 + n), "Service type": "Fostering", "Provider": EVIL,
                                    "Date of birth": BORN})
        for n in range(9)
    ]  # fmt: skip
    rows += [spot(f"T-{n}", f"T-{n}", **{"Date of birth": BORN, "Service type": "secure"}) for n in range(3)]
    assert load(cast.world, *rows).rows_rejected == 0
    lot = cast.world.lot(cast.world.shared)
    who = cast.world.providers[PROVIDER]
    spread = {"lower_quartile": 600, "upper_quartile": 900}
    published(
        cast, figure("weekly_price", "service", service_type="fostering", n=120, median=755, mean=800, **spread),
        figure("weekly_price", "service", service_type="residential", n=15),
        figure("weekly_price", "service_route", service_type="fostering", route="framework", n=90, median=740),
        figure("weekly_price", "service_route", service_type="fostering", route="spot", n=30, median=990, mean=1000),
        figure("weekly_price", "service_route", service_type="fostering", route="in_house", n=60, median=440),
        figure("weekly_price", "market_age_level", lot=lot, age_band="11 to 15", level="standard", n=45, median=720,
               mean=725, tenth=600, ninetieth=900, **spread),
        figure("weekly_price", "provider_market", lot=lot, provider=who, framework_id=lot.framework_id, n=25,
               median=710, mean=715),
        figure("spend_share", "route", route="framework", n=150, percent=55),
        figure("spend_share", "route", route="spot", n=60, percent=45),
        figure("night_share", "route", route="framework", n=150, percent=64),
        figure("night_share", "route", route="spot", n=60, percent=36),
        figure("additional_share", "service", service_type="fostering", n=120, percent=3),
        figure("offer_share", "market", lot=lot, n=200, percent=31),
        figure("response_hours", "market", lot=lot, n=180, median=9, mean=12),
    )  # fmt: skip
    with time_machine.travel(NOW, tick=False):
        client = Client()
        client.force_login(cast.person("commissioning_officer"))
        yield client


def book_of(client, query: str = ""):
    answer = client.get(f"/benchmarks/workbook.xlsx{query}")
    assert answer.status_code == 200
    return load_workbook(io.BytesIO(answer.content))


def table(sheet) -> list[list]:
    """Heading row and rows, up to the empty row before the notes."""
    rows = []
    for row in sheet.iter_rows(values_only=True):
        if all(value is None for value in row):
            break
        rows.append(list(row))
    return rows


def csv_of(client, address: str) -> list[list[str]]:
    answer = client.get(address)
    assert answer.status_code == 200
    return list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))


def same(cell, text: str, *, percent: bool) -> bool:
    """A cell of the workbook and a field of the page's csv: the same figure, or the same word."""
    if isinstance(cell, str) or cell is None:
        words = ("none", "not comparable", "not recorded", "no band shown")
        return (cell or "") == text.removeprefix("'") or (text == "" and cell in words)
    return text not in ("", "c") and Decimal(str(cell)) * (100 if percent else 1) == Decimal(text)


def wrong_cells(client, title: str, sheet, address: str, labels: int) -> list:
    found, page = table(sheet), csv_of(client, address)
    by_labels = {tuple(label.removeprefix("'") for label in row[:labels]): row for row in page[1:]}
    assert len(found) == len(page) > 1, title
    percents = ["(%)" in heading for heading in found[0]]
    return [
        (title, found[0][place], row[:labels], cell, text)
        for row in found[1:]
        for place, (cell, text) in enumerate(zip(row, by_labels[tuple(row[:labels])], strict=True))
        if not same(cell, text, percent=percents[place])
    ]


def test_ten_sheets_with_charts_notes_and_a_summary_in_words(bought):
    book, exact = book_of(bought), book_of(bought, "?ours=exact")
    assert book.sheetnames == exact.sheetnames == SHEETS
    # Nobody was asked here, so there is nothing of ours to draw on the sheet of searches; and of what is withheld
    # from the copy that is sent nothing is drawn.
    plain = ("Summary", "Searches", "Definitions")
    assert {sheet.title: len(sheet._charts) for sheet in exact} == {name: int(name not in plain) for name in SHEETS}
    assert sum(len(sheet._charts) for sheet in book) == 6
    for sheet in book.worksheets[1:-1]:
        notes = [row[0] for row in sheet.iter_rows(values_only=True)][len(table(sheet)) :]
        assert any(str(note).startswith("Release 1: twelve months to 31 March 2026") for note in notes), sheet.title
    said = {row[0]: row for row in table(book["Summary"])}
    assert "Southwark" in said["About this workbook"][4]
    assert said["Same provider"][1:3] == [705, 710]
    assert said["Routes"][2] == 55
    assert "the partnership 55%" in said["Routes"][4]
    words = {row[0] for row in table(book["Definitions"])}
    assert {"Release", "Weekly price", "Sign c", "Rule: counts", "Most usual price (mode)"} <= words


def test_every_figure_is_the_page_s(bought):
    book, wrong = book_of(bought, "?ours=exact"), []
    for title, (measure, cut) in OF_PAGE.items():
        labels = {"market_age_level": 3, "provider_market": 2}.get(cut, 1)
        wrong += wrong_cells(
            bought, title, book[title], f"/benchmarks/measures/{measure}/?cut={cut}&format=csv", labels
        )
    wrong += wrong_cells(bought, "Cost of care", book["Cost of care"], "/benchmarks/cost-of-care/?format=csv", 1)
    assert wrong == []


def test_routes_and_spot_are_those_of_the_pages(bought):
    book = book_of(bought, "?ours=exact")
    routes = {row[1]: row for row in table(book["Routes"]) if row[0] == "All that is bought"}
    for place, measure in ((3, "spend_share"), (5, "night_share")):
        page = csv_of(bought, f"/benchmarks/measures/{measure}/?cut=route&format=csv")
        for row in page[1:]:
            told = dict(zip(page[0], row, strict=True))
            if told["route"] != "In-house":
                assert Decimal(str(routes[told["route"]][place])) * 100 == Decimal(told["our_percent"])
                assert Decimal(str(routes[told["route"]][place + 1])) * 100 == Decimal(told["percent"])
    assert set(routes) == {"Framework", "Spot"}
    page = csv_of(bought, "/benchmarks/measures/weekly_price/?cut=service_route&format=csv")
    told = {(row[0], row[1]): dict(zip(page[0], row, strict=True)) for row in page[1:]}
    kinds = {row[0]: row for row in table(book["Spot and framework"])[1:]}
    assert set(kinds) == {"Fostering"}
    ours, theirs = (
        Decimal(told["Fostering", "Spot"][name]) - Decimal(told["Fostering", "Framework"][name])
        for name in ("our_median", "median")
    )
    assert (Decimal(str(kinds["Fostering"][3])), kinds["Fostering"][6]) == (ours, theirs)
    assert theirs == 250


def test_the_copy_that_is_sent_withholds_our_own_small_numbers(bought):
    sent, exact = book_of(bought), book_of(bought, "?ours=exact")
    few = 0
    for title in OF_PAGE:
        rows, all_rows = table(sent[title]), {tuple(row[:3]): row for row in table(exact[title])}
        assert len(rows) == len(all_rows)
        place = next(n for n, heading in enumerate(rows[0]) if heading == "Ours")
        labels = place
        by_labels = {tuple(row[:labels]): row for row in all_rows.values()}
        for row in rows[1:]:
            whole = by_labels[tuple(row[:labels])]
            if isinstance(whole[place], int | float) and 1 <= whole[place] <= 7:
                few += 1
                assert (row[place], row[place + 1]) == ("c", "c"), (title, row)
            assert all(cell in (there, "c") for cell, there in zip(row, whole, strict=True))
    assert few > 3
    told = [row[1:8] for row in table(sent["Cost of care"])[1:]]
    assert sum(row == ["c"] * 7 for row in told) >= 2


def test_nothing_is_a_formula_and_nothing_names_a_child(bought):
    for query in ("", "?ours=exact"):
        texts = []
        for sheet in book_of(bought, query):
            for row in sheet.iter_rows():
                for cell in row:
                    assert cell.data_type != "f", (sheet.title, cell.coordinate)
                    if isinstance(cell.value, str):
                        texts.append(cell.value)
                        assert cell.quotePrefix or cell.value[:1] not in ("=", "+", "-", "@"), cell.value
        assert EVIL in texts
        every = "\n".join(texts)
        for mark in ("C-1", "F-1", "S-1", "T-1", "2013", "2014", BORN):
            assert mark not in every


def test_without_a_release_and_without_a_home_it_still_opens(cast):
    client = Client()
    client.force_login(cast.person("steering_member", stranger=True))
    book = book_of(client)
    assert book.sheetnames == SHEETS
    assert "No release is published yet" in table(book["Summary"])[1][4]


@pytest.mark.parametrize(("children", "away"), [
    ({"a": 10, "b": 20}, set()), ({"a": 3, "b": 20, "c": 30}, {"a", "b"}), ({"a": 3, "b": 2, "c": 30}, {"a", "b", "c"}),
    ({"a": 7, "b": 1, "c": 30}, {"a", "b"}), ({"a": 5, "b": 0}, {"a"}), ({"a": 4, "b": 9, "c": 0}, {"a", "b"}),
])  # fmt: skip
def test_small_numbers_are_hidden_with_what_would_tell_them(children, away):
    assert hidden(children) == away


def test_hidden_parts_can_never_be_told_from_the_whole():
    """Slow and obvious: for every small set of parts, what is hidden is nobody, everybody, or more than 7 children in
    at least two parts."""
    for a in range(12):
        for b in range(12):
            for c in range(12):
                parts = {"a": a, "b": b, "c": c}
                away = hidden(parts)
                assert all(name in away for name, n in parts.items() if 1 <= n <= 7)
                shown = {name for name, n in parts.items() if n} - away
                if away and shown:
                    assert len(away) > 1
                    assert sum(parts[name] for name in away) > 7


def test_no_chart_draws_a_withheld_figure_as_nought(bought):
    drawn = 0
    for query in ("", "?ours=exact"):
        book = book_of(bought, query)
        for sheet in book:
            for series in (each for chart in sheet._charts for each in chart.series):
                cells = series.val.numRef.f.rpartition("!")[2].replace("$", "")
                for (cell,) in sheet[cells] if ":" in cells else (((sheet[cells]),),):
                    drawn += 1
                    assert isinstance(cell.value, int | float), (sheet.title, cell.coordinate, cell.value)
    assert drawn > 20


def test_the_sheet_of_providers_tells_the_savings_of_the_page_of_prices(bought, as_authority, southwark):
    with as_authority(southwark):
        found = steering("Southwark", NOW.date(), newest_release(), exact=True)
        savings = price_gaps(found.release, found.own, NOW.date()).savings
        told = found.savings
        assert told in same_provider_sheet(found).notes
    if savings.above:
        assert wording.pounds(savings.possible, whole=True) in told
        assert wording.pounds(savings.realistic, whole=True) in told
    else:
        assert told.startswith("No open home")
