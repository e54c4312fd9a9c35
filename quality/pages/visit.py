"""One visit, as whoever looks may read it: its own authority whole, the provider and other boroughs what was shared."""

from dataclasses import dataclass, field, replace
from datetime import date
from itertools import groupby
from typing import Any
from uuid import UUID

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from commissioning.kernel import wording
from commissioning.kernel.audit.history import read_events
from commissioning.kernel.pages.allowed import allowed
from commissioning.kernel.tables import Column, Table
from contracts.pages.referral_words import plural

from ..actions.share_visit import is_involved, not_yet
from ..measures.waiting import with_steps
from ..models import Answer, Evidence, Finding, FindingReply, ImprovementAction, Reliance, Visit, VisitReport
from ..rules import codes
from .action_words import action_columns
from .visit_words import MARKING_TONES, NEVER_44, RATING_TONES, due_words, is_own, seen_visit, step_words, where

SHOWN_HISTORY = 8
FLAGS = ("to_provider", "to_members")


@dataclass
class Told:
    """One finding as the page tells it."""

    number: int
    finding: Finding
    reply: FindingReply | None = None
    actions: list[ImprovementAction] = field(default_factory=list)
    tone: str = "plain"
    decide: str = ""

    @property
    def waits_for_action(self) -> bool:
        return self.finding.asks_action and not self.actions


@allowed("visits")
def visit(request: HttpRequest, uuid: UUID) -> HttpResponse:
    found, today = seen_visit(uuid), timezone.localdate()
    own, of_provider = is_own(request, found), bool(request.user.provider_id)
    told = findings_of(found)
    report = VisitReport.objects.filter(visit=found).first()
    step = with_steps(Visit.objects.filter(pk=found.pk), of_provider=of_provider, today=today).get()
    relied = [] if of_provider else list(Reliance.objects.filter(visit=found).select_related("authority"))
    may_change = own and request.user.may("change", "visits")
    if may_change and not is_involved(found, request.user):
        for each in told:
            if each.reply and each.reply.says == "disputed" and not each.reply.outcome:
                each.decide = reverse("visit-dispute", args=[found.uuid, each.reply.uuid])
    may_rely = not own and found.state == "published" and request.user.may("create", "visits")
    return render(request, "quality/visit.html", {
        "visit": found, "where": where(found), "own": own, "of_provider": of_provider, "findings": told,
        "report": report, "rating": report.get_rating_display() if report and report.rating else "",
        "rating_tone": RATING_TONES.get(report.rating, "plain") if report else "", "rule": found.template.rule,
        "answer": answer_of(found, step, told, own=own, of_provider=of_provider, today=today),
        "facts": _facts(found, report, of_provider=of_provider), "sections": sections_of(found),
        "actions": _actions(request, told, today), "may_change": may_change, "relied": relied, "never": NEVER_44,
        "relies": any(each.authority_id == request.user.authority_id for each in relied), "may_rely": may_rely,
        "not_yet": not_yet(found, timezone.now()) if own and found.state == "with_provider" else "",
        "may_reply": found.state == "with_provider" and request.user.may("reply", "visits"),
        "may_plan": found.state == "published" and request.user.may("create", "actions") and _wanted(told),
        "steps": step_words(step.step, of_provider=of_provider) if own or of_provider else "",
        "revisits": list(Visit.objects.filter(follows=found).order_by("planned_on")),
        "printed": found.state in codes.DONE_STATES and bool(report or told),
        "files": list(Evidence.objects.filter(visit=found, action=None).exclude(kind="signature").order_by("sent_at")),
        "history": _history(found, told),
    })  # fmt: skip


def findings_of(visit: Visit) -> list[Told]:
    """What the viewer may read of the findings, in the order of the template. Three queries."""
    rows = Finding.objects.filter(visit=visit, taken_out_on=None).select_related("question", "about")
    rows = sorted(rows, key=lambda row: (
        (row.question.section, row.question.number) if row.question_id else (99, 99), row.found_at, row.pk
    ))  # fmt: skip
    replies = {row.finding_id: row for row in FindingReply.objects.filter(visit=visit).select_related("decided_by")}
    actions: dict[int, list[ImprovementAction]] = {}
    for row in ImprovementAction.objects.filter(visit=visit).select_related("visit__establishment").order_by("due_on"):
        actions.setdefault(row.finding_id, []).append(row)
    return [
        Told(number, row, replies.get(row.pk), actions.get(row.pk, []), MARKING_TONES[row.marking])
        for number, row in enumerate(rows, 1)
    ]


def sections_of(visit: Visit) -> list[Table]:
    """The answers that the viewer may read, a table for each section."""
    answers = Answer.objects.filter(visit=visit).select_related("question")
    answers = answers.order_by("question__section", "question__number")
    columns = [
        Column("question", "Question", value=lambda row: str(row.question)),
        Column("value", "Answer", value=answer_words, missing="not answered"),
        Column("note", "Note", missing=""),
    ]
    return [
        Table(columns, list(rows), f"{number}. {name}", per_page=None, noun=("answer", "answers"), level=3)
        for (number, name), rows in groupby(answers, key=lambda row: (row.question.section, row.question.section_name))
    ]


def answer_words(row: Answer) -> str:
    return codes.ANSWER_SCALES[row.question.scale].get(row.value, (row.value, None))[0]


def _wanted(told: list[Told]) -> bool:
    return any(each.finding.asks_action for each in told)


def _facts(visit: Visit, report: VisitReport | None, *, of_provider: bool) -> list[tuple[Any, ...]]:
    asked = f"{visit.template.name}, version {visit.template.number}"
    facts: list[tuple[Any, ...]] = [
        ("Visit of", visit.authority.name),
        ("What was asked" if visit.visited_on else "What is asked", asked,
         reverse("visit-template", args=[visit.template.uuid]), "Read"),
        ("Kind", visit.get_kind_display()),
        ("Planned for", wording.day(visit.planned_on)),
        ("Took place on", wording.day(visit.visited_on) if visit.visited_on else "Not yet"),
        ("Announced", "Yes" if visit.announced else "No"),
        ("Young inspectors", "Yes" if visit.young_inspectors else "No"),
    ]  # fmt: skip
    if not of_provider:
        facts.append(("Provider", visit.provider.name, reverse("provider", args=[visit.provider.uuid]), "Open"))
        facts.append(("Led by", (visit.lead.name or visit.lead.email) if visit.lead else None))
    if visit.sent_at:
        facts.append(("Sent to the provider", wording.instant(visit.sent_at)))
    if visit.state == "with_provider":
        facts.append(("Reply due by", wording.day(visit.reply_due_on)))
    if visit.published_at:
        facts.append(("Published", wording.instant(visit.published_at)))
    if visit.plan_due_on:
        facts.append(("Plan due by", wording.day(visit.plan_due_on)))
    if visit.revisit_due_on:
        facts.append(("Re-visit due by", wording.day(visit.revisit_due_on)))
    if report and report.signed_name:
        facts.append(("Signed by", report.signed_name))
    if visit.cancelled_why:
        facts.append(("Why it was called off", visit.cancelled_why))
    return facts


def answer_of(
    visit: Visit, step: Visit, told: list[Told], *, own: bool, of_provider: bool, today: date
) -> str:  # fmt: skip
    """ "2 of 5 findings are answered, 1 is disputed. The provider’s reply is due by 4 May 2026, 3 days left." """
    counted = plural(len(told), "finding", "findings")
    match visit.state:
        case "planned":
            late = " That day is past." if visit.planned_on < today and own else ""
            if of_provider:
                return f"{visit.authority.name} comes on {wording.day(visit.planned_on)}."
            return f"{'Ours' if own else visit.authority.name} is planned for {wording.day(visit.planned_on)}.{late}"
        case "cancelled":
            return "This visit was called off."
        case "draft" if own:
            kept = sum(each.finding.marking != "shareable" for each in told)
            stays = f" {plural(kept, 'stays', 'stay')} with us." if kept else ""
            return f"A draft with {counted}: nobody outside our authority reads it yet.{stays}"
        case "draft":
            return f"It took place on {wording.day(visit.visited_on)}. The draft is being written."
        case "with_provider" if own or of_provider:
            return _with_provider(visit, told, of_provider=of_provider, today=today)
        case "with_provider":
            return "It took place, and the provider checks the draft. What may be shared is here once it is published."
    said = f"Published on {wording.day(visit.published_at)}: {counted}"
    actions = [action for each in told for action in each.actions]
    if actions:
        opened = sum(action.state in codes.OPEN_ACTION_STATES for action in actions)
        late = sum(action.state in codes.OPEN_ACTION_STATES and action.due_on < today for action in actions)
        said += f", {plural(len(actions), 'action', 'actions')}, {opened:,} open"
        said += f", {late:,} overdue" if late else ""
    if (own or of_provider) and step.step == "plan":
        said += f". The plan {due_words(visit.plan_due_on, today)}"
    return f"{said}."


def _with_provider(visit: Visit, told: list[Told], *, of_provider: bool, today: date) -> str:
    shared = [each for each in told if each.finding.marking == "shareable"]
    answered = sum(each.reply is not None for each in shared)
    disputed = sum(each.reply is not None and each.reply.says == "disputed" for each in shared)
    whom = "Your reply" if of_provider else "The provider’s reply"
    findings = plural(len(shared), "finding", "findings")
    said = f"{answered:,} of {findings} {'is' if answered == 1 else 'are'} answered"
    if disputed:
        said += f", {disputed:,} {'is' if disputed == 1 else 'are'} disputed"
    if answered == len(shared):
        return f"{said}."
    due = due_words(visit.reply_due_on, today)
    return f"{said}. {whom} {due if due.startswith('was') else f'is due {due}'}."


def _actions(request: HttpRequest, told: list[Told], today: date) -> Table | None:
    rows = [action for each in told for action in each.actions]
    if not rows:
        return None
    columns = action_columns(request, today, on_visit=True)
    return Table(columns, rows, "Actions", per_page=None, noun=("action", "actions"))


def _history(visit: Visit, told: list[Told]) -> list[Any]:
    """What happened to the visit, and to the words and marking of its findings; who may read them goes by the visit."""
    what: dict[Any, Q] = {Visit: Q(row_id=visit.pk)}
    numbers = {each.finding.pk: each.number for each in told}
    if told:
        what[Finding] = Q(row_id__in=list(numbers))
    events = []
    for event in read_events(what, stop=SHOWN_HISTORY * 3):
        changes = tuple(change for change in event.changes if change.column not in FLAGS)
        if event.operation == "update" and not changes:
            continue
        title = f"{numbers[event.row_id]}" if event.model is Finding else f"to {where(visit)}"
        events.append(replace(event, changes=changes, title=title))
    return events[:SHOWN_HISTORY]
