"""The ground that the benchmarks stand on: their cluster from start to stop, and tables emptied between rounds."""

import io
import signal
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import django
import psycopg
from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.db import connections, models

from commissioning.kernel import postgres

KEPT = ("django_", "auth_", "partnership_authority", "procrastinate_")  # what load_reference and migrate brought


@contextmanager
def ground() -> Iterator[Path]:
    """Django on a database made anew, with the authorities; gives a folder for files. Taken away at the end."""
    signal.signal(signal.SIGTERM, lambda *_: (_ for _ in ()).throw(SystemExit(1)))
    postgres.start()
    try:
        _new_database()
        django.setup()
        call_command("migrate", database="owner", verbosity=0)
        call_command("load_reference", stdout=io.StringIO())
        call_command("collectstatic", interactive=False, verbosity=0)
        with tempfile.TemporaryDirectory() as folder:
            settings.INBOX = Path(folder) / "inbox"
            settings.ALLOWED_HOSTS = ["testserver"]
            yield Path(folder)
    finally:
        if apps.ready:
            connections.close_all()
        _new_database()
        postgres.stop()


def _new_database() -> None:
    with psycopg.connect(postgres.url("postgres"), dbname="postgres", autocommit=True) as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {postgres.DATABASE} WITH (FORCE)")
        connection.execute(f"CREATE DATABASE {postgres.DATABASE} OWNER owner")


def empty(*written: type[models.Model]) -> None:
    """Takes away every row of these tables and their history; of all but the authorities where none is named."""
    with connections["owner"].cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        every = [name for (name,) in cursor.fetchall() if not name.startswith(KEPT)]
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'audit'")
        history = {name for (name,) in cursor.fetchall()}
        tables = [model._meta.db_table for model in written] or every
        _truncate(cursor, "public", tables)
        cursor.execute("SET ROLE audit")
        _truncate(cursor, "audit", [name for name in tables if name in history])
        cursor.execute("RESET ROLE")


def _truncate(cursor: Any, schema: str, tables: list[str]) -> None:
    cursor.execute("TRUNCATE " + ", ".join(f'{schema}."{name}"' for name in tables))


def settle(*written: type[models.Model]) -> None:
    """Statistics and visibility as they are when a table has stood for a while."""
    with connections["owner"].cursor() as cursor:
        for model in written:
            cursor.execute(f'VACUUM ANALYZE public."{model._meta.db_table}"')
