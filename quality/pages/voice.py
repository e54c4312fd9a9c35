"""What our young people say, statement by statement, with what our own records say beside it."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from commissioning.kernel.pages.allowed import allowed
from commissioning.kernel.pages.downloads import FORMATS, downloads, file_response
from commissioning.kernel.tables import Column, EmptyState, FilterSentence, Table, ordering, sort_rows
from commissioning.partnership.models import Statement, StatementSet
from contracts.pages.referral_words import plural

from ..measures.own_records import Window, records, tied
from ..measures.voice import Response, Result, by_statement, response_rates, results
from .voice_asked import Wanted, wanted
from .voice_words import (
    Said,
    finding,
    response_words,
    result_columns,
    scale_columns,
    short,
    statement_address,
    whole_percent,
)

NOUN = ("statement", "statements")
NOTHING = EmptyState(
    "Nobody has answered yet",
    "What your young people say of where they live appears here, statement by statement, once they are asked and "
    "answer.",
)
# (name of the address, words, what one must be allowed to read): the pages beside this one.
BESIDE = (
    ("asking", "Asking young people", "surveys"),
    ("not-safe", "Answers of not being safe", "unsafe-answers"),
    ("you-said", "You said, we did", "you-said"),
    ("outcomes-due", "Reviews of outcomes that are due", "outcomes"),
    ("benchmarks", "Shared figures", "benchmarks"),
)  # fmt: skip


@allowed("outcomes")
def outcomes(request: HttpRequest) -> HttpResponse:
    today = timezone.localdate()
    try:
        asked = wanted(request, today)
    except StatementSet.DoesNotExist:
        return render(request, "quality/voice.html", {
            "heading": "What young people say", "empty": NOTHING, "links": links(request.user),
        })  # fmt: skip
    statements = list(Statement.objects.filter(statement_set=asked.of))
    rows = said_of(asked, statements, request.GET.urlencode())
    answered = [row for row in rows if row.result.n or row.result.unsaid]
    columns = result_columns(change=bool(asked.before), first=[
        Column("words", "Statement", value=lambda row: str(row.statement), link=lambda row: row.href),
    ])  # fmt: skip
    number = Column("number", "Number", value=lambda row: row.statement.number, kind="number")
    order = ordering(columns, request.GET.get("sort", ""), "")
    shown = sort_rows(rows, columns, order) if order else rows
    sentence = FilterSentence(asked.asked.filters, len(shown), len(rows), NOUN, request.path)
    title = f"What young people say, {asked.when}"
    if request.GET.get("format") in FORMATS:
        return file_response(
            request, request.GET["format"], [number, *columns, *scale_columns()], shown, title=title, sentence=sentence
        )
    whole = response_rates(asked.selection).get((0,), Response())
    return render(request, "quality/voice.html", {
        "heading": f"What young people say: {request.user.body_name}, {asked.when}", "links": links(request.user),
        "answer": _answer(asked, answered), "response": response_words(whole), "sentence": sentence,
        "fields": asked.asked.fields, "of": asked.of,
        "table": Table.for_request(
            request, columns, shown, "What young people answered", noun=NOUN,
            downloads=downloads(request) if answered else (),
        ) if answered else None,
        "empty": None if answered else (
            EmptyState("No answer like that", "Nobody answered who fits everything that you chose.", "Show all",
                       reverse("voice")) if asked.asked.filters and request.GET else NOTHING
        ),
        "records": own_records(asked, statements),
    })  # fmt: skip


def said_of(asked: Wanted, statements: list[Statement], query: str = "") -> list[Said]:
    """A row for each statement, whether anybody answered it or not. Five queries."""
    now = by_statement(results(asked.selection))
    before = by_statement(results(asked.before)) if asked.before else {}
    rates = response_rates(asked.selection)
    return [
        Said(
            each, now.get(each.number, _none(each)), before.get(each.number, _none(each)),
            rates.get((each.number,), Response()), href=statement_address(each, _kept(query)),
        )
        for each in statements
    ]  # fmt: skip


def _none(statement: Statement) -> Result:
    return Result(statement.number, said=dict.fromkeys(range(1, 6), 0))


def _kept(query: str) -> str:
    """The filters that the statement's own page has too."""
    return "&".join(part for part in query.split("&") if part.partition("=")[0] in ("period", "service", "who"))


def _answer(asked: Wanted, answered: list[Said]) -> list[str]:
    """The first statement first, as nothing matters more than being safe; then where fewest agree."""
    told = [row for row in answered if row.told]
    if not told:
        return ["Too few young people answered for a percentage of any statement."] if answered else []
    first = told[0]
    lines = [f"{finding(asked.of, first.statement, first.result)}."]
    least = min(told, key=lambda row: row.result.percent or 0)
    if least is not first:
        lines.append(f"Fewest agree with number {least.statement.number}: "
                     f"{finding(asked.of, least.statement, least.result)}.")  # fmt: skip
    return lines


def own_records(asked: Wanted, statements: list[Statement]) -> Table | None:
    """One row for each measure of our records, with the statement that it stands beside."""
    of = tied().get(asked.of.code, {})
    rows: list[dict[str, Any]] = []
    for statement in statements:
        window = Window(
            asked.recorded_from, asked.selection.until, statement.number, asked.of.pk, asked.selection.service,
            asked.selection.provider,
        )  # fmt: skip
        for record in records(of.get(statement.number, []), window):
            rows.append({"statement": statement, "record": record, "short": short(asked.of, statement)})
    return records_table(rows) if rows else None


def records_table(rows: list[dict[str, Any]], *, statement: bool = True) -> Table:
    columns = [
        Column("title", "Our own record", value=lambda row: row["record"].kind.title),
        *([Column("beside", "Beside statement", value=lambda row: f"{row['statement'].number} {row['short']}")]
          if statement else []),
        Column("share", "Share", value=lambda row: f"{whole_percent(row['record'].percent)}%" if row["record"].kind.of
               and row["record"].of else "none to count" if row["record"].kind.of else "a count alone"),
        Column("part", "Counted", value=lambda row: row["record"].part, kind="number"),
        Column("of", "Of", value=lambda row: plural(row["record"].of, *row["record"].kind.of)
               if row["record"].kind.of else None, missing=""),
        Column("says", "What is counted", value=lambda row: row["record"].kind.says),
    ]  # fmt: skip
    return Table(columns, rows, "What our own records say beside it", per_page=None, noun=("record", "records"))


def links(user: Any) -> list[tuple[str, str]]:
    """(words, address) of the pages beside, as far as the reader may open them."""
    return [(words, reverse(name)) for name, words, resource in BESIDE if user.may("read", resource)]
