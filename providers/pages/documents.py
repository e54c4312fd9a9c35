"""The documents that a provider must keep in force, and adding one."""

from collections.abc import Iterable
from datetime import date
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from commissioning.kernel.pages.allowed import allowed
from commissioning.kernel.tables import Column, EmptyState, Table

from ..actions.record_document import record_document
from ..forms import DocumentForm
from ..models import ComplianceDocument
from ..rules import codes
from ..rules.terms import document_state
from .provider import found, frame
from .tones import ToneColumn


@allowed("documents")
def documents(request: HttpRequest, uuid: UUID) -> HttpResponse:
    provider, today = found(uuid), timezone.localdate()
    rows = list(provider.documents.order_by("-expires_on", "kind"))
    newest = _newest(rows)
    may_add = request.user.may("create", "documents")
    add = reverse("provider-document-new", args=[provider.uuid])
    why = "Insurance, statements of purpose and policies appear here once somebody has recorded one."
    empty = EmptyState("No documents yet", why, *(("Record a document", add) if may_add else ()))
    return render(request, "providers/provider_documents.html", frame(request, provider, "provider-documents") | {
        "answer": _answer(newest.values(), today), "may_add": may_add, "rows": rows,
        "lacking": [label for kind, label in codes.DOCUMENT_KINDS.items() if kind not in newest] if rows else [],
        "table": Table(
            _columns(newest, today), rows, "Documents", per_page=None, noun=("document", "documents"), empty=empty,
        ),
    })  # fmt: skip


def _newest(rows: list[ComplianceDocument]) -> dict[str, ComplianceDocument]:
    """Of each kind, the one that expires last: rows come so ordered."""
    newest: dict[str, ComplianceDocument] = {}
    for row in rows:
        newest.setdefault(row.kind, row)
    return newest


def _columns(newest: dict[str, ComplianceDocument], today: date) -> list[Column]:
    def state(row: ComplianceDocument) -> tuple[str, str]:
        return document_state(row.expires_on, today, replaced=newest[row.kind].pk != row.pk)

    return [
        Column("kind", "Document", value=lambda row: row.get_kind_display()),
        Column("reference", "Reference"),
        Column("issued_on", "Issued on", kind="date"),
        Column("expires_on", "Expires on", kind="date"),
        ToneColumn("state", "State", value=lambda row: state(row)[0], tone=lambda row: state(row)[1]),
    ]


def _answer(current: Iterable[ComplianceDocument], today: date) -> str:
    tones = [document_state(row.expires_on, today)[1] for row in current]
    if not tones:
        return ""
    expired, soon = tones.count("harm"), tones.count("needs")
    if not expired and not soon:
        return "Every document recorded is in force for more than 90 days."
    said = [f"{expired} expired"] if expired else []
    said += [f"{soon} about to expire within 90 days"] if soon else []
    return f"Of {len(tones)} kind{'' if len(tones) == 1 else 's'} of document recorded, {' and '.join(said)}."


@allowed("documents", "create")
def document_new(request: HttpRequest, uuid: UUID) -> HttpResponse:
    provider = found(uuid)
    form = DocumentForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            made = record_document(provider=provider, by=request.user, **form.cleaned_data)
        except ValidationError as refused:
            form.add_problems(refused)
        else:
            messages.success(request, f"{made.get_kind_display()} is recorded for {provider}.")
            return redirect("provider-documents", uuid=provider.uuid)
    return render(request, "providers/form.html", {
        "form": form, "heading": f"{provider}: record a document", "crumb": "Record a document",
        "crumbs": [
            ("Providers", reverse("providers")), (provider.name, reverse("provider", args=[provider.uuid])),
            ("Documents", reverse("provider-documents", args=[provider.uuid])),
        ],
    })  # fmt: skip
