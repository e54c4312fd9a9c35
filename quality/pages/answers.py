"""What young people answered: every response, one of them, and those of young inspectors' visits."""

from typing import Any
from uuid import UUID

from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse

from commissioning.kernel import wording
from commissioning.kernel.pages.allowed import allowed
from commissioning.kernel.pages.downloads import FORMATS, downloads, file_response
from commissioning.kernel.pages.questions import Question, ask
from commissioning.kernel.tables import Column, EmptyState, FilterSentence, Table, ordering
from contracts.rules.codes import SERVICE_TYPES

from ..models import SurveyAnswer, SurveyQuestion, SurveyResponse, SurveyWords
from ..rules import codes
from .asking_links import asking_links

NOUN = ("response", "responses")


@allowed("surveys")
def answer_list(request: HttpRequest) -> HttpResponse:
    everything = SurveyResponse.objects.all()
    asked = ask(request.GET, [
        Question("occasion", "Occasion", codes.OCCASIONS),
        Question("service_type", "Kind", SERVICE_TYPES),
        Question("answered_by", "Answered by", codes.ANSWERED_BY),
        Question("entry", "How it came", codes.SURVEY_ENTRIES),
    ], ())  # fmt: skip
    rows = everything.filter(**{name: value for name, value in asked.answers.items() if value})
    columns = response_columns()
    sort = ordering(columns, request.GET.get("sort", ""), "-answered")
    rows = rows.select_related("survey", "placement__child", "provider", "establishment").annotate(
        said=Count("surveyanswers", filter=Q(surveyanswers__value__isnull=False))
    )  # fmt: skip
    rows = rows.order_by(*(("-answered_on", "-pk") if sort.startswith("-") else ("answered_on", "pk")))
    total = everything.count()
    if request.GET.get("format") in FORMATS:
        kept = list(rows)
        sentence = FilterSentence(asked.filters, len(kept), total, NOUN, request.path)
        return file_response(request, request.GET["format"], columns, kept, title="Responses", sentence=sentence)
    table = Table.for_request(
        request, columns, rows, "Responses", default_sort="-answered", caption_hidden=True, noun=NOUN,
        downloads=downloads(request) if total else (), empty=_nothing(total),
    )  # fmt: skip
    return render(request, "quality/asking_answers.html", {
        "table": table, "fields": asked.fields, "everything": total,
        "answer": f"{total:,} {NOUN[total != 1]} of young people of {request.user.body_name}." if total else "",
        "sentence": FilterSentence(asked.filters, table.total, total, NOUN, request.path),
        "links": asking_links(request.user, "asking-answers"),
        "may_import": request.user.may("import", "surveys"),
    })  # fmt: skip


def response_columns(*, with_home: bool = True) -> list[Column]:
    columns = [
        Column("answered", "Answered on", value=lambda row: row.answered_on, kind="date", sort="answered",
               link=lambda row: reverse("asking-response", args=[row.uuid])),
        Column("home", "Home", value=lambda row: (
            f"{row.placement}, {row.placement.child}" if row.placement_id else None), missing="on a visit"),
        Column("provider", "Provider", value=lambda row: row.provider.name if row.provider_id else None, missing=""),
        Column("place", "Home or agency", value=lambda row: (
            row.establishment.shown_name if row.establishment_id else None), missing=""),
        Column("occasion", "Occasion", value=lambda row: row.get_occasion_display()),
        Column("survey", "Questions", value=lambda row: row.survey.name),
        Column("by", "Answered by", value=lambda row: row.get_answered_by_display()),
        Column("entry", "How it came", value=lambda row: row.get_entry_display()),
        Column("said", "Questions answered", kind="number"),
    ]  # fmt: skip
    return columns if with_home else [each for each in columns if each.key not in ("home", "provider", "place", "said")]


def _nothing(total: int) -> EmptyState:
    if total:
        return EmptyState("No response like that", "None matches what you asked for.", "Show all",
                          reverse("asking-answers"))  # fmt: skip
    return EmptyState("No answers yet", "What young people say of their homes appears here.", "See whose turn it is",
                      reverse("asking"))  # fmt: skip


@allowed("surveys")
def response(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """One response, by question. What was written in a young person's own words stands here alone, for those whose work
    it is to read it."""
    rows = SurveyResponse.objects.select_related(
        "survey", "placement__child", "provider", "establishment", "concern", "entered_by", "visit"
    )  # fmt: skip
    row = get_object_or_404(rows, uuid=uuid)
    values = dict(SurveyAnswer.objects.filter(response=row).values_list("question", "value"))
    may_read = request.user.may("read", "survey-words")
    written = dict(SurveyWords.objects.filter(response=row).values_list("question", "words")) if may_read else {}
    asked = list(SurveyQuestion.objects.filter(survey=row.survey).order_by("number"))
    unsafe = any(each.unsafe and values.get(each.pk) in codes.NOT_SAFE for each in asked)
    return render(request, "quality/asking_response.html", {
        "row": row, "facts": _facts(row), "unsafe": unsafe, "answer": _answer(row, values),
        "table": Table(_question_columns(values), [each for each in asked if each.kind == "scale"], "Answers",
                       per_page=None, noun=("question", "questions")),
        "written": [(each.words, written[each.pk]) for each in asked if each.pk in written], "may_read": may_read,
        "wrote": may_read or SurveyWords.objects.filter(response=row).exists(),
    })  # fmt: skip


def _answer(row: SurveyResponse, values: dict[int, int | None]) -> str:
    said = sum(value is not None for value in values.values())
    whose = str(row.placement.child) if row.placement_id else "A young person met on a visit"
    return f"{whose} answered {said:,} {'question' if said == 1 else 'questions'} on {wording.day(row.answered_on)}."


def _question_columns(values: dict[int, int | None]) -> list[Column]:
    return [
        Column("words", "Question", value=lambda each: f"{each.number}. {each.words}"),
        Column("said", "Answer", value=lambda each: _said(values, each.pk), missing="Not answered"),
        Column("statements", "I statement", value=lambda each: ", ".join(map(str, each.statements)) or None),
    ]


def _said(values: dict[int, int | None], question: int) -> str | None:
    if question not in values:
        return None
    value = values[question]
    return "Did not want to say" if value is None else codes.SURVEY_SCALE[value]


def _facts(row: SurveyResponse) -> list[tuple[str, Any]]:
    helper = f": {codes.HELPERS.get(row.helper, row.helper).lower()}" if row.helper else ""
    entered = f" ({row.entered_by.name})" if row.entered_by_id and row.entry != "file" else ""
    return [
        ("Home", f"{row.placement}, {row.placement.child}" if row.placement_id else None),
        ("Provider", row.provider.name if row.provider_id else None),
        ("Home or agency", row.establishment.shown_name if row.establishment_id else None),
        ("Kind", row.get_service_type_display()),
        ("Occasion", row.get_occasion_display()),
        ("Questions", f"{row.survey.name}, version {row.survey.number}"),
        ("Answered by", f"{row.get_answered_by_display()}{helper}"),
        ("How it came", f"{row.get_entry_display()}{entered}"),
    ]
