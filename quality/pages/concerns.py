"""Concerns and complaints: ours, and what other members shared; by theme, home and provider, and how fast closed."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.db.models import F, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from commissioning.kernel import wording
from commissioning.kernel.pages.allowed import allowed
from commissioning.kernel.pages.downloads import FORMATS, downloads, file_response
from commissioning.kernel.pages.questions import Question, ask
from commissioning.kernel.tables import Column, EmptyState, FilterSentence, Table, ordering
from providers.models import Establishment, Provider
from providers.pages.tones import ToneColumn

from ..measures.concerns import Group, groups_of, median_to_close
from ..models import Alert, Concern
from ..rules import codes
from .events import shown_events

NOUN = ("concern", "concerns")
STATES = {"open": "open", "closed": "closed"}
WHOSE = {"ours": "ours", "others": "shared by others", "about": "about our children, raised by others"}
SINCE = {"92": "the last three months", "366": "the last year"}
GROUPS = {"theme": "theme", "home": "home", "provider": "provider"}
SORTS = {"raised": "raised_on", "closed": "closed_on", "provider": "provider__name", "theme": "theme"}
MOST_GROUPS = 50


@allowed("notifiable-events")
def concern_list(request: HttpRequest) -> HttpResponse:
    """A role that does not read concerns is shown events, which every reader of this part may."""
    if not request.user.may("read", "concerns"):
        return shown_events(request)
    today, mine = timezone.localdate(), request.user.authority_id
    everything = Concern.objects.all()
    asked = ask(request.GET, _questions(), ())
    rows, named = _selected(everything, asked.answers, request, today)
    columns = _columns(mine)
    sort = ordering(columns, request.GET.get("sort", ""), "-raised")
    by = F(SORTS[sort.removeprefix("-")])
    rows = rows.select_related("authority", "provider", "establishment", "about")
    total = everything.count()
    summary = groups_of(rows, asked.answers["by"])
    pairs = list(rows.order_by().values_list("raised_on", "closed_on"))
    rows = rows.order_by(
        by.desc(nulls_last=True) if sort.startswith("-") else by.asc(nulls_last=True), "-raised_on", "-pk"
    )
    if request.GET.get("format") in FORMATS:
        kept = list(rows)
        sentence = FilterSentence(asked.filters, len(kept), total, NOUN, request.path)
        return file_response(
            request, request.GET["format"], columns, kept, title="Concerns and complaints", sentence=sentence
        )
    table = Table.for_request(
        request, columns, rows, "Concerns and complaints", default_sort="-raised", caption_hidden=True, noun=NOUN,
        downloads=downloads(request) if total else (), empty=_nothing(request, total),
    )  # fmt: skip
    return render(request, "quality/concern_list.html", {
        "table": table, "fields": asked.fields, "everything": total, "named": named,
        "sentence": FilterSentence(asked.filters, table.total, total, NOUN, request.path),
        "answer": _answer(pairs) if total else "", "summary": _summary(summary, asked.answers["by"]) if total else None,
        "may_create": request.user.may("create", "concerns"),
        "alerts": Alert.objects.filter(acknowledged_at=None).count() if request.user.may("read", "alerts") else 0,
    })  # fmt: skip


def _questions() -> list[Question]:
    return [
        Question("state", "State", STATES),
        Question("whose", "Whose", WHOSE),
        Question("kind", "Kind", codes.CONCERN_KINDS),
        Question("theme", "Theme", codes.CONCERN_THEMES),
        Question("source", "Raised by", codes.CONCERN_SOURCES),
        Question("marking", "Marked", codes.MARKINGS),
        Question("since", "Raised in", SINCE),
        Question("by", "Counted by", GROUPS, default="theme", always=True),
    ]


def _selected(rows: QuerySet, answers: dict[str, str], request: HttpRequest, today: date) -> tuple[QuerySet, str]:
    """(the rows that pass, the home or provider that the address names)."""
    mine = request.user.authority_id
    for name in ("kind", "theme", "source", "marking"):
        if answers[name]:
            rows = rows.filter(**{name: answers[name]})
    if answers["state"]:
        rows = rows.filter(closed_on__isnull=answers["state"] == "open")
    if answers["since"]:
        rows = rows.filter(raised_on__gt=today - timedelta(days=int(answers["since"])))
    if answers["whose"]:
        whose = {
            "ours": Q(authority=mine), "about": Q(about=mine) & ~Q(authority=mine), "others": ~Q(authority=mine),
        }  # fmt: skip
        rows = rows.filter(whose[answers["whose"]])
    for name, model, column in (("home", Establishment, "establishment"), ("provider", Provider, "provider")):
        found = _named(model, request.GET.get(name, ""))
        if found is not None:
            return rows.filter(**{column: found}), getattr(found, "shown_name", str(found))
    return rows, ""


def _named(model: Any, uuid: str) -> Any:
    try:
        return model.objects.filter(uuid=UUID(uuid)).first()
    except ValueError:
        return None


def called(row: Concern, mine: int | None) -> str:
    """ "Concern 12" of our own, "Lewisham, complaint 3" of another's."""
    if row.authority_id == mine:
        return f"{row.get_kind_display()} {row.number}"
    return f"{row.authority.name}, {row.get_kind_display().lower()} {row.number}"


def _columns(mine: int | None) -> list[Column]:
    return [
        Column("concern", "Concern", value=lambda row: called(row, mine),
               link=lambda row: reverse("concern", args=[row.uuid])),
        Column("provider", "Provider", value=lambda row: row.provider.name, sort="provider",
               link=lambda row: reverse("provider", args=[row.provider.uuid])),
        Column("home", "Home", value=lambda row: row.establishment.shown_name if row.establishment_id else None,
               missing="the provider as a whole"),
        Column("theme", "Theme", value=lambda row: row.get_theme_display(), sort="theme"),
        Column("source", "Raised by", value=lambda row: row.get_source_display()),
        Column("raised", "Raised on", value=lambda row: row.raised_on, kind="date", sort="raised"),
        ToneColumn("state", "State", value=lambda row: "Closed" if row.closed_on else "Open",
                   tone=lambda row: "plain" if row.closed_on else "needs"),
        Column("closed", "Closed on", value=lambda row: row.closed_on, kind="date", missing="", sort="closed"),
        ToneColumn("marking", "Marked", value=lambda row: row.get_marking_display(),
                   tone=lambda row: "harm" if row.marking == "safeguarding" else None),
    ]  # fmt: skip


def _summary(groups: list[Group], by: str) -> Table:
    routes = {"home": "establishment", "provider": "provider"}
    columns = [
        Column("label", wording.capital(GROUPS[by]), link=lambda row: (
            reverse(routes[row.kind], args=[row.uuid]) if row.uuid else None)),
        Column("total", "Concerns", kind="number"),
        Column("open", "Open", kind="number"),
        Column("closed", "Closed", kind="number"),
        Column("median", "Half closed within", value=lambda row: row.median_days, kind="number", unit="days",
               missing="none closed"),
    ]  # fmt: skip
    more = f", the {MOST_GROUPS} with most" if len(groups) > MOST_GROUPS else ""
    noun = {"theme": ("theme", "themes"), "home": ("home", "homes"), "provider": ("provider", "providers")}[by]
    return Table(columns, groups[:MOST_GROUPS], f"By {GROUPS[by]}{more}", per_page=None, noun=noun)


def _answer(pairs: list[tuple[date, date | None]]) -> str:
    if not pairs:
        return ""
    still = sum(closed_on is None for _, closed_on in pairs)
    said = f"{len(pairs):,} {'concern' if len(pairs) == 1 else 'concerns'}, {still:,} open."
    days, n = median_to_close(pairs)
    if days is not None:
        within = f"{wording.number(days.normalize())} {'day' if days == 1 else 'days'}"
        said += f" Half of the {n:,} closed were closed within {within}."
    return said


def _nothing(request: HttpRequest, everything: int) -> EmptyState:
    if everything:
        return EmptyState("No concern like that", "None matches everything that you asked for.", "Show all",
                          reverse("concerns"))  # fmt: skip
    why = "A concern or a complaint about a home or its provider appears here: yours, and what other members share."
    if request.user.may("create", "concerns"):
        return EmptyState("No concerns yet", why, "Record the first", reverse("concern-new"))
    return EmptyState("No concerns yet", why)
