"""The door: who is looking, what it refuses, what it leaves behind; and the rights the web process must not have."""

import os
import random
import subprocess
import sys
import threading
from types import SimpleNamespace

import pytest
from django.db import connection, connections, transaction
from django.http import HttpResponse, StreamingHttpResponse

from commissioning.kernel import postgres
from commissioning.kernel.models import VisibleManager
from commissioning.kernel.tenancy.middleware import ActAsRequest
from commissioning.kernel.tenancy.rights import QUESTIONS, ExcessRights, excess_rights, is_worker, refuse_excess_rights
from commissioning.kernel.tenancy.viewer import SETTINGS, NoViewer, Viewer, ViewerChanged, acting, acting_as
from fixtures.demo import serving_environment
from providers.models import Rate, WorkingName
from tests.kernel.probe import OURS, SECURED, Probe, named

pytestmark = pytest.mark.django_db(databases=["default", "owner", "release"])
THREADS, REQUESTS = 8, 2000


def settings_now():
    with connection.cursor() as cursor:
        cursor.execute("SELECT " + ", ".join(f"coalesce(current_setting('app.{name}', true), '')" for name in SETTINGS))
        return dict(zip(SETTINGS, cursor.fetchone(), strict=True))


def test_the_tests_run_as_web():
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user, session_user, rolsuper FROM pg_roles WHERE rolname = current_user")
        assert cursor.fetchone() == ("web", "web", False)


@pytest.mark.parametrize("model", **named(SECURED))
def test_every_guarded_model_asks_who_is_looking(model):
    for manager in (model._default_manager, *model._meta.managers):
        assert isinstance(manager, VisibleManager)
        with pytest.raises(NoViewer):
            manager.all()


def test_the_door_tells_the_database_everything(flock):
    viewer = flock.viewers["southwark"]
    with acting_as(viewer, by="service:tests", request_id="r-1", reason="outer") as outer:
        assert settings_now() == {
            "kind": "authority", "authority": str(viewer.authority_id), "provider": "0", "actor": "service:tests",
            "request": "r-1", "import": "", "reason": "outer",
        }  # fmt: skip
        with acting_as(viewer, by="service:import", import_id=7) as inner:
            told = settings_now()
            assert (told["actor"], told["import"], told["request"], told["reason"]) == (
                "service:import",
                "7",
                "r-1",
                "outer",
            )
            assert acting() is inner
        assert acting() is outer
        assert (settings_now()["actor"], settings_now()["import"]) == ("service:tests", "")
    with pytest.raises(NoViewer):
        acting()


def test_an_error_inside_puts_the_outer_context_back(flock):
    viewer = flock.viewers["southwark"]
    with acting_as(viewer, by="service:tests"):
        with pytest.raises(ZeroDivisionError), acting_as(viewer, by="service:import", import_id=7):
            1 / 0
        assert (settings_now()["actor"], settings_now()["import"]) == ("service:tests", "")
        assert WorkingName.objects.count() == 1


def test_one_viewer_at_a_time(flock):
    with acting_as(flock.viewers["southwark"], by="service:tests"):
        for other in ("lewisham", "alder", "service", "nobody"):
            with pytest.raises(ViewerChanged), acting_as(flock.viewers[other], by="service:tests"):
                pass


@pytest.mark.parametrize("by", ["", "  ", None, 7, SimpleNamespace(uuid=None)])
def test_somebody_must_act(by):
    with pytest.raises(ValueError, match="by="), acting_as(Viewer.nobody(), by=by):
        pass


def test_a_request_that_fails_leaves_nothing(flock):
    viewer, user = flock.viewers["southwark"], flock.made["southwark commissioning_officer"]
    request = SimpleNamespace(path="/lots/", user=user, number="r-1")
    home = flock.made["birch home"]

    def answer(status):
        def view(_):
            WorkingName.objects.create(authority_id=viewer.authority_id, establishment=home, name="The Elms")
            return HttpResponse(status=status)

        return ActAsRequest(view)(request)

    for status, kept in ((400, 1), (500, 1), (200, 2)):
        answer(status)
        with acting_as(viewer, by="service:tests"):
            assert WorkingName.objects.count() == kept


def test_many_requests_over_lasting_connections_never_mix(flock):
    """2,000 requests of changing viewers at 8 threads: errors, streams and callbacks among them."""
    wrong, done = [], []

    def work(seed):
        try:
            choose = random.Random(seed)
            for _ in range(REQUESTS // THREADS):
                name = choose.choice(["southwark", "lewisham", "croydon", "alder", "birch", "nobody"])
                wrong.extend(one_request(flock, name, choose.choice(KINDS)))
                left = {key: value for key, value in settings_now().items() if value}
                if left:
                    wrong.append(("left behind", left))
                done.append(name)
        except BaseException as problem:
            wrong.append(repr(problem))
        finally:
            connections["default"].close()

    threads = [threading.Thread(target=work, args=(seed,)) for seed in range(THREADS)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert wrong == []
    assert len(done) == REQUESTS


KINDS = ("plain", "plain", "breaks", "database breaks", "streams", "stream is cut off", "calls back")


def one_request(flock, name, kind):
    """What one request saw that it should not have; nothing, when all is well."""
    wanted = {model: {row.id for row in flock.of(model) if name in row.sees} for model in (WorkingName, Rate)}
    wrong, late = [], []
    user = SimpleNamespace(is_authenticated=name != "nobody", viewer=flock.viewers[name], uuid=f"u-{name}")

    def look():
        for model, ids in wanted.items():
            with connection.cursor() as cursor:
                cursor.execute(f"SELECT id FROM {model._meta.db_table}")
                raw = {found for (found,) in cursor.fetchall()}
            seen = set(model.objects.values_list("id", flat=True))
            if not raw == seen == ids:
                wrong.append((name, kind, model.__name__, raw, seen, ids))

    def lines():
        with acting_as(user.viewer, by=user):
            look()
            yield b"one"
            look()
            yield b"two"

    def view(_):
        look()
        if kind == "breaks":
            raise ZeroDivisionError
        if kind == "database breaks":
            connection.cursor().execute("SELECT 1 / 0")
        if kind == "calls back":
            transaction.on_commit(lambda: late.append(outcome()))
        return StreamingHttpResponse(lines()) if kind.startswith("stream") else HttpResponse()

    def outcome():
        try:
            return list(Rate.objects.all())
        except NoViewer:
            return "nobody is looking"

    try:
        response = ActAsRequest(view)(SimpleNamespace(path="/x", user=user, number="r"))
        if kind.startswith("stream"):
            stream = iter(response.streaming_content)
            next(stream)
            if kind == "streams":
                list(stream)
            response.close()
            stream.close() if hasattr(stream, "close") else None
            del stream, response
    except Exception as problem:
        if "breaks" not in kind:
            wrong.append((kind, repr(problem)))
    if kind == "calls back" and late != ["nobody is looking"]:
        wrong.append((kind, late))
    return wrong


def test_the_boot_check_passes_web_and_refuses_owner():
    assert excess_rights() == []
    refuse_excess_rights()
    found = excess_rights("owner")
    assert {"may make roles or databases", "may act as another role", "owns tables", "may make tables"} <= set(found)


TOO_MUCH = {
    "is a superuser": "ALTER ROLE web SUPERUSER",
    "may go round row-level security": "ALTER ROLE web BYPASSRLS",
    "may make roles or databases": "ALTER ROLE web CREATEDB",
    "may act as another role": "GRANT pg_read_all_data TO web",
    "owns tables": "ALTER TABLE public.providers_rate OWNER TO web",
    "may make tables": "GRANT CREATE ON SCHEMA audit TO web",
    "may switch triggers off": "GRANT SET ON PARAMETER session_replication_role TO web",
    "may write history": "GRANT DELETE ON audit.providers_rate TO web",
}


@pytest.mark.parametrize("words", QUESTIONS)
def test_each_question_of_the_boot_check_finds_what_it_asks_for(administrator, flock, words):
    with administrator.transaction(force_rollback=True):
        administrator.execute(TOO_MUCH[words])
        with Probe(administrator, flock).role("web") as session:
            assert session.execute(QUESTIONS[words]).fetchone() == (True,)
    with Probe(administrator, flock).role("web") as session:
        assert session.execute(QUESTIONS[words]).fetchone() == (False,)


READY = "import sys, commissioning.wsgi; assert 'quality.pages.rota' in sys.modules, 'whoever comes first waits'"


def test_the_web_process_starts_as_web_alone():
    def begins(role, **more):
        environment = serving_environment(os.environ, database_url=postgres.url(role), secret_key="x" * 60, **more)
        return subprocess.Popen(
            [sys.executable, "-c", READY], cwd=postgres.PROJECT, env=environment,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )  # fmt: skip

    started = {role: begins(role) for role in ("web", "owner", "postgres")}
    started["web with release"] = begins("web", release_url=postgres.url("release"))
    told = {role: (process.communicate(timeout=60)[0], process.returncode) for role, process in started.items()}
    assert told["web"] == ("", 0)
    for role in ("owner", "postgres"):
        assert told[role][1] != 0
        assert f"The database role {role!r} in DATABASE_URL" in told[role][0]
    assert "is a superuser" in told["postgres"][0]
    said, code = told["web with release"]
    assert code != 0
    assert "DATABASE_RELEASE_URL is set for the web process: it would read every authority's purchases." in said


def test_a_process_that_serves_refuses_to_hold_the_owners_login(settings):
    settings.EMBEDDED = False
    for makes_releases in (False, True):
        with pytest.raises(ExcessRights, match="DATABASE_OWNER_URL is set for a process that serves"):
            refuse_excess_rights(makes_releases=makes_releases)


def test_the_worker_alone_may_hold_the_login_that_makes_releases(settings, monkeypatch):
    settings.EMBEDDED = False
    monkeypatch.delitem(settings.DATABASES, "owner")
    with pytest.raises(ExcessRights, match="Give it to the worker alone"):
        refuse_excess_rights()
    refuse_excess_rights(makes_releases=True)
    monkeypatch.delitem(settings.DATABASES, "release")
    refuse_excess_rights()
    refuse_excess_rights(makes_releases=True)


def test_the_worker_starts_as_web_alone():
    def tells(role, release="", **more):
        environment = serving_environment(
            os.environ,
            database_url=postgres.url(role),
            secret_key="x" * 60,
            release_url=release and postgres.url(release),
        )
        done = subprocess.run(
            [sys.executable, "manage.py", "procrastinate", "worker", "--one-shot"], cwd=postgres.PROJECT,
            env=environment | more, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=60,
        )  # fmt: skip
        return done.returncode, done.stdout

    code, told = tells("web", DATABASE_OWNER_URL=postgres.url("owner"))
    assert code == 1
    assert told.startswith("DATABASE_OWNER_URL is set for a process that serves.")
    code, told = tells("owner")
    assert code == 1
    assert told.startswith("The database role 'owner' in DATABASE_URL")
    code, told = tells("web", release="owner")
    assert code == 1
    assert told.startswith("The database role 'owner' in DATABASE_RELEASE_URL")
    assert "Use the role release" in told


@pytest.mark.parametrize(
    ("words", "starts"),
    [
        (["manage.py", "procrastinate", "worker"], True),
        (["manage.py", "procrastinate", "--verbosity", "1", "worker", "--queues=imports"], True),
        (["manage.py", "procrastinate", "healthchecks"], False),
        (["manage.py", "migrate", "--database", "owner"], False),
        (["manage.py"], False),
    ],
)
def test_which_command_words_start_the_worker(words, starts):
    assert is_worker(words) is starts


def test_system_models_are_the_only_ones_without_a_guard():
    assert {model._meta.label for model in OURS} - {model._meta.label for model in SECURED} == {
        "partnership.User", "partnership.Invitation", "partnership.ApiKey", "partnership.Calls", "kernel.CacheEntry",
        "quality.ReminderSetting",
    }  # fmt: skip
