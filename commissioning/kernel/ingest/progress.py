"""Progress that others can see while the import's own transaction is still open: written over a second connection."""

import contextlib
import time
from types import TracebackType

import psycopg
from django.db import connections

from ..tenancy.viewer import SETTINGS, Acting

EVERY_SECONDS = 0.5


class Progress:
    """Call it with (stage, done, total). Closed with the import; a run that nobody can see yet is not updated."""

    def __init__(self, run_id: int, acting: Acting) -> None:
        self._run_id = run_id
        self._acting = acting
        second = connections.create_connection(acting.using)
        self._connection = second.get_new_connection(second.get_connection_params())
        self._said_at = 0.0
        self._stage = ""

    def __enter__(self) -> "Progress":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._connection.close()

    def __call__(self, stage: str, done: int, total: int) -> None:
        now = time.monotonic()
        if stage == self._stage and now - self._said_at < EVERY_SECONDS:
            return
        self._said_at, self._stage = now, stage
        viewer = self._acting.viewer
        values = (viewer.kind, viewer.authority_id, viewer.provider_id, self._acting.by, "", self._run_id, "")
        calls = ", ".join(f"set_config('app.{name}', %s::text, true)" for name in SETTINGS)
        # Never waits for the import's own transaction: a figure late by a second is better than two that block.
        with contextlib.suppress(psycopg.OperationalError), self._connection.transaction():
            self._connection.execute(f"SELECT set_config('lock_timeout', '200ms', true), {calls}", values)
            self._connection.execute(
                "UPDATE kernel_importrun SET stage = %s, done = %s, total = %s WHERE id = %s",
                (stage, done, total, self._run_id),
            )
