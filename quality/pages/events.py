"""Notifiable events: what happened at homes, how late it was told, and what we have not acknowledged."""

from datetime import date, timedelta
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from commissioning.kernel import wording
from commissioning.kernel.pages.allowed import allowed
from commissioning.kernel.pages.downloads import FORMATS, downloads, file_response
from commissioning.kernel.pages.questions import Question, ask
from commissioning.kernel.tables import Column, EmptyState, FilterSentence, Table, ordering
from providers.pages.tones import ToneColumn

from ..measures.events import figures, quarters_to, themes_over_time, with_lateness, with_ours, with_told
from ..models import NotifiableEvent
from ..rules import codes
from ..rules.lateness import RULE, in_words, late_by

NOUN = ("event", "events")
LATE = {"yes": "told late", "no": "told in time"}
OURS = {"waiting": "not acknowledged by us", "acknowledged": "acknowledged by us", "none": "not ours"}
STATES = {"open": "open", "closed": "closed"}
SINCE = {"31": "the last month", "92": "the last three months", "366": "the last year"}
SORTS = {"happened": "happened_at", "received": "received_at", "home": "establishment__urn", "took": "took",
         "provider": "provider__name"}  # fmt: skip


@allowed("notifiable-events")
def event_list(request: HttpRequest) -> HttpResponse:
    return shown_events(request)


def shown_events(request: HttpRequest) -> HttpResponse:
    today, mine = timezone.localdate(), request.user.authority_id
    everything = NotifiableEvent.objects.all()
    asked = ask(request.GET, _questions(bool(mine)), ())
    rows = _selected(with_lateness(everything), asked.answers, today, mine)
    themes = themes_over_time(_selected(everything, asked.answers | {"late": ""}, today, mine), today)
    rows = with_ours(rows, mine) if mine else with_told(rows)
    if mine and asked.answers["ours"]:
        rows = rows.filter(ours="" if asked.answers["ours"] == "none" else asked.answers["ours"])
    columns = _columns(officer=bool(mine))
    sort = ordering(columns, request.GET.get("sort", ""), "-happened")
    down = "-" if sort.startswith("-") else ""
    rows = rows.select_related("establishment", "provider", "premises__establishment")
    rows = rows.order_by(f"{down}{SORTS[sort.removeprefix('-')]}", "-happened_at", "-pk")
    told = figures(everything)
    if request.GET.get("format") in FORMATS:
        kept = list(rows)
        sentence = FilterSentence(asked.filters, len(kept), told["n"], NOUN, request.path)
        return file_response(request, request.GET["format"], columns, kept, title="Notifiable events",
                             sentence=sentence)  # fmt: skip
    table = Table.for_request(
        request, columns, rows, "Events", default_sort="-happened", caption_hidden=True, noun=NOUN,
        downloads=downloads(request) if told["n"] else (), empty=_nothing(request, told["n"]),
    )  # fmt: skip
    return render(request, "quality/event_list.html", {
        "table": table, "fields": asked.fields, "everything": told["n"], "rule": RULE, "officer": bool(mine),
        "sentence": FilterSentence(asked.filters, table.total, told["n"], NOUN, request.path),
        "answer": _answer(told, everything, mine), "themes": _themes(themes, today) if themes else None,
        "may_notify": request.user.may("create", "notifiable-events"),
        "may_load": bool(mine) and request.user.may("create", "imports"),
        "may_read_concerns": request.user.may("read", "concerns"),
    })  # fmt: skip


def _questions(officer: bool) -> list[Question]:
    questions = [
        Question("theme", "Theme", codes.EVENT_THEMES),
        Question("rule", "Regulation", codes.EVENT_RULES),
        Question("late", "Told", LATE),
        Question("state", "State", STATES),
        Question("since", "Happened in", SINCE),
    ]
    return [*questions, Question("ours", "We", OURS)] if officer else questions


def _selected(rows: QuerySet, answers: dict[str, str], today: date, mine: int | None) -> QuerySet:
    if answers["theme"]:
        rows = rows.filter(theme=answers["theme"])
    if answers["rule"]:
        rows = rows.filter(rule=answers["rule"])
    if answers["late"]:
        rows = rows.filter(late=answers["late"] == "yes")
    if answers["state"]:
        rows = rows.filter(closed_on__isnull=answers["state"] == "open")
    if answers["since"]:
        rows = rows.filter(happened_at__date__gt=today - timedelta(days=int(answers["since"])))
    return rows


def lateness_of(row: NotifiableEvent) -> str:
    """ "In time, after 3 hours", "2 hours late, after 1 day 2 hours" """
    took = in_words(row.received_at - row.happened_at)
    over = late_by(row.theme, row.happened_at, row.received_at)
    return f"{in_words(over)} late, after {took}" if over else f"In time, after {took}"


def _told(row: NotifiableEvent) -> str:
    """ "In time", "2 hours late": the two times stand beside it."""
    over = late_by(row.theme, row.happened_at, row.received_at)
    return f"{in_words(over)} late" if over else "In time"


def is_late(row: NotifiableEvent) -> bool:
    return late_by(row.theme, row.happened_at, row.received_at) is not None


def _ours(row: Any) -> tuple[str | None, str | None]:
    return {"waiting": ("Not acknowledged", "needs"), "acknowledged": ("Acknowledged", "good")}.get(
        row.ours, (None, None)
    )


def _columns(*, officer: bool) -> list[Column]:
    columns = [
        Column("home", "Home", value=lambda row: row.establishment.shown_name, sort="home",
               link=lambda row: reverse("event", args=[row.uuid])),
        Column("theme", "What happened", value=lambda row: row.get_theme_display()),
        Column("happened", "Happened", value=lambda row: row.happened_at, kind="instant", sort="happened"),
        Column("received", "Received", value=lambda row: row.received_at, kind="instant", sort="received"),
        ToneColumn("lateness", "Told", value=_told, sort="took",
                   tone=lambda row: "harm" if is_late(row) else None),
        Column("regulator", "Regulator told", value=lambda row: row.regulator_told_at, kind="instant"),
        Column("rule", "Regulation", value=lambda row: row.get_rule_display()),
    ]  # fmt: skip
    if not officer:
        return [
            *columns,
            Column("told", "Authorities told", kind="number"),
            Column("read", "Of them acknowledged", kind="number"),
            Column("reference", "Your reference", value=lambda row: row.reference or None, missing=""),
        ]
    columns.insert(1, Column("provider", "Provider", value=lambda row: row.provider.name, sort="provider",
                             link=lambda row: reverse("provider", args=[row.provider.uuid])))  # fmt: skip
    columns.append(ToneColumn("ours", "We", value=lambda row: _ours(row)[0], tone=lambda row: _ours(row)[1],
                              missing="not ours"))  # fmt: skip
    return columns


def _themes(themes: list[Any], today: date) -> Table:
    quarters = quarters_to(today)
    columns = [
        Column("theme", "What happened", value=lambda row: row.label,
               link=lambda row: f"{reverse('events')}?theme={row.theme}"),
        *(
            Column(f"q{day:%Y%m}", f"{day:%B} to {_last_month(day):%B %Y}", kind="number",
                   value=lambda row, day=day: row.quarters.get(day, 0))
            for day in quarters
        ),
        Column("total", "Together", kind="number"),
        Column("late", "Of them told late", kind="number"),
    ]  # fmt: skip
    return Table(columns, themes, "Themes over time", per_page=None, noun=("theme", "themes"), level=2)


def _last_month(day: date) -> date:
    return date(day.year, day.month + 2, 1)


def _answer(told: dict[str, Any], everything: QuerySet, mine: int | None) -> str:
    if not told["n"]:
        return ""
    noun = "event has" if told["n"] == 1 else "events have"
    said = f"{told['n']:,} {noun} been notified, {told['late']:,} of them late."
    if mine:
        waiting = with_ours(everything, mine).filter(ours="waiting").count()
        said += f" {_plural(waiting)} for us to acknowledge." if waiting else " None waits for us."
    return said


def _plural(number: int) -> str:
    return "1 waits" if number == 1 else f"{number:,} wait"


def _nothing(request: HttpRequest, everything: int) -> EmptyState:
    if everything:
        return EmptyState("No event like that", "No event matches everything that you asked for.", "Show all",
                          reverse("events"))  # fmt: skip
    why = (
        "A serious event at a home appears here once its provider has notified it, or an officer has recorded a notice."
    )
    if request.user.may("create", "notifiable-events"):
        return EmptyState("No events yet", why, "Notify an event", reverse("event-new"))
    return EmptyState("No events yet", why)


def said_when(row: NotifiableEvent) -> str:
    return f"{row.get_theme_display()} on {wording.instant(row.happened_at)}"
