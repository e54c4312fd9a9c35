"""The benefits register: what negotiations save, cashable apart from avoided."""

from decimal import Decimal

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from commissioning.kernel import wording
from commissioning.kernel.pages.allowed import allowed
from commissioning.kernel.pages.downloads import FORMATS, downloads, file_response
from commissioning.kernel.pages.questions import Question, ask
from commissioning.kernel.periods import FinancialYear, financial_year, parse_financial_year
from commissioning.kernel.tables import Column, EmptyState, FilterSentence, Table, ordering, sort_rows

from ..measures.benefits import Saved, saved, totals
from ..models import Benefit
from ..rules import codes
from .placement_words import home_of, last_day

NOUN = ("benefit", "benefits")
NOW = {"now": "saving today", "over": "over", "coming": "not started"}


@allowed("benefits")
def benefit_list(request: HttpRequest) -> HttpResponse:
    """Counted for a financial year. Somebody who sees no child reads the figures without the homes behind them."""
    today = timezone.localdate()
    years = _years(today)
    this_year = financial_year(today).label
    year = parse_financial_year(years.get(request.GET.get("year", ""), this_year))
    rows = saved(today, year)
    questions = [
        Question("year", "Financial year", years, default=this_year, always=True),
        Question("kind", "Kind", codes.BENEFIT_KINDS, lambda row, value: row.benefit.kind == value),
        Question("now", "When", NOW, lambda row, value: _when(row, today) == value),
        Question(
            "service", "Kind of home", codes.SERVICE_TYPES,
            lambda row, value: row.benefit.placement.service_type == value,
        ),
        Question("provider", "Provider", _providers(rows), lambda row, value: _provider(row) == value),
    ]  # fmt: skip
    asked = ask(request.GET, questions, rows)
    columns = _columns(year, with_homes=request.user.may("read", "placements"))
    shown = sort_rows(asked.rows, columns, ordering(columns, request.GET.get("sort", ""), "-from"))
    sentence = FilterSentence(asked.filters, len(shown), len(rows), NOUN, request.path)
    if request.GET.get("format") in FORMATS:
        return file_response(
            request, request.GET["format"], columns, shown, title=f"Benefits {year}", sentence=sentence
        )  # fmt: skip
    empty = (
        EmptyState("No benefit like that", "None matches everything you asked for.", "Show all", request.path)
        if rows
        else EmptyState("No benefits yet", "A saving appears here when an agreement says what was asked and agreed.")
    )
    table = Table.for_request(
        request, columns, shown, "Benefits", default_sort="-from", noun=NOUN, empty=empty,
        downloads=downloads(request) if shown else (),
    )  # fmt: skip
    return render(request, "contracts/benefits.html", {
        "table": table, "sentence": sentence, "fields": asked.fields, "year": year, "any": bool(rows),
        "kinds": _kinds(asked.rows, year), "answer": _answer(rows), "body": request.user.body_name,
        "may_placements": request.user.may("read", "placements"),
    })  # fmt: skip


def _years(today) -> dict[str, str]:
    """From the year of the first benefit to the year after this one, the newest first."""
    first = Benefit.objects.order_by("starts_on").values_list("starts_on", flat=True).first()
    last = financial_year(today).following
    begins = min(financial_year(first or today), financial_year(today))
    labels = [FinancialYear(start).label for start in range(last.start, begins.start - 1, -1)]
    return {label: label for label in labels}


def _when(row: Saved, today) -> str:
    if row.benefit.starts_on > today:
        return "coming"
    return "over" if row.ends_before is not None and row.ends_before <= today else "now"


def _provider(row: Saved) -> str:
    provider = row.benefit.placement.provider
    return str(provider.uuid) if provider else ""


def _providers(rows: list[Saved]) -> dict[str, str]:
    named = {_provider(row): row.benefit.placement.provider.name for row in rows if _provider(row)}
    return dict(sorted(named.items(), key=lambda pair: pair[1]))


def _columns(year: FinancialYear, *, with_homes: bool) -> list[Column]:
    behind = [
        Column(
            "placement", "Placement", value=lambda row: str(row.benefit.placement),
            link=lambda row: reverse(
                "agreement-version", args=[row.benefit.placement.uuid, row.benefit.agreement.number]
            ),
        ),
        Column(
            "child", "Child", value=lambda row: str(row.benefit.placement.child),
            link=lambda row: reverse("child", args=[row.benefit.placement.child.uuid]),
        ),
        Column("version", "Agreement", value=lambda row: str(row.benefit.agreement)),
    ]  # fmt: skip
    return [
        *(behind if with_homes else []),
        Column("kind", "Kind", value=lambda row: row.benefit.get_kind_display(), sort="kind"),
        Column("service", "Kind of home", value=lambda row: row.benefit.placement.get_service_type_display()),
        Column("provider", "Provider", value=lambda row: home_of(row.benefit.placement), sort="provider"),
        Column(
            "weekly", "Saved", value=lambda row: row.benefit.weekly_amount, kind="money", unit="£ a week",
            sort="weekly",
        ),
        Column("from", "From", value=lambda row: row.benefit.starts_on, kind="date", sort="from"),
        Column("until", "Last day", value=lambda row: last_day(row.ends_before), kind="date", missing="still open"),
        Column("year", f"In {year}", value=lambda row: row.in_year, kind="money", unit="£", sort="year"),
    ]  # fmt: skip


def _kinds(rows: list[Saved], year: FinancialYear) -> Table:
    """One row for each kind of what the filters left, and no total of the two."""
    says = {"cashable": "Less than was being paid: back to the budget.", "avoided": "Less than was asked: never spent."}
    figures = totals(rows)
    columns = [
        Column("kind", "Kind", value=lambda kind: codes.BENEFIT_KINDS[kind]),
        Column("means", "What it is", value=lambda kind: says[kind]),
        Column("now", "Now", value=lambda kind: figures[kind][0], kind="money", unit="£ a week"),
        Column("year", f"In {year}", value=lambda kind: figures[kind][1], kind="money", unit="£"),
    ]
    return Table(columns, list(figures), "Cashable and avoided", compact=True, per_page=None)


def _answer(rows: list[Saved]) -> str:
    if not rows:
        return ""
    cashable, avoided = (totals(rows)[kind][0] for kind in ("cashable", "avoided"))
    return (
        f"Today agreements save {_weekly(cashable)} of what was being paid before (cashable), and avoid "
        f"{_weekly(avoided)} of what was asked. The two are never added up."
    )


def _weekly(amount: Decimal) -> str:
    return f"{wording.pounds(amount)} a week" if amount else "nothing"
