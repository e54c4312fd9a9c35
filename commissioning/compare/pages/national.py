"""What DfE publishes of every authority, one measure at a time: ours beside members, neighbours, region and England."""

import re
from decimal import Decimal
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from commissioning.kernel import wording
from commissioning.kernel.charts import Chart
from commissioning.kernel.models import ImportRun
from commissioning.kernel.pages.allowed import allowed
from commissioning.kernel.pages.downloads import FORMATS, downloads, file_response
from commissioning.kernel.pages.questions import Question, ask
from commissioning.kernel.tables import Column, EmptyState, FilterSentence, Table, ordering, sort_rows
from commissioning.kernel.wording import Withheld

from ..measures import national as measured
from ..measures.national import CHOSEN, ENGLAND, OURS, REGION, Beside, Line, Offered
from ..rules import national
from . import national_words as words

FIRST = "RescareFinance"  # what is asked most: the weekly cost of a residential placement
WHOLE = re.compile(r"(?:total( children)?|: all children)$", re.IGNORECASE)  # a part that is 100% of itself
NOBODY = "nobody"
BESIDE = {"members": "members of the partnership", "neighbours": "statistical neighbours"}


class PeriodColumn(Column):
    """A year that never breaks at its hyphen."""

    def html(self, row: Line) -> str:
        return f'<span class="app-table__nowrap">{super().html(row)}</span>'


@allowed("benchmarks")
def national_figures(request: HttpRequest) -> HttpResponse:
    today = timezone.localdate()
    measures = measured.offered()
    if not measures:
        return render(request, "compare/national.html", {"nothing": _nothing(request.user)})
    by_code = {each.code: each for each in measures}
    measure = by_code.get(request.GET.get("measure", "")) or by_code.get(FIRST) or measures[0]
    parts = measured.parts_of(measure.code) if measure.parts else [""]
    usual = next((each for each in parts if not WHOLE.search(each)), parts[0])
    part = request.GET.get("part", "") if request.GET.get("part", "") in parts else usual
    authorities = measured.england_now(today, own=request.user.authority_id)
    year = request.GET.get("year", "")
    found = measured.beside(
        measure.code, part, own=request.user.authority_id, chosen=request.GET.get("with", ""),
        asked_year=int(year) if year.isdecimal() else None, authorities=authorities, today=today,
    )  # fmt: skip
    assert found is not None  # the measure is offered because it has figures
    lines = found.lines if measure.of_authorities else found.of_kind(ENGLAND)
    asked = ask(request.GET, _questions(measures, measure, parts, part, found, authorities), lines)
    columns = _columns(request, found, measure)
    rows = sort_rows(asked.rows, columns, ordering(columns, request.GET.get("sort", "")))
    rows = rows if request.GET.get("sort") else asked.rows
    title = f"{words.name_of(measure, part)}, {found.years[found.year]}"
    sentence = FilterSentence(asked.filters, len(rows), len(lines), ("area", "areas"), request.path)
    if request.GET.get("format") in FORMATS:
        return file_response(request, request.GET["format"], columns, rows, title=title, sentence=sentence)
    table = Table.for_request(
        request, columns, rows, title, caption_hidden=True, per_page=None, cards=False, noun=("area", "areas"),
        downloads=downloads(request),
        empty=EmptyState("Nobody like that", "No area matches what you chose.", "Show all", request.path),
    )  # fmt: skip
    shown = {figure.sign for line in rows if (figure := line.figures.get(found.year)) and figure.sign}
    return render(request, "compare/national.html", {
        "title": words.name_of(measure, part), "whose": request.user.body_name, "period": found.years[found.year],
        "answer": words.answer(found, measure), "sentence": sentence, "fields": asked.fields, "table": table,
        "chart": _chart(found, measure, part), "about": measured.described(measure.code), "measure": measure,
        "good": words.good(measure.known), "found": found, "own": measure.of_authorities,
        "signs": [(sign, says) for sign, says in national.SIGNS.items() if sign in shown],
        "caution": words.standing_out(rows, found.year, measure.known.unit),
    })  # fmt: skip


def _nothing(user: Any) -> EmptyState:
    why = (
        "What DfE publishes of every English authority appears here, section 251 unit costs first, once its files are "
        "loaded: an extract of the Local Authority Interactive Tool, and the list of statistical neighbours."
    )
    if user.may("create", "imports") and user.may("import", "dfe"):
        return EmptyState("No published figures yet", why, "Load a file", "/imports/")
    return EmptyState("No published figures yet", why)


def _questions(
    measures: list[Offered], measure: Offered, parts: list[str], part: str, found: Beside, authorities: list[Any]
) -> list[Question]:
    titles = {each.code: each.known.title + ("" if each.of_authorities else " (England alone)") for each in measures}
    own = found.ours.area
    others = {each.slug: each.name for each in authorities if each.pk != own}
    told = [Question("measure", "Measure", titles, default=measure.code, always=True)]
    if measure.parts:
        told.append(
            Question("part", "Of", {each: words.part_in_words(each) for each in parts}, default=part, always=True)
        )
    years = {str(year): period for year, period in found.years.items()}
    told.append(Question("year", "Year", years, default=str(found.year), always=True))
    if not measure.of_authorities:
        return told
    choices = {NOBODY: "nobody else", **others}
    return [
        *told,
        Question("with", "Compared with", choices, default=NOBODY, always=True),
        Question("beside", "Authorities", BESIDE, _stands_beside),
    ]


def _stands_beside(line: Line, value: str) -> bool:
    """Ours, the chosen one, regions and England stay whatever is asked."""
    kind = {"members": measured.MEMBER, "neighbours": measured.NEIGHBOUR}[value]
    return bool({OURS, CHOSEN, REGION, ENGLAND, kind} & set(line.kinds))


def _unit(unit: str) -> dict[str, Any]:
    """How a column of the measure shows its figures."""
    kind = {national.WEEKLY: "money", national.POUNDS: "money", national.PERCENT: "percent"}.get(unit, "number")
    return {"kind": kind, "whole": True, "unit": "" if kind == "percent" else national.UNITS[unit]}


def _columns(request: HttpRequest, found: Beside, measure: Offered) -> list[Column]:
    year, shown = found.year, _unit(measure.known.unit)
    ours = found.ours.value(year)
    runs = _runs(found)

    def against(line: Line) -> Decimal | None:
        value = line.value(year)
        return value - ours if value is not None and ours is not None and OURS not in line.kinds else None

    def since(line: Line) -> Decimal | None:
        value, before = line.value(year), line.value(year - 1)
        return value - before if value is not None and before is not None else None

    def figure(line: Line) -> Decimal | Withheld | None:
        said = line.figures.get(year)
        return Withheld(wording.capital(national.SIGNS["c"])) if said and said.sign == "c" else line.value(year)

    def source(line: Line) -> str:
        said = line.figures.get(year)
        if said is None:
            return ""
        file = f"; {runs[said.import_id]}, row {said.row:,}" if said.import_id in runs and said.row else ""
        return f"DfE, {national.SHORT[measure.known.source]}{file}"

    def period(line: Line) -> str | None:
        return line.figures[year].period if year in line.figures else None

    changes = shown | ({"unit": "points"} if measure.known.unit == national.PERCENT else {})
    changes["kind"] = "number" if changes["kind"] == "percent" else changes["kind"]
    columns = [
        Column("area", "Area", value=lambda line: line.name, link=lambda line: _chosen(request, line), sort="area"),
        Column("figure", "Figure", value=figure, sort="figure", missing="no figure", **shown),
        Column("against", "Against ours", value=against, signed=True, sort="against", missing="", **changes),
        Column("since", "Since the year before", value=since, signed=True, sort="since", missing="", **changes),
        Column("who", "What it is to us", value=words.who),
        Column("remark", "Note", value=lambda line: words.remark(line, year, measure.known.unit), missing=""),
        PeriodColumn("period", "Year", value=period, missing="none"),
        Column("source", "Source", value=source, missing="none"),
    ]
    left_out = set() if measure.of_authorities else {"who", "against"}
    lines = found.lines if measure.of_authorities else found.of_kind(ENGLAND)
    if not any(words.remark(line, year, measure.known.unit) for line in lines):
        left_out.add("remark")
    return [column for column in columns if column.key not in left_out]


def _chosen(request: HttpRequest, line: Line) -> str | None:
    """The same page with this authority on the chart beside ours."""
    if not line.slug or OURS in line.kinds:
        return None
    asked = request.GET.copy()
    for name in ("page", "format"):
        asked.pop(name, None)
    asked["with"] = line.slug
    return f"?{asked.urlencode()}"


def _runs(found: Beside) -> dict[int, str]:
    """Import -> its words, of those that brought this year's figures."""
    brought = {figure.import_id for line in found.lines if (figure := line.figures.get(found.year))}
    return {pk: f"import {pk}" for pk in ImportRun.objects.filter(pk__in=brought - {None}).values_list("pk", flat=True)}


def _chart(found: Beside, measure: Offered, part: str) -> Chart | None:
    """Ours, the neighbours' median, region, England and whoever was chosen, over the years."""
    years = sorted(found.years)
    if len(years) < 2:
        return None
    drawn = [found.ours, *found.of_kind(CHOSEN), *found.of_kind(REGION)[:1], *found.of_kind(ENGLAND)]
    shown = _unit(measure.known.unit) | {"missing": "no figure"}
    series = [
        Column(
            "ours" if OURS in line.kinds else f"line-{place}", line.name,
            value=lambda row, line=line: line.value(row["year"]), **shown,
        )
        for place, line in enumerate(drawn)
    ]  # fmt: skip
    note = "A gap is a year without a published figure."
    if measure.of_authorities and found.of_kind(measured.NEIGHBOUR):
        series.insert(1, Column("median", "Neighbours’ median", value=lambda row: found.median(row["year"]), **shown))
        note += " The neighbours’ median is worked out here, from what today’s neighbours had in each year."
    series = [column for column in series if any(column.of({"year": year}) is not None for year in years)]
    if not series:
        return None
    rows = [{"year": year, "period": found.years[year]} for year in years]
    return Chart(
        _finding(found, measure), "line", [Column("period", "Year"), *series], rows,
        unit=national.UNITS[measure.known.unit], caption=f"{words.name_of(measure, part)}, year by year",
        slug="national-years", note=note,
    )  # fmt: skip


def _finding(found: Beside, measure: Offered) -> str:
    """From the first year with a figure of ours to the last, as a title."""
    line = found.ours if measure.of_authorities else found.lines[-1]
    have = [(period, value) for year, period in sorted(found.years.items()) if (value := line.value(year)) is not None]
    if len(have) < 2:
        return f"{line.name} and others, {found.years[min(found.years)]} to {found.years[max(found.years)]}"
    (begins, first), (ends, last) = have[0], have[-1]
    then, now = words.short(first, measure.known.unit), words.short(last, measure.known.unit)
    moved = f"rose from {then} to {now}" if last > first else f"fell from {then} to {now}"
    return f"{line.name} {moved if last != first else f'stood at {now} again'} between {begins} and {ends}"
