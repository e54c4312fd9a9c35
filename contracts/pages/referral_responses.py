"""How fast searches are answered: by each provider of the authority's own; for a contact, its own by authority."""

from dataclasses import dataclass
from datetime import date, datetime, time
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
from commissioning.partnership.models import Authority
from commissioning.partnership.rules.terms import add_months
from providers.models import Provider

from ..measures.responses import Figures, figures, figures_by, own_figures, since, times_of
from ..rules import codes
from ..rules.searches import RULE
from .referral_words import hours_in_words, hours_told, plural

PERIODS = {"3": "the last 3 months", "12": "the last 12 months", "36": "the last 3 years", "all": "all time"}


@dataclass(frozen=True)
class Row:
    """One provider (for a contact: one authority) and its figures."""

    name: str
    href: str
    figures: Figures


@allowed("offers")
def responses(request: HttpRequest) -> HttpResponse:
    today, contact = timezone.localdate(), bool(request.user.provider_id)
    noun = ("authority", "authorities") if contact else ("provider", "providers")
    asked = ask(request.GET, [
        Question("period", "Asked in", PERIODS, default="12", always=True),
        Question("urgency", "Urgency", codes.URGENCIES),
        Question("service", "Kind of home", codes.SERVICE_TYPES),
    ], [])  # fmt: skip
    offers, searches = since(_first(asked.answers["period"], today))
    for name, column in (("urgency", "urgency"), ("service", "service_type")):
        if value := asked.answers[name]:
            offers, searches = offers.filter(**{column: value}), searches.filter(**{column: value})
    rows = _rows(figures_by(offers, "authority" if contact else "provider", today), contact=contact)
    columns = _columns(noun[0])
    rows = sort_rows(rows, columns, ordering(columns, request.GET.get("sort", ""), "-asked"))
    sentence = FilterSentence(asked.filters, len(rows), len(rows), noun, request.path)
    if request.GET.get("format") in FORMATS:
        return file_response(
            request, request.GET["format"], columns, rows, title="Response times", sentence=sentence
        )  # fmt: skip
    own = None if contact else own_figures(searches)
    table = Table.for_request(
        request, columns, rows, "Answers", default_sort="-asked", noun=noun,
        downloads=downloads(request) if rows else (),
        empty=EmptyState(
            "Nobody was asked", "Each provider that is asked within a search appears here, with how fast it answers.",
            "All searches", reverse("referrals"),
        ),
    )  # fmt: skip
    return render(request, "contracts/referral_responses.html", {
        "table": table, "fields": asked.fields, "sentence": sentence, "rule": RULE, "contact": contact,
        "answer": _answer(figures(times_of(offers), today), len(rows), contact=contact),
        "own": _own_facts(own) if own and own.searches else None,
    })  # fmt: skip


def _first(period: str, today: date) -> datetime | None:
    if period == "all":
        return None
    return timezone.make_aware(datetime.combine(add_months(today, -int(period)), time.min))


def _rows(found: dict[int, Figures], *, contact: bool) -> list[Row]:
    if contact:
        names = Authority.objects.filter(pk__in=found).values_list("pk", "name")
        return [Row(name, "", found[pk]) for pk, name in names.order_by("name")]
    providers = Provider.objects.filter(pk__in=found).order_by("name").values_list("pk", "name", "uuid")
    return [Row(name, reverse("provider", args=[uuid]), found[pk]) for pk, name, uuid in providers]


def _columns(noun: str) -> list[Column]:
    def of(name: str) -> Any:
        return lambda row: getattr(row.figures, name)

    return [
        Column("name", wording.capital(noun), link=lambda row: row.href or None, sort="name"),
        Column("asked", "Asked", value=of("asked"), kind="number", sort="asked"),
        Column("answered", "Answered", value=of("answered"), kind="number", sort="answered"),
        Column(
            "hours", "Half answered within", value=lambda row: hours_told(row.figures.median_hours), kind="number",
            unit="hours", sort="hours", missing="no answer",
        ),
        Column("due", "Answered, or had their time", value=of("due"), kind="number"),
        Column(
            "share", "Of these in time", value=of("on_time_share"), kind="percent", sort="share", missing="none yet"
        ),
        Column("offered", "Offered", value=of("offered"), kind="number", sort="offered"),
        Column("declined", "Declined", value=of("declined"), kind="number"),
        Column("chosen", "Chosen", value=of("chosen"), kind="number", sort="chosen"),
        Column(
            "converted", "Chosen of those offered", value=of("chosen_share"), kind="percent", sort="converted",
            missing="none offered",
        ),
    ]  # fmt: skip


def _answer(told: Figures, count: int, *, contact: bool) -> str:
    """ "Half of the answers came within 6.3 hours, and 81% in time. 27 providers were asked 412 times and answered 388
    times; 120 homes were offered and 74 chosen." """
    if not count:
        return ""
    said = ""
    if told.median_hours is not None:
        said = f"Half of the answers came within {hours_in_words(told.median_hours)}"
        said += f", and {told.on_time_share}% in time. " if told.on_time_share is not None else ". "
    times = plural(told.asked, "time", "times")
    who = f"{plural(count, 'provider was', 'providers were')} asked {times} and"
    if contact:
        who = f"{plural(count, 'authority', 'authorities')} asked you {times}; you"
    return (
        f"{said}{who} answered {plural(told.answered, 'time', 'times')}; "
        f"{plural(told.offered, 'home was', 'homes were')} offered and {told.chosen:,} chosen."
    )


def _own_facts(own: Any) -> list[tuple[str, Any]]:
    def hours(value: Any, n: int) -> str | None:
        return f"{hours_in_words(value)} ({plural(n, 'search', 'searches')})" if n else None

    return [
        ("Searches opened", f"{own.searches:,}"),
        ("Emergencies", f"{own.emergency_share}%: {own.emergencies:,} of {own.searches:,}"),
        ("Half had asked somebody within", hours(own.first_asked_hours, own.first_asked_n)),
        ("Half had chosen an offer within", hours(own.chosen_hours, own.chosen_n)),
        (
            "Placed, of those in which somebody was asked",
            f"{own.placed_share}%: {own.placed:,} of {own.asked:,}" if own.asked else None,
        ),
    ]
