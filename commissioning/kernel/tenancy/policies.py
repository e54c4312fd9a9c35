"""The one generator: from each model's declarations to grants, policies, composite keys, stamps and history.

`secure` runs as `owner` after every migrate, in one transaction, and may be run again at any time: it makes the
database say what the models declare now. A model may declare:

    visibility        its class (visibility.py): required
    composite_keys    (((local columns), Target model, (target columns)), ...): a foreign key of several columns, so
                      that a row cannot point at a row of another authority, framework or provider
    no_overlap        ((columns), "why"[, "which"]): rows alike in these columns may not overlap in
                      [starts_on, ends_before); "which" is an SQL condition on the rows that this holds for
    immutable         True where a row, once written, is never changed or removed by web
    unaudited         columns history leaves out (a password's digest)
    no_history        why a table of ours keeps none
    contributes       True where the `release` role may read the rows for benchmarks; or the columns that it may
    of_release        True where the `release` role writes the rows
"""

import hashlib
from collections.abc import Iterator

from django.apps import apps
from django.db import connections, models

from ..audit.sql import AUDIT_FUNCTIONS, history_sql
from .visibility import Partnership, Sealed, Visibility, visibility_of

# A viewer that is no authority (or no provider) is NULL there, which equals no row's.
CONTEXT_FUNCTIONS = """
CREATE OR REPLACE FUNCTION public.app_setting(name text) RETURNS text
LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog AS $$
DECLARE value text := nullif(current_setting('app.' || name, true), '');
BEGIN
    IF value IS NULL THEN
        RAISE EXCEPTION 'nobody is looking: app.% is not set in this transaction', name
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN value;
END $$;
CREATE OR REPLACE FUNCTION public.app_kind() RETURNS text LANGUAGE sql STABLE PARALLEL SAFE
AS $$ SELECT public.app_setting('kind') $$;
CREATE OR REPLACE FUNCTION public.app_authority() RETURNS bigint LANGUAGE sql STABLE PARALLEL SAFE
AS $$ SELECT nullif(public.app_setting('authority'), '0')::bigint $$;
CREATE OR REPLACE FUNCTION public.app_provider() RETURNS bigint LANGUAGE sql STABLE PARALLEL SAFE
AS $$ SELECT nullif(public.app_setting('provider'), '0')::bigint $$;
CREATE OR REPLACE FUNCTION public.app_actor() RETURNS text LANGUAGE sql STABLE PARALLEL SAFE
AS $$ SELECT public.app_setting('actor') $$;
"""

# Which frameworks the viewer's authority takes part in from the start with no end, in part, and leads. Tables are
# named with their schema: an unqualified name would find a temporary table of the session first.
FRAMEWORK_FUNCTIONS = """
CREATE OR REPLACE FUNCTION public.app_whole_frameworks() RETURNS bigint[] LANGUAGE sql STABLE PARALLEL SAFE
SET search_path = pg_catalog AS $$
    SELECT coalesce(array_agg(p.framework_id), '{}') FROM public.partnership_participation p
    JOIN public.partnership_framework f ON f.id = p.framework_id
    WHERE p.authority_id = public.app_authority() AND p.starts_on <= f.starts_on AND p.ends_before IS NULL $$;
CREATE OR REPLACE FUNCTION public.app_part_frameworks() RETURNS bigint[] LANGUAGE sql STABLE PARALLEL SAFE
SET search_path = pg_catalog AS $$
    SELECT coalesce(array_agg(p.framework_id), '{}') FROM public.partnership_participation p
    JOIN public.partnership_framework f ON f.id = p.framework_id
    WHERE p.authority_id = public.app_authority() AND NOT (p.starts_on <= f.starts_on AND p.ends_before IS NULL) $$;
CREATE OR REPLACE FUNCTION public.app_led_frameworks() RETURNS bigint[] LANGUAGE sql STABLE PARALLEL SAFE
SET search_path = pg_catalog AS $$
    SELECT coalesce(array_agg(f.id), '{}') FROM public.partnership_framework f
    WHERE f.lead_authority_id = public.app_authority() $$;
"""

# The database, not the sender, says which version a row is and which transaction changed it.
STAMP_FUNCTION = """
CREATE OR REPLACE FUNCTION public.app_stamp() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
    NEW.version := CASE TG_OP WHEN 'UPDATE' THEN OLD.version + 1 ELSE 1 END;
    NEW.changed_at := now();
    NEW.changed_xid := pg_current_xact_id()::text::bigint;
    RETURN NEW;
END $$;
"""

# History follows a row by its id, other systems by its uuid, and both are shown to those whose row it is: none of
# these ever changes, whoever asks.
KEEP_FUNCTION = """
CREATE OR REPLACE FUNCTION public.app_provider_sets() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog AS $$
BEGIN
    RAISE EXCEPTION 'this is not for a provider to write in %', TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE OR REPLACE FUNCTION public.app_keep() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
    RAISE EXCEPTION 'a row of % keeps its ids and whose it is', TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
END $$;
"""


def secure(connection) -> None:
    """Makes grants, policies, keys, stamps and history say what the models declare. Runs as `owner`."""
    with connection.cursor() as cursor:
        for statement in statements(_existing(cursor)):
            cursor.execute(statement)
        # procrastinate numbers its rows from sequences of its own; ours are identity columns and need no grant.
        cursor.execute("SELECT sequencename FROM pg_sequences WHERE sequencename LIKE 'procrastinate%'")
        for (name,) in cursor.fetchall():
            cursor.execute(f'GRANT USAGE ON SEQUENCE public."{name}" TO web')


def statements(tables: set[str]) -> Iterator[str]:
    """Every statement, in order. `tables` = those that exist: a room's tables may not be migrated yet."""
    yield CONTEXT_FUNCTIONS
    if {"partnership_framework", "partnership_participation"} <= tables:
        yield FRAMEWORK_FUNCTIONS
    yield STAMP_FUNCTION
    yield KEEP_FUNCTION
    yield "GRANT USAGE ON SCHEMA public TO web, release, backup"
    yield AUDIT_FUNCTIONS
    declared = {model._meta.db_table: model for model in every_model()}
    for table in sorted(tables):
        model = declared.get(table)
        yield from _grants(table, model)
        if model is not None and hasattr(model, "visibility"):
            yield from _secure_table(table, model, visibility_of(model))
    for table, model in sorted(declared.items()):
        if table in tables:
            yield from _constraints(table, model)


def every_model() -> list[type[models.Model]]:
    """Every concrete model with a table, the automatic many-to-many ones too."""
    return [m for m in apps.get_models(include_auto_created=True) if m._meta.managed and not m._meta.proxy]


def _grants(table: str, model) -> Iterator[str]:
    yield f'REVOKE ALL ON TABLE public."{table}" FROM PUBLIC, web, release'
    yield f'GRANT SELECT ON public."{table}" TO backup'
    if table == "django_migrations":
        yield f'GRANT SELECT ON public."{table}" TO web, release'
        return
    if rights := web_rights(model):
        yield f'GRANT {", ".join(right for right in rights if right != "UPDATE")} ON public."{table}" TO web'
    if "UPDATE" in rights:
        yield f'GRANT UPDATE{_columns_that_change(model)} ON public."{table}" TO web'
    contributes = getattr(model, "contributes", False)
    if contributes:
        columns = "" if contributes is True else f" ({', '.join(contributes)})"
        yield f'GRANT SELECT{columns} ON public."{table}" TO release'
    if getattr(model, "of_release", False):
        yield f'GRANT SELECT, INSERT, DELETE ON public."{table}" TO release'
        yield f'GRANT UPDATE{_columns_that_change(model)} ON public."{table}" TO release'


def web_rights(model) -> tuple[str, ...]:
    """What the role web may do with a table at all, before its policies say with which rows."""
    visibility = visibility_of(model) if model is not None else None
    if isinstance(visibility, Sealed):
        return ()
    if isinstance(visibility, Partnership) and visibility.writer == "nobody":
        return ("SELECT",)
    if getattr(model, "immutable", False):
        return ("SELECT", "INSERT")
    return ("SELECT", "INSERT", "UPDATE", "DELETE")


def _columns_that_change(model) -> str:
    """Never a primary key: history could not follow the row."""
    if model is None or not hasattr(model, "visibility"):
        return ""
    names = [f'"{field.column}"' for field in model._meta.concrete_fields if not field.primary_key]
    return f" ({', '.join(names)})"


def _secure_table(table: str, model, visibility: Visibility) -> Iterator[str]:
    if visibility.secured:
        yield f'ALTER TABLE public."{table}" ENABLE ROW LEVEL SECURITY'
        yield f'ALTER TABLE public."{table}" FORCE ROW LEVEL SECURITY'
        yield from policies(table, model, visibility)
    if any(field.name == "changed_xid" for field in model._meta.concrete_fields):
        # Synchronisation walks in this order (api/paging.py).
        yield f'CREATE INDEX IF NOT EXISTS "{table[:55]}_changed" ON public."{table}" (changed_xid, id)'
        yield f'DROP TRIGGER IF EXISTS stamp ON public."{table}"'
        yield f"""CREATE TRIGGER stamp BEFORE INSERT OR UPDATE ON public."{table}"
                  FOR EACH ROW EXECUTE FUNCTION public.app_stamp()"""
    yield f'DROP TRIGGER IF EXISTS keep ON public."{table}"'
    kept = " OR ".join((
        *(_differs(column) for column in _kept(model, visibility)),
        *(f'(OLD."{column}" IS NOT NULL AND {_differs(column)})' for column in visibility.fixed_once_set()),
    ))  # fmt: skip
    yield f"""CREATE TRIGGER keep BEFORE UPDATE ON public."{table}" FOR EACH ROW WHEN ({kept})
              EXECUTE FUNCTION public.app_keep()"""
    yield from _provider_sets(table, model, visibility)
    if has_history(model):
        yield from history_sql(table, model, visibility)


def _provider_sets(table: str, model, visibility: Visibility) -> Iterator[str]:
    """A policy says which rows a provider writes; these, which columns of them."""
    for name in ("provider_adds", "provider_changes"):
        yield f'DROP TRIGGER IF EXISTS {name} ON public."{table}"'
    sets = visibility.provider_writes
    if sets is None:
        return
    stamps = ("version", "changed_at", "changed_xid")
    fields = [f for f in model._meta.concrete_fields if not f.primary_key and f.column not in ("uuid", *stamps)]
    new = [f'NEW."{f.column}" IS DISTINCT FROM {_as_new(f)}' for f in fields if f.column not in sets.adds]
    other = [_differs(f.column) for f in fields if f.column not in sets.changes]
    changed = " OR ".join(_differs(column) for column in sets.changes)
    if changed:
        other.append(f"(({changed}) AND ({sets.while_}) IS NOT TRUE)")
    for name, event, wrong in (("provider_adds", "INSERT", new), ("provider_changes", "UPDATE", other)):
        if wrong:
            yield f"""CREATE TRIGGER {name} BEFORE {event} ON public."{table}" FOR EACH ROW
                      WHEN (current_setting('app.kind', true) = 'provider' AND ({" OR ".join(wrong)}))
                      EXECUTE FUNCTION public.app_provider_sets()"""


def _as_new(field) -> str:
    """What a column holds in a row in which nobody has filled it."""
    value = field.get_default() if field.has_default() else None
    if value is None or isinstance(value, bool):
        return {None: "NULL", True: "true", False: "false"}[value]
    if not isinstance(value, str):
        raise TypeError(f"{field}: a provider has to say what it holds")
    return "'" + value.replace("'", "''") + "'"


def _differs(column: str) -> str:
    return f'OLD."{column}" IS DISTINCT FROM NEW."{column}"'


def _kept(model, visibility: Visibility) -> list[str]:
    ids = [field.column for field in model._meta.concrete_fields if field.primary_key or field.name == "uuid"]
    return [*ids, *visibility.fixed()]


def has_history(model) -> bool:
    """Every fact has; a SYSTEM table only where it says whose history it is; `no_history` gives a reason against."""
    visibility = visibility_of(model)
    return not hasattr(model, "no_history") and bool(visibility.secured or visibility.keys())


def policies(table: str, model, visibility: Visibility) -> Iterator[str]:
    """For web: who reads, who writes. For owner: everything, or its data migrations would silently do nothing."""
    relation, rights = f'public."{table}"', web_rights(model)
    reads, of_none = visibility.reads(table), _parents_of_none(table, model)
    writes, removes = visibility.writes(table) + of_none, visibility.removes(table) + of_none
    contributes, of_release = getattr(model, "contributes", False), getattr(model, "of_release", False)
    wanted = {
        "web_reads": f"FOR SELECT TO web USING ({reads})" if "SELECT" in rights else None,
        "web_inserts": f"FOR INSERT TO web WITH CHECK ({writes})" if "INSERT" in rights else None,
        "web_updates": f"FOR UPDATE TO web USING ({writes}) WITH CHECK ({writes})" if "UPDATE" in rights else None,
        "web_deletes": f"FOR DELETE TO web USING ({removes})" if "DELETE" in rights else None,
        "owner_all": "TO owner USING (true) WITH CHECK (true)",
        "backup_reads": "FOR SELECT TO backup USING (true)",
        "release_reads": "FOR SELECT TO release USING (true)" if contributes else None,
        "release_all": "TO release USING (true) WITH CHECK (true)" if of_release else None,
    }
    for name, rule in wanted.items():
        yield f"DROP POLICY IF EXISTS {name} ON {relation}"
        if rule:
            yield f"CREATE POLICY {name} ON {relation} {rule}"


def _parents_of_none(table: str, model) -> str:
    """A composite key with an empty column is not checked: a row of no authority must have a parent of none. (Where
    it is the parent that may be empty, there is nothing to check.)"""
    rules, whose = [], set(visibility_of(model).keys())
    for local, target, remote in getattr(model, "composite_keys", ()):
        empty = {field.column for field in model._meta.concrete_fields if field.null} & set(local) & whose
        if empty:
            other = target if isinstance(target, str) else target._meta.db_table
            pairs = " AND ".join(
                f"p.{there} {'IS NOT DISTINCT FROM' if here in empty else '='} {table}.{here}"
                for here, there in zip(local, remote, strict=True)
            )
            rules.append(f" AND EXISTS (SELECT FROM public.{other} AS p WHERE {pairs})")
    return "".join(rules)


def check_keys_now(using: str) -> None:
    """Keys are checked when a transaction ends: checked now, so that a refusal can still be told. Afterwards each is
    checked when it was before; one that forbids overlaps, when a statement ends."""
    overlaps = [
        f'public."{_overlap(model._meta.db_table, why)}"'
        for model in every_model()
        for _, why, *_ in getattr(model, "no_overlap", ())
    ]
    with connections[using].cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
        cursor.execute(f"SET CONSTRAINTS {', '.join(overlaps)} IMMEDIATE")


def _overlap(table: str, why: str) -> str:
    return _short(f"{table}_{why}")


def _constraints(table: str, model) -> Iterator[str]:
    for local, target, remote in getattr(model, "composite_keys", ()):
        other = target if isinstance(target, str) else target._meta.db_table
        unique = _short(f"{other}_{'_'.join(remote)}_key")
        yield _unless(unique, f'ALTER TABLE public."{other}" ADD CONSTRAINT "{unique}" UNIQUE ({", ".join(remote)})')
        name = _short(f"{table}_{'_'.join(local)}_composite")
        yield _unless(
            name,
            f'ALTER TABLE public."{table}" ADD CONSTRAINT "{name}" FOREIGN KEY ({", ".join(local)}) '
            f'REFERENCES public."{other}" ({", ".join(remote)}) DEFERRABLE INITIALLY DEFERRED',
        )
    for columns, why, *which in getattr(model, "no_overlap", ()):
        name = _overlap(table, why)
        # No btree_gist: an id is compared as a range of one. An empty id (all participants) counts as nil.
        parts = [f"int8range(coalesce({c}, 0), coalesce({c}, 0), '[]') WITH &&" for c in columns]
        # Judged when the statement ends: two rows that change places in one may cross on the way. (Before, it was
        # judged row by row, and whether a file came in hung on the order in which its rows were written.)
        yield (
            f"DO $do$ BEGIN IF EXISTS (SELECT FROM pg_constraint WHERE conname = '{name}' AND NOT condeferrable) "
            f'THEN ALTER TABLE public."{table}" DROP CONSTRAINT "{name}"; END IF; END $do$'
        )
        yield _unless(
            name,
            f'ALTER TABLE public."{table}" ADD CONSTRAINT "{name}" EXCLUDE USING gist '
            f"({', '.join(parts)}, daterange(starts_on, ends_before) WITH &&)"
            + "".join(f" WHERE ({condition})" for condition in which)
            + " DEFERRABLE INITIALLY IMMEDIATE",
        )


def _unless(name: str, statement: str) -> str:
    return f"""DO $do$ BEGIN
        IF NOT EXISTS (SELECT FROM pg_constraint WHERE conname = '{name}') THEN {statement}; END IF;
    END $do$"""


def _short(name: str) -> str:
    """PostgreSQL's names hold 63 bytes."""
    return name if len(name) <= 63 else f"{name[:54]}_{hashlib.sha256(name.encode()).hexdigest()[:8]}"


def _existing(cursor) -> set[str]:
    cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    return {name for (name,) in cursor.fetchall()}
