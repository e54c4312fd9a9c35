"""One file of evidence: what it is, and a link by which its reader takes it for a few minutes."""

from typing import Any
from urllib.parse import quote
from uuid import UUID

from django.core import signing
from django.core.files.storage import storages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from commissioning.kernel.pages.allowed import allowed

from ..models import Evidence

MINUTES = 5
SALT = "quality.evidence"


def evidence_link(row: Evidence, user: Any) -> str:
    """The file's own address for this person, for a few minutes. Who may not read the row gets nothing by it."""
    link = signing.dumps([str(row.uuid), str(user.uuid)], salt=SALT)
    return f"{reverse('evidence', args=[row.uuid])}?link={quote(link)}"


@allowed("evidence")
def evidence(request: HttpRequest, uuid: UUID) -> HttpResponse:
    row = Evidence.objects.filter(uuid=uuid).select_related("visit__establishment").first()
    if row is None:
        raise Http404
    link = request.GET.get("link", "")
    if link and _holds(link, row, request.user):
        return _file(row)
    return render(request, "quality/evidence.html", {
        "row": row, "link": evidence_link(row, request.user), "minutes": MINUTES, "ran_out": bool(link),
        "kilobytes": max(1, round(row.size / 1024)),
    })  # fmt: skip


def _holds(link: str, row: Evidence, user: Any) -> bool:
    try:
        return signing.loads(link, salt=SALT, max_age=MINUTES * 60) == [str(row.uuid), str(user.uuid)]
    except signing.BadSignature:  # run out, or not ours
        return False


def _file(row: Evidence) -> HttpResponse:
    """Never shown as a page of ours: taken away as a file, whatever it holds."""
    try:
        content = storages["evidence"].open(row.stored_as)
    except FileNotFoundError:
        raise Http404 from None
    response = FileResponse(content, as_attachment=True, filename=row.name, content_type=row.content_type)
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response["X-Content-Type-Options"] = "nosniff"
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    response["Cache-Control"] = "private, no-store"
    return response
