"""What an import changed, as history saw it: counts, and a list in words. The same for a dry run and a real one."""

import json
from dataclasses import dataclass
from typing import Any

from django.db import connections, models

from ..audit.naming import RESTRICTED
from .source import Source

LISTED = 200  # facts named one by one; the counts are of all
_STAMPS = {"id", "uuid", "version", "changed_at", "changed_xid", "source_import_id", "source_sheet", "source_row"}


@dataclass(frozen=True)
class Change:
    noun: str
    operation: str  # insert | update | delete
    what: str
    detail: str


@dataclass(frozen=True)
class Difference:
    added: int
    changed: int
    removed: int
    listed: tuple[Change, ...]


def difference(source: Source, run_id: int, *, using: str = "default") -> Difference:
    """Reads the events of this transaction that carry the import. A fact touched several times counts once: as it
    stood before against as it stands after."""
    counts = {"insert": 0, "update": 0, "delete": 0}
    listed: list[Change] = []
    for model in source.writes():
        net = _NET.format(table=model._meta.db_table, only="AND xid = pg_current_xact_id()::text::bigint")
        values: dict[str, Any] = {"run": run_id, "stamps": sorted(_STAMPS), "listed": LISTED - len(listed)}
        with connections[using].cursor() as cursor:
            cursor.execute(net + _COUNT, values)
            for operation, count in cursor.fetchall():
                counts[operation] += count
            cursor.execute(net + _LIST.format(table=model._meta.db_table), values)
            listed += [
                _change(source, model, operation, facts_of(before), facts_of(after))
                for operation, before, after in cursor.fetchall()
            ]
    return Difference(counts["insert"], counts["update"], counts["delete"], tuple(listed))


def seen_now(source: Source, run_id: int, *, using: str = "default") -> tuple[int, int, int]:
    """(added, changed, removed) of a loaded import, counted as `difference` did, in what the viewer sees of history
    now: fewer than the run says where some of its facts are the viewer's to see no more."""
    counts = {"insert": 0, "update": 0, "delete": 0}
    for model in source.writes():
        with connections[using].cursor() as cursor:
            net = _NET.format(table=model._meta.db_table, only="")
            cursor.execute(net + _COUNT, {"run": run_id, "stamps": sorted(_STAMPS)})
            for operation, count in cursor.fetchall():
                counts[operation] += count
    return counts["insert"], counts["update"], counts["delete"]


_NET = """
    WITH touched AS (
        SELECT row_id, min(event_id) AS first, max(event_id) AS last,
            (array_agg(operation ORDER BY event_id))[1] AS began,
            (array_agg(operation ORDER BY event_id DESC))[1] AS ended,
            bool_or(operation <> 'update'
                    OR before - %(stamps)s::text[] IS DISTINCT FROM after - %(stamps)s::text[]) AS differs
        FROM audit."{table}" WHERE import_id = %(run)s {only} GROUP BY row_id
    ), net AS (
        SELECT first, last, CASE WHEN began = 'insert' AND ended = 'delete' THEN '' WHEN began = 'insert' THEN 'insert'
            WHEN ended = 'delete' THEN 'delete' WHEN differs THEN 'update' ELSE '' END AS operation
        FROM touched
    )"""
_COUNT = " SELECT operation, count(*) FROM net WHERE operation <> '' GROUP BY 1"
_LIST = """
    SELECT n.operation, f.before, l.after
    FROM (SELECT * FROM net WHERE operation <> '' ORDER BY operation DESC, first LIMIT %(listed)s) n
    JOIN audit."{table}" f ON f.event_id = n.first JOIN audit."{table}" l ON l.event_id = n.last
    ORDER BY n.operation DESC, n.first"""


def changed_fields(before: dict[str, Any], after: dict[str, Any]) -> list[tuple[str, Any, Any]]:
    """(column, old, new) of what differs, stamps and provenance aside."""
    return [
        (key, before.get(key), after.get(key))
        for key in after
        if key not in _STAMPS and before.get(key) != after.get(key)
    ]


def _change(source: Source, model: type[models.Model], operation: str, before: Any, after: Any) -> Change:
    what = source.title_of(model, after or before)
    detail = ""
    if operation == "update":
        detail = source.detail_of(model, before, after) or "; ".join(
            _told(model, *field) for field in changed_fields(before, after)
        )
    return Change(str(model._meta.verbose_name), operation, what, detail)


def _told(model: type[models.Model], column: str, old: Any, new: Any) -> str:
    """What changed, in words; of a restricted column only that it did."""
    if column in getattr(model, "restricted", ()):
        return f"{_label(model, column)} ({RESTRICTED})"
    return f"{_label(model, column)} from {_said(old)} to {_said(new)}"


def _label(model: type[models.Model], column: str) -> str:
    for each in model._meta.concrete_fields:
        if each.column == column:
            return str(each.verbose_name)
    return column


def _said(value: Any) -> str:
    return "not recorded" if value in (None, "") else str(value)


def facts_of(event: Any) -> dict[str, Any] | None:
    """A row as history keeps it. Django hands jsonb from a bare cursor over as text."""
    return json.loads(event) if isinstance(event, str) else event
