"""The list of the authority's placements: found by child or reference, filtered, counted, taken away."""

import re
from dataclasses import replace
from datetime import date
from urllib.parse import urlencode

from django.db.models import Count, F, Min, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from commissioning.kernel import wording
from commissioning.kernel.pages.allowed import allowed
from commissioning.kernel.pages.downloads import FORMATS, downloads, file_response
from commissioning.kernel.pages.questions import Asked, Question, ask, by_words, without
from commissioning.kernel.periods import Period
from commissioning.kernel.tables import ActiveFilter, Column, EmptyState, FilterSentence, Table, ordering
from commissioning.partnership.models import Lot
from commissioning.partnership.rules.terms import add_months
from providers.models import Provider

from ..filters import AGE_BANDS, BOUNDARIES, EXTRAS, LEVEL_CHOICES, NOW, PlacementSearch
from ..measures.placement_rows import with_weekly
from ..models import Placement
from ..rules import codes
from .links import OF_PLACEMENTS, links
from .placement_words import Terms, home_of, state_on, terms_of_frameworks
from .who import child_called

NOUN = ("placement", "placements")
AHEAD = 12  # months beyond this one that may be asked about: placements are agreed ahead
NUMBERED = re.compile(r"placement\s*(\d{1,9})", re.IGNORECASE)
SORTS = {
    "number": "number", "child": "child__number", "service": "service_type", "provider": "provider__name",
    "route": "route", "from": "starts_on", "until": "ends_before", "weekly": "weekly",
}  # fmt: skip
BY_ROUTE = {
    "framework": "bought through frameworks", "block": "block contracts", "dynamic_market": "dynamic markets",
    "spot": "spot", "in_house": "in-house",
}  # fmt: skip


@allowed("placements")
def placement_list(request: HttpRequest) -> HttpResponse:
    problem = ""
    if request.method == "POST":
        found = _find(request, request.POST.get("search", ""))
        if found:
            return redirect(found)
        problem = "No child and no placement of yours has that number or reference. Check it as it was written."
    today = timezone.localdate()
    asked, month, child = _asked(request, today)
    search = PlacementSearch(
        {**asked.answers, "child": child}, Placement.objects.all(), today=today, month=month
    )  # fmt: skip
    terms = terms_of_frameworks()
    columns = columns_of(terms)
    rows = ordered(with_weekly(search.qs), ordering(columns, request.GET.get("sort", ""), "-from"))
    everything = Placement.objects.count()
    filters = [_child_filter(request, child), *asked.filters] if child else asked.filters
    if request.GET.get("format") in FORMATS:
        taken = [{column.key: column.of(row) for column in columns} for row in rows]
        plain = [replace(column, value=None, link=None) for column in columns]  # each cell is worked out once
        sentence = FilterSentence(filters, len(taken), everything, NOUN, request.path)
        return file_response(request, request.GET["format"], plain, taken, title="Placements", sentence=sentence)
    table = Table.for_request(
        request, columns, rows, "Placements", default_sort="-from", caption_hidden=True, noun=NOUN,
        downloads=downloads(request) if everything else (), empty=_nothing(request, everything),
    )  # fmt: skip
    return render(request, "contracts/placement_list.html", {
        "table": table, "fields": [] if child else asked.fields, "everything": everything,
        "sentence": FilterSentence(filters, table.total, everything, NOUN, request.path), "problem": problem,
        "typed": request.POST.get("search", ""), "answer": answer_of(today) if everything else "",
        "may_record": request.user.may("create", "placements"), "links": links(request.user, OF_PLACEMENTS),
    })  # fmt: skip


def _asked(request: HttpRequest, today: date) -> tuple[Asked, Period | None, str]:
    """(the filters, the month asked about, a child's number or "")."""
    asked = ask(request.GET, _questions(today), [])
    month = asked.answers.pop("month")
    child = request.GET.get("child", "")
    return asked, _month(month), child if child.isdecimal() and len(child) < 10 else ""


def _questions(today: date) -> list[Question]:
    providers = Provider.objects.filter(pk__in=Placement.objects.values("provider")).order_by("name")
    lots = Lot.objects.filter(pk__in=Placement.objects.values("lot")).select_related("framework")
    return [
        Question("now", "Placements", NOW),
        Question("service", "Kind of home", codes.SERVICE_TYPES),
        Question("route", "Bought by", codes.ROUTES),
        Question("reason", "Why spot", codes.SPOT_REASONS),
        Question("state", "Since call-off", codes.LATER_STATES),
        Question("registration", "Registration", codes.REGISTRATIONS),
        Question("level", "Level", LEVEL_CHOICES),
        Question("provider", "Provider", {str(uuid): name for uuid, name in providers.values_list("uuid", "name")}),
        Question("lot", "Lot", by_words({str(lot.uuid): f"{lot.framework.name}: {lot.name}" for lot in lots})),
        Question("age", "Age", AGE_BANDS),
        Question("boundary", "Where", BOUNDARIES),
        Question("extras", "Additional services", EXTRAS),
        Question("month", "With nights in", _months(today)),
    ]


def _months(today: date) -> dict[str, str]:
    """From the month of the first placement to a year ahead, the newest first."""
    first = Placement.objects.aggregate(day=Min("starts_on"))["day"]
    if first is None:
        return {}
    months = Period(first.replace(day=1), add_months(today.replace(day=1), AHEAD + 1)).split_by_months()
    return {f"{each.starts_on:%Y-%m}": f"{each.starts_on:%B %Y}" for each in reversed(months)}


def _month(text: str) -> Period | None:
    if not text:
        return None
    first = date.fromisoformat(f"{text}-01")
    return Period(first, add_months(first, 1))


def ordered(rows: QuerySet, sort: str) -> QuerySet:
    column = F(SORTS[sort.removeprefix("-")])
    order = column.desc(nulls_last=True) if sort.startswith("-") else column.asc(nulls_last=True)
    return (
        rows.select_related("child", "provider", "pathway_place", "award", "lot")
        .defer("sent")
        .order_by(order, "-number")
    )  # fmt: skip


def columns_of(terms: Terms) -> list[Column]:
    return [
        Column(
            "placement", "Placement", value=lambda row: f"Placement {row.number}", sort="number",
            link=lambda row: reverse("placement", args=[row.uuid]),
        ),
        Column(
            "child", "Child", value=lambda row: str(row.child), sort="child",
            link=lambda row: reverse("child", args=[row.child.uuid]),
        ),
        Column("age", "Age", value=lambda row: row.child.age_on(row.told_on), kind="number"),
        Column("service", "Kind of home", value=lambda row: row.get_service_type_display(), sort="service"),
        Column("provider", "Provided by", value=home_of, sort="provider"),
        Column("route", "Bought by", value=lambda row: row.get_route_display(), sort="route"),
        Column("why", "Why spot, or since call-off", value=lambda row: _why(row, terms), missing=""),
        Column("level", "Level", value=lambda row: row.get_level_display() or None),
        Column("from", "First night", value=lambda row: row.starts_on, kind="date", sort="from"),
        Column("until", "Left on", value=lambda row: row.ends_before, kind="date", sort="until", missing="still open"),
        Column("weekly", "Price", kind="money", unit="£ a week", sort="weekly"),
    ]  # fmt: skip


def _why(row: Placement, terms: Terms) -> str:
    if row.route == "spot":
        return codes.SPOT_REASONS.get(row.spot_reason, wording.NOT_RECORDED)
    return codes.LATER_STATES.get(state_on(row, row.told_on, terms), "")


def answer_of(today: date) -> str:
    """ "1,284 placements are open today: 61% bought through frameworks, 9% spot, 20% in-house." """
    routes = dict(
        Placement.objects.on(today).values("route").annotate(n=Count("pk")).order_by().values_list("route", "n")
    )  # fmt: skip
    total = sum(routes.values())
    if not total:
        return "No placement is open today."
    said = [f"{_share(routes[route], total)} {words}" for route, words in BY_ROUTE.items() if routes.get(route)]
    noun = "placement is" if total == 1 else "placements are"
    return f"{total:,} {noun} open today: {', '.join(said)}."


def _share(part: int, whole: int) -> str:
    return f"{(part * 200 + whole) // (whole * 2)}%"


def _child_filter(request: HttpRequest, child: str) -> ActiveFilter:
    return ActiveFilter("Child", f"Child {child}", without(request.GET, "child"))


def _find(request: HttpRequest, words: str) -> str:
    """Where what was typed leads: a child's placements, or one placement; empty where nothing has that name.

    A POST, so that a child's reference stands in no address and no log.
    """
    words = words.strip()[:200]
    named = Placement.objects.filter(reference__iexact=words).first() if words else None
    numbered = NUMBERED.fullmatch(words)
    if named is None and numbered:
        named = Placement.objects.filter(number=int(numbered[1])).first()
    child = None if named else child_called(request, words)
    if child is not None:
        return f"{reverse('placements')}?{urlencode({'child': child.number})}"
    return reverse("placement", args=[named.uuid]) if named else ""


def _nothing(request: HttpRequest, everything: int) -> EmptyState:
    if everything:
        return EmptyState(
            "No placement like that", "No placement matches everything that you asked for.", "Show all placements",
            request.path,
        )  # fmt: skip
    why = "Each home that your authority has bought for a child appears here, with its price and how it was bought."
    if request.user.may("create", "placements"):
        return EmptyState("No placements yet", why, "Record the first placement", reverse("placement-new"))
    return EmptyState("No placements yet", f"{why} A placements officer records them, or loads a file.")
