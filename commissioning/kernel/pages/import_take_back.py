"""Taking a loaded file back: what it would undo is shown first, and why is asked."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from crispy_forms_gds.layout import Button, Layout
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

EXAMPLES = 3


class TakeBackForm(PageForm):
    button = "Take it back"

    reason = forms.CharField(
        label="Why is it taken back?",
        help_text="Kept with the history, for whoever asks later.",
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "Say why it is taken back"},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper.layout = Layout("reason", Button.warning("save", self.button, data_prevent_double_click="true"))


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
            messages.success(request, "The file is taken back. Every record stands as it did before.")
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
    return render(request, "kernel/import_refused.html", {
        "run": run, "says": says, "later": _later_table(later) if later else None,
    })  # fmt: skip


@dataclass
class _Later:
    """One file, or one person's work by hand, that came after the import."""

    by: str
    at: datetime
    file_name: str | None
    href: str | None
    records: dict[str, None]


def _later_table(later: list[Touched]) -> Table:
    """One row for each file or person, the newest first: that is the order in which they are to be undone."""
    names = Names()
    for each in later:
        names.note(ImportRun, {"actor": each.by, "import_id": each.import_id, "before": None, "after": None})
    names.look_up()
    groups: dict[tuple[str, int | None], _Later] = {}
    for each in sorted(later, key=lambda touched: touched.at, reverse=True):
        file = names.imports.get(each.import_id) if each.import_id else None
        group = groups.setdefault((each.by, each.import_id), _Later(
            names.who(each.by), each.at, file["file_name"] if file else None,
            reverse("import", args=[file["uuid"]]) if file else None, {},
        ))  # fmt: skip
        group.records[f"{each.noun} {each.what}"] = None
    columns = (
        Column("file", "What came later", value=lambda group: group.file_name or "A change by hand",
               link=lambda group: group.href),
        Column("by", "By", value=lambda group: group.by),
        Column("at", "Last change", value=lambda group: group.at, kind="instant"),
        Column("records", "It changed, or rests on", value=_some_of),
    )  # fmt: skip
    return Table(columns, list(groups.values()), "Undo these first", noun=("change", "changes"), per_page=None)


def _some_of(group: _Later) -> str:
    """The first few records by name, and how many more there are; of a large file not all are counted."""
    listed = list(group.records)
    more = len(listed) - EXAMPLES
    if more <= 0:
        return "; ".join(listed)
    at_least = "at least " if len(listed) >= NAMED else ""
    return f"{'; '.join(listed[:EXAMPLES])}; and {at_least}{more:,} more"
