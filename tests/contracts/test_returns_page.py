"""The one road by which a reference and a date of birth leave: who takes a return, and what is written of it."""

import io
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
