"""A person's saved views, one of them with its exports, and a file that was made of it."""

from typing import Any
from urllib.parse import parse_qsl

from django.core.files.storage import storages
from django.db.models import Count, Min, Q
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone

from commissioning.kernel.pages.allowed import allowed
from commissioning.kernel.tables import Column, EmptyState, Table
from commissioning.kernel.wording import instant
from commissioning.partnership.actions.sent_exports import STORAGE, may_open
from commissioning.partnership.models import SavedView, ScheduledExport, SentExport, User
from commissioning.partnership.rules.exports import FILE_DAYS, FORMATS, STATES

from ..formats import FORMATS as TYPES
from ..forms_views import said_of
from ..resources import Declared
from ..urls import RESOURCES

LISTS: dict[str, Declared] = {each.name: each for each in RESOURCES}


@allowed("saved-views")
def saved_views(request: HttpRequest) -> HttpResponse:
    own = Q(exports__owner=request.user, exports__removed_at=None)
    rows = SavedView.objects.open_to(request.user).select_related("owner").annotate(
        sent=Count("exports", filter=own), next_at=Min("exports__next_at", filter=own & Q(exports__paused_at=None))
    ).order_by("name", "pk")  # fmt: skip
    may = request.user.may("create", "saved-views")
    table = Table.for_request(
        request,
        (
            Column("name", "View", link=lambda row: reverse("saved-view", args=[row.uuid])),
            Column("resource", "Of the list", value=lambda row: title(row.resource)),
            Column("owner", "Whose", value=lambda row: "Yours" if row.owner_id == request.user.pk else row.owner.email),
            Column("sent", "Exports to you", kind="number"),
            Column("next_at", "Next one", kind="instant", missing="none"),
        ),
        rows, "Views that you can open", noun=("view", "views"), caption_hidden=True,
        empty=EmptyState(
            "No saved views yet",
            "A view is a list with the filters that you use again and again, under a name. Open it when you need it, "
            "or have it sent as a file every day, week or month.",
            *(("Save a view", reverse("saved-view-choose")) if may else ()),
        ),
    )  # fmt: skip
    return render(request, "api/saved_views.html", {"table": table, "any": bool(table.total), "may": may})


@allowed("saved-views")
def saved_view(request: HttpRequest, uuid: Any) -> HttpResponse:
    view = view_of(request.user, uuid)
    exports = list(ScheduledExport.objects.filter(view=view, owner=request.user, removed_at=None)
                   .select_related("sftp").order_by("pk"))  # fmt: skip
    log = SentExport.objects.filter(export__view=view, owner=request.user).select_related("export__view")
    now = timezone.now()
    table = Table.for_request(
        request,
        (
            Column("due_at", "Due", kind="instant"),
            Column("name", "File", link=lambda row: _link(row, request.user, now)),
            Column("rows", "Rows", kind="number", missing=""),
            Column("state", "State", kind="tag", value=lambda row: STATES[row.state]),
            Column("error", "Why not", value=_why, missing=""),
        ),
        log.order_by("-due_at", "-pk"), "What was sent to you, the newest first", noun=("file", "files"),
        empty=EmptyState("Nothing was sent yet", "Each file appears here, with what became of it."),
    )  # fmt: skip
    declared = LISTS.get(view.resource)
    return render(request, "api/saved_view.html", {
        "view": view, "own": view.owner_id == request.user.pk, "rows": _rows(view), "table": table,
        "exports": [(each, f"{FORMATS[each.format]}; {each.where}") for each in exports],
        "may": request.user.may("change", "saved-views"), "reads": request.user.may("read", view.resource),
        "address": address(view), "kept_days": FILE_DAYS,
        "formats": [kind for kind in TYPES if declared is not None and kind in declared.formats],
    })  # fmt: skip


@allowed("saved-views")
def file(request: HttpRequest, uuid: Any) -> HttpResponseBase:
    """The file, to its owner, whose rights are asked again. Never shown as a page of ours."""
    row = get_object_or_404(SentExport.objects.select_related("export__view"), uuid=uuid)
    why = may_open(row, request.user, timezone.now())
    if why == "not found":
        raise Http404
    content = None
    if not why:
        try:
            content = storages[STORAGE].open(row.stored_as)
        except FileNotFoundError:
            why = "The file is gone."
    if content is None:
        return render(request, "api/saved_view_gone.html", {"row": row, "view": row.export.view, "why": why})
    answer = FileResponse(content, as_attachment=True, filename=row.name, content_type=TYPES[row.export.format])
    answer["Content-Security-Policy"] = "sandbox; default-src 'none'"
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Cross-Origin-Resource-Policy"] = "same-origin"
    answer["Cache-Control"] = "private, no-store"
    return answer


def view_of(person: User, uuid: Any) -> SavedView:
    return get_object_or_404(SavedView.objects.open_to(person).select_related("owner"), uuid=uuid)


def title(resource: str) -> str:
    return LISTS[resource].title if resource in LISTS else resource


def address(view: SavedView) -> str:
    """Where the list stands in the API, without a format."""
    return f"/api/v1/{view.resource}/?{view.query}"


def _rows(view: SavedView) -> list[tuple[str, str]]:
    asked = [f"{name.replace('_', ' ')}: {said_of(name, value)}" for name, value in parse_qsl(view.query)]
    return [
        ("List", title(view.resource)),
        ("Only rows with", "; ".join(asked) or "no filter: everything that you may see"),
        ("Saved", f"{instant(view.made_at)}, by {view.owner.email}"),
        ("Seen by", "you and your colleagues" if view.shared else "its owner alone"),
    ]


def _link(row: SentExport, person: User, now: Any) -> str | None:
    return None if may_open(row, person, now) else reverse("saved-view-file", args=[row.uuid])


def _why(row: SentExport) -> str | None:
    if row.state == "waiting" and row.error:
        return f"{row.error} It is tried again from {instant(row.try_at)}."
    return row.error or None
