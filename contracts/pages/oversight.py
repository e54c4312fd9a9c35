"""Where nobody looks: the list that a director asks for first."""

from decimal import Decimal

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from commissioning.kernel import wording
from commissioning.kernel.pages.allowed import allowed
from commissioning.kernel.pages.downloads import FORMATS, downloads, file_response
from commissioning.kernel.pages.questions import Question, ask, without
from commissioning.kernel.tables import Column, Download, EmptyState, FilterSentence, Table, ordering, sort_rows
from providers.pages.tones import ToneColumn

from ..measures.oversight import Watched, watched
from ..rules import codes
from .placement_words import home_of, last_day_of

NOUN = ("home", "homes")
TITLE = "Where nobody looks"
WHICH = {
    "now": "today",
    "ran_out": "an order ran out in the last four weeks",
    "past": "past, or registered since",
}
RECORDED = {"no": "Nobody is recorded as approving it", "yes": "An approval or order is recorded"}
ORDERS = {"yes": "with an order", "ending": "order ends within four weeks or is over", "no": "without an order"}
TOLD = {"yes": "told", "no": "not told"}
VISITS = {"overdue": "overdue", "unset": "no visits agreed"}


@allowed("oversight")
def oversight_list(request: HttpRequest) -> HttpResponse:
    today = timezone.localdate()
    which = Question("which", "Homes", WHICH, default="now", always=True).answer(request.GET)
    everything = watched(which, today)
    asked = ask(request.GET, _questions(), everything)
    may_change = request.user.may("change", "oversight")
    printing = request.GET.get("all") == "yes"
    columns = columns_of(may_change=may_change, whole=False)
    rows = sort_rows(asked.rows, columns, ordering(columns, request.GET.get("sort", "")))
    sentence = FilterSentence(asked.filters, len(rows), len(everything), NOUN, request.path)
    if request.GET.get("format") in FORMATS:
        whole = columns_of(may_change=False, whole=True)
        return file_response(request, request.GET["format"], whole, rows, title=TITLE, sentence=sentence)
    table = Table.for_request(
        request, columns, rows, TITLE, caption_hidden=True, noun=NOUN, downloads=_files(request, bool(everything)),
        empty=_nothing(request, which, bool(everything)), **({"per_page": None} if printing else {}),
    )  # fmt: skip
    return render(request, "contracts/oversight.html", {
        "table": table, "sentence": sentence, "fields": asked.fields, "answer": _answer(which, everything),
        "alarms": _alarms(everything) if which == "now" else [], "printing": printing,
        "back": without(request.GET, "all"), "more": _more(rows) if printing else "",
    })  # fmt: skip


def _files(request: HttpRequest, any_rows: bool) -> list[Download]:
    if not any_rows:
        return []
    asked = request.GET.copy()
    asked["all"] = "yes"
    return [*downloads(request), Download("All on one page, to print", f"?{asked.urlencode()}")]


def _more(rows: list[Watched]) -> Table:
    """What is recorded of each home and does not fit beside the first table: for paper."""
    columns = [column for column in columns_of(may_change=False, whole=True) if column.key in BESIDE]
    return Table(columns, rows, "Why, what is checked, and the way out", per_page=None, noun=NOUN)


def _questions() -> list[Question]:
    return [
        Question("which", "Homes", WHICH, default="now", always=True),
        Question("recorded", "Approval", RECORDED, lambda row, value: row.missing == (value == "no")),
        Question("registration", "Registration", codes.REGISTRATIONS,
                 lambda row, value: row.placement.registration == value),
        Question("order", "Deprivation of liberty", ORDERS, _with_order),
        Question("told", "Ofsted", TOLD, lambda row, value: _told(row) == (value == "yes")),
        Question("visits", "Visits", VISITS,
                 lambda row, value: row.visit_overdue if value == "overdue" else row.visit_due_on is None),
    ]  # fmt: skip


def _with_order(row: Watched, value: str) -> bool:
    if value == "ending":
        return row.order_state in ("soon", "over")
    return (row.order is not None) == (value == "yes")


def _told(row: Watched) -> bool:
    return row.record is not None and row.record.regulator_told_on is not None


def _answer(which: str, rows: list[Watched]) -> str:
    """ "14 children live where no regulator looks or under an order, for 161 days on average: £84,120.00 a week." """
    if not rows:
        none = "No child lives where no regulator looks, and no deprivation of liberty order runs."
        return none if which == "now" else ""
    cost = wording.pounds(sum((row.cost for row in rows), Decimal(0)))
    number = f"{len(rows):,} {NOUN[0] if len(rows) == 1 else NOUN[1]}"
    if which == "past":
        return f"{number} once stood on this list; together they cost {cost} while they did."
    days, longest = sum(row.days for row in rows), max(row.days for row in rows)
    weekly = wording.pounds(sum((row.weekly for row in rows if row.weekly is not None), Decimal(0)))
    if which == "ran_out":
        return f"In {number} an order ran out in the last four weeks and no other follows: {weekly} a week."
    one = len(rows) == 1
    who = "1 child lives" if one else f"{len({row.placement.child_id for row in rows}):,} children live"
    unpriced = sum(row.weekly is None for row in rows)
    says = (
        f"{who} where no regulator looks or under a deprivation of liberty order: {days:,} days so far"
        f"{'' if one else f' together, {longest:,} the longest'}, {weekly} a week and {cost} so far."
    )
    return f"{says} {unpriced:,} of {number} without a price." if unpriced else says


def _alarms(rows: list[Watched]) -> list[tuple[str, str]]:
    """(what needs somebody, the address of its rows), with a number above nought."""
    counted = [
        (sum(row.missing for row in rows), "without an approval or order that holds today", "recorded=no"),
        (sum(row.order_state in ("soon", "over") for row in rows), "whose order ends within four weeks or is over",
         "order=ending"),
        (sum(row.visit_overdue for row in rows), "where a visit is overdue", "visits=overdue"),
        (sum(not _told(row) for row in rows), "of which Ofsted is not recorded as told", "told=no"),
    ]  # fmt: skip
    return [(f"{number:,} {NOUN[0] if number == 1 else NOUN[1]} {words}", f"?{address}")
            for number, words, address in counted if number]  # fmt: skip


def _order_words(row: Watched) -> str | None:
    if row.order is None:
        return None
    if row.order.ends_before is None:
        return "Runs, no last day recorded"
    last = last_day_of(row.order.ends_before)
    return {"over": f"Expired on {last}", "soon": f"Ends on {last}", "runs": f"Until {last}"}[row.order_state]


def _order_tone(row: Watched) -> str | None:
    return {"over": "harm", "soon": "needs", "open": "needs"}.get(row.order_state)


def _approval(row: Watched) -> str:
    if row.record is None:
        return "No record"
    return "Record has ended" if row.missing else "Recorded"


def _visits(row: Watched) -> str | None:
    if row.record is None or row.missing:
        return None
    if row.visit_due_on is None:
        return "No visits agreed"
    due = wording.day(row.visit_due_on)
    return f"Overdue since {due}" if row.visit_overdue else f"Next by {due}"


def _step(row: Watched, *, may_change: bool) -> str | None:
    if not may_change:
        return None
    if row.record is None or row.missing:
        return reverse("oversight-new", args=[row.placement.uuid])
    return reverse("oversight-change", args=[row.record.uuid])


SHORT = (
    "child", "age", "provider", "registration", "approval", "since", "days", "weekly", "cost", "order", "visits",
    "told", "exit_by",
)  # fmt: skip


BESIDE = (
    "child", "why", "approved_by", "approved_on", "order_from", "checks", "every", "visited", "exit_plan",
)  # fmt: skip


def columns_of(*, may_change: bool, whole: bool) -> list[Column]:
    """`whole`: everything that is recorded, as files have it; else what fits a screen."""

    def of(name: str):
        return lambda row: getattr(row.record, name) if row.record else None

    def age(row: Watched) -> int | None:
        return row.placement.child.age_on(max(min(row.day, row.until or row.day), row.since))

    columns = [
        Column("child", "Child", value=lambda row: str(row.placement.child), sort="child",
               link=lambda row: reverse("placement", args=[row.placement.uuid])),
        Column("age", "Age", value=age, kind="number", sort="age"),
        Column("provider", "Lives with", value=lambda row: home_of(row.placement), sort="provider"),
        Column("registration", "Registration", value=lambda row: row.placement.get_registration_display(),
               sort="registration"),
        ToneColumn("approval", "Approval", value=_approval, sort="approval",
                   tone=lambda row: "harm" if row.missing else "good",
                   link=lambda row: _step(row, may_change=may_change)),
        Column("since", "Since", kind="date", sort="since"),
        Column("days", "So far", kind="number", unit="days", sort="days"),
        Column("weekly", "Price", kind="money", unit="£ a week", sort="weekly"),
        Column("cost", "Cost so far", kind="money", unit="£", sort="cost", whole=not whole),
        Column("why", "Why", value=of("why")),
        Column("approved_by", "Approved by", value=of("approved_by")),
        Column("approved_on", "Approved on", value=of("approved_on"), kind="date"),
        ToneColumn("order", "Deprivation of liberty order", value=_order_words, tone=_order_tone, missing="none"),
        Column("order_from", "Order from", value=lambda row: row.order.starts_on if row.order else None, kind="date",
               missing="none"),
        Column("checks", "Checked", value=of("checks")),
        Column("every", "Visits every", value=of("visit_every_days"), kind="number", unit="days"),
        Column("visited", "Last visit", value=of("last_visited_on"), kind="date", sort="visited"),
        ToneColumn("visits", "Next visit", value=_visits, tone=lambda row: "harm" if row.visit_overdue else None),
        Column("told", "Ofsted told on", value=of("regulator_told_on"), kind="date", missing="not told", sort="told"),
        Column("exit_plan", "Way out", value=of("exit_plan"), missing="no plan recorded"),
        Column("exit_by", "Way out by", value=of("exit_by"), kind="date", sort="exit_by"),
    ]  # fmt: skip
    return columns if whole else [column for column in columns if column.key in SHORT]


def _nothing(request: HttpRequest, which: str, any_rows: bool) -> EmptyState:
    if any_rows:
        return EmptyState("No home like that", "No home matches everything that you asked for.", "Show all of today",
                          request.path)  # fmt: skip
    if which == "now":
        return EmptyState(
            "No child lives where no regulator looks",
            "A home appears here for as long as its registration says that no regulator watches it, or a deprivation "
            "of liberty order runs, whether or not somebody recorded an approval. Today there is none.",
            "See all placements", reverse("placements"),
        )  # fmt: skip
    return EmptyState("None so far", "Homes appear here once they have left the list of today.", "Show today",
                      request.path)  # fmt: skip
