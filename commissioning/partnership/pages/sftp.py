"""The servers of an authority that exports are sent to."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache

from commissioning.kernel.pages.allowed import allowed
from commissioning.kernel.tables import Column, EmptyState, Table

from ..actions.sftp_targets import add_target, remove_target
from ..forms_sftp import RemoveForm, SftpForm
from ..models import SftpTarget
from .proof import with_proof


@allowed("sftp")
def targets(request: HttpRequest) -> HttpResponse:
    used = Count("exports", filter=Q(exports__removed_at=None))
    rows = list(SftpTarget.objects.filter(removed_at=None).select_related("made_by").annotate(used=used)
                .order_by("name"))  # fmt: skip
    table = Table(
        (
            Column("name", "Server", link=lambda row: reverse("sftp-remove", args=[row.uuid])),
            Column("host", "Address", value=lambda row: f"{row.host}, port {row.port}"),
            Column("user", "User"),
            Column("folder", "Folder", missing="where the user begins"),
            Column("fingerprint", "Its key"),
            Column("used", "Exports to it", kind="number"),
            Column("made_at", "Added", kind="date"),
        ),
        rows, f"Servers of {request.user.body_name}", noun=("server", "servers"), caption_hidden=True,
        empty=EmptyState(
            "No servers yet",
            "Saved views can be laid down as files on a server of your authority’s own, by SFTP, every day, week or "
            "month. You add the server here; your colleagues choose it when they schedule an export.",
            "Add a server", reverse("sftp-add"),
        ),
    )  # fmt: skip
    return render(request, "partnership/sftp.html", {"table": table, "any": bool(rows)})


@allowed("sftp", "create")
@never_cache
def add(request: HttpRequest) -> HttpResponse:
    form = with_proof(SftpForm(request.POST if request.method == "POST" else None), request)
    if request.method == "POST" and form.is_valid():
        try:
            made = add_target(by=request.user, **form.cleaned_data)
        except ValidationError as refused:
            form.add_problems(refused)
        else:
            messages.success(request, f"The server {made.name} is added. Exports can be sent to it.")
            return redirect("sftp")
    return render(request, "partnership/sftp_form.html", {
        "form": form, "heading": "Add a server for exports",
        "answer": "Whoever schedules an export can choose it. What is laid down there is your authority’s to look "
        "after: everybody who reads the folder can read it.",
    })  # fmt: skip


@allowed("sftp", "change")
def remove(request: HttpRequest, uuid: Any) -> HttpResponse:
    target = get_object_or_404(SftpTarget, uuid=uuid, removed_at=None)
    form = RemoveForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        remove_target(target=target, at=timezone.now(), by=request.user)
        messages.success(request, f"The server {target.name} is removed. Exports to it are paused.")
        return redirect("sftp")
    return render(request, "partnership/sftp_form.html", {
        "form": form, "heading": f"Remove {target.name}?",
        "answer": "Nothing is sent to it any more, and its password or key is forgotten. Exports to it pause. To "
        "change it, remove it and add it anew.",
    })  # fmt: skip
