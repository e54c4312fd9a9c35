"""Visits to take away: the report of one as a printable document, and all of them as a workbook."""

from collections.abc import Iterator
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from commissioning.kernel.exports import Notice, SheetOf, file_name, workbook_bytes
from commissioning.kernel.exports.workbook import CONTENT_TYPE
from commissioning.kernel.pages.allowed import allowed
from commissioning.kernel.tables import Column

from ..models import Answer, Finding, FindingReply, ImprovementAction, TemplateQuestion, Visit, VisitReport
from ..rules import codes
from ..visit_pdf import visit_pdf
from .action_words import came_from
from .visit import findings_of
from .visit_words import day_of, each_once, is_own, seen_visit, visits, where

Visits = dict[int, Visit]


@allowed("visits")
def report(request: HttpRequest, uuid: UUID) -> HttpResponse:
    found = seen_visit(uuid)
    answers = Answer.objects.filter(visit=found).select_related("question")
    printed = visit_pdf(
        found, VisitReport.objects.filter(visit=found).first(), findings_of(found),
        list(answers.order_by("question__section", "question__number")), own=is_own(request, found),
    )  # fmt: skip
    name = f"visit-{found.authority.slug}-{found.number}.pdf"
    return HttpResponse(
        printed, content_type="application/pdf", headers={"Content-Disposition": f'inline; filename="{name}"'}
    )


@allowed("visits")
def workbook(request: HttpRequest) -> HttpResponse:
    """What the viewer may read of every visit: visits, findings with the provider's word, and all actions, those of
    contract meetings too."""
    title, viewer = "Visits, findings and actions", request.user.body_name
    # Each visit, home and template is read once, however many findings speak of it.
    rows = {row.pk: row for row in each_once(visits()).order_by("planned_on", "pk")}
    sheets = [_visits(rows), _findings(request, rows), _actions(rows)]
    response = HttpResponse(
        workbook_bytes(sheets, Notice(title, viewer, timezone.now(), "")), content_type=CONTENT_TYPE
    )
    name = file_name(title, viewer, timezone.localdate(), "xlsx")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _of_visit(known: Visits, pk: Any = lambda row: row.visit_id) -> list[Column]:
    def get(row: Any) -> Visit:
        return known[pk(row)]

    return [
        Column("home", "Home", value=lambda row: where(get(row))),
        Column("urn", "URN", value=lambda row: get(row).establishment.urn),
        Column("whose", "Visit of", value=lambda row: get(row).authority.name),
        Column("number", "Visit number", value=lambda row: get(row).number, kind="number"),
        Column("day", "Day", value=lambda row: day_of(get(row)), kind="date"),
    ]


def _visits(known: Visits) -> SheetOf:
    came_to = dict(VisitReport.objects.values_list("visit", "rating"))
    columns = [
        *_of_visit(known, lambda row: row.pk),
        Column("provider", "Provider", value=lambda row: row.provider.name),
        Column("kind", "Kind", value=lambda row: codes.VISIT_KINDS[row.kind]),
        Column("template", "Template", value=lambda row: f"{row.template.name}, version {row.template.number}"),
        Column("state", "State", value=lambda row: codes.VISIT_STATES[row.state]),
        Column("announced", "Announced", kind="yesno"),
        Column("young", "Young inspectors", value=lambda row: row.young_inspectors, kind="yesno"),
        Column("reply", "Reply due by", value=lambda row: row.reply_due_on, kind="date", missing=""),
        Column("published", "Published", value=lambda row: row.published_at, kind="instant", missing=""),
        Column("revisit", "Re-visit due by", value=lambda row: row.revisit_due_on, kind="date", missing=""),
        Column("rating", "Came to", value=lambda row: codes.RATINGS.get(came_to.get(row.pk, "")), missing=""),
    ]
    return SheetOf("Visits", columns, known.values())


def _findings(request: HttpRequest, known: Visits) -> SheetOf:
    replies = {pk: told for pk, *told in FindingReply.objects.values_list("finding", "says", "words", "outcome")}
    asked = {row.pk: str(row) for row in TemplateQuestion.objects.filter(pk__in=Finding.objects.values("question"))}

    def said(row: Any) -> Any:
        return replies.get(row.pk, ("", "", ""))

    columns = [
        *_of_visit(known),
        Column("question", "Question", value=lambda row: asked.get(row.question_id), missing=""),
        Column("words", "Finding"),
        Column("marking", "Marked", value=lambda row: codes.MARKINGS[row.marking]),
        Column("asks", "Asks for an action", value=lambda row: row.asks_action, kind="yesno"),
        Column("says", "The provider says", value=lambda row: codes.REPLIES.get(said(row)[0]), missing=""),
        Column("why", "In its words", value=lambda row: said(row)[1], missing=""),
        Column("outcome", "Dispute", value=lambda row: codes.DISPUTE_OUTCOMES.get(said(row)[2]), missing=""),
    ]
    if request.user.provider_id:
        columns = [column for column in columns if column.key != "marking"]
    rows = Finding.objects.filter(taken_out_on=None).order_by("visit_id", "found_at", "pk")
    return SheetOf("Findings", columns, (row for row in rows if row.visit_id in known))


def _day(row: ImprovementAction) -> date | None:
    """Of the visit, or of the meeting."""
    if row.visit_id:
        return day_of(row.visit)
    return row.meeting.held_on if row.meeting else None


def _actions(known: Visits) -> SheetOf:
    found = dict(Finding.objects.filter(pk__in=ImprovementAction.objects.values("finding")).values_list("pk", "words"))
    columns = [
        Column("home", "Home or meeting", value=came_from),
        Column("urn", "URN", value=lambda row: row.visit.establishment.urn if row.visit_id else None, missing=""),
        Column("whose", "Authority", value=lambda row: row.authority.name),
        Column("provider", "Provider", value=lambda row: row.provider.name),
        Column("number", "Visit number", value=lambda row: row.visit.number if row.visit_id else None, kind="number",
               missing=""),
        Column("day", "Day", value=_day, kind="date", missing=""),
        Column("finding", "Finding", value=lambda row: found.get(row.finding_id), missing=""),
        Column("words", "Action"),
        Column("owner", "Who"),
        Column("due_on", "By", kind="date"),
        Column("state", "State", value=lambda row: codes.ACTION_STATES[row.state]),
        Column("evidence_words", "How it can be seen", missing=""),
        Column("done_on", "Done on", kind="date", missing=""),
        Column("verified_on", "Checked on", kind="date", missing=""),
        Column("verified_how", "How it was checked", missing=""),
    ]  # fmt: skip
    rows = ImprovementAction.objects.select_related("authority", "provider", "meeting").order_by("due_on", "pk")
    return SheetOf("Actions", columns, _with_visits(rows, known))


def _with_visits(rows: QuerySet, known: Visits) -> Iterator[ImprovementAction]:
    for row in rows:
        if row.visit_id in known:
            row.visit = known[row.visit_id]
        if row.visit_id is None or row.visit_id in known:
            yield row
