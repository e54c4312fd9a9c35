"""The files that came in: the list, and sending one."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt, csrf_protect

from .. import wording
from ..filters import ImportSelection
from ..ingest.road import mark_abandoned, receive
from ..ingest.source import Source, every_source, source_named
from ..jobs import hand_over
from ..models import ImportRun, ImportState
from ..tables import Column, EmptyState, FilterSentence, Table, ordering
from . import import_words as words
from .allowed import allowed
from .import_upload import LimitedUpload, SendForm
from .questions import Question, ask


@dataclass(frozen=True)
class StateColumn(Column):
    """Amber only where the file waits for somebody."""

    def html(self, row: ImportRun) -> str:
        return str(wording.tag(row.get_state_display(), words.TONES.get(row.state, "plain")))


COLUMNS = (
    Column("file_name", "File", link=lambda run: reverse("import", args=[run.uuid]), sort="file_name"),
    Column("kind", "Kind", value=words.kind, sort="source"),
    Column("whose", "Whose", value=words.whose, sort="authority__name"),
    StateColumn("state", "State", value=lambda run: run.get_state_display(), sort="state"),
    Column(
        "rows_read",
        "Rows read",
        value=lambda run: run.rows_read or None,
        kind="number",
        sort="rows_read",
        missing="none",
    ),
    Column(
        "rows_rejected",
        "To correct",
        value=lambda run: run.rows_rejected or None,
        kind="number",
        sort="rows_rejected",
        unit="rows",
        missing="none",
    ),
    Column("received_at", "Sent", kind="instant", sort="received_at"),
    Column("received_by", "By", value=lambda run: words.who(run.received_by), sort="received_by__email"),
)
NEWEST = "-received_at"
EMPTY = EmptyState(
    "No file has been sent yet",
    "Every file that your authority sends stands here, and those of the whole partnership: what was read, what needs "
    "somebody, and what it changed.",
)
NONE_LIKE_THAT = EmptyState("No file like that", "None of the files matches what you chose.", "Show every file", "?")


def sources_for(user: Any) -> list[Source]:
    """The kinds of file that this person may send."""
    if not user.may("create", "imports"):
        return []
    return [source for source in every_source() if user.may(source.may[1], source.may[0])]


@allowed("imports")
def imports(request: HttpRequest) -> HttpResponse:
    mark_abandoned(now=timezone.now())
    everything = ImportRun.objects.select_related("authority", "received_by")
    shown = ImportSelection(request.GET, everything).qs
    order = ordering(COLUMNS, request.GET.get("sort", ""), NEWEST)
    table = Table.for_request(
        request, COLUMNS, shown.order_by(order, "-pk"), "Files", default_sort=NEWEST, noun=("file", "files"),
        caption_hidden=True, empty=NONE_LIKE_THAT if everything.exists() else EMPTY,
    )  # fmt: skip
    total = everything.count()
    asked = ask(request.GET, _questions(), ())
    return render(request, "kernel/import_list.html", {
        "table": table, "fields": asked.fields, "answer": _answer(everything) if total else "",
        "sentence": FilterSentence(asked.filters, table.total or 0, total, ("file", "files"), request.path),
        "total": total, "may_send": bool(sources_for(request.user)),
        "may_see_quality": request.user.may("read", "data-quality"),
    })  # fmt: skip


def _answer(everything: Any) -> str:
    moving = everything.in_progress().count()
    checked = everything.filter(state=ImportState.CHECKED).count()
    said = [words.count(everything.count(), "file") + "."]
    if moving:
        said.append(f"{moving} {'is' if moving == 1 else 'are'} on the way.")
    if checked:
        said.append(f"{checked} {'is' if checked == 1 else 'are'} checked and not loaded yet.")
    return " ".join(said)


def _questions() -> list[Question]:
    return [
        Question("source", "Kind", {source.name: source.label for source in every_source()}),
        Question("state", "State", dict(ImportState.choices)),
    ]


@csrf_exempt  # checked below: the limit must be set before anything reads the request
@allowed("imports", "create")
def send(request: HttpRequest) -> HttpResponse:
    request.upload_handlers.insert(0, LimitedUpload(request))
    return _send(request)


@csrf_protect
def _send(request: HttpRequest) -> HttpResponse:
    sources = sources_for(request.user)
    first = {"source": request.GET.get("source") or (sources[0].name if len(sources) == 1 else "")}
    sent = request.method == "POST"
    form = SendForm(
        request.POST if sent else None, request.FILES if sent else None, sources=sources, request=request, initial=first
    )
    if sent and form.is_valid():
        file = form.cleaned_data["file"]
        run = receive(
            source=source_named(form.cleaned_data["source"]), file=file, file_name=file.name,
            authority=request.user.authority, by=request.user,
        )  # fmt: skip
        hand_over(run, by=request.user, load=False)
        return redirect("import", run.uuid)
    return render(request, "kernel/import_send.html", {"form": form, "sources": sources})
