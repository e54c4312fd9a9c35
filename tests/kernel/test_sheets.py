"""A workbook whose sheets are headed alike: every one of them is loaded, and none is taken twice."""

import io

import pytest
from openpyxl import Workbook

from commissioning.kernel.ingest.headers import find_sheets
from commissioning.kernel.ingest.reading import read_book
from commissioning.kernel.tenancy.viewer import Viewer, acting_as
from providers.models import Rate
from tests.world import BY, HEADINGS, build_world, row, send

pytestmark = pytest.mark.django_db(databases=["default", "owner"])
WANTED = {"urn": ["URN"], "name": ["Name"]}


def workbook(sheets: dict[str, list[list]]) -> bytes:
    book = Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for cells in rows:
            sheet.append(cells)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


@pytest.fixture
def world(reference, settings, tmp_path, southwark, lewisham, greenwich):
    settings.INBOX = tmp_path / "inbox"
    return build_world(southwark, lewisham, greenwich)


def card_sheet(*rows: dict, headings: list[str] = HEADINGS) -> list[list]:
    return [headings, *([each.get(heading) for heading in HEADINGS] for each in rows)]


def test_every_sheet_of_a_rate_card_is_loaded_and_counted(world):
    one, two, three = world.providers
    others = ["Cost" if heading == "Rate" else heading for heading in HEADINGS]
    named = ["Effective from" if heading == "From" else heading for heading in HEADINGS]
    content = workbook(
        {
            "Aged 0 to 4": card_sheet(row(world.shared, one, 700, line="CORE-0-4")),
            "Aged 5 to 10": card_sheet(
                row(world.shared, one, 800),
                row(world.shared, two, 810),
                row(world.shared, three, 820, starts=None),
                headings=named,
            ),
            "Workings": card_sheet(row(world.shared, three, 999, line="CORE-11-15"), headings=others),
        }
    )
    run = send("rates", content, world.southwark, name="card.xlsx")
    with acting_as(Viewer.of_authority(world.southwark.pk), by=BY):
        counts = list(
            run.importsheets.order_by("pk").values_list("name", "rows_read", "rows_accepted", "rows_rejected")
        )
        assert counts == [("Aged 0 to 4", 1, 1, 0), ("Aged 5 to 10", 3, 2, 1)]
        refused = run.importremarks.get(outcome="rejected")
        # The heading is the one of that sheet, not of the other.
        assert (refused.sheet, refused.row, refused.column) == ("Aged 5 to 10", 4, "Effective from")
        found = set(Rate.objects.values_list("price_line__code", "provider__name", "amount", "source_sheet"))
    assert found == {
        ("CORE-0-4", one, 700, "Aged 0 to 4"), ("CORE-5-10", one, 800, "Aged 5 to 10"),
        ("CORE-5-10", two, 810, "Aged 5 to 10"),
    }  # fmt: skip


def test_two_prices_of_one_line_in_two_sheets_contradict_each_other(world):
    one = next(iter(world.providers))
    sheets = {name: card_sheet(row(world.shared, one, amount)) for name, amount in (("First", 700), ("Second", 710))}
    run = send("rates", workbook(sheets), world.southwark, name="card.xlsx")
    with acting_as(Viewer.of_authority(world.southwark.pk), by=BY):
        refused = set(run.importremarks.filter(outcome="rejected").values_list("sheet", "row"))
        assert refused == {("First", 2), ("Second", 2)}
        assert not Rate.objects.exists()


def test_a_word_limits_the_sheets_and_none_is_taken_twice(tmp_path):
    path = tmp_path / "a.xlsx"
    rows = [["URN", "Name"], ["1", "a"]]
    path.write_bytes(workbook({"List_at": rows, "In year": rows, "List_at (2)": rows, "Other": [["Beds"], [1]]}))
    book = read_book(path)

    def names(**more):
        return [sheet.name for sheet in find_sheets(book, WANTED, required={"urn"}, **more)]

    assert names() == ["List_at", "In year", "List_at (2)"]
    assert names(word="list_at") == ["List_at", "List_at (2)"]
    assert names(word="list_at", taken={"List_at"}) == ["List_at (2)"]
    assert names(word="leavers") == ["List_at"]
    assert names(word="leavers", taken={"List_at"}) == ["In year"]
    assert names(word="leavers", only_named=True) == []
    assert names(taken={"List_at", "In year", "List_at (2)"}) == []
