"""The one road by which a reference and a date of birth leave: who takes a return, and what is written of it."""

import io
import json
from datetime import date

import pytest
from django.urls import reverse
from openpyxl import load_workbook

from commissioning.kernel.tenancy.viewer import Viewer, acting_as
from contracts.models import Placement, ReturnTaken
from tests.contracts.sending import load, remarks, spot
from tests.world import BY, send

pytestmark = pytest.mark.django_db(databases=["default", "owner"])
AT = reverse("returns")
ASKED = {"as_at_0": "31", "as_at_1": "3", "as_at_2": "2026", "reason": "Quarterly return", "kind": "csv"}


@pytest.fixture
def desk(client, cast):
    """Southwark's placements officer, with one child recorded."""
    load(cast.world, spot(**{"Date of birth": "17/05/2012", "Home postcode": "SE1 2QH"}))
    client.force_login(cast.person("placements_officer"))
    return client


def taken(cast) -> list[ReturnTaken]:
    with acting_as(Viewer.of_authority(cast.authority.pk), by=BY):
        return list(ReturnTaken.objects.all())


def test_a_return_is_given_and_written_down(desk, cast):
    answer = desk.post(AT, ASKED | {"layout": "census_2025_dec"})
    assert answer.status_code == 200, answer.content
    assert "census-2025-dec" in answer["Content-Disposition"]
    assert answer["Content-Disposition"].endswith('2026-03-31.csv"')
    text = answer.content.decode("utf-8-sig")
    assert "C-1" in text
    assert "2012" not in text
    (record,) = taken(cast)
    assert (record.layout, record.as_at, record.rows_given) == ("census_2025_dec", date(2026, 3, 31), 1)
    assert (record.reason, record.taken_by) == ("Quarterly return", cast.person("placements_officer").name)
    page = desk.get(AT).content.decode()
    assert "Quarterly return" in page
    assert "C-1" not in page


def test_the_date_of_birth_is_in_the_placement_costs_alone(desk):
    text = desk.post(AT, ASKED | {"layout": "liia_2023"}).content.decode("utf-8-sig")
    assert "17/05/2012" in text
    assert "SE1 2QH" not in text


def test_the_standard_is_given_as_json_with_a_number_for_the_child(desk, cast, as_authority):
    answer = desk.post(AT, ASKED | {"layout": "standard_v2", "kind": "json"})
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/json"), answer.content
    assert answer["Content-Disposition"].endswith('2026-03-31.json"')
    told = json.loads(answer.content)
    assert (told["metadata"]["asAt"], told["metadata"]["authority"], told["metadata"]["records"]) == (
        "2026-03-31", "Southwark", 1,
    )  # fmt: skip
    assert told["placements"][0]["ActualPlacement"]["totalWeeklyCost"] == 4201
    assert b"C-1" not in answer.content
    assert b"2012" not in answer.content
    (record,) = taken(cast)
    assert (record.layout, record.rows_given) == ("standard_v2", 1)
    run = send("placements", answer.content, cast.authority, name="standard.json")
    assert (run.rows_accepted, run.facts_added, run.facts_changed) == (1, 0, 0), run.message


@pytest.mark.parametrize(("layout", "kind"), [("standard_v2", "csv"), ("liia_2023", "json")])
def test_a_layout_is_given_as_its_own_kinds_of_file_alone(desk, cast, layout, kind):
    assert "is given as" in desk.post(AT, ASKED | {"layout": layout, "kind": kind}).content.decode()
    assert taken(cast) == []


def test_a_page_says_how_complete_each_file_is_and_writes_nothing_down(desk, cast, django_assert_max_num_queries):
    at = reverse("return-contents")
    page = desk.get(at).content.decode()
    assert "Placements Data Standard v2 (draft): what the file of Southwark would hold" in page
    # childId, cost, type and the two days of entry that are known, of the 32 that every record should have
    assert "15% complete on" in page
    assert "of 1 home, 5 of 32 cells" in page
    assert "Placement availability" in page
    assert "names of staff go out only where a file brought them in" in page
    liia = desk.get(
        at,
        {
            "layout": "liia_2023",
            "as_at": "2026-03-31",
        },
    ).content.decode()
    assert "of 1 home," in liia
    assert "Home postcode, Placement postcode: postcodes are not kept." in liia
    assert "Record it on the child’s page." in liia
    empty = desk.get(at, {"layout": "census_2025_dec", "as_at": "2025-05-31"}).content.decode()
    assert "No home of the authority would be in the file of 31 May 2025." in empty
    assert "C-1" not in page + liia
    file = desk.get(at, {"layout": "liia_2023", "format": "csv", "columns": "all"}).content.decode("utf-8-sig")
    assert file.startswith("column,needed,said,of,missing,do\r\nChild ID,Yes,1,1,0,")
    assert taken(cast) == []
    with django_assert_max_num_queries(22):
        desk.get(at)
    load(cast.world, *[spot(f"P-{n}", f"C-{n}") for n in range(2, 12)])
    with django_assert_max_num_queries(22):
        desk.get(at)
    form = desk.get(AT, {"layout": "standard_v2", "as_at": "2026-03-31"}).content.decode()
    assert form.count(" checked") == 2  # the return and its kind of file
    assert 'value="2026"' in form
    assert desk.get(AT, {"layout": "nonsense", "as_at": "never"}).status_code == 200


def test_a_workbook_holds_dates_and_amounts(desk):
    answer = desk.post(AT, ASKED | {"layout": "liia_2023", "kind": "xlsx"})
    sheet = load_workbook(io.BytesIO(answer.content)).worksheets[-1]
    headings, row = ([cell.value for cell in line] for line in sheet.iter_rows(min_row=1, max_row=2))
    told = dict(zip(headings, row, strict=True))
    assert told["Placement start date"].date() == date(2025, 6, 2)
    assert told["Total committed cost accrued in FY to date"] > 0


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"reason": ""}, "Say what the return is for"),
        ({"reason": "   "}, "Say what the return is for"),
        ({"as_at_2": "2099"}, "The day is after today"),
        ({"layout": ""}, "Choose a return"),
    ],
)
def test_without_a_reason_or_for_a_day_to_come_nothing_is_given(desk, cast, change, says):
    answer = desk.post(AT, ASKED | {"layout": "liia_2023"} | change)
    assert says in answer.content.decode()
    assert taken(cast) == []


def test_another_authority_s_children_are_not_in_it(desk, cast, client):
    client.force_login(cast.person("placements_officer", stranger=True))
    text = client.post(AT, ASKED | {"layout": "liia_2023"}).content.decode("utf-8-sig")
    assert text.count("\n") == 1
    assert "Quarterly return" not in desk.get(AT).content.decode().split("<table")[0]


def test_the_page_s_questions_do_not_grow_with_its_rows(desk, django_assert_max_num_queries):
    for _ in range(5):
        desk.post(AT, ASKED | {"layout": "liia_2023"})
    with django_assert_max_num_queries(15):
        desk.get(AT)


def test_a_return_s_questions_do_not_grow_with_the_children(desk, cast, django_assert_max_num_queries):
    load(cast.world, *[spot(f"P-{n}", f"C-{n}") for n in range(2, 12)])
    with django_assert_max_num_queries(30):
        desk.post(AT, ASKED | {"layout": "liia_2023"})


def test_the_blank_template_comes_back_in(desk, cast, as_authority):
    answer = desk.get(reverse("placements-template"))
    book = load_workbook(io.BytesIO(answer.content))
    for sheet, row in (
        ("Placements", spot("T-1", "T-1", **{"Service type": "Children's home", "Spot reason": "Specialist need",
                                             "Start date": date(2025, 6, 2), "Weekly cost": 100})),
        ("Cost lines", {"Placement reference": "T-1", "Line": "Core", "Amount": 100, "Unit": "a week",
                        "From": date(2025, 6, 2)}),
        ("Meetings", {"Placement reference": "T-1", "Kind": "Placement planning meeting", "Due on": date(2025, 6, 9)}),
    ):  # fmt: skip
        headings = [cell.value for cell in book[sheet][1]]
        for heading, value in row.items():
            book[sheet].cell(2, headings.index(heading) + 1).value = value
    out = io.BytesIO()
    book.save(out)
    run = send("placements", out.getvalue(), cast.authority, name="template.xlsx")
    assert run.message == ""
    assert (run.rows_accepted, remarks(run, as_authority(cast.authority))) == (3, "")
    with as_authority(cast.authority):
        assert Placement.objects.filter(reference="T-1").exists()
