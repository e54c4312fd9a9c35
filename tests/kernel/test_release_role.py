"""The role `release`: it reads the columns that contribute, writes releases, and nothing else; and nobody becomes it
by saying so on the connection of web.
"""

import inspect

import pytest
from django.db import connection
from psycopg.errors import InsufficientPrivilege

from commissioning.compare import jobs
from commissioning.compare.models import PublishedFigure
from commissioning.kernel.tenancy.policies import every_model
from commissioning.kernel.tenancy.rights import excess_rights
from commissioning.kernel.tenancy.viewer import Viewer, ViewerChanged, acting_as
from tests import visibility as words
from tests.kernel.canaries import RELEASE
from tests.kernel.probe import AUDITED, OURS, SECURED, Probe, named

pytestmark = pytest.mark.django_db(databases=["default", "owner", "release"])
OF_RELEASE = [model for model in OURS if model._meta.label in words.OF_RELEASE]
OTHERS = [model for model in every_model() if model not in OF_RELEASE]
FILLED = {"contracts.Child": "sex", "contracts.Placement": "sent", "contracts.Offer": "decline_reason"}


@pytest.fixture
def probe(administrator, flock):
    return Probe(administrator, flock)


def refused(probe, statement, name=RELEASE, role=RELEASE):
    return probe.attempt(name, statement, role=role) is None


@pytest.mark.parametrize("model", **named(list(every_model())))
def test_release_reads_the_columns_that_contribute_and_no_more(probe, model):
    label, table = model._meta.label, f'public."{model._meta.db_table}"'
    columns = [field.column for field in model._meta.concrete_fields]
    whole = label in words.OF_RELEASE or words.CONTRIBUTES.get(label) == words.WHOLE
    readable = set(columns) if whole else set(words.CONTRIBUTES.get(label, ()))
    assert readable <= set(columns)
    told = {name for name in columns if not refused(probe, f'SELECT "{name}" FROM {table}')}
    assert told == readable
    assert refused(probe, f"SELECT t::text FROM {table} t") is not whole


@pytest.mark.parametrize(("label", "column"), FILLED.items())
def test_what_says_more_of_a_child_than_a_figure_needs_is_refused(probe, label, column):
    model = next(model for model in OURS if model._meta.label == label)
    with probe.as_viewer(RELEASE, RELEASE) as session, pytest.raises(InsufficientPrivilege):
        session.execute(f'SELECT {column} FROM public."{model._meta.db_table}"')


@pytest.mark.parametrize("model", **named([m for m in OURS if m._meta.label in words.CONTRIBUTES]))
def test_release_reads_every_authoritys_rows(probe, model):
    assert probe.releasing(model) == []


@pytest.mark.parametrize("model", **named(OF_RELEASE))
def test_release_writes_releases(probe, model):
    assert probe.writing_releases(model) == []
    # Whoever changes a row of ours is named: a change by nobody is no change.
    if model in AUDITED:
        with probe.role(RELEASE) as session, pytest.raises(InsufficientPrivilege, match="nobody is looking"):
            session.execute(f'UPDATE public."{model._meta.db_table}" SET version = 1')


@pytest.mark.parametrize("model", **named(OTHERS))
def test_release_writes_nothing_else(probe, model):
    table = f'public."{model._meta.db_table}"'
    column = model._meta.concrete_fields[-1].column
    assert refused(probe, f'UPDATE {table} SET "{column}" = NULL')
    assert refused(probe, f"DELETE FROM {table}")
    assert refused(probe, f"INSERT INTO {table} DEFAULT VALUES")


def test_release_neither_reads_nor_writes_history(probe):
    for model in AUDITED:
        table = f'audit."{model._meta.db_table}"'
        assert refused(probe, f"SELECT FROM {table}")
        assert refused(probe, f"DELETE FROM {table}")
        assert refused(probe, f"INSERT INTO {table} DEFAULT VALUES")
    assert refused(probe, "SELECT audit.redact('compare_release', gen_random_uuid(), '{note}', 'x')")


@pytest.mark.parametrize("model", **named([model for model in OF_RELEASE if model in AUDITED]))
def test_what_release_changes_is_in_history_with_who(probe, flock, model):
    table = model._meta.db_table
    ids = [row.id for row in flock.of(model)]
    with probe.as_viewer(RELEASE, RELEASE) as session:
        assert session.execute(f'UPDATE public."{table}" SET version = 1').rowcount == len(ids)
        session.execute("RESET ROLE")
        told = session.execute(
            f"""SELECT row_id, actor, before - ARRAY['version', 'changed_at', 'changed_xid']
                       = after - ARRAY['version', 'changed_at', 'changed_xid']
                FROM audit."{table}" WHERE operation = 'update' AND xid = pg_current_xact_id()::text::bigint"""
        ).fetchall()
        assert sorted(told) == [(key, "service:probe", True) for key in sorted(ids)]


def test_release_has_no_excess_rights_either(flock):
    assert excess_rights(RELEASE) == []


def test_whoever_calls_itself_release_on_webs_connection_sees_and_writes_nothing(probe, flock):
    """Each probe of test_probe.py tries it on every table as well: the name is among the viewers."""
    assert flock.viewers[RELEASE] == Viewer.of_release()
    for model in SECURED:
        found = probe.ids(RELEASE, f'public."{model._meta.db_table}"')
        assert not found, model
    with acting_as(Viewer.of_release(), by="service:tests"):
        for model in OURS:
            if model in SECURED:
                assert model._default_manager.count() == 0
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM contracts_placement")
            assert cursor.fetchone() == (0,)


def test_on_releases_connection_managers_show_what_contributes_and_what_it_writes(flock):
    told = words.OF_RELEASE | set(words.CONTRIBUTES)
    with acting_as(Viewer.of_release(), by="service:tests", using=RELEASE):
        for model in SECURED:
            found = set(model._default_manager.values_list("pk", flat=True))
            assert found >= ({row.id for row in flock.of(model)} if model._meta.label in told else set()), model
            assert bool(found) is (model._meta.label in told), model


def test_one_transaction_never_spans_both_connections(flock):
    """Another connection is another viewer: neither is opened inside the other."""
    with acting_as(flock.viewers["southwark"], by="service:tests"), pytest.raises(ViewerChanged):
        acting_as(Viewer.of_release(), by="service:tests", using=RELEASE).__enter__()
    with acting_as(Viewer.of_release(), by="service:tests", using=RELEASE), pytest.raises(ViewerChanged):
        acting_as(flock.viewers["southwark"], by="service:tests").__enter__()


def test_the_job_carries_the_releases_id_and_nothing_else():
    assert list(inspect.signature(jobs.build_release_job.func).parameters) == ["release"]


def test_a_figure_is_whole_in_its_history(probe, flock):
    """It has a column n, which is no name for the row."""
    with probe.as_viewer("southwark") as session:
        told = session.execute("SELECT after FROM audit.compare_publishedfigure WHERE operation = 'insert'").fetchall()
    columns = {field.column for field in flock.of(PublishedFigure)[0].model._meta.concrete_fields}
    assert told
    assert all(set(after) == columns for (after,) in told)
