"""What the benchmark pages say: figures of a release beside our own, a withheld one with its reason and what stands in,
and a plain answer to every address."""

import csv
import io
import re
from html import unescape

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from commissioning.compare.pages import benchmark_tables
from tests.compare.figures import figures, release_by, weekly
from tests.compare.samples import group
from tests.contracts.bought import child_of, spot_placement
from tests.contracts.bought import weekly as paid

pytestmark = [
    pytest.mark.django_db(databases=["default", "owner", "release"], transaction=True),
    pytest.mark.usefixtures("spring"),
]
MEASURE = "/benchmarks/measures/weekly_price/"


@pytest.fixture
def spring():
    with time_machine.travel("2026-04-20T09:00Z", tick=False):
        yield


@pytest.fixture
def people(cast):
    return cast.person("commissioning_officer"), cast.person("commissioning_officer", stranger=True)


@pytest.fixture
def bought(cast):
    """Two children's homes of Southwark's, bought spot at £4,000 and £4,400 a week."""
    with cast.acting("placements_officer"):
        for amount in ("4000.00", "4400.00"):
            paid(spot_placement(child_of(cast.authority)), amount)
    return cast


@pytest.fixture
def made(people):
    """Of children's homes by kind there is a figure; of spot ones by age and level there is none; of one kind there is
    a count alone."""
    release = release_by(*people)
    none = dict.fromkeys(("mean", "median", "lower_quartile", "upper_quartile", "tenth", "ninetieth", "mode_from"))
    share = {"measure": "spend_share", "cut": "route", "n": 60}
    figures(
        release, weekly("service", service_type="residential", n=315, median=3900, lower_quartile=3200,
                        upper_quartile=5310),
        weekly("service", service_type="fostering"), weekly("service", service_type="school", n=10, **none),
        {**share, "route": "spot", "percent": 52}, {**share, "route": "block", "sign": "k", "n": None},
        {**share, "route": "framework", "sign": "x", "n": None},
    )  # fmt: skip
    return release


def opened(user):
    client = Client()
    client.force_login(user)
    return client


def said(client, address, status=200):
    answer = client.get(address)
    assert answer.status_code == status, answer.content[:500]
    return unescape(re.sub(r"\s+", " ", answer.content.decode()))


def listed(client, address):
    joint = "&" if "?" in address else "?"
    page = client.get(f"{address}{joint}format=csv").content.decode("utf-8-sig")
    return list(csv.reader(io.StringIO(page)))


def test_ours_stand_beside_the_partnership_s(bought, made, people):
    page = said(opened(people[0]), f"{MEASURE}?cut=service")
    assert (
        "Southwark lies above the partnership’s median in 1 of 1 that can be compared, most in Children's home" in page
    )
    assert "by £300 a week over 2 of ours." in page
    for figure in ("4,200", "315", "3,900", "3,200", "5,310", "+300"):
        assert re.search(rf">(<span[^>]*>)?(up )?(</span>)?{re.escape(figure)}<", page), figure
    assert "in the middle half" in page
    assert "Release 1: twelve months to 31 March 2026, published 7 April 2026." in page


def test_a_withheld_figure_says_so_why_and_what_stands_in(bought, made, people):
    page = said(opened(people[0]), f"{MEASURE}?cut=market_age_level")
    assert benchmark_tables.WHY in page
    assert "Instead, for this kind of home: a median of £3,900 a week." in page
    assert "not comparable" in page
    one = said(opened(people[0]), [row for row in re.findall(r'href="([^"]+market_age_level/[^"]+)"', page)][0])
    assert "withheld, or there is none. Instead, for this kind of home: a median of £3,900 a week." in one, (
        "its own page"
    )
    counted = said(opened(people[0]), f"{MEASURE}?cut=service")
    assert "Nearest that can be shown: the framework's rate card." in counted, "a count alone has no figure"


def test_signs_stand_for_shares_too(bought, made, people):
    client = opened(people[0])
    page = said(client, "/benchmarks/measures/spend_share/?cut=route")
    assert "52%" in page
    assert ">k<" in page
    assert ">x<" in page
    assert "rounds to nought, and is not nought" in page
    rows = listed(client, "/benchmarks/measures/spend_share/?cut=route")
    assert {"52", "k", "x"} <= {cell for row in rows for cell in row}


def test_nothing_is_sorted_by_what_is_withheld(bought, made, people):
    """Only what everybody sees, or what is ours alone, orders rows; a row that cannot be compared comes last."""
    client = opened(people[0])

    def order(sort):
        return [row[0] for row in listed(client, f"{MEASURE}?cut=service{sort}")]

    usual = order("")
    for column in ("n", "median", "lower", "upper", "-median", "position", "mean", "percent"):
        assert order(f"&sort={column}") == usual
    assert order("&sort=service") != order("&sort=-service")
    assert [order(f"&sort={way}difference")[1] for way in ("", "-")] == ["Children's home"] * 2, "the only one compared"
    home = said(client, "/benchmarks/?sort=-service")
    assert home.index("Residential school") < home.index("Fostering</a>")


@pytest.mark.parametrize("asked", [
    "cut=borough", "cut=route", "release=99", "release=x", "group=nobody", "service=hotel", "show=all", "sort=--n",
    "page=99", "page=x", "cut=service&cut=market", "limit=1", "mean=1",
])  # fmt: skip
def test_what_is_not_there_counts_as_not_asked(bought, made, people, asked):
    assert "Weekly price by" in said(opened(people[0]), f"{MEASURE}?{asked}")


@pytest.mark.parametrize(("address", "status", "words"), [
    ("measures/price/", 404, "Page not found"), ("measures/price/service/?service=fostering", 404, "Page not found"),
    ("measures/weekly_price/route/?route=spot", 404, "Page not found"),
    ("measures/weekly_price/service/", 200, "No row is chosen"),
    ("measures/weekly_price/market_age/?age=5 to 10", 404, "There is no such row"),
    ("measures/weekly_price/market/?market=x", 404, "There is no such row"),
    ("measures/weekly_price/provider_market/?provider=1&market=spot:fostering", 404, "There is no such row"),
    ("measures/weekly_price/service/?service=hotel", 200, "nothing of the kind"),
    ("releases/00000000-0000-0000-0000-000000000000/", 404, "Page not found"),
    ("groups/00000000-0000-0000-0000-000000000000/", 404, "Page not found"),
])  # fmt: skip
def test_an_address_that_names_nothing_is_answered_well(bought, made, people, address, status, words):
    assert words in said(opened(people[0]), f"/benchmarks/{address}", status)


def test_a_cell_over_the_releases(bought, made, people):
    page = said(opened(people[0]), f"{MEASURE}service/?service=residential")
    assert "Southwark: £4,200 a week (median) over 2 of ours; the partnership £3,900 a week over about 315." in page
    assert "To 31 March 2026" in page
    assert "not released yet" in page, "of today there is ours alone"


def test_a_group_that_is_not_told_apart_says_so(bought, made, people, cast):
    page = said(opened(people[0]), f"{MEASURE}?cut=service&group={group(cast).uuid}")
    assert "Release 1 shows nothing of Inner London by itself" in page
    assert "3,900" not in page


def test_without_a_release_there_is_ours_and_what_to_do(bought, people):
    client = opened(people[0])
    page = said(client, "/benchmarks/")
    assert "No release is published yet: only our own figures can be shown." in page
    assert 'href="/benchmarks/releases/new/"' in page
    assert "4,200" in said(client, f"{MEASURE}?cut=service")
    analyst = said(opened(bought.person("analyst")), "/benchmarks/")
    assert 'href="/benchmarks/releases/new/"' not in analyst


def test_without_purchases_there_is_the_partnership_s(made, people):
    client = opened(people[1])
    assert "Lewisham has bought no home in the last twelve months" in said(client, "/benchmarks/")
    page = said(client, f"{MEASURE}?cut=service")
    assert "Nothing of Lewisham can be compared" in page
    assert "3,900" in page


def test_a_provider_s_contact_is_refused(made, cast):
    for role in ("provider_contact", "partnership_administrator"):
        for address in ("/benchmarks/", MEASURE, "/benchmarks/releases/", "/benchmarks/groups/"):
            assert opened(cast.person(role)).get(address).status_code == 403


def test_five_thousand_rows_cost_no_more_queries(bought, made, people):
    client = opened(people[0])
    addresses = [f"{MEASURE}?cut=market_age_level", "/benchmarks/", f"{MEASURE}service/?service=residential",
                 "/benchmarks/releases/", f"/benchmarks/releases/{made.uuid}/"]  # fmt: skip

    def queries(address):
        with CaptureQueriesContext(connection) as seen:
            said(client, address)
        return len(seen)

    for address in addresses:
        said(client, address)  # what a process asks once
    few = [queries(address) for address in addresses]
    figures(made, *(
        weekly("market_age_level", route="spot", service_type="residential", age_band=f"band {n}", level="high")
        for n in range(5000)
    ))  # fmt: skip
    assert [queries(address) for address in addresses] == few
    assert max(few) <= 45, few
    page = said(client, f"{MEASURE}?cut=market_age_level")
    assert "1 to 50 of 5,001 rows" in page
