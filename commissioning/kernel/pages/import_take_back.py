"""Taking a loaded file back: what it would undo is shown first, and why is asked."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from ..audit.naming import Names
from ..forms import PageForm
from ..ingest.road import NotNow
from ..ingest.take_back import NAMED, SINCE, Refused, Touched, later_events, take_back
from ..models import ImportRun, ImportState
from ..tables import Column, Table
from ..tenancy.viewer import acting_as
from . import import_words as words
from .allowed import allowed
from .import_run import changes_of, own_run


class TakeBackForm(PageForm):
    button = "Take it back"

    reason = forms.CharField(
        label="Why is it taken back?",
        help_text="Kept with the history, for whoever asks later.",
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "Say why it is taken back"},
    )


@allowed("imports", "change")
def take_back_page(request: HttpRequest, uuid: UUID) -> HttpResponse:
    run = own_run(request, uuid)
    if run.state != ImportState.LOADED:
        messages.error(request, "Only a loaded file can be taken back.")
        return redirect("import", uuid)
    form = TakeBackForm(request.POST or None)
    try:
        if request.method == "POST" and form.is_valid():
            # A refusal undoes what was begun; the page that lists the reasons is still written.
            with acting_as(request.user.viewer, by=request.user, reason=form.cleaned_data["reason"]):
                take_back(run, by=request.user, now=timezone.now())
            messages.success(request, f"{run.file_name} is taken back. Every record stands as it did before.")
            return redirect("import", uuid)
        later, says = later_events(run), SINCE
    except Refused as refused:
        later, says = refused.later, str(refused)
        return _refused(request, run, later, says)
    except NotNow as not_now:
        messages.error(request, str(not_now))
        return redirect("import", uuid)
    if later:
        return _refused(request, run, later, says)
    return render(request, "kernel/import_take_back.html", {
        "run": run, "form": form, "says": words.undoing(run), "changes": changes_of(run, "The changes it would undo"),
    })  # fmt: skip


def _refused(request: HttpRequest, run: ImportRun, later: list[Touched], says: str) -> HttpResponse:
    names = Names()
    for each in later:
        names.note(ImportRun, {"actor": each.by, "import_id": each.import_id, "before": None, "after": None})
    names.look_up()
    return render(request, "kernel/import_refused.html", {
        "run": run, "says": says, "later": _later_table(later, names) if later else None,
    })  # fmt: skip


def _later_table(later: list[Touched], names: Names) -> Table:
    def file_of(each: Touched) -> dict[str, Any] | None:
        return names.imports.get(each.import_id) if each.import_id else None

    def file_link(each: Touched) -> str | None:
        found = file_of(each)
        return reverse("import", args=[found["uuid"]]) if found else None

    columns = (
        Column("what", "Record", value=lambda each: f"{each.noun.capitalize()}: {each.what}"),
        Column("by", "Changed by", value=lambda each: names.who(each.by)),
        Column("at", "When", kind="instant"),
        Column("file", "From the file", value=lambda each: (file_of(each) or {}).get("file_name"), link=file_link,
               missing="no file"),
    )  # fmt: skip
    more = f", at most {NAMED} of each kind" if len(later) >= NAMED else ""
    return Table(columns, later, f"What was changed since{more}", noun=("record", "records"), per_page=None)
