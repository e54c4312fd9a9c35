"""The monitoring calendar: with which provider a contract meeting is due, by spend and risk, month by month."""

from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from commissioning.kernel.pages.allowed import allowed
from commissioning.kernel.pages.downloads import FORMATS, downloads, file_response
from commissioning.kernel.pages.questions import Question, ask
from commissioning.kernel.tables import Column, EmptyState, FilterSentence, Table, ordering, sort_rows
from contracts.pages.referral_words import plural
from providers.pages.tones import ToneColumn

from ..measures.meetings_due import DueMeeting, meetings_due
from ..rules.meeting_bands import BANDS, RULE

NOUN = ("provider", "providers")
WHICH = {"overdue": "overdue", "unplanned": "with no meeting planned", "planned": "with a meeting planned"}
TONES = {"high": "harm", "middle": "needs", "low": "plain"}
WORDS = {"high": "High", "middle": "Middle", "low": "Low"}


@allowed("contract-meetings", "plan")
def due_list(request: HttpRequest) -> HttpResponse:
    today = timezone.localdate()
    rows = meetings_due(request.user.authority_id or 0, today)
    asked = ask(request.GET, _questions(today), rows)
    columns = _columns(today, may_plan=request.user.may("create", "contract-meetings"))
    shown = sort_rows(asked.rows, columns, ordering(columns, request.GET.get("sort", ""), "due"))
    sentence = FilterSentence(asked.filters, len(shown), len(rows), NOUN, request.path)
    if request.GET.get("format") in FORMATS:
        return file_response(
            request, request.GET["format"], columns, shown, title="Contract meetings due", sentence=sentence
        )
    empty = (
        EmptyState("No provider like that", "None matches everything that you asked for.", "Show all", request.path)
        if rows
        else EmptyState("No meeting is due", "Every provider that you bought from in twelve months appears here, with "
                        "the day by which it is to be met.")
    )  # fmt: skip
    table = Table.for_request(
        request, columns, shown, "Contract meetings due", default_sort="due", caption_hidden=True, noun=NOUN,
        downloads=downloads(request) if rows else (), empty=empty,
    )  # fmt: skip
    return render(request, "quality/meetings_due.html", {
        "table": table, "sentence": sentence, "fields": asked.fields, "any": bool(rows), "rule": RULE,
        "answer": _answer(rows, today), "months": _months(shown, today),
    })  # fmt: skip


def _questions(today: date) -> list[Question]:
    def which(row: DueMeeting, value: str) -> bool:
        if value == "overdue":
            return row.overdue(today)
        return (row.next is not None) == (value == "planned")

    return [
        Question("which", "Providers", WHICH, which),
        Question("band", "To be met", BANDS, lambda row, value: row.band == value),
    ]


def _columns(today: date, *, may_plan: bool) -> list[Column]:
    def do(row: DueMeeting) -> str | None:
        if row.next is not None:
            return reverse("contract-meeting", args=[row.next.uuid])
        return f"{reverse('contract-meeting-new')}?provider={row.provider.uuid}" if may_plan else None

    def planned(row: DueMeeting) -> str | None:
        if row.next is not None:
            return "Planned"
        return "Plan it" if may_plan else None

    return [
        Column("provider", "Provider", value=lambda row: row.provider.name, sort="provider",
               link=lambda row: f"/providers/{row.provider.uuid}/scorecard/"),
        Column("due", "Due by", value=lambda row: row.due_on, kind="date", sort="due"),
        ToneColumn("state", "State", value=lambda row: _state(row, today),
                   tone=lambda row: "harm" if row.overdue(today) else "ours" if row.next else "plain"),
        Column("last", "Last met", value=lambda row: row.last_on, kind="date", missing="never", sort="last"),
        Column("next", "Next meeting", value=lambda row: row.next_on, kind="date", missing="none planned", sort="next"),
        Column("every", "To be met", value=lambda row: BANDS[row.band]),
        Column("spent", "Spent, own share", value=lambda row: row.spent, kind="money", unit="£ in twelve months",
               whole=True, sort="spent"),
        ToneColumn("risk", "Risk", value=lambda row: WORDS[row.risk_band], tone=lambda row: TONES[row.risk_band]),
        Column("why", "Why", value=lambda row: "; ".join(row.why) or None, missing="nothing known against it"),
        Column("do", "Meeting", value=planned, link=do, missing=""),
    ]  # fmt: skip


def _state(row: DueMeeting, today: date) -> str:
    return "Overdue" if row.overdue(today) else "Planned" if row.next else "To come"


def _months(rows: list[Any], today: date) -> list[dict[str, Any]]:
    """What is due, grouped by month, overdue first: a calendar as a list."""
    found: dict[str, list[Any]] = {}
    for row in sorted(rows, key=lambda row: row.due_on):
        found.setdefault("Overdue" if row.overdue(today) else f"{row.due_on:%B %Y}", []).append(row)
    return [{"month": month, "rows": mine} for month, mine in found.items()]


def _answer(rows: list[DueMeeting], today: date) -> str:
    """ "4 of 31 providers are overdue for a contract meeting; 2 of them have one planned." """
    if not rows:
        return ""
    late = [row for row in rows if row.overdue(today)]
    if not late:
        return f"No contract meeting is overdue, of {plural(len(rows), 'provider', 'providers')} that you buy from."
    planned = sum(row.next is not None for row in late)
    are = "is" if len(late) == 1 else "are"
    met = f"{planned} of them {'has' if planned == 1 else 'have'} one planned" if planned else "none has one planned"
    return f"{len(late)} of {plural(len(rows), 'provider', 'providers')} {are} overdue for a contract meeting; {met}."
