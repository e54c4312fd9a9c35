"""Where nobody looks: every home that no regulator watches is there, and what is done about it is recorded."""

import io
from datetime import date, timedelta
from decimal import Decimal

import pytest
import time_machine
from django.urls import reverse
from openpyxl import load_workbook

from contracts.measures.oversight import watched
from contracts.models import Oversight, Placement
from tests.contracts.bought import TODAY, child_of, spot_placement, weekly
from tests.contracts.watching import day, own, rows_of, signed_in
from tests.reading import text

pytestmark = pytest.mark.django_db(databases=["default", "owner"])
START = date(2026, 2, 2)  # 77 nights before TODAY
ADDRESS = "/placements/oversight/"


@pytest.fixture(autouse=True)
def _today():
    with time_machine.travel(TODAY, tick=False):
        yield


@pytest.fixture
def officer(cast):
    return signed_in(cast.person("placements_officer"))


def home_of(cast, registration="unregistered", price="7000.00", starts_on=START, **facts) -> Placement:
    with own(cast.authority):
        made = spot_placement(child_of(cast.authority), starts_on, registration=registration, **facts)
        if price:
            weekly(made, price)
        return made


def said(kind="unregistered", starts_on=START, **more) -> dict[str, str]:
    return {
        "kind": kind, "why": "No registered home had a place", "approved_by": "Director", "checks": "Premises seen",
        "court_reference": "", "visit_every_days": "7", "exit_plan": "Place in June", **day("starts_on", starts_on),
        **day("approved_on", starts_on), **more,
    }  # fmt: skip


def record(client, home, **more):
    return client.post(reverse("oversight-new", args=[home.uuid]), said(**more))


def test_a_home_that_nobody_recorded_is_the_alarm(cast, officer):
    home_of(cast)
    home_of(cast, "registered")
    says = text(officer.get(ADDRESS))
    assert "1 child lives where no regulator looks" in says
    assert "77 days so far, £7,000.00 a week and £77,000.00 so far." in says
    assert "1 home without an approval or order that holds today" in says
    assert "No record" in says


@pytest.mark.parametrize("registration", ["applied", "unregistered", "unregulated"])
def test_which_homes_are_watched_by_nobody(cast, registration):
    home = home_of(cast, registration)
    with own(cast.authority):
        assert [row.placement for row in watched("now", TODAY)] == [home]


@pytest.mark.parametrize("registration", ["registered", "other_regulator", "not_required", "unknown"])
def test_which_are_not(cast, registration):
    home_of(cast, registration)
    with own(cast.authority):
        assert watched("now", TODAY) == []


def test_an_order_puts_a_registered_home_on_the_list_while_it_runs(cast, officer):
    home = home_of(cast, "registered")
    last = date(2026, 5, 1)
    record(officer, home, kind="deprivation_of_liberty", starts_on=date(2026, 4, 6), **day("ends_before", last))
    page = officer.get(ADDRESS)
    says = text(page)
    assert "Ends on 1 May 2026" in says
    assert "14 days so far, £7,000.00 a week and £14,000.00 so far." in says
    person = cast.person("placements_officer")
    with time_machine.travel(date(2026, 5, 2), tick=False):
        later = signed_in(person)
        assert "No child lives where no regulator looks" in text(later.get(ADDRESS))
        lapsed = text(later.get(f"{ADDRESS}?which=ran_out"))
        assert "In 1 home an order ran out in the last four weeks" in lapsed
        assert "Expired on 1 May 2026" in lapsed
    with time_machine.travel(date(2026, 5, 30), tick=False):
        later = signed_in(person)
        assert "None so far" in text(later.get(f"{ADDRESS}?which=ran_out"))
        assert "1 home once stood on this list" in text(later.get(f"{ADDRESS}?which=past"))


def test_an_expired_order_of_a_home_that_stays_is_red(cast, officer):
    home = home_of(cast)
    record(officer, home)
    record(officer, home, kind="deprivation_of_liberty", **day("ends_before", date(2026, 4, 19)))
    page = officer.get(ADDRESS).content.decode()
    assert '<strong class="govuk-tag app-tag app-tag--harm">Expired on 19 April 2026</strong>' in page


def test_the_cost_so_far_is_that_of_the_nights(cast):
    """Day by day: no other way to the same pounds."""
    home = home_of(cast, price="1234.56")
    with own(cast.authority):
        weekly(home, "350.00", START + timedelta(days=10), ends_before=START + timedelta(days=20))
        (row,) = watched("now", TODAY)
        nights = [START + timedelta(days=n) for n in range((TODAY - START).days)]
        exact = sum(
            (line.weekly_amount / 7 for night in nights for line in home.costlines.all()
             if line.starts_on <= night and (line.ends_before is None or night < line.ends_before)),
            Decimal(0),
        )  # fmt: skip
        assert row.days == len(nights)
        assert abs(row.cost - exact) <= Decimal("0.01")
        assert row.weekly == Decimal("1234.56")


def test_what_is_recorded_stands_on_the_list_and_in_the_files(cast, officer):
    home = home_of(cast)
    assert record(officer, home)["Location"] == f"/placements/{home.uuid}/#oversight"
    (row,) = rows_of(officer.get(f"{ADDRESS}?format=csv"))
    assert row["why"] == "No registered home had a place"
    assert row["checks"] == "Premises seen"
    assert row["every"] == "7"
    assert row["visits"] == "Overdue since 9 February 2026"
    assert row["told"] == ""
    book = load_workbook(io.BytesIO(officer.get(f"{ADDRESS}?format=xlsx").getvalue()))
    assert any("Where nobody looks" in name for name in book.sheetnames)
    assert "Premises seen" in text(officer.get(f"{ADDRESS}?all=yes"))
    assert "born" not in ",".join(row).lower()
    assert "2012" not in ",".join(row.values())


def test_two_orders_may_not_overlap(cast, officer):
    home = home_of(cast, "registered")
    order = {"kind": "deprivation_of_liberty"}
    record(officer, home, **order, **day("ends_before", date(2026, 4, 30)))
    again = record(officer, home, **order, starts_on=date(2026, 4, 20), **day("ends_before", date(2026, 7, 1)))
    assert "The two would overlap" in " ".join(again.context["form"].errors["starts_on"])
    extended = day("approved_on", TODAY) | day("ends_before", date(2026, 7, 1))
    assert record(officer, home, **order, starts_on=date(2026, 5, 1), **extended).status_code == 302
    with own(cast.authority):
        assert Oversight.objects.count() == 2
        second = Oversight.objects.get(starts_on=date(2026, 5, 1))
    early = said(**order, starts_on=date(2026, 4, 29), version="1", **extended)
    refused = officer.post(reverse("oversight-change", args=[second.uuid]), early)
    assert "The two would overlap" in " ".join(refused.context["form"].errors["starts_on"])


@pytest.mark.parametrize(
    ("more", "field", "says"),
    [
        ({"why": " "}, "why", "Say why"),
        ({"approved_by": ""}, "approved_by", "Say who approved it"),
        (day("approved_on", date(2026, 4, 21)), "approved_on", "once it is given"),
        (day("starts_on", date(2026, 2, 1)), "starts_on", "The placement starts on 2 February 2026"),
        (day("ends_before", date(2026, 1, 1)), "ends_before", "before"),
        ({"kind": "deprivation_of_liberty"}, "ends_before", "An order has a last day"),
        (day("regulator_told_on", date(2026, 4, 21)), "regulator_told_on", "after today"),
        (day("last_visited_on", date(2026, 4, 21)), "last_visited_on", "once it was made"),
        (day("exit_by", date(2026, 1, 1)), "exit_by", "after the beginning"),
        ({"visit_every_days": "0"}, "visit_every_days", "greater than or equal to 1"),
    ],
)
def test_a_refusal_stands_beside_its_field(cast, officer, more, field, says):
    home = home_of(cast)
    answer = record(officer, home, **more)
    assert answer.status_code == 200
    assert says in " ".join(answer.context["form"].errors[field])
    with own(cast.authority):
        assert not Oversight.objects.exists()


def test_visit_regulator_and_end(cast, officer):
    home = home_of(cast)
    record(officer, home)
    with own(cast.authority):
        row = Oversight.objects.get()
    address = f"{ADDRESS}{row.uuid}/"
    assert "Record a visit" in text(officer.get(address))
    visited = officer.post(f"{address}visit/", {"version": "1", **day("last_visited_on", date(2026, 4, 18))})
    assert visited.status_code == 302
    assert "Next by 25 April 2026" in text(officer.get(ADDRESS))
    earlier = officer.post(f"{address}visit/", {"version": "2", **day("last_visited_on", date(2026, 4, 17))})
    assert "A later visit is recorded" in text(earlier)
    officer.post(f"{address}regulator/", {"version": "2", **day("regulator_told_on", date(2026, 4, 3))})
    assert "3 April 2026" in text(officer.get(ADDRESS))
    future = officer.post(f"{address}end/", {"version": "3", **day("ends_before", date(2026, 4, 21))})
    assert "has not come" in text(future)
    officer.post(f"{address}end/", {"version": "3", **day("ends_before", date(2026, 4, 19))})
    assert "Record has ended" in text(officer.get(ADDRESS)), "the home stays: nobody watches it"


def test_two_people_change_one_record(cast, officer):
    home = home_of(cast)
    record(officer, home)
    with own(cast.authority):
        row = Oversight.objects.get()
    address = f"{ADDRESS}{row.uuid}/"
    given = {name: value for name, value in said(version="1").items() if name != "kind"}
    assert officer.post(address, given | {"checks": "Staff checked"}).status_code == 302
    second = officer.post(address, given | {"checks": "Premises seen again"})
    assert "Stored now: Staff checked You typed: Premises seen again" in text(second)
    with own(cast.authority):
        assert Oversight.objects.get().checks == "Staff checked"
    visit = officer.post(f"{address}visit/", {"version": "1", **day("last_visited_on", TODAY)})
    assert "Somebody else changed this" in text(visit)


def test_who_may(cast, officer):
    home = home_of(cast)
    for role, status in (("quality_officer", 200), ("analyst", 403), ("auditor", 403)):
        client = signed_in(cast.person(role))
        assert client.get(ADDRESS).status_code == 200
        assert client.get(reverse("oversight-new", args=[home.uuid])).status_code == status
    stranger = signed_in(cast.person("placements_officer", stranger=True))
    assert "Child 1" not in text(stranger.get(ADDRESS))
    assert stranger.get(reverse("oversight-new", args=[home.uuid])).status_code == 404


def test_filters(cast, officer):
    home = home_of(cast)
    home_of(cast, "unregulated", price="")
    record(officer, home)
    assert [row["child"] for row in rows_of(officer.get(f"{ADDRESS}?format=csv&recorded=no"))] == ["Child 2"]
    assert [row["child"] for row in rows_of(officer.get(f"{ADDRESS}?format=csv&visits=overdue"))] == ["Child 1"]
    assert len(rows_of(officer.get(f"{ADDRESS}?format=csv&told=no"))) == 2
    assert "1 of 2 homes without a price" in text(officer.get(ADDRESS))
    assert "No home like that" in text(officer.get(f"{ADDRESS}?registration=applied"))


def test_many_homes_ask_no_more_of_the_database(cast, officer, django_assert_max_num_queries):
    for _ in range(60):
        home_of(cast, price="")
    with django_assert_max_num_queries(20):
        page = officer.get(ADDRESS)
    assert "1 to 50 of 60 homes" in text(page)
