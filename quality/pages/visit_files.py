"""Visits to take away: the report of one as a printable document, and all of them as a workbook."""

from datetime import date
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from commissioning.kernel.exports import Notice, SheetOf, file_name, workbook_bytes
from commissioning.kernel.exports.workbook import CONTENT_TYPE
from commissioning.kernel.pages.allowed import allowed
from commissioning.kernel.tables import Column

from ..models import Answer, Finding, FindingReply, ImprovementAction, VisitReport
from ..rules import codes
from ..visit_pdf import visit_pdf
from .action_words import came_from
from .visit import findings_of
from .visit_words import day_of, is_own, seen_visit, visits, where


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
    sheets = [_visits(), _findings(request), _actions()]
    response = HttpResponse(
        workbook_bytes(sheets, Notice(title, viewer, timezone.now(), "")), content_type=CONTENT_TYPE
    )
    name = file_name(title, viewer, timezone.localdate(), "xlsx")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _of_visit(get: Any = lambda row: row.visit) -> list[Column]:
    return [
        Column("home", "Home", value=lambda row: where(get(row))),
        Column("urn", "URN", value=lambda row: get(row).establishment.urn),
        Column("whose", "Visit of", value=lambda row: get(row).authority.name),
        Column("number", "Visit number", value=lambda row: get(row).number, kind="number"),
        Column("day", "Day", value=lambda row: day_of(get(row)), kind="date"),
    ]


def _visits() -> SheetOf:
    came_to = dict(VisitReport.objects.values_list("visit", "rating"))
    columns = [
        *_of_visit(lambda row: row),
        Column("provider", "Provider", value=lambda row: row.provider.name),
        Column("kind", "Kind", value=lambda row: row.get_kind_display()),
        Column("template", "Template", value=lambda row: f"{row.template.name}, version {row.template.number}"),
        Column("state", "State", value=lambda row: row.get_state_display()),
        Column("announced", "Announced", kind="yesno"),
        Column("young", "Young inspectors", value=lambda row: row.young_inspectors, kind="yesno"),
        Column("reply", "Reply due by", value=lambda row: row.reply_due_on, kind="date", missing=""),
        Column("published", "Published", value=lambda row: row.published_at, kind="instant", missing=""),
        Column("revisit", "Re-visit due by", value=lambda row: row.revisit_due_on, kind="date", missing=""),
        Column("rating", "Came to", value=lambda row: codes.RATINGS.get(came_to.get(row.pk, "")), missing=""),
    ]
    return SheetOf("Visits", columns, visits().order_by("planned_on", "pk"))


def _findings(request: HttpRequest) -> SheetOf:
    replies = {row.finding_id: row for row in FindingReply.objects.all()}

    def said(row: Any) -> Any:
        return replies.get(row.pk)

    columns = [
        *_of_visit(),
        Column("question", "Question", value=lambda row: str(row.question) if row.question_id else None, missing=""),
        Column("words", "Finding"),
        Column("marking", "Marked", value=lambda row: row.get_marking_display()),
        Column("asks", "Asks for an action", value=lambda row: row.asks_action, kind="yesno"),
        Column("says", "The provider says", value=lambda row: said(row) and said(row).get_says_display(), missing=""),
        Column("why", "In its words", value=lambda row: said(row) and said(row).words, missing=""),
        Column("outcome", "Dispute", value=lambda row: said(row) and said(row).get_outcome_display(), missing=""),
    ]
    if request.user.provider_id:
        columns = [column for column in columns if column.key != "marking"]
    rows = Finding.objects.filter(taken_out_on=None).select_related(
        "question", "visit__establishment", "visit__premises", "visit__authority"
    )
    return SheetOf("Findings", columns, rows.order_by("visit", "found_at", "pk"))


def _day(row: ImprovementAction) -> date | None:
    """Of the visit, or of the meeting."""
    if row.visit_id:
        return day_of(row.visit)
    return row.meeting.held_on if row.meeting else None


def _actions() -> SheetOf:
    columns = [
        Column("home", "Home or meeting", value=came_from),
        Column("urn", "URN", value=lambda row: row.visit.establishment.urn if row.visit_id else None, missing=""),
        Column("whose", "Authority", value=lambda row: row.authority.name),
        Column("provider", "Provider", value=lambda row: row.provider.name),
        Column("number", "Visit number", value=lambda row: row.visit.number if row.visit_id else None, kind="number",
               missing=""),
        Column("day", "Day", value=_day, kind="date", missing=""),
        Column("finding", "Finding", value=lambda row: row.finding.words if row.finding_id else None, missing=""),
        Column("words", "Action"),
        Column("owner", "Who"),
        Column("due_on", "By", kind="date"),
        Column("state", "State", value=lambda row: row.get_state_display()),
        Column("evidence_words", "How it can be seen", missing=""),
        Column("done_on", "Done on", kind="date", missing=""),
        Column("verified_on", "Checked on", kind="date", missing=""),
        Column("verified_how", "How it was checked", missing=""),
    ]  # fmt: skip
    rows = ImprovementAction.objects.select_related(
        "authority", "provider", "meeting", "finding", "visit__establishment", "visit__premises", "visit__authority"
    )
    return SheetOf("Actions", columns, rows.order_by("due_on", "pk"))
