"""History as people read it: what changed from what to what, by whom, when, why and from which file.

    history_of(Framework, row_uuid=uuid)        the events of one record, newest first
    read_events({Framework: Q(), Lot: Q()})     the events of several kinds of record in one list
    as_known_on(Rate, instant, lot_id=3)        the rows as they stood at that moment

Everything is filtered to the current viewer, in the query and again in the database.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Func, JSONField, Q, TextField, Value
from django.db.models.lookups import Exact

from .. import wording
from .events import events_of
from .naming import RESTRICTED, TECHNICAL, Names, label_of

DID = {"insert": "added", "update": "changed", "delete": "removed", "erased": "erased"}
_COLUMNS = (
    "table_name", "event_id", "operation", "row_id", "row_uuid", "before", "after",
    "actor", "reason", "request_id", "import_id", "at",
)  # fmt: skip
# What alone makes no news: a sign-in, how far an import is, and what the database keeps for itself. A file's steps
# from received to loaded are changes of its `state`, and are news.
_NO_NEWS = ["last_login", "stage", "done", "total", "version", "changed_at", "changed_xid"]


def _but_for_no_news(column: str) -> Func:
    return Func(
        F(column), Value(_NO_NEWS, output_field=ArrayField(TextField())),
        template="(%(expressions)s)", arg_joiner=" - ", output_field=JSONField(),
    )  # fmt: skip


# A condition for read_events and count_events.
NEWS = ~Q(operation="update") | ~Q(Exact(_but_for_no_news("before"), _but_for_no_news("after")))


@dataclass(frozen=True)
class FieldChange:
    """One field of one event. `old` and `new` are words; None where there was no value."""

    column: str
    label: str
    old: str | None
    new: str | None

    @property
    def says(self) -> str:
        """ "Starts on changed from 1 April 2026 to 1 May 2026", "Note added: ...", "Note removed, was ..." """
        if self.old == self.new:  # restricted: both are the words for that
            return f"{self.label} changed: {self.new}"
        if self.old is None:
            return f"{self.label}: {self.new}"
        if self.new is None:
            return f"{self.label} removed, was {self.old}"
        return f"{self.label} changed from {self.old} to {self.new}"


@dataclass(frozen=True)
class FileRow:
    """Where in which file a change came from. `uuid` and `name` are None for a file the viewer may not open."""

    uuid: UUID | None
    name: str | None
    sheet: str
    row: int | None

    @property
    def says(self) -> str:
        place = "".join((f", sheet {self.sheet}" if self.sheet else "", f", row {self.row}" if self.row else ""))
        return f"file {self.name}{place}" if self.name else "another authority's file"


@dataclass(frozen=True)
class Event:
    """One change of one row."""

    model: type[models.Model]
    operation: str  # insert, update, delete, erased
    title: str  # which record, in words
    changes: tuple[FieldChange, ...]
    who: str
    at: datetime
    reason: str
    file: FileRow | None
    row_id: int
    row_uuid: UUID | None
    event_id: int
    request_id: str

    @property
    def table(self) -> str:
        return self.model._meta.db_table

    @property
    def noun(self) -> str:
        return str(self.model._meta.verbose_name)

    @property
    def did(self) -> str:
        return DID[self.operation]

    @property
    def says(self) -> str:
        """The event as one sentence without its actor and day: "Framework added", "Name changed from A to B"."""
        noun = wording.capital(self.noun)
        if self.operation != "update":
            return f"{noun} {self.did}"
        return "; ".join(change.says for change in self.changes) or f"{noun} saved, with no change to what is kept here"


def history_of(
    model: type[models.Model], *, row_uuid: UUID | str | None = None, row_id: int | None = None, limit: int = 200
) -> list[Event]:
    """The latest `limit` events of one row, newest first; a removed row's too. Empty where nothing may be seen.

    Asks the events, then one query for each kind of record they name: never one for each event.
    """
    if (row_uuid is None) == (row_id is None):
        raise TypeError("history_of needs row_uuid or row_id")
    return read_events({model: Q(row_uuid=row_uuid) if row_id is None else Q(row_id=row_id)}, stop=limit)


def read_events(selections: Mapping[type[models.Model], Q], *, start: int = 0, stop: int = 200) -> list[Event]:
    """Events of several models in one list, newest first, from `start` up to `stop`.

    The Q of each model is over the columns of its history: row_id, row_uuid, operation, actor, at, import_id, and
    the columns its visibility reads (framework_id, provider_id, ...). Two queries and one for each kind named.
    """
    parts = [
        events_of(model).filter(condition).annotate(table_name=Value(model._meta.db_table))
        .order_by("-event_id").values_list(*_COLUMNS)[:stop]
        for model, condition in selections.items()
    ]  # fmt: skip
    if not parts:
        return []
    first, *rest = parts
    everything = first.union(*rest, all=True).order_by("-at", "-event_id") if rest else first
    by_table = {model._meta.db_table: model for model in selections}
    rows = [dict(zip(_COLUMNS, row, strict=True)) for row in everything[start:stop]]
    names = Names()
    for row in rows:
        names.note(by_table[row["table_name"]], row)
    names.look_up()
    return [_event(by_table[row["table_name"]], row, names) for row in rows]


def count_events(selections: Mapping[type[models.Model], Q], *, most: int) -> int:
    """How many there are, counted no further than `most`: one query."""
    parts = [events_of(model).filter(q).values_list("event_id")[:most] for model, q in selections.items()]
    if not parts:
        return 0
    first, *rest = parts
    return min(most, first.union(*rest, all=True).count() if rest else first.count())


def as_known_on(model: type[models.Model], instant: datetime, **columns: int | str | None) -> list[models.Model]:
    """The rows as they stood at `instant`, as unsaved instances in order of id; columns narrow them (lot_id=3).

    A column that history leaves out or that was erased is None. What a viewer may see of a row's history decides:
    the latest state it could see by then is the one given.
    """
    events = events_of(model).filter(at__lte=instant).exclude(operation="erased")
    if columns:
        ever = events.filter(**{f"after__{name}": value for name, value in columns.items()})
        events = events.filter(row_id__in=ever.values("row_id"))
    latest = events.order_by("row_id", "-event_id").distinct("row_id").values_list("after", flat=True)
    fields = model._meta.concrete_fields
    names = [field.attname for field in fields]
    return [
        model.from_db(None, names, [_python(field, after.get(field.column)) for field in fields])
        for after in latest
        if after is not None and all(after.get(name) == value for name, value in columns.items())
    ]


def _python(field: models.Field, value: Any) -> Any:
    return (field.target_field if field.is_relation else field).to_python(value)


def _event(model: type[models.Model], row: dict[str, Any], names: Names) -> Event:
    before, after = row["before"] or {}, row["after"] or {}
    record = after or before
    changes = tuple(
        FieldChange(
            field.column,
            label_of(field),
            names.value(model, field, before.get(field.column), before),
            names.value(model, field, after.get(field.column), after),
        )
        for field in model._meta.concrete_fields
        if field.column not in TECHNICAL and before.get(field.column) != after.get(field.column)
    )
    said = tuple(change for change in changes if change.old != change.new or change.new == RESTRICTED)
    file = None
    if row["import_id"]:
        run = names.imports.get(row["import_id"])
        file = FileRow(
            run["uuid"] if run else None, run["file_name"] if run else None,
            record.get("source_sheet") or "", record.get("source_row"),
        )  # fmt: skip
    return Event(
        model, row["operation"], names.title(model, record), said, names.who(row["actor"]), row["at"],
        row["reason"], file, row["row_id"], row["row_uuid"], row["event_id"], row["request_id"],
    )  # fmt: skip
