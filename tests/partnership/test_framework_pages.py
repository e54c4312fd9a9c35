"""The pages of frameworks: who sees which buttons, what the forms keep, how many queries each page makes."""

import csv
import io
from datetime import date, timedelta

import pytest
from django.utils import timezone

from commissioning.kernel.tenancy.viewer import acting_as
from commissioning.partnership.actions.change_lots import add_lot
from commissioning.partnership.actions.let_framework import let_framework
from commissioning.partnership.models import Framework, Participation, PriceLine, User
from commissioning.partnership.rules.terms import add_months
from providers.models import Provider
from tests.conftest import SERVICE

pytestmark = pytest.mark.django_db(databases=["default", "owner"])
STARTS = date(2024, 4, 1)


def day(name, value):
    return {f"{name}_0": value.day, f"{name}_1": value.month, f"{name}_2": value.year}


def person(authority, role="commissioning_officer", **more):
    with acting_as(SERVICE, by="service:tests"):
        return User.objects.create_user(f"{role}@{authority.slug}.example", role=role, authority=authority, **more)


@pytest.fixture
def officer(southwark):
    return person(southwark)


@pytest.fixture
def framework(officer, southwark, lewisham):
    end = add_months(timezone.localdate(), 2)
    with acting_as(officer.viewer, by=officer):
        framework = let_framework(
            by=officer, lead_authority=southwark, name="Fostering", reference="SEL-1", kind="framework",
            starts_on=STARTS, ends_before=end, extension_months=[12], participants=[southwark, lewisham],
        )  # fmt: skip
        framework.lot = add_lot(
            framework=framework, by=officer, number="1", name="General", service_type="fostering", call_off_method="all"
        )
    return framework


@pytest.fixture
def signed_in(client, officer):
    client.force_login(officer)
    return client


def stored(officer, model=Framework, **which):
    with acting_as(officer.viewer, by=officer):
        return model.objects.get(**which)


def changes(framework):
    uuid, lot = framework.uuid, framework.lot.uuid
    return [
        f"/frameworks/{uuid}/change/", f"/frameworks/{uuid}/term/", f"/frameworks/{uuid}/participants/add/",
        f"/frameworks/{uuid}/events/add/", f"/frameworks/{uuid}/lots/add/", f"/lots/{lot}/change/",
        f"/lots/{lot}/price-lines/",
    ]  # fmt: skip


def test_the_list_says_what_runs_and_warns_in_amber_only_its_lead(client, framework, officer, lewisham):
    client.force_login(officer)
    page = client.get("/frameworks/").content.decode()
    assert "1 framework runs today. One led by Southwark ends within a year: Fostering, on" in page
    assert 'app-tag--needs">Ends within 3 months' in page
    client.force_login(person(lewisham))
    page = client.get("/frameworks/").content.decode()
    assert 'app-tag--plain">Ends within 3 months' in page
    assert "app-tag--needs" not in page


def test_the_list_filters_and_downloads_what_it_shows(signed_in, framework):
    assert "1 of 1" not in signed_in.get("/frameworks/").content.decode()
    found = signed_in.get("/frameworks/?kind=block&member=lewisham")
    assert "0 of 1 framework" in found.content.decode()
    assert "No framework matches" in found.content.decode()
    assert ">Fostering</a>" in signed_in.get("/frameworks/?member=lewisham&state=running").content.decode()
    assert (
        "No framework matches"
        in signed_in.get("/frameworks/?member=greenwich&lead=southwark&kind=block").content.decode()
    )
    rows = list(csv.DictReader(io.StringIO(signed_in.get("/frameworks/?format=csv").content.decode("utf-8-sig"))))
    assert [(row["name"], row["members"], row["notice"]) for row in rows] == [
        ("Fostering", "2", "Ends within 3 months")
    ]
    assert signed_in.get("/frameworks/?format=xlsx").content[:2] == b"PK"


def test_an_empty_list_says_what_to_do(client, southwark, officer):
    client.force_login(officer)
    assert "Record a framework" in client.get("/frameworks/").content.decode()
    client.force_login(person(southwark, "analyst"))
    page = client.get("/frameworks/").content.decode()
    assert "No frameworks yet" in page
    assert "/frameworks/new/" not in page


def test_only_the_leads_officer_sees_buttons_and_may_post(client, framework, officer, lewisham, southwark):
    for user, sees in (
        (officer, True), (person(southwark, "analyst"), False), (person(lewisham), False),
        (person(southwark, "auditor"), False),
    ):  # fmt: skip
        client.force_login(user)
        page = client.get(f"/frameworks/{framework.uuid}/").content.decode()
        assert "Ends within 3 months" in page
        assert ("Decide whether" in page) == sees
        assert ("/change/" in page, "/lots/add/" in page, "participants/" in page) == (sees, sees, sees)
        for address in changes(framework):
            assert client.get(address).status_code == (200 if sees else 403)
            assert client.post(address, {}).status_code == (200 if sees else 403)


def test_a_providers_contact_reads_and_changes_nothing(client, framework, officer):
    with acting_as(officer.viewer, by=officer):
        provider = Provider.objects.create(name="Alder", folded_name="alder")
        contact = User.objects.create_user("c@alder.example", role="provider_contact", provider=provider)
    client.force_login(contact)
    page = client.get(f"/frameworks/{framework.uuid}/").content.decode()
    assert "an officer of Southwark" in page
    assert officer.email not in page
    assert client.post(f"/frameworks/{framework.uuid}/change/", {}).status_code == 403


def test_a_framework_that_is_not_there_is_not_found(signed_in):
    assert signed_in.get("/frameworks/00000000-0000-4000-8000-000000000000/").status_code == 404


def test_a_framework_page_makes_a_fixed_number_of_queries(signed_in, framework, officer, django_assert_num_queries):
    with acting_as(officer.viewer, by=officer):
        for number in range(2, 12):
            add_lot(
                framework=framework, by=officer, number=str(number), name="More", service_type="family",
                call_off_method="all",
            )  # fmt: skip
    signed_in.get("/frameworks/")
    # session, user, savepoint and its release, the viewer told; the header's authority = 6.
    around = 6
    # the framework with its lead and successor; extensions, events, participations, lots with their lines = 5;
    # its last ten changes, the name of their framework, who made them, and how many there are = 4.
    with django_assert_num_queries(around + 5 + 4):
        assert signed_in.get(f"/frameworks/{framework.uuid}/").status_code == 200
    # frameworks with their lead and lots; extensions; who takes part today.
    with django_assert_num_queries(around + 3):
        assert signed_in.get("/frameworks/").status_code == 200
    # the framework; how many changes, which; names of authorities and frameworks; people = 6.
    with django_assert_num_queries(around + 6):
        assert signed_in.get(f"/frameworks/{framework.uuid}/history/").status_code == 200


def test_recording_a_framework_step_by_step(signed_in, officer, southwark, lewisham):
    what = {"name": "Homes", "reference": "SEL-9", "kind": "framework", "note": ""}
    assert signed_in.get("/frameworks/new/check/")["Location"] == "/frameworks/new/what/"
    page = signed_in.post("/frameworks/new/", what | {"name": ""}).content.decode()
    assert "Enter the framework&#x27;s name" in page
    assert 'value="SEL-9"' in page  # what was typed is kept
    assert signed_in.post("/frameworks/new/", what)["Location"] == "/frameworks/new/term/"
    term = day("starts_on", STARTS) | {"extension_months": "12, 6"}
    assert "a framework agreement has one" in signed_in.post("/frameworks/new/term/", term).content.decode()
    bad = signed_in.post("/frameworks/new/term/", term | {"starts_on_0": "31", "starts_on_1": "2"}).content.decode()
    assert "First day: that date does not exist" in bad
    term |= day("ends_before", date(2028, 3, 31))
    assert signed_in.post("/frameworks/new/term/", term)["Location"] == "/frameworks/new/members/"
    assert "checked" in signed_in.get("/frameworks/new/members/").content.decode()  # its own authority, to begin with
    signed_in.post("/frameworks/new/members/", {"participants": [southwark.uuid, lewisham.uuid]})
    page = signed_in.get("/frameworks/new/check/").content.decode()
    assert "31 March 2028" in page
    assert "12 months, then 6 months" in page
    assert "Lewisham, Southwark" in page
    assert 'value="Homes"' in signed_in.get("/frameworks/new/what/").content.decode()
    made = signed_in.post("/frameworks/new/check/")
    framework = stored(officer, name="Homes")
    assert made["Location"] == f"/frameworks/{framework.uuid}/"
    assert (framework.ends_before, framework.lead_authority_id) == (date(2028, 4, 1), southwark.pk)
    assert f"by {officer.email} on" in signed_in.get(made["Location"]).content.decode()


def test_two_people_change_at_once(signed_in, framework, officer):
    address = f"/frameworks/{framework.uuid}/change/"
    version = stored(officer).version
    answers = {"name": "First", "reference": "SEL-1", "kind": "framework", "note": "", "version": version}
    assert signed_in.post(address, answers).status_code == 302
    page = signed_in.post(address, answers | {"name": "Second"}).content.decode()
    assert "Stored now: First" in page
    assert "You typed: Second" in page
    assert stored(officer).name == "First"
    assert f'name="version" value="{version + 1}"' in page
    signed_in.post(address, answers | {"name": "Second", "version": version + 1, "reason": "agreed by both"})
    assert stored(officer).name == "Second"
    page = signed_in.get(f"/frameworks/{framework.uuid}/").content.decode()
    assert "Name changed from First to Second" in page
    assert "Why: agreed by both" in page


def test_the_last_day_is_asked_and_the_day_after_stored(signed_in, framework, officer):
    address = f"/frameworks/{framework.uuid}/term/"
    end = stored(officer).ends_before
    shown = end - timedelta(days=1)
    page = signed_in.get(address).content.decode()
    assert f'name="ends_before_0" value="{shown.day}"' in page
    answers = day("starts_on", STARTS) | day("ends_before", date(2030, 3, 31))
    signed_in.post(address, answers | {"extension_months": "12", "version": stored(officer).version})
    assert stored(officer).ends_before == date(2030, 4, 1)


def test_joining_shows_what_will_change_first(signed_in, framework, officer, greenwich):
    address = f"/frameworks/{framework.uuid}/participants/add/"
    answers = day("starts_on", STARTS) | {"authority": greenwich.uuid}
    page = signed_in.post(address, answers).content.decode()
    assert "Greenwich takes part from 1 April 2024 until the framework ends." in page
    assert "on 1 lot." in page
    with acting_as(officer.viewer, by=officer):
        assert not Participation.objects.filter(authority=greenwich).exists()
    assert signed_in.post(address, answers | {"confirm": "1"}).status_code == 302
    part = stored(officer, Participation, authority=greenwich)
    leaving = f"/frameworks/{framework.uuid}/participants/{part.uuid}/"
    last = day("ends_before", date(2024, 12, 31)) | {"version": part.version}
    assert "up to and including 31 December 2024" in signed_in.post(leaving, last).content.decode()
    assert stored(officer, Participation, pk=part.pk).ends_before is None
    signed_in.post(leaving, last | {"confirm": "1"})
    assert stored(officer, Participation, pk=part.pk).ends_before == date(2025, 1, 1)
    stale = signed_in.post(leaving, day("ends_before", date(2025, 6, 30)) | {"version": 1, "confirm": "1"})
    assert "Stored now: 31 December 2024" in stale.content.decode()


def test_an_extension_shows_the_new_end_before_it_is_taken(signed_in, framework, officer):
    with acting_as(officer.viewer, by=officer):
        option = framework.extensions.get()
    address = f"/frameworks/{framework.uuid}/extensions/{option.uuid}/"
    today = timezone.localdate()
    page = signed_in.post(address, day("taken_on", today)).content.decode()
    assert "12 months later than" in page
    assert signed_in.post(address, day("taken_on", today) | {"confirm": "1"}).status_code == 302
    page = signed_in.get(f"/frameworks/{framework.uuid}/").content.decode()
    assert "12 months, taken on" in page
    assert "Runs to, with extensions" in page
    assert "was taken on" in signed_in.post(address, day("taken_on", today)).content.decode()


def test_an_event_is_recorded(signed_in, framework):
    answers = day("happens_on", date(2024, 2, 1)) | {"kind": "award", "note": "27 providers"}
    signed_in.post(f"/frameworks/{framework.uuid}/events/add/", answers)
    assert "Contracts awarded. 27 providers" in signed_in.get(f"/frameworks/{framework.uuid}/").content.decode()


def line(number, **more):
    given = {
        "uuid": "", "position": number + 1, "code": f"c{number}", "name": f"Line {number}", "includes": "",
        "unit": "week", "category": "core", "level": "", "age_from": "", "age_to": "",
    } | more  # fmt: skip
    return {f"lines-{number}-{name}": value for name, value in given.items()}


def table(*lines, known="", **more):
    total = {"lines-TOTAL_FORMS": len(lines), "lines-INITIAL_FORMS": 0, "known": known}
    return total | {key: value for one in lines for key, value in one.items()} | more


def test_price_lines_in_one_table_without_scripts(signed_in, framework, officer):
    address = f"/lots/{framework.lot.uuid}/price-lines/"
    page = signed_in.post(address, table(line(0), add="1")).content.decode()
    assert 'name="lines-1-code"' in page
    assert 'value="Line 0"' in page
    page = signed_in.post(address, table(line(0), line(1), remove="0")).content.decode()
    assert ('value="Line 0"' in page, 'name="lines-0-name" value="Line 1"' in page) == (False, True)
    page = signed_in.post(address, table(line(0, name="", age_from="x"), save="1")).content.decode()
    assert "Line 1: Enter a name" in page
    assert "Line 1: Enter the youngest age as a whole number" in page
    page = signed_in.post(address, table(line(0), line(1, code="c0"), save="1")).content.decode()
    assert "Two lines have the code c0" in page
    signed_in.post(address, table(line(0, position="2"), line(1, position="1"), save="1"))
    with acting_as(officer.viewer, by=officer):
        rows = list(PriceLine.objects.order_by("position"))
    assert [row.code for row in rows] == ["c1", "c0"]
    known = ",".join(f"{row.uuid}:{row.version}" for row in rows)
    kept = [line(number, uuid=row.uuid, code=row.code, age_from="5", age_to="10") for number, row in enumerate(rows)]
    assert signed_in.post(address, table(*kept, known=known, save="1")).status_code == 302
    page = signed_in.post(address, table(*kept, known=known, save="1")).content.decode()
    assert "Somebody else changed these lines" in page
    assert "c1: Line 0, a week, Core, ages 5 to 10" in page


def test_a_lot_is_added_and_changed(signed_in, framework):
    answers = {"number": "1", "name": "Disability", "service_type": "fostering", "call_off_method": "direct"}
    add = f"/frameworks/{framework.uuid}/lots/add/"
    assert "Lot 1: General has this number" in signed_in.post(add, answers).content.decode()
    assert signed_in.post(add, answers | {"number": "2"})["Location"].endswith("/price-lines/")
    assert "Lot 2: Disability" in signed_in.get(f"/frameworks/{framework.uuid}/").content.decode()
    change = f"/lots/{framework.lot.uuid}/change/"
    assert signed_in.post(change, answers | {"version": "1"}).status_code == 302
    assert "You typed: Other" in signed_in.post(change, answers | {"version": "1", "name": "Other"}).content.decode()


def test_the_glossary_explains_every_term(signed_in):
    page = signed_in.get("/glossary/").content.decode()
    assert 'id="price-line"' in page
    assert "neither good nor bad" in page


def test_contracting_data_is_offered_to_whoever_may_read_it(signed_in, framework, southwark):
    pages = {"/frameworks/": "/api/v1/ocds/?format=json",
             f"/frameworks/{framework.uuid}/": f"/api/v1/ocds/?format=json&amp;framework={framework.uuid}"}  # fmt: skip
    for page, link in pages.items():
        assert f'href="{link}" download' in signed_in.get(page).content.decode()
    package = signed_in.get(pages[f"/frameworks/{framework.uuid}/"].replace("&amp;", "&"))
    assert {release["tender"]["id"] for release in package.json()["releases"]} == {"SEL-1"}
    signed_in.force_login(person(southwark, "authority_administrator"))
    for page, link in pages.items():
        assert link not in signed_in.get(page).content.decode()
    assert signed_in.get("/api/v1/ocds/?format=json").status_code == 403
