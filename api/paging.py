"""Walking through rows a page at a time, so that nothing is skipped or repeated while others write.

A full walk goes by id; a delta goes by (transaction, id) through what was changed in a closed range of transactions.
Every walk carries the watermark taken at its first page: the oldest transaction that was then unfinished. All
transactions before it had ended and are in the walk; all others are in the delta since that watermark.
"""

import hashlib
import re
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.core import signing
from django.core.exceptions import EmptyResultSet
from django.db import connections, models
from django.db.models import BooleanField, F, Func, Q, QuerySet, TextField
from django.db.models.functions import Cast
from django.utils.dateparse import parse_datetime
from psycopg import IsolationLevel

from commissioning.kernel.tenancy.viewer import Viewer, acting

from .problems import BadRequest

SALT = "api.cursor"
WALK_AGAIN = "Leave out cursor and begin the walk again."
# How COPY writes a line: the cells as csv has them; or one text as it is, for JSON holds neither of these two
# characters and no line end, so that nothing is put between quotation marks.
CELLS, JSON = "FORMAT csv", "FORMAT csv, QUOTE E'\\x01', DELIMITER E'\\x02'"
# An instant may be off by the time a change took to be committed, or a clock was wrong. A watermark never is.
MARGIN = timedelta(minutes=10)


class After(Func):
    """(a, b) > (x, y), as PostgreSQL compares rows: the index's range is kept."""

    output_field = BooleanField()

    def __init__(self, columns: Sequence[str], values: Sequence[int]) -> None:
        self.width = len(columns)
        super().__init__(*(F(column) for column in columns), *(models.Value(int(value)) for value in values))

    def as_sql(self, compiler: Any, connection: Any, **_: Any) -> tuple[str, list[Any]]:
        sql, params = [], []
        for expression in self.get_source_expressions():
            part, more = compiler.compile(expression)
            sql.append(part)
            params += more
        left, right = ", ".join(sql[: self.width]), ", ".join(sql[self.width :])
        return f"({left}) > ({right})", params


@dataclass(frozen=True)
class Phase:
    """One ordered part of a walk. `told` gives a row's JSON; `key` are columns that order the rows totally."""

    rows: QuerySet
    key: tuple[str, ...]
    told: models.Expression

    def page(self, after: Sequence[int] | None, size: int) -> list[tuple[Any, ...]]:
        """At most `size` rows beyond `after`: their key's values, and last their JSON.

        The page's rows are chosen before anything is joined to them: what policies let through is hard for the
        planner to foresee, and it would join the whole table first.
        """
        beyond = self.rows if after is None else self.rows.filter(After(self.key, after))
        chosen = beyond.order_by(*self.key).values("pk")[:size]
        rows = self.rows.filter(pk__in=chosen).annotate(as_json=Cast(self.told, TextField()))
        return list(rows.order_by(*self.key).values_list(*self.key, "as_json"))

    def copied(
        self, told: Sequence[models.Expression], form: str, names: Sequence[str] = ()
    ) -> Generator[bytes, None, None]:
        """Every row's line, with its end, as COPY sends them: one statement, whatever their number. With `names`, what
        is told becomes one JSON object under them, which PostgreSQL writes faster than a row's own JSON. The connection
        is busy until the last line is read, or this is closed."""
        columns = [f"told_{number}" for number in range(len(told))]
        rows = self.rows.annotate(**dict(zip(columns, told, strict=True)))
        try:
            sql, parameters = rows.order_by(*self.key).values_list(*columns).query.sql_with_params()
        except EmptyResultSet:  # nothing can answer
            return
        connection = connections[self.rows.db]
        if names:
            sql = f"SELECT row_to_json(t) FROM ({sql}) AS t({', '.join(map(connection.ops.quote_name, names))})"
        with connection.cursor() as cursor, cursor.copy(
            cursor.mogrify(f"COPY ({sql}) TO STDOUT ({form})", parameters)
        ) as copy:  # fmt: skip
            yield from map(bytes, copy)


@dataclass(frozen=True)
class Position:
    """Where a walk stands: in which phase, and beyond which key. No key: at the phase's beginning."""

    phase: int = 0
    key: tuple[Any, ...] | None = None


@dataclass(frozen=True)
class Span:
    """Which changes a delta tells: from a watermark or an instant, up to the watermark taken at its first page."""

    until: int
    since: int | None = None
    since_at: datetime | None = None

    def of(self, xid: str, at: str) -> Q:
        """The condition on columns that hold a transaction and a time."""
        begun = Q(**{f"{xid}__gte": self.since}) if self.since is not None else Q(**{f"{at}__gte": self.since_at})
        return begun & Q(**{f"{xid}__lt": self.until})


def walk(phases: Sequence[Phase], position: Position, limit: int) -> tuple[list[str], Position | None]:
    """One page: its rows' JSON, and where the next begins (None: there is none). At most one query a phase."""
    found: list[str] = []
    for number in range(position.phase, len(phases)):
        after = position.key if number == position.phase else None
        rows = phases[number].page(after, limit - len(found) + 1)
        room = limit - len(found)
        if len(rows) > room:
            kept = rows[:room]
            found += [row[-1] for row in kept]
            return found, Position(number, tuple(kept[-1][:-1]) if kept else after)
        found += [row[-1] for row in rows]
    return found, None


def told_one_by_one(phases: Sequence[Phase]) -> Generator[bytes, None, None]:
    """Every row's JSON, a line each. Stands inside `one_moment`."""
    for phase in phases:
        yield from phase.copied([phase.told], JSON)


@contextmanager
def one_moment(using: str = "default") -> Iterator[None]:
    """Transactions begun inside see the database as it was at their first query, however long they read."""
    connection = connections[using]
    if connection.in_atomic_block:
        yield  # the outer transaction has chosen already
        return
    connection.ensure_connection()
    session = connection.connection
    session.isolation_level = IsolationLevel.REPEATABLE_READ
    try:
        yield
    finally:
        if not session.closed:
            session.isolation_level = None


def watermark() -> tuple[int, int]:
    """(the oldest transaction that has not ended, the first that has not begun), as the database sees it now."""
    with connections[acting().using].cursor() as cursor:
        cursor.execute(
            "SELECT pg_snapshot_xmin(s)::text::bigint, pg_snapshot_xmax(s)::text::bigint FROM pg_current_snapshot() s"
        )
        return cursor.fetchone()


def read_since(given: str, unbegun: int, now: datetime) -> tuple[int | None, datetime | None]:
    """`updated_since`: a watermark, or an instant with its time zone. BadRequest names what is wrong; an instant that
    has not come yet, too, as what changes until then would be told to nobody."""
    if re.fullmatch(r"[0-9]{1,19}", given, re.ASCII):
        since = int(given)
        if since > unbegun:
            raise BadRequest(
                "updated_since is a watermark that this service has not given out.",
                "Walk the whole resource once without updated_since, and keep the watermark of that walk.",
            )
        return since, None
    try:
        instant = parse_datetime(given)
        since_at = instant.astimezone(UTC) - MARGIN if instant is not None and instant.tzinfo is not None else None
    except (ValueError, OverflowError):
        since_at = None
    if since_at is not None and since_at > now:
        raise BadRequest(
            "updated_since has not come yet: the clock that it was taken from is ahead of this service's.",
            "Use the watermark of your last walk: it does not depend on a clock.",
        )
    if since_at is not None:
        return None, since_at
    raise BadRequest(
        "updated_since must be a watermark, or a date and time with its time zone.",
        "Use the watermark of your last walk, or a time such as 2026-04-01T02:00:00Z (write a plus sign as %2B).",
    )


def question(parameters: Sequence[tuple[str, str]]) -> str:
    """What was asked, as a short digest: a cursor belongs to one question."""
    told = repr(sorted(parameters)).encode("utf-8", "backslashreplace")
    return hashlib.sha256(told).hexdigest()[:24]


def write_cursor(viewer: Viewer, resource: str, asked: str, span: Span, position: Position) -> str:
    since_at = span.since_at.isoformat() if span.since_at else None
    told = [_whose(viewer), resource, asked, span.until, span.since, since_at, position.phase, position.key]
    return signing.dumps(told, salt=SALT)


def read_cursor(cursor: str, viewer: Viewer, resource: str, asked: str) -> tuple[Span, Position]:
    """Where the walk stands. BadRequest for one that is not ours, or is another's, or belongs to another question."""
    try:
        whose, what, which, until, since, since_at, phase, key = signing.loads(cursor, salt=SALT)
    except (signing.BadSignature, ValueError, TypeError):
        raise BadRequest("cursor is not one that this service gave out.", WALK_AGAIN) from None
    if (whose, what, which) != (_whose(viewer), resource, asked):
        raise BadRequest(
            "cursor belongs to another key or to another question.",
            "Follow next as it is given. " + WALK_AGAIN,
        )
    at = datetime.fromisoformat(since_at) if since_at else None
    return Span(until, since, at), Position(phase, tuple(key) if key is not None else None)


def _whose(viewer: Viewer) -> str:
    return f"{viewer.kind}:{viewer.authority_id}:{viewer.provider_id}:{viewer.service}"
