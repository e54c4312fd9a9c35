"""The ten pitfalls of row-level security behind a web framework, each with its guard, and what happens without it.

P1 to P10 as they are numbered in the reliability notes: a session's setting outlives the request (1); history can be
switched off (2); the context is gone after commit and nothing is found, silently (3); history has no policy (4); an
owner's rights are borrowed (5); keys look past policies (6); a nested block changes who is looking (7); a job trusts
its arguments (8); wrapped statements lose the actor (9); an empty setting, and policies that say nothing (10).
"""

import inspect
import threading

import psycopg
import pytest
from django.db import connection, connections, transaction
from django.db.utils import DatabaseError, ProgrammingError
from psycopg.errors import InsufficientPrivilege, InvalidTextRepresentation

from commissioning.kernel import jobs, postgres
from commissioning.kernel.models import ImportRun
from commissioning.kernel.tenancy.viewer import NoViewer, ViewerChanged, acting_as
from commissioning.partnership.models import User
from providers.models import WorkingName
from tests.kernel.probe import Probe, tell

pytestmark = pytest.mark.django_db(databases=["default", "owner"])
OF = "SELECT name FROM providers_workingname"


@pytest.fixture
def probe(administrator, flock):
    return Probe(administrator, flock)


@pytest.fixture
def web(flock):
    """A connection of web's own, in no test's transaction."""
    name = connections["owner"].settings_dict["NAME"]
    with psycopg.connect(postgres.url("web"), dbname=name, autocommit=True, options="-c lock_timeout=5s") as session:
        yield session


@pytest.fixture
def apart(flock):
    """Runs a function where no transaction is open: in a thread, with connections of its own."""

    def run(function):
        told = []

        def work():
            try:
                told.append(function())
            except BaseException as problem:
                told.append(problem)
            finally:
                connections["default"].close()

        thread = threading.Thread(target=work)
        thread.start()
        thread.join()
        return told[0]

    return run


def own(flock, name):
    return next(text for row in flock.of(WorkingName) if name in row.sees for text in row.texts)


def test_p1_a_setting_ends_with_its_transaction(flock, apart, web):
    viewer = flock.viewers["southwark"]

    def next_one():
        with acting_as(viewer, by="service:tests"):
            assert WorkingName.objects.count() == 1
        with connection.cursor() as cursor:
            cursor.execute(OF)

    assert isinstance(apart(next_one), ProgrammingError)
    # Without the guard: a setting of the session's shows the next request this one's rows.
    with web.transaction():
        web.execute(
            "SELECT set_config('app.kind', 'authority', false), set_config('app.authority', %s, false)",
            [str(viewer.authority_id)],
        )
    with web.transaction():
        assert web.execute(OF).fetchall() == [(own(flock, "southwark"),)]


def test_p2_history_cannot_be_switched_off_by_a_setting(probe):
    change = "UPDATE providers_workingname SET name = 'another'"
    count = "SELECT count(*) FROM audit.providers_workingname WHERE operation = 'update'"
    with probe.as_viewer("southwark") as session:
        for name in ("pgtrigger.ignore", "app.ignore", "audit.off"):
            session.execute("SELECT set_config(%s, 'all', true)", [name])
        session.execute(change)
        assert session.execute(count).fetchone() == (1,)
    with probe.session.transaction(force_rollback=True):
        probe.session.execute("ALTER TABLE providers_workingname DISABLE TRIGGER history_update")
        with probe.as_viewer("southwark") as session:
            session.execute(change)
            assert session.execute(count).fetchone() == (0,)  # without the guard


def test_p3_after_the_transaction_a_query_fails_rather_than_finds_nothing(flock, apart, probe):
    viewer = flock.viewers["southwark"]

    def lazily():
        with acting_as(viewer, by="service:tests"):
            rows = WorkingName.objects.all()
        return list(rows)

    def called_back():
        told = []
        with acting_as(viewer, by="service:tests"):
            transaction.on_commit(lambda: told.append(_attempt(lambda: WorkingName.objects.count())))
        return told[0]

    def streamed():
        def lines():
            yield from WorkingName.objects.values_list("name")

        with acting_as(viewer, by="service:tests"):
            response = lines()
        return list(response)

    assert isinstance(apart(lazily), ProgrammingError)
    assert isinstance(apart(called_back), NoViewer)
    assert isinstance(apart(streamed), NoViewer)
    # Without the guard: the export ends "successfully", and empty.
    with probe.session.transaction(force_rollback=True):
        probe.session.execute(
            """CREATE OR REPLACE FUNCTION public.app_setting(name text) RETURNS text LANGUAGE sql STABLE
               AS $$ SELECT nullif(current_setting('app.' || name, true), '') $$"""
        )
        with probe.as_viewer(None) as session:
            assert session.execute(OF).fetchall() == []


def _attempt(do):
    try:
        return do()
    except NoViewer as problem:
        return problem


def test_p4_history_is_as_hidden_as_the_rows(flock, probe):
    told = "SELECT string_agg(after::text, ' ') FROM audit.providers_workingname"
    theirs = own(flock, "lewisham")
    with probe.as_viewer("southwark") as session:
        assert theirs not in session.execute(told).fetchone()[0]
    with probe.session.transaction(force_rollback=True):
        probe.session.execute("ALTER TABLE audit.providers_workingname DISABLE ROW LEVEL SECURITY")
        with probe.as_viewer("southwark") as session:
            assert theirs in session.execute(told).fetchone()[0]  # without the guard


def test_p5_nobodys_rights_are_borrowed(probe):
    """A view asks as its owner unless it says otherwise; the catalogue test refuses one that does not."""
    for option, rows in (("WITH (security_invoker = true)", 1), ("", 2)):
        with probe.session.transaction(force_rollback=True):
            probe.session.execute(f"CREATE VIEW public.peek {option} AS {OF}")
            probe.session.execute("ALTER VIEW public.peek OWNER TO owner")
            probe.session.execute("GRANT SELECT ON public.peek TO web")
            with probe.as_viewer("southwark") as session:
                assert len(session.execute("SELECT FROM public.peek").fetchall()) == rows
    # And the tests run as the role that they are about: as its owner, a table without its policies shows everything.
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        assert cursor.fetchone() == ("web",)


def test_p6_keys_do_not_look_past_policies(flock, probe):
    shared, lot = flock.made["shared"].pk, flock.made["pair lot"].pk
    line = """INSERT INTO partnership_priceline (framework_id, lot_id, position, code, name, unit, category, level,
              includes) VALUES (%s, %s, 9, 'x', 'x', 'week', 'core', '', '')"""

    def hang():
        with probe.as_viewer("southwark") as session:
            session.execute(line, [shared, lot])
            session.execute("SET CONSTRAINTS ALL IMMEDIATE")

    with pytest.raises(psycopg.errors.ForeignKeyViolation):
        hang()
    with probe.session.transaction(force_rollback=True):
        probe.session.execute(
            "ALTER TABLE partnership_priceline DROP CONSTRAINT partnership_priceline_lot_id_framework_id_composite"
        )
        hang()  # without the guard: a line of ours on their lot
    # A unique key answers for rows one cannot see only within one's own.
    named = """INSERT INTO providers_workingname (authority_id, establishment_id, name) VALUES (%s, %s, 'x')"""
    for authority, refusal in (("southwark", psycopg.errors.UniqueViolation), ("lewisham", InsufficientPrivilege)):
        with probe.as_viewer("southwark") as session, pytest.raises(refusal):
            session.execute(named, [flock.made[authority].pk, flock.made["alder home"].pk])


def test_p7_no_block_changes_who_is_looking(flock, apart, web):
    southwark, lewisham = flock.viewers["southwark"], flock.viewers["lewisham"]
    with acting_as(southwark, by="service:tests"), pytest.raises(ViewerChanged):
        acting_as(lewisham, by="service:tests").__enter__()

    def inside_a_plain_transaction():
        with transaction.atomic(), acting_as(southwark, by="service:tests"):
            pass

    assert isinstance(apart(inside_a_plain_transaction), RuntimeError)
    # Without the guard: the block within sets another, is released, and the outer goes on as that one.
    with web.transaction():
        tell(web, southwark)
        with web.transaction():
            tell(web, lewisham)
        assert web.execute(OF).fetchall() == [(own(flock, "lewisham"),)]


def test_p8_a_job_carries_ids_and_asks_again(flock, monkeypatch):
    """It acts as the person who asked, with what that person may do now: another's file is not found."""
    assert list(inspect.signature(jobs.bring_in_job.func).parameters) == ["run", "user", "load"]
    begun = []
    monkeypatch.setattr(jobs, "bring_in", lambda run, **_: begun.append(run))
    officer, theirs = flock.made["southwark commissioning_officer"], flock.made["lewisham run"]

    def ask(run):
        jobs.bring_in_job(run=str(run.uuid), user=officer.pk, load=True)
        return len(begun)

    assert ask(theirs) == 0
    assert ask(flock.made["southwark run"]) == 1
    with acting_as(flock.viewers["southwark"], by="service:tests"):
        User.objects.filter(pk=officer.pk).update(is_active=False)
    assert ask(flock.made["southwark run"]) == 1
    with acting_as(flock.viewers["southwark"], by="service:tests"):
        User.objects.filter(pk=officer.pk).update(is_active=True)
    monkeypatch.setattr(User, "viewer", flock.viewers["lewisham"])
    assert ask(theirs) == 2  # without the guard: a viewer taken on trust
    with acting_as(flock.viewers["southwark"], by="service:tests"):
        assert not ImportRun.objects.filter(pk=theirs.pk).exists()


def test_p9_the_first_statement_has_its_actor_however_it_is_sent(flock, web):
    """A change inside a SELECT, a cursor with a name, values bound by the server: nothing is put before statements."""
    first = (
        "WITH changed AS (UPDATE providers_workingname SET name = 'first' RETURNING id) SELECT count(*) FROM changed"
    )
    told = "SELECT actor FROM audit.providers_workingname WHERE operation = 'update'"
    with acting_as(flock.viewers["southwark"], by="service:tests"), connection.cursor() as cursor:
        cursor.execute(first)
        cursor.execute(told)
        assert cursor.fetchall() == [("service:tests",)]
        assert [row.name for row in WorkingName.objects.iterator(chunk_size=1)] == ["first"]
    web.autocommit = False
    tell(web, flock.viewers["lewisham"], actor="service:bound")  # whose row the test's own transaction does not hold
    web.execute("UPDATE providers_workingname SET name = %s", ["second"])
    assert ("service:bound",) in web.execute(told).fetchall()
    # Without the guard: settings put before a statement with values are two commands in one.
    with pytest.raises(psycopg.errors.SyntaxError, match="multiple commands"):
        web.execute("SELECT set_config('app.actor', 'x', true); UPDATE providers_workingname SET name = %s", ["third"])
    web.rollback()


def test_p10_an_empty_setting_is_nobody_and_no_policy_is_no_rows(flock, probe, web):
    with web.transaction():
        tell(web, flock.viewers["southwark"])
    assert web.execute("SELECT current_setting('app.authority', true)").fetchone() == ("",)
    with pytest.raises(InsufficientPrivilege, match="nobody is looking"):
        web.execute(OF)
    with pytest.raises(InvalidTextRepresentation):
        web.execute("SELECT current_setting('app.authority', true)::bigint")  # without the guard
    with probe.as_viewer("southwark") as session:
        session.execute("SET LOCAL row_security = off")
        with pytest.raises(InsufficientPrivilege):  # and never part of a table, where all of it was asked for
            session.execute(OF)
    # A second policy would widen the first: the catalogue test wants exactly those that are declared.
    with probe.session.transaction(force_rollback=True):
        probe.session.execute("CREATE POLICY more ON providers_workingname FOR SELECT TO web USING (true)")
        assert probe.reading(WorkingName)
    # The owner's data migrations see every row: without its policy they would do nothing, and say nothing.
    change = "UPDATE providers_workingname SET establishment_id = establishment_id"
    with probe.role("owner") as session:
        tell(session, flock.viewers["service"])
        assert session.execute(change).rowcount == len(flock.of(WorkingName))
    with probe.session.transaction(force_rollback=True):
        probe.session.execute("DROP POLICY owner_all ON providers_workingname")
        with probe.role("owner") as session:
            tell(session, flock.viewers["service"])
            assert session.execute(change).rowcount == 0
    with acting_as(flock.viewers["southwark"], by="service:tests"):
        hidden = next(row for row in flock.of(WorkingName) if "lewisham" in row.sees)
        assert WorkingName.objects.filter(pk=hidden.id).update(name="mine") == 0
        with pytest.raises(DatabaseError, match="did not affect any rows"), transaction.atomic():
            WorkingName(pk=hidden.id, name="mine").save(force_update=True)
