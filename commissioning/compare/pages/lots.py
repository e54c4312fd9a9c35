"""The lots, and the main job: what does each provider charge on this lot, and how is it judged?"""

from datetime import date
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import Count, Prefetch, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone

from commissioning.kernel import wording
from commissioning.kernel.exports import Notice, SheetOf, SpreadChart, file_name, workbook_bytes
from commissioning.kernel.exports.workbook import CONTENT_TYPE
from commissioning.kernel.pages.allowed import allowed
from commissioning.kernel.pages.downloads import FORMATS, downloads, file_response
from commissioning.kernel.pages.questions import Question, ask
from commissioning.kernel.statistics import RULE
from commissioning.kernel.tables import Column, EmptyState, FilterSentence, Table, ordering, sort_rows
from commissioning.partnership.models import Extension, Lot, LotStatement, Participation, PriceLine
from commissioning.partnership.rules import codes
from commissioning.partnership.rules.terms import last_day, notice
from providers.exports import rate_card
from providers.models import Award, Provider
from providers.pages.suspended import said_of_lot

from ..measures.lot_rates import LotRates, Place, lot_rates
from . import lot_tables

EVERY_LINE = "every"
AT_LEAST_GOOD = ("outstanding", "good", "consistently_strong")
JUDGED = {
    "good": "Good or better, or consistently strong, throughout",
    "inadequate": "any Inadequate or serious weaknesses",
    "none": "not yet inspected or not listed",
}
DAYS_BACK_YEARS = 5


@allowed("lots")
def lot_list(request: HttpRequest) -> HttpResponse:
    today = timezone.localdate()
    mine = set(
        Participation.objects.on(today)
        .filter(authority=request.user.authority_id)
        .values_list("framework_id", flat=True)
    )
    on_today = Q(awards__starts_on__lte=today) & (Q(awards__ends_before=None) | Q(awards__ends_before__gt=today))
    lots = list(
        Lot.objects.select_related("framework", "framework__lead_authority")
        .prefetch_related(Prefetch("framework__extensions", Extension.objects.all()))
        .annotate(providers=Count("awards", filter=on_today))
        .order_by("framework__name", "number")
    )
    asked = ask(request.GET, _lot_questions(mine, today), lots)
    columns = _lot_columns(mine, today, officer=bool(request.user.authority_id))
    rows = (
        sort_rows(asked.rows, columns, ordering(columns, request.GET.get("sort", ""), ""))
        if request.GET.get("sort")
        else asked.rows
    )
    sentence = FilterSentence(asked.filters, len(rows), len(lots), ("lot", "lots"), request.path)
    if request.GET.get("format") in FORMATS:
        return file_response(request, request.GET["format"], columns, rows, title="Lots", sentence=sentence)
    table = Table.for_request(
        request, columns, rows, "Lots", caption_hidden=True, downloads=downloads(request), noun=("lot", "lots"),
        empty=EmptyState("No lot like that", "No lot matches everything that you chose.", "Show all", request.path)
        if lots
        else EmptyState("No lots yet", "Lots appear once a framework has them.", "See the frameworks", "/frameworks/"),
    )  # fmt: skip
    return render(request, "compare/lot_list.html", {
        "table": table, "sentence": sentence, "fields": asked.fields, "lots": lots,
        "answer": _lots_answer(lots, mine, request.user),
    })  # fmt: skip


def _lot_questions(mine: set[int], today: date) -> list[Question]:
    return [
        Question("service", "Service", codes.SERVICE_TYPES, lambda lot, value: lot.service_type == value),
        Question(
            "part", "Taking part", {"yes": "we take part", "no": "we do not"},
            lambda lot, value: (lot.framework_id in mine) == (value == "yes"),
        ),
        Question(
            "state", "State", {"running": "running now", "ended": "ended"},
            lambda lot, value: _has_ended(lot, today) == (value == "ended"),
        ),
    ]  # fmt: skip


def _has_ended(lot: Lot, today: date) -> bool:
    return bool(lot.framework.runs_until and lot.framework.runs_until <= today)


def _lot_columns(mine: set[int], today: date, *, officer: bool) -> list[Column]:
    """How many providers there are, and who takes part, is for authorities: a contact sees its own place alone."""
    columns = [
        Column("lot", "Lot", value=str, link=lambda row: reverse("lot", args=[row.uuid]), sort="lot"),
        Column("framework", "Framework", value=lambda row: row.framework.name, sort="framework"),
        Column("service", "Service", value=lambda row: row.get_service_type_display(), sort="service"),
        Column("lead", "Led by", value=lambda row: row.framework.lead_authority.name, sort="lead"),
        Column("providers", "Providers", value=lambda row: row.providers, kind="number", sort="providers"),
        Column("part", "We take part", value=lambda row: row.framework_id in mine, kind="yesno"),
        Column("runs_to", "Runs to", kind="date", missing="no last day", sort="runs_to",
               value=lambda row: row.framework.runs_until and last_day(row.framework.runs_until)),
        Column("notice", "Notice", value=lambda row: notice(row.framework.runs_until, today) or None, missing=""),
    ]  # fmt: skip
    return [column for column in columns if officer or column.key not in ("providers", "part")]


def _lots_answer(lots: list[Lot], mine: set[int], user: Any) -> str:
    if not lots:
        return ""
    count = sum(lot.framework_id in mine for lot in lots)
    if not user.authority_id:
        return f"{len(lots)} lots are recorded."
    return f"{user.body_name} takes part in the frameworks of {count} of {len(lots)} lots, and sees the rates of those."


def _found(uuid: UUID) -> Lot:
    framework = Prefetch("framework__extensions", Extension.objects.all())
    return get_object_or_404(
        Lot.objects.select_related("framework", "framework__lead_authority").prefetch_related(framework), uuid=uuid
    )


def _day(request: HttpRequest, lot: Lot, today: date) -> date:
    """The day asked for. For none, or for one that is no day (and says so): today, or a framework's last day."""
    ends = lot.framework.runs_until
    usual = last_day(ends) if ends and ends <= today else today
    asked = request.GET.get("on", "")
    if not asked:
        return usual
    try:
        return date.fromisoformat(asked)
    except ValueError:
        messages.warning(
            request, f"“{asked[:20]}” is no date: this is {wording.day(usual)}. Write dates as 2026-04-01."
        )
        return usual


@allowed("lots")
def lot(request: HttpRequest, uuid: UUID) -> HttpResponse:
    today = timezone.localdate()
    asked_for = _found(uuid)
    found = lot_rates(asked_for, day=_day(request, asked_for, today))
    chosen = request.GET.get("line", "")
    every = chosen == EVERY_LINE
    line = found.line_coded(chosen) or found.default_line
    asked = ask(request.GET, _place_questions(found, line, every, today), found.places)
    columns = lot_tables.columns(found, line, every=every)
    default = "rate" if "rate" in {column.key for column in columns} else "provider"
    rows = sort_rows(asked.rows, columns, ordering(columns, request.GET.get("sort", ""), default))
    sentence = FilterSentence(asked.filters, len(rows), len(found.places), ("provider", "providers"), request.path)
    title = _title(found)
    if chosen and not every and found.seen and found.lines and found.line_coded(chosen) is None:
        messages.warning(request, f"This lot has no price line “{chosen[:40]}”: {line.title} is shown.")
    if request.GET.get("format") in FORMATS:
        which = f"{title}, {'every line' if every or line is None else line.title}"
        return file_response(request, request.GET["format"], columns, rows, title=which, sentence=sentence)
    lot_found = found.lot
    return render(request, "compare/lot.html", {
        "every": every, "lot": lot_found, "found": found, "line": line, "title": title,
        "sentence": sentence, "fields": asked.fields,
        "answer": lot_tables.answer(found, line),
        "movement": lot_tables.movement(found, line) if line and found.seen else "",
        "notice": notice(lot_found.framework.runs_until, today),
        "last_day": lot_found.framework.runs_until and last_day(lot_found.framework.runs_until),
        "table": Table.for_request(
            request, columns, rows, "Providers on the lot", default_sort=default, caption_hidden=True,
            downloads=downloads(request) if rows else (), noun=("provider", "providers"), empty=_nobody(found, request),
            cards=not every,
        ),
        "spread": _spread(found) if found.seen and found.rivals_seen and found.places else None,
        "charts": lot_tables.charts(found, line) if line and found.seen and found.rivals_seen else [],
        "leads": lot_found.framework.lead_authority_id == request.user.authority_id,
        "may_change": request.user.may("create", "awards"),
        "narrowed": len(rows) < len(found.places),
        "own": any(charged.own for place in found.places for charged in place.rates.values()),
        "statements": LotStatement.objects.filter(lot=lot_found).select_related("statement").order_by(
            "statement__statement_set", "statement__number"
        ),
        "may_set": request.user.may("change", "lots"), "may_card": request.user.may("compare", "scorecards"),
        "may_links": request.user.may("read", "plans"),
        "whose": request.user.body_name, "suspended": said_of_lot(lot_found.pk, today, request.user),
    })  # fmt: skip


def _title(found: LotRates) -> str:
    name = found.lot.name if found.lot.name.lower().endswith("lot") else f"{found.lot.name} lot"
    return f"{name}: rates on {wording.day(found.day)}"


def _place_questions(found: LotRates, line: PriceLine | None, every: bool, today: date) -> list[Question]:
    questions = []
    if found.seen and line is not None:
        lines = {each.code: each.title for each in found.lines}
        questions.append(
            Question(
                "line", "Price line", lines | {EVERY_LINE: "every price line"},
                default=EVERY_LINE if every else line.code, always=True,
            )
        )  # fmt: skip
    questions.append(Question("on", "On", _days(found, today), default=found.day.isoformat(), always=True))
    tiers = sorted({place.award.tier for place in found.places if place.award.tier is not None})
    questions += [
        Question("tier", "Tier", {str(tier): str(tier) for tier in tiers}, lambda p, value: str(p.award.tier) == value),
        Question("judgement", "Judgement", JUDGED, _judged),
    ]
    if any(place.standing.places is not None for place in found.places):
        questions.append(Question("places", "Places", {"some": "has places"}, lambda p, value: bool(p.standing.places)))
    return questions


def _days(found: LotRates, today: date) -> dict[str, str]:
    """Today, the day shown, and each first of April that the framework has seen."""
    years = [date(today.year - back, 4, 1) for back in range(DAYS_BACK_YEARS + 1)]
    begins = found.lot.framework.starts_on
    days = {today, found.day, *(day for day in years if begins <= day <= today)}
    return {day.isoformat(): "today" if day == today else wording.day(day) for day in sorted(days, reverse=True)}


def _judged(place: Place, value: str) -> bool:
    judgements = place.standing.judgements
    if value == "good":
        return bool(judgements) and all(judgement in AT_LEAST_GOOD for judgement in judgements)
    if value == "inadequate":
        return any(judgement in ("inadequate", "serious_weaknesses") for judgement in judgements)
    return all(not judgement for judgement in judgements)


def _nobody(found: LotRates, request: HttpRequest) -> EmptyState:
    if found.places:
        return EmptyState(
            "No provider like that", "No provider matches everything that you chose.", "Show all", request.path
        )
    return EmptyState(
        "No provider has a place yet",
        f"Nobody was awarded a place on this lot by {wording.day(found.day)}. Its lead authority awards places, then "
        "loads their rate cards.",
    )


def _spread(found: LotRates) -> Table:
    return Table(
        lot_tables.spread_columns(), lot_tables.spread_rows(found), "How the rates lie, line by line", per_page=None,
        noun=("price line", "price lines"), cards=False,
    )  # fmt: skip


@allowed("lots")
def workbook(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Every provider and every price line, the spread with its chart, and what was chosen, as one workbook."""
    today = timezone.localdate()
    asked_for = _found(uuid)
    found = lot_rates(asked_for, day=_day(request, asked_for, today))
    places = sorted(found.places, key=lambda place: place.provider.name.casefold())
    sheets = [SheetOf("Rates", lot_tables.columns(found, found.default_line, every=True), places)]
    if found.seen and found.rivals_seen and found.lines:
        weekly = [row for row in lot_tables.spread_rows(found) if row["line"].unit == "week" and row["spread"].n]
        sheets.append(SheetOf("Spread", lot_tables.spread_columns(), lot_tables.spread_rows(found)))
        if weekly:
            series = ("lowest", "lower_quartile", "median", "upper_quartile", "highest")
            drawn = SpreadChart(_title(found), label="line", series=series, unit="£ a week", kind="dots")
            sheets.append(SheetOf("Weekly lines, drawn", lot_tables.spread_columns(), weekly, chart=drawn))
    made = Notice(
        f"{found.lot.framework.name}, {found.lot}: {_title(found)}",
        request.user.body_name,
        timezone.now(),
        notes=(RULE,),
    )
    return _xlsx(workbook_bytes(sheets, made), file_name(_title(found), request.user.body_name, today, "xlsx"))


@allowed("lots")
def card(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """The lot's rate card: blank, or for ?provider=, with its present rates. A provider's contact gets its own."""
    today, lot_found = timezone.localdate(), _found(uuid)
    wanted = request.GET.get("provider", "")
    provider = None
    if request.user.provider_id:
        provider = get_object_or_404(Provider, pk=request.user.provider_id)
        get_object_or_404(Award.objects.in_force_on(today), lot=lot_found, provider=provider)
    elif wanted:
        provider = get_object_or_404(
            Award.objects.select_related("provider"), lot=lot_found, provider__uuid=_uuid(wanted)
        ).provider
    made = rate_card(lot_found, viewer=request.user.body_name, today=today, made_at=timezone.now(), provider=provider)
    title = f"Rate card {lot_found.framework.reference} lot {lot_found.number}" + (f" {provider}" if provider else "")
    return _xlsx(made, file_name(title, request.user.body_name, today, "xlsx"))


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _xlsx(content: bytes, name: str) -> HttpResponse:
    response = HttpResponse(content, content_type=CONTENT_TYPE)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
