"""Raw SQL as the role web: with nobody looking, and as every kind of viewer, over every table, view and function.

The last tests break each policy in turn, by dropping it and by opening it, and see a probe go red.
"""

import json
from contextlib import suppress

import psycopg
import pytest
from django.apps import apps
from psycopg.errors import DatabaseError, InsufficientPrivilege

from commissioning.kernel.tenancy.policies import has_history
from commissioning.kernel.tenancy.visibility import visibility_of
from tests import visibility as words
from tests.kernel.probe import AUDITED, OURS, SEALED, SECURED, STAMPS, WRITTEN_BY_NOBODY, Probe, distinct, named, tell

pytestmark = pytest.mark.django_db(databases=["default", "owner"])


@pytest.fixture
def probe(administrator, flock):
    return Probe(administrator, flock)


@pytest.mark.parametrize("model", **named(SECURED))
def test_each_viewer_reads_and_writes_exactly_its_rows(probe, model):
    assert probe.reading(model) == []
    assert probe.updating(model) == []
    assert probe.deleting(model) == []
    assert probe.inserting(model) == []
    assert probe.upserting(model) == []


@pytest.mark.parametrize("model", **named(AUDITED))
def test_each_viewer_reads_exactly_the_history_of_its_rows(probe, model):
    assert probe.reading_history(model) == []


def test_no_canary_comes_back_to_another_viewer(probe, flock):
    """Whole rows and whole events as text, and every way of asking for statistics."""
    sealed = [f'public."{m._meta.db_table}"' for m in SEALED]
    relations = [f'public."{m._meta.db_table}"' for m in OURS] + [f'audit."{m._meta.db_table}"' for m in AUDITED]
    for name in flock.viewers:
        forbidden = flock.unseen_by(name)
        assert [probe.attempt(name, f"SELECT t::text FROM {relation} t") for relation in sealed] == [None]
        with probe.as_viewer(name) as session:
            for relation in relations:
                if relation in sealed:
                    continue
                found = "\n".join(text for (text,) in session.execute(f"SELECT t::text FROM {relation} t"))
                assert not [text for text in forbidden if text in found], (name, relation)
            session.execute("RESET ROLE")
            for relation in relations:
                session.execute(f"ANALYZE {relation}")
            session.execute("SET LOCAL ROLE web")
            found = "\n".join(text for (text,) in session.execute("SELECT s::text FROM pg_stats s"))
            assert not [text for text in forbidden if text in found], (name, "pg_stats")
    assert flock.unseen_by("southwark")
    assert flock.unseen_by("nobody") > flock.unseen_by("greenwich")


def test_a_function_of_ones_own_is_not_shown_hidden_rows(probe, flock):
    """A cheap function in the condition would see each row before the policy, were policies not barriers."""
    with probe.as_viewer("southwark") as session:
        session.execute("CREATE TEMPORARY TABLE told (what text)")
        session.execute(
            """CREATE FUNCTION pg_temp.spy(what text) RETURNS boolean LANGUAGE plpgsql COST 0.0001 AS $$
               BEGIN INSERT INTO pg_temp.told VALUES (what); RETURN true; END $$"""
        )
        for model in SECURED:
            if model not in SEALED:
                session.execute(f'SELECT FROM public."{model._meta.db_table}" t WHERE pg_temp.spy(t::text)')
        found = "\n".join(text for (text,) in session.execute("SELECT what FROM pg_temp.told"))
        assert "canary-southwark-" in found
        assert not [text for text in flock.unseen_by("southwark") if text in found]


@pytest.mark.parametrize("model", **named(OURS))
def test_a_row_keeps_its_ids_and_whose_it_is(probe, model):
    table = model._meta.db_table
    columns = [
        c for c in ("id", "uuid", *visibility_of(model).fixed()) if c in {f.column for f in model._meta.concrete_fields}
    ]
    for row in distinct(probe.flock.of(model)):
        for column in columns:
            other = "gen_random_uuid()" if column == "uuid" else f'coalesce("{column}", 0) + 1'
            for name in row.writes | {"southwark"}:
                touched = probe.attempt(
                    name, f'UPDATE public."{table}" SET "{column}" = {other} WHERE id = %s', [row.id]
                )
                assert not touched, (name, column)
            # The owner's own migrations may not do it either: history could not follow the row.
            with probe.role("owner") as session, pytest.raises(InsufficientPrivilege, match="keeps its ids"):
                session.execute(f'UPDATE public."{table}" SET "{column}" = {other} WHERE id = %s', [row.id])


def test_a_row_is_handed_to_nobody_else(probe, flock):
    """Columns that may change, to a value under which the row would be another's."""
    lewisham, birch = flock.made["lewisham"].pk, flock.made["birch"].pk
    give = "UPDATE partnership_framework SET lead_authority_id = %s"
    assert probe.attempt("southwark", give, [lewisham]) is None
    assert probe.attempt("alder", "UPDATE providers_compliancedocument SET provider_id = %s", [birch]) is None
    assert probe.attempt("alder", "UPDATE providers_compliancedocument SET reference = reference") == 1


def test_a_provider_writes_what_is_its_own_of_a_row_and_no_more(probe, flock):
    """Column by column, of every table that providers write: in a row that it adds, and in one that stands."""
    assert {m._meta.label for m in OURS if visibility_of(m).provider_writes} == set(words.PROVIDER_SETS)
    for label, (adds, changes) in words.PROVIDER_SETS.items():
        model = apps.get_model(label)
        table = f'public."{model._meta.db_table}"'
        row = next(row for row in flock.of(model) if "alder" in row.writes)
        filled, (record,) = probe._copying(row, again=False, of_provider=True)
        assert probe.attempt("alder", filled, [record]) == 1, label
        ((stands,),) = probe.session.execute(f"SELECT to_jsonb(t) FROM {table} t WHERE id = %s", [row.id])
        for column in {f.column for f in model._meta.concrete_fields if not f.primary_key} - set(STAMPS):
            field = next(f for f in model._meta.concrete_fields if f.column == column)
            other = _another(field, json.loads(record)[column])
            if column not in adds:
                given = json.dumps(json.loads(record) | {column: other})
                assert probe.attempt("alder", filled, [given]) is None, f"{label}: adds with {column}"
            if column not in changes:
                other_row = f"jsonb_populate_record(NULL::{table}, %s) n WHERE t.id = n.id"
                statement = f'UPDATE {table} t SET "{column}" = n."{column}" FROM {other_row}'
                told = json.dumps(stands | {column: _another(field, stands[column])})
                assert not probe.attempt("alder", statement, [told]), f"{label}: changes {column}"


def _another(field, value):
    """Something else for the column to hold, of its type."""
    kind = field.get_internal_type()
    if kind == "BooleanField":
        return not value
    if field.is_relation or kind == "IntegerField":
        return (value or 0) + 1
    if kind in ("DateField", "DateTimeField"):
        return "2020-02-02"
    return "00000000-0000-4000-8000-00000000abcd" if kind == "UUIDField" else f"{value}x"


STEPS = (
    # the row as it stood, what its provider makes of it, whether it may
    ("quality_improvementaction", "state = 'proposed', evidence_words = ''", "words = 'more'", True),
    ("quality_improvementaction", "state = 'proposed', evidence_words = ''", "state = 'agreed'", False),
    ("quality_improvementaction", "state = 'proposed', evidence_words = ''", "state = 'done'", False),
    ("quality_improvementaction", "state = 'agreed', evidence_words = ''", "state = 'done', done_on = now()", True),
    ("quality_improvementaction", "state = 'agreed', evidence_words = ''", "state = 'done', words = 'less'", False),
    ("quality_improvementaction", "state = 'agreed', evidence_words = ''", "due_on = '2030-01-01'", False),
    ("quality_improvementaction", "state = 'done', evidence_words = 'x'", "state = 'verified'", False),
    ("quality_improvementaction", "state = 'verified', evidence_words = 'x'", "state = 'done'", False),
    ("quality_findingreply", "outcome = ''", "words = 'otherwise'", True),
    ("quality_findingreply", "outcome = 'stands'", "words = 'otherwise'", False),
    ("quality_eventnotice", "words = 'said'", "words = 'said, and more'", True),
    ("quality_eventnotice", "words = 'said'", "words = 'unsaid'", False),
    ("quality_eventnotice", "acknowledged_at = NULL", "acknowledged_at = now()", False),
)  # fmt: skip


def test_a_provider_takes_its_own_steps_and_no_one_elses(probe, flock):
    for table, stood, makes, may in STEPS:
        row = next(row for row in flock.rows if row.table == table and "alder" in row.writes)
        with probe.session.transaction(force_rollback=True):
            tell(probe.session, flock.viewers["southwark"])
            staged = "" if table == "quality_eventnotice" else ", to_members = false"
            probe.session.execute(f"UPDATE public.{table} SET {stood}{staged} WHERE id = %s", [row.id])
            touched = probe.attempt("alder", f"UPDATE public.{table} SET {makes} WHERE id = %s", [row.id])
            assert touched == (1 if may else None), (table, stood, makes)


def test_no_child_is_hung_on_a_foreign_parent(probe, flock):
    """Foreign keys look past policies: the composite ones hold, and for rows of no authority the policy does."""
    run, own, pair_lot = flock.made["lewisham run"], flock.made["southwark run"], flock.made["pair lot"]
    sheet = """INSERT INTO kernel_importsheet (run_id, authority_id, name, holds, header_row, rows_read, rows_accepted,
               rows_corrected, rows_rejected, not_understood) VALUES (%s, %s, 'n', 'h', 1, 0, 0, 0, 0, '')"""
    southwark = flock.made["southwark"].pk

    def refused(statement, *values):
        try:
            with probe.as_viewer("southwark") as session:
                session.execute(statement, values)
                session.execute("SET CONSTRAINTS ALL IMMEDIATE")
        except (InsufficientPrivilege, psycopg.errors.ForeignKeyViolation):
            return True
        return False

    assert not refused(sheet, own.pk, southwark)
    assert not refused(sheet, flock.made["shared run"].pk, None)
    assert refused(sheet, run.pk, southwark)
    assert refused(sheet, run.pk, None)
    assert refused(sheet, own.pk, None)
    line = """INSERT INTO partnership_priceline (framework_id, lot_id, position, code, name, unit, category, level,
              includes) VALUES (%s, %s, 9, 'x', 'x', 'week', 'core', '', '')"""
    shared = flock.made["shared"].pk
    assert not refused(line, shared, flock.made["shared lot"].pk)
    assert refused(line, shared, pair_lot.pk)
    award = """INSERT INTO providers_award (framework_id, lot_id, provider_id, starts_on, ends_before, admission_reason,
               removal_reason) VALUES (%s, %s, %s, '2020-01-01', '2020-02-01', '', '')"""
    assert not refused(award, shared, flock.made["shared lot"].pk, flock.made["alder"].pk)
    assert refused(award, shared, pair_lot.pk, flock.made["alder"].pk)
    rate = """UPDATE providers_rate SET award_id = (SELECT min(id) FROM providers_award WHERE framework_id = %s)
              WHERE id = (SELECT min(id) FROM providers_rate WHERE framework_id = %s)"""
    assert not refused(rate, shared, shared)
    assert refused(rate, flock.made["pair"].pk, shared)


FORBIDDEN = (
    "TRUNCATE {relation}",
    "COPY {relation} FROM STDIN",
    "ALTER TABLE {relation} DISABLE ROW LEVEL SECURITY",
    "ALTER TABLE {relation} NO FORCE ROW LEVEL SECURITY",
    "ALTER TABLE {relation} DISABLE TRIGGER ALL",
    "ALTER TABLE {relation} OWNER TO web",
    "DROP TABLE {relation}",
    "CREATE TRIGGER mine BEFORE INSERT ON {relation} FOR EACH ROW EXECUTE FUNCTION public.app_stamp()",
    "CREATE RULE mine AS ON INSERT TO {relation} DO INSTEAD NOTHING",
    "CREATE POLICY mine ON {relation} TO web USING (true)",
    "CREATE INDEX ON {relation} ((1))",
    "GRANT SELECT ON {relation} TO PUBLIC",
)


PUBLIC_RIGHTS = "SELECT FROM pg_class c, aclexplode(c.relacl) g WHERE c.oid = %s::regclass AND g.grantee = 0"


@pytest.mark.parametrize("role", ["web", "release"])
@pytest.mark.parametrize("statement", FORBIDDEN)
def test_no_role_that_serves_changes_a_table(probe, statement, role):
    relations = [f'public."{m._meta.db_table}"' for m in SECURED] + [f'audit."{m._meta.db_table}"' for m in AUDITED]
    for relation in relations:
        with probe.as_viewer("southwark" if role == "web" else "release", role) as session:
            if statement.startswith("GRANT"):
                # PostgreSQL only warns of a grant that one may not give: see that nothing was given.
                with suppress(InsufficientPrivilege), session.transaction():
                    session.execute(statement.format(relation=relation))
                session.execute("RESET ROLE")
                assert session.execute(PUBLIC_RIGHTS, [relation]).fetchall() == []
                continue
            with pytest.raises(DatabaseError) as refused:
                _run(session, statement.format(relation=relation))
            assert refused.type in (InsufficientPrivilege, psycopg.errors.FeatureNotSupported), refused.value


def _run(session, statement):
    if statement.startswith("COPY"):
        with session.cursor().copy(statement) as copy:
            copy.write("x\n")
    else:
        session.execute(statement)


def test_copying_out_shows_ones_own_rows(probe, flock):
    for name, wanted in (("southwark", 1), ("nobody", 0)):
        with probe.as_viewer(name) as session, session.cursor().copy("COPY providers_workingname TO STDOUT") as copy:
            assert sum(line.count(b"\n") for line in map(bytes, copy)) == wanted
    with (
        probe.as_viewer(None) as session,
        pytest.raises(InsufficientPrivilege),
        session.cursor().copy("COPY providers_workingname TO STDOUT") as copy,
    ):
        list(copy)


def test_history_is_locked_by_nobody(probe):
    with probe.as_viewer("southwark") as session:
        session.execute('LOCK TABLE audit."providers_rate" IN ACCESS SHARE MODE')
        with pytest.raises(InsufficientPrivilege):
            session.execute('LOCK TABLE audit."providers_rate" IN ROW EXCLUSIVE MODE')


def test_a_temporary_table_deceives_no_policy(probe):
    """The session's own tables are found before the real ones, by any function that does not name its schema."""
    for table in ("partnership_participation", "partnership_framework", "providers_rate"):
        with probe.as_viewer("southwark") as session:
            before = session.execute("SELECT count(*) FROM public.providers_rate").fetchone()
            session.execute(f"CREATE TEMPORARY TABLE {table} AS SELECT * FROM public.{table}")
            if table == "partnership_participation":
                session.execute(
                    """INSERT INTO pg_temp.partnership_participation (framework_id, authority_id, starts_on)
                       SELECT f.id, public.app_authority(), f.starts_on FROM public.partnership_framework f"""
                )
            elif table == "partnership_framework":
                session.execute("UPDATE pg_temp.partnership_framework SET lead_authority_id = public.app_authority()")
            assert session.execute("SELECT count(*) FROM public.providers_rate").fetchone() == before
            led = session.execute("SELECT cardinality(public.app_led_frameworks())").fetchone()
            assert led == (1,)


@pytest.mark.parametrize("model", **named(SECURED))
def test_every_policy_is_missed_when_it_is_gone_or_open(probe, model):
    table = model._meta.db_table
    probes = {
        "web_reads": probe.reading, "web_inserts": probe.inserting, "web_updates": probe.updating,
        "web_deletes": probe.deleting, "owner_all": probe.owning, "backup_reads": probe.backing_up,
    }  # fmt: skip
    if getattr(model, "immutable", False):
        del probes["web_updates"], probes["web_deletes"]
    if model in WRITTEN_BY_NOBODY:
        del probes["web_inserts"], probes["web_updates"], probes["web_deletes"]
    if model in SEALED:
        del probes["web_reads"]
    if getattr(model, "contributes", False):
        probes["release_reads"] = probe.releasing
    if getattr(model, "of_release", False):
        probes["release_all"] = probe.writing_releases
    _mutate(probe, "public", table, {name: [found] for name, found in probes.items()}, model)
    if has_history(model):
        writing = probe.inserting if getattr(model, "immutable", False) else probe.updating
        writing = probe.writing_releases if model in WRITTEN_BY_NOBODY else writing
        probes = {
            "web_reads": [probe.reading_history], "audit_all": [writing], "owner_reads": [probe.owning_history],
            "backup_reads": [probe.backing_up_history],
        }  # fmt: skip
        _mutate(probe, "audit", table, probes, model)


def _mutate(probe, schema, table, probes, model):
    session = probe.session
    found = session.execute(
        "SELECT policyname FROM pg_policies WHERE schemaname = %s AND tablename = %s", [schema, table]
    )
    assert {name for (name,) in found} == set(probes)
    for name, checks in probes.items():
        mutants = [f'DROP POLICY {name} ON {schema}."{table}"']
        if name.startswith("web_"):
            rules = "WITH CHECK (true)" if name == "web_inserts" else "USING (true)"
            rules += " WITH CHECK (true)" if name == "web_updates" else ""
            mutants.append(f'ALTER POLICY {name} ON {schema}."{table}" {rules}')
        for mutant in mutants:
            with session.transaction(force_rollback=True):
                session.execute(mutant)
                assert any(check(model) for check in checks), f"nothing noticed: {mutant}"
    assert not any(check(model) for checks in probes.values() for check in checks)
