"""Rows that other systems send, many in one call: by the road of the import page (kernel/ingest/road.py), so that
what is checked, corrected and refused there is so here, and every fact knows the call that it came from."""

import json
import tempfile
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

from django.db import transaction
from django.http import HttpResponse, HttpResponseBase
from rest_framework import serializers
from rest_framework.request import Request

from commissioning.kernel.ingest.road import bring_in, inbox_path, receive
from commissioning.kernel.ingest.source import Source, Table, source_named
from commissioning.kernel.models import FromFile, ImportRun, ImportState
from commissioning.partnership.models import Authority

from .acting import ActingView
from .bodies import read_json
from .keys import acts_for
from .once import key_named, once
from .problems import BadRequest, NotPossible
from .resources import Declared, Takes

MOST = 1000  # rows in one call, all tables together
ACCEPTED, CORRECTED, NOTED, REJECTED = OUTCOMES = ("accepted", "corrected", "noted", "rejected")


class RemarkSerializer(serializers.Serializer):
    """What was corrected in a row, noted of it, or why it was rejected."""

    outcome = serializers.ChoiceField(choices=[CORRECTED, NOTED, REJECTED])
    column = serializers.CharField(allow_blank=True, help_text="empty: the row as a whole")
    says = serializers.CharField()


class RowReportSerializer(serializers.Serializer):
    """One row that was sent."""

    table = serializers.CharField()
    row = serializers.IntegerField(help_text="its place in the table as sent, from 1")
    outcome = serializers.ChoiceField(choices=list(OUTCOMES))
    id = serializers.UUIDField(
        allow_null=True, help_text="of the row here that this call added or changed; null: none, or one within another"
    )
    remarks = RemarkSerializer(many=True)


class RowsReportSerializer(serializers.Serializer):
    """What became of the rows of a call: read is accepted and rejected together; corrected are among the accepted."""

    import_id = serializers.UUIDField(help_text="id among imports; of a dry run, nothing keeps it")
    dry_run = serializers.BooleanField()
    read = serializers.IntegerField()
    accepted = serializers.IntegerField()
    corrected = serializers.IntegerField()
    rejected = serializers.IntegerField()
    facts_added = serializers.IntegerField()
    facts_changed = serializers.IntegerField()
    facts_removed = serializers.IntegerField()
    message = serializers.CharField(allow_blank=True)
    results = RowReportSerializer(many=True, help_text="each row in the order it was sent")


class TakesRows(ActingView):
    """POST on a list: the body is {"table": [{"column": value}]}. What is given and what was made of each row comes
    back in their order. `dry_run=true` says the same and keeps nothing."""

    declared: Declared
    http_method_names = ["get", "head", "post"]

    @property
    def takes(self) -> Takes:
        assert self.declared.takes is not None
        return self.declared.takes

    @property
    def scope(self) -> str:  # type: ignore[override]
        return self.takes.scope

    @property
    def grant(self) -> tuple[str, str]:
        resource, verb = self.source.may
        return verb, resource

    @cached_property
    def source(self) -> Source:
        return source_named(self.takes.source)

    def post(self, request: Request) -> HttpResponseBase:
        dry = _is_dry(request)
        key_named(request)  # a dry run is sent as the call that follows it
        sent = read_rows(request, tables_of(self.takes))
        with self.act(request):
            if dry:
                answer = self._bring(request, sent, load=False)
                transaction.set_rollback(True)
                return answer
            return once(request, lambda: self._bring(request, sent, load=True))

    def _bring(self, request: Request, sent: dict[str, list[dict[str, Any]]], *, load: bool) -> HttpResponse:
        caller = request.auth
        run = _received(self.source, sent, caller)
        try:
            run = bring_in(run, viewer=caller.viewer, by=acts_for(caller), now=caller.now, load=load)
            if run.state == ImportState.UNREADABLE:
                raise NotPossible(run.message)
            told = report(run, sent, self.declared)
        except BaseException:
            inbox_path(run).unlink(missing_ok=True)
            raise
        if not load:
            inbox_path(run).unlink(missing_ok=True)
        return HttpResponse(json.dumps(told, ensure_ascii=False), content_type="application/json")


def tables_of(takes: Takes) -> dict[str, Table]:
    tables = {table.key: table for table in source_named(takes.source).tables}
    return {key: tables[key] for key in takes.tables}


def read_rows(request: Request, tables: Mapping[str, Table]) -> dict[str, list[dict[str, Any]]]:
    """What is sent, by table. BadRequest names a table or column that is unknown, and a column that is needed and
    stands in no row; TooLarge as read_json; no more than MOST rows, and at least one."""
    example = json.dumps({key: [{field.key: "…" for field in table.fields if field.needed}]
                          for key, table in list(tables.items())[:1]})  # fmt: skip
    told = read_json(request._request, example)
    rows = 0
    for key, given in told.items():
        if key not in tables:
            raise BadRequest(f"{key!r} is no table here.", f"Known: {', '.join(tables)}.")
        if not isinstance(given, list) or not all(isinstance(row, dict) for row in given):
            raise BadRequest(f"{key} is not a list of rows.", f"Send one object: {example}")
        rows += len(given)
        _look_at_columns(key, tables[key], given)
    if not 1 <= rows <= MOST:
        raise BadRequest(f"{rows} rows were sent: a call takes 1 to {MOST}.", "Send them in several calls.")
    return {key: given for key, given in told.items() if given}


def _look_at_columns(key: str, table: Table, given: list[dict[str, Any]]) -> None:
    known = {field.key for field in table.fields}
    found = {name for row in given for name in row}
    for name in sorted(found - known):
        raise BadRequest(f"{key} has no column {name!r}.", f"Known: {', '.join(field.key for field in table.fields)}.")
    for field in table.fields if given else ():
        if field.needed and field.key not in found:
            raise BadRequest(f"{key} needs the column {field.key}.", f"It holds what files call “{field.heading}”.")
    for number, row in enumerate(given, 1):
        if all(value is None for value in row.values()):
            raise BadRequest(f"{key}, row {number}: nothing is said in it.", "Leave it out.")
        for name, value in row.items():
            if isinstance(value, dict) or (isinstance(value, list) and not all(isinstance(v, str) for v in value)):
                raise BadRequest(
                    f"{key}, row {number}, {name}: not one value.",
                    "Send text, a number, true, false or null; several codes as a list of texts.",
                )


def _received(source: Source, sent: dict[str, list[dict[str, Any]]], caller: Any) -> ImportRun:
    """The call as the file that the import page would have been given: its columns under their usual headings."""
    headings = {table.key: {field.key: field.heading for field in table.fields} for table in source.tables}
    book = {
        key: [{headings[key][name]: value for name, value in row.items()} for row in rows]
        for key, rows in sent.items()
    }  # fmt: skip
    with tempfile.NamedTemporaryFile(suffix=".json") as file:
        Path(file.name).write_text(json.dumps(book, ensure_ascii=False, default=str), encoding="utf-8")
        return receive(
            source=source, file=Path(file.name), file_name=f"{caller.key.name} (API).json", by=acts_for(caller),
            authority=Authority.objects.get(pk=caller.viewer.authority_id),
        )  # fmt: skip


def report(run: ImportRun, sent: dict[str, list[dict[str, Any]]], declared: Declared) -> dict[str, Any]:
    """What became of every row, in the order they were sent."""
    read = dict(run.importsheets.values_list("name", "rows_read"))
    for key, rows in sent.items():
        if read.get(key, 0) < sum(any(value is not None for value in row.values()) for row in rows):
            raise NotPossible(f"{key} could not be read as a table: look at the names of its columns.")
    said: dict[tuple[str, int], list[dict[str, str]]] = {}
    for remark in run.importremarks.order_by("pk"):
        told = {"outcome": remark.outcome, "column": _key_of(declared, remark), "says": remark.says}
        said.setdefault((remark.sheet, remark.row - 1), []).append(told)
    made = _made(run, declared)
    results = [
        {
            "table": key, "row": number, "outcome": _outcome(said.get((key, number), [])),
            "id": made.get((key, number + 1)), "remarks": said.get((key, number), []),
        }
        for key, rows in sent.items() for number in range(1, len(rows) + 1)
    ]  # fmt: skip
    return {
        "import_id": str(run.uuid), "dry_run": run.state != ImportState.LOADED, "read": run.rows_read,
        "accepted": run.rows_accepted, "corrected": run.rows_corrected, "rejected": run.rows_rejected,
        "facts_added": run.facts_added, "facts_changed": run.facts_changed, "facts_removed": run.facts_removed,
        "message": run.message, "results": results,
    }  # fmt: skip


def _outcome(remarks: list[dict[str, str]]) -> str:
    said = {remark["outcome"] for remark in remarks}
    return next((outcome for outcome in (REJECTED, CORRECTED, NOTED) if outcome in said), ACCEPTED)


def _key_of(declared: Declared, remark: Any) -> str:
    assert declared.takes is not None
    table = tables_of(declared.takes).get(remark.sheet)
    names = {heading: field.key for field in (table.fields if table else ()) for heading in field.headings}
    return names.get(remark.column, remark.column)


def _made(run: ImportRun, declared: Declared) -> dict[tuple[str, int], str]:
    """(table, the file's row) -> the public id of the resource's row that it added or changed."""
    model = getattr(declared, "model", None)
    if model is None or not issubclass(model, FromFile):
        return {}
    rows = model._default_manager.filter(source_import=run).values_list("source_sheet", "source_row", "uuid")
    return {(sheet, row): str(uuid) for sheet, row, uuid in rows}


def _is_dry(request: Request) -> bool:
    for name, values in request.query_params.lists():
        if name != "dry_run" or len(values) > 1 or values[0] not in ("true", "false"):
            raise BadRequest(f"{name!r} is not a parameter here, or not true or false.", "Known: dry_run=true.")
    return request.query_params.get("dry_run") == "true"
