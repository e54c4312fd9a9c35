"""Taking an import back: every fact it touched stands again as it did, or nothing happens and the reasons are listed.

History knows what the import changed, so no source writes this for itself.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import DatabaseError, connections, models, transaction

from ..models import ImportRun, ImportState
from ..tenancy.viewer import acting
from .difference import facts_of
from .road import NotNow
from .source import source_named

NAMED = 50


@dataclass(frozen=True)
class Touched:
    """A fact that was changed after the import: by whom, when, and by which import."""

    noun: str
    what: str
    by: str
    at: datetime
    import_id: int | None


class Refused(Exception):
    """`later` lists what was changed since; the import stays as it is."""

    def __init__(self, says: str, later: list[Touched]) -> None:
        super().__init__(says)
        self.later = later


def take_back(run: ImportRun, *, by: Any, now: datetime) -> ImportRun:
    """Undoes a loaded import. Inside acting_as(reason="...") for the viewer whose file it is, without an import.

    Raises NotNow where it is not loaded, Refused with the list where later events touched its rows.
    """
    run = ImportRun.objects.select_for_update().get(pk=run.pk)
    if run.state != ImportState.LOADED:
        raise NotNow(f"Only a loaded file can be taken back; this one is {run.get_state_display().lower()}.")
    source = source_named(run.source)
    written = source.writes()
    later = [touched for model in written for touched in _later(source, model, run.pk)]
    if later:
        raise Refused("Facts that this file brought have been changed since.", later)
    try:
        with transaction.atomic():
            for model in reversed(written):
                _run(_DELETE, model, run.pk)
            for model in written:
                _restore(model, run.pk)
            with connections[acting().using].cursor() as cursor:
                cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
                cursor.execute("SET CONSTRAINTS ALL DEFERRED")
    except DatabaseError as problem:
        if getattr(getattr(problem.__cause__, "diag", None), "constraint_name", None) is None:
            raise
        raise Refused("Other facts now rest on what this file brought.", []) from problem
    run.state, run.taken_back_at, run.taken_back_by = ImportState.TAKEN_BACK, now, by if hasattr(by, "uuid") else None
    run.save(update_fields=["state", "taken_back_at", "taken_back_by"])
    return run


# The state before the import's first event on each row; rows inserted by it have none.
_FIRST = """SELECT DISTINCT ON (row_id) row_id, operation, before FROM audit."{table}"
            WHERE import_id = %(run)s ORDER BY row_id, event_id"""
_DELETE = 'DELETE FROM "{table}" WHERE id IN (SELECT row_id FROM (' + _FIRST + ") f WHERE operation = 'insert')"
_UPDATE = (
    'UPDATE "{table}" AS t SET {assignments} FROM ('
    + _FIRST
    + ") f, jsonb_populate_record(NULL::\"{table}\", f.before) AS o WHERE t.id = f.row_id AND f.operation <> 'insert'"
)
_INSERT = (
    'INSERT INTO "{table}" SELECT o.* FROM ('
    + _FIRST
    + ") f, jsonb_populate_record(NULL::\"{table}\", f.before) AS o WHERE f.operation <> 'insert' "
    'AND NOT EXISTS (SELECT FROM "{table}" t WHERE t.id = f.row_id)'
)
_LATER = """
    SELECT DISTINCT ON (e.row_id) e.before, e.after, e.actor, e.at, e.import_id
    FROM audit."{table}" e
    JOIN (SELECT row_id, max(event_id) AS last FROM audit."{table}" WHERE import_id = %(run)s GROUP BY row_id) mine
      ON mine.row_id = e.row_id AND e.event_id > mine.last
    ORDER BY e.row_id, e.event_id LIMIT %(named)s"""
_DATABASES_OWN = {"id", "uuid", "version", "changed_at", "changed_xid"}


def _restore(model: type[models.Model], run_id: int) -> None:
    columns = [f.column for f in model._meta.concrete_fields if f.column not in _DATABASES_OWN]
    assignments = ", ".join(f'"{column}" = o."{column}"' for column in columns)
    _run(_UPDATE, model, run_id, assignments=assignments)
    _run(_INSERT, model, run_id)


def _run(statement: str, model: type[models.Model], run_id: int, **parts: str) -> None:
    with connections[acting().using].cursor() as cursor:
        cursor.execute(statement.format(table=model._meta.db_table, **parts), {"run": run_id})


def _later(source: Any, model: type[models.Model], run_id: int) -> list[Touched]:
    with connections[acting().using].cursor() as cursor:
        cursor.execute(_LATER.format(table=model._meta.db_table), {"run": run_id, "named": NAMED})
        return [
            Touched(
                str(model._meta.verbose_name),
                source.title_of(model, facts_of(after or before) or {}),
                actor,
                at,
                import_id,
            )
            for before, after, actor, at, import_id in cursor.fetchall()
        ]
