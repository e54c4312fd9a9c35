"""Outcomes for the child: what is sought, how far it has come, and which reviews are due."""

from datetime import date
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone

from commissioning.kernel import wording
from commissioning.kernel.pages.allowed import allowed
from commissioning.kernel.pages.downloads import FORMATS, downloads, file_response
from commissioning.kernel.pages.questions import Question, ask
from commissioning.kernel.tables import Column, EmptyState, FilterSentence, Table, ordering, sort_rows
from commissioning.partnership.models import Statement

from ..actions.outcomes import review_outcome
from ..forms_agreements import OutcomeReviewForm
from ..measures.outcomes import DueReview, due_by, due_of
from ..models import Outcome, OutcomeReview
from ..rules import codes
from .placement import crumbs_of
from .placement_words import home_of
from .who import own_placement

NOUN = ("review", "reviews")
STATES = {"overdue": "overdue", "coming": "due within four weeks"}


@allowed("outcomes")
def outcome_list(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Each outcome of one home with its baseline, its reviews, and those still to come."""
    home, today = own_placement(uuid), timezone.localdate()
    in_order = Prefetch("reviews", OutcomeReview.objects.order_by("reviewed_on", "pk"))
    found = list(
        Outcome.objects.filter(placement=home).select_related("placement").prefetch_related(in_order).order_by("pk")
    )
    words = _statements(found)
    may = request.user.may("change", "outcomes")
    shown = [
        {
            "outcome": each, "statements": [words[each.statement_set_id, n] for n in each.statements],
            "reviews": list(each.reviews.all()), "due": _due_words(due_of(each, each.reviews.all(), today), today),
            "review": reverse("outcome-review", args=[uuid, each.uuid]) if may and not each.dropped_on else "",
        }
        for each in found
    ]  # fmt: skip
    return render(request, "contracts/outcomes.html", {
        "heading": f"Outcomes for {home.child} in this home", "crumbs": crumbs_of(home), "crumb": "Outcomes",
        "shown": shown, "answer": _progress(found), "home": home,
        "empty": EmptyState(
            "No outcome yet", "What the agreement seeks for the young person appears here, with its reviews.",
            "See the agreement", reverse("agreement", args=[uuid]),
        ),
    })  # fmt: skip


@allowed("outcomes", "change")
def outcome_review(request: HttpRequest, uuid: UUID, outcome: UUID) -> HttpResponse:
    home, today = own_placement(uuid), timezone.localdate()
    found = get_object_or_404(Outcome.objects.select_related("placement"), placement=home, uuid=outcome)
    reviews = list(found.reviews.order_by("reviewed_on", "pk"))
    due = due_of(found, reviews, today)
    form = OutcomeReviewForm(
        request.POST or None, initial={"reviewed_on": today, "kind": due[0].kind if due else "other"}
    )
    if request.method == "POST" and form.is_valid():
        try:
            made = review_outcome(outcome=found, by=request.user, today=today, **form.cleaned_data)
        except ValidationError as refused:
            form.add_problems(refused)
        else:
            messages.success(request, f"The review is saved: {made.get_now_display()}.")
            return redirect("outcomes", uuid=uuid)
    newest = reviews[-1] if reviews else None
    stood = f"At the beginning: {found.get_baseline_display()}."
    if newest:
        stood += f" On {wording.day(newest.reviewed_on)}: {newest.get_now_display()}."
    return render(request, "contracts/placement_form.html", {
        "form": form, "heading": f"Review an outcome for {home.child}", "crumb": "Review",
        "crumbs": [*crumbs_of(home), ("Outcomes", reverse("outcomes", args=[uuid]))],
        "answer": f"“{found.sought}” {stood}",
    })  # fmt: skip


@allowed("outcomes")
def outcomes_due(request: HttpRequest) -> HttpResponse:
    """Reviews overdue and due within four weeks, the oldest first."""
    today = timezone.localdate()
    rows = due_by(today)
    questions = [
        Question("state", "Reviews", STATES, lambda row, value: row.due.overdue(today) == (value == "overdue")),
        Question("kind", "Which", codes.REVIEW_KINDS, lambda row, value: row.due.kind == value),
        Question(
            "service", "Kind of home", codes.SERVICE_TYPES,
            lambda row, value: row.outcome.placement.service_type == value,
        ),
    ]  # fmt: skip
    asked = ask(request.GET, questions, rows)
    columns = _due_columns(today)
    shown = sort_rows(asked.rows, columns, ordering(columns, request.GET.get("sort", ""), "due"))
    sentence = FilterSentence(asked.filters, len(shown), len(rows), NOUN, request.path)
    if request.GET.get("format") in FORMATS:
        return file_response(
            request, request.GET["format"], columns, shown, title="Reviews of outcomes due", sentence=sentence
        )  # fmt: skip
    empty = (
        EmptyState("No review like that", "None matches everything you asked for.", "Show all", request.path)
        if rows
        else EmptyState("No review is due", "Reviews appear here four weeks before they are due, and when overdue.")
    )
    table = Table.for_request(
        request, columns, shown, "Reviews of outcomes due", default_sort="due", caption_hidden=True, noun=NOUN,
        downloads=downloads(request) if shown else (), empty=empty,
    )  # fmt: skip
    return render(request, "contracts/outcomes_due.html", {
        "table": table, "sentence": sentence, "fields": asked.fields, "any": bool(rows),
        "answer": _due_answer(rows, today),
    })  # fmt: skip


def _statements(found: list[Outcome]) -> dict[tuple[int, int], str]:
    """(set, number) -> the I statement, word for word."""
    sets = {each.statement_set_id for each in found}
    rows = Statement.objects.filter(statement_set__in=sets)
    return {(each.statement_set_id, each.number): each.words for each in rows}


def _due_words(due: list[Any], today: date) -> list[tuple[str, str]]:
    """(sentence, tag) of each review still to be held."""
    return [
        (
            f"{codes.REVIEW_KINDS[each.kind]}: {wording.day(each.due_on)}",
            "Overdue" if each.overdue(today) else "",
        )
        for each in due
    ]


def _progress(found: list[Outcome]) -> str:
    """ "3 outcomes: 2 further on than at the beginning, 1 not reviewed yet." """
    sought = [each for each in found if not each.dropped_on]
    if not sought:
        return ""
    newest = {each.pk: max(each.reviews.all(), key=lambda r: (r.reviewed_on, r.pk), default=None) for each in sought}
    counts = {
        "further on than at the beginning": sum(1 for e in sought if newest[e.pk] and newest[e.pk].now > e.baseline),
        "where it was": sum(1 for e in sought if newest[e.pk] and newest[e.pk].now == e.baseline),
        "further away": sum(1 for e in sought if newest[e.pk] and newest[e.pk].now < e.baseline),
        "not reviewed yet": sum(1 for e in sought if not newest[e.pk]),
    }
    said = ", ".join(f"{count} {words}" for words, count in counts.items() if count)
    return f"{len(sought)} {'outcome' if len(sought) == 1 else 'outcomes'}: {said}."


def _due_columns(today: date) -> list[Column]:
    def address(row: DueReview) -> str:
        return reverse("outcomes", args=[row.outcome.placement.uuid])

    return [
        Column("sought", "Outcome", value=lambda row: row.outcome.sought, link=address),
        Column("child", "Child", value=lambda row: str(row.outcome.placement.child),
               link=lambda row: reverse("child", args=[row.outcome.placement.child.uuid])),
        Column("home", "Home", value=lambda row: home_of(row.outcome.placement)),
        Column("kind", "Review", value=lambda row: codes.REVIEW_KINDS[row.due.kind], sort="kind"),
        Column("due", "Due", value=lambda row: row.due.due_on, kind="date", sort="due"),
        Column("state", "State", value=lambda row: "Overdue" if row.due.overdue(today) else "Due", kind="tag"),
        Column("baseline", "At the beginning", value=lambda row: row.outcome.baseline, kind="number", unit="1 to 5"),
    ]  # fmt: skip


def _due_answer(rows: list[DueReview], today: date) -> str:
    if not rows:
        return ""
    overdue = sum(1 for row in rows if row.due.overdue(today))
    coming = len(rows) - overdue
    said = {0: "No review is overdue", 1: "1 review is overdue"}.get(overdue, f"{overdue} reviews are overdue")
    return f"{said}; {coming or 'none'} {'is' if coming == 1 else 'are'} due within four weeks."
