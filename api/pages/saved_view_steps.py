"""What is done with a view and its exports, each step on a page of its own that says what it does."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone

from commissioning.kernel.forms import Step, SureForm
from commissioning.kernel.pages.allowed import allowed
from commissioning.kernel.wording import instant
from commissioning.partnership.actions.saved_views import (
    pause_export,
    remove_export,
    remove_view,
    resume_export,
    save_view,
    schedule_export,
    send_now,
)
from commissioning.partnership.models import ScheduledExport
from commissioning.partnership.pages.proof import with_proof
from commissioning.partnership.rules.exports import FILE_DAYS, FORMATS

from ..exporting import Refused, asked_as
from ..forms_views import SaveViewForm, ScheduleForm
from .saved_views import LISTS, view_of

STEPS = {
    "now": Step(
        "Send {name} now?", "It is sent once, besides its schedule, with what you may see now.", "Send now",
        "{name} is on its way. It can take a few minutes.",
        lambda export, at, by: send_now(export=export, at=at, by=by),
    ),
    "pause": Step(
        "Pause the export of {name}?", "Nothing is sent until you resume it. What was missed is not sent later.",
        "Pause", "The export of {name} is paused.",
        lambda export, at, by: pause_export(export=export, at=at, by=by),
    ),
    "resume": Step(
        "Resume the export of {name}?", "It is sent again from the next time on that its schedule names.", "Resume",
        "The export of {name} is resumed.", lambda export, at, by: resume_export(export=export, at=at, by=by),
    ),
    "remove": Step(
        "Remove the export of {name}?", "Nothing is sent any more. What was sent stays in the list below the view.",
        "Remove", "The export of {name} is removed.",
        lambda export, at, by: remove_export(export=export, at=at, by=by),
    ),
}  # fmt: skip


@allowed("saved-views", "create")
def choose(request: HttpRequest) -> HttpResponse:
    """Which list: those that the person's role reads."""
    lists = [(each.title, reverse("saved-view-save", args=[each.name]), each.says.partition(". ")[0].rstrip(".") + ".")
             for each in LISTS.values() if request.user.may("read", each.name)]  # fmt: skip
    return render(request, "api/saved_view_choose.html", {"lists": lists})


@allowed("saved-views", "create")
def save(request: HttpRequest, resource: str) -> HttpResponse:
    """The API is asked, as it will be when the view is opened, before anything is kept."""
    declared = LISTS.get(resource)
    if declared is None or not request.user.may("read", resource):
        raise Http404
    initial = {f"f_{name}": value for name, value in request.GET.items()}
    form = SaveViewForm(request.POST if request.method == "POST" else None, declared=declared, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            asked_as(request.user, resource, form.query, "csv")
            made = save_view(
                name=form.cleaned_data["name"], resource=resource, query=form.query,
                shared=form.cleaned_data["shared"] == "yes", by=request.user,
            )  # fmt: skip
        except Refused as refused:
            form.add_error(None, str(refused))
        except ValidationError as refused:
            form.add_problems(refused)
        else:
            messages.success(request, f"The view {made.name} is saved.")
            return redirect("saved-view", uuid=made.uuid)
    return _form(
        request, form, None, f"Save a view of {declared.title.lower()}",
        "Fill in what the rows must have, and leave the rest. It holds no rows itself: whoever opens it sees what they "
        "may see that day.",
    )  # fmt: skip


@allowed("saved-views", "create")
def schedule(request: HttpRequest, uuid: Any) -> HttpResponse:
    view = view_of(request.user, uuid)
    if view.resource not in LISTS or not request.user.may("read", view.resource):
        raise Http404
    formats = tuple(kind for kind in LISTS[view.resource].formats if kind in FORMATS)
    form = with_proof(ScheduleForm(request.POST if request.method == "POST" else None, formats=formats), request)
    if request.method == "POST" and form.is_valid():
        try:
            made = schedule_export(view=view, at=timezone.now(), by=request.user, **form.cleaned_data)
        except ValidationError as refused:
            form.add_problems(refused)
        else:
            messages.success(request, f"The first file comes {instant(made.next_at)}.")
            return redirect("saved-view", uuid=view.uuid)
    return _form(
        request, form, view, f"Send {view.name} as a file",
        f"As a link by e-mail, only you can open it, signed in, for {FILE_DAYS} days. It holds what you may see on the "
        "day it is made; if you may not read the list any more, nothing is sent and the export pauses.",
    )  # fmt: skip


@allowed("saved-views", "change")
def remove(request: HttpRequest, uuid: Any) -> HttpResponse:
    view = view_of(request.user, uuid)
    if view.owner_id != request.user.pk:
        raise Http404
    form = SureForm(request.POST if request.method == "POST" else None, button="Remove")
    if request.method == "POST" and form.is_valid():
        remove_view(view=view, at=timezone.now(), by=request.user)
        messages.success(request, f"The view {view.name} is removed, and its exports have ended.")
        return redirect("saved-views")
    return _form(
        request, form, view, f"Remove {view.name}?",
        "It goes from your list, and from your colleagues’ where you share it. Exports of it end.",
    )  # fmt: skip


@allowed("saved-views", "change")
def change(request: HttpRequest, uuid: Any, what: str) -> HttpResponse:
    step = STEPS.get(what)
    own = ScheduledExport.objects.filter(owner=request.user, authority=request.user.authority_id, removed_at=None)
    export = get_object_or_404(own.select_related("view"), uuid=uuid)
    if step is None:
        raise Http404
    form = SureForm(request.POST if request.method == "POST" else None, button=step.button)
    if request.method == "POST" and form.is_valid():
        try:
            step.do(export, timezone.now(), request.user)
        except ValidationError as refused:
            form.add_problems(refused)
        else:
            messages.success(request, step.done.format(name=export.view.name))
            return redirect("saved-view", uuid=export.view.uuid)
    return _form(request, form, export.view, step.heading.format(name=export.view.name), step.says)


def _form(request: HttpRequest, form: Any, view: Any, heading: str, answer: str) -> HttpResponse:
    return render(request, "api/saved_view_form.html", {
        "form": form, "view": view, "heading": heading, "answer": answer,
    })  # fmt: skip
