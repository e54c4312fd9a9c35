"""Peer groups: whose they are to write, what can be shown of one beforehand, and what keeps one from going."""

import re
from html import unescape

import pytest
from django.test import Client

from commissioning.compare.actions.peer_groups import save_group
from commissioning.compare.models import PeerGroup, PeerMember
from commissioning.compare.pages import groups as pages
from commissioning.compare.rules.disclosure import USUAL, Thresholds
from commissioning.compare.rules.figures import admitted
from commissioning.compare.rules.groups import standing
from commissioning.kernel.audit.events import events_of
from commissioning.kernel.tenancy.viewer import acting_as
from commissioning.partnership.models import Authority
from tests.compare.figures import release_by
from tests.compare.samples import group

pytestmark = pytest.mark.django_db(databases=["default", "owner"])
NEW = "/benchmarks/groups/new/"


@pytest.fixture
def officer(cast):
    return cast.person("commissioning_officer")


@pytest.fixture
def client(officer):
    client = Client()
    client.force_login(officer)
    return client


def words(answer, status=200):
    assert answer.status_code == status
    return unescape(re.sub(r"\s+", " ", answer.content.decode()))


def members(cast, *slugs):
    with cast.acting("analyst"):
        return [str(uuid) for uuid in Authority.objects.filter(slug__in=slugs).values_list("uuid", flat=True)]


def seen(cast):
    with cast.acting("analyst", stranger=True):
        return {row.name: sorted(row.members.values_list("member__slug", flat=True)) for row in PeerGroup.objects.all()}


def test_a_group_is_asked_shown_and_then_made(client, cast, officer):
    asked = {"name": " Inner  London ", "members": members(cast, "southwark", "lewisham")}
    shown = words(client.post(NEW, asked))
    assert "Nothing is saved yet" in shown
    assert "2 authorities are in it" in shown
    assert seen(cast) == {}
    again = words(client.post(NEW, asked | {"again": "1"}))
    assert again.count(" checked") == 2
    answer = client.post(NEW, asked | {"confirm": "1"})
    assert answer.status_code == 302
    assert seen(cast) == {"Inner London": ["lewisham", "southwark"]}
    page = words(client.get(answer["Location"]))
    assert "Inner London: a peer group of Southwark" in page
    assert "Lewisham, Southwark" in page
    with acting_as(officer.viewer, by=officer):
        told = [event.actor for model in (PeerGroup, PeerMember) for event in events_of(model).all()]
    assert told == [f"user:{officer.uuid}"] * 3


def test_a_group_is_changed_and_removed_by_whose_it_is(client, cast, officer):
    address = f"/benchmarks/groups/{group(cast).uuid}/"
    asked = {"name": "South east", "members": members(cast, "southwark", "greenwich"), "confirm": "1"}
    stranger = Client()
    stranger.force_login(cast.person("commissioning_officer", stranger=True))
    assert "a peer group of Southwark" in words(stranger.get(address))
    for step in ("change/", "remove/"):
        assert step not in stranger.get(address).content.decode()
        assert stranger.post(f"{address}{step}", asked).status_code == 404
    assert client.post(f"{address}change/", asked).status_code == 302
    assert seen(cast) == {"South east": ["greenwich", "southwark"]}
    assert "The next release is built without it" in words(client.get(f"{address}remove/"))
    assert client.post(f"{address}remove/")["Location"] == "/benchmarks/groups/"
    assert seen(cast) == {}
    assert client.get(address).status_code == 404


@pytest.mark.parametrize(("asked", "sentence"), [
    ({"name": "", "members": 2}, "Enter the group’s name"), ({"name": "x", "members": 0}, "Choose at least 2"),
    ({"name": "x", "members": 1, "confirm": "1"}, "Choose at least 2"),
    ({"name": "x", "members": 1}, "Choose at least 2"),
    ({"name": "Inner London", "members": 2}, "There is a group called Inner London already"),
    ({"name": "Inner London", "members": 2, "confirm": "1"}, "There is a group called Inner London already"),
])  # fmt: skip
def test_what_will_not_do_is_refused(client, cast, asked, sentence):
    group(cast)
    slugs = ("southwark", "lewisham")[: asked["members"]]
    page = words(client.post(NEW, asked | {"members": members(cast, *slugs)}))
    assert sentence in page
    assert "<title> Error: " in page or "<title>Error: " in page
    assert list(seen(cast)) == ["Inner London"]


def test_another_authority_may_have_a_group_of_the_same_name(client, cast):
    group(cast)
    other = cast.person("commissioning_officer", stranger=True)
    with acting_as(other.viewer, by=other):
        save_group(authority=other.authority, name="Inner London", members=[cast.authority, cast.other], by=other)
        assert PeerGroup.objects.count() == 2


def test_in_a_partnership_of_seven_no_group_can_be_shown(client, cast):
    shared = group(cast)
    for address in ("/benchmarks/groups/", NEW, f"/benchmarks/groups/{shared.uuid}/"):
        page = words(client.get(address))
        assert "The partnership has 7 members" in page, address
        assert "no group of fewer than all can be shown here until at least 10 contribute" in page
        assert 'href="/benchmarks/"' in page
        assert "Compare with the whole partnership" in page


def test_who_contributed_is_what_counts(client, cast, officer):
    second = cast.person("commissioning_officer", stranger=True)
    release_by(officer, second, report={"populations": {}, "contributing": 6, "groups": {}, "held": 0})
    assert "6 of the 7 members contributed to Release 1" in words(client.get("/benchmarks/groups/"))


def test_what_can_be_shown_is_what_a_release_shows():
    """Beside each other: of every small set of groups, the same as the rule that builds a release."""
    everyone = set(range(12))
    cases = [
        [{0, 1, 2, 3, 4}], [{0, 1, 2, 3}], [set(range(8))], [set(range(7))], [everyone], [set()],
        [{0, 1, 2, 3, 4}, {0, 1, 2, 3, 4}], [{0, 1, 2, 3, 4}, {5, 6, 7, 8, 9}], [{0, 1, 2, 3, 4, 5}, set(range(6, 12))],
        [{0, 1, 2}, {0, 1, 2, 3, 4}], [{0, 1, 2, 3, 4}, {0, 1, 2, 3, 5}],
    ]  # fmt: skip
    for groups in cases:
        numbered = dict(enumerate(groups, start=1))
        let_in = admitted(numbered, everyone, USUAL)
        for number, chosen in numbered.items():
            earlier = {n: others for n, others in numbered.items() if n < number}
            found = standing(chosen, earlier, everyone, USUAL)
            assert found.told_apart == (number in let_in and chosen != everyone), (groups, number)
            assert found.why
    assert "names every member" in standing(everyone, {}, everyone, USUAL).why
    assert "4 authorities are outside it" in standing(set(range(8)), {}, everyone, USUAL).why
    assert "groups that were there before it" in standing({0, 1, 2, 3, 5}, {1: {0, 1, 2, 3, 4}}, everyone, USUAL).why
    assert not standing({0, 1, 2, 3, 4}, {}, everyone, Thresholds(other_authorities=4)).told_apart
    assert not standing({0, 1, 2, 3, 4, 5}, {}, everyone, USUAL, [[0, 1, 2, 3, 4]]).told_apart, "one more than before"


def test_statistical_neighbours_are_a_ready_choice(client, cast, monkeypatch):
    alike = members(cast, "southwark", "lewisham")
    page = words(client.get(NEW))
    assert "Choose our statistical neighbours" not in page
    assert "no such list is loaded" in page, "and the page says so"
    monkeypatch.setattr(pages, "neighbours", lambda authority: alike)
    page = words(client.get(f"{NEW}?neighbours=1"))
    assert 'value="Statistical neighbours of Southwark"' in page
    assert page.count(" checked") == 2
