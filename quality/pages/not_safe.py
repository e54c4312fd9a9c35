"""Everybody who said that they are not safe, and how far each has been followed."""

from datetime import date
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone

from commissioning.kernel import wording
from commissioning.kernel.pages.allowed import allowed
from commissioning.kernel.pages.downloads import FORMATS, downloads, file_response
from commissioning.kernel.pages.questions import Question, ask
from commissioning.kernel.tables import Column, EmptyState, FilterSentence, Table, ordering, sort_rows
from providers.pages.saving import saved
from providers.pages.tones import ToneColumn

from ..actions.alerts import recipients
from ..actions.unsafe import close_answer
from ..forms_asking import FollowedForm
from ..measures.told import ROLE
from ..measures.unsafe import STATES, NotSafe, followed, not_safe
from .asking import placed_at
from .asking_links import asking_links

NOUN = ("answer", "answers")
WHICH = {"open": "not closed", "closed": "closed", "all": "all"}
TONES = {"new": "harm", "open": "needs", "closed": "good"}


@allowed("unsafe-answers")
def not_safe_list(request: HttpRequest) -> HttpResponse:
    today = timezone.localdate()
    everything = followed(not_safe().order_by("-pk"))
    asked = ask(request.GET, [
        Question("which", "Answers", WHICH, lambda row, which: which == "all" or (row.state == "closed") == (
            which == "closed"), default="open", always=True),
    ], everything)  # fmt: skip
    columns = _columns(today)
    rows = sort_rows(asked.rows, columns, ordering(columns, request.GET.get("sort", ""), "-days"))
    sentence = FilterSentence(asked.filters, len(rows), len(everything), NOUN, request.path)
    if request.GET.get("format") in FORMATS:
        return file_response(request, request.GET["format"], columns, rows, title="Not safe", sentence=sentence)
    table = Table.for_request(
        request, columns, rows, "Answers of not being safe", default_sort="-days", caption_hidden=True, noun=NOUN,
        downloads=downloads(request) if everything else (), empty=_nothing(len(everything)),
    )  # fmt: skip
    return render(request, "quality/not_safe.html", {
        "table": table, "fields": asked.fields, "everything": len(everything), "sentence": sentence,
        "answer": _answer(everything, today), "links": asking_links(request.user, "not-safe"),
        "told": recipients(request.user.authority_id, ROLE), "may_name": request.user.may("read", "named-roles"),
    })  # fmt: skip


def _columns(today: date) -> list[Column]:
    return [
        Column("whose", "Who", value=lambda row: whose(row), link=lambda row: _page(row)),
        Column("where", "Where", value=lambda row: where(row) or None),
        Column("answered", "Said on", value=lambda row: row.response.answered_on, kind="date", sort="answered"),
        ToneColumn("state", "State", value=lambda row: wording.capital(STATES[row.state]),
                   tone=lambda row: TONES[row.state]),
        Column("who", "Who looks after it", value=lambda row: row.who, missing="nobody yet"),
        Column("days", "Days open", value=lambda row: row.days_open(today), kind="number", sort="days"),
        Column("closed", "Closed on", value=lambda row: row.closed_on, kind="date", missing=""),
        Column("concern", "Concern", value=lambda row: (
            f"Concern {row.response.concern.number}" if row.response.concern_id else None), missing="none: no provider",
            link=lambda row: reverse("concern", args=[row.response.concern.uuid]) if row.response.concern_id else None),
        Column("outcome", "What came of it", value=lambda row: row.outcome or None, missing=""),
    ]  # fmt: skip


def whose(row: NotSafe) -> str:
    return str(row.response.placement.child) if row.response.placement_id else "Met on a visit"


def where(row: NotSafe) -> str:
    said = row.response
    if said.establishment_id:
        return said.establishment.shown_name
    if said.provider_id:
        return said.provider.name
    return placed_at(said.placement) if said.placement_id else ""


def _page(row: NotSafe) -> str:
    return reverse("not-safe-answer", args=[row.response.uuid])


def _answer(everything: list[NotSafe], today: date) -> str:
    if not everything:
        return ""
    still = [row for row in everything if row.state != "closed"]
    if not still:
        one = len(everything) == 1
        return "Nobody waits: " + (
            "the one who said so was followed to the end." if one
            else f"all {len(everything):,} who said so were followed to the end."
        )  # fmt: skip
    new = sum(row.state == "new" for row in still)
    longest = max(row.days_open(today) for row in still)
    said = f"{len(still):,} young {'person is' if len(still) == 1 else 'people are'} not known to be safe yet"
    since = f"for {longest:,} {'day' if longest == 1 else 'days'}" if longest else "since today"
    said += f", {since}." if len(still) == 1 else f", the longest {since}."
    return f"{said} Nobody has read {'it' if len(still) == 1 else f'{new:,} of them'} yet." if new else said


def _nothing(everything: int) -> EmptyState:
    if everything:
        return EmptyState("None open", "Every answer of not being safe was followed to the end.", "Show all",
                          "?which=all")  # fmt: skip
    return EmptyState(
        "Nobody has said so", "A young person who says that they do not feel safe where they live and sleep appears "
        "here at once, by whichever road they said it.",
    )  # fmt: skip


def _found(uuid: UUID) -> NotSafe:
    return followed([get_object_or_404(not_safe(), uuid=uuid)])[0]


@allowed("unsafe-answers")
def not_safe_answer(request: HttpRequest, uuid: UUID) -> HttpResponse:
    row, today = _found(uuid), timezone.localdate()
    may = request.user.may("change", "unsafe-answers")
    said = row.response
    return render(request, "quality/not_safe_answer.html", {
        "row": row, "state": STATES[row.state], "tone": TONES[row.state], "whose": whose(row),
        "heading": f"{whose(row)} says that they are not safe: {where(row) or 'their home'}" if said.placement_id
        else f"Somebody says that they are not safe at {where(row)}",
        "days": row.days_open(today), "facts": _facts(row),
        "may_close_here": may and said.concern_id is None and said.followed_on is None,
        "may_close_concern": request.user.may("change", "concerns") and said.concern_id and row.closed_on is None,
        "may_read_words": request.user.may("read", "surveys"),
    })  # fmt: skip


def _facts(row: NotSafe) -> list[tuple[str, Any]]:
    said, alert = row.response, row.alert
    return [
        ("Said on", wording.day(said.answered_on)),
        ("How it came", said.get_entry_display()),
        ("Where", where(row) or None),
        ("Told at once", (alert.sent_to or "Not sent yet: it is tried again every minute") if alert else None),
        ("Read", wording.instant(alert.acknowledged_at) if alert and alert.acknowledged_at else "Not yet"),
        ("Who looks after it", row.who or "Nobody yet: read the alert to take it on"),
        ("What came of it", row.outcome or "Still open"),
        ("Closed on", wording.day(row.closed_on) if row.closed_on else "Still open"),
    ]


@allowed("unsafe-answers", "change")
def not_safe_close(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Of an answer for which no concern stands, as its home has no provider recorded."""
    row, today = _found(uuid), timezone.localdate()
    form = FollowedForm(request.POST or None, initial={"version": row.response.version, "followed_on": today})

    def save() -> tuple[str, str]:
        close_answer(response=row.response, by=request.user, today=today, **form.cleaned_data)
        return "It is closed.", _page(row)

    return saved(
        request, form, save, heading="Close this answer", crumb="Close",
        crumbs=[("Not safe", reverse("not-safe")), (whose(row), _page(row))],
        answer="No concern stands for it, as no provider is recorded for the home." if not row.response.concern_id
        else "A concern stands for it: close the concern.",
    )  # fmt: skip
