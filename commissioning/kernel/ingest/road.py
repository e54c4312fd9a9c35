"""The one road by which files come in.

receive -> check (everything but the commit: what would change) -> load (the same code, committed) -> take back.
Read, map, copy, judge, load: one transaction as the viewer. A process killed at any moment leaves nothing half-loaded.
"""

import shutil
from datetime import datetime, timedelta
from pathlib import Path
from typing import IO, Any

from django.conf import settings
from django.db import DatabaseError, connections, transaction
from django.utils import timezone

from ..models import ImportChange, ImportRemark, ImportRun, ImportSheet, ImportState
from ..tenancy.policies import check_keys_now
from ..tenancy.viewer import Viewer, acting_as, current_viewer
from .difference import Difference, difference
from .progress import Progress
from .reading import UnreadableFile, read_book
from .source import Source, source_named
from .staging import Staging

REMARKS_KEPT = 10_000
GRACE = timedelta(seconds=10)
ROAD = "service:imports"  # who is written down where the road itself finds a run abandoned
_LOCK_OF_A_RUN, _LOCK_OF_A_SOURCE = 7001, 7002


class NotNow(Exception):
    """The step does not fit the import's state; says which state that is."""


class _Undo(Exception):
    """Ends a dry run: the facts go, the report stays."""


def receive(*, source: Source, file: IO[bytes] | Path, file_name: str, authority: Any, by: Any) -> ImportRun:
    """Keeps the file in the inbox and writes down that it came. Inside acting_as."""
    run = ImportRun.objects.create(
        source=source.name, file_name=file_name[:255], sha256="", authority=authority if source.of_authority else None,
        received_by=by if hasattr(by, "uuid") else None,
    )  # fmt: skip
    target = inbox_path(run)
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    target.touch(mode=0o600)
    try:
        if isinstance(file, Path):
            shutil.copyfile(file, target)
        else:
            with target.open("wb") as out:
                shutil.copyfileobj(file, out)
    except BaseException:
        target.unlink()
        raise
    run.size = target.stat().st_size
    run.save(update_fields=["size"])
    return run


def inbox_path(run: ImportRun) -> Path:
    return Path(settings.INBOX) / str(run.uuid)


def bring_in(run: ImportRun, *, viewer: Viewer, by: object, now: datetime, load: bool) -> ImportRun:
    """Checks the file, or loads it; returns the run with its report. Not inside another transaction's acting_as
    unless it acts for the same viewer. Raises NotNow for a run that is loaded or taken back already."""
    source = source_named(run.source)
    begin = ImportState.LOADING if load else ImportState.CHECKING
    with acting_as(viewer, by=by, import_id=run.pk):
        run = ImportRun.objects.select_for_update().get(pk=run.pk)
        _refuse_twice(run)
        _save(run, state=begin, stage="Waiting its turn", done=0, total=0, message="")
    try:
        with acting_as(viewer, by=by, import_id=run.pk) as acting, Progress(run.pk, acting) as progress:
            _lock(_LOCK_OF_A_RUN, run.pk)
            _lock(_LOCK_OF_A_SOURCE, _kind(run))  # one file of a kind at a time
            run.refresh_from_db()
            _refuse_twice(run)  # asked for twice: the first has done it while this one waited
            _travel(run, source, progress, now=now, by=by, load=load)
    except NotNow:
        raise
    except UnreadableFile as problem:
        with acting_as(viewer, by=by, import_id=run.pk):
            _save(run, state=ImportState.UNREADABLE, stage="", message=str(problem))
    except BaseException:
        with acting_as(viewer, by=by, import_id=run.pk):
            _save(run, state=ImportState.INTERRUPTED, stage="", message=_STOPPED)
        raise
    return run


def _refuse_twice(run: ImportRun) -> None:
    if run.state in (ImportState.LOADED, ImportState.TAKEN_BACK):
        raise NotNow(f"This file is {run.get_state_display().lower()} already.")


def _kind(run: ImportRun) -> str:
    return f"{run.source}:{run.authority_id}"


_STOPPED = "The work stopped before it was finished. Nothing was loaded and the file is kept: try again."


def _travel(run: ImportRun, source: Source, progress: Progress, *, now: datetime, by: object, load: bool) -> None:
    progress("Opening the file", 0, 0)
    book = read_book(inbox_path(run), filename=run.file_name, takes_json=source.takes_json)
    staging = Staging(
        source, book, run.file_name, run.pk, run.authority_id, timezone.localdate(now), progress=progress, now=now
    )
    seen: Difference | None = None
    try:
        with transaction.atomic():
            # Tables that this transaction is filling have no statistics yet: a nested loop chosen for "a few rows"
            # took 40 seconds where a hash join takes one.
            _now("SET LOCAL enable_nestloop = off")
            source.prepare(staging)
            staging.stage()
            progress("Checking", 0, 0)
            source.check(staging)
            progress("Loading" if load else "Finding what would change", 0, 0)
            source.load(staging)
            check_keys_now("default")
            staging.settle()
            _now("SET LOCAL enable_nestloop = on")
            seen = difference(source, run.pk)
            if not load:
                raise _Undo
    except _Undo:
        pass
    except DatabaseError as problem:
        raise UnreadableFile(_database_sentence(problem)) from problem
    assert seen is not None
    _report(run, staging, seen)
    facts = {"sha256": book.sha256, "stage": "", "message": _again(run, book.sha256)}
    if load:
        who = by if hasattr(by, "uuid") else None
        _save(run, state=ImportState.LOADED, loaded_at=now, loaded_by=who, **facts)
    else:
        _save(run, state=ImportState.CHECKED, **facts)


def _again(run: ImportRun, sha256: str) -> str:
    """Says so where the very same file was loaded before."""
    before = (
        ImportRun.objects.loaded().filter(sha256=sha256, source=run.source).exclude(pk=run.pk).order_by("pk").last()
    )
    if before is None:
        return ""
    return f"This very file was loaded before, as import {before.pk} on {before.loaded_at:%-d %B %Y}."


def _report(run: ImportRun, staging: Staging, seen: Difference) -> None:
    for old in (run.importsheets, run.importremarks, run.importchanges):
        old.all().delete()
    part = {"run": run, "authority_id": run.authority_id}
    ImportSheet.objects.bulk_create(
        ImportSheet(
            **part, name=count.name, holds=count.table.holds, header_row=count.header_row, rows_read=count.read,
            rows_accepted=count.accepted, rows_corrected=count.corrected, rows_rejected=count.rejected,
            not_understood=", ".join(count.not_understood),
        )
        for count in staging.sheets
    )  # fmt: skip
    order = {"rejected": 0, "noted": 1, "corrected": 2}
    kept = sorted(staging.remarks, key=lambda remark: order[remark.outcome])[:REMARKS_KEPT]
    staging.keep_rows_of_remarks()
    ImportRemark.objects.bulk_create(
        ImportRemark(
            **part, outcome=remark.outcome, sheet=remark.sheet, row=remark.row, column=remark.column, says=remark.says,
            cells=staging.cells_sent(remark.sheet, remark.row),
        )
        for remark in kept
    )  # fmt: skip
    ImportChange.objects.bulk_create(
        ImportChange(**part, noun=change.noun, operation=change.operation, what=change.what, detail=change.detail)
        for change in seen.listed
    )
    _save(
        run,
        rows_read=sum(count.read for count in staging.sheets),
        rows_accepted=sum(count.accepted for count in staging.sheets),
        rows_corrected=sum(count.corrected for count in staging.sheets),
        rows_rejected=sum(count.rejected for count in staging.sheets),
        facts_added=seen.added,
        facts_changed=seen.changed,
        facts_removed=seen.removed,
    )


def mark_abandoned(*, now: datetime) -> int:
    """Runs said to be in progress whose worker is gone: their lock is free. Inside acting_as; returns how many.

    A run that was begun a moment ago may not have its lock yet, and is left alone. One that no worker has taken up
    still waits its turn.
    """
    marked = 0
    waiting = ImportRun.objects.in_progress().exclude(state=ImportState.RECEIVED).filter(changed_at__lt=now - GRACE)
    for run in waiting:
        if _try_lock(_LOCK_OF_A_RUN, run.pk):
            run.refresh_from_db()
            if run.is_in_progress:
                stop(run, _STOPPED)
                marked += 1
    return marked


def stop(run: ImportRun, says: str) -> None:
    """Ends a run that nobody works on, with a sentence; nothing of it was loaded. Inside acting_as."""
    with acting_as(current_viewer(), by=ROAD):
        _save(run, state=ImportState.INTERRUPTED, stage="", message=says)


def hold_still(run: ImportRun) -> bool:
    """Keeps other files of the run's kind out until the transaction ends; False where one is on its way now."""
    return _try_lock(_LOCK_OF_A_SOURCE, _kind(run))


def _database_sentence(problem: DatabaseError) -> str:
    name = getattr(getattr(problem.__cause__, "diag", None), "constraint_name", None)
    if name:
        what = name.replace("_", " ")
        return f"Two rows contradict each other, or what is recorded already ({what}). Nothing was loaded."
    raise problem


def _save(run: ImportRun, **values: Any) -> None:
    for key, value in values.items():
        setattr(run, key, value)
    run.save(update_fields=list(values))


def _lock(kind: int, key: object) -> None:
    _now("SELECT pg_advisory_xact_lock(%s, hashtext(%s))", (kind, str(key)))


def _try_lock(kind: int, key: object) -> bool:
    with connections["default"].cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s, hashtext(%s))", (kind, str(key)))
        return cursor.fetchone()[0]


def _now(statement: str, parameters: Any = None) -> None:
    with connections["default"].cursor() as cursor:
        cursor.execute(statement, parameters)
