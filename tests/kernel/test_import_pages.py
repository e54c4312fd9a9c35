"""The Files pages, from sending to taking back, for those who may and those who may not."""

import io
import json
import re
from datetime import timedelta

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook

from commissioning.kernel.jobs import bring_in_job, mark_abandoned_job
from commissioning.kernel.models import ImportChange, ImportRemark, ImportRun, ImportSheet, ImportState
from commissioning.kernel.tenancy.viewer import Viewer, acting_as
from commissioning.partnership.models import User
from providers.models import Establishment, Provider
from tests.messy.ofsted import LATER, NAME, listed, text_of
from tests.world import card, row, send

from .road import service

pytestmark = pytest.mark.django_db(databases=["default", "owner"])
SPLENDID = {"Overall effectiveness": "Splendid"}


@pytest.fixture(autouse=True)
def _plain(settings, tmp_path):
    settings.INBOX = tmp_path / "inbox"
    settings.SECOND_FACTOR_REQUIRED = False


def person(role, authority, email=""):
    with service():
        return User.objects.create_user(email or f"{role}@{authority.slug}.test", role=role, authority=authority)


def signed_in(user):
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def officer(southwark):
    return person("commissioning_officer", southwark)


@pytest.fixture
def page(officer):
    return signed_in(officer)


def sent(client, rows, name=NAME, content=None):
    """Sends a file by the form; gives its page's address."""
    file = SimpleUploadedFile(name, content if content is not None else text_of(rows).encode())
    answer = client.post("/imports/send/", {"source": "ofsted", "file": file})
    assert answer.status_code == 302, words(answer)
    return answer["Location"]


def work():
    """What the worker would do: every job that waits, oldest first, with the arguments that were written down."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT args FROM procrastinate_jobs WHERE task_name = 'kernel.bring_in' ORDER BY id")
        jobs = [args if isinstance(args, dict) else json.loads(args) for (args,) in cursor.fetchall()]
        cursor.execute("DELETE FROM procrastinate_jobs")
    for arguments in jobs:
        bring_in_job(**arguments)
    return jobs


def words(answer):
    text = re.sub(r"<(script|style|head).*?</\1>", " ", answer.content.decode(), flags=re.S)
    return " ".join(re.sub(r"<[^>]+>", " ", text).split())


def only_run(**more):
    with service():
        return ImportRun.objects.get(**more)


def test_nothing_sent_yet(page):
    answer = page.get("/imports/")
    assert "No file has been sent yet" in words(answer)
    assert "Send a file" in words(answer)


def test_the_form_offers_what_the_person_may_send(page, southwark):
    said = words(page.get("/imports/send/"))
    assert "up to 200 MB" in said
    assert "Ofsted's published list" in said.replace("&#x27;", "'")
    assert "rate cards" in said
    quality = words(signed_in(person("quality_officer", southwark)).get("/imports/send/"))
    assert "published list" in quality
    assert "rate cards" not in quality
    assert signed_in(person("auditor", southwark)).get("/imports/send/").status_code == 403


def test_the_form_says_what_is_missing(page):
    said = words(page.post("/imports/send/", {}))
    assert "Choose what kind of file it is" in said
    assert "Choose a file" in said
    said = words(page.post("/imports/send/", {"source": "ofsted", "file": SimpleUploadedFile("x.csv", b"")}))
    assert "The file is empty" in said
    said = words(page.post("/imports/send/", {"source": "block-nights", "file": SimpleUploadedFile("x.csv", b"x")}))
    assert "block-nights" in said


def test_a_file_beyond_the_limit_is_cut_off_while_it_streams(page, settings, tmp_path):
    settings.UPLOAD_LIMIT_BYTES = 3 * 1024 * 1024
    large = SimpleUploadedFile("large.csv", b"x" * (4 * 1024 * 1024))
    answer = page.post("/imports/send/", {"source": "ofsted", "file": large})
    assert answer.status_code == 200
    said = words(answer)
    assert "The file is larger than 3 MB. Send it in parts, for example one year at a time." in said
    assert "Choose a file" not in said
    with service():
        assert not ImportRun.objects.exists()
    assert not (tmp_path / "inbox").exists()
    just = SimpleUploadedFile(NAME, b"x" * (3 * 1024 * 1024))
    assert page.post("/imports/send/", {"source": "ofsted", "file": just}).status_code == 302


def test_the_form_is_guarded_against_other_sites(officer):
    client = Client(enforce_csrf_checks=True)
    client.force_login(officer)
    file = SimpleUploadedFile(NAME, b"x")
    assert client.post("/imports/send/", {"source": "ofsted", "file": file}).status_code == 403
    client.get("/imports/send/")
    token = client.cookies["csrf"].value
    file.seek(0)
    sent_with = {"source": "ofsted", "file": file, "csrfmiddlewaretoken": token}
    assert client.post("/imports/send/", sent_with).status_code == 302


def test_from_sending_to_taking_back(page, officer):
    address = sent(page, [listed(1), listed(2), listed(3, **SPLENDID)])
    said = words(page.get(address))
    assert "You may leave this page" in said
    assert "Waiting its turn" in said
    assert "Load the" not in said
    waiting = page.get(f"{address}progress/")
    assert "Waiting its turn" in words(waiting)
    assert "HX-Refresh" not in waiting

    (job,) = work()
    assert job == {"run": address.split("/")[2], "user": officer.pk, "load": False}
    said = words(page.get(address))
    assert "3 rows read: 2 can be loaded, 1 needs correcting." in said
    assert "Nothing is loaded yet." in said
    assert "Loading would add 8 records." in said
    assert "Load the 2 accepted rows" in said
    assert "The rejected rows stay out." in said
    assert "“Splendid” is not a known judgement" in said
    assert page.get(f"{address}progress/")["HX-Refresh"] == "true"
    with service():
        assert not Establishment.objects.exists()

    assert page.post(f"{address}load/").status_code == 302
    assert "Waiting its turn" in words(page.get(address))
    assert work()[0]["load"] is True
    said = words(page.get(address))
    assert "2 of 3 rows are loaded, 1 stayed out and needs correcting. 8 records were added." in said
    assert "Take this file back" in said
    with service():
        assert Establishment.objects.count() == 2
    run = only_run()
    assert (run.received_by, run.loaded_by) == (officer, officer)

    said = words(page.get(f"{address}take-back/"))
    assert "8 records that it added will be removed." in said
    assert "Nothing is changed yet" in said
    assert "Say why it is taken back" in words(page.post(f"{address}take-back/", {"reason": " "}))
    assert only_run().state == ImportState.LOADED
    done = page.post(f"{address}take-back/", {"reason": "It was the wrong year"}, follow=True)
    said = words(done)
    assert "Every record stands as it did before." in said
    assert "It was the wrong year" in said
    with service():
        assert not Establishment.objects.exists()
    assert (only_run().state, only_run().taken_back_by) == (ImportState.TAKEN_BACK, officer)


def test_loading_twice_or_out_of_turn_is_answered_plainly(page):
    address = sent(page, [listed(1)])
    assert "Only a checked file can be loaded" in words(page.post(f"{address}load/", follow=True))
    work()
    page.post(f"{address}load/")
    assert "Only a checked file can be loaded" in words(page.post(f"{address}load/", follow=True))
    assert len(work()) == 1
    assert "Only a checked file can be loaded" in words(page.post(f"{address}load/", follow=True))
    assert "did not stop halfway" in words(page.post(f"{address}again/", follow=True))
    assert work() == []


def test_mended_rows_go_in_as_a_file_of_their_own(page):
    address = sent(page, [listed(1), listed(2, **SPLENDID), listed(3, URN="=cmd"), listed(4)])
    work()
    page.post(f"{address}load/")
    work()
    answer = page.get(f"{address}rejects.xlsx")
    assert (
        answer["Content-Disposition"] == 'attachment; filename="provider_level_at_31_march_2018 - rows to correct.xlsx"'
    )
    book = load_workbook(io.BytesIO(answer.content))
    sheet = book["provider_level_at_31_march_2018"]
    head, *rows = list(sheet.iter_rows())
    headings = [cell.value for cell in head]
    assert headings[0] == "URN"
    assert headings[-1] == "What to change"
    assert [row[0].value for row in rows] == ["1200002", "=cmd"]
    assert rows[1][0].data_type == "s"  # never a formula
    judged = headings.index("Overall effectiveness")
    assert "Splendid" in rows[0][judged].comment.text
    assert rows[0][0].comment is None
    assert rows[0][-1].value.startswith("Row 3: ")
    assert rows[1][-1].value.startswith("Row 4: ")
    rows[0][judged].value, rows[1][0].value = "Outstanding", "1200003"
    mended = io.BytesIO()
    book.save(mended)
    again = sent(page, [], "provider_level_at_31_march_2018 - rows to correct.xlsx", mended.getvalue())
    work()
    assert "2 rows read: all can be loaded." in words(page.get(again))
    page.post(f"{again}load/")
    work()
    with service():
        assert set(Establishment.objects.values_list("urn", flat=True)) == {f"120000{n}" for n in (1, 2, 3, 4)}


def test_an_unreadable_file_says_why_and_what_is_safe(page):
    address = sent(page, [], "list.xlsx", b"%PDF-1.7")
    work()
    said = words(page.get(address))
    assert "is a PDF document, not a table" in said
    assert "Nothing was loaded, and nothing that was recorded before is lost." in said
    assert "Send a corrected file" in said


def test_the_same_file_again_names_the_first(page):
    for _ in range(2):
        address = sent(page, [listed(1)])
        work()
        page.post(f"{address}load/")
        work()
    answer = page.get(address)
    said = words(answer)
    assert "Everything in it was recorded already, so nothing changed." in said
    assert "This very file was loaded before" in said
    with service():
        first = ImportRun.objects.order_by("pk").first()
    assert reverse("import", args=[first.uuid]) in answer.content.decode()
    assert "loaded before" not in words(page.get(reverse("import", args=[first.uuid])))


def test_a_refused_take_back_lists_what_came_later(page, officer):
    first = sent(page, [listed(1)])
    work()
    page.post(f"{first}load/")
    work()
    later = sent(page, [listed(1, Places="9")], LATER)
    work()
    page.post(f"{later}load/")
    work()
    for answer in (page.get(f"{first}take-back/"), page.post(f"{first}take-back/", {"reason": "x"})):
        said = words(answer)
        assert "cannot be taken back" in said
        assert "Nothing has been undone." in said
        assert LATER in said
        assert officer.email in said
        assert later in answer.content.decode()
    with service():
        assert Establishment.objects.get().places == 9


def test_rejected_rows_are_paged_sorted_and_downloaded(page):
    address = sent(page, [listed(number, **SPLENDID) for number in range(400)])
    work()
    answer = page.get(address)
    assert "400 rows read: none can be loaded, 400 need correcting." in words(answer)
    assert "1 to 50 of 400 reasons" in words(answer)
    assert "Load the" not in words(answer)
    assert "351 to 400 of 400 reasons" in words(page.get(f"{address}?page=8&sort=-row"))
    csv = page.get(f"{address}?format=csv").content.decode("utf-8-sig").splitlines()
    assert len(csv) == 401
    assert csv[0] == "row,sheet,column,sent,says"


def test_remarks_of_each_kind_have_their_list(page):
    address = sent(page, [listed(1, **{"Local authority": "Narnia"}), listed(2, **SPLENDID)])
    work()
    said = words(page.get(address))
    assert "1 to correct" in said
    assert "1 to look at" in said
    assert "Rows to correct" in said
    assert "Narnia" in words(page.get(f"{address}?show=noted"))


def test_the_list_says_where_each_file_stands(page, southwark):
    sent(page, [listed(1)])
    work()
    sent(page, [listed(2)], LATER)
    said = words(page.get("/imports/"))
    assert "2 files. 1 is on the way. 1 is checked and not loaded yet." in said
    assert LATER in words(page.get("/imports/?state=received"))
    assert NAME not in words(page.get("/imports/?state=received"))
    assert "No file like that" in words(page.get("/imports/?source=rates"))
    assert page.get("/imports/?sort=nonsense&page=99&state=nonsense").status_code == 200


def test_those_who_only_read_see_no_button_and_may_not_press_one(page, southwark):
    address = sent(page, [listed(1)])
    work()
    auditor = signed_in(person("auditor", southwark))
    said = words(auditor.get(address))
    assert "1 row read: it can be loaded." in said
    assert "Load the" not in said
    assert "Send a corrected" not in said
    for verb in ("load", "again", "take-back"):
        assert auditor.post(f"{address}{verb}/").status_code == 403
    assert only_run().state == ImportState.CHECKED


def test_a_source_asks_for_its_own_right(world, page):
    with acting_as(Viewer.of_authority(world.southwark.pk), by="service:tests"):
        run = send("rates", card(row(world.shared, "No such provider", "700")), world.southwark, load=False)
    address = reverse("import", args=[run.uuid])
    quality = signed_in(person("quality_officer", world.southwark))
    assert quality.get(address).status_code == 200
    assert quality.post(f"{address}load/").status_code == 403
    file = SimpleUploadedFile("card.csv", b"x")
    assert quality.post("/imports/send/", {"source": "rates", "file": file}).status_code == 200


def test_another_authority_sees_nothing_of_an_own_file(world):
    run = send("rates", card(row(world.shared, "No such provider", "700")), world.southwark, load=False)
    address = reverse("import", args=[run.uuid])
    stranger = signed_in(person("commissioning_officer", world.lewisham))
    for part in ("", "progress/", "rejects.xlsx", "take-back/"):
        assert stranger.get(address + part).status_code == 404
    for part in ("load/", "again/", "take-back/"):
        assert stranger.post(address + part).status_code == 404
    assert "card.csv" not in words(stranger.get("/imports/"))
    with acting_as(Viewer.of_authority(world.lewisham.pk), by="service:tests"), connection.cursor() as cursor:
        for model in (ImportRun, ImportSheet, ImportRemark, ImportChange):
            assert not model.objects.exists()
            cursor.execute(f"SELECT count(*) FROM {model._meta.db_table}")
            assert cursor.fetchone() == (0,)
        cursor.execute("SELECT count(*) FROM audit.kernel_importrun")
        assert cursor.fetchone() == (0,)
    own = signed_in(person("commissioning_officer", world.southwark))
    assert "card.csv" in words(own.get("/imports/"))


def test_a_partnership_file_is_every_members(page, lewisham):
    address = sent(page, [listed(1)])
    work()
    colleague = signed_in(person("commissioning_officer", lewisham))
    assert colleague.post(f"{address}load/").status_code == 302
    work()
    assert only_run().loaded_by.email == "commissioning_officer@lewisham.test"


def test_whoever_may_no_longer_has_nothing_done_for_them(page, officer):
    address = sent(page, [listed(1)])
    with service():
        officer.is_active = False
        officer.save()
    work()
    assert only_run().state == ImportState.INTERRUPTED
    assert "may no longer do it. Nothing was loaded" in only_run().message
    with service():
        officer.is_active = True
        officer.save()
    page = signed_in(officer)
    assert page.post(f"{address}again/").status_code == 302
    work()
    assert only_run().state == ImportState.CHECKED


def test_an_abandoned_file_is_marked_by_page_and_by_the_clock(world, page):
    own = send("rates", card(row(world.shared, "No such provider", "700")), world.lewisham, load=False)
    address = sent(page, [listed(1)])
    for run, viewer in ((own, Viewer.of_authority(world.lewisham.pk)), (only_run(), Viewer.of_service("tests"))):
        with acting_as(viewer, by="service:tests"):
            ImportRun.objects.filter(pk=run.pk).update(state=ImportState.CHECKING, stage="Checking")
    mark_abandoned_job(0)
    assert only_run().state == ImportState.CHECKING  # begun a moment ago
    with time_machine.travel(timezone.now() + timedelta(seconds=59)):
        assert page.get(f"{address}progress/")["HX-Refresh"] == "true"
        assert "try again" in words(page.get(address)).lower()
        with acting_as(Viewer.of_authority(world.lewisham.pk), by="service:tests"):
            assert ImportRun.objects.get(pk=own.pk).state == ImportState.CHECKING  # not Southwark's to see
        mark_abandoned_job(0)
    with acting_as(Viewer.of_authority(world.lewisham.pk), by="service:tests"):
        assert ImportRun.objects.get(pk=own.pk).state == ImportState.INTERRUPTED


def test_a_file_that_nobody_takes_up_can_be_tried_again(page):
    address = sent(page, [listed(1)])
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_jobs")  # its worker died before it began
    with time_machine.travel(timezone.now() + timedelta(minutes=6)):
        assert "waited for more than five minutes" in words(page.get(address))
        assert page.post(f"{address}again/").status_code == 302
    work()
    assert only_run().state == ImportState.CHECKED


def test_a_provider_of_that_name_is_not_run_in_the_page(page):
    """What a file says is text on the page, whatever it looks like."""
    address = sent(page, [listed(1, Organisation="<script>alert(1)</script>"), listed(2, URN="<b>x</b>")])
    work()
    html = page.get(address).content.decode()
    assert "<script>alert(1)" not in html
    assert "<b>x</b>" not in html
    assert "&lt;b&gt;x" in html
    with service():
        assert not Provider.objects.filter(name__contains="<script>").exists()
