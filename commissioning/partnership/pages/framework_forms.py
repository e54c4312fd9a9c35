"""Recording a framework, one group of questions at a time; changing what it is and how long it runs."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from commissioning.kernel import wording
from commissioning.kernel.pages.allowed import allowed

from ..actions.change_framework import change_framework, change_term
from ..actions.leading import ChangedMeanwhile
from ..actions.let_framework import let_framework
from ..forms import ChangeFrameworkForm, ChangeTermForm, MembersForm, TermForm, WhatForm
from ..models import Authority
from ..rules import codes
from ..rules.terms import last_day
from .frameworks import led_framework
from .stale import difference

DRAFT = "framework-draft"
STEPS = ("what", "term", "members", "check")
QUESTIONS = {"what": "What is the framework?", "term": "How long does it run?", "members": "Who takes part?"}


def members() -> list[tuple[str, str]]:
    rows = Authority.objects.members_on(timezone.localdate()).order_by("name")
    return [(str(row.uuid), row.name) for row in rows]


@allowed("frameworks", "create")
def framework_new(request: HttpRequest, step: str = "what") -> HttpResponse:
    if step not in STEPS:
        raise Http404
    if step == "check":
        return _check(request)
    draft = request.session.get(DRAFT, {})
    if request.method == "POST":
        form = _form(step, request.POST, request)
        if _passes(form, step, draft, request):
            request.session[DRAFT] = draft | {step: request.POST.urlencode()}
            return redirect("framework-new-step", step="check" if "check" in request.GET else _after(step))
    else:
        form = _form(step, QueryDict(draft[step]) if step in draft else None, request)
        if step not in draft and step == "members":
            form.initial = {"participants": [str(request.user.authority.uuid)]}
    return render(request, "partnership/framework_new.html", {
        "form": form, "question": QUESTIONS[step], "number": STEPS.index(step) + 1, "of": len(STEPS),
        "back": _back(step), "authority": request.user.authority,
    })  # fmt: skip


def _form(step: str, data: QueryDict | None, request: HttpRequest) -> Any:
    if step == "members":
        form = MembersForm(data, members=members())
        form.fields["participants"].help_text += f" {request.user.authority} leads the framework and always takes part."
        return form
    return {"what": WhatForm, "term": TermForm}[step](data)


def _passes(form: Form, step: str, draft: dict[str, str], request: HttpRequest) -> bool:
    """Whether these answers stand, with those before them."""
    if not form.is_valid():
        return False
    if step == "term" and "what" in draft:
        kind = QueryDict(draft["what"]).get("kind", "")
        if form.cleaned_data["ends_before"] is None and kind in ("framework", "block"):
            form.add_error("ends_before", f"Enter the last day: a {codes.FRAMEWORK_KINDS[kind].lower()} has one.")
            return False
    return True


def _after(step: str) -> str:
    return STEPS[STEPS.index(step) + 1]


def _back(step: str) -> str:
    if step == "what":
        return reverse("frameworks")
    return reverse("framework-new-step", args=[STEPS[STEPS.index(step) - 1]])


def _check(request: HttpRequest) -> HttpResponse:
    draft = request.session.get(DRAFT, {})
    answers: dict[str, Any] = {}
    for step in STEPS[:-1]:
        form = _form(step, QueryDict(draft.get(step, "")), request)
        if step not in draft or not form.is_valid():
            return redirect("framework-new-step", step=step)
        answers |= form.cleaned_data
    problems: list[str] = []
    if request.method == "POST":
        try:
            made = let_framework(
                by=request.user, lead_authority=request.user.authority,
                **answers | {"participants": list(Authority.objects.filter(uuid__in=answers["participants"]))},
            )  # fmt: skip
        except ValidationError as refused:
            problems = refused.messages
        else:
            del request.session[DRAFT]
            messages.success(request, f"{made.name} is recorded. Add its lots next.")
            return redirect("framework", uuid=made.uuid)
    return render(request, "partnership/framework_check.html", {
        "rows": _summary(answers, request.user.authority), "name": answers["name"], "problems": problems,
        "back": _back("check"),
    })  # fmt: skip


def _summary(answers: dict[str, Any], lead: Authority) -> list[tuple[Any, ...]]:
    chosen = sorted({lead.name, *(name for uuid, name in members() if uuid in answers["participants"])})
    end = answers["ends_before"]
    rows = (
        ("what", "Name", answers["name"]),
        ("what", "Reference", answers["reference"]),
        ("what", "Kind", codes.FRAMEWORK_KINDS[answers["kind"]]),
        ("what", "Note", answers["note"] or "None"),
        ("term", "First day", wording.day(answers["starts_on"])),
        ("term", "Last day of the initial term", wording.day(last_day(end)) if end else "No last day"),
        ("term", "Extension options", _months(answers["extension_months"])),
        ("members", "Take part from the first day", ", ".join(chosen)),
    )
    return [(label, value, reverse("framework-new-step", args=[step]) + "?check=1") for step, label, value in rows]


def _months(months: list[int]) -> str:
    return ", then ".join(f"{count} month{'s' if count > 1 else ''}" for count in months) or "None"


@allowed("frameworks", "change")
def framework_change(request: HttpRequest, uuid: UUID) -> HttpResponse:
    found = led_framework(request, uuid)
    initial = {name: getattr(found, name) for name in ("name", "reference", "kind", "note", "version")}
    form = ChangeFrameworkForm(request.POST or None, initial=initial)
    return _changed(request, found, form, change_framework, "What it is")


@allowed("frameworks", "change")
def framework_term(request: HttpRequest, uuid: UUID) -> HttpResponse:
    found = led_framework(request, uuid)
    options = found.extensions.order_by("position").values_list("months", flat=True)
    initial = {name: getattr(found, name) for name in ("starts_on", "ends_before", "version")}
    initial["extension_months"] = ", ".join(str(months) for months in options)
    form = ChangeTermForm(request.POST or None, initial=initial)
    return _changed(request, found, form, change_term, "How long it runs")


def _changed(request: HttpRequest, found: Any, form: Any, action: Any, what: str) -> HttpResponse:
    stale = None
    if request.method == "POST" and form.is_valid():
        try:
            action(framework=found, by=request.user, **form.cleaned_data)
        except ValidationError as refused:
            form.add_problems(refused)
        except ChangedMeanwhile as refused:
            stale = difference(form, refused)
        else:
            messages.success(request, f"{found.name} is changed.")
            return redirect("framework", uuid=found.uuid)
    return render(request, "partnership/form.html", {
        "form": form, "heading": f"{found.name}: {what[0].lower()}{what[1:]}", "stale": stale,
        "crumbs": [("Frameworks", reverse("frameworks")), (found.name, reverse("framework", args=[found.uuid]))],
        "crumb": what,
    })  # fmt: skip
