"""The page of published figures: whose stand on it, what its first line says, and what it warns of."""

import csv
import html
import io
import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from openpyxl import load_workbook

from .dfe_files import DICTIONARY, FILES, LAIT, NEAR_LEWISHAM, NEAR_SOUTHWARK, STABILITY, bring, lait, neighbours

pytestmark = pytest.mark.django_db(databases=["default", "owner"])
ADDRESS = "/benchmarks/national/"


@pytest.fixture
def loaded(cast, tmp_path):
    """The extract, its dictionary, and the neighbours of Southwark and Lewisham."""
    bring(LAIT)
    bring(DICTIONARY)
    rows = [(210, "Southwark", NEAR_SOUTHWARK), (209, "Lewisham", NEAR_LEWISHAM)]
    assert bring(neighbours(tmp_path, rows)).rows_rejected == 0
    return cast


def client_of(cast, role="commissioning_officer", **who):
    client = Client()
    client.force_login(cast.person(role, **who))
    return client


def page(client, query=""):
    """The page's words from its heading on, without the choices of its form."""
    response = client.get(ADDRESS + query)
    assert response.status_code == 200
    content = response.content.decode()
    content = content[content.index("<h1") :]
    content = re.sub(r"<(script|select).*?</\1>", " ", content, flags=re.S)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", content)).split())


def table(client, query=""):
    """{area: row by heading} of the csv."""
    response = client.get(f"{ADDRESS}?{query}&format=csv")
    rows = list(csv.reader(io.StringIO(response.content.decode("utf-8-sig"))))
    return {row[0]: dict(zip(rows[0], row, strict=True)) for row in rows[1:]}


COST = "measure=RescareFinance"


@pytest.mark.parametrize(("role", "offers"), [("commissioning_officer", True), ("analyst", True), ("auditor", False)])
def test_with_nothing_loaded_the_page_says_what_will_stand_here(cast, role, offers):
    told = page(client_of(cast, role))
    assert "No published figures yet" in told
    assert ("Load a file" in told) == offers


def test_the_first_line_answers_in_one_sentence(loaded):
    told = page(client_of(loaded), f"?{COST}")
    assert "Weekly cost of a residential placement: Southwark beside others, 2024-25" in told
    # The neighbours with a figure are Hackney 4,400, Lewisham 9,999 and Greenwich 4,000.
    assert (
        "Southwark: £5,000 a week in 2024-25, above the median of its statistical neighbours (£4,400), London (£4,500) "
        "and England (£4,200); 2nd highest of the partnership’s 3 members with a figure." in told
    )
    assert (
        "DfE’s dictionary calls neither a high nor a low figure good. A cost says nothing of how good the care is."
        in told
    )
    assert "Southwark rose from £4,800 to £5,000 between 2022-23 and 2024-25" in told


def test_another_authority_reads_its_own(loaded):
    told = page(client_of(loaded, stranger=True), f"?{COST}")
    assert "Lewisham: £9,999 a week in 2024-25" in told
    assert "the highest of the partnership’s 3 members with a figure" in told


def test_whose_figures_stand_beside_ours(loaded):
    found = table(client_of(loaded), f"{COST}&with=kent")
    assert list(found)[:2] == ["Southwark", "Kent"]
    expected = {
        "Southwark": "Ours", "Kent": "Chosen by you", "Bexley": "Member",
        "Lewisham": "Member, neighbour 2 (very close)",
        "Hackney": "Neighbour 1 (very close)", "London": "Region", "Inner London": "Region", "England": "Country",
    }  # fmt: skip
    assert {name: found[name]["who"] for name in expected} == expected
    assert sum("eighbour" in row["who"] for row in found.values()) == 10
    assert found["Kent"]["against"] == "-2000.00"
    assert found["Kent"]["since"] == "100.00"
    assert found["Bexley"]["figure"] == ""
    assert found["Bexley"]["remark"] == "No figure of it is loaded."
    assert re.fullmatch(r"DfE, Interactive Tool; import \d+, row 28", found["Kent"]["source"])
    assert {row["period"] for row in found.values()} == {"2024-25", ""}


def test_fewer_can_be_shown(loaded):
    client = client_of(loaded)
    members, close = (table(client, f"{COST}&beside={which}") for which in ("members", "neighbours"))
    assert "Bexley" in members
    assert "Hackney" not in members
    assert "Hackney" in close
    assert "Bexley" not in close
    assert {"Southwark", "London", "England"} <= members.keys() & close.keys()


def test_a_figure_that_stands_out_is_published_with_a_caution(loaded):
    """Lewisham's neighbours with a figure are Southwark, Hackney and Greenwich: their median is £4,400."""
    found = table(client_of(loaded), COST)
    caution = "More than twice its neighbours’ median (£4,400): published as it stands; ask how it was counted."
    assert {name: row["remark"] for name, row in found.items() if row["remark"].startswith("More")} == {
        "Lewisham": caution
    }
    told = page(client_of(loaded), f"?{COST}")
    assert "Lewisham has more than twice the figure of authorities like it: published as it stands" in told
    assert "ask how it was counted" not in page(
        client_of(loaded), f"?{COST}&beside=neighbours&measure=LACStable_2016on"
    )


def test_without_neighbours_the_region_is_held_against(cast):
    bring(LAIT)
    told = page(client_of(cast), f"?{COST}")
    assert "More than twice its region’s figure (£4,500)" in told
    assert "No statistical neighbours of Southwark are loaded." in told
    assert "above London (£4,500) and England (£4,200); 2nd" in told


def test_signs_are_explained(loaded):
    client = client_of(loaded)
    query = "measure=LACStable_2016on&with=kent"
    found = table(client, query)
    assert found["Hackney"]["figure"] == "c"
    assert found["Kent"]["figure"] == ""
    assert found["Hackney"]["remark"] == "c: withheld by DfE: few children stand behind it."
    assert found["Kent"]["remark"] == "x: not available."
    told = page(client, f"?{query}")
    assert "What the signs say c withheld by DfE: few children stand behind it x not available" in told
    assert "DfE reads a low figure as good." in told
    assert "Invented words on stability." in told


def test_our_own_figure_may_be_missing(loaded):
    lait(("LAC", "2025", "Southwark", "c", "210"), ("LAC", "2025", "England", "70", "970"))
    told = page(client_of(loaded), "?measure=LAC")
    assert (
        "Southwark has no published figure for 2025: the sign is c, withheld by DfE: few children stand behind it."
        in told
    )
    assert "no figure of it is loaded" in page(client_of(loaded, stranger=True), "?measure=LAC")


def test_years_parts_and_measures_are_chosen(loaded):
    bring(STABILITY)
    client = client_of(loaded)
    assert "£4,800 a week in 2022-23" in page(client, f"?{COST}&year=2023")
    assert "£5,000 a week in 2024-25" in page(client, f"?{COST}&year=1066&with=narnia")
    told = page(client, "?measure=stability_percent")
    assert "Placement stability, by group of children: CLA on 31 March: With 3 or more placements" in told
    assert "Southwark: 13% in 2024, above London (11%) and England (10%)" in told
    assert "Children looked after in England" in told
    other = page(client, "?measure=stability_number&part=CLA on 31 March: Total children")
    assert "Southwark: 528 in 2024" in other
    assert "England (" not in other.split(" Measure: ")[0]  # a count is not held against a country's


def test_a_measure_of_england_alone(loaded):
    bring(FILES / "national_cla_on_31_march_by_placement_distance_and_placement_locality.csv")
    told = page(
        client_of(loaded), "?measure=distance_percent&part=All children: 2.ii Over 20 miles outside LA boundary"
    )
    assert "Distance from home and boundary: All children: Over 20 miles outside LA boundary: England, 2024" in told
    assert "England: 22% in 2024; DfE publishes this for England alone." in told
    assert "Bexley" not in told


def test_a_measure_that_only_the_dictionary_knows(loaded):
    told = page(client_of(loaded, stranger=True), "?measure=SomethingNew")
    assert "Something newly measured: Lewisham beside others, 2025" in told
    assert "DfE reads a high figure as good." in told
    assert "Lewisham: 77 in 2025" in told


def test_the_chart_has_the_same_figures_as_its_table(loaded):
    content = client_of(loaded).get(f"{ADDRESS}?{COST}&with=kent").content.decode()
    assert "Neighbours’ median" in content
    told = page(client_of(loaded), f"?{COST}&with=kent")
    assert "2022-23 4,800 4,200 2,800 4,300 4,000" in told  # ours, the median, Kent, London, England


def test_rows_sort_and_those_without_a_figure_come_last(loaded):
    client = client_of(loaded)
    rows = list(table(client, f"{COST}&sort=figure"))
    assert rows[:3] == ["Greenwich", "England", "Outer London"]
    assert list(table(client, f"{COST}&sort=-figure"))[0] == "Lewisham"
    assert "sorted by Figure, highest first" in page(client, f"?{COST}&sort=-figure")


def test_the_workbook_holds_what_the_page_shows(loaded):
    response = client_of(loaded).get(f"{ADDRESS}?{COST}&format=xlsx")
    book = load_workbook(io.BytesIO(response.content))
    cells = [cell.value for sheet in book for row in sheet.iter_rows() for cell in row]
    assert {"Southwark", "Inner London", 5000, 9999, "2024-25"} <= set(cells)


def test_the_number_of_queries_does_not_grow(loaded):
    client = client_of(loaded)

    def asked(query):
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert client.get(ADDRESS + query).status_code == 200
        return len(queries)

    asked("")
    assert asked("?measure=SomethingNew") == asked(f"?{COST}&with=kent") == asked(f"?{COST}&beside=members") == 13
