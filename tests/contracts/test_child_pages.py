"""A child's page and what may be changed there; and where a date of birth may be named at all."""

import re
from datetime import date

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from commissioning.kernel.tenancy.viewer import Viewer, acting_as
from contracts.actions.children import add_reference, find_child
from contracts.models import CareStatus, Child, ChildReference, Placement
from tests.architecture.source import PROJECT, files, named
from tests.contracts.bought import BY, TODAY, child_of, spot_placement
from tests.reading import text

pytestmark = pytest.mark.django_db(databases=["default", "owner"])
BORN = date(2012, 5, 17)


@pytest.fixture(autouse=True)
def _today():
    with time_machine.travel(TODAY, tick=False):
        yield


@pytest.fixture
def own(cast):
    return lambda authority=None: acting_as(Viewer.of_authority((authority or cast.authority).pk), by=BY)


@pytest.fixture
def officer(cast):
    return signed_in(cast.person("placements_officer"))


@pytest.fixture
def child(cast, own):
    with own():
        return child_of(cast.authority, "LCS-4711", BORN, sex="F", ethnicity="BCRB")


def signed_in(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


def at(name, child, **more) -> str:
    return reverse(name, kwargs={"uuid": child.uuid, **more})


def day(name: str, value: date) -> dict[str, str]:
    return {f"{name}_0": str(value.day), f"{name}_1": str(value.month), f"{name}_2": str(value.year)}


def shows_a_birth(answer) -> bool:
    """The day itself, in any of the ways in which a page or a field could write it."""
    page = answer.content.decode()
    return bool(re.search(r"17 May 2012|2012-05-17|17/0?5/2012|value=\"17\"", page))


def test_a_child_is_found_by_any_reference_or_number(cast, own, officer, child):
    with own():
        add_reference(child=child, scheme="ssda903", reference="903/12", by=BY)
    for typed in ("lcs-4711", "LCS - 4711", "903/12", "1", "child 1"):
        assert officer.post("/placements/children/", {"search": typed})["Location"] == at("child", child), typed
    missed = officer.post("/placements/children/", {"search": "LCS-4712"})
    assert "No child of yours has that number or reference" in text(missed)
    assert 'value="LCS-4712"' in missed.content.decode()
    stranger = signed_in(cast.person("placements_officer", stranger=True))
    assert stranger.post("/placements/children/", {"search": "LCS-4711"}).status_code == 200
    assert stranger.get(at("child", child)).status_code == 404


def test_the_page_says_the_age_and_never_the_birth(cast, own, officer, child):
    with own():
        spot_placement(child)
    page = officer.get(at("child", child))
    says = text(page)
    assert "13 years old. Has lived with a provider that is not recorded since 2 June 2025." in says
    for words in ("Month of birth May 2012", "Recorded, not shown", "LCS-4711 Case system", "Caribbean", "Placement 1"):
        assert words in says
    for name in ("child", "child-change", "child-split", "child-join"):
        assert not shows_a_birth(officer.get(at(name, child))), name
    assert "Change" not in text(signed_in(cast.person("analyst")).get(at("child", child))).split("Homes")[0]


def facts(**more) -> dict[str, str]:
    return {"sex": "F", "ethnicity": "BCRB", "ehcp": "", "unaccompanied": "", "version": "1", **more}


def test_facts_change_and_an_empty_birth_stays(own, officer, child):
    officer.post(at("child-change", child), facts(ehcp="True", disabilities=["LD", "AUT"]))
    with own():
        now = Child.objects.get()
        assert (now.ehcp, sorted(now.disabilities), now.born_on) == (True, ["AUT", "LD"], BORN)
    answer = officer.post(
        at("child-change", child), facts(version="2", **day("born_on", date(2011, 5, 17))), follow=True
    )
    assert "14 years old" in text(answer)
    assert "Date of birth changed: recorded, not shown" in text(answer)
    assert "17 May" not in text(answer)
    refused = officer.post(at("child-change", child), facts(version="3", **day("born_on", date(2026, 4, 21))))
    assert "in the future" in " ".join(refused.context["form"].errors["born_on"])
    refused = officer.post(at("child-change", child), facts(version="3", disabilities=["NONE", "LD"]))
    assert "Choose No disability alone" in text(refused)


def test_two_people_change_one_child_and_neither_is_shown_a_birth(own, officer, child):
    officer.post(at("child-change", child), facts(sex="M"))
    second = officer.post(at("child-change", child), facts(sex="U", **day("born_on", date(2013, 6, 18))))
    says = text(second)
    assert "Somebody else changed this" in says
    assert "Stored now: Male" in says
    assert not shows_a_birth(second)
    with own():
        assert Child.objects.get().sex == "M"


def test_a_reference_is_added_and_one_of_another_child_refused(cast, own, officer, child):
    with own():
        child_of(cast.authority, "LCS-5000")
    add = at("child-reference-new", child)
    officer.post(add, {"scheme": "census", "case_reference": "PC-9"})
    with own():
        assert find_child(authority=cast.authority, reference="pc-9") == child
    refused = officer.post(add, {"scheme": "case", "case_reference": "LCS-5000"})
    assert "That reference is of Child 2" in " ".join(refused.context["form"].errors["case_reference"])


def test_one_care_status_at_a_time(own, officer, child):
    add = at("child-status-new", child)
    officer.post(add, {"status": "looked_after", "legal_status": "C2", **day("starts_on", date(2024, 3, 4))})
    answer = officer.post(
        add, {"status": "care_leaver", "legal_status": "", **day("starts_on", date(2026, 4, 6))}, follow=True
    )
    says = text(answer)
    assert "13 years old, care leaver since 6 April 2026" in says
    assert "Looked after Full care order 4 March 2024 5 April 2026" in says
    early = {"status": "nrpf", "legal_status": "", **day("starts_on", date(2025, 1, 1))}
    refused = officer.post(add, early | day("ends_before", date(2025, 2, 1)))
    assert "one status at a time" in " ".join(refused.context["form"].errors["starts_on"])
    with own():
        status = CareStatus.objects.get(status="care_leaver")
    end = at("child-status-end", child, status=status.uuid)
    officer.post(end, {"version": "1", **day("ends_before", date(2026, 4, 10))})
    with own():
        assert CareStatus.objects.get(pk=status.pk).ends_before == date(2026, 4, 11), "the last day is the 10th"
    assert "Somebody else changed this" in text(
        officer.post(end, {"version": "1", **day("ends_before", date(2026, 4, 12))})
    )


def test_brothers_and_sisters(cast, own, officer, child):
    with own():
        sister = child_of(cast.authority, "LCS-4712")
    add = at("child-sibling-new", child)
    assert "That is Child 1 itself" in text(officer.post(add, {"other": "Child 1"}))
    assert "No child of yours" in text(officer.post(add, {"other": "Child 9"}))
    says = text(officer.post(add, {"other": "lcs-4712"}, follow=True))
    assert "Sibling group 1: Child 2" in says
    assert "Sibling group 1: Child 1" in text(officer.get(at("child", sister)))


def test_joining_shows_what_moves_and_asks_why(cast, own, officer, child):
    with own():
        other = child_of(cast.authority, "LCS-9", None)
        spot_placement(other)
    join = at("child-join", child)
    shown = officer.post(join, {"other": "LCS-9"})
    says = text(shown)
    assert "Child 2 becomes part of Child 1, and its record is removed" in says
    assert "References that move to Child 1 1" in says
    assert "Homes that move to Child 1 1" in says
    without = officer.post(join, {"other": str(other.uuid), "reason": ""})
    assert "Say why" in text(without)
    assert "Homes that move to Child 1 1" in text(without), "still shows what would move"
    officer.post(join, {"other": str(other.uuid), "reason": "Same child, moved here twice"})
    with own():
        assert find_child(authority=cast.authority, reference="LCS-9") == child
        assert Placement.objects.get().child == child
        assert Child.objects.count() == 1
    assert "Same child, moved here twice" in text(officer.get(at("child", child)))
    again = officer.post(join, {"other": str(other.uuid), "reason": "Twice"}, follow=True)
    assert "no longer there" in text(again)


def test_two_homes_on_one_day_are_not_joined(cast, own, officer, child):
    with own():
        spot_placement(child)
        other = child_of(cast.authority, "LCS-9")
        spot_placement(other)
    refused = officer.post(at("child-join", child), {"other": str(other.uuid), "reason": "Same child"})
    assert "one child lives in one home" in text(refused)
    with own():
        assert Child.objects.count() == 2


def test_splitting_moves_what_was_chosen(cast, own, officer, child):
    with own():
        add_reference(child=child, scheme="ssda903", reference="903/12", by=BY)
        home = spot_placement(child)
        moved = ChildReference.objects.get(scheme="ssda903")
    split = at("child-split", child)
    assert "SSDA903 return: 903/12" in text(officer.get(split))
    everything = [str(row.uuid) for row in own_references(own)]
    refused = officer.post(split, {"references": everything, "reason": "Two children"})
    assert "Leave at least one reference" in text(refused)
    officer.post(split, {"references": [str(moved.uuid)], "placements": [str(home.uuid)], "reason": "Two children"})
    with own():
        assert Placement.objects.get().child == find_child(authority=cast.authority, reference="903/12")
        assert Placement.objects.get().child != child


def own_references(own):
    with own():
        return list(ChildReference.objects.all())


def test_who_reads_may_not_change(cast, child):
    analyst = signed_in(cast.person("analyst"))
    for name in ("child-change", "child-join", "child-split", "child-reference-new", "child-status-new"):
        assert analyst.get(at(name, child)).status_code == 403


def test_the_empty_page_says_how_a_child_is_added(cast, officer):
    assert "A child is added with the first placement or referral" in text(officer.get("/placements/children/"))


def test_the_page_asks_the_database_as_often_for_many_rows(own, officer, child, django_assert_max_num_queries):
    with own():
        for month in range(1, 13):
            spot_placement(child, starts_on=date(2025, month, 1), ends_before=date(2025, month, 20))
    with django_assert_max_num_queries(30):
        assert officer.get(at("child", child)).status_code == 200


# Where a day of birth may be named by what shows something, and why.
MAY_NAME_A_BIRTH = {
    "contracts/pages/return_gaps.py": "the name of a column of a return, and what to do where it is empty",
    "contracts/pages/placement_new.py": "enters it for a child who is new, and shows nothing",
    "contracts/pages/referral_new.py": "as placement_new.py",
}
SHOWS = re.compile(r"^(contracts/(pages/|templates/|exports)|api/)")


def names_a_birth() -> set[str]:
    found = [path for path in files(".py", ".html") if SHOWS.match(named(path))]
    assert len(found) > 20, PROJECT
    return {named(path) for path in found if re.search(r"born_on", path.read_text())}


def test_no_page_export_or_api_names_the_day_of_birth():
    """Pages say the age, or the month; the statutory return alone gives the day out."""
    assert names_a_birth() == set(MAY_NAME_A_BIRTH), "say the age, or give the reason here"
