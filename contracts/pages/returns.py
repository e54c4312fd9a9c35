"""Returns taken out of the platform, with the children's own references: who took which, and why."""

from datetime import date

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from commissioning.kernel.exports.csv import CONTENT_TYPE as CSV
from commissioning.kernel.exports.notice import HEADER, Notice, file_name
from commissioning.kernel.exports.workbook import CONTENT_TYPE as XLSX
from commissioning.kernel.pages.allowed import allowed
from commissioning.kernel.pages.downloads import FORMATS, downloads, file_response
from commissioning.kernel.tables import Column, EmptyState, Table

from ..actions.take_return import take_return
from ..exports import placements_template
from ..forms_returns import ReturnForm
from ..measures.returns import LAYOUTS
from ..models import ReturnTaken
from ..returns import book_of, csv_of, json_of, kinds_of

NOUN = ("return", "returns")
TITLE = "Returns taken"


@allowed("returns")
def returns(request: HttpRequest) -> HttpResponse:
    """The form, and every return that was taken. A good form is answered with the file."""
    today = timezone.localdate()
    taken = ReturnTaken.objects.order_by("-pk")
    if request.GET.get("format") in FORMATS:
        return file_response(request, request.GET["format"], _columns(), taken, title=TITLE)
    form = ReturnForm(request.POST or None, initial=_asked_for(request, today))
    if request.method == "POST" and form.is_valid():
        asked = form.cleaned_data
        kind = asked.pop("kind")
        try:
            _, rows = take_return(authority=request.user.authority, by=request.user, today=today, **asked)
        except ValidationError as refused:
            form.add_problems(refused)
        else:
            return _file(request, asked["layout"], asked["as_at"], kind, rows)
    table = Table.for_request(
        request, _columns(), taken, TITLE, noun=NOUN, downloads=downloads(request) if taken.exists() else (),
        empty=EmptyState("No return has been taken yet", "Every file taken here is listed with who took it and why."),
    )  # fmt: skip
    return render(request, "contracts/returns.html", {
        "form": form, "table": table, "may_import": request.user.may("import", "placements"),
    })  # fmt: skip


def _asked_for(request: HttpRequest, today: date) -> dict[str, object]:
    """What a link from the page of contents fills in."""
    layout = LAYOUTS.get(request.GET.get("layout", ""))
    try:
        as_at = date.fromisoformat(request.GET.get("as_at", ""))
    except ValueError:
        as_at = today
    return {"as_at": as_at, "kind": kinds_of(layout)[0] if layout else "xlsx", "layout": layout.key if layout else ""}


@allowed("placements", "import")
def template(request: HttpRequest) -> HttpResponse:
    """The blank template of placements."""
    viewer, now = request.user.body_name, timezone.now()
    response = HttpResponse(placements_template(viewer=viewer, made_at=now), content_type=XLSX)
    name = file_name("placements template", viewer, timezone.localdate(), "xlsx")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _file(request: HttpRequest, layout: str, as_at: date, kind: str, rows: list) -> HttpResponse:
    """The file. Its name says the day that it describes, by which it would come back in."""
    chosen = LAYOUTS[layout]
    viewer = request.user.body_name
    notice = Notice(f"{chosen.label}, as at {as_at:%-d %B %Y}", viewer, timezone.now())
    if kind == "json":
        made = json_of(chosen, rows, as_at, viewer)
        response = HttpResponse(made, content_type="application/json")
        response[HEADER] = notice.header(len(rows))
    elif kind == "csv":
        response = HttpResponse(csv_of(chosen, rows), content_type=CSV)
        response[HEADER] = notice.header(len(rows))
    else:
        response = HttpResponse(book_of(chosen, rows, notice), content_type=XLSX)
    name = file_name(layout.replace("_", " "), viewer, as_at, kind)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _columns() -> list[Column]:
    return [
        Column("changed_at", "Taken", kind="instant"),
        Column(
            "layout", "Return", value=lambda row: LAYOUTS[row.layout].label if row.layout in LAYOUTS else row.layout
        ),
        Column("as_at", "As at", kind="date"),
        Column("taken_by", "By"),
        Column("reason", "What for"),
        Column("rows_given", "Rows", kind="number"),
    ]
