"""What a provider's contact sees of searches: what it was asked, and is recorded as having answered. Its own only.

An offer holds nothing about the child, and the search itself is not the provider's to read.
"""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from commissioning.kernel.pages.downloads import FORMATS, downloads, file_response
from commissioning.kernel.pages.questions import Question, ask
from commissioning.kernel.tables import Column, EmptyState, FilterSentence, Table, ordering
from commissioning.partnership.models import Authority

from ..measures.responses import figures, times_of
from ..models import Offer
from ..rules import codes
from ..rules.searches import RULE, lasted
from .referral_words import hours_in_words, plural

NOUN = ("question", "questions")
ANSWERS = {"none": "not answered", **{key: label.lower() for key, label in codes.ANSWERS.items() if key}}
SORTS = {"needed": "needed_by", "asked": "asked_at", "answered": "answered_at"}
SHOWN = (
    "uuid", "authority", "service_type", "urgency", "needed_by", "asked_at", "answered_at", "answer",
    "decline_reason", "chosen",
)  # fmt: skip


def asked_of_provider(request: HttpRequest) -> HttpResponse:
    everything = Offer.objects.order_by("-asked_at", "-pk").only(*SHOWN)
    names = dict(Authority.objects.filter(pk__in=everything.order_by().values("authority")).values_list("pk", "name"))
    asked = ask(request.GET, [
        Question("answer", "Answer", ANSWERS),
        Question("urgency", "Urgency", codes.URGENCIES),
        Question("service", "Kind of home", codes.SERVICE_TYPES),
    ], [])  # fmt: skip
    rows = everything
    if answer := asked.answers["answer"]:
        rows = rows.filter(answer="" if answer == "none" else answer)
    if urgency := asked.answers["urgency"]:
        rows = rows.filter(urgency=urgency)
    if service := asked.answers["service"]:
        rows = rows.filter(service_type=service)
    columns = _columns(names)
    sort = ordering(columns, request.GET.get("sort", ""), "-asked")
    rows = rows.order_by(f"{'-' if sort.startswith('-') else ''}{SORTS[sort.removeprefix('-')]}", "-pk")
    total = everything.count()
    if request.GET.get("format") in FORMATS:
        taken = list(rows)
        sentence = FilterSentence(asked.filters, len(taken), total, NOUN, request.path)
        return file_response(request, request.GET["format"], columns, taken, title="Asked of us", sentence=sentence)
    table = Table.for_request(
        request, columns, rows, "What you were asked", default_sort="-asked", caption_hidden=True, noun=NOUN,
        downloads=downloads(request) if total else (),
        empty=EmptyState("Nothing like that", "No question matches what you asked for.", "Show all", request.path)
        if total else EmptyState(
            "Nobody has asked you yet",
            "Each home that an authority asks you for appears here, with the answer that it recorded.",
        ),
    )  # fmt: skip
    return render(request, "contracts/referral_asked.html", {
        "table": table, "fields": asked.fields, "everything": total, "answer": _answer(total), "rule": RULE,
        "sentence": FilterSentence(asked.filters, table.total, total, NOUN, request.path),
    })  # fmt: skip


def _columns(names: dict[int, str]) -> list[Column]:
    return [
        Column("service", "Kind of home", value=lambda row: row.get_service_type_display()),
        Column("authority", "Asked by", value=lambda row: names.get(row.authority_id)),
        Column("urgency", "Urgency", value=lambda row: row.get_urgency_display()),
        Column("needed", "Needed by", value=lambda row: row.needed_by, kind="date", sort="needed"),
        Column("asked", "Asked", value=lambda row: row.asked_at, kind="instant", sort="asked"),
        Column(
            "answered", "Answered", value=lambda row: row.answered_at, kind="instant", sort="answered",
            missing="not answered",
        ),
        Column("took", "Time taken", value=_took, missing=""),
        Column("answer", "Answer", value=lambda row: row.get_answer_display()),
        Column("reason", "Reason", value=lambda row: row.get_decline_reason_display(), missing=""),
        Column("chosen", "Chosen", kind="yesno"),
    ]  # fmt: skip


def _took(row: Any) -> str | None:
    return lasted(row.asked_at, row.answered_at) if row.answered_at else None


def _answer(total: int) -> str:
    if not total:
        return ""
    own = figures(times_of(Offer.objects.order_by()), timezone.localdate())
    said = f"You were asked for {plural(total, 'home', 'homes')}; {plural(own.answered, 'answer is', 'answers are')}"
    said += " recorded"
    if own.median_hours is not None:
        said += f", half of them within {hours_in_words(own.median_hours)}"
    return f"{said}. You offered {plural(own.offered, 'home', 'homes')}; {plural(own.chosen, 'was', 'were')} chosen."
