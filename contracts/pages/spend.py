"""What the authority spends and how much of it goes through the frameworks; for whom; and the homes behind a figure."""

from collections.abc import Sequence

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from commissioning.kernel.exports.workbook import CONTENT_TYPE
from commissioning.kernel.pages.allowed import allowed
from commissioning.kernel.pages.downloads import FORMATS, downloads, file_response
from commissioning.kernel.tables import Column, EmptyState, FilterSentence, Table, ordering, sort_rows

from ..measures.spend import SpendRow, spend_rows
from ..measures.spend_parts import GROUPS, Part, groups, split, summary, years
from ..models import Placement
from ..rules.shares import total
from ..spend_workbook import spend_workbook
from . import spend_tables as tables
from .spend_asked import SPLITS, AskedSpend, asked_of, begins

NOUNS = {"service": ("kind of home", "kinds of home"), "lot": ("lot", "lots"), "provider": ("provider", "providers"),
         "level": ("level", "levels")}  # fmt: skip


@allowed("spend")
def spend(request: HttpRequest) -> HttpResponse:
    today, since = timezone.localdate(), begins()
    if since is None or since > today:
        return render(request, "contracts/spend.html", {"nothing": _nothing(request, coming=since is not None)})
    asked = asked_of(request, today, since, split=True)
    columns = tables.split_columns(asked, asked.by, _leads(request, asked, asked.by))
    found = split(asked.span, asked.by, asked.placements, asked.state)
    rows = sort_rows(found, columns, ordering(columns, request.GET.get("sort", ""), "-gross"))
    sentence = _sentence(request, asked, len(rows), NOUNS[asked.by])
    if request.GET.get("format") in FORMATS:
        title = f"Spend by {SPLITS[asked.by]}, {asked.span.words}"
        return file_response(request, request.GET["format"], columns, rows, title=title, sentence=sentence)
    whole = summary(asked.span, asked.placements, asked.state)
    over_years = years(since, today, asked.placements, asked.state)
    whose = request.user.body_name
    return render(request, "contracts/spend.html", {
        "asked": asked, "sentence": sentence, "fields": asked.fields, "whole": whole,
        "answer": tables.answer(whole, whose, narrowed=asked.narrowed), "cost": tables.cost_sentence(whole),
        "chart": tables.month_chart(whole) if whole.whole.bought.nights else None,
        "months": tables.month_table(whole, _month_leads(request, asked)),
        "shares": [tables.share_table(whole, of) for of in ("nights", "gross")],
        "table": Table.for_request(
            request, columns, rows, f"By {SPLITS[asked.by]}", default_sort="-gross", noun=NOUNS[asked.by],
            downloads=downloads(request) if rows else (), cards=False,
            footer=_all(whole.whole) if rows else None, empty=_no_such(request),
        ),
        "funders": Table(
            tables.funder_columns(), tables.funder_rows(whole.whole.bought), "Who pays", per_page=None,
            noun=("funder", "funders"), cards=False,
        ),
        "year_chart": tables.year_chart(over_years),
        "years": Table(
            tables.year_columns(lambda part: _of_year(asked, part)), over_years, "Over the years", per_page=None,
            cards=False, noun=("financial year", "financial years"),
        ),
        "workbook": asked.address("spend-workbook"),
        "equality": asked.address("spend-equality") if request.user.may("read", "children") else "",
        "placements": asked.address(tables.LEADS) if request.user.may("read", "placements") else "",
        "today": today,
    })  # fmt: skip


@allowed("children")
def spend_equality(request: HttpRequest) -> HttpResponse:
    """For the public sector equality duty, and for those who work with children: small groups are shown."""
    today, since = timezone.localdate(), begins()
    if since is None or since > today:
        return render(
            request, "contracts/spend_equality.html", {"nothing": _nothing(request, coming=since is not None)}
        )
    asked = asked_of(request, today, since)
    whole = summary(asked.span, asked.placements, asked.state)
    found = groups(asked.span, asked.placements, asked.state)
    return render(request, "contracts/spend_equality.html", {
        "asked": asked, "fields": asked.fields, "answer": tables.answer(
            whole, request.user.body_name, narrowed=asked.narrowed
        ),
        "sentence": _sentence(request, asked, whole.whole.bought.nights, ("night", "nights")),
        "tables": [
            Table(
                tables.group_columns(name), tables.group_rows(name, found[name]), f"By {GROUPS[name].lower()}",
                per_page=None, cards=False, noun=("group", "groups"), footer=_all(whole.whole, "All"),
                empty=_no_such(request),
            )
            for name in (GROUPS if whole.whole.bought.nights else ["ethnicity"])
        ],
        "back": asked.address("spend"),
    })  # fmt: skip


@allowed("placements")
def spend_placements(request: HttpRequest) -> HttpResponse:
    """The placements behind a figure, with what each adds to it."""
    today, since = timezone.localdate(), begins()
    if since is None or since > today:
        return render(request, "contracts/spend_placements.html",
                      {"nothing": _nothing(request, coming=since is not None)})  # fmt: skip
    asked = asked_of(request, today, since)
    rows = spend_rows(
        first=asked.span.first, until=asked.span.until, by=("placement",), placements=asked.placements,
        state=asked.state,
    )  # fmt: skip
    columns = _placement_columns(asked, rows)
    rows = sort_rows(rows, columns, ordering(columns, request.GET.get("sort", ""), "-gross"))
    whole = total(rows)
    sentence = _sentence(request, asked, len(rows), ("placement", "placements"))
    if request.GET.get("format") in FORMATS:
        title = f"Spend by placement, {asked.span.words}"
        return file_response(request, request.GET["format"], columns, rows, title=title, sentence=sentence)
    return render(request, "contracts/spend_placements.html", {
        "asked": asked, "sentence": sentence, "fields": asked.fields, "whole": whole,
        "table": Table.for_request(
            request, columns, rows, "Placements", default_sort="-gross", caption_hidden=True,
            noun=("placement", "placements"), downloads=downloads(request) if rows else (), empty=_no_such(request),
        ),
        "back": asked.address("spend"),
    })  # fmt: skip


@allowed("spend")
def spend_book(request: HttpRequest) -> HttpResponse:
    """Every table of the page, with the equality tables for those who may see them, as one workbook."""
    today, since = timezone.localdate(), begins()
    asked = asked_of(request, today, min(since or today, today))
    content, name = spend_workbook(
        asked, viewer=request.user.body_name, made_at=timezone.now(), today=today,
        equality=request.user.may("read", "children"),
    )  # fmt: skip
    response = HttpResponse(content, content_type=CONTENT_TYPE)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _leads(request: HttpRequest, asked: AskedSpend, by: str) -> tables.Leads:
    """From a figure of the table to the placements it counts, for those who may see them."""
    if not request.user.may("read", "placements"):
        return tables.nowhere

    def leads(part: Part, route: str) -> str | None:
        if part.value == "all":
            return None
        return asked.address(tables.LEADS, **asked.of(by, part.value), **({"route": route} if route else {}))

    return leads


def _month_leads(request: HttpRequest, asked: AskedSpend) -> tables.Leads:
    if not request.user.may("read", "placements"):
        return tables.nowhere

    def leads(part: Part, route: str) -> str | None:
        if not part.bought.nights:
            return None
        return asked.of_month(tables.LEADS, part.value.starts_on, **({"route": route} if route else {}))

    return leads


def _of_year(asked: AskedSpend, part: Part) -> str:
    return asked.address("spend", **{"year": part.value.label, "from": "", "to": ""})


def _placement_columns(asked: AskedSpend, rows: Sequence[SpendRow]) -> list[Column]:
    known = Placement.objects.select_related("child").defer("sent").in_bulk([row.key[0] for row in rows])

    def of(row: SpendRow) -> Placement:
        return known[row.key[0]]

    return [
        Column("placement", "Placement", value=lambda row: f"Placement {of(row).number}",
               link=lambda row: reverse("placement", args=[of(row).uuid])),
        Column("child", "Child", value=lambda row: str(of(row).child),
               link=lambda row: reverse("child", args=[of(row).child.uuid])),
        Column("service", "Kind of home", value=lambda row: of(row).get_service_type_display(), sort="service"),
        Column("provider", "Provider", value=lambda row: asked.called("provider", of(row).provider_id),
               sort="provider"),
        Column("route", "Bought by", value=lambda row: of(row).get_route_display(), sort="route"),
        Column("nights", "Nights", value=lambda row: row.nights, kind="number", sort="nights"),
        tables.money("gross", "Cost", lambda row: row.gross, sort="gross"),
        tables.money("from_others", "Paid by other funders", lambda row: row.gross - row.own, sort="from_others"),
        tables.money("own", "Own cost", lambda row: row.own, sort="own"),
    ]  # fmt: skip


def _all(whole: Part, words: str = "all") -> Part:
    return Part(words, whole.bought, whole.by_route, whole.costs_more)


def _sentence(request: HttpRequest, asked: AskedSpend, shown: int, noun: tuple[str, str]) -> FilterSentence:
    return FilterSentence(asked.filters, shown, shown, noun, request.path)


def _no_such(request: HttpRequest) -> EmptyState:
    why = "No night that you asked about was bought in these months."
    return EmptyState("Nothing bought", why, "Show everything", request.path)


def _nothing(request: HttpRequest, *, coming: bool) -> EmptyState:
    why = "What your authority spends on homes for children appears here, month by month, once placements with their "
    why += "prices are recorded or loaded."
    if coming:
        why = "Placements are recorded, and none has begun. What is to come is not forecast here."
    if request.user.may("create", "placements"):
        return EmptyState("No spend yet", why, "Record a placement", reverse("placement-new"))
    return EmptyState("No spend yet", why)
