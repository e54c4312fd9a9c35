"""Who takes part and until when, an extension taken, an event: each shows what will change before it does."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone

from commissioning.kernel import wording
from commissioning.kernel.pages.allowed import allowed

from ..actions.change_framework import record_event, take_extension
from ..actions.leading import ChangedMeanwhile
from ..actions.take_part import check_joining, check_leaving, join_framework, leave_framework
from ..forms import EventForm, ExtendForm, JoinForm, LeaveForm
from ..models import Authority, Framework
from ..rules.terms import add_months, last_day
from .framework_forms import members
from .frameworks import led_framework


def _page(request: HttpRequest, found: Framework, form: Any, heading: str, **more: Any) -> HttpResponse:
    crumbs = [("Frameworks", reverse("frameworks")), (found.name, reverse("framework", args=[found.uuid]))]
    return render(request, "partnership/form.html", {"form": form, "heading": heading, "crumbs": crumbs, **more})


def _preview(request: HttpRequest, found: Framework, heading: str, says: list[str], button: str) -> HttpResponse:
    """What will change, with everything that was answered, to be confirmed."""
    answers = [(name, value) for name, values in request.POST.lists() for value in values
               if name not in ("csrfmiddlewaretoken", "save", "confirm")]  # fmt: skip
    return render(request, "partnership/confirm.html", {
        "framework": found, "heading": heading, "says": says, "answers": answers, "button": button,
    })  # fmt: skip


def _done(request: HttpRequest, found: Framework, says: str) -> HttpResponse:
    messages.success(request, says)
    return redirect("framework", uuid=found.uuid)


@allowed("frameworks", "change")
def join(request: HttpRequest, uuid: UUID) -> HttpResponse:
    found = led_framework(request, uuid)
    form = JoinForm(request.POST if "again" not in request.POST and request.POST else None,
                    initial=_typed(request), members=members())  # fmt: skip
    if request.method == "POST" and form.is_valid():
        answers = form.cleaned_data
        authority = get_object_or_404(Authority, uuid=answers["authority"])
        dates = {"starts_on": answers["starts_on"], "ends_before": answers["ends_before"]}
        try:
            check_joining(framework=found, authority=authority, **dates)
            if "confirm" not in request.POST:
                return _preview(request, found, f"{authority} joins {found.name}", _joins(found, authority, dates),
                                f"Add {authority}")  # fmt: skip
            join_framework(framework=found, authority=authority, by=request.user, **dates)
        except ValidationError as refused:
            form.add_problems(refused)
        else:
            return _done(request, found, f"{authority} takes part from {wording.day(dates['starts_on'])}.")
    return _page(request, found, form, f"{found.name}: add an authority", crumb="Add an authority")


def _typed(request: HttpRequest) -> dict[str, Any]:
    return {"starts_on": timezone.localdate()} if request.method == "GET" else {}


def _joins(found: Framework, authority: Authority, dates: dict[str, Any]) -> list[str]:
    lots = found.lots.count()
    first = wording.day(dates["starts_on"])
    until = f"to {wording.day(last_day(dates['ends_before']))}" if dates["ends_before"] else "until the framework ends"
    return [
        f"{authority} takes part from {first} {until}.",
        f"It will see every provider's rates in force from {first}, on {lots} lot{'' if lots == 1 else 's'}.",
        "It will not see rates that ended before that day.",
    ]


@allowed("frameworks", "change")
def leave(request: HttpRequest, uuid: UUID, part: UUID) -> HttpResponse:
    found = led_framework(request, uuid)
    row = get_object_or_404(found.participations.select_related("authority", "framework"), uuid=part)
    form = LeaveForm(request.POST or None, initial={"ends_before": row.ends_before, "version": row.version})
    stale = None
    if request.method == "POST" and form.is_valid():
        ends_before = form.cleaned_data["ends_before"]
        day = wording.day(last_day(ends_before))
        try:
            check_leaving(participation=row, ends_before=ends_before)
            if "confirm" not in request.POST:
                says = [
                    f"{row.authority} takes part up to and including {day}.",
                    "It keeps what was in force while it took part, and sees no rate that begins later.",
                    "Awards, rates and the other authorities are not touched.",
                ]
                return _preview(request, found, f"{row.authority} leaves {found.name}", says, "Set the last day")
            leave_framework(participation=row, by=request.user, **form.cleaned_data)
        except ValidationError as refused:
            form.add_problems(refused)
        except ChangedMeanwhile as refused:
            now = refused.now.ends_before
            stale = [("Last day", wording.day(last_day(now)) if now else "none", day)]
            form.data = form.data.copy()
            form.data["version"] = str(refused.now.version)
        else:
            return _done(request, found, f"{row.authority} takes part up to {day}.")
    return _page(request, found, form, f"{found.name}: last day of {row.authority}", crumb="Last day", stale=stale)


@allowed("frameworks", "change")
def extend(request: HttpRequest, uuid: UUID, option: UUID) -> HttpResponse:
    found = led_framework(request, uuid)
    row = get_object_or_404(found.extensions.select_related("framework"), uuid=option)
    today = timezone.localdate()
    form = ExtendForm(request.POST or None, initial={"taken_on": today})
    if request.method == "POST" and form.is_valid():
        taken_on = form.cleaned_data["taken_on"]
        end = found.runs_until
        try:
            if "confirm" not in request.POST and end and not row.taken_on and taken_on <= today:
                says = [
                    (
                        f"{found.name} will run to {wording.day(last_day(add_months(end, row.months)))}, "
                        f"{row.months} months later than {wording.day(last_day(end))}."
                    ),
                    "Authorities that take part until the framework ends go on taking part.",
                    "Awards and rates keep their own last days: extend those that should go on.",
                ]
                return _preview(request, found, f"Extend {found.name}", says, "Take the extension")
            take_extension(extension=row, taken_on=taken_on, today=today, by=request.user)
        except ValidationError as refused:
            form.add_problems(refused)
        else:
            return _done(request, found, f"The extension of {row.months} months is recorded.")
    return _page(request, found, form, f"{found.name}: take an extension of {row.months} months", crumb="Extension")


@allowed("frameworks", "change")
def event(request: HttpRequest, uuid: UUID) -> HttpResponse:
    found = led_framework(request, uuid)
    form = EventForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        record_event(framework=found, by=request.user, **form.cleaned_data)
        return _done(request, found, "The event is recorded.")
    return _page(request, found, form, f"{found.name}: record an event", crumb="Event")
