"""What the tests of the road share: the command as a person gives it, and what the database holds before and after."""

import hashlib
import io
import json
from pathlib import Path
from typing import Any

from django.core.management import CommandError, call_command
from django.db import connection

from commissioning.kernel.ingest.source import source_named
from commissioning.kernel.tenancy.viewer import Viewer, acting_as

STAMPS = ("version", "changed_at", "changed_xid")


def command(path: Path, *options: str, source: str = "ofsted") -> tuple[int, dict[str, Any]]:
    """manage.py import_file: (exit code, report)."""
    out, code = io.StringIO(), 0
    try:
        call_command("import_file", source, str(path), "--json", *options, stdout=out)
    except SystemExit as ended:
        code = ended.code
    except CommandError as problem:
        return problem.returncode, {"message": str(problem)}
    return code, json.loads(out.getvalue())


def fingerprint(source: str = "ofsted", *, stamps: bool = True) -> str:
    """A digest of every row of the tables that the source writes, as a service sees them."""
    without = [] if stamps else list(STAMPS)
    digest = hashlib.sha256()
    with acting_as(Viewer.of_service("tests"), by="service:tests"), connection.cursor() as cursor:
        for model in source_named(source).writes():
            cursor.execute(
                f'SELECT (to_jsonb(t) - %s::text[])::text FROM "{model._meta.db_table}" t ORDER BY id', (without,)
            )
            for (row,) in cursor.fetchall():
                digest.update(row.encode())
    return digest.hexdigest()


def service():
    return acting_as(Viewer.of_service("tests"), by="service:tests")
