"""What an import changed, as history saw it: counts, and a list in words. The same for a dry run and a real one."""

import json
from dataclasses import dataclass
from typing import Any

from django.db import connections, models

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
    """Reads the events of this transaction that carry the import."""
    counts = {"insert": 0, "update": 0, "delete": 0}
    listed: list[Change] = []
    for model in source.writes():
        table = model._meta.db_table
        with connections[using].cursor() as cursor:
            mine = "import_id = %s AND xid = pg_current_xact_id()::text::bigint"
            cursor.execute(f'SELECT operation, count(*) FROM audit."{table}" WHERE {mine} GROUP BY 1', (run_id,))
            for operation, count in cursor.fetchall():
                counts[operation] += count
            cursor.execute(
                f'SELECT operation, before, after FROM audit."{table}" WHERE {mine} '
                "ORDER BY operation DESC, event_id LIMIT %s",
                (run_id, LISTED - len(listed)),
            )
            listed += [
                _change(source, model, operation, facts_of(before), facts_of(after))
                for operation, before, after in cursor.fetchall()
            ]
    return Difference(counts["insert"], counts["update"], counts["delete"], tuple(listed))


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
        detail = "; ".join(
            f"{_label(model, key)} from {_said(old)} to {_said(new)}" for key, old, new in changed_fields(before, after)
        )
    return Change(str(model._meta.verbose_name), operation, what, detail)


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
