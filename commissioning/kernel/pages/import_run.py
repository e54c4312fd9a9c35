"""One file: its progress, what it would change, the rows that need somebody; loading it and trying again."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Exists, OuterRef, TextField, Value
from django.db.models.functions import Cast, Concat
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.views.decorators.http import require_POST
from django_htmx.http import HttpResponseClientRefresh

from .. import wording
from ..audit.events import events_of
from ..exports import rejects_workbook
from ..exports.workbook import CONTENT_TYPE as XLSX
from ..ingest.road import REMARKS_KEPT, mark_abandoned
from ..ingest.source import NextStep, source_named
from ..jobs import hand_over
from ..models import ImportRun, ImportState
from ..tables import Column, EmptyState, Table, ordering
from . import import_words as words
from .allowed import allowed
from .downloads import downloads, file_response
from .import_rejects import rejected_sheets, rejects_name, rejects_notice

KINDS = {"rejected": "Rows to correct", "noted": "Rows to look at", "corrected": "Rows read otherwise than sent"}
LAST = {"rejected": "What to change", "noted": "What to look at", "corrected": "How it was read"}
IN_WORDS = {"rejected": "to correct", "noted": "to look at", "corrected": "read otherwise than sent"}
LOOKED_AT = 5  # noted rows that are told above the button; the list below has all
CHANGES = (
    Column("noun", "Record", value=lambda c: wording.capital(c.noun)),
    Column("what", "Which"),
    Column("operation", "Change", value=lambda c: words.DID.get(c.operation, c.operation)),
    Column("detail", "What changes", missing=""),
)
SHEETS = (
    Column("name", "Sheet"),
    Column("holds", "What it holds"),
    Column("header_row", "Headings in row", kind="number"),
    Column("rows_read", "Rows read", kind="number"),
    Column("rows_accepted", "Can be loaded", kind="number"),
    Column("rows_corrected", "Of these read otherwise", kind="number"),
    Column("rows_rejected", "To correct", kind="number"),
    Column("not_understood", "Headings not used", missing="none"),
)


def seen_run(uuid: UUID) -> ImportRun:
    """The run as its viewer may see it, or 404; one whose worker has died is marked first."""
    mark_abandoned(now=timezone.now())
    related = ("authority", "received_by", "loaded_by", "taken_back_by")
    return get_object_or_404(ImportRun.objects.select_related(*related), uuid=uuid)


def may_act(user: Any, run: ImportRun) -> bool:
    """Whether the person may load, try again or take back this kind of file."""
    resource, verb = source_named(run.source).may
    return user.may("change", "imports") and user.may(verb, resource)


def own_run(request: HttpRequest, uuid: UUID) -> ImportRun:
    run = seen_run(uuid)
    if not may_act(request.user, run):
        raise PermissionDenied(f"A {request.user.get_role_display().lower()} may not load {words.kind(run)}.")
    return run


@allowed("imports")
def run(request: HttpRequest, uuid: UUID) -> HttpResponse:
    found = seen_run(uuid)
    counts = _remark_counts(found)
    shown = request.GET.get("show", "")
    shown = shown if shown in counts else next((kind for kind in KINDS if counts.get(kind)), "")
    columns = remark_columns(shown, _next_step(request, found))
    if request.GET.get("format") in ("csv", "xlsx") and shown:
        title = f"{KINDS[shown]}: {found.file_name}"
        return file_response(request, request.GET["format"], columns, _remarks(request, found, shown), title=title)
    moving = found.is_in_progress
    return render(request, "kernel/import_run.html", {
        "run": found, "answer": words.answer(found), "kind": words.kind(found), "about": _about(found),
        "moving": moving, "progress": progress_of(found), "may_act": may_act(request.user, found),
        "earlier": _earlier(found), "tone": words.TONES.get(found.state, "plain"),
        "stuck": words.waits_too_long(found, timezone.now()),
        "sheets": None if moving else _sheets(found),
        "changes": None if moving else changes_of(found, _changes_caption(found)),
        "remarks": _remark_table(request, found, shown, columns) if shown and not moving else None,
        "look_first": _look_first(found, shown) if "noted" in counts else None,
        "kinds": [(kind, IN_WORDS[kind], number, kind == shown) for kind, number in counts.items()],
        "cut_off": found.importremarks.count() >= REMARKS_KEPT,
        "history": _history(request, found),
        "rows_accepted": words.count(found.rows_accepted, "accepted row"),
        "rows_rejected": words.count(found.rows_rejected, "row"),
    })  # fmt: skip


@allowed("imports")
def progress(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """What the page asks for every two seconds: the stage and its count, or the whole page anew when it is over."""
    found = seen_run(uuid)
    if not found.is_in_progress or words.waits_too_long(found, timezone.now()):
        return HttpResponseClientRefresh()
    return render(request, "kernel/import_progress.html", {"run": found, "progress": progress_of(found)})


@allowed("imports")
def rejects(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """The rejected rows as a workbook to correct and send again."""
    found = seen_run(uuid)
    content = rejects_workbook(rejected_sheets(found), rejects_notice(found, request.user.body_name, timezone.now()))
    response = HttpResponse(content, content_type=XLSX)
    response["Content-Disposition"] = f'attachment; filename="{rejects_name(found)}"'
    return response


@allowed("imports", "change")
@require_POST
def load(request: HttpRequest, uuid: UUID) -> HttpResponse:
    found = own_run(request, uuid)
    found = ImportRun.objects.select_for_update().get(pk=found.pk)
    if found.state != ImportState.CHECKED or not found.rows_accepted:
        messages.error(request, "Only a checked file can be loaded. See below where this one stands.")
    else:
        hand_over(found, by=request.user, load=True)
    return redirect("import", uuid)


@allowed("imports", "change")
@require_POST
def again(request: HttpRequest, uuid: UUID) -> HttpResponse:
    found = own_run(request, uuid)
    found = ImportRun.objects.select_for_update().get(pk=found.pk)
    if found.state == ImportState.INTERRUPTED or words.waits_too_long(found, timezone.now()):
        hand_over(found, by=request.user, load=False)
    else:
        messages.error(request, "This file did not stop halfway. See below where it stands.")
    return redirect("import", uuid)


def progress_of(found: ImportRun) -> dict[str, Any]:
    return {"says": words.stage(found), "done": found.done, "total": found.total}


def changes_of(found: ImportRun, caption: str) -> Table | None:
    listed = list(found.importchanges.order_by("pk"))
    return Table(CHANGES, listed, caption, per_page=None, noun=("change", "changes"), compact=True) if listed else None


def _changes_caption(found: ImportRun) -> str:
    total = found.facts_added + found.facts_changed + found.facts_removed
    named = found.importchanges.count()
    first = f", the first {named:,} of {total:,}" if named < total else f" ({total:,})"
    return f"{'What it would change' if found.state == ImportState.CHECKED else 'What it changed'}{first}"


def _sheets(found: ImportRun) -> Table | None:
    rows = list(found.importsheets.order_by("pk"))
    return Table(SHEETS, rows, "What was read, by sheet", noun=("sheet", "sheets"), compact=True) if rows else None


@dataclass(frozen=True)
class Onward(Column):
    """A sentence, and on the page a link to where the row is put right other than in the file."""

    step: Callable[[Any], NextStep | None] | None = None

    def html(self, row: Any) -> str:
        step = self.step(row) if self.step is not None else None
        if step is None:
            return super().html(row)
        return format_html('{} <a class="govuk-link" href="{}">{}</a>', self.text(self.of(row)), step.href, step.says)


def remark_columns(kind: str, step: Callable[[Any], NextStep | None] | None = None) -> list[Column]:
    return [
        Column("row", "Row", kind="number", sort="row"),
        Column("sheet", "Sheet", sort="sheet"),
        Column("column", "Column", sort="column", missing="the whole row"),
        Column("sent", "What was sent", value=lambda r: r.cells.get(r.column) if r.column else None, missing=""),
        Onward("says", LAST.get(kind, "What to change"), value=lambda r: words.sentence(r.says), step=step),
    ]


def _next_step(request: HttpRequest, found: ImportRun) -> Callable[[Any], NextStep | None]:
    """Of a rejected row: what else the person who reads may do about it."""
    source = source_named(found.source)

    def of(remark: Any) -> NextStep | None:
        if remark.outcome != "rejected" or not remark.column:
            return None
        step = source.next_step(remark.says, remark.cells.get(remark.column))
        if step is None:
            return None
        resource, verb = step.may
        return step if request.user.may(verb, resource) else None

    return of


def _look_first(found: ImportRun, shown: str) -> dict[str, Any] | None:
    """The noted rows of a checked file that would be loaded: how many, the first few, whether all are listed."""
    if found.state != ImportState.CHECKED:
        return None
    refused = found.importremarks.filter(outcome="rejected", sheet=OuterRef("sheet"), row=OuterRef("row"))
    noted = found.importremarks.filter(~Exists(refused), outcome="noted")
    number = noted.values("sheet", "row").distinct().count()
    first = [(remark.row, words.sentence(remark.says)) for remark in noted.order_by("sheet", "row", "pk")[:LOOKED_AT]]
    if not first:
        return None
    return {"says": words.look_first(number), "first": first, "more": shown != "noted" or number > len(first)}


def _remarks(request: HttpRequest, found: ImportRun, kind: str) -> Any:
    order = ordering(remark_columns(kind), request.GET.get("sort", ""), "sheet")
    return found.importremarks.filter(outcome=kind).order_by(order, "row", "pk")


def _remark_table(request: HttpRequest, found: ImportRun, kind: str, columns: list[Column]) -> Table:
    return Table.for_request(
        request, columns, _remarks(request, found, kind), KINDS[kind], noun=("reason", "reasons"),
        downloads=downloads(request), empty=EmptyState("Nothing here", "No row of this file is like that."),
    )  # fmt: skip


def _remark_counts(found: ImportRun) -> Mapping[str, int]:
    """Rows by what was said of them, in the order in which they matter."""
    place = Concat("sheet", Value(" "), Cast("row", TextField()), output_field=TextField())
    rows = found.importremarks.values("outcome").annotate(rows=Count(place, distinct=True))
    counted = {row["outcome"]: row["rows"] for row in rows}
    return {kind: counted[kind] for kind in KINDS if kind in counted}


def _about(found: ImportRun) -> list[tuple[Any, ...]]:
    rows: list[tuple[Any, ...]] = [
        ("Kind of file", words.kind(found)),
        ("Whose", words.whose(found)),
        ("Sent", words.when_and_who(found.received_at, found.received_by)),
        ("Size", words.size(found)),
        ("Number of the import", str(found.pk)),
    ]
    if found.loaded_at:
        rows.append(("Loaded", words.when_and_who(found.loaded_at, found.loaded_by)))
    if found.taken_back_at:
        rows.append(("Taken back", words.when_and_who(found.taken_back_at, found.taken_back_by)))
        rows.append(("Why", _why_taken_back(found)))
    return rows


def _history(request: HttpRequest, found: ImportRun) -> str:
    if not request.user.may("read", "audit"):
        return ""
    return reverse("audit-record", args=[ImportRun._meta.db_table, found.uuid])


def _why_taken_back(found: ImportRun) -> str | None:
    told = events_of(ImportRun).filter(row_id=found.pk, after__state=ImportState.TAKEN_BACK).exclude(reason="")
    return told.order_by("-event_id").values_list("reason", flat=True).first()


def _earlier(found: ImportRun) -> ImportRun | None:
    """The load of the very same file that this run's message speaks of."""
    if not found.message or found.state not in (ImportState.CHECKED, ImportState.LOADED):
        return None
    same = ImportRun.objects.loaded().filter(sha256=found.sha256, source=found.source)
    return same.exclude(pk=found.pk).order_by("pk").last()
