"""Files of the Placements Data Standard as others send them: every word of every list, and every way of being wrong."""

import json
from datetime import date

import pytest

from commissioning.kernel.models import ImportState
from contracts.measures.returns import rows_of
from contracts.models import Child, ChildReference, Placement
from contracts.returns import json_of
from contracts.rules.layouts_standard import INTEGERS, STANDARD, YES_NO
from tests.contracts.sending import as_csv, load, remarks, spot
from tests.contracts.test_returns_round import row_of, table
from tests.world import send

pytestmark = pytest.mark.django_db(databases=["default", "owner"])
AS_AT = date(2026, 3, 31)


def record(n: int) -> dict[str, dict[str, object]]:
    """The nth record: each list at its nth word, each other field with something of its kind."""
    told: dict[str, dict[str, object]] = {}
    for place, column in enumerate(STANDARD.columns):
        section, _, name = column.heading.rpartition(".")
        if column.words is YES_NO:
            value: object = n % 2 == 0
        elif column.words:
            word = list(column.words)[n % len(column.words)]
            value = [word, *(["Other"] if n % 2 and word != "Other" else [])] if column.several else word
        elif column.kind == "date":
            value = date(2026, 1, 1 + (n + place) % 28).isoformat()
        elif column.key in INTEGERS:
            value = n * 7 + 1 if column.key != "identifier" else n + 4000
        else:
            value = ("=SUM(A1)", "O’Brien", "-4", 'say "hello"', "line\nbreak", "'=quoted")[(n + place) % 6]
        if column.key == "establishment_urn":
            value = f"27{n:05d}"
        told.setdefault(section, {})[name] = value
    return told


def file_of(*records: dict, **about) -> bytes:
    return json.dumps({"metadata": {"asAt": "2026-03-31"} | about, "placements": list(records)}).encode()


def changed(section: str, name: str, value: object) -> bytes:
    told = record(1)
    told[section][name] = value
    return file_of(told)


def bring(world, content: bytes, name: str = "standard.json", whose=None):
    return send("placements", content, whose or world.southwark, name=name)


def back(world, as_authority) -> list[dict]:
    with as_authority(world.southwark):
        content = json_of(STANDARD, rows_of(STANDARD, AS_AT, world.southwark), AS_AT, "Southwark")
    return json.loads(content)["placements"]


def test_a_file_with_every_word_goes_back_out_as_it_came_in(world, as_authority):
    sent = [record(n) for n in range(7)]
    run = bring(world, file_of(*sent, authority="Southwark"))
    assert (run.state, run.rows_accepted, run.rows_rejected) == (ImportState.LOADED, 7, 0), run.message
    assert back(world, as_authority) == sent
    words = {str(value) for each in sent for part in each.values() for value in part.values()}
    for column in STANDARD.columns:
        if column.words and not column.several and column.words is not YES_NO:
            assert column.words.keys() <= words, column.heading
    again = bring(world, file_of(*sent))
    assert (again.facts_added, again.facts_changed, again.facts_removed) == (0, 0, 0)
    with as_authority(world.southwark):
        first = Placement.objects.order_by("number").first()
        assert (first.service_type, first.route, first.spot_reason) == ("residential", "spot", "")
        assert first.starts_on == date.fromisoformat(sent[0]["QualityAssurance"]["placementDate"])
        assert set(ChildReference.objects.values_list("scheme", flat=True)) == {"standard"}
    assert "begins on the day of data entry" in remarks(run, as_authority(world.southwark), "noted")


def test_the_next_file_changes_what_it_says_and_ends_the_price_before(world, as_authority):
    load(world, spot(**{"Service type": "secure", "Weekly cost": "4200.49", "Start date": "02/06/2025"}))
    (ours,) = back(world, as_authority)
    assert ours["ActualPlacement"]["totalWeeklyCost"] == 4200
    ours["Risks"] = {"riskMissing": "Risk Present"}
    run = bring(world, file_of(ours))
    assert (run.facts_added, run.facts_changed) == (1, 1)  # the number that the child came back by, and the word
    with as_authority(world.southwark):
        home = Placement.objects.get()
        assert (home.service_type, str(home.costlines.get().weekly_amount)) == ("secure", "4200.4900")
    assert back(world, as_authority) == [ours]
    ours["ActualPlacement"]["totalWeeklyCost"] = 4300
    later = json.loads(file_of(ours))
    later["metadata"]["asAt"] = "2026-04-10"
    bring(world, json.dumps(later).encode())
    with as_authority(world.southwark):
        old, new = Placement.objects.get().costlines.order_by("starts_on")
        assert (old.ends_before, new.starts_on, new.weekly_amount) == (date(2026, 4, 10), date(2026, 4, 10), 4300)
        assert Child.objects.count() == 1


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b'{"placements": [{"Risks": {"riskMissing": NaN}}]}', "holds NaN, which is no number"),
        (b'{"placements": [{"a": -Infinity}]}', "holds -Infinity"),
        (b'{"placements": [{"a": 1, "a": 2}]}', "The name “a” stands twice in one record"),
        (b'{"placements": [' + b'{"a":' * 3000 + b"1" + b"}" * 3000 + b"]}", "nested too deeply"),
        (b'{"placements": ' + b"[" * 100_000, "nested too deeply"),
        (b'{"placements": [{"a": {"b": {"c": {"d": {"e": {"f": {"g": 1}}}}}}}]}', "Record 1 of “placements”"),
        (b'{"placements": [{"a": 1}, 7]}', "Record 2 of “placements” is not a record"),
        (b'{"placements": [{"a": [{"b": 1}]}]}', "holds a list of records, where values belong"),
        (b'{"placements": [{"a": 1}', "damaged or cut short near line 1, column 25"),
        (b'{"placements": [{"a": 1e999999}]}', "too long or too large"),
        (b'{"placements": [{"a": ' + b"9" * 5000 + b"}]}", "a number of 5,000 figures"),
        (b'{"placements": [{"a": "\\ud800"}]}', "characters that are no text"),
        (b'{"placements": [{"a": "\\u0000"}]}', "characters that are no text"),
        (b'{"placements": [{"a": "\xff"}]}', "not in UTF-8"),
        (b'{"placements": {}}', "The file has no rows"),
        (changed("Risks", "riskOther", "x" * 10_000_000), "a text of 10,000,000 characters, from “xxxxxxxxxx"),
        (b'{"title": "nothing"}', "“Placement reference”"),
        (b"{}", "holds no list of records"),
        (b'{"placements": [' + b'{"a": 1},' * 4_000_000 + b'{"a": 1}]}', "larger than 32 MB"),
        (file_of(record(0), authority="Lewisham"), "says that it is of Lewisham, and it is loaded for Southwark"),
        (file_of(record(0), asAt="2026-05-31"), "which is after today"),
        (file_of(record(0), asAt=""), "does not say which day it describes"),
    ],
    ids=lambda each: each[:40] if isinstance(each, str) else "",
)
def test_a_json_file_that_is_none_says_why(world, content, says):
    run = bring(world, content)
    assert run.state == ImportState.UNREADABLE
    assert says in run.message
    assert len(run.message) < 600


def test_a_missing_column_is_named(world):
    told = record(0)
    del told["ActualPlacement"]["totalWeeklyCost"]
    run = bring(world, file_of(told))
    assert run.state == ImportState.UNREADABLE
    assert "these columns are missing: “ActualPlacement.totalWeeklyCost”" in run.message


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (changed("Risks", "riskMissing", "Perhaps"), "“Perhaps” is not in the list"),
        (changed("ActualPlacement", "placementType", "Boat"), "it knows “Residential”, “Foster”"),
        (changed("PlacementRequirements", "specificCommunicationRequirements", ["BSL", "Morse"]), "“BSL; Morse” is"),
        (changed("PlacementAvailability", "childId", "A-7"), "“A-7” is not a whole number"),
        (changed("PlacementAvailability", "childId", 1.5), "“1.5” is not a whole number"),
        (changed("PlacementAvailability", "childId", None), "this cell is empty: every row needs one"),
        (changed("PlacementAvailability", "siblingCount", -1), "too small"),
        (changed("ActualPlacement", "totalWeeklyCost", "lots"), "is not an amount"),
        (changed("ActualPlacement", "totalWeeklyCost", -5), "below zero"),
        (changed("QualityAssurance", "placementDate", "31/31/2026"), "a day that does not exist"),
        (changed("Risks", "riskOther", "x" * 4001), "the text has 4,001 characters: shorten it to 4,000"),
    ],
    ids=lambda each: each[:40] if isinstance(each, str) else "",
)  # fmt: skip
def test_a_record_that_cannot_be_is_refused_by_itself(world, as_authority, content, says):
    """A good record beside it comes in. The bad one is row 2 of its sheet: the names stand in row 1."""
    told = json.loads(content)
    told["placements"].append(record(2))
    run = bring(world, json.dumps(told).encode())
    assert (run.state, run.rows_accepted, run.rows_rejected) == (ImportState.LOADED, 1, 1), run.message
    with as_authority(world.southwark):
        (remark,) = run.importremarks.filter(outcome="rejected")
    assert says in remark.says
    assert (remark.sheet, remark.row) == ("placements", 2)


def test_json_of_anything_else_is_no_file_of_rates(world):
    run = send("rates", file_of(record(0)), world.southwark, name="rates.json")
    assert run.state == ImportState.UNREADABLE
    assert "The file is JSON, not a table" in run.message


def test_an_older_year_s_workbook_and_empty_cells_say_what_is_so(world, as_authority):
    """A word of 2019 in a census of 2025 is refused by name; what is empty is taken as not said, and noted."""
    rows = [
        table(row_of("census_2025_dec", **changes))[0]
        for changes in (
            {"Identifier": "A", "Type of provision": "SaILs - Group Living"},
            {"Identifier": "B", "Ethnic Group": "", "Type of provision": "", "Gender": "", "Total weekly cost": "",
             "Contribution from Social Care": "", "Contribution from Education": "", "Contribution from Health": ""},
        )
    ]  # fmt: skip
    run = send("placements", as_csv(rows), world.southwark, name="census 2025-12-31.csv")
    assert (run.rows_accepted, run.rows_rejected) == (1, 1)
    assert "“SaILs - Group Living” is not in the list" in remarks(run, as_authority(world.southwark))
    assert "taken as not said" in remarks(run, as_authority(world.southwark), "noted")
    with as_authority(world.southwark):
        home = Placement.objects.get()
        assert (home.service_type, home.child.ethnicity, home.child.sex) == ("other", "", "")
        assert not home.costlines.exists()
