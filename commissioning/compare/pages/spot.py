"""Spot to framework: why homes were bought outside the frameworks, what could have been avoided, whom to invite."""

from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from commissioning.kernel.pages.allowed import allowed
from commissioning.kernel.pages.downloads import FORMATS, downloads, file_response
from commissioning.kernel.pages.questions import Question, ask, by_words
from commissioning.kernel.tables import Download, EmptyState, FilterSentence, Table, ordering, sort_rows
from contracts.rules import codes

from ..measures.benchmark import newest_release
from ..measures.own import own_figures
from ..measures.spot_loop import Purchase, SpotLoop, premiums, sellers, spot_loop
from ..rules.spot_loop import CLASSES
from . import spot_tables as tables
from .benchmark_tables import quiet_line

# What may be taken away, by ?list=
LISTS = {"purchases": "Spot purchases", "quarters": "Spot purchases by quarter", "invite": "Spot providers to invite"}


@allowed("benchmarks")
def spot(request: HttpRequest) -> HttpResponse:
    """Homes are listed for who may read placements; the counts and the providers for everybody who may see this."""
    today, whose, release = timezone.localdate(), request.user.body_name, newest_release()
    may_homes = request.user.may("read", "placements")
    found = spot_loop(today)
    asked = ask(request.GET, _questions(found), found.purchases)
    columns = tables.purchase_columns()
    rows = sort_rows(asked.rows, columns, ordering(columns, request.GET.get("sort", ""), "-called_off"))
    sentence = FilterSentence(asked.filters, len(rows), len(found.purchases), tables.NOUN, request.path)
    sold = sellers(found)
    if request.GET.get("format") in FORMATS:
        wanted = request.GET.get("list", "purchases")
        return _file(request, wanted if wanted in LISTS else "purchases", may_homes, found, sold, rows, sentence)
    bought = bool(found.purchases)
    return render(request, "compare/spot.html", {
        "whose": whose, "today": today, "any": bought, "may_homes": may_homes, "quiet": quiet_line(release),
        "noun": tables.NOUN[len(found.purchases) != 1], "total": len(found.purchases),
        "parts": [(tables.part_words(kind, n), _link(kind) if may_homes and n else "") for kind, n
                  in found.counts.items()],
        "answer": tables.answer(found, whose), "classes": tables.classes(found) if bought else None,
        "reasons": tables.reasons_given(found),
        "chart": tables.chart(found), "quarters": _listed(tables.quarter_columns(), found.quarters, "quarters")
        if bought else None,
        "sentence": sentence, "fields": asked.fields,
        "homes": Table.for_request(
            request, columns, rows, "Spot purchases", default_sort="-called_off", noun=tables.NOUN,
            downloads=downloads(request) if rows else (), empty=_empty(request, found),
        ) if may_homes else None,
        "nothing": None if bought or may_homes else _empty(request, found),
        "invite": _listed(
            tables.seller_columns(), sold[:tables.MOST_INVITED], "invite", noun=("provider", "providers")
        ) if sold else None,
        "more_sellers": len(sold) - tables.MOST_INVITED if len(sold) > tables.MOST_INVITED else 0,
        "premiums": tables.premiums(premiums(release, own_figures(today)), whose), "release": release,
        "rules": tables.RULES, "misleads": tables.MISLEADS,
    })  # fmt: skip


def _questions(found: SpotLoop) -> list[Question]:
    services = {each.placement.service_type for each in found.purchases}
    reasons = {each.placement.spot_reason for each in found.purchases} - {""}
    return [
        Question("class", "Class", CLASSES, lambda row, value: row.kind == value),
        Question("service", "Kind of home", by_words({key: codes.SERVICE_TYPES[key] for key in services}),
                 lambda row, value: row.placement.service_type == value),
        Question("reason", "Reason given", by_words({key: codes.SPOT_REASONS[key] for key in reasons}),
                 lambda row, value: row.placement.spot_reason == value),
        Question("provider", "Provider", by_words({each.provider: each.provider for each in found.purchases
                                                   if each.provider}),
                 lambda row, value: row.provider == value),
    ]  # fmt: skip


def _link(kind: str) -> str:
    return f"?{urlencode({'class': kind})}#homes"


def _listed(columns, rows, name: str, **more) -> Table:
    """A list beside the main one, with files of its own."""
    files = [Download(text, f"?list={name}&format={kind}") for kind, text in FORMATS.items()]
    return Table(columns, rows, tables.CAPTIONS[name], per_page=None, downloads=files, **more)


def _file(
    request: HttpRequest, wanted: str, may_homes: bool, found: SpotLoop, sold, rows: list[Purchase],
    sentence: FilterSentence,
) -> HttpResponse:  # fmt: skip
    if wanted == "purchases" and not may_homes:
        wanted = "quarters"
    columns, listed = {
        "purchases": ([*tables.purchase_columns(), *tables.more_columns()], rows),
        "quarters": (tables.quarter_columns(), found.quarters),
        "invite": (tables.seller_columns(), sold),
    }[wanted]
    told = sentence if wanted == "purchases" else None
    return file_response(request, request.GET["format"], columns, listed, title=LISTS[wanted], sentence=told)


def _empty(request: HttpRequest, found: SpotLoop) -> EmptyState:
    if found.purchases:
        return EmptyState(
            "Nothing like that", "No purchase matches everything that you chose.", "Show all", request.path
        )
    return EmptyState(
        "Nothing was bought spot",
        "Homes that are called off outside the frameworks stand here for twelve months, with what the referral log "
        "says of who was asked and who offered.",
    )
