"""Who has children where, as other members may know it: always what the open placements say, and never a number."""

import random
from collections import defaultdict
from datetime import date, timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from commissioning.kernel.ingest.take_back import take_back
from commissioning.kernel.tenancy.viewer import Viewer, acting_as
from contracts.actions.change_placement import change_placement
from contracts.actions.children import join_children
from contracts.actions.placements import end_placement
from contracts.actions.presence import tell_presence
from contracts.jobs import tell_presence_job
from contracts.models import Child, Placement, Presence
from providers.models import Establishment, Premises
from tests.contracts.bought import BY, TODAY, child_of, spot_placement
from tests.contracts.sending import load, remarks, spot
from tests.world import NOW

pytestmark = pytest.mark.django_db(databases=["default", "owner"])


@pytest.fixture(autouse=True)
def _today():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def world(cast):
    return cast.world


@pytest.fixture
def homes(world):
    """Three homes of one provider; the last is supported accommodation at three addresses."""
    provider = next(iter(world.providers.values()))
    with acting_as(Viewer.of_service("tests"), by=BY):
        made = [
            Establishment.objects.create(urn=urn, kind=kind, name=name, provider=provider)
            for urn, kind, name in (
                ("SC100001", "childrens_home", "Ash House"), ("SC100002", "childrens_home", "Beech House"),
                ("2700001", "supported_accommodation", "Cedar Support"),
            )
        ]  # fmt: skip
        for number in range(1, 4):
            Premises.objects.create(
                establishment=made[2],
                provider=provider,
                ordinal=number,
                area_name="Southwark",
                name=f"{number} Cedar Street" if number < 3 else "",
            )
    return made


def told(*authorities) -> set[tuple[int, int, int | None, str]]:
    with acting_as(Viewer.of_service("tests"), by=BY):
        return set(Presence.objects.values_list("authority", "establishment", "premises", "band"))


def oracle(day: date, *authorities) -> set[tuple[int, int, int | None, str]]:
    """Placement by placement."""
    who = defaultdict(set)
    for authority in authorities:
        with acting_as(Viewer.of_authority(authority.pk), by=BY):
            for each in Placement.objects.all():
                if each.establishment_id and each.starts_on <= day and (not each.ends_before or each.ends_before > day):
                    who[authority.pk, each.establishment_id, each.premises_id].add(each.child_id)
    return {(*key, "few" if len(children) <= 7 else "many") for key, children in who.items()}


def test_after_any_sequence_it_says_what_the_placements_say(world, homes):
    chance = random.Random(20260420)
    members = (world.southwark, world.lewisham)
    addresses = list(_premises(homes[2]))
    bands = set()
    for step in range(90):
        member = chance.choice(members)
        with acting_as(Viewer.of_authority(member.pk), by=BY):
            running = list(Placement.objects.filter(ends_before=None))
            deed = chance.choice(("record", "record", "record", "change", "end", "join"))
            # One home is filled beyond the band by plan: chance alone seldom gets there.
            home = homes[0] if step % 2 else chance.choice(homes)
            premises = chance.choice([*addresses, None]) if home == homes[2] else None
            if deed == "record" or not running:
                starts_on = TODAY + timedelta(days=chance.choice((-400, -30, 0)))
                spot_placement(child_of(member), starts_on, establishment=home, premises=premises,
                               provider=home.provider)  # fmt: skip
            elif deed == "change":
                one = chance.choice(running)
                change_placement(placement=one, version=one.version, by=BY, today=TODAY, establishment=home,
                                 premises=premises)  # fmt: skip
            elif deed == "end":
                one = chance.choice([each for each in running if each.starts_on < TODAY] or [None])
                if one:
                    end_placement(placement=one, ends_before=TODAY, end_reason="", ended_by="", ended_as_planned=True,
                                  destination="", by=BY, today=TODAY)  # fmt: skip
            else:
                # A second short stay at the same home, recorded under a second record of the same child.
                one = chance.choice(running)
                twin = child_of(member)
                spot_placement(twin, TODAY, establishment=one.establishment, premises=one.premises, respite=True,
                               provider=one.provider)  # fmt: skip
                join_children(kept=one.child, other=twin, reason="One child", by=BY, today=TODAY)
        assert told() == oracle(TODAY, *members), (step, deed)
        bands |= {row[3] for row in told()}
    assert bands == {"few", "many"}


def _premises(home):
    with acting_as(Viewer.of_service("tests"), by=BY):
        return list(Premises.objects.filter(establishment=home).order_by("ordinal"))


def test_a_day_that_comes_is_told_by_the_job(world, homes):
    with acting_as(Viewer.of_authority(world.southwark.pk), by=BY):
        spot_placement(child_of(world.southwark), TODAY + timedelta(days=3), establishment=homes[0],
                       called_off_on=TODAY, ends_before=TODAY + timedelta(days=9))  # fmt: skip
    for days, there in ((0, 0), (2, 0), (3, 1), (8, 1), (9, 0)):
        with time_machine.travel(NOW + timedelta(days=days), tick=False):
            tell_presence_job.func(timestamp=0)
            assert len(told()) == there, days
            assert told() == oracle(TODAY + timedelta(days=days), world.southwark)


def test_a_file_tells_it_and_taken_back_it_is_told_again(world, homes):
    urn = {"Establishment URN": "2700001"}
    rows = [spot(f"P-{n}", f"C-{n}", **urn, Premises="1 cedar  street") for n in range(1, 9)]
    rows.append(spot("P-9", "C-9", **urn, Premises="Premises 3 in Southwark"))
    rows.append(spot("P-10", "C-10", **urn, Premises="9 Cedar Street"))
    rows.append(spot("P-11", "C-11", **urn))
    first, _, third = _premises(homes[2])

    def southwark():
        return acting_as(Viewer.of_authority(world.southwark.pk), by=BY)

    run = load(world, *rows)
    assert run.rows_rejected == 0
    assert "no premises of URN 2700001 are called that" in remarks(run, southwark(), "noted")
    mine, cedar = world.southwark.pk, homes[2].pk
    assert told() == oracle(TODAY, world.southwark) == {
        (mine, cedar, first.pk, "many"), (mine, cedar, third.pk, "few"), (mine, cedar, None, "few"),
    }  # fmt: skip
    # A later file that says nothing of premises leaves them; one that names another home takes them away.
    again = load(world, *[{k: v for k, v in row.items() if k != "Premises"} for row in rows])
    assert (again.facts_added, again.facts_changed) == (0, 0)
    moved = load(world, rows[0] | {"Establishment URN": "SC100001", "Premises": ""})
    assert (moved.rows_rejected, moved.facts_changed) == (0, 1), remarks(moved, southwark())
    with acting_as(Viewer.of_authority(mine), by=BY):
        one = Placement.objects.get(reference="P-1")
        assert (one.establishment, one.premises) == (homes[0], None)
    assert told() == oracle(TODAY, world.southwark)
    assert (mine, cedar, first.pk, "few") in told()
    for each in (moved, run):
        with acting_as(Viewer.of_authority(mine), by=BY, reason="wrong file"):
            take_back(each, by=BY, now=NOW)
        assert told() == oracle(TODAY, world.southwark)
    assert told() == set()


def test_another_borough_reads_the_band_alone_and_nobody_writes_it_for_another(world, homes):
    with acting_as(Viewer.of_authority(world.southwark.pk), by=BY):
        for _ in range(3):
            spot_placement(child_of(world.southwark), establishment=homes[0])
    with acting_as(Viewer.of_authority(world.lewisham.pk), by=BY):
        row = Presence.objects.get()
        assert (row.authority, row.band) == (world.southwark, "few")
        assert {field.name for field in Presence._meta.fields} == {
            "id", "uuid", "version", "changed_at", "changed_xid", "authority", "establishment", "premises", "band",
        }  # fmt: skip
        assert not Placement.objects.exists()
        # Asked to tell Southwark's, Lewisham sees none of its placements and may not touch its rows.
        assert tell_presence(authority_id=world.southwark.pk, today=TODAY) == 0
        version = row.version
    # Two more children change nothing that may be seen: not even the row's version.
    with acting_as(Viewer.of_authority(world.southwark.pk), by=BY):
        for _ in range(2):
            spot_placement(child_of(world.southwark), establishment=homes[0])
        assert Presence.objects.get().version == version
    with acting_as(Viewer.of_provider(homes[0].provider_id), by=BY):
        assert not Presence.objects.exists()


def test_premises_are_said_on_the_form_and_for_many_at_once(cast, homes):
    first, second, third = _premises(homes[2])
    officer = Client()
    officer.force_login(cast.person("placements_officer"))
    reader = Client()
    reader.force_login(cast.person("analyst"))
    stranger = Client()
    stranger.force_login(cast.person("placements_officer", stranger=True))
    with acting_as(Viewer.of_authority(cast.authority.pk), by=BY):
        one, two, three = (
            spot_placement(child_of(cast.authority), establishment=homes[2], provider=homes[2].provider)
            for _ in range(3)
        )
        spot_placement(child_of(cast.authority), establishment=homes[0])  # one address: nothing to ask
    address = reverse("placements-premises")
    page = officer.get(address).content.decode()
    assert "3 placements are at a registration with several addresses" in page
    assert page.count('name="premises-') == 3
    assert "2 Cedar Street" in page
    assert "Premises 3 in Southwark" in page
    assert 'name="premises-' not in reader.get(address).content.decode()
    assert "Nothing to record" in stranger.get(address).content.decode()

    def answer(**more):
        given = {f"version-{each.uuid}": each.version for each in (one, two, three)}
        return given | {f"premises-{each.uuid}": str(there.uuid) for each, there in more.values()}

    assert reader.post(address, answer(a=(one, first))).status_code == 403
    assert officer.post(address, answer(a=(one, first), b=(two, third))).status_code == 302
    # Two officers at once: the second is told, and what was chosen stands there still.
    stale = answer(c=(three, second)) | {f"version-{three.uuid}": three.version + 5}
    refused = officer.post(address, stale).content.decode()
    assert "Somebody else changed" in refused
    assert f'value="{second.uuid}" selected' in refused
    form = {
        "registration": "registered", "establishment": homes[2].uuid, "premises": second.uuid, "version": three.version,
        "solo": "", "level": "", "reference": "", "reason": "",
    }  # fmt: skip
    change = reverse("placement-change", args=[three.uuid])
    assert "At which of its premises" in officer.get(change).content.decode()
    wrong = officer.post(change, form | {"establishment": homes[1].uuid})
    assert "Those premises belong to another home" in wrong.content.decode()
    assert officer.post(change, form).status_code == 302
    assert "2 Cedar Street" in officer.get(reverse("placement", args=[three.uuid])).content.decode()
    assert "Nothing to record" in officer.get(address).content.decode()
    with acting_as(Viewer.of_authority(cast.authority.pk), by=BY):
        assert [Placement.objects.get(pk=each.pk).premises for each in (one, two, three)] == [first, third, second]
    assert told() == oracle(TODAY, cast.authority)


def test_many_placements_cost_as_many_questions_as_few(cast, homes, django_assert_max_num_queries):
    officer = Client()
    officer.force_login(cast.person("placements_officer"))
    officer.get(reverse("placements-premises"))  # what a worker asks once
    counts = []
    for more in (5, 45):
        with acting_as(Viewer.of_authority(cast.authority.pk), by=BY):
            children = Child.objects.bulk_create(
                Child(authority=cast.authority, number=1000 + more * 100 + n, disabilities=[]) for n in range(more)
            )
            Placement.objects.bulk_create(
                Placement(authority=cast.authority, number=5000 + more * 100 + n, child=child, service_type="supported",
                          establishment=homes[2], starts_on=TODAY, called_off_on=TODAY, route="spot",
                          spot_reason="specialist")
                for n, child in enumerate(children)
            )  # fmt: skip
        with django_assert_max_num_queries(60) as captured:
            assert officer.get(reverse("placements-premises")).status_code == 200
        counts.append(len(captured))
    assert counts[0] == counts[1]
