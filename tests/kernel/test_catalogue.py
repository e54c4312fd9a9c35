"""The database's own catalogue against what is declared: nothing without a class, no class without its guard."""

import pytest
from django.db import models

from commissioning.kernel.tenancy.policies import every_model, has_history
from commissioning.kernel.tenancy.visibility import Own, Participants, System, Visibility, visibility_of
from tests import visibility as words
from tests.kernel.probe import AUDITED, OURS, SECURED, named

pytestmark = pytest.mark.django_db(databases=["default", "owner"])
WRITES = ("INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER", "MAINTAIN")

# Functions of ours that web may call, and why: each runs with the caller's own rights.
WEB_CALLS = {
    "app_setting", "app_kind", "app_authority", "app_provider", "app_actor", "app_whole_frameworks",
    "app_part_frameworks", "app_led_frameworks", "app_stamp", "app_keep",
    "app_provider_sets",
}  # fmt: skip
# SECURITY DEFINER functions that web may execute: none.
DEFINERS_OF_WEB: set[str] = set()
# A foreign key to rows that not everybody sees, which no composite key holds: column -> why that is right.
LOOSE_KEYS = {
    "event_id": "what is told of holds the id of a shared row, or that one's own authority asked for a test",
    "source_import_id": "a shared fact names the file it came from; what else that file held stays hidden",
}


@pytest.fixture
def ask(administrator):
    """Rows of a query on the catalogue, as a superuser who sees all of it."""
    return lambda question, **values: administrator.execute(question, values).fetchall()


def test_every_model_is_in_the_table_of_visibility():
    found = {model._meta.label for model in every_model()}
    assert found == set(words.TABLE) | words.OTHERS, (
        "list the new model in tests/visibility.py, and who sees and writes it"
    )


@pytest.mark.parametrize("model", **named(OURS))
def test_what_is_declared_is_what_the_table_says(model):
    assert isinstance(model.visibility, Visibility)
    assert (
        words.declared(visibility_of(model), history=has_history(model), kept=getattr(model, "immutable", False))
        == words.TABLE[model._meta.label]
    )


def test_every_table_has_a_class(ask):
    found = {name for (name,) in ask(_RELATIONS, schema="public", kinds=["r", "p"])}
    assert found == {model._meta.db_table for model in every_model()} | words.BARE
    history = {name for (name,) in ask(_RELATIONS, schema="audit", kinds=["r", "p"])}
    assert history == {model._meta.db_table for model in AUDITED}
    assert all(model._meta.managed for model in every_model())


_RELATIONS = """SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                WHERE n.nspname = %(schema)s AND c.relkind = ANY (%(kinds)s)"""


def test_no_view_goes_round_the_policies(ask):
    """None stands there now; a view must be security_invoker, and web reads no materialised view."""
    views = ask(
        """SELECT c.relname, c.reloptions::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
           WHERE n.nspname NOT IN ('pg_catalog', 'information_schema') AND c.relkind = 'v'"""
    )
    assert not [name for name, options in views if "security_invoker=true" not in (options or "")]
    assert not ask(
        """SELECT relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname <> 'pg_catalog'
           AND relkind IN ('m', 'f') AND has_table_privilege('web', c.oid, 'SELECT')"""
    )


def test_only_ordinary_schemas(ask):
    found = ask("SELECT nspname FROM pg_namespace WHERE nspname !~ '^pg_' AND nspname <> 'information_schema'")
    assert {name for (name,) in found} == {"public", "audit"}


def rights_of_web(model) -> list[str]:
    """By the table of visibility, not by the generator."""
    line = words.TABLE.get(model._meta.label)
    if line is not None and line.sees == words.NOBODY:
        return []
    if line is not None and line.writes == words.NOBODY:
        return ["SELECT"]
    return ["SELECT", "INSERT"] if line is not None and line.kept else ["SELECT", "INSERT", "UPDATE", "DELETE"]


@pytest.mark.parametrize("model", **named(SECURED))
def test_a_guarded_table_has_everything_its_class_needs(ask, model):
    table = model._meta.db_table
    assert ask(_FORCED, schema="public", table=table) == [(True, True)]
    policies = {name: (command, roles) for name, command, roles in ask(_POLICIES, schema="public", table=table)}
    wanted = {
        "web_reads": ("SELECT", ["web"]), "web_inserts": ("INSERT", ["web"]), "web_updates": ("UPDATE", ["web"]),
        "web_deletes": ("DELETE", ["web"]), "owner_all": ("ALL", ["owner"]), "backup_reads": ("SELECT", ["backup"]),
    }  # fmt: skip
    allowed = rights_of_web(model)
    for right, name in (("SELECT", "reads"), ("INSERT", "inserts"), ("UPDATE", "updates"), ("DELETE", "deletes")):
        if right not in allowed:
            del wanted[f"web_{name}"]
    if model._meta.label in words.CONTRIBUTES:
        wanted["release_reads"] = ("SELECT", ["release"])
    if model._meta.label in words.OF_RELEASE:
        wanted["release_all"] = ("ALL", ["release"])
    assert policies == wanted
    triggers = {name for (name,) in ask(_TRIGGERS, table=table)}
    stamped = {"stamp"} if any(f.name == "changed_xid" for f in model._meta.concrete_fields) else set()
    history = {"history_insert", "history_update", "history_delete"} if has_history(model) else set()
    provider = {"provider_adds", "provider_changes"} if model._meta.label in words.PROVIDER_SETS else set()
    assert triggers == {"keep"} | stamped | history | provider


_FORCED = """SELECT relrowsecurity, relforcerowsecurity FROM pg_class
             WHERE oid = format('%%I.%%I', %(schema)s::text, %(table)s::text)::regclass"""
_POLICIES = """SELECT policyname, cmd, roles::text[] FROM pg_policies
               WHERE schemaname = %(schema)s AND tablename = %(table)s AND permissive = 'PERMISSIVE'"""
_TRIGGERS = """SELECT tgname FROM pg_trigger WHERE tgrelid = format('public.%%I', %(table)s::text)::regclass
               AND NOT tgisinternal AND tgenabled = 'O'"""


@pytest.mark.parametrize("model", **named(AUDITED))
def test_history_is_guarded_like_what_it_is_the_history_of(ask, model):
    table = model._meta.db_table
    assert ask(_FORCED, schema="audit", table=table) == [(True, True)]
    policies = {name: (command, roles) for name, command, roles in ask(_POLICIES, schema="audit", table=table)}
    assert policies == {
        "web_reads": ("SELECT", ["web"]), "audit_all": ("ALL", ["audit"]), "owner_reads": ("SELECT", ["owner"]),
        "backup_reads": ("SELECT", ["backup"]),
    }  # fmt: skip
    assert ask("SELECT relowner::regrole::text FROM pg_class WHERE oid = %(t)s::regclass", t=f'audit."{table}"') == [
        ("audit",)
    ]
    for role in ("web", "release", "backup", "owner"):
        assert _granted(ask, role, f'audit."{table}"', WRITES) == []
    assert _granted(ask, "web", f'audit."{table}"', ("SELECT",)) == ["SELECT"]
    assert _granted(ask, "release", f'audit."{table}"', ("SELECT",)) == []
    for role in ("web", "release", "backup", "public"):
        assert not ask(
            "SELECT FROM information_schema.role_usage_grants WHERE object_schema = 'audit' AND grantee = %(r)s", r=role
        )


def _granted(ask, role, relation, rights):
    """Those of the rights that the role has on the relation, on any of its columns too."""
    columns = {"INSERT", "UPDATE", "SELECT", "REFERENCES"}
    found = []
    for right in rights:
        ((on_table, on_any),) = ask(
            f"""SELECT has_table_privilege(%(role)s, %(t)s::regclass, %(right)s),
                {"has_any_column_privilege(%(role)s, %(t)s::regclass, %(right)s)" if right in columns else "false"}""",
            role=role, t=relation, right=right,
        )  # fmt: skip
        if on_table or on_any:
            found.append(right)
    return found


@pytest.mark.parametrize("model", **named(list(every_model())))
def test_web_may_do_what_it_needs_and_no_more(ask, model):
    relation = f'public."{model._meta.db_table}"'
    assert _granted(ask, "web", relation, ("SELECT", *WRITES)) == rights_of_web(model)
    if model in OURS:
        key = model._meta.pk.column
        for role in ("web", "release"):
            ((may,),) = ask(
                "SELECT has_column_privilege(%(r)s, %(t)s::regclass, %(k)s, 'UPDATE')", r=role, t=relation, k=key
            )
            assert not may
    release = ["SELECT"] if model._meta.label in words.CONTRIBUTES else []
    if model._meta.label in words.OF_RELEASE:
        release = ["SELECT", "INSERT", "UPDATE", "DELETE"]
    assert _granted(ask, "release", relation, ("SELECT", *WRITES)) == release
    assert _granted(ask, "backup", relation, ("SELECT", *WRITES)) == ["SELECT"]
    assert ask("SELECT relowner::regrole::text FROM pg_class WHERE oid = %(t)s::regclass", t=relation) == [("owner",)]
    assert not ask(
        """SELECT FROM pg_class c, aclexplode(c.relacl) g WHERE c.oid = %(t)s::regclass AND g.grantee = 0
           UNION ALL SELECT FROM pg_attribute a, aclexplode(a.attacl) g WHERE a.attrelid = %(t)s::regclass
           AND g.grantee = 0""",
        t=relation,
    )


def test_no_function_lends_its_owners_rights(ask):
    functions = ask(
        """SELECT p.proname, p.prosecdef, coalesce(p.proconfig::text, ''),
           has_function_privilege('web', p.oid, 'EXECUTE')
           FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace WHERE n.nspname IN ('public', 'audit')"""
    )
    assert {name for name, definer, _, web in functions if definer and web} == DEFINERS_OF_WEB
    assert all("search_path=pg_catalog" in config for _, definer, config, _ in functions if definer)
    called = {name for name, _, _, web in functions if web and not name.startswith("procrastinate_")}
    assert called == WEB_CALLS
    # Of ours, those that name a table or another function by a pinned path; one-line readers of a setting are inlined.
    unpinned = {name for name, _, config, _ in functions if name in WEB_CALLS and not config}
    assert unpinned == {"app_kind", "app_authority", "app_provider", "app_actor"}


def test_web_owns_nothing_and_is_nobody_else(ask):
    assert ask("SELECT rolsuper, rolbypassrls, rolcreaterole, rolcreatedb FROM pg_roles WHERE rolname = 'web'") == [
        (False, False, False, False)
    ]
    assert not ask(
        "SELECT FROM pg_auth_members m JOIN pg_roles r ON r.oid IN (m.member, m.roleid) WHERE rolname = 'web'"
    )
    assert not ask("SELECT FROM pg_shdepend WHERE refobjid = 'web'::regrole AND deptype = 'o'")
    ((schema, history, database),) = ask(
        """SELECT has_schema_privilege('web', 'public', 'CREATE'), has_schema_privilege('web', 'audit', 'CREATE'),
           has_database_privilege('web', current_database(), 'CREATE')"""
    )
    assert (schema, history, database) == (False, False, False)
    assert not ask("SELECT has_parameter_privilege('web', 'session_replication_role', 'SET')")[0][0]
    for role in ("release", "backup", "audit", "owner"):
        assert ask("SELECT rolsuper FROM pg_roles WHERE rolname = %(r)s", r=role) == [(False,)]
    assert ask("SELECT rolcanlogin FROM pg_roles WHERE rolname = 'audit'") == [(False,)]


@pytest.mark.parametrize("model", **named(SECURED))
def test_an_index_serves_the_column_that_policies_ask(ask, model):
    """The keys a viewer is matched by on an ordinary read."""
    visibility = visibility_of(model)
    asked = [name for name in (*visibility.fixed(), getattr(visibility, "provider", "")) if name.endswith("_id")]
    for column in asked:
        assert ask(
            """SELECT FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]
               WHERE i.indrelid = %(t)s::regclass AND a.attname = %(c)s AND i.indisvalid AND i.indpred IS NULL""",
            t=f'public."{model._meta.db_table}"', c=column,
        ), f"no index begins with {column}"  # fmt: skip


@pytest.mark.parametrize("model", **named(OURS))
def test_composite_keys_are_in_the_database(ask, model):
    for local, target, remote in getattr(model, "composite_keys", ()):
        other = target if isinstance(target, str) else target._meta.db_table
        assert (list(local), other, list(remote)) in [tuple(row) for row in ask(_KEYS, table=model._meta.db_table)]


_KEYS = """
    SELECT (SELECT array_agg(a.attname::text ORDER BY k.n) FROM unnest(c.conkey) WITH ORDINALITY k(num, n)
            JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = k.num),
           c.confrelid::regclass::text,
           (SELECT array_agg(a.attname::text ORDER BY k.n) FROM unnest(c.confkey) WITH ORDINALITY k(num, n)
            JOIN pg_attribute a ON a.attrelid = c.confrelid AND a.attnum = k.num)
    FROM pg_constraint c WHERE c.contype = 'f' AND c.convalidated
    AND c.conrelid = format('public.%%I', %(table)s::text)::regclass"""


@pytest.mark.parametrize("model", **named(OURS))
def test_a_key_to_hidden_rows_is_composite_or_has_a_reason(model):
    """A foreign key is checked without regard to policies: alone, it tells of a hidden row, and hangs on it."""
    held = {column for local, *_ in getattr(model, "composite_keys", ()) for column in local}
    for each in model._meta.concrete_fields:
        if each.is_relation and _hidden_from_some(each.related_model) and each.column not in held:
            assert each.column in LOOSE_KEYS, f"{model._meta.label}.{each.name}"


def _hidden_from_some(target: type[models.Model]) -> bool:
    return isinstance(visibility_of(target), Own | Participants)


@pytest.mark.parametrize("model", **named([m for m in SECURED if isinstance(visibility_of(m), Own | Participants)]))
def test_a_unique_key_tells_nobody_of_anothers_row(ask, model):
    """A clash is reported whoever's the other row is: own rows are unique within their owner only."""
    whose = visibility_of(model).fixed()
    allowed = [{"id"}, {"uuid"}]
    unique = ask(
        """SELECT array_agg(a.attname::text) FROM pg_index i JOIN pg_attribute a
           ON a.attrelid = i.indrelid AND a.attnum = ANY (i.indkey::int2[])
           WHERE i.indrelid = %(t)s::regclass AND i.indisunique GROUP BY i.indexrelid""",
        t=f'public."{model._meta.db_table}"',
    )
    for (columns,) in unique:
        assert set(columns) in allowed or "id" in columns or set(columns) & set(whose), columns


def test_system_tables_hold_no_facts():
    """What is not guarded is for signing in, or other people's: never a row with a price or a child."""
    system = [model for model in OURS if isinstance(visibility_of(model), System)]
    assert {model._meta.label for model in system} == {
        "partnership.User", "partnership.Invitation", "partnership.ApiKey", "partnership.Calls", "kernel.CacheEntry",
        "quality.ReminderSetting",
    }  # fmt: skip
    assert not [f for model in system for f in model._meta.concrete_fields if f.get_internal_type() == "DecimalField"]
