"""After a test that committed, every table is empty again: history and jobs as well, which Django’s flush leaves, and
in a fraction of its time. What was committed once can be kept beside, and put back for the next test. Rows are deleted
and put back with triggers and keys off, which only a superuser may do."""

import psycopg
from django.db import connections
from psycopg import sql

from commissioning.kernel import postgres

# What migrations wrote.
KEPT = ("django_migrations", "django_content_type", "auth_permission")
EMPTY = """
DO $$ DECLARE what regclass; BEGIN
    SET LOCAL session_replication_role = replica;
    FOR what IN SELECT c.oid FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE c.relkind = 'r' AND n.nspname IN ('public', 'audit') AND c.relname <> ALL (ARRAY[{kept}])
    LOOP EXECUTE format('DELETE FROM %s', what); END LOOP;
END $$
""".format(kept=", ".join(f"'{name}'" for name in KEPT))
KEEP = """
DO $$ DECLARE what record; has_rows boolean; BEGIN
    CREATE SCHEMA {schema};
    FOR what IN SELECT c.oid::regclass AS rows, n.nspname || '.' || c.relname AS name
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE c.relkind = 'r' AND n.nspname IN ('public', 'audit') AND c.relname <> ALL (ARRAY[{kept}])
    LOOP
        EXECUTE format('SELECT EXISTS (SELECT FROM %s)', what.rows) INTO has_rows;
        IF has_rows THEN EXECUTE format('CREATE TABLE {schema}.%I AS TABLE %s', what.name, what.rows); END IF;
    END LOOP;
END $$
"""
PUT_BACK = """
DO $$ DECLARE what record; BEGIN
    SET LOCAL session_replication_role = replica;
    FOR what IN SELECT c.oid::regclass AS kept, c.relname AS rows, (
            SELECT string_agg(quote_ident(a.attname), ', ') FROM pg_attribute a
            WHERE a.attrelid = c.relname::regclass AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
        ) AS columns
        FROM pg_class c WHERE c.relnamespace = {name}::regnamespace AND c.relkind = 'r'
    LOOP
        EXECUTE format('INSERT INTO %s (%s) OVERRIDING SYSTEM VALUE SELECT %2$s FROM %3$s',
                       what.rows::regclass, what.columns, what.kept);
    END LOOP;
END $$
"""


# Tables so large that what was deleted, and what was once counted in them, would mislead the planner of later tests.
SWOLLEN = """
SELECT c.oid::regclass::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind = 'r' AND n.nspname IN ('public', 'audit') AND pg_relation_size(c.oid) > 100000
"""
FORGET_COUNTS = "DELETE FROM pg_statistic WHERE starelid = %s::regclass"


def empty() -> None:
    with _administrator() as session:
        session.execute(EMPTY)
        session.commit()
        session.autocommit = True
        for (table,) in session.execute(SWOLLEN).fetchall():
            session.execute(f"VACUUM {table}")
            session.execute(FORGET_COUNTS, [table])


def keep(name: str) -> None:
    """Every row that there is, under the name, until forget()."""
    _run(KEEP, name)


def put_back(name: str) -> None:
    """What was kept under the name, into empty tables."""
    _run(PUT_BACK, name)


def forget(name: str) -> None:
    _run("DROP SCHEMA IF EXISTS {schema} CASCADE", name)


def _run(statement: str, name: str) -> None:
    words = {"schema": sql.Identifier(f"kept_{name}"), "name": sql.Literal(f"kept_{name}")}
    kept = sql.SQL(", ").join(map(sql.Literal, KEPT))
    with _administrator() as session:
        session.execute(sql.SQL(statement).format(kept=kept, **words))


def disconnect() -> None:
    """Ends every other session on the test database but owner's own."""
    with _administrator() as session:
        session.execute(
            """SELECT pg_terminate_backend(pid) FROM pg_stat_activity
               WHERE datname = current_database() AND pid <> pg_backend_pid() AND usename <> 'owner'"""
        )


def _administrator() -> psycopg.Connection:
    name = connections["owner"].settings_dict["NAME"]
    assert name.startswith("test"), f"{name} is no test's database: mark the test with django_db"
    return psycopg.connect(postgres.url("postgres"), dbname=name, options="-c lock_timeout=30s")
