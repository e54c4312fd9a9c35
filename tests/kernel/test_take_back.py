"""Taking an import back: everything stands as before, or nothing happens and the reasons are listed."""

import pytest
from django.db import connection, connections
from django.utils import timezone

from commissioning.kernel.audit.events import events_of
from commissioning.kernel.ingest import road
from commissioning.kernel.ingest import source as sources
from commissioning.kernel.ingest.cells import as_text
from commissioning.kernel.ingest.road import NotNow
from commissioning.kernel.ingest.source import Field, Source, Table
from commissioning.kernel.ingest.take_back import Refused, take_back
from commissioning.kernel.models import ImportRun, ImportState
from commissioning.kernel.tenancy.viewer import Viewer, acting_as
from commissioning.partnership.models import FrameworkEvent, Participation
from providers.models import Establishment, EstablishmentRecord, Provider, Rate, WorkingName
from quality.models import Inspection
from tests.messy.ofsted import LATER, file_of, listed
from tests.world import card, row, send

from .road import command, fingerprint, service

pytestmark = pytest.mark.django_db(databases=["default", "owner"])
WHY = "the wrong year was sent"


@pytest.fixture(autouse=True)
def _inbox(settings, tmp_path, reference):
    settings.INBOX = tmp_path / "inbox"


def loaded(path, **more):
    code, report = command(path, **more)
    assert code == 0, report
    with service():
        return ImportRun.objects.get(pk=report["import"])


def taken_back(run, by="service:tests"):
    with acting_as(Viewer.of_service("tests"), by=by, reason=WHY):
        return take_back(run, by=by, now=timezone.now())


def test_every_row_stands_again_as_it_did(tmp_path):
    loaded(file_of(tmp_path, [listed(1), listed(2), listed(3)]))
    before, exactly = fingerprint(stamps=False), fingerprint()
    changed = [listed(1, Places="9"), listed(2, Organisation="Another Owner Ltd"), listed(4)]
    run = loaded(file_of(tmp_path, changed, LATER))
    assert run.facts_added
    assert run.facts_changed
    assert fingerprint(stamps=False) != before
    done = taken_back(run)
    assert (done.state, done.taken_back_by) == (ImportState.TAKEN_BACK, None)
    assert fingerprint(stamps=False) == before
    assert fingerprint() != exactly  # versions go on counting, so that whoever synchronises sees the change
    with service():
        assert not Establishment.objects.filter(urn="1200004").exists()
        assert not Provider.objects.filter(name="Another Owner Ltd").exists()


def test_the_only_import_taken_back_leaves_nothing_and_can_be_sent_again(tmp_path):
    empty = fingerprint()
    path = file_of(tmp_path, [listed(number) for number in range(20)])
    taken_back(loaded(path))
    assert fingerprint() == empty
    again = loaded(path)
    assert again.facts_added
    assert again.message == ""  # it is not said to be loaded already


class Removing(Source):
    """Adds, changes twice, adds and removes, and removes: more than any one kind of file does."""

    name, label, says = "removing", "A test's own", "For a test."
    may, of_authority = ("ofsted", "import"), False
    tables = (Table("names", "names", (Field("name", "Name", read=as_text, needed=True, filled=True),)),)

    def writes(self):
        return [Provider]

    def load(self, staging):
        run = {"run": staging.run_id}
        staging.execute(
            "INSERT INTO providers_provider (name, folded_name, company_number, charity_number, sector,"
            " source_import_id)"
            " SELECT name, lower(name), '', '', '', %(run)s FROM staged_names", run,
        )  # fmt: skip
        for name in ("One", "Two"):
            staging.execute("UPDATE providers_provider SET sector = %s WHERE folded_name = 'kept'", (name,))
        staging.execute("DELETE FROM providers_provider WHERE folded_name IN ('passing', 'removed')")
        staging.execute("UPDATE providers_provider SET source_row = 7 WHERE folded_name = 'stamped'")


@pytest.fixture
def removing(monkeypatch):
    monkeypatch.setitem(sources._sources, "removing", Removing())
    with service():
        for name in ("Kept", "Removed", "Stamped"):
            Provider.objects.create(name=name, folded_name=name.lower(), company_number="", sector="private")


def test_a_fact_touched_several_times_counts_once_and_comes_back_whole(tmp_path, removing):
    before = fingerprint("removing", stamps=False)
    path = tmp_path / "names.csv"
    path.write_text("Name\nNew\nPassing\n")
    run = loaded(path, source="removing")
    assert (run.facts_added, run.facts_changed, run.facts_removed) == (1, 1, 1)
    with service():
        told = {(c.operation, c.what): c.detail for c in run.importchanges.all()}
    assert told == {
        ("update", "Kept"): "sector from private to Two", ("insert", "New"): "", ("delete", "Removed"): "",
    }  # fmt: skip
    taken_back(run)
    assert fingerprint("removing", stamps=False) == before


def test_refused_where_a_later_import_touched_its_rows(tmp_path):
    first = loaded(file_of(tmp_path, [listed(1), listed(2)]))
    later = loaded(file_of(tmp_path, [listed(1, Places="9")], LATER))
    before = fingerprint()
    with pytest.raises(Refused) as refused:
        taken_back(first)
    told = {(each.noun, each.import_id) for each in refused.value.later}
    assert ("establishment", later.pk) in told
    assert {each.import_id for each in refused.value.later} == {later.pk}
    assert fingerprint() == before
    with service():
        assert ImportRun.objects.get(pk=first.pk).state == ImportState.LOADED


def test_the_later_file_taken_back_first_makes_way(tmp_path):
    empty = fingerprint()
    first = loaded(file_of(tmp_path, [listed(1), listed(2)]))
    later = loaded(file_of(tmp_path, [listed(1, Places="9"), listed(3)], LATER))
    with pytest.raises(Refused):
        taken_back(first)
    taken_back(later)
    taken_back(first)
    assert fingerprint() == empty


def test_refused_where_a_later_import_rests_on_its_rows(tmp_path):
    """A new inspection of a home that the first file brought: the home itself was not touched."""
    first = loaded(file_of(tmp_path, [listed(1)]))
    with service():
        home = Establishment.objects.get()
        Inspection.objects.create(
            establishment=home, event_number="by hand", inspected_on="2018-01-01", scale="grades", as_at="2018-01-02"
        )
    with pytest.raises(Refused) as refused:
        taken_back(first)
    assert [(each.noun, each.by) for each in refused.value.later] == [("inspection", "service:tests")]


def test_refused_where_a_person_changed_a_row(tmp_path, southwark, as_authority):
    run = loaded(file_of(tmp_path, [listed(1)]))
    with as_authority(southwark):
        Provider.objects.update(company_number="09000001")
    with pytest.raises(Refused) as refused:
        taken_back(run)
    ((noun, by, import_id),) = [(each.noun, each.by, each.import_id) for each in refused.value.later]
    assert (noun, by, import_id) == ("provider", "service:tests", None)


def test_refused_without_a_word_of_what_the_viewer_may_not_see(tmp_path, southwark, lewisham, as_authority):
    run = loaded(file_of(tmp_path, [listed(1)]))
    with as_authority(lewisham):
        WorkingName.objects.create(
            authority=lewisham, establishment=Establishment.objects.get(), name="The house on the hill"
        )
    before = fingerprint()
    with pytest.raises(Refused, match="that you cannot see") as refused, as_authority(southwark, reason=WHY):
        take_back(run, by="service:tests", now=timezone.now())
    assert refused.value.later == []
    assert fingerprint() == before


def taken_back_by(authority, run, as_authority):
    with as_authority(authority, reason=WHY):
        return take_back(run, by="service:tests", now=timezone.now())


def rate_card(world, *amounts):
    names = ("Invented Provider 1 Ltd", "Invented Provider 2 Ltd")
    rows = [row(world.shared, name, amount, "01/04/2025") for name, amount in zip(names, amounts, strict=True)]
    return send("rates", card(*rows), world.southwark)


def test_refused_where_the_viewer_sees_its_rows_no_more(world, as_authority):
    """Southwark leads, loads, stops taking part: history and rates are hidden from it, and nothing could be undone."""
    run = rate_card(world, "790", "800")
    with as_authority(world.southwark):
        Participation.objects.filter(framework=world.shared, authority=world.southwark).delete()
    with pytest.raises(Refused, match="touched 2 records, and you can see 0 of them") as refused:
        taken_back_by(world.southwark, run, as_authority)
    assert refused.value.later == []
    with as_authority(world.lewisham):
        assert Rate.objects.count() == 2
    with as_authority(world.southwark):
        assert ImportRun.objects.get(pk=run.pk).state == ImportState.LOADED
        Participation.objects.create(
            framework=world.shared, authority=world.southwark, starts_on=world.shared.starts_on
        )
    assert taken_back_by(world.southwark, run, as_authority).state == ImportState.TAKEN_BACK
    with as_authority(world.lewisham):
        assert not Rate.objects.exists()


class OfTheLead(Source):
    """A file of the whole partnership that touches rows which every member sees and their lead alone writes."""

    name, label, says = "of-the-lead", "A test's own", "For a test."
    may, of_authority = ("ofsted", "import"), False
    tables = (Table("names", "names", (Field("name", "Name", read=as_text, needed=True, filled=True),)),)
    statement = ""

    def writes(self):
        return [FrameworkEvent]

    def load(self, staging):
        staging.execute(self.statement, {})


@pytest.mark.parametrize(
    "statement",
    [
        """INSERT INTO partnership_frameworkevent (framework_id, kind, happens_on, note)
           SELECT framework_id, kind, happens_on + 1, note FROM partnership_frameworkevent""",
        "UPDATE partnership_frameworkevent SET note = 'changed'",
        "UPDATE partnership_frameworkevent SET note = note",  # no fact differs: the run's own numbers are all 0
        "DELETE FROM partnership_frameworkevent",
    ],
)
def test_refused_where_its_rows_are_not_the_viewers_to_change(world, as_authority, monkeypatch, statement):
    """The database passes over a row that the viewer sees and may not change: no error, and nothing undone."""
    source = OfTheLead()
    source.statement = statement
    monkeypatch.setitem(sources._sources, source.name, source)
    with as_authority(world.southwark):
        FrameworkEvent.objects.create(framework=world.shared, kind="award", happens_on="2024-04-01")
    run = send(source.name, b"Name\nOne\n", world.southwark)
    assert run.state == ImportState.LOADED
    before = fingerprint(source.name)
    with pytest.raises(Refused, match="may no longer change"):
        taken_back_by(world.lewisham, run, as_authority)
    assert fingerprint(source.name) == before
    with service():
        assert ImportRun.objects.get(pk=run.pk).state == ImportState.LOADED
    assert taken_back_by(world.southwark, run, as_authority).state == ImportState.TAKEN_BACK
    assert fingerprint(source.name) != before


def test_only_a_loaded_import_is_taken_back_and_only_once(tmp_path):
    path = file_of(tmp_path, [listed(1)])
    _, report = command(path, "--dry-run")
    with service():
        checked = ImportRun.objects.get(pk=report["import"])
    with pytest.raises(NotNow, match="checked, not loaded"):
        taken_back(checked)
    run = loaded(path)
    taken_back(run)
    with pytest.raises(NotNow, match="taken back"):
        taken_back(run)


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_not_while_another_file_of_the_kind_is_on_its_way(tmp_path):
    run = loaded(file_of(tmp_path, [listed(1)]))
    other = connections.create_connection("default")
    try:
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s, hashtext(%s))", (road._LOCK_OF_A_SOURCE, "ofsted:None"))
        with pytest.raises(NotNow, match="is being loaded at this moment"):
            taken_back(run)
    finally:
        other.close()
    assert taken_back(run).state == ImportState.TAKEN_BACK


def test_history_keeps_who_and_why_and_shows_no_import(tmp_path):
    run = loaded(file_of(tmp_path, [listed(1)]))
    taken_back(run, by="service:somebody")
    with service():
        for model in (Establishment, EstablishmentRecord, Inspection, Provider):
            event = events_of(model).order_by("-event_id").first()
            assert (event.operation, event.actor, event.reason, event.import_id) == (
                "delete", "service:somebody", WHY, None,
            )  # fmt: skip
        undone = events_of(ImportRun).order_by("-event_id").first()
        assert undone.after["state"] == "taken_back"
        assert undone.reason == WHY


def test_ids_never_change_hands(tmp_path):
    loaded(file_of(tmp_path, [listed(1)]))
    with service():
        public = Establishment.objects.get().uuid
    taken_back(loaded(file_of(tmp_path, [listed(1, Places="9")], LATER)))
    with service(), connection.cursor() as cursor:
        cursor.execute("SELECT uuid, places, version FROM providers_establishment")
        assert cursor.fetchall() == [(public, 4, 3)]
