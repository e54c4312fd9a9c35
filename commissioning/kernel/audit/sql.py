"""History tables and their triggers, generated. Statement triggers with transition tables, owned by `audit`.

Each audited table has audit.<table>: full row before and after, who, why, request, import, and copies of the columns
its visibility needs, under the same policy. Events of deletion are the tombstones of synchronisation.
"""

from collections.abc import Iterator

EVENT_COLUMNS = """
    event_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    operation text NOT NULL,
    row_id bigint NOT NULL,
    row_uuid uuid,
    before jsonb,
    after jsonb,
    actor text NOT NULL,
    reason text NOT NULL,
    request_id text NOT NULL,
    import_id bigint,
    xid bigint NOT NULL DEFAULT pg_current_xact_id()::text::bigint,
    at timestamptz NOT NULL DEFAULT clock_timestamp()
"""

AUDIT_FUNCTIONS = """
DO $do$ BEGIN
    IF NOT EXISTS (SELECT FROM pg_namespace WHERE nspname = 'audit') THEN
        CREATE SCHEMA audit AUTHORIZATION audit;
    END IF;
END $do$;
GRANT USAGE ON SCHEMA public TO audit;
SET LOCAL ROLE audit;
GRANT USAGE ON SCHEMA audit TO web, backup, owner;
-- Erasure: named columns of one row leave its history, and an event of its own stays behind. The live row is emptied
-- first: that change, too, is an event that shows what was there.
CREATE OR REPLACE FUNCTION audit.redact(of_table text, of_row uuid, columns text[], why text) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE touched bigint;
BEGIN
    IF coalesce(why, '') = '' OR columns IS NULL THEN
        RAISE EXCEPTION 'say which columns are erased and why';
    END IF;
    EXECUTE format('UPDATE audit.%I SET before = before - $1, after = after - $1 WHERE row_uuid = $2', of_table)
        USING columns, of_row;
    GET DIAGNOSTICS touched = ROW_COUNT;
    IF touched = 0 THEN
        RAISE EXCEPTION 'no history of that row in %', of_table;
    END IF;
    EXECUTE format(
        'INSERT INTO audit.%1$I OVERRIDING SYSTEM VALUE SELECT (jsonb_populate_record(NULL::audit.%1$I,
            to_jsonb(e) || jsonb_build_object(''operation'', ''erased'',
            ''event_id'', nextval(pg_get_serial_sequence(''audit.%1$I'', ''event_id'')),
            ''before'', NULL, ''after'', NULL, ''actor'', public.app_actor(), ''reason'', $3,
            ''request_id'', '''', ''import_id'', NULL, ''xid'', pg_current_xact_id()::text::bigint,
            ''at'', clock_timestamp()))).* FROM audit.%1$I e WHERE row_uuid = $2 ORDER BY event_id DESC LIMIT 1',
        of_table) USING columns, of_row, why || ' (' || array_to_string(columns, ', ') || ')';
    RETURN touched;
END $$;
REVOKE ALL ON FUNCTION audit.redact(text, uuid, text[], text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION audit.redact(text, uuid, text[], text) TO owner;
RESET ROLE;
"""

# o_ and n_, as no column may be called in Django: one of the same name would stand for the row in to_jsonb().
OPERATIONS = {
    # event: (transition tables, source rows, before, after)
    "insert": ("REFERENCING NEW TABLE AS fresh", "fresh AS n_", "NULL::jsonb", "to_jsonb(n_){minus}", "n_"),
    "update": (
        "REFERENCING OLD TABLE AS stale NEW TABLE AS fresh",
        "fresh AS n_ JOIN stale AS o_ USING (id)",
        "to_jsonb(o_){minus}",
        "to_jsonb(n_){minus}",
        "n_",
    ),
    "delete": ("REFERENCING OLD TABLE AS stale", "stale AS o_", "to_jsonb(o_){minus}", "NULL::jsonb", "o_"),
}


def history_sql(table: str, model, visibility) -> Iterator[str]:
    """The history table of one model, its policy and its three triggers."""
    keys = [model._meta.get_field(_field_of(model, key)) for key in visibility.keys()]  # noqa: SIM118  (not a mapping)
    columns = {field.column: _type_of(field) for field in keys}
    yield "SET LOCAL ROLE audit"
    yield f'CREATE TABLE IF NOT EXISTS audit."{table}" ({EVENT_COLUMNS})'
    for name, kind in columns.items():
        yield f'ALTER TABLE audit."{table}" ADD COLUMN IF NOT EXISTS "{name}" {kind}'
    yield f'CREATE INDEX IF NOT EXISTS "{table[:55]}_row" ON audit."{table}" (row_id, event_id)'
    yield f'CREATE INDEX IF NOT EXISTS "{table[:55]}_xid" ON audit."{table}" (xid)'
    yield f'CREATE INDEX IF NOT EXISTS "{table[:55]}_imp" ON audit."{table}" (import_id) WHERE import_id IS NOT NULL'
    yield f'ALTER TABLE audit."{table}" ENABLE ROW LEVEL SECURITY'
    yield f'ALTER TABLE audit."{table}" FORCE ROW LEVEL SECURITY'
    yield f'GRANT SELECT ON audit."{table}" TO web, backup, owner'
    for name, rule in (
        ("audit_all", "TO audit USING (true) WITH CHECK (true)"),
        ("owner_reads", "FOR SELECT TO owner USING (true)"),
        ("backup_reads", "FOR SELECT TO backup USING (true)"),
        ("web_reads", f"FOR SELECT TO web USING ({_history_reads(table, visibility, columns)})"),
    ):
        yield f'DROP POLICY IF EXISTS {name} ON audit."{table}"'
        yield f'CREATE POLICY {name} ON audit."{table}" {rule}'
    for operation in OPERATIONS:
        yield _function(table, model, operation, list(columns))
        function = f'audit."{table[:50]}_{operation}"()'
        yield f"REVOKE ALL ON FUNCTION {function} FROM PUBLIC"
        yield f"GRANT EXECUTE ON FUNCTION {function} TO owner"
    yield "RESET ROLE"
    for operation, (transitions, *_) in OPERATIONS.items():
        yield f'DROP TRIGGER IF EXISTS history_{operation} ON public."{table}"'
        yield f"""CREATE TRIGGER history_{operation} AFTER {operation.upper()} ON public."{table}" {transitions}
                  FOR EACH STATEMENT EXECUTE FUNCTION audit."{table[:50]}_{operation}"()"""


def _function(table: str, model, operation: str, keys: list[str]) -> str:
    _, rows, before, after, row = OPERATIONS[operation]
    hidden = getattr(model, "unaudited", ())
    minus = f" - ARRAY[{', '.join(repr(name) for name in hidden)}]" if hidden else ""
    has_uuid = any(field.name == "uuid" for field in model._meta.concrete_fields)
    copies = "".join(f', "{key}"' for key in keys)
    values = "".join(f", {_copy(key)}" if operation == "update" else f', {row}."{key}"' for key in keys)
    identity = "id" if operation == "update" else f"{row}.id"
    # A row's id never changes (tenancy/policies.py), so every fresh row finds the stale one here.
    return f"""
CREATE OR REPLACE FUNCTION audit."{table[:50]}_{operation}"() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $body$
BEGIN
    INSERT INTO audit."{table}" (
        operation, row_id, row_uuid, before, after, actor, reason, request_id, import_id{copies})
    SELECT '{operation}', {identity}, {f"{row}.uuid" if has_uuid else "NULL::uuid"},
           {before.format(minus=minus)}, {after.format(minus=minus)}, public.app_actor(),
           coalesce(current_setting('app.reason', true), ''), coalesce(current_setting('app.request', true), ''),
           nullif(current_setting('app.import', true), '')::bigint{values}
    FROM {rows};
    RETURN NULL;
END $body$"""


# What both states of a row share: an event shows both, so only those who may see both may see it.
_SHARED = """CASE WHEN least(o_.ends_before, n_.ends_before) <= greatest(o_.starts_on, n_.starts_on) THEN '0001-01-01'
             ELSE {shared} END"""
_PERIOD = {
    "starts_on": _SHARED.format(shared="greatest(o_.starts_on, n_.starts_on)"),
    "ends_before": _SHARED.format(shared="least(o_.ends_before, n_.ends_before)"),
}


def _copy(key: str) -> str:
    """A key as an update's event keeps it: empty where the row changed hands, no day where its dates moved clear."""
    return _PERIOD.get(key) or f'CASE WHEN o_."{key}" IS NOT DISTINCT FROM n_."{key}" THEN n_."{key}" END'


def _history_reads(table: str, visibility, columns: dict[str, str]) -> str:
    """The live table's rule, over history's own copies of the same columns."""
    rule = visibility.reads(table)
    return rule.replace(" id = (SELECT", " row_id = (SELECT").replace("(id = (SELECT", "(row_id = (SELECT")


def _field_of(model, column: str) -> str:
    return next(field.name for field in model._meta.concrete_fields if field.column == column)


def _type_of(field) -> str:
    if field.is_relation:
        return "bigint"
    return {"DateField": "date", "BooleanField": "boolean"}.get(field.get_internal_type(), "text")
