"""Every collection loads and goes back out as it came in, cell by cell; and leaves by the page alone."""

import csv
import io
from datetime import date
from pathlib import Path

import pytest

from commissioning.kernel.models import ImportState
from contracts.measures.returns import LAYOUTS, rows_of
from contracts.models import Child, Placement
from contracts.returns import csv_of
from tests.contracts.sending import as_csv, load, remarks, spot
from tests.world import send

pytestmark = pytest.mark.django_db(databases=["default", "owner"])
FILES = Path(__file__).parent / "files"
EMPTIED = {"Home postcode", "Placement postcode"}
SENT = {
    "census_2019_jun": "census 2019-06-30.csv",
    "census_2020_dec": "census 2020-12-31.csv",
    "census_2021_mar": "census 2021-03-31.csv",
    "census_2022_mar": "census 2022-03-31.csv",
    "census_2025_dec": "census 2025-12-31.csv",
    "liia_2023": "placement costs 2024-09-30.csv",
}


def table(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))


def day_of(layout: str) -> date:
    return date.fromisoformat(SENT[layout].rpartition(" ")[2].removesuffix(".csv"))


def bring(world, layout: str, content: bytes | None = None):
    content = content or (FILES / SENT[layout]).read_bytes()
    run = send("placements", content, world.southwark, name=SENT[layout])
    assert run.state == ImportState.LOADED, run.message
    return run


def back(world, as_authority, layout: str) -> list[dict[str, str]]:
    with as_authority(world.southwark):
        chosen = LAYOUTS[layout]
        return table(csv_of(chosen, rows_of(chosen, day_of(layout), world.southwark)))


@pytest.mark.parametrize("layout", SENT)
def test_a_return_goes_back_out_as_it_came_in(world, as_authority, layout):
    run = bring(world, layout)
    with as_authority(world.southwark):
        assert [r.says for r in run.importremarks.filter(outcome="rejected")] == []
    sent = table((FILES / SENT[layout]).read_bytes())
    key = LAYOUTS[layout].column("identifier").heading
    ours = {row[key]: row for row in back(world, as_authority, layout)}
    assert ours.keys() == {row[key] for row in sent}
    for row in sent:
        for heading, cell in row.items():
            wanted = "" if heading in EMPTIED else cell
            assert ours[row[key]][heading] == wanted, (row[key], heading)


@pytest.mark.parametrize("layout", SENT)
def test_every_word_of_every_list_is_in_the_file(layout):
    sent = table((FILES / SENT[layout]).read_bytes())
    for column in LAYOUTS[layout].columns:
        if column.words and column.key not in ("placed_by", "gender"):
            assert column.words.keys() <= {row[column.heading] for row in sent}, column.heading


@pytest.mark.parametrize("layout", SENT)
def test_the_same_return_twice_changes_nothing(world, layout):
    bring(world, layout)
    again = bring(world, layout)
    assert (again.facts_added, again.facts_changed, again.facts_removed) == (0, 0, 0)


def row_of(layout: str, **changes: str) -> bytes:
    """The file's first row alone, with some cells changed by heading."""
    first = table((FILES / SENT[layout]).read_bytes())[0]
    assert changes.keys() <= first.keys()
    return as_csv([first | changes])


@pytest.mark.parametrize(
    ("layout", "changes", "says"),
    [
        ("census_2025_dec", {"Total weekly cost": "1300"}, "the weekly cost is £1300.00: they must be equal"),
        ("census_2025_dec", {"Placing Authority": "Bolton"}, "“Bolton” is not Southwark"),
        ("census_2025_dec", {"Gender": "X"}, "“X” is not in the list of this collection: it knows “Male"),
        ("census_2025_dec", {"How the placement was sourced": "Direct Award / Spot Purchase"}, "is not in the list"),
        ("census_2020_dec", {"Placement start date": ""}, "this cell is empty"),
        ("census_2020_dec", {"Placement start date": "01/01/2021"}, "after the day of this census"),
        ("census_2022_mar", {"Host Authority": "Atlantis"}, "“Atlantis” is not in the list"),
        ("census_2022_mar", {"Age": "-1"}, "too small"),
        ("liia_2023", {"Date of birth": "21/04/2026"}, "not born yet"),
        ("liia_2023", {"Placement type": "Q9"}, "is not in the list of this collection: it knows “A3”"),
        ("liia_2023", {"Contribution from health provider/s": "951"}, "more than"),
        (
            "liia_2023",
            {"Placement start date": "01/12/2023", "Placement end date": "01/02/2024"},
            "before this financial year",
        ),
        ("liia_2023", {"Child ID": ""}, "this cell is empty"),
    ],
)
def test_a_row_of_a_return_that_cannot_be_is_refused(world, as_authority, layout, changes, says):
    run = bring(world, layout, row_of(layout, **changes))
    assert (run.rows_rejected, run.rows_accepted) == (1, 0)
    assert says in remarks(run, as_authority(world.southwark))


@pytest.mark.parametrize("layout", ["census_2025_dec", "liia_2023"])
def test_a_return_without_its_day_is_not_read(world, layout):
    run = send("placements", (FILES / SENT[layout]).read_bytes(), world.southwark, name="return.csv")
    assert run.state == ImportState.UNREADABLE
    assert "Put the day into its name" in run.message
    run = send("placements", (FILES / SENT[layout]).read_bytes(), world.southwark, name="return 31 May 2026.csv")
    assert "after today" in run.message


def test_the_day_may_stand_above_the_table(world, as_authority):
    content = b"Snapshot of 31 December 2025\r\n" + row_of("census_2025_dec")
    run = send("placements", content, world.southwark, name="census.csv")
    assert (run.state, run.rows_accepted) == (ImportState.LOADED, 1), run.message


def test_headings_are_known_by_the_schema_s_patterns(world, as_authority):
    first = table(row_of("census_2025_dec"))[0]
    other = {"Age": "Age at census", "Identifier": "Child identifier", "Organisation": "Name of organisation"}
    run = bring(world, "census_2025_dec", as_csv([{other.get(key, key): cell for key, cell in first.items()}]))
    assert run.rows_accepted == 1


def test_a_framework_that_no_award_supports_is_spot_without_a_reason(world, as_authority):
    run = bring(world, "census_2020_dec", row_of("census_2020_dec"))  # before the framework began
    with as_authority(world.southwark):
        home = Placement.objects.get()
        assert (home.route, home.spot_reason) == ("spot", "")
        assert (home.child.born_on, home.child.age_recorded, home.child.age_recorded_on) == (
            None,
            0,
            date(2020, 12, 31),
        )
    assert "recorded as spot without a reason" in remarks(run, as_authority(world.southwark), "noted")


def test_a_framework_that_an_award_supports_is_framework(world, as_authority):
    bring(world, "census_2025_dec", row_of("census_2025_dec", **{
        "Type of provision": "Fostering - Mainstream", "Placement start date": "02/06/2025",
        "How the placement was sourced": "Local Contract or Framework",
    }))  # fmt: skip
    with as_authority(world.southwark):
        home = Placement.objects.get()
        assert (home.route, home.award.provider.name) == ("framework", "Invented Provider 1 Ltd")


def test_the_year_so_far_becomes_a_weekly_amount_over_its_days(world, as_authority):
    bring(world, "liia_2023", row_of("liia_2023", **{
        "Placement start date": "01/12/2023", "Total committed cost accrued in FY to date": "183000.00",
    }))  # fmt: skip
    with as_authority(world.southwark):
        line = Placement.objects.get().costlines.get()
        assert line.starts_on == date(2024, 4, 1)
        assert line.weekly_amount == 7000  # 183 days to 30 September 2024


def test_the_next_census_says_a_new_price_from_its_day(world, as_authority):
    start = {"Placement start date": "02/06/2025", "Identifier": "A1", "Type of provision": "Fostering - Mainstream"}
    bring(world, "census_2025_dec", row_of("census_2025_dec", **start))
    price = {
        "Total weekly cost": "2000.00", "Contribution from Social Care": "2000", "Contribution from Education": "0",
        "Contribution from Health": "0",
    }  # fmt: skip
    later = row_of("census_2025_dec", **start, **price)
    run = send("placements", later, world.southwark, name="census 2026-03-31.csv")
    assert run.rows_accepted == 1
    with as_authority(world.southwark):
        first, second = Placement.objects.get().costlines.order_by("starts_on")
        assert (first.starts_on, first.ends_before) == (date(2025, 6, 2), date(2026, 3, 31))
        assert (second.weekly_amount, second.ends_before) == (2000, None)


def test_a_word_gives_way_to_a_fact_that_changed(world, as_authority):
    bring(world, "census_2025_dec", row_of("census_2025_dec", Gender="F1"))
    key = "census_2025_dec"
    assert back(world, as_authority, key)[0]["Gender"] == "F1"
    with as_authority(world.southwark):
        Child.objects.update(sex="M")
    out = back(world, as_authority, key)[0]
    assert out["Gender"] == "Male (including trans male)"
    assert out["Type of provision"] == table(row_of(key))[0]["Type of provision"]


@pytest.mark.parametrize("layout", SENT)
def test_children_of_the_template_go_out_in_every_layout(world, as_authority, layout):
    day = day_of(layout)
    start = {"Start date": "01/01/2019", "Date of birth": "17/05/2012", "Sex": "F", "Ethnicity": "WBRI"}
    load(
        world, spot(**start, **{"Care status": "looked_after", "Legal status": "C2", "Weekly cost": "700"}),
        spot("P-2", "C-2", **start, **{"In-house": "yes"}) | {"Spot reason": "", "Service type": "fostering"},
    )  # fmt: skip
    rows = back(world, as_authority, layout)
    ident, provision = (LAYOUTS[layout].column(key) for key in ("identifier", "provision"))
    assert [row[ident.heading] for row in rows] == ["C-1", "C-2"]
    for row in rows:
        for column in LAYOUTS[layout].columns:
            assert column.words is None or row[column.heading] in {word.strip() for word in column.words} | {""}
        assert row[provision.heading]
    if layout == "liia_2023":
        assert rows[0]["Date of birth"] == "17/05/2012"
        assert (
            rows[0]["Total committed cost accrued in FY to date"] == f"{100 * (day - date(2024, 4, 1)).days + 100}.00"
        )
    else:
        assert rows[0]["Total weekly cost"] == rows[0]["Contribution from Social Care"] == "700.00"
        assert not {"17/05/2012"} & set(rows[0].values())


def test_the_authority_s_own_homes_are_refused_with_a_reason(world, as_authority):
    rows = [{"Asset name": "The Larches", "Ofsted URN": "SC123456", "Start date": "01/04/2024",
             "End date": "31/03/2025", "Total committed cost accrued in FY to date": "100000"}]  # fmt: skip
    run = send("placements", as_csv(rows), world.southwark, name="internal 2024-09-30.csv")
    assert (run.state, run.rows_rejected) == (ImportState.LOADED, 1)
    assert "name no child" in remarks(run, as_authority(world.southwark))
