"""The watch: what changed at homes, what asks the viewer's authority for a decision first, then the newest known."""

from datetime import date, timedelta

from django.db.models import BooleanField, Case, Q, QuerySet, Value, When
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from commissioning.kernel import wording
from commissioning.kernel.pages.allowed import allowed
from commissioning.kernel.pages.downloads import FORMATS, downloads, file_response
from commissioning.kernel.pages.questions import Question, ask
from commissioning.kernel.tables import Column, EmptyState, FilterSentence, Table, ordering

from ..measures.affected import at_homes_of_ours, awaiting, standing, with_ours
from ..models import Change
from ..rules import codes
from . import watch_columns as columns

NOUN = ("change", "changes")
WHERE = {"ours": "where our children live", "all": "every home"}
HOW = {"worse": "for the worse", "other": "for the better, or neither"}
KNOWN = {"heard": "heard, and not yet in a file", "file": "in a file"}
SINCE = {"31": "the last month", "92": "the last three months", "366": "the last year"}


@allowed("changes")
def changes(request: HttpRequest) -> HttpResponse:
    today, decides = timezone.localdate(), reads_ours(request)
    asked = ask(request.GET, _questions(decides), ())
    everything = Change.objects.all()
    rows = _selected(everything, asked.answers, today)
    listed = _columns(decides)
    sort = ordering(listed, request.GET.get("sort", ""))
    first = [sort] if sort else ["-asks", "-stands", "-known_at"]
    rows = _noted(rows, decides, today).order_by(*first, "-known_at", "-happened_on", "pk")
    total = everything.count()
    if request.GET.get("format") in FORMATS:
        kept = list(rows)
        sentence = FilterSentence(asked.filters, len(kept), total, NOUN)
        return file_response(request, request.GET["format"], listed, kept, title="Changes at homes", sentence=sentence)
    table = Table.for_request(
        request, listed, rows, "Changes at homes", caption_hidden=True, noun=NOUN,
        downloads=downloads(request) if total else (), empty=_nothing(request, total, asked.answers),
    )  # fmt: skip
    return render(request, "quality/changes.html", {
        "table": table, "fields": asked.fields, "total": total, "answer": _answer(decides, total, today),
        "sentence": FilterSentence(asked.filters, table.total or 0, total, NOUN, request.path),
        "may_hear": request.user.may("create", "changes") and request.user.authority_id,
        "may_expose": decides,
    })  # fmt: skip


def reads_ours(request: HttpRequest) -> bool:
    """Whether the page may speak of the viewer's own children: their number, and what is decided for them."""
    return bool(request.user.authority_id) and request.user.may("read", "change-decisions")


def _questions(decides: bool) -> list[Question]:
    where = [Question("where", "Homes", WHERE, default="ours", always=True)] if decides else []
    return [
        *where,
        Question("kind", "Kind", codes.CHANGE_KINDS),
        Question("how", "Direction", HOW),
        Question("known", "Known", KNOWN),
        Question("since", "Known in", SINCE),
    ]


def _selected(rows: QuerySet, answers: dict[str, str], today: date) -> QuerySet:
    if answers.get("where") == "ours":
        rows = at_homes_of_ours(rows, today)
    if answers["kind"]:
        rows = rows.filter(kind=answers["kind"])
    if answers["how"]:
        rows = rows.filter(worse=answers["how"] == "worse")
    if answers["known"]:
        rows = rows.filter(confirmed_at__isnull=answers["known"] == "heard")
    if answers["since"]:
        rows = rows.filter(known_at__date__gt=today - timedelta(days=int(answers["since"])))
    return rows


def _noted(rows: QuerySet, decides: bool, today: date) -> QuerySet:
    """Adds whether a change stands, and how many of ours live there and wait for a decision."""
    stands = Case(
        When(pk__in=standing(Change.objects.all(), today).values("pk"), then=True), default=False,
        output_field=BooleanField(),
    )  # fmt: skip
    rows = rows.annotate(stands=stands)
    rows = with_ours(rows, today) if decides else rows.annotate(ours=Value(0), undecided=Value(0))
    asks = Case(When(Q(stands=True, undecided__gt=0), then=True), default=False, output_field=BooleanField())
    return rows.annotate(asks=asks).select_related(
        "establishment", "provider", "notice__heard_authority", "inspection__heard_authority"
    )


def _columns(decides: bool) -> list[Column]:
    ours = [
        Column("ours", "Ours live there", kind="number", sort="ours"),
        Column("decide", "Decide", value=columns.to_decide, missing="",
               link=lambda row: reverse("change", args=[row.uuid]) if columns.to_decide(row) else None),
    ] if decides else []  # fmt: skip
    return [
        columns.home(),
        Column("what", "What", value=lambda row: (row.notice or row).get_kind_display(), sort="kind"),
        columns.side("before", "Before"),
        columns.side("after", "Now"),
        Column("direction", "Direction", value=columns.direction),
        Column("happened_on", "On", kind="date", sort="happened_on"),
        Column("known_at", "Known since", kind="date", sort="known_at"),
        Column("source", "Source", value=columns.source),
        *ours,
    ]  # fmt: skip


def _answer(decides: bool, total: int, today: date) -> str:
    if not total:
        return ""
    if not decides:
        return f"{wording.number(total)} {NOUN[0] if total == 1 else NOUN[1]} at homes became known."
    waiting = list(awaiting(today))
    if not waiting:
        return "No change at a home of our children waits for a decision."
    homes = {row.establishment_id: row.ours for row in waiting}
    children = sum(homes.values())
    asks = "1 change asks" if len(waiting) == 1 else f"{len(waiting)} changes ask"
    where = "1 home" if len(homes) == 1 else f"{len(homes)} homes"
    live = f"{children} {'child' if children == 1 else 'children'} of ours live{'s' if children == 1 else ''} there"
    return f"{asks} for a decision, at {where}: {live}."


def _nothing(request: HttpRequest, total: int, answers: dict[str, str]) -> EmptyState:
    if total and answers.get("where") == "ours":
        why = "Nothing that became known is at a home where a child of ours lives today, and is what you chose."
        return EmptyState("No change at a home of our children", why, "Show every home", f"{request.path}?where=all")
    if total:
        return EmptyState(
            "No change like that",
            "None matches everything that you chose.",
            "Show all changes",
            f"{request.path}?where=all",
        )
    why = (
        "What a second list of Ofsted’s says differently from the first stands here: judgements, registrations, "
        "closures and owners; and what anybody hears before."
    )
    if request.user.may("create", "changes") and request.user.authority_id:
        return EmptyState("No changes yet", why, "Say what you heard", reverse("hear"))
    return EmptyState("No changes yet", why)
