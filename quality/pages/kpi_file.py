"""A provider sends a workbook of its returns."""

import tempfile
from pathlib import Path

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from commissioning.kernel.forms import PageForm
from commissioning.kernel.ingest.formats import UnreadableFile
from commissioning.kernel.pages.allowed import allowed
from commissioning.kernel.pages.import_upload import MEGABYTES, too_large
from commissioning.kernel.tables import Column, Table
from contracts.pages.referral_words import plural

from ..actions.return_file import Taken, return_file


class FileForm(PageForm):
    button = "Send it"

    file = forms.FileField(
        label="The workbook", max_length=255,
        help_text=f"The workbook of a lot, filled in. Excel, OpenDocument or csv, up to {MEGABYTES} MB.",
        widget=forms.FileInput(attrs={"accept": ".csv,.xlsx,.xls,.ods"}),
        error_messages={"required": "Choose the workbook", "empty": "The file is empty. Save it, and send it again",
                        "max_length": "The name of the file is longer than 255 characters. Give it a shorter one"},
    )  # fmt: skip


@allowed("kpi-returns", "create")
def kpi_file(request: HttpRequest) -> HttpResponse:
    sent = request.method == "POST"
    form = FileForm(request.POST if sent else None, request.FILES if sent else None)
    told = None
    if sent and form.is_valid():
        told = _taken(request, form)
    return render(request, "quality/kpi_file.html", {
        "form": form, "heading": "Send a workbook of returns", "crumb": "Send a workbook", "told": told,
        "crumbs": [("KPIs", reverse("kpis")), ("Your returns", reverse("kpi-returns"))],
        "answer": _answer(told) if told else "Rows that can be taken are taken, and each of the others says why not.",
        "refused": _refused(told) if told and told.refused else None,
    })  # fmt: skip


def _taken(request: HttpRequest, form: FileForm) -> Taken | None:
    file, now = form.cleaned_data["file"], timezone.now()
    if file.size > MEGABYTES * 1024 * 1024:
        form.add_error("file", too_large())
        return None
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "returns"
        with path.open("wb") as out:
            for chunk in file.chunks():
                out.write(chunk)
        try:
            return return_file(path=path, file_name=file.name, provider=request.user.provider, by=request.user, now=now,
                               today=timezone.localdate(now))  # fmt: skip
        except UnreadableFile as problem:
            form.add_error("file", str(problem))
            return None


def _answer(told: Taken) -> str:
    said = f"{plural(told.read, 'row was', 'rows were')} read: {told.taken} taken, {told.left_out} empty"
    return f"{said}, {len(told.refused or ())} not taken."


def _refused(told: Taken) -> Table:
    columns = [
        Column("row", "Row", kind="number"),
        Column("column", "Column"),
        Column("says", "Why it was not taken"),
    ]
    return Table(columns, told.refused or [], "Correct these and send the workbook again", per_page=None,
                 noun=("row", "rows"))  # fmt: skip
