"""What leads an officer from one page to the next, and stops a name from being typed where a reference belongs."""

import re
from datetime import date

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from contracts.measures.spend_parts import Part
from contracts.models import Referral
from contracts.pages.links import OF_MOVING, OF_PLACEMENTS
from contracts.pages.placement_words import lives_there
from contracts.pages.spend_tables import group_rows
from contracts.rules.shares import Bought
from tests.contracts.bought import TODAY, child_of, spot_placement

pytestmark = pytest.mark.django_db(databases=["default", "owner"])


@pytest.fixture(autouse=True)
def _today():
    with time_machine.travel(TODAY, tick=False):
        yield


def signed_in(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


def shown(page) -> list[str]:
    """The addresses of the links above the list."""
    found = re.search(r'<ul class="app-beside">(.*?)</ul>', page.content.decode(), re.DOTALL)
    return re.findall(r'href="([^"]+)"', found[1]) if found else []


@pytest.mark.parametrize("role", ["placements_officer", "commissioning_officer", "analyst", "finance_officer"])
def test_every_list_of_placements_can_be_reached_by_who_may_open_it(cast, role):
    user = cast.person(role)
    client = signed_in(user)
    found = shown(client.get(reverse("placements")))
    assert found == [reverse(name) for name, _, resource in OF_PLACEMENTS if user.may("read", resource)]
    assert (reverse("returns") in found) == user.may("read", "returns")
    for address in found:
        assert client.get(address).status_code == 200


def test_the_pages_of_moving_say_which_of_them_this_is(cast):
    client = signed_in(cast.person("placements_officer"))
    for name, words, _ in OF_MOVING:
        page = client.get(reverse(name)).content.decode()
        assert re.findall(r'aria-current="page">([^<]+)</a>', page.split("app-beside")[1]) == [words]


def test_a_steering_member_reaches_the_benefits_from_spend(cast):
    with cast.acting("placements_officer"):
        spot_placement(child_of(cast.authority))
    client = signed_in(cast.person("steering_member"))
    assert f'href="{reverse("benefits")}"' in client.get("/spend/").content.decode()
    assert 'href="/spend/"' in client.get(reverse("benefits")).content.decode()


def search(cast, number: int, **facts) -> Referral:
    return Referral.objects.create(
        authority=cast.authority, number=number, child=child_of(cast.authority),
        opened_at="2026-04-01T09:00Z", urgency="planned", in_house_tried="no", service_type="residential", **facts,
    )  # fmt: skip


def test_searches_needed_by_today_are_the_open_ones(cast):
    with cast.acting("placements_officer"):
        for number, needed_by, outcome in ((1, 19, ""), (2, 20, ""), (3, 21, ""), (4, 20, "withdrawn")):
            closed = {"outcome": outcome, "closed_at": "2026-04-02T09:00Z"} if outcome else {}
            search(cast, number, needed_by=date(2026, 4, needed_by), **closed)
    page = signed_in(cast.person("placements_officer")).get("/referrals/?needed=due").content.decode()
    assert [f"Referral {n}<" in page for n in (1, 2, 3, 4)] == [True, True, False, False]
    assert "2 of 4 searches" in page
    assert "app-tag--harm" in page
    assert "app-tag--needs" in page


@pytest.mark.parametrize("address", ["/referrals/new/", "/placements/new/?how=spot"])
def test_what_has_no_figure_in_it_is_taken_for_a_name(cast, address):
    client = signed_in(cast.person("placements_officer"))
    says = "Enter a reference that has figures in it"
    assert says in client.post(address, {"child": "Jamie Smith"}).content.decode()
    for good in ("C-10482", "Child 12", "12"):
        assert says not in client.post(address, {"child": good}).content.decode()


def test_since_when_a_child_has_lived_there(cast):
    with cast.acting("placements_officer"):
        home = spot_placement(child_of(cast.authority), starts_on=date(2026, 3, 1))
        assert lives_there(home, TODAY) == f"{home.child} has lived there since 1 March 2026."
        assert lives_there(home, date(2026, 2, 1)) == f"{home.child} moves there on 1 March 2026."
        home.ends_before = date(2026, 4, 2)
        assert lives_there(home, TODAY) == f"{home.child} lived there from 1 March 2026 until 2 April 2026."


def test_groups_stand_in_the_order_of_their_codes():
    parts = [Part(value, Bought(), {}) for value in ("", "ABAN", "NOBT", "WBRI")]
    assert [part.value for part in group_rows("ethnicity", parts)] == ["WBRI", "ABAN", "NOBT", ""]
    assert group_rows("age", parts) == parts
