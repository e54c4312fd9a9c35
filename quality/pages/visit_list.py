"""Every visit that the viewer may know of, what needs the viewer first; for a provider's contact, its own."""

from datetime import date
from typing import Any

from django.db.models import Case, Count, F, IntegerField, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from commissioning.kernel import wording
from commissioning.kernel.pages.allowed import allowed
from commissioning.kernel.pages.downloads import FORMATS, downloads, file_response
from commissioning.kernel.pages.questions import Asked, Question, ask
from commissioning.kernel.tables import Column, EmptyState, FilterSentence, Table, ordering
from contracts.pages.referral_words import plural
from providers.pages.tones import ToneColumn

from ..measures.waiting import OURS, THEIRS, overdue, waiting, with_steps
from ..models import Visit, VisitReport
from ..rules import codes
from .visit_words import RATING_TONES, STATE_TONES, day_of, each_once, home_column, reads_as, step_words, visits

NOUN = ("visit", "visits")
WHOSE = {"ours": "ours", "others": "other boroughs’"}
NEEDS = {"us": "needs us", "provider": "waits for the provider", "overdue": "overdue"}
PROVIDER_NEEDS = {"us": "needs us", "overdue": "overdue"}
SORTS = {"home": "establishment__name", "day": "day", "state": "state", "due": "step_due", "whose": "authority__name"}
# What each step is called in the first line: (one, several).
TOLD = {
    "record": ("visit whose day is past to record", "visits whose day is past to record"),
    "send": ("draft to send", "drafts to send"),
    "decide": ("with a dispute to decide", "with disputes to decide"),
    "publish": ("to publish", "to publish"),
    "agree": ("with a plan to agree", "with plans to agree"),
    "check": ("with actions to check", "with actions to check"),
    "revisit": ("re-visit to plan", "re-visits to plan"),
    "reply": ("waits for your reply", "wait for your reply"),
    "plan": ("waits for your plan", "wait for your plans"),
    "act": ("with actions to carry out", "with actions to carry out"),
}


@allowed("visits")
def visit_list(request: HttpRequest) -> HttpResponse:
    today, of_provider = timezone.localdate(), bool(request.user.provider_id)
    whose = {"of_provider": of_provider, "authority_id": request.user.authority_id}
    asked = ask(request.GET, _questions(of_provider), [])
    everything = Visit.objects.count()
    stepped = with_steps(_rows(), of_provider=of_provider, today=today)
    rows = _matching(stepped, asked, today, **whose)
    columns = _columns(request, today, of_provider)
    rows = _ordered(rows, ordering(columns, request.GET.get("sort", "")), **whose)
    if request.GET.get("format") in FORMATS:
        taken = list(each_once(rows))
        sentence = FilterSentence(asked.filters, len(taken), everything, NOUN, request.path)
        return file_response(request, request.GET["format"], columns, taken, title="Visits", sentence=sentence)
    table = Table.for_request(
        request, columns, rows, "Visits", caption_hidden=True, noun=NOUN, empty=_nothing(request, everything),
        downloads=downloads(request) if everything else (),
    )  # fmt: skip
    return render(request, "quality/visit_list.html", {
        "table": table, "fields": asked.fields, "everything": everything, "of_provider": of_provider,
        "sentence": FilterSentence(asked.filters, table.total, everything, NOUN, request.path),
        "answer": answer_of(stepped, today, of_provider=of_provider, authority_id=reads_as(request.user))
        if everything else "",
        "may_plan": request.user.may("create", "visits"), "may_see_actions": request.user.may("read", "actions"),
        "may_meet": request.user.may("read", "contract-meetings"),
        "may_see_rota": request.user.may("read", "monitoring"),
    })  # fmt: skip


def _rows() -> QuerySet:
    report = VisitReport.objects.filter(visit=OuterRef("pk"))
    return visits().annotate(
        day=Coalesce("visited_on", "planned_on"), rating=Subquery(report.values("rating")[:1]),
    )  # fmt: skip


def _questions(of_provider: bool) -> list[Question]:
    found = [
        Question("needs", "Visits", PROVIDER_NEEDS if of_provider else NEEDS),
        Question("state", "State", codes.VISIT_STATES),
        Question("kind", "Kind", codes.VISIT_KINDS),
    ]
    return found if of_provider else [Question("whose", "Whose", WHOSE), *found]


def _matching(rows: QuerySet, asked: Asked, today: date, *, of_provider: bool, authority_id: int | None) -> QuerySet:
    wanted = asked.answers
    if whose := wanted.get("whose"):
        rows = rows.filter(authority=authority_id) if whose == "ours" else rows.exclude(authority=authority_id)
    if wanted["state"]:
        rows = rows.filter(state=wanted["state"])
    if wanted["kind"]:
        rows = rows.filter(kind=wanted["kind"])
    match wanted["needs"]:
        case "us":
            rows = waiting(rows, of_provider=of_provider, authority_id=authority_id)
        case "provider":
            rows = rows.filter(step__in=THEIRS, authority=authority_id)
        case "overdue":
            rows = overdue(rows if of_provider else rows.filter(authority=authority_id), today)
    return rows


def _ordered(rows: QuerySet, sort: str, *, of_provider: bool, authority_id: int | None) -> QuerySet:
    """Without a wish: what needs the viewer, the most overdue first; then by day, newest first."""
    if sort:
        column = F(SORTS[sort.removeprefix("-")])
        last = column.desc(nulls_last=True) if sort.startswith("-") else column.asc(nulls_last=True)
        return rows.order_by(last, "-day", "-pk")
    mine = Q(step__in=THEIRS) if of_provider else Q(step__in=OURS, authority=authority_id)
    rows = rows.annotate(needed_first=Case(When(mine, then=Value(0)), default=Value(1), output_field=IntegerField()))
    return rows.order_by("needed_first", Case(When(mine, then=F("step_due"))).asc(nulls_last=True), "-day", "-pk")


def _columns(request: HttpRequest, today: date, of_provider: bool) -> list[Column]:
    def step(row: Any) -> str | None:
        if not of_provider and row.authority_id != reads_as(request.user):
            return None
        return step_words(row.step, of_provider=of_provider) or None

    def due(row: Any) -> date | None:
        return row.step_due if step(row) else None

    columns = [
        home_column(sort="home"),
        Column("whose", "Visit of", value=lambda row: row.authority.name, sort="whose"),
        Column("template", "What", value=lambda row: row.template.name),
        Column("day", "Day", value=day_of, kind="date", sort="day"),
        ToneColumn("state", "State", value=lambda row: codes.VISIT_STATES[row.state], sort="state",
                   tone=lambda row: STATE_TONES[row.state]),
        ToneColumn("step", "Next step", value=step, missing="",
                   tone=lambda row: "harm" if due(row) and due(row) < today else None),
        Column("due", "By", value=due, kind="date", sort="due", missing=""),
        ToneColumn("rating", "Came to", missing="", value=lambda row: codes.RATINGS.get(row.rating or ""),
                   tone=lambda row: RATING_TONES.get(row.rating or "", "plain")),
    ]  # fmt: skip
    if not of_provider:
        columns.insert(1, Column(
            "provider", "Provider", value=lambda row: row.provider.name,
            link=lambda row: reverse("provider", args=[row.provider.uuid]),
        ))  # fmt: skip
    return columns


def answer_of(stepped: QuerySet, today: date, *, of_provider: bool, authority_id: int | None) -> str:
    """ "4 visits need you: 1 draft to send, 3 with actions to check. 2 are overdue." """
    mine = waiting(stepped, of_provider=of_provider, authority_id=authority_id)
    found = mine.order_by().values("step").annotate(n=Count("pk"), late=Count("pk", filter=Q(step_due__lt=today)))
    counts = {row["step"]: row["n"] for row in found}
    late = sum(row["late"] for row in found)
    if not counts:
        return "No visit needs you today."
    parts = [f"{n:,} {TOLD[step][n > 1]}" for step in TOLD if (n := counts.get(step, 0))]
    total = sum(counts.values())
    ending = f" {late:,} {'is' if late == 1 else 'are'} overdue." if late else ""
    return wording.capital(f"{plural(total, 'visit needs', 'visits need')} you: {', '.join(parts)}.{ending}")


def _nothing(request: HttpRequest, everything: int) -> EmptyState:
    if everything:
        return EmptyState("No visit like that", "No visit matches everything that you asked for.", "Show all visits",
                          request.path)  # fmt: skip
    if request.user.provider_id:
        return EmptyState("No visits yet", "Visits to your homes appear here once you are told of them, with what they "
                          "found for you to answer.")  # fmt: skip
    why = "Visits of every borough appear here from the day they are planned, so that no two go the same month."
    if request.user.may("create", "visits"):
        return EmptyState("No visits yet", why, "Plan the first visit", reverse("visit-new"))
    return EmptyState("No visits yet", f"{why} A quality officer plans them.")
