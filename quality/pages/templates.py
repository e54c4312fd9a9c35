"""What is asked on visits: the templates, one of them with every question, its next version, and its retirement."""

from itertools import groupby
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Count, OuterRef, Q, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone

from commissioning.kernel import wording
from commissioning.kernel.audit.history import read_events
from commissioning.kernel.pages.allowed import allowed
from commissioning.kernel.tables import Column, EmptyState, Table
from commissioning.partnership.models import Statement
from commissioning.partnership.rules.codes import SERVICE_TYPES
from contracts.pages.referral_words import plural

from ..actions.template_versions import make_version, retire_template
from ..forms_templates import RetireForm, VersionForm
from ..models import TemplateQuestion, Visit, VisitTemplate
from ..rules import codes, standards
from .saving import saved
from .visit_words import NEVER_44

SHOWN_HISTORY = 10
CRUMBS = ("Visits", "visits"), ("What is asked", "visit-templates")


def for_which(row: VisitTemplate) -> str:
    return ", ".join(SERVICE_TYPES.get(each, each).lower() for each in row.service_types) or "every kind of home"


@allowed("visit-templates")
def templates(request: HttpRequest) -> HttpResponse:
    rows = list(VisitTemplate.objects.in_use().annotate(asked=Count("questions")).order_by("name"))
    columns = [
        Column("name", "Template", link=lambda row: reverse("visit-template", args=[row.uuid])),
        Column("kind", "Kind", value=lambda row: row.get_kind_display()),
        Column("for", "For", value=lambda row: wording.capital(for_which(row))),
        Column("young", "Young inspectors", value=lambda row: row.young_inspectors, kind="yesno"),
        Column("asked", "Questions", kind="number"),
        Column("number", "Version", kind="number"),
    ]
    table = Table(
        columns, rows, "Templates", caption_hidden=True, per_page=None, noun=("template", "templates"),
        empty=EmptyState("No templates yet", "The first ones are loaded when the platform is set up: ask whoever runs "
                         "it to load the reference data."),
    )  # fmt: skip
    return render(request, "quality/template_list.html", {
        "table": table, "never": NEVER_44, "retired": list(_newest().exclude(retired_on=None).order_by("name")),
        "answer": f"{plural(len(rows), 'template is', 'templates are')} in use." if rows else "",
    })  # fmt: skip


def _newest() -> QuerySet:
    newest = VisitTemplate.objects.filter(code=OuterRef("code")).order_by("-number").values("pk")[:1]
    return VisitTemplate.objects.filter(pk=Subquery(newest))


@allowed("visit-templates")
def template(request: HttpRequest, uuid: UUID) -> HttpResponse:
    found = get_object_or_404(VisitTemplate, uuid=uuid)
    versions = list(VisitTemplate.objects.filter(code=found.code).order_by("-number"))
    questions = list(found.questions.all())
    statements = dict(Statement.objects.filter(statement_set__code="southwark").values_list("number", "words"))
    newest, may = versions[0], request.user.may("change", "visit-templates")
    used = sorted({number for question in questions for number in question.statements})
    return render(request, "quality/template.html", {
        "template": found, "sections": _sections(questions), "newest": newest, "versions": versions,
        "answer": _answer(found, questions, newest), "rule": found.rule, "never": NEVER_44,
        "statements": [(number, statements[number]) for number in used if number in statements],
        "may_change": may and found.pk == newest.pk,
        "may_retire": may and found.pk == newest.pk and newest.retired_on is None,
        "history": None if request.user.provider_id else read_events(
            {VisitTemplate: Q(row_id__in=[row.pk for row in versions])}, stop=SHOWN_HISTORY),
    })  # fmt: skip


def _answer(found: VisitTemplate, questions: list[TemplateQuestion], newest: VisitTemplate) -> str:
    vital = sum(question.vital for question in questions)
    said = f"{found.get_kind_display()} for {for_which(found)}: {plural(len(questions), 'question', 'questions')}"
    said += f", {vital:,} of them vital." if vital else "."
    if found.pk != newest.pk:
        said += f" Version {newest.number} took the place of this one."
    if newest.retired_on is not None:
        said += (
            f" Retired on {wording.day(newest.retired_on)}: no visit is planned on it any more. What was planned on it "
            "before, and what was recorded, keeps it."
        )
    return said


def _sections(questions: list[TemplateQuestion]) -> list[Table]:
    columns = [
        Column("question", "Question", value=str),
        Column("guidance", "Guidance", missing=""),
        Column("scale", "Answer", value=lambda row: row.get_scale_display()),
        Column("evidence", "Evidence", missing=""),
        Column("weight", "Weight", value=_weight),
        Column("statements", "I\u00a0statements", missing="", value=lambda row: ", ".join(map(str, row.statements))),
        Column("standards", "Standards", missing="",
               value=lambda row: wording.capital("; ".join(row.standards))),
    ]  # fmt: skip
    return [
        Table(columns, list(rows), f"{number}. {name}", per_page=None, noun=("question", "questions"))
        for (number, name), rows in groupby(questions, key=lambda row: (row.section, row.section_name))
    ]


def _weight(row: TemplateQuestion) -> str:
    if not row.weight or not codes.ANSWER_SCALES[row.scale]:
        return "does not count"
    return f"{row.weight}, vital" if row.vital else f"{row.weight}"


@allowed("visit-templates", "change")
def template_version(request: HttpRequest, uuid: UUID) -> HttpResponse:
    found = get_object_or_404(VisitTemplate, uuid=uuid)
    questions = list(found.questions.all())
    form = VersionForm(request.POST or None, questions=questions, initial={"name": found.name, "says": found.says})
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            made = make_version(
                template=found, name=given["name"], says=given["says"], questions=form.questions(), by=request.user
            )
        except ValidationError as refused:
            form.add_problems(refused)
        else:
            messages.success(request, f"Version {made.number} is in use from {wording.day(timezone.localdate())}.")
            return redirect("visit-template", uuid=made.uuid)
    recorded = Visit.objects.filter(template=found).done().count()
    planned = Visit.objects.filter(template=found).to_come().count()
    return render(request, "quality/template_form.html", {
        "form": form, "heading": f"{found.name}: version {found.number + 1}", "crumb": "Next version",
        "crumbs": [(words, reverse(name)) for words, name in CRUMBS] + [
            (found.name, reverse("visit-template", args=[uuid]))
        ],
        "answer": _kept(found, recorded, planned), "standards": standards.OF_SERVICE.values(),
    })  # fmt: skip


def _kept(found: VisitTemplate, recorded: int, planned: int) -> str:
    said: list[Any] = [f"Version {found.number} stays as it is"]
    if recorded:
        said.append(f": {plural(recorded, 'visit was', 'visits were')} recorded by it")
    return "".join(said) + (
        f". {plural(planned, 'visit that is planned keeps', 'visits that are planned keep')} it." if planned else "."
    )


@allowed("visit-templates", "change")
def template_retire(request: HttpRequest, uuid: UUID) -> HttpResponse:
    found = get_object_or_404(VisitTemplate, uuid=uuid)
    form = RetireForm(request.POST or None)

    def save() -> str:
        retire_template(template=found, by=request.user, today=timezone.localdate(), **form.cleaned_data)
        return f"“{found.name}” is retired: no visit is planned on it from now on."

    planned = Visit.objects.filter(template__code=found.code).to_come().count()
    keep = f" {plural(planned, 'visit that is planned keeps', 'visits that are planned keep')} it." if planned else ""
    return saved(
        request, form, save, heading=f"Retire “{found.name}”", back=reverse("visit-template", args=[uuid]),
        crumbs=[(words, reverse(name)) for words, name in CRUMBS] + [
            (found.name, reverse("visit-template", args=[uuid]))
        ],
        answer=f"Nobody plans a visit on it from now on, and what was recorded stays as it is.{keep} Its next version "
        "brings it back.",
    )  # fmt: skip
