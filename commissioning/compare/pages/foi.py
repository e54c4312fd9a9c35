"""Answers to the questions that are asked of every council each year, of one's own authority alone."""

from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from commissioning.kernel.exports.workbook import CONTENT_TYPE
from commissioning.kernel.pages.allowed import allowed
from commissioning.kernel.pages.questions import Question, ask
from commissioning.kernel.periods import FinancialYear, financial_year, parse_financial_year
from commissioning.kernel.tables import Column, EmptyState, FilterSentence, Table
from contracts.models import ReturnTaken
from contracts.pages.spend_asked import begins
from contracts.rules.spans import usual_year

from ..actions.take_answers import LAYOUT, NAMED, take_answers
from ..answer_pack import answer_pack
from ..forms_foi import AnswersForm
from ..measures.foi import Answers
from ..measures.foi import foi as answers_of
from . import foi_tables, foi_words


@allowed("foi")
def foi(request: HttpRequest) -> HttpResponse:
    """The answers, and the form that takes them out; a good form is answered with the workbook."""
    today, whose = timezone.localdate(), request.user.body_name
    years = _years(today)
    chosen = ask(request.GET, [
        Question("year", "Financial year", years, default=_usual(years, today), always=True),
        Question("providers", "Providers", {"no": "not named", "yes": "named"}, default="no", always=True),
    ], [])  # fmt: skip
    year, named = parse_financial_year(chosen.answers["year"]), chosen.answers["providers"] == "yes"
    form = AnswersForm(request.POST or None, years=years, initial={"year": year.label, "named": named})
    if request.method == "POST" and form.is_valid():
        asked = form.cleaned_data
        try:
            _, taken = take_answers(
                authority=request.user.authority, year=parse_financial_year(asked["year"]), named=asked["named"],
                reason=asked["reason"], by=request.user, today=today,
            )  # fmt: skip
        except ValidationError as refused:
            form.add_problems(refused)
        else:
            return _file(taken, whose, today)
    found = answers_of(year, today, named=named)
    return render(request, "compare/foi.html", {
        "form": form, "whose": whose, "period": foi_words.period(found).removeprefix("in "), "small": foi_words.SMALL,
        "sentence": FilterSentence(chosen.filters, len(found.answers), len(found.answers), ("question", "questions")),
        "fields": chosen.fields, "parts": [_part(key, found, whose) for key in foi_words.QUESTIONS],
        "taken": Table(
            _taken_columns(), ReturnTaken.objects.filter(layout__in=(LAYOUT, NAMED)).order_by("-pk"), "Answers taken",
            noun=("time", "times"),
            empty=EmptyState("Not taken yet", "Each workbook taken is listed with who took it, and for which request."),
        ),
    })  # fmt: skip


def _years(today: date) -> dict[str, str]:
    first, last = financial_year(min(begins() or today, today)).start, financial_year(today).start
    return {FinancialYear(start).label: FinancialYear(start).label for start in range(last, first - 1, -1)}


def _usual(years: dict[str, str], today: date) -> str:
    """Requests ask for a whole year: the last that is over, where there is one."""
    over = usual_year(today).previous if usual_year(today) == financial_year(today) else usual_year(today)
    return over.label if over.label in years else next(iter(years))


def _part(key: str, found: Answers, whose: str) -> dict[str, Any]:
    answer = found.answers[key]
    return {
        "key": key, "question": foi_words.QUESTIONS[key], "words": foi_words.paragraph(key, found, whose),
        "how": foi_tables.how(key), "table": foi_tables.table(answer) if answer.lines else None,
    }  # fmt: skip


def _file(answers: Answers, whose: str, today: date) -> HttpResponse:
    content, name = answer_pack(answers, viewer=whose, made_at=timezone.now(), today=today)
    response = HttpResponse(content, content_type=CONTENT_TYPE)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _taken_columns() -> list[Column]:
    return [
        Column("changed_at", "Taken", kind="instant"), Column("as_at", "To", kind="date"), Column("taken_by", "By"),
        Column("reason", "For which request"),
        Column("layout", "Providers", value=lambda row: "named" if row.layout == NAMED else "not named"),
    ]  # fmt: skip
