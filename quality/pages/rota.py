"""The rota: where to go next, by the week in which it is due, and why."""

from datetime import date, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from commissioning.kernel import wording
from commissioning.kernel.pages.allowed import allowed
from commissioning.kernel.pages.downloads import FORMATS, downloads, file_response
from commissioning.kernel.pages.questions import Question, ask, by_words
from commissioning.kernel.tables import Column, EmptyState, FilterSentence, Table
from providers.pages.tones import ToneColumn
from providers.rules.codes import ESTABLISHMENT_KINDS

from ..measures.rota import Due, names_of_members, rota, who_places
from ..rules.priority import LABELS, LEVELS, RULE
from .monitoring_links import monitoring_links

NOUN = ("address", "addresses")
TITLE = "Rota"
WHOSE = {"ours": "where our children live", "others": "where only others place", "any": "where any member places"}
WHEN = {
    "overdue": "overdue", "never": "no visit that counts yet", "month": "in the next four weeks", "later": "later",
    "none": "no visit asked for",
}  # fmt: skip
PLANNED = {"no": "not planned by anybody", "yes": "planned"}
TONES = {"high": "harm", "middle": "needs", "low": "plain"}
MONTH = timedelta(days=28)
STEPS = ("plan", "rely")  # columns of what to do next: no file has them


@allowed("monitoring")
def rota_list(request: HttpRequest) -> HttpResponse:
    today, counts = timezone.localdate(), request.user.may("read", "placements")
    everything = rota(request.user.authority_id, today)
    names = names_of_members(everything)
    asked = ask(request.GET, _questions(everything, counts=counts), everything)
    rows = sorted(asked.rows, key=lambda row: (_week(row, today), -row.priority.points))
    sentence = FilterSentence(asked.filters, len(rows), len(everything), NOUN, request.path)
    if request.GET.get("format") in FORMATS:
        told = _columns(request.user, names, counts=counts)
        listed = [*(each for each in told if each.key not in STEPS), *(_parts() if counts else [])]
        return file_response(request, request.GET["format"], listed, rows, title=TITLE, sentence=sentence)
    whole = Table.for_request(
        request, [], rows, TITLE, noun=NOUN, downloads=downloads(request) if rows else (), empty=_nothing(everything),
    )  # fmt: skip
    return render(request, "quality/rota.html", {
        "whole": whole, "groups": _groups(whole.shown, _columns(request.user, names, counts=counts), today),
        "sentence": sentence if everything else "", "fields": asked.fields if everything else [],
        "answer": _answer(everything, today), "rule": RULE if counts else "", "title": TITLE,
        "links": monitoring_links(request.user, request.path),
    })  # fmt: skip


def _questions(rows: list[Due], *, counts: bool) -> list[Question]:
    today = timezone.localdate()
    areas = {row.home.area_name for row in rows if row.home.area_name}
    kinds = {row.home.kind: ESTABLISHMENT_KINDS[row.home.kind] for row in rows}
    level = [Question("priority", "Priority", LEVELS, lambda row, value: row.priority.level == value)]
    return [
        Question("whose", "Addresses", WHOSE, _is_whose, default="ours", always=True),
        Question("due", "Due", WHEN, lambda row, value: _when(row, today) == value),
        *(level if counts else []),
        Question("planned", "Next visit", PLANNED, lambda row, value: (row.next is not None) == (value == "yes")),
        Question("kind", "Kind", by_words(kinds), lambda row, value: row.home.kind == value),
        Question("area", "In", {area: area for area in sorted(areas)}, lambda row, value: row.home.area_name == value),
    ]


def _is_whose(row: Due, value: str) -> bool:
    return value == "any" or (row.ours > 0) == (value == "ours")


def _when(row: Due, today: date) -> str:
    if row.days is None:
        return "none"
    if row.due_on is None:
        return "never"
    if row.due_on < today:
        return "overdue"
    return "month" if row.due_on < today + MONTH else "later"


def _week(row: Due, today: date) -> tuple[int, date]:
    """What stands first, and the Monday of the week: overdue, no visit that counts, then week by week."""
    order = {"overdue": 0, "never": 1, "none": 3}.get(_when(row, today), 2)
    return order, (row.due_on - timedelta(days=row.due_on.weekday())) if order == 2 and row.due_on else date.min


def _groups(rows: list[Due], columns: list[Column], today: date) -> list[Table]:
    """One table for each week of those shown."""
    weeks: dict[tuple[int, date], list[Due]] = {}
    for row in rows:
        weeks.setdefault(_week(row, today), []).append(row)
    return [
        Table(_used(columns, each), each, _heading(week, today), per_page=None, noun=NOUN)
        for week, each in sorted(weeks.items())
    ]


def _used(columns: list[Column], rows: list[Due]) -> list[Column]:
    """Without the column of visits to rely on, where there is none."""
    return [each for each in columns if each.key != "rely" or any(row.offered for row in rows)]


def _heading(week: tuple[int, date], today: date) -> str:
    order, monday = week
    if order != 2:
        return {0: "Overdue", 1: "No visit that counts yet", 3: "No visit asked for"}[order]
    this = monday <= today < monday + timedelta(days=7)
    return "Due this week" if this else f"Due in the week of {wording.day(monday)}"


def _columns(user: Any, names: dict[int, str], *, counts: bool) -> list[Column]:
    def lives(row: Due) -> str:
        ours = []
        if row.ours:
            ours = [f"{row.ours} of ours" if counts else "We place here"]
        return "; ".join([*ours, *who_places(row, names)])

    def went(visit: Any) -> str | None:
        return f"{wording.day(visit.on)}, {names.get(visit.authority, '')}" if visit else None

    columns = [
        Column("home", "Home or agency", value=lambda row: row.home.shown_name,
               link=lambda row: reverse("establishment", args=[row.home.uuid])),
        Column("premises", "Premises", missing="the registration’s own address",
               value=lambda row: "not recorded at which" if row.unknown else row.premises and row.premises.shown_name),
        Column("lives", "Who places there", value=lives),
    ]  # fmt: skip
    if counts:
        columns += [
            ToneColumn("level", "Priority", value=lambda row: f"{LEVELS[row.priority.level]}, {row.priority.points}",
                       tone=lambda row: TONES[row.priority.level]),
            Column("why", "Why", value=lambda row: row.priority.why),
        ]  # fmt: skip
    columns += [
        Column("last", "Last visit", value=lambda row: went(row.last), missing="nobody"),
        Column("next", "Next planned", value=lambda row: went(row.next), missing="not planned"),
        Column("due", "Due", value=lambda row: row.due_on, kind="date", missing="now"),
    ]
    if user.may("create", "visits"):
        columns.append(Column("plan", "Plan", value=lambda row: "Plan a visit", link=_plan))
    if user.may("change", "monitoring"):
        columns.append(Column(
            "rely", "Rely", missing="", value=lambda row: _rely_words(row, names),
            link=lambda row: reverse("visit-rely", args=[row.offered.uuid]) if row.offered else None,
        ))  # fmt: skip
    return columns


def _rely_words(row: Due, names: dict[int, str]) -> str | None:
    """ "Rely on Lewisham’s visit of 3 March 2026" """
    if row.offered is None:
        return None
    return f"Rely on {names.get(row.offered.authority, 'another authority')}’s visit of {wording.day(row.offered.on)}"


def _plan(row: Due) -> str:
    at = f"&premises={row.premises.uuid}" if row.premises else ""
    return f"/visits/new/?establishment={row.home.uuid}{at}"


def _parts() -> list[Column]:
    """Every part of the priority, for a file."""
    columns = []
    for place, (key, label) in enumerate(LABELS.items()):
        columns += [
            Column(f"{key}_points", f"{label}, points", kind="number",
                   value=lambda row, place=place: row.priority.parts[place].points),
            Column(f"{key}_why", f"{label}, why", value=lambda row, place=place: row.priority.parts[place].why),
        ]  # fmt: skip
    return columns


def _answer(rows: list[Due], today: date) -> str:
    """ "9 of the 43 addresses where your children live are due a visit now, and nobody has planned one for 6." """
    ours = [row for row in rows if row.ours]
    if not rows:
        return ""
    if not ours:
        return "No child of yours lives at a home that is recorded. Other members place at those below."
    due = [row for row in ours if _when(row, today) in ("overdue", "never")]
    if not due:
        return f"None of the {len(ours):,} addresses where your children live is overdue for a visit."
    unplanned = sum(row.next is None for row in due)
    then = f", and nobody has planned one for {unplanned:,} of them" if unplanned else ", and each is planned"
    noun, verb = NOUN[len(ours) > 1], "is" if len(due) == 1 else "are"
    return f"{len(due):,} of the {len(ours):,} {noun} where your children live {verb} due a visit now{then}."


def _nothing(everything: list[Due]) -> EmptyState:
    if everything:
        return EmptyState("No address like that", "None matches everything that you chose.", "Show where our children "
                          "live", reverse("rota"))  # fmt: skip
    return EmptyState(
        "Nowhere to go yet",
        "Each address where a member’s children live stands here once placements name their home or agency.",
    )
