"""Files made from the published schemas themselves, not from our own lists: every code and every other spelling of
every list, and cells that are odd and legal, come in and go back out unchanged. Then files of our own, as odd."""

import csv
import io
from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from openpyxl import load_workbook

from commissioning.kernel.exports.notice import Notice
from commissioning.kernel.exports.text import unguard
from commissioning.kernel.models import ImportState
from contracts.measures.returns import LAYOUTS, rows_of
from contracts.models import Placement
from contracts.returns import book_of, csv_of
from tests.contracts.sending import as_csv
from tests.contracts.test_layouts import published
from tests.contracts.test_returns_round import FILES, SENT, day_of, table
from tests.world import NOW, send

pytestmark = pytest.mark.django_db(databases=["default", "owner"])
DROPPED = ("Home postcode", "Placement postcode")  # on purpose: a postcode is not kept
ODD = (
    "plain", "O’Brien & Sons, “The” Homes", 'say "hello"', "=SUM(A1)", "-Minus Care", "+44 20", "@home", "two   spaces",
    "line\nbreak", "00123", "Ünïcödé", "x" * 250, "'quoted", "N/A", "0", "café; tea", "1e5", "01/02/2020", "TRUE",
)  # fmt: skip
TOTAL = "Total committed cost accrued in FY to date"
PARTS = ("social care", "health", "education")


def made(layout: str) -> list[dict[str, str]]:
    """Twice as many rows as the longest list has spellings, each cell by what the schema says of its column."""
    schema = published(layout)
    longest = max(len(_spellings(entry)) for entry in schema.values())
    rows = []
    for n in range(2 * longest + 3):
        row = {
            heading: _cell(heading, entry, n, place, layout) for place, (heading, entry) in enumerate(schema.items())
        }
        rows.append(row | (_accrued(n) if layout == "liia_2023" else _a_week(n)))
    return rows


def _spellings(entry: dict) -> list[str]:
    found = [""] if entry.get("canbeblank") else []
    for each in entry.get("category", ()):
        names = each.get("name") or []
        found += [each["code"], *([names] if isinstance(names, str) else names)]
    return found


def _cell(heading: str, entry: dict, n: int, place: int, layout: str) -> str:
    if heading == "Placing Authority":
        return "Southwark"
    if heading in ("Identifier", "Child ID"):
        return ("%05d/x", "a-%d-é", "%d  b")[n % 3] % n
    if heading == "Date of birth":
        return f"{date(2009, 1, 1) + timedelta(days=n * 11):%d/%m/%Y}"
    if "category" in entry:
        words = _spellings(entry)
        return words[(n if n <= len(words) else n * 7 + place) % len(words)]
    if entry.get("canbeblank") is not False and n % 4 == 0:
        return ""
    if "date" in entry:
        return f"{day_of(layout) - timedelta(days=(n * 37 + place) % 900):%d/%m/%Y}"
    return str(n % 19) if "numeric" in entry else ODD[(n + place) % len(ODD)]


def _a_week(n: int) -> dict[str, str]:
    parts = [Decimal(pence) / 100 for pence in (100_000 + n * 333, n % 5 * 1111, n % 4 * 777)]
    named = zip(("Social Care", "Education", "Health"), parts, strict=True)
    return {"Total weekly cost": f"{sum(parts):.2f}"} | {
        f"Contribution from {who}": f"{part:.2f}" for who, part in named
    }


def _accrued(n: int) -> dict[str, str]:
    """Every way of giving the parts: none, some, all; and an end within the year or none."""
    starts_on = date(2022, 1, 1) + timedelta(days=n * 23 % 900)
    left = f"{max(starts_on, date(2024, 4, 1)) + timedelta(days=1 + n % 20):%d/%m/%Y}" if n % 3 else ""
    given = (("", "", ""), (f"{1000 + n * 37}.{n % 100:02d}", "", ""), (f"{500 + n * 17}.11", "", "100.10"))[n % 3]
    return {
        "Placement start date": f"{starts_on:%d/%m/%Y}", "Placement end date": left,
        TOTAL: f"{1000 + n * 37}.{n % 100:02d}",
    } | {f"Contribution from {who} provider/s": part for who, part in zip(PARTS, given, strict=True)}  # fmt: skip


def bring(world, layout: str, rows: list[dict[str, str]]):
    run = send("placements", as_csv(rows), world.southwark, name=SENT[layout])
    assert run.state == ImportState.LOADED, run.message
    return run


def out(world, as_authority, layout: str):
    with as_authority(world.southwark):
        return rows_of(LAYOUTS[layout], day_of(layout), world.southwark)


def differences(sent: list[dict[str, str]], rows: list, layout: str) -> list[tuple[str, str, str]]:
    """(heading, as it was sent, as it went out), rows told apart by child and, where it is there, first day."""
    keys = [key for key in ("Identifier", "Child ID", "Placement start date", "Establishment") if key in sent[0]]
    found = csv.DictReader(io.StringIO(csv_of(LAYOUTS[layout], rows).decode("utf-8-sig"), newline=""))
    ours = {tuple(unguard(row[key]) for key in keys): row for row in found}
    wrong = []
    for row in sent:
        got = ours.get(tuple(row[key] for key in keys), {})
        for heading, cell in row.items():
            wanted = "" if heading in DROPPED else cell
            if unguard(got.get(heading, "no row")) != wanted:
                wrong.append((heading, wanted, got.get(heading, "no row")))
    return wrong


@pytest.mark.parametrize("layout", SENT)
def test_a_file_made_from_the_schema_goes_back_out_cell_by_cell(world, as_authority, layout):
    sent = made(layout)
    run = bring(world, layout, sent)
    assert (run.rows_rejected, run.rows_corrected, run.rows_accepted) == (0, 0, len(sent))
    rows = out(world, as_authority, layout)
    assert differences(sent, rows, layout) == []
    # The workbook says the same, with dates and amounts as such.
    book = load_workbook(io.BytesIO(book_of(LAYOUTS[layout], rows, Notice("A return", "Southwark", NOW))))
    headings = tuple(column.heading for column in LAYOUTS[layout].columns)
    told = [list(sheet.iter_rows(values_only=True)) for sheet in book]
    (lines,) = [lines for lines in told if headings in lines]
    after = lines[lines.index(headings) + 1 :][: len(rows)]
    assert [[_plain(cell) for cell in line] for line in after] == [
        [_plain(row[column.key]) for column in LAYOUTS[layout].columns] for row in rows
    ]


def _plain(cell: object) -> object:
    """A cell of a workbook, and what was written into it, alike."""
    if isinstance(cell, datetime):
        return cell.date()
    if isinstance(cell, int | float | Decimal):
        return f"{cell:.2f}"
    return cell or None


@pytest.mark.parametrize("layout", ["census_2019_jun", "census_2022_mar"])
def test_a_short_stay_with_the_same_provider_is_a_home_of_its_own(world, as_authority, layout):
    """The second load once took both rows for one placement, and wrote the words of either over the other's."""
    first = table((FILES / SENT[layout]).read_bytes())[0]
    home = first | {"Type of provision": "Fostering - Independent Foster Care (IFA)", "Establishment": "Home"}
    rows = [home, home | {"Type of provision": "IFA - respite", "Establishment": "Short stay"}]
    bring(world, layout, rows)
    again = bring(world, layout, rows[::-1])
    assert (again.facts_added, again.facts_changed, again.rows_rejected) == (0, 0, 0)
    with as_authority(world.southwark):
        assert sorted(Placement.objects.values_list("respite", flat=True)) == [False, True]
    assert differences(rows, out(world, as_authority, layout), layout) == []


def test_two_rows_are_never_one_placement(world, as_authority):
    """A second row of the same child, provider and day was once taken for the first one, and its cells were lost."""
    first = table((FILES / SENT["census_2022_mar"]).read_bytes())[0]
    bring(world, "census_2022_mar", [first])
    run = bring(world, "census_2022_mar", [first, first | {"Establishment": "Another one"}])
    assert (run.rows_accepted, run.rows_rejected) == (1, 1)
    with as_authority(world.southwark):
        assert "has placement 1 on these days" in run.importremarks.get(outcome="rejected").says


def test_a_return_may_tell_of_an_end_to_come_and_of_a_home_that_was_over(world, as_authority):
    first = table((FILES / SENT["liia_2023"]).read_bytes())[0] | {TOTAL: "0.00"}
    rows = [
        first | {"Placement start date": "01/02/2023", "Placement end date": "01/04/2024"},
        first | {"Placement start date": "01/04/2024", "Placement end date": "02/10/2024", TOTAL: "1234.57"},
        first | {"Placement start date": "02/10/2023", "Placement end date": "30/09/2024", "Child ID": "B"},
    ]  # fmt: skip
    run = bring(world, "liia_2023", rows)
    assert run.rows_rejected == 0
    assert differences(rows, out(world, as_authority, "liia_2023"), "liia_2023") == []
    # By another day the fact stands, whatever was sent.
    with as_authority(world.southwark):
        told = rows_of(LAYOUTS["liia_2023"], date(2024, 10, 2), world.southwark)
        assert {row["ends_before"] for row in told} == {date(2024, 10, 2), date(2024, 9, 30)}


def test_an_older_census_does_not_write_over_a_newer_one(world, as_authority):
    """It once did, price and all, and the newer one went back out with the older one's cells."""
    first = table((FILES / SENT["census_2022_mar"]).read_bytes())[0]

    def census(day: str, pounds: str, send_words: str):
        parts = {"Contribution from Education": "0.00", "Contribution from Health": "0.00", "SEND": send_words}
        row = first | {"Total weekly cost": pounds, "Contribution from Social Care": pounds} | parts
        return send("placements", as_csv([row]), world.southwark, name=f"census {day}.csv")

    assert census("2023-03-31", "1200.00", "new").rows_accepted == 1
    # One that says no other thing than the newer one has nothing to write.
    for older, accepted in ((census("2022-09-30", "1200.00", "new"), 1), (census("2022-03-31", "1000.00", "old"), 0)):
        assert (older.rows_accepted, older.rows_rejected) == (accepted, 1 - accepted)
        assert (older.facts_added, older.facts_changed, older.facts_removed) == (0, 0, 0)
    with as_authority(world.southwark):
        says = older.importremarks.get(outcome="rejected").says
        (row,) = rows_of(LAYOUTS["census_2022_mar"], date(2023, 3, 31), world.southwark)
    assert "a later census, of 31 March 2023, told of this home already" in says
    assert (row["weekly"], row["send"]) == (Decimal("1200.00"), "new")
    # In their order they come in, and each day keeps its price.
    assert census("2024-03-31", "1300.00", "newer").rows_accepted == 1
    with as_authority(world.southwark):
        prices = [
            rows_of(LAYOUTS["census_2022_mar"], date(year, 3, 31), world.southwark)[0]["weekly"]
            for year in (2023, 2024)
        ]  # fmt: skip
    assert prices == [Decimal("1200.00"), Decimal("1300.00")]
