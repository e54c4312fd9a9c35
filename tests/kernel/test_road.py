"""The one road, by the command that people give: what is refused, what is counted, and that nothing is half-loaded."""

import functools
import os
import random
import signal
import subprocess
import sys
import threading
import time
from datetime import date, timedelta
from pathlib import Path
from urllib.parse import quote

import pytest
from django.conf import settings as project
from django.db import IntegrityError, connection, connections
from django.utils import timezone

from commissioning.kernel.ingest import road, source
from commissioning.kernel.ingest.formats import Limits
from commissioning.kernel.ingest.road import NotNow, bring_in, mark_abandoned, receive
from commissioning.kernel.ingest.source import source_named
from commissioning.kernel.ingest.staging import RowsLost
from commissioning.kernel.models import ImportRemark, ImportRun, ImportState
from commissioning.kernel.tenancy.viewer import Viewer
from fixtures.demo import DEMONSTRATION
from providers.models import Establishment, Provider
from quality.models import Inspection
from quality.sources.ofsted import Ofsted
from tests.messy import build
from tests.messy.ofsted import LATER, NAME, file_of, listed, text_of, workbook_of

from .road import command, fingerprint, service

pytestmark = pytest.mark.django_db(databases=["default", "owner"])
SERVICE = Viewer.of_service("tests")
BY = "service:tests"
KILLS = int(os.environ.get("KILLS", "3"))  # more points at random: KILLS=20


@pytest.fixture(autouse=True)
def _inbox(settings, tmp_path, reference):
    settings.INBOX = tmp_path / "inbox"


def a_pdf(folder):
    return _bytes(folder, b"%PDF-1.7\n%rest of a document")


def a_photograph(folder):
    return _bytes(folder, b"\xff\xd8\xff\xe0" + b"\x00" * 100)


def a_web_page(folder):
    return _bytes(folder, b"<!DOCTYPE html><html><body>Sign in</body></html>")


def an_empty_file(folder):
    return _bytes(folder, b"")


def a_workbook_cut_short(folder):
    whole = workbook_of(folder, [listed(number) for number in range(200)])
    whole.write_bytes(whole.read_bytes()[: whole.stat().st_size // 2])
    return whole


def a_csv_cut_short(folder):
    whole = text_of([listed(1), listed(2, Organisation='Invented "Care" Ltd')])
    return _bytes(folder, whole[: whole.index(' Ltd"')].encode(), NAME)


def a_workbook_with_a_password(folder):
    return build.ole(folder / "list.xlsx", {"EncryptionInfo": b"x" * 100, "EncryptedPackage": b"y" * 5000})


def a_zip_bomb(folder):
    return build.lying_zip(folder / "list.xlsx", 200)


def headings_and_no_rows(folder):
    return file_of(folder, [])


def another_table(folder):
    return _bytes(folder, b"Invoice,Amount\n1,12.50\n", NAME)


def _bytes(folder: Path, content: bytes, name: str = "list.xlsx") -> Path:
    (folder / name).write_bytes(content)
    return folder / name


UNREADABLE = {
    a_pdf: "is a PDF document, not a table",
    a_photograph: "is an image",
    a_web_page: "is a web page",
    an_empty_file: "is empty",
    a_workbook_cut_short: "damaged",
    a_csv_cut_short: "quotation mark",
    a_workbook_with_a_password: "protected with a password",
    a_zip_bomb: "",
    headings_and_no_rows: "no rows",
    another_table: "URN",
}


@pytest.mark.parametrize(("make", "says"), list(UNREADABLE.items()), ids=[make.__name__ for make in UNREADABLE])
def test_what_cannot_be_read_is_refused_with_one_sentence_and_changes_nothing(make, says, tmp_path):
    before = fingerprint()
    code, report = command(make(tmp_path))
    assert (code, report["state"], report["read"]) == (2, "unreadable", 0)
    assert says in report["message"], report["message"]
    assert report["message"].endswith(".")
    assert "Traceback" not in report["message"]
    assert fingerprint() == before
    with service():
        assert not ImportRemark.objects.filter(run=report["import"]).exists()


def test_a_file_that_is_not_there_and_an_authority_that_is_unknown_exit_2(tmp_path):
    assert command(tmp_path / "nothing.csv")[0] == 2
    assert command(file_of(tmp_path, [listed(1)]), "--authority", "narnia")[0] == 2
    assert command(file_of(tmp_path, [listed(1)]), source="rates")[0] == 2  # whose?


def test_a_larger_file_than_allowed_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(source, "read_book", functools.partial(source.read_book, limits=Limits(max_bytes=1024 * 1024)))
    path = _bytes(tmp_path, b"x" * (1024 * 1024 + 1), NAME)
    code, report = command(path)
    assert code == 2
    assert report["message"] == "The file is larger than 1 MB. Send it in parts, for example one year at a time."
    assert Limits().max_bytes == project.UPLOAD_LIMIT_BYTES == 200 * 1024 * 1024


def test_exit_codes_and_counts(tmp_path):
    code, report = command(file_of(tmp_path, [listed(1), listed(2)]))
    assert (code, report["state"]) == (0, "loaded")
    assert (report["read"], report["accepted"], report["rejected"]) == (2, 2, 0)
    code, report = command(file_of(tmp_path, [listed(3), listed(4, **{"Overall effectiveness": "Splendid"})]))
    assert (code, report["state"]) == (1, "loaded")
    assert (report["read"], report["accepted"], report["rejected"]) == (2, 1, 1)
    with service():
        assert set(Establishment.objects.values_list("urn", flat=True)) == {"1200001", "1200002", "1200003"}


def test_a_rejected_row_names_sheet_row_column_and_remedy(tmp_path):
    rows = [
        listed(1),
        listed(2, URN="ABC"),
        listed(3, **{"Inspection date": "31/02/2017"}),
        listed(4, **{"Provision type": "Castle"}),
        listed(1, Name="Again"),
        listed(5, **{"Inspection date": ""}),
    ]
    code, report = command(file_of(tmp_path, rows))
    assert code == 1
    sheet = NAME.removesuffix(".csv")
    said = {(r["sheet"], r["row"], r["column"]): r["says"] for r in report["remarks"] if r["outcome"] == "rejected"}
    assert set(said) == {
        (sheet, 3, "URN"), (sheet, 4, "Inspection date"), (sheet, 5, "Provision type"), (sheet, 6, "URN"),
        (sheet, 7, "Inspection date"),
    }  # fmt: skip
    assert "“ABC” is not an Ofsted URN" in said[sheet, 3, "URN"]
    assert "a day that does not exist" in said[sheet, 4, "Inspection date"]  # and not that the date is missing too
    assert "“Castle”" in said[sheet, 5, "Provision type"]
    assert "already in an earlier row" in said[sheet, 6, "URN"]
    with service():
        remark = ImportRemark.objects.get(row=4, outcome="rejected")
        assert remark.cells["Inspection date"] == "31/02/2017"
        assert remark.cells["Name"] == "Invented Home 3"


def test_a_formula_without_its_result_is_rejected_by_cell(tmp_path):
    code, report = command(workbook_of(tmp_path, [listed(1), listed(2, URN="=A2+1")]))
    assert code == 1
    ((column, says),) = [(r["column"], r["says"]) for r in report["remarks"] if r["outcome"] == "rejected"]
    assert column == "URN"
    assert "formula" in says
    assert (report["read"], report["accepted"], report["rejected"]) == (2, 1, 1)


def test_each_row_is_remarked_on_once_however_often_its_area_occurs(tmp_path):
    rows = [listed(number, **{"Local authority": "Narnia"}) for number in range(40)]
    code, report = command(file_of(tmp_path, rows))
    assert code == 0
    assert [r["row"] for r in report["remarks"] if r["outcome"] == "noted"] == list(range(2, 42))


def test_two_rows_of_headings(tmp_path):
    above = ("Provider information", *[""] * 7, "Latest full inspection", *[""] * 4)
    code, report = command(file_of(tmp_path, [listed(1)], above=above))
    assert (code, report["sheets"][0]["header_row"], report["accepted"]) == (0, 2, 1)


@pytest.mark.parametrize(
    ("first", "second", "day"),
    [
        ("13/04/2017", "05/04/2017", date(2017, 4, 5)),
        ("13.04.2017", "5-4-2017", date(2017, 4, 5)),
        ("2017-04-13", "2017-04-05", date(2017, 4, 5)),
        ("13 April 2017", "5 Apr 2017", date(2017, 4, 5)),
    ],
)
def test_dates_are_read_however_they_are_written(tmp_path, first, second, day):
    rows = [listed(1, **{"Inspection date": first}), listed(2, **{"Inspection date": second})]
    assert command(file_of(tmp_path, rows))[0] == 0
    with service():
        assert Inspection.objects.get(event_number="10000002").inspected_on == day


def test_months_first_are_not_guessed_at(tmp_path):
    rows = [listed(1, **{"Inspection date": "04/13/2017"}), listed(2, **{"Inspection date": "04/05/2017"})]
    code, report = command(file_of(tmp_path, rows))
    assert code == 1
    first, second = [(r["row"], r["says"]) for r in report["remarks"] if r["outcome"] == "rejected"]
    assert first[0] == 2
    assert "puts the month first: write it as day/month/year" in first[1]
    assert second[0] == 3
    assert "could be two dates, because “04/13/2017” in the same column" in second[1]


def test_a_dry_run_changes_nothing_and_reports_what_the_load_does(tmp_path):
    command(file_of(tmp_path, [listed(1), listed(2)]))
    before = fingerprint()
    later = file_of(tmp_path, [listed(1, Places="9"), listed(3, URN="x"), listed(4)], LATER)
    code, dry = command(later, "--dry-run")
    assert (code, dry["state"]) == (1, "checked")
    assert fingerprint() == before
    code, real = command(later)
    assert (code, real["state"]) == (1, "loaded")
    assert fingerprint() != before
    same = ("read", "accepted", "corrected", "rejected", "added", "changed", "removed", "sheets", "remarks")
    assert {key: dry[key] for key in same} == {key: real[key] for key in same}
    assert dry["added"]
    assert dry["changed"]
    with service():
        told = [
            list(ImportRun.objects.get(pk=report["import"]).importchanges.order_by("pk")
                 .values_list("noun", "operation", "what", "detail"))
            for report in (dry, real)
        ]  # fmt: skip
    assert told[0] == told[1]
    assert len(told[0]) == dry["added"] + dry["changed"]


def test_the_same_file_twice_changes_nothing_and_says_so(tmp_path):
    path = file_of(tmp_path, [listed(number) for number in range(1, 6)])
    _, first = command(path)
    before = fingerprint()
    code, second = command(path)
    assert (code, second["state"]) == (0, "loaded")
    assert (second["added"], second["changed"], second["removed"]) == (0, 0, 0)
    assert f"loaded before, as import {first['import']} on " in second["message"]
    assert first["message"] == ""
    assert fingerprint() == before


def test_a_row_neither_accepted_nor_rejected_stops_the_import(tmp_path, monkeypatch):
    check = Ofsted.check

    def loses_one(self, staging):
        check(self, staging)
        staging.execute("DELETE FROM staged_providers WHERE urn = '1200002'")

    monkeypatch.setattr(Ofsted, "check", loses_one)
    before = fingerprint()
    with pytest.raises(RowsLost, match="2 rows were read, 1 accepted and 0 rejected"):
        command(file_of(tmp_path, [listed(1), listed(2)]))
    assert fingerprint() == before
    with service():
        assert ImportRun.objects.get().state == ImportState.INTERRUPTED
    with pytest.raises(IntegrityError), service():
        ImportRun.objects.create(source="ofsted", file_name="x", rows_read=2, rows_accepted=1)


def test_a_defect_in_a_source_leaves_nothing_and_can_be_tried_again(tmp_path, monkeypatch):
    before = fingerprint()
    path = file_of(tmp_path, [listed(1)])
    with monkeypatch.context() as broken:
        broken.setattr(Ofsted, "load", lambda self, staging: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            command(path)
    assert fingerprint() == before
    with service():
        run = ImportRun.objects.get()
    assert (run.state, run.message) == (
        "interrupted", "The work stopped before it was finished. Nothing was loaded and the file is kept: try again.",
    )  # fmt: skip
    assert bring_in(run, viewer=SERVICE, by=BY, now=timezone.now(), load=True).state == ImportState.LOADED


def test_a_loaded_file_is_not_loaded_again(tmp_path):
    _, report = command(file_of(tmp_path, [listed(1)]))
    with service():
        run = ImportRun.objects.get(pk=report["import"])
    with pytest.raises(NotNow, match="loaded already"):
        bring_in(run, viewer=SERVICE, by=BY, now=timezone.now(), load=True)


def test_files_are_kept_where_only_the_platform_reads(tmp_path, client, settings):
    command(file_of(tmp_path, [listed(1)]))
    with service():
        name = str(ImportRun.objects.get().uuid)
    kept = settings.INBOX / name
    assert kept.stat().st_mode & 0o077 == 0
    assert kept.parent.stat().st_mode & 0o077 == 0
    for address in (f"/inbox/{name}", f"/build/inbox/{name}", f"/static/{name}", f"/static/../inbox/{name}",
                    f"/static/..%2finbox%2f{name}", f"/media/{name}", f"/imports/{name}/file"):  # fmt: skip
        assert client.get(address).status_code == 404
    served = [Path(project.STATIC_ROOT), *map(Path, project.STATICFILES_DIRS)]
    inbox = project.BUILD / "inbox"
    assert not any(inbox.is_relative_to(folder) or folder.is_relative_to(inbox) for folder in served)


# Two at once


def _at_once(jobs):
    """Runs the functions in threads of their own; gives what each returned or raised."""
    ends = [None] * len(jobs)

    def work(place, job):
        try:
            ends[place] = job()
        except Exception as problem:
            ends[place] = problem
        finally:
            connections.close_all()

    threads = [threading.Thread(target=work, args=pair) for pair in enumerate(jobs)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return ends


def _received(path):
    with service():
        return receive(source=source_named("ofsted"), file=path, file_name=path.name, authority=None, by=BY)


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_the_same_file_twice_at_once_is_loaded_once(tmp_path, settings):
    path = file_of(tmp_path, [listed(number) for number in range(300)])
    runs = [_received(path), _received(path)]
    ends = _at_once([
        functools.partial(bring_in, run, viewer=SERVICE, by=BY, now=timezone.now(), load=True) for run in runs
    ])  # fmt: skip
    assert [getattr(end, "state", end) for end in ends] == ["loaded", "loaded"]
    added = sorted(end.facts_added for end in ends)
    assert added[0] == 0
    assert added[1] > 600
    assert all(end.facts_changed == end.facts_removed == 0 for end in ends)
    assert sorted(bool(end.message) for end in ends) == [False, True]
    with service():
        assert Establishment.objects.count() == 300
        assert Provider.objects.count() == 50


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_one_import_asked_for_twice_at_once_is_done_once(tmp_path, settings):
    run = _received(file_of(tmp_path, [listed(number) for number in range(300)]))
    again = functools.partial(bring_in, run, viewer=SERVICE, by=BY, now=timezone.now(), load=True)
    ends = _at_once([again, again])
    assert sorted(type(end).__name__ for end in ends) == ["ImportRun", "NotNow"]
    with service():
        stored = ImportRun.objects.get()
        assert (stored.state, stored.importsheets.count()) == ("loaded", 1)
        assert stored.facts_added > 600


# Killed


def _killed(path: Path, inbox: Path, when) -> None:
    """Starts the command as a process of its own and kills it once `when(run)` is true, or after its end."""
    database = connection.settings_dict
    host = quote(database["OPTIONS"].get("host") or database["HOST"], safe="")
    environment = {
        "PATH": os.environ["PATH"], "COMMISSIONING_INSTANCE": os.environ["COMMISSIONING_INSTANCE"], **DEMONSTRATION,
        "SECRET_KEY": "x" * 50,
        "REFERENCE_KEY": "y" * 50,
        "INBOX": str(inbox), "DJANGO_SETTINGS_MODULE": "commissioning.settings",
        "DATABASE_URL": f"postgresql://{database['USER']}:{database['PASSWORD']}@/{database['NAME']}?host={host}",
    }  # fmt: skip
    process = subprocess.Popen(
        [sys.executable, "manage.py", "import_file", "ofsted", str(path)], cwd=project.PROJECT, env=environment,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        until = time.monotonic() + 60
        while process.poll() is None and time.monotonic() < until:
            with service():
                run = ImportRun.objects.first()
            if run is not None and when(run):
                break
            time.sleep(0.01)
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()


def _points():
    """Three stages; further ones a random while after the file was received."""
    stages = ("Reading providers and their latest judgements", "Checking", "Loading")
    for stage in stages[:KILLS]:
        yield pytest.param(lambda run, stage=stage: run.stage == stage, id=stage)
    chance = random.Random(20260420)
    for number in range(KILLS - len(stages)):
        seconds = chance.uniform(0, 4)
        yield pytest.param(
            lambda run, seconds=seconds: timezone.now() > run.received_at + timedelta(seconds=seconds),
            id=f"{number}: after {seconds:.2f} s",
        )


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
@pytest.mark.parametrize("when", list(_points()))
def test_killed_at_any_moment_all_or_nothing_and_try_again_works(tmp_path, settings, when):
    before = fingerprint()
    _killed(file_of(tmp_path, [listed(number) for number in range(2000)]), settings.INBOX, when)
    began = time.monotonic()
    marked = 0
    while not marked and time.monotonic() - began < 60:  # the server notices that its client has gone
        with service():
            run = ImportRun.objects.get()
            if run.state == ImportState.LOADED:
                break  # killed after its commit
            marked = mark_abandoned(now=timezone.now() + timedelta(minutes=1))
        time.sleep(0.1)
    with service():
        run = ImportRun.objects.get()
    if run.state == ImportState.LOADED:
        assert (run.rows_accepted, run.rows_read) == (2000, 2000)
        return
    assert run.state == ImportState.INTERRUPTED
    assert "Nothing was loaded" in run.message
    assert fingerprint() == before
    done = bring_in(run, viewer=SERVICE, by=BY, now=timezone.now(), load=True)
    assert (done.state, done.rows_accepted) == ("loaded", 2000)
    with service():
        assert Establishment.objects.count() == 2000


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_a_run_at_work_is_not_taken_for_abandoned(tmp_path, settings):
    run = _received(file_of(tmp_path, [listed(1)]))
    with service():
        ImportRun.objects.update(state=ImportState.LOADING)
    later = timezone.now() + timedelta(minutes=1)
    other = connections.create_connection("default")
    try:
        with other.cursor() as cursor:
            cursor.execute("BEGIN")
            cursor.execute("SELECT pg_advisory_xact_lock(%s, hashtext(%s))", (road._LOCK_OF_A_RUN, str(run.pk)))
            with service():
                assert mark_abandoned(now=later) == 0
            cursor.execute("ROLLBACK")
        with service():
            assert mark_abandoned(now=timezone.now()) == 0  # begun this moment: it may not have its lock yet
            assert mark_abandoned(now=later) == 1
            assert ImportRun.objects.get().state == ImportState.INTERRUPTED
    finally:
        other.close()
