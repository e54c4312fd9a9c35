"""The page of recent history: who sees it, what it filters, how many queries it makes."""

import csv
import io
from datetime import date

import pytest

from commissioning.kernel.models import ImportRun
from commissioning.kernel.tenancy.viewer import acting_as
from commissioning.partnership.models import Framework, User
from providers.models import WorkingName
from tests.conftest import SERVICE

pytestmark = pytest.mark.django_db(databases=["default", "owner"])


def person(email, role, authority):
    with acting_as(SERVICE, by="service:tests"):
        return User.objects.create_user(email, role=role, authority=authority)


@pytest.fixture
def officer(southwark):
    return person("o@southwark.example", "commissioning_officer", southwark)


@pytest.fixture
def framework(officer, southwark):
    with acting_as(officer.viewer, by=officer):
        framework = Framework.objects.create(
            reference="=1+1", name="=Fostering", kind="framework", lead_authority=southwark, starts_on=date(2026, 4, 1)
        )
        Framework.objects.update(note="Changed")
    return framework


def test_only_those_who_may_read_history(client, southwark, officer):
    client.force_login(officer)
    assert client.get("/audit/").status_code == 200
    client.force_login(person("a@southwark.example", "analyst", southwark))
    assert client.get("/audit/").status_code == 403


def test_it_shows_and_filters(client, framework, officer):
    client.force_login(officer)
    page = client.get("/audit/?what=partnership_framework").content.decode()
    assert "2 changes in the last month." in page
    assert "Framework added" in page
    assert "Note: Changed" in page
    assert f"/audit/partnership_framework/{framework.uuid}/" in page
    shown = client.get("/audit/?what=partnership_framework&did=update").content.decode()
    assert "1 change in the last month." in shown
    assert "Framework added" not in shown
    assert "No changes like that" in client.get("/audit/?what=partnership_framework&how=file").content.decode()
    by = f"/audit/?what=partnership_framework&who=user:{officer.uuid}&when=all"
    assert "2 changes since records began." in client.get(by).content.decode()


def test_sign_ins_and_progress_are_left_out_unless_asked_for(client, officer, southwark):
    with acting_as(officer.viewer, by=officer):
        run = ImportRun.objects.create(source="rates", file_name="card.xlsx", sha256="0" * 64, authority=southwark)
        ImportRun.objects.filter(pk=run.pk).update(stage="reading", done=5, total=10)
        ImportRun.objects.filter(pk=run.pk).update(state="checked", stage="reading")
        User.objects.filter(pk=officer.pk).update(name="Ada")
    client.force_login(officer)  # a sign-in

    def said(query):
        file = client.get(f"/audit/{query}").content.decode("utf-8-sig")
        return [row["change"] for row in csv.DictReader(io.StringIO(file))]

    news, everything = said("?format=csv"), said("?what=everything&format=csv")
    assert news[:4] == ["Name: Ada", "State changed from Received to Checked, not loaded", "File added", "Person added"]
    assert [change.partition(":")[0] for change in everything[:3]] == [
        "Last sign-in", "Name", "State changed from Received to Checked, not loaded",
    ]  # fmt: skip
    assert "Stage: reading" in everything[3]
    assert len(everything) == len(news) + 2
    page = client.get("/audit/?what=kernel_importrun").content.decode()
    assert "2 changes in the last month." in page
    assert "API key" in page
    assert "Api key" not in page
    page = client.get("/audit/?what=everything").content.decode()
    assert f"{len(everything)} changes in the last month." in page
    assert "all, sign-ins and progress too" in page


def test_it_says_nothing_of_another_authoritys_own_rows(client, framework, officer, lewisham, southwark):
    other = person("o@lewisham.example", "auditor", lewisham)
    client.force_login(other)
    page = client.get("/audit/?what=partnership_user&when=all").content.decode()
    assert "o@lewisham.example" in page
    assert officer.email not in page
    assert client.get(f"/audit/partnership_user/{officer.uuid}/").status_code == 404
    assert client.get(f"/audit/partnership_user/{other.uuid}/").status_code == 200
    assert client.get(f"/audit/nowhere/{other.uuid}/").status_code == 404
    assert WorkingName._meta.db_table in client.get("/audit/").content.decode()


def test_the_csv_holds_what_the_page_shows_and_runs_nothing(client, framework, officer):
    client.force_login(officer)
    file = client.get("/audit/?what=partnership_framework&format=csv")
    rows = list(csv.DictReader(io.StringIO(file.content.decode("utf-8-sig"))))
    assert [row["change"] for row in rows] == ["Note: Changed", "Framework added"]
    assert {row["who"] for row in rows} == {officer.email}
    assert "Record: Framework" in file["X-Export-Notice"]


def test_its_queries_do_not_grow_with_what_it_shows(client, framework, officer, django_assert_num_queries):
    client.force_login(officer)
    client.get("/audit/?when=all")
    with acting_as(officer.viewer, by=officer):
        for number in range(60):
            Framework.objects.update(note=str(number))
    # session, user, savepoint and release, the viewer told, the header's authority = 6; people of the authority to
    # filter by, what the viewer takes part in, the count, the events, people named, and names of authorities,
    # for frameworks are named by their own record = 6.
    with django_assert_num_queries(12):
        page = client.get("/audit/?when=all&page=1").content.decode()
    assert "Next" in page
    assert "51 to 62 of 62" in client.get("/audit/?what=partnership_framework&when=all&page=2").content.decode()
