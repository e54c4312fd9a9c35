"""Whose turn it is to say how their home is, and how many of those who are asked answer."""

from collections import Counter
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from commissioning.kernel import wording
from commissioning.kernel.pages.allowed import allowed
from commissioning.kernel.pages.downloads import FORMATS, downloads, file_response
from commissioning.kernel.pages.questions import Question, ask
from commissioning.kernel.tables import Column, EmptyState, FilterSentence, Table, ordering, sort_rows
from contracts.pages.placement_words import home_of
from contracts.rules.codes import SERVICE_TYPES
from providers.pages.tones import ToneColumn

from ..measures.asking import STATES, TO_ASK, Asked, Rate, rates, turns
from ..measures.unsafe import followed, not_safe
from ..rules import codes
from .asking_links import asking_links

NOUN = ("home", "homes")
WHICH = {"due": "to ask now", "open": "with a link open", "done": "answered", "all": "all whose turn has come"}
TONES = {"late": "harm", "ask": "needs", "again": "needs", "open": "plain", "done": "good"}
BY = {"provider": "provider", "kind": "kind of home"}


@allowed("surveys")
def asking(request: HttpRequest) -> HttpResponse:
    today = timezone.localdate()
    everything = turns(today)
    asked = ask(request.GET, [
        Question("which", "Homes", WHICH, lambda row, which: _is(row, which), default="due", always=True),
        Question("occasion", "Occasion", {key: codes.OCCASIONS[key] for key in ("six_weeks", "six_months", "leaving")},
                 lambda row, occasion: row.turn.occasion == occasion),
        Question("kind", "Kind", SERVICE_TYPES, lambda row, kind: row.placement.service_type == kind),
    ], everything)  # fmt: skip
    columns = _columns()
    rows = sort_rows(asked.rows, columns, ordering(columns, request.GET.get("sort", ""), "due"))
    sentence = FilterSentence(asked.filters, len(rows), len(everything), NOUN, request.path)
    if request.GET.get("format") in FORMATS:
        return file_response(request, request.GET["format"], columns, rows, title="Whose turn it is", sentence=sentence)
    table = Table.for_request(
        request, columns, rows, "Whose turn it is", default_sort="due", caption_hidden=True, noun=NOUN,
        downloads=downloads(request) if everything else (), empty=_nothing(len(everything)),
    )  # fmt: skip
    return render(request, "quality/asking.html", {
        "table": table, "fields": asked.fields, "everything": len(everything), "sentence": sentence,
        "answer": _answer(everything), "links": asking_links(request.user, "asking"),
        "unsafe": _unsafe(request), "may_import": request.user.may("import", "surveys"),
    })  # fmt: skip


def _is(row: Asked, which: str) -> bool:
    return which == "all" or (row.state in TO_ASK if which == "due" else row.state == which)


def _columns() -> list[Column]:
    return [
        Column("home", "Home", value=lambda row: f"{row.placement}, {row.placement.child}",
               link=lambda row: reverse("asking-home", args=[row.placement.uuid])),
        Column("age", "Age", value=lambda row: row.age, kind="number", sort="age"),
        Column("provider", "Lives with", value=lambda row: home_of(row.placement) or None, sort="provider"),
        Column("place", "Home or agency", value=lambda row: (
            row.placement.establishment.shown_name if row.placement.establishment_id else None), missing=""),
        Column("kind", "Kind", value=lambda row: row.placement.get_service_type_display()),
        Column("occasion", "Occasion", value=lambda row: codes.OCCASIONS[row.turn.occasion], sort="occasion"),
        Column("due", "Due", value=lambda row: row.turn.due_on, kind="date", sort="due"),
        ToneColumn("state", "State", value=lambda row: wording.capital(STATES[row.state]),
                   tone=lambda row: TONES[row.state]),
    ]  # fmt: skip


def _answer(everything: list[Asked]) -> str:
    if not everything:
        return ""
    count = Counter(row.state for row in everything)
    to_ask = sum(count[state] for state in TO_ASK)
    if not to_ask:
        return "Nobody waits to be asked."
    said = f"It is the turn of {to_ask:,} young {'person' if to_ask == 1 else 'people'} to be asked"
    told = [f"{count['late']:,} late"] * bool(count["late"])
    told += [f"{count['again']:,} did not answer"] * bool(count["again"])
    rest = f"{count['open']:,} {'link is' if count['open'] == 1 else 'links are'} open, {count['done']:,} have answered"
    return f"{said}{': ' + ', '.join(told) if told else ''}. {rest}."


def _unsafe(request: HttpRequest) -> int:
    if not request.user.may("read", "unsafe-answers"):
        return 0
    return sum(row.state != "closed" for row in followed(not_safe()))


def _nothing(everything: int) -> EmptyState:
    if everything:
        return EmptyState("Nobody like that", "No home matches what you asked for.", "Show all", "?which=all")
    return EmptyState(
        "Nobody’s turn yet", "A young person is asked six weeks after moving in, every six months after, and on "
        "leaving. Their home appears here two weeks before.", "See placements", "/placements/",
    )  # fmt: skip


@allowed("surveys")
def asking_rates(request: HttpRequest) -> HttpResponse:
    today = timezone.localdate()
    asked = ask(request.GET, [Question("by", "Counted by", BY, default="provider", always=True)], [])
    by = asked.answers["by"]
    found = rates(today, by)
    columns = _rate_columns(by)
    rows = sort_rows(found, columns, ordering(columns, request.GET.get("sort", ""), "-n"))
    sentence = FilterSentence(asked.filters, len(rows), len(found), (BY[by], f"{BY[by]}s"), request.path)
    if request.GET.get("format") in FORMATS:
        return file_response(request, request.GET["format"], columns, rows, title="How many answer", sentence=sentence)
    table = Table.for_request(
        request, columns, rows, f"By {BY[by]}", default_sort="-n", caption_hidden=True,
        noun=("provider", "providers") if by == "provider" else ("kind", "kinds"),
        downloads=downloads(request) if found else (),
        empty=EmptyState("Nobody has been asked", "Who was asked in the last twelve months, and how many answered, "
                         "appears here.", "See whose turn it is", reverse("asking")),
    )  # fmt: skip
    return render(request, "quality/asking_rates.html", {
        "table": table, "fields": asked.fields, "everything": len(found), "answer": _rate_answer(found),
        "links": asking_links(request.user, "asking-rates"),
    })  # fmt: skip


def _rate_columns(by: str) -> list[Column]:
    return [
        Column("label", wording.capital(BY[by]), sort="label",
               link=lambda row: reverse("provider", args=[row.uuid]) if row.uuid else None),
        Column("asked", "Asked", kind="number", sort="asked"),
        Column("answered", "Answered", kind="number", sort="answered"),
        Column("percent", "Rate", kind="percent", sort="percent", missing="nobody asked by a link"),
        Column("open", "Links open", kind="number"),
        Column("n", "Responses, by any road", kind="number", sort="n"),
    ]  # fmt: skip


def _rate_answer(found: list[Rate]) -> str:
    asked, answered, n = (sum(getattr(row, name) for row in found) for name in ("asked", "answered", "n"))
    if not asked:
        said = "Nobody was asked by a link in the last twelve months"
        return f"{said}; {n:,} responses came by other roads." if n else ""
    share = wording.percent(round(100 * answered / asked))
    return (
        f"{answered:,} of {asked:,} who were asked by a link in the last twelve months answered, {share}. With answers "
        f"on paper, on visits and by officers there are {n:,} responses."
    )


def placed_at(placement: Any) -> str:
    """ "Elm House, Alder Fostering" """
    place = placement.establishment.shown_name if placement.establishment_id else ""
    return ", ".join(filter(None, (place, home_of(placement))))
