"""Ends that come, meetings in time and late, and how homes ended."""

from collections import Counter
from statistics import median
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from commissioning.kernel import wording
from commissioning.kernel.pages.allowed import allowed
from commissioning.kernel.pages.downloads import FORMATS, downloads, file_response
from commissioning.kernel.pages.questions import Asked, Question, ask
from commissioning.kernel.periods import FinancialYear, financial_year
from commissioning.kernel.tables import Column, EmptyState, FilterSentence, Table, ordering, sort_rows
from providers.pages.tones import ToneColumn

from ..actions.watch import plan_move
from ..forms_watch import MoveForm
from ..measures.moving import Ending, Meeting, endings, ends_coming, meetings, on_time
from ..rules import codes
from ..rules.clocks import PLANNING_RULE, share
from .links import OF_MOVING, links
from .placement import crumbs_of
from .placement_words import home_of, lives_there
from .watch_forms import saved
from .who import own_placement

YEARS = 6  # that may be asked about, this one among them
HOMES, MEETINGS = ("home", "homes"), ("meeting", "meetings")
STATES = {
    "overdue": "Overdue",
    "unrecorded": "Not recorded",
    "planned": "Planned",
    "late": "Held late",
    "in_time": "Held in time",
}
TONES = {"overdue": "harm", "unrecorded": "needs", "planned": "plain", "late": "needs", "in_time": "good"}
PASSED = {"passed": "planned end has passed", "soon": "within four weeks"}
PLANNED = {"no": "not as planned", "yes": "as planned", "unknown": "not recorded"}
SHORT = {"yes": "less notice than agreed", "no": "notice as agreed", "unknown": "not known"}


def year_of(request: HttpRequest) -> tuple[FinancialYear, Question]:
    """The financial year that is asked about, and the question that asks it."""
    now = financial_year(timezone.localdate())
    years = {str(year): FinancialYear(year).label for year in range(now.start, now.start - YEARS, -1)}
    question = Question("year", "Financial year", years, default=str(now.start), always=True)
    return FinancialYear(int(question.answer(request.GET))), question


def listed(
    request: HttpRequest, everything: list[Any], questions: list[Question], columns: list[Column], *, title: str,
    noun: tuple[str, str], empty: EmptyState, template: str, crumb: str = "", **shown: Any,
) -> HttpResponse:  # fmt: skip
    """A list in memory as a page or a file, filtered and sorted as asked."""
    asked: Asked = ask(request.GET, questions, everything)
    rows = sort_rows(asked.rows, columns, ordering(columns, request.GET.get("sort", "")))
    sentence = FilterSentence(asked.filters, len(rows), len(everything), noun, request.path)
    if request.GET.get("format") in FORMATS:
        return file_response(request, request.GET["format"], columns, rows, title=title, sentence=sentence)
    if everything:
        empty = EmptyState(f"No {noun[0]} like that", f"No {noun[0]} matches everything that you asked for.",
                           "Show all", request.path)  # fmt: skip
    table = Table.for_request(
        request, columns, rows, title, caption_hidden=True, noun=noun, empty=empty,
        downloads=downloads(request) if everything else (),
    )  # fmt: skip
    years = any(question.name == "year" for question in questions)
    return render(request, template, {
        "table": table, "sentence": sentence if everything or years else "",
        "fields": asked.fields if everything or years else [], "title": title, "crumb": crumb,
        "links": links(request.user, OF_MOVING, request.path), **shown,
    })  # fmt: skip


def _home_columns(of: Any, lives: str = "Lives with") -> list[Column]:
    return [
        Column("child", "Child", value=lambda row: str(of(row).child), sort="child",
               link=lambda row: reverse("placement", args=[of(row).uuid])),
        Column("provider", lives, value=lambda row: home_of(of(row)), sort="provider"),
    ]  # fmt: skip


@allowed("placements")
def moving_list(request: HttpRequest) -> HttpResponse:
    today = timezone.localdate()
    rows = list(ends_coming(today))
    may_change = request.user.may("change", "placements")
    columns = [
        *_home_columns(lambda row: row),
        Column("service", "Kind of home", value=lambda row: row.get_service_type_display(), sort="service"),
        Column("since", "Since", value=lambda row: row.starts_on, kind="date", sort="since"),
        Column("planned_end_on", "Planned end", kind="date", sort="planned_end_on"),
        ToneColumn(
            "state", "State", value=lambda row: "Passed" if row.planned_end_on <= today else "Comes",
            tone=lambda row: "harm" if row.planned_end_on <= today else "needs",
        ),
        Column("days", "From today", value=lambda row: (row.planned_end_on - today).days, kind="number", unit="days",
               sort="days", signed=True),
        Column("step", "Next step", value=lambda row: "Plan the move" if may_change else "None planned",
               link=lambda row: reverse("move-plan", args=[row.uuid]) if may_change else None),
    ]  # fmt: skip
    passed = sum(row.planned_end_on <= today for row in rows)
    answer = ""
    if rows:
        answer = (
            f"{len(rows):,} planned {'end' if len(rows) == 1 else 'ends'} without a next step: {passed:,} "
            f"{'has' if passed == 1 else 'have'} passed and {len(rows) - passed:,} "
            f"{'comes' if len(rows) - passed == 1 else 'come'} within four weeks."
        )
    questions = [
        Question("when", "Planned end", PASSED,
                 lambda row, value: (row.planned_end_on <= today) == (value == "passed")),
        Question("service", "Kind of home", codes.SERVICE_TYPES, lambda row, value: row.service_type == value),
    ]  # fmt: skip
    return listed(
        request, rows, questions, columns, title="Moving on", noun=HOMES, template="contracts/moving.html",
        answer=answer, empty=EmptyState(
            "No end comes without a next step",
            "Open homes whose planned end has passed, or comes within four weeks, stand here until a destination, a "
            "search or the next home is recorded.", "See all placements", reverse("placements"),
        ),
    )  # fmt: skip


@allowed("placements", "change")
def move_plan(request: HttpRequest, uuid: UUID) -> HttpResponse:
    found = own_placement(uuid)
    names = ("planned_end_on", "destination", "version")
    form = MoveForm(request.POST or None, initial={name: getattr(found, name) for name in names})
    return saved(
        request, form, lambda: plan_move(placement=found, by=request.user, **form.cleaned_data),
        says=f"The plan for {found} is recorded.", then=reverse("placement", args=[uuid]),
        heading=f"{found}: plan the move", crumb="Plan the move", crumbs=crumbs_of(found),
        answer=f"{lives_there(found, timezone.localdate())} Say how it ended once the child left.",
    )  # fmt: skip


@allowed("placements")
def meeting_list(request: HttpRequest) -> HttpResponse:
    today = timezone.localdate()
    year, asks_year = year_of(request)
    rows = meetings(today, year)
    may_change = request.user.may("change", "placements")

    def step(row: Meeting) -> str | None:
        if not may_change or row.held_on is not None:
            return None
        if row.meeting is None:
            return reverse("meeting-new", args=[row.placement.uuid])
        return reverse("meeting-held", args=[row.placement.uuid, row.meeting.uuid])

    columns = [
        *_home_columns(lambda row: row.placement),
        Column("kind", "Meeting", value=lambda row: codes.MEETING_KINDS[row.kind], sort="kind"),
        Column("due_on", "Due by", kind="date", sort="due_on"),
        Column("held_on", "Held on", kind="date", missing="not held", sort="held_on"),
        ToneColumn("state", "State", value=lambda row: STATES[row.state], tone=lambda row: TONES[row.state], link=step),
    ]
    in_time, due = on_time(rows)
    states = Counter(row.state for row in rows)
    said = []
    if due:
        said.append(f"{share(in_time, due)}% of the {due:,} {MEETINGS[0] if due == 1 else MEETINGS[1]} due so far in "
                    f"{year} were held in time; {states['overdue']:,} overdue.")  # fmt: skip
    if states["unrecorded"]:
        number = states["unrecorded"]
        said.append(f"{number:,} open {HOMES[0] if number == 1 else HOMES[1]} without a planning meeting recorded.")
    questions = [
        asks_year,
        Question("state", "State", STATES, lambda row, value: row.state == value),
        Question("kind", "Meeting", codes.MEETING_KINDS, lambda row, value: row.kind == value),
    ]
    return listed(
        request, rows, questions, columns, title="Meetings", noun=MEETINGS, template="contracts/moving.html",
        crumb="Meetings", answer=" ".join(said), rule=PLANNING_RULE, empty=EmptyState(
            f"No meetings in {year}",
            "Planning, stability and disruption meetings stand here by the day on which they were due, with the open "
            "homes for which none is recorded.", "See all placements", reverse("placements"),
        ),
    )  # fmt: skip


@allowed("placements")
def ending_list(request: HttpRequest) -> HttpResponse:
    today = timezone.localdate()
    year, asks_year = year_of(request)
    rows = endings(year, today)
    columns = [
        *_home_columns(lambda row: row.placement, "Lived with"),
        Column("left", "Left on", value=lambda row: row.placement.ends_before, kind="date", sort="left"),
        Column("stayed", "Stayed", value=lambda row: (row.placement.ends_before - row.placement.starts_on).days,
               kind="number", unit="nights", sort="stayed"),
        Column("by", "Ended by", value=lambda row: row.placement.get_ended_by_display(), sort="by"),
        Column("why", "Why", value=lambda row: row.placement.get_end_reason_display(), sort="why"),
        Column("planned", "As planned", value=lambda row: row.placement.ended_as_planned, kind="yesno"),
        Column("notice", "Notice given", kind="number", unit="days", sort="notice"),
        Column("agreed", "Notice agreed", kind="number", unit="days", sort="agreed"),
        ToneColumn("short", "Notice", value=_notice, tone=lambda row: "harm" if row.short else "plain",
                   missing="cannot be told"),
        Column("destination", "Went to", value=lambda row: row.placement.get_destination_display(), sort="destination"),
    ]  # fmt: skip
    questions = [
        asks_year,
        Question("planned", "Ended", PLANNED, lambda row, value: _three(row.placement.ended_as_planned) == value),
        Question("by", "Ended by", {key: words for key, words in codes.ENDED_BY.items() if key},
                 lambda row, value: row.placement.ended_by == value),
        Question("notice", "Notice", SHORT, lambda row, value: _three(row.short) == value),
        Question("to", "Went to", {key: words for key, words in codes.DESTINATIONS.items() if key},
                 lambda row, value: row.placement.destination == value),
    ]  # fmt: skip
    return listed(
        request, rows, questions, columns, title="How homes ended", noun=HOMES, template="contracts/moving.html",
        crumb="How homes ended", answer=_ended(rows, year), summaries=[_by_whom(rows), _whereto(rows)] if rows else [],
        note="Short stays, while the child’s own home goes on, are left out. Notice is compared with the agreement in "
        "force when it was given, and only where the end was not planned by everybody.",
        empty=EmptyState(
            f"No home ended in {year}", "Each home that a child has left stands here: why, who ended it, with how much "
            "notice, and where the child went.", "See all placements", reverse("placements"),
        ),
    )  # fmt: skip


def _three(value: bool | None) -> str:
    return "unknown" if value is None else "yes" if value else "no"


def _notice(row: Ending) -> str | None:
    return None if row.short is None else "Short" if row.short else "As agreed"


def _ended(rows: list[Ending], year: FinancialYear) -> str:
    """ "41 homes ended in 2025/26: 12 not as planned, 7 of them ended by the provider or carer." """
    if not rows:
        return ""
    unplanned = [row for row in rows if row.placement.ended_as_planned is False]
    providers = sum(row.placement.ended_by == "provider" for row in unplanned)
    short, known = sum(row.short is True for row in rows), sum(row.short is not None for row in rows)
    says = (
        f"{len(rows):,} {HOMES[0] if len(rows) == 1 else HOMES[1]} ended in {year}: {len(unplanned):,} not as planned"
    )
    if providers:
        says += f", {providers:,} of them ended by the provider or carer"
    if known:
        says += f". Less notice than agreed was given for {short:,} of the {known:,} for which it is known"
    return f"{says}."


def _by_whom(rows: list[Ending]) -> Table:
    """Who ended homes: one row for each, unplanned ends and notice beside it, and all together."""

    def line(words: str, part: list[Ending]) -> dict[str, Any]:
        notices = [row.notice for row in part if row.notice is not None]
        unplanned = sum(row.placement.ended_as_planned is False for row in part)
        return {
            "by": words, "n": len(part), "unplanned": unplanned, "share": share(unplanned, len(part)),
            "notice": int(median(sorted(notices))) if notices else None,
            "short": sum(row.short is True for row in part) if any(row.short is not None for row in part) else None,
        }  # fmt: skip

    named = [(words or wording.capital(wording.NOT_RECORDED), key) for key, words in codes.ENDED_BY.items()]
    named = [*named[1:], named[0]]
    parts = [(words, [row for row in rows if row.placement.ended_by == key]) for words, key in named]
    columns = [
        Column("by", "Ended by"),
        Column("n", "Homes", kind="number"),
        Column("unplanned", "Not as planned", kind="number"),
        Column("share", "Share not as planned", kind="percent"),
        Column("notice", "Notice, median", kind="number", unit="days"),
        Column("short", "Less notice than agreed", kind="number", missing="cannot be told"),
    ]
    return Table(
        columns, [line(words, part) for words, part in parts if part], "Who ended them", per_page=None, compact=True,
        noun=("line", "lines"), footer=line("Together", rows),
    )  # fmt: skip


def _whereto(rows: list[Ending]) -> Table:
    found = Counter(row.placement.destination for row in rows)
    named = [(words or wording.capital(wording.NOT_RECORDED), key) for key, words in codes.DESTINATIONS.items()]
    lines = [
        {"to": words, "n": found[key], "share": share(found[key], len(rows))} for words, key in named if found[key]
    ]
    columns = [
        Column("to", "Where children went"),
        Column("n", "Homes", kind="number"),
        Column("share", "Share", kind="percent"),
    ]
    return Table(
        columns, sorted(lines, key=lambda line: -line["n"]), "Where children went", per_page=None, compact=True,
        noun=("line", "lines"), footer={"to": "Together", "n": len(rows), "share": 100},
    )  # fmt: skip
