"""A page's table as a file to take away: the same columns, rows and filters, with the notice that says so."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from ..exports import HEADER, Notice, SheetOf, csv_bytes, file_name, workbook_bytes
from ..exports.csv import CONTENT_TYPE as CSV
from ..exports.workbook import CONTENT_TYPE as XLSX
from ..tables import Column, Download, FilterSentence

FORMATS = {"csv": "Download csv", "xlsx": "Download Excel"}


def downloads(request: HttpRequest, formats: Iterable[str] = FORMATS) -> list[Download]:
    """Links to the page's own address with the same filters and ?format=..."""
    links = []
    for kind in formats:
        asked = request.GET.copy()
        asked.pop("page", None)
        asked["format"] = kind
        links.append(Download(FORMATS[kind], f"?{asked.urlencode()}"))
    return links


def file_response(
    request: HttpRequest, kind: str, columns: Sequence[Column], rows: Sequence[Any], *, title: str,
    sentence: FilterSentence | None = None,
) -> HttpResponse:  # fmt: skip
    """`rows` as csv or xlsx, made for the viewer's authority or provider."""
    filters = "; ".join(f"{item.label}: {item.value}" for item in sentence.filters if item.remove) if sentence else ""
    viewer = request.user.body_name
    notice = Notice(title, viewer, timezone.now(), filters)
    if kind == "csv":
        response = HttpResponse(csv_bytes(columns, rows), content_type=CSV)
        response[HEADER] = notice.header(len(rows))
    else:
        response = HttpResponse(workbook_bytes([SheetOf(title, columns, rows)], notice), content_type=XLSX)
    name = file_name(title, viewer, timezone.localdate(), kind)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
