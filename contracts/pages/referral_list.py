"""The list of searches for a home, open ones first with their clock; for a provider's contact, what it was asked."""

import re
from datetime import date, timedelta

from django.db.models import Case, Count, F, IntegerField, Q, QuerySet, Value, When
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from commissioning.kernel import wording
from commissioning.kernel.pages.allowed import allowed
from commissioning.kernel.pages.downloads import FORMATS, downloads, file_response
from commissioning.kernel.pages.questions import Asked, Question, ask, without
from commissioning.kernel.tables import ActiveFilter, Column, EmptyState, FilterSentence, Table, ordering
from providers.pages.tones import ToneColumn

from ..models import Referral
from ..rules import codes
from .referral_asked import asked_of_provider
from .referral_words import clock_of, counted, plural
from .who import child_called

NOUN = ("search", "searches")
STATES = {"open": "open", "closed": "closed"}
NEEDED = {
    "due": "by today, still open", "late": "late", "today": "today", "week": "within seven days", "later": "after that",
}  # fmt: skip
NUMBERED = re.compile(r"referral\s*(\d{1,9})", re.IGNORECASE)
SORTS = {
    "number": "number", "child": "child__number", "service": "service_type", "needed": "needed_by",
    "opened": "opened_at", "asked": "asked", "offered": "offered",
}  # fmt: skip


@allowed("offers")
def referrals(request: HttpRequest) -> HttpResponse:
    if request.user.provider_id:
        return asked_of_provider(request)
    problem = ""
    if request.method == "POST":
        found = _find(request, request.POST.get("search", ""))
        if found:
            return redirect(found)
        problem = "No child and no search of yours has that number or reference. Check it."
    today = timezone.localdate()
    asked = ask(request.GET, _questions(), [])
    child = request.GET.get("child", "")
    child = child if child.isdecimal() and len(child) < 10 else ""
    rows = _matching(asked, child, today)
    columns = columns_of(today)
    rows = _ordered(rows, ordering(columns, request.GET.get("sort", "")))
    everything = Referral.objects.count()
    filters = asked.filters
    if child:
        filters = [ActiveFilter("Child", f"Child {child}", without(request.GET, "child")), *filters]
    if request.GET.get("format") in FORMATS:
        taken = list(rows)
        sentence = FilterSentence(filters, len(taken), everything, NOUN, request.path)
        return file_response(request, request.GET["format"], columns, taken, title="Referrals", sentence=sentence)
    table = Table.for_request(
        request, columns, rows, "Referrals", caption_hidden=True, noun=NOUN,
        downloads=downloads(request) if everything else (), empty=_nothing(request, everything),
    )  # fmt: skip
    return render(request, "contracts/referral_list.html", {
        "table": table, "fields": [] if child else asked.fields, "everything": everything, "problem": problem,
        "sentence": FilterSentence(filters, table.total, everything, NOUN, request.path),
        "typed": request.POST.get("search", ""), "answer": answer_of(today) if everything else "",
        "may_open": request.user.may("create", "referrals"),
    })  # fmt: skip


def _questions() -> list[Question]:
    return [
        Question("now", "Searches", STATES),
        Question("urgency", "Urgency", codes.URGENCIES),
        Question("service", "Kind of home", codes.SERVICE_TYPES),
        Question("needed", "Needed", NEEDED),
    ]


def _matching(asked: Asked, child: str, today: date) -> QuerySet:
    rows = counted(Referral.objects.select_related("child")).defer("needs", "child_view")
    wanted = asked.answers
    if child:
        rows = rows.filter(child__number=int(child))
    if wanted["now"]:
        rows = rows.filter(outcome="") if wanted["now"] == "open" else rows.exclude(outcome="")
    if wanted["urgency"]:
        rows = rows.filter(urgency=wanted["urgency"])
    if wanted["service"]:
        rows = rows.filter(service_type=wanted["service"])
    week = today + timedelta(days=7)
    by_day = {
        "due": Q(needed_by__lte=today, outcome=""),
        "late": Q(needed_by__lt=today, outcome=""),
        "today": Q(needed_by=today),
        "week": Q(needed_by__gte=today, needed_by__lte=week),
        "later": Q(needed_by__gt=week),
    }
    return rows.filter(by_day[wanted["needed"]]) if wanted["needed"] else rows


def _ordered(rows: QuerySet, sort: str) -> QuerySet:
    """Without a wish: open ones first, the one needed soonest on top; then the closed, newest first."""
    if not sort:
        closed = Case(When(outcome="", then=Value(0)), default=Value(1), output_field=IntegerField())
        return rows.order_by(
            closed, Case(When(outcome="", then=F("needed_by"))), F("closed_at").desc(nulls_last=True), "number"
        )  # fmt: skip
    column = F(SORTS[sort.removeprefix("-")])
    return rows.order_by(column.desc() if sort.startswith("-") else column.asc(), "-number")


def columns_of(today: date) -> list[Column]:
    return [
        Column(
            "referral", "Search", value=str, sort="number", link=lambda row: reverse("referral", args=[row.uuid]),
        ),
        Column(
            "child", "Child", value=lambda row: str(row.child), sort="child",
            link=lambda row: reverse("child", args=[row.child.uuid]),
        ),
        ToneColumn("clock", "Where it stands", value=lambda row: wording.capital(clock_of(row, today)),
                   tone=lambda row: _tone(row, today)),
        Column("needed", "Needed by", value=lambda row: row.needed_by, kind="date", sort="needed"),
        Column("urgency", "Urgency", value=lambda row: row.get_urgency_display()),
        Column("service", "Kind of home", value=lambda row: row.get_service_type_display(), sort="service"),
        Column("asked", "Asked", kind="number", sort="asked"),
        Column("answered", "Answered", kind="number"),
        Column("offered", "Offered", kind="number", sort="offered"),
        Column("opened", "Opened", value=lambda row: row.opened_at, kind="instant", sort="opened"),
    ]  # fmt: skip


def _tone(row: Referral, today: date) -> str | None:
    """Red is for a home that is late, amber for one that is needed by tomorrow."""
    if row.outcome or row.needed_by > today + timedelta(days=1):
        return None
    return "harm" if row.needed_by < today else "needs"


def answer_of(today: date) -> str:
    """ "7 searches are open; 2 homes are needed today, 1 is late." """
    found = Referral.objects.filter(outcome="").aggregate(
        n=Count("pk"), today=Count("pk", filter=Q(needed_by=today)), late=Count("pk", filter=Q(needed_by__lt=today))
    )  # fmt: skip
    if not found["n"]:
        return "No search is open."
    said = []
    if found["today"]:
        said.append(f"{plural(found['today'], 'home is', 'homes are')} needed today")
    if found["late"]:
        noun = ("is late", "are late") if said else ("home is late", "homes are late")
        said.append(plural(found["late"], *noun))
    return f"{plural(found['n'], 'search is', 'searches are')} open; {', '.join(said) or 'none is needed today'}."


def _find(request: HttpRequest, words: str) -> str:
    """Where what was typed leads: a search, or a child's searches. A POST: a reference stands in no address."""
    words = words.strip()[:200]
    named = Referral.objects.filter(reference__iexact=words).first() if words else None
    numbered = NUMBERED.fullmatch(words)
    if named is None and numbered:
        named = Referral.objects.filter(number=int(numbered[1])).first()
    if named is not None:
        return reverse("referral", args=[named.uuid])
    child = child_called(request, words)
    return f"{reverse('referrals')}?child={child.number}" if child is not None else ""


def _nothing(request: HttpRequest, everything: int) -> EmptyState:
    if everything:
        return EmptyState(
            "No search like that", "No search matches everything that you asked for.", "Show all searches",
            request.path,
        )  # fmt: skip
    why = "Each search for a home appears here, with who was asked and what they answered."
    if request.user.may("create", "referrals"):
        return EmptyState("No searches yet", why, "Open the first search", reverse("referral-new"))
    return EmptyState("No searches yet", f"{why} A placements officer opens them, or loads a file.")
