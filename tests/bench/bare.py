"""The limit of every import: facts that stand, put back by one bare INSERT ... SELECT from a temporary table.

As web, into the same tables, with the same keys, policies, stamps and history: only reading and judging is left out.
"""

from django.db import connection, models

from commissioning.kernel.models import ImportRun
from commissioning.kernel.tenancy.viewer import Viewer, acting_as

BY = "service:bench"


class Bare:
    """Keep the facts with `keep`, empty the tables, and `put_back` in the order that references need."""

    def __init__(self, viewer: Viewer, *written: type[models.Model]) -> None:
        self.viewer, self.written = viewer, written

    def keep(self) -> None:
        with acting_as(self.viewer, by=BY), connection.cursor() as cursor:
            for model in (ImportRun, *self.written):
                table = model._meta.db_table
                cursor.execute(f"DROP TABLE IF EXISTS kept_{table}")
                cursor.execute(f"CREATE TEMPORARY TABLE kept_{table} AS SELECT * FROM {table} ORDER BY id")
                cursor.execute(f"ANALYZE kept_{table}")

    def put_back_runs(self) -> None:
        """The imports that the facts refer to, where they were taken away too."""
        with acting_as(self.viewer, by=BY), connection.cursor() as cursor:
            cursor.execute("INSERT INTO kernel_importrun SELECT * FROM kept_kernel_importrun")

    def put_back(self) -> int:
        """One transaction, committed: deferred keys are checked too. Returns how many facts."""
        count = 0
        with acting_as(self.viewer, by=BY), connection.cursor() as cursor:
            for model in self.written:
                table = model._meta.db_table
                cursor.execute(f"INSERT INTO {table} SELECT * FROM kept_{table}")
                count += cursor.rowcount
        return count
