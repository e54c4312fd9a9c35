"""One statement: who agrees by provider, lot, kind of home or quarter, and which of them differ by more than chance."""

from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone

from commissioning.kernel import wording
from commissioning.kernel.charts import Chart
from commissioning.kernel.pages.allowed import allowed
from commissioning.kernel.pages.downloads import FORMATS, downloads, file_response
from commissioning.kernel.pages.questions import Question, ask
from commissioning.kernel.plots import Limit, Plot, Point
from commissioning.kernel.tables import Column, EmptyState, FilterSentence, Table, ordering, sort_rows
from commissioning.partnership.models import Lot, Statement
from contracts.rules.codes import SERVICE_TYPES
from providers.models import Provider

from ..measures.own_records import Window, records, tied
from ..measures.voice import TELLS_FROM, Response, Result, Selection, response_rates, results
from ..models import SurveyQuestion
from ..rules.codes import SURVEY_SCALE
from ..rules.proportions import ACTION, DIFFERENT, PERHAPS, WARNING, limits
from .voice import NOTHING, links, records_table
from .voice_asked import Wanted, wanted
from .voice_words import (
    CHANCE,
    Said,
    chance_words,
    change_words,
    finding,
    interval_words,
    response_words,
    result_columns,
    scale_columns,
    short,
)

GROUPS = {"provider": "provider", "lot": "lot", "service": "kind of home", "quarter": "quarter"}
NOUNS = {
    "provider": ("provider", "providers"), "lot": ("lot", "lots"), "service": ("kind of home", "kinds of home"),
    "quarter": ("quarter", "quarters"),
}  # fmt: skip
NONE = {"provider": "Our own homes, or no provider recorded", "lot": "Bought outside the lots, or our own"}
BY = Question("by", "Counted by", GROUPS, default="provider", always=True)


@allowed("outcomes")
def statement(request: HttpRequest, uuid: UUID) -> HttpResponse:
    found = get_object_or_404(Statement.objects.select_related("statement_set"), uuid=uuid)
    asked = wanted(request, timezone.localdate(), of=found.statement_set, providers=False)
    grouped = ask(request.GET, [BY], ())
    by = grouped.answers["by"]
    whole = _whole(asked.selection, found.number)
    rows = _rows(asked.selection, found, by, whole)
    columns = result_columns(
        change=False, chance=by != "quarter", first=[Column("name", wording.capital(GROUPS[by]), sort="name",
                                                            link=lambda row: row.href or None)],
    )  # fmt: skip
    default = "newest_first" if by == "quarter" else "name"
    asked_order = ordering(columns, request.GET.get("sort", ""), default)
    shown = rows if asked_order == "newest_first" else sort_rows(rows, columns, asked_order)
    filters = [*grouped.filters, *asked.asked.filters]
    sentence = FilterSentence(filters, len(shown), len(rows), NOUNS[by], request.path)
    title = f"{found.number} {short(found.statement_set, found)} by {GROUPS[by]}, {asked.when}"
    if request.GET.get("format") in FORMATS:
        return file_response(
            request, request.GET["format"], [*columns, *scale_columns()], shown, title=title, sentence=sentence
        )
    before = _whole(asked.before, found.number) if asked.before else None
    return render(request, "quality/voice_statement.html", {
        "statement": found, "title": f"{found.number} {short(found.statement_set, found)}",
        "heading": f"“{found.words}”", "when": asked.when,
        "answer": _answer(found, whole, before, rows, by), "links": links(request.user),
        "response": response_words(
            response_rates(asked.selection).get((found.number,), Response())
        ),
        "sentence": sentence, "fields": [*grouped.fields, *asked.asked.fields],
        "chart": _trend(found, asked, rows) if by == "quarter" else _funnel(found, whole, rows, by),
        "table": Table.for_request(
            request, columns, shown, f"By {GROUPS[by]}", default_sort=default, noun=NOUNS[by],
            downloads=downloads(request),
        ) if rows else None,
        "empty": None if rows else _nothing(request),
        "words": _distribution(whole) if whole.n or whole.unsaid else None,
        "trend": None if by == "quarter" else _trend(
            found, asked, _rows(asked.selection, found, "quarter", whole)
        ),
        "questions": _questions(found), "records": _records(asked, found),
    })  # fmt: skip


def _whole(selection: Selection, number: int) -> Result:
    found = results(selection, (), number)
    return found[0] if found else Result(number, said=dict.fromkeys(SURVEY_SCALE, 0))


def _rows(selection: Selection, of: Statement, by: str, whole: Result) -> list[Said]:
    """About five queries, whatever their number."""
    found = results(selection, (by,), of.number)
    rates = response_rates(selection, (by,))
    names = _named(by, {each.key[0] for each in found})
    rows = []
    for each in found:
        name, href = names(each.key[0])
        rows.append(Said(
            of, each, whole, rates.get((of.number, each.key[0]), Response()), name, href,
            "" if by == "quarter" else chance_words(each, whole),
        ))  # fmt: skip
    if by == "quarter":
        return rows[::-1]
    return sorted(rows, key=lambda row: row.name.casefold())


def _named(by: str, values: set[Any]) -> Callable[[Any], tuple[str, str]]:
    if by == "provider":
        known = Provider.objects.in_bulk([value for value in values if value])
        return lambda value: (
            (known[value].name, reverse("provider", args=[known[value].uuid])) if value in known
            else (NONE["provider"], "")
        )  # fmt: skip
    if by == "lot":
        lots = {lot.pk: lot for lot in Lot.objects.filter(pk__in=values - {None}).select_related("framework")}
        return lambda value: (
            (f"{lots[value].framework.reference} {lots[value]}", reverse("lot", args=[lots[value].uuid]))
            if value in lots else (NONE["lot"], "")
        )  # fmt: skip
    if by == "service":
        return lambda value: (SERVICE_TYPES.get(value, value), "")
    return lambda value: (quarter_words(value), "")


def quarter_words(day: date) -> str:
    """ "January to March 2026" """
    last = date(day.year, day.month + 2, 1)
    return f"{day:%B} to {last:%B %Y}"


def _answer(of: Statement, whole: Result, before: Result | None, rows: Sequence[Said], by: str) -> list[str]:
    if whole.n and whole.people < TELLS_FROM:
        return [f"{finding(of.statement_set, of, whole)}: too few for a percentage."]
    if not whole.n:
        return ["Nobody answered on the scale."] if whole.unsaid else []
    said = finding(of.statement_set, of, whole)
    lines = [f"{said}; of all who might have answered, likely between {interval_words(whole.interval)}."]
    change = change_words(before, whole) if before else None
    if change:
        lines.append(f"Since the time before: {change}.")
    if by != "quarter":
        apart = [row for row in rows if row.chance and "as others" not in row.chance]
        if apart:
            lines.extend(f"{row.name}: {row.percent}% of {row.result.n:,}, {row.chance}." for row in apart[:3])
            if len(apart) > 3:
                lines.append(f"So do {len(apart) - 3} more: see the table.")
        elif len(rows) > 1:
            lines.append(f"No {GROUPS[by]} differs from the others by more than chance would explain.")
    return lines


def _funnel(of: Statement, whole: Result, rows: Sequence[Said], by: str) -> Plot | None:
    told = [row for row in rows if row.told]
    if len(told) < 2 or whole.percent is None:
        return None
    most = max(row.result.people for row in told)
    at = [1 + (Decimal(most) * 11 / 10 - 1) * step / 40 for step in range(41)]
    curves = []
    for label, z in (("95%", WARNING), ("99.8%", ACTION)):
        found = [(n, limits(whole.percent, n, z)) for n in at]
        curves.append(Limit(label, [(n, each.low, each.high) for n, each in found if each is not None]))
    points = [
        Point(
            row.name, row.result.people, row.result.percent or 0, href=row.href,
            reading=f"{row.name}: {row.percent}% of {row.result.n} answers by {row.result.people} young people, "
            f"{row.chance}", apart=row.result.against(whole) in (PERHAPS, DIFFERENT),
        )
        for row in told
    ]  # fmt: skip
    apart = sum(point.apart for point in points)
    noun = NOUNS[by]
    said = (
        f"{apart} of {len(points)} {noun[1]} {'lies' if apart == 1 else 'lie'} outside what chance would explain"
        if apart else f"All {len(points)} {noun[1]} lie within what chance would explain"
    )  # fmt: skip
    return Plot(
        said, "points", (), (), slug="funnel", noun=noun[0], own_table=False, points=points, limits=curves,
        across="young people who answered", up="agree", middle=(whole.percent, f"ours {whole.whole}%"),
        note="The line is the share of all our young people. Between the dashed lines a share lies nineteen times in "
        "twenty where nothing but chance makes it differ; between the dotted lines, 499 times in 500. Outside the "
        f"dashed lines we say “{CHANCE[PERHAPS]}”, outside the dotted ones “{CHANCE[DIFFERENT]}”. "
        f"{wording.capital(noun[1])} of fewer than {TELLS_FROM} people are not drawn.",
    )  # fmt: skip


def _trend(of: Statement, asked: Wanted, rows: Sequence[Said]) -> Chart | None:
    """By quarter, oldest first."""
    told = [row for row in rows[::-1] if row.told]
    if len(told) < 2:
        return None
    first, last = told[0], told[-1]
    said = change_words(first.result, last.result) or ""
    columns = [
        Column("name", "Quarter"),
        Column("percent", "Agree", value=lambda row: row.percent, kind="percent"),
        Column("n", "Answers", value=lambda row: row.result.n, kind="number"),
        Column("interval", "Likely between", missing=""),
    ]
    title = f"From {first.percent}% in {first.name} to {last.percent}% in {last.name}: {said}"
    return Chart(
        title, "columns", columns[:2], told, unit="% agree", slug="trend", own_table=False,
        extra_tables=(Table(columns, told, "Quarter by quarter", per_page=None, compact=True, cards=False, level=3),),
    )  # fmt: skip


def _distribution(whole: Result) -> Table:
    rows: list[dict[str, Any]] = [
        {"word": word, "n": whole.said[value], "share": round(100 * whole.said[value] / whole.n) if whole.n else None}
        for value, word in SURVEY_SCALE.items()
    ]
    rows.append({"word": "Did not want to say", "n": whole.unsaid, "share": None})
    columns = [
        Column("word", "Answer"), Column("n", "Answers", kind="number"),
        Column("share", "Share of answers", kind="percent", missing="not counted in"),
    ]  # fmt: skip
    return Table(columns, rows, "How often they say so", per_page=None, noun=("word", "words"), cards=False)


def _questions(of: Statement) -> Table:
    rows = (
        SurveyQuestion.objects.filter(
            survey__statement_set=of.statement_set_id, statements__contains=[of.number], kind="scale"
        )
        .select_related("survey").order_by("survey__age_from", "survey__code", "-survey__number", "number")
    )  # fmt: skip
    columns = [
        Column("words", "Question", value=lambda row: f"“{row.words}”"),
        Column("survey", "Asked in", value=lambda row: f"{row.survey.name}, version {row.survey.number}"),
        Column("ages", "Ages", value=lambda row: f"{row.survey.age_from} to {row.survey.age_to}"),
    ]
    return Table(
        columns, list(rows), "The questions that young people answered", per_page=None, noun=("question", "questions"),
        empty=EmptyState("No question yet", "No survey asks about this statement, so nobody can answer to it."),
    )  # fmt: skip


def _records(asked: Wanted, of: Statement) -> Table | None:
    keys = tied().get(of.statement_set.code, {}).get(of.number, [])
    window = Window(asked.recorded_from, asked.selection.until, of.number, of.statement_set_id, asked.selection.service)
    rows = [{"statement": of, "record": each, "short": ""} for each in records(keys, window)]
    return records_table(rows, statement=False) if rows else None


def _nothing(request: HttpRequest) -> EmptyState:
    if request.GET:
        return EmptyState("No answer like that", "Nobody answered who fits everything that you chose.", "Show all",
                          request.path)  # fmt: skip
    return NOTHING
