"""Taking an import back: every fact it touched stands again as it did, or nothing happens and the reasons are listed.

History knows what the import changed, so no source writes this for itself.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import DatabaseError, connections, models, transaction
from django.db.models.fields.reverse_related import ManyToOneRel
from django.utils import timezone

from ..models import ImportRun, ImportState
from ..tenancy.policies import check_keys_now, has_history
from ..tenancy.viewer import acting
from .difference import facts_of, seen_now
from .road import NotNow, hold_still
from .source import Source, source_named

NAMED = 50


@dataclass(frozen=True)
class Touched:
    """A fact that was changed after the import: by whom, when, and by which import."""

    noun: str
    what: str
    by: str
    at: datetime
    import_id: int | None


SINCE = "Records that this file brought have been changed since, or others now rest on them."
NOT_YOURS = "You may no longer change some of the records that this file touched, so nothing was taken back."


class Refused(Exception):
    """`later` lists what was changed since; the import stays as it is."""

    def __init__(self, says: str, later: list[Touched]) -> None:
        super().__init__(says)
        self.later = later


def take_back(run: ImportRun, *, by: Any, now: datetime) -> ImportRun:
    """Undoes a loaded import. Inside acting_as(reason="...") for the viewer whose file it is, without an import.

    Raises NotNow where it is not loaded, Refused with the list where later events touched its rows,
    Refused without one where the viewer may no longer see or change all of them.
    """
    run = ImportRun.objects.select_for_update().get(pk=run.pk)
    if run.state != ImportState.LOADED:
        raise NotNow(f"Only a loaded file can be taken back; this one is {run.get_state_display().lower()}.")
    if not hold_still(run):
        raise NotNow("Another file of this kind is being loaded at this moment. Try again when it is done.")
    written = source_named(run.source).writes()
    for model in written:
        _run(_HOLD, model, run.pk)
    later = later_events(run)
    if later:
        raise Refused(SINCE, later)
    _refuse_unseen(run)
    try:
        with transaction.atomic():
            expected = {model: _expected(model, run.pk) for model in written}
            for model in reversed(written):
                _all_of(expected[model]["insert"], _run(_DELETE, model, run.pk))
            for model in written:
                _restore(model, run.pk, expected[model])
            source_named(run.source).taken_back(run.authority_id, timezone.localdate(now))
            check_keys_now(acting().using)
    except DatabaseError as problem:
        if getattr(problem.__cause__, "sqlstate", None) == _FORBIDDEN:
            raise Refused(NOT_YOURS, []) from problem
        if getattr(getattr(problem.__cause__, "diag", None), "constraint_name", None) is None:
            raise
        raise Refused("Other records that you cannot see now rest on what this file brought.", []) from problem
    run.state, run.taken_back_at, run.taken_back_by = ImportState.TAKEN_BACK, now, by if hasattr(by, "uuid") else None
    run.save(update_fields=["state", "taken_back_at", "taken_back_by"])
    return run


def _refuse_unseen(run: ImportRun) -> None:
    """History is filtered like the rows themselves: how much there is to undo, only the run's own numbers know."""
    touched = (run.facts_added, run.facts_changed, run.facts_removed)
    seen = seen_now(source_named(run.source), run.pk, using=acting().using)
    if any(present < then for present, then in zip(seen, touched, strict=True)):
        raise Refused(
            f"This file touched {sum(touched):,} records, and you can see {sum(seen):,} of them now, "
            "so nothing was taken back.", [],
        )  # fmt: skip


def later_events(run: ImportRun) -> list[Touched]:
    """What was changed, or made to rest on the import's facts, since it was loaded: at most NAMED of each kind."""
    source = source_named(run.source)
    written = source.writes()
    later = [touched for model in written for touched in _asked(_LATER, source, model, run.pk)]
    for model in written:
        for other, column in _pointing_at(model):
            later += _asked(_RESTING, source, other, run.pk, target=model._meta.db_table, column=column)
    return later


def _pointing_at(model: type[models.Model]) -> Iterator[tuple[type[models.Model], str]]:
    """Every (model with history, column) whose rows may refer to this model's."""
    for relation in model._meta.get_fields(include_hidden=True):
        if isinstance(relation, ManyToOneRel) and has_history(relation.related_model):
            yield relation.related_model, relation.field.column


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
# How many rows each of the three has to touch.
_EXPECTED = """
    SELECT CASE WHEN began = 'insert' THEN 'insert' WHEN ended = 'delete' THEN 'delete' ELSE 'update' END, count(*)
    FROM (
        SELECT (array_agg(operation ORDER BY event_id))[1] AS began,
            (array_agg(operation ORDER BY event_id DESC))[1] AS ended
        FROM audit."{table}" WHERE import_id = %(run)s GROUP BY row_id
    ) touched
    WHERE NOT (began = 'insert' AND ended = 'delete') GROUP BY 1"""
_FORBIDDEN = "42501"  # insufficient_privilege: a policy refused the row
_HOLD = 'SELECT FROM "{table}" WHERE id IN (SELECT row_id FROM (' + _FIRST + ") f) ORDER BY id FOR UPDATE"
# A row that later events left just as the import did (a later file, since taken back) is no hindrance.
_LATER = """
    SELECT before, after, actor, at, import_id FROM (
        SELECT DISTINCT ON (e.row_id) e.*, m.after AS left_as
        FROM audit."{table}" e
        JOIN (SELECT row_id, max(event_id) AS last FROM audit."{table}" WHERE import_id = %(run)s GROUP BY row_id) mine
          ON mine.row_id = e.row_id AND e.event_id > mine.last
        JOIN audit."{table}" m ON m.event_id = mine.last
        ORDER BY e.row_id, e.event_id DESC
    ) newest
    WHERE after - %(stamps)s::text[] IS DISTINCT FROM left_as - %(stamps)s::text[]
    ORDER BY row_id LIMIT %(named)s"""
# Somebody else's rows that refer to rows which the import made.
_RESTING = """
    SELECT DISTINCT ON (e.row_id) e.before, e.after, e.actor, e.at, e.import_id
    FROM "{table}" o JOIN audit."{table}" e ON e.row_id = o.id
    WHERE o."{column}" IN (SELECT row_id FROM audit."{target}" WHERE import_id = %(run)s AND operation = 'insert')
      AND NOT EXISTS (SELECT FROM audit."{table}" x WHERE x.row_id = o.id AND x.import_id = %(run)s)
    ORDER BY e.row_id, e.event_id DESC LIMIT %(named)s"""
_STAMPS = ["version", "changed_at", "changed_xid"]
_DATABASES_OWN = {"id", "uuid", *_STAMPS}


def _expected(model: type[models.Model], run_id: int) -> dict[str, int]:
    """How many rows the import left added, changed and removed, however little they differ."""
    with connections[acting().using].cursor() as cursor:
        cursor.execute(_EXPECTED.format(table=model._meta.db_table), {"run": run_id})
        return {"insert": 0, "update": 0, "delete": 0} | dict(cursor.fetchall())


def _all_of(expected: int, done: int) -> None:
    """A policy does not refuse a row that may be seen but not changed: it passes it over."""
    if done != expected:
        raise Refused(NOT_YOURS, [])


def _restore(model: type[models.Model], run_id: int, expected: dict[str, int]) -> None:
    columns = [f.column for f in model._meta.concrete_fields if f.column not in _DATABASES_OWN]
    assignments = ", ".join(f'"{column}" = o."{column}"' for column in columns)
    _all_of(expected["update"], _run(_UPDATE, model, run_id, assignments=assignments))
    _all_of(expected["delete"], _run(_INSERT, model, run_id))


def _run(statement: str, model: type[models.Model], run_id: int, **parts: str) -> int:
    """How many rows it touched."""
    with connections[acting().using].cursor() as cursor:
        cursor.execute(statement.format(table=model._meta.db_table, **parts), {"run": run_id})
        return cursor.rowcount


def _asked(query: str, source: Source, model: type[models.Model], run_id: int, **parts: str) -> list[Touched]:
    with connections[acting().using].cursor() as cursor:
        values: dict[str, Any] = {"run": run_id, "named": NAMED, "stamps": _STAMPS}
        cursor.execute(query.format(table=model._meta.db_table, **parts), values)
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
