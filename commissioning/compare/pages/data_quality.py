"""How good the authority's own records are, and the list of what to put right. Nobody else's are asked or compared."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from commissioning.kernel import wording
from commissioning.kernel.pages.allowed import allowed
from commissioning.kernel.pages.downloads import FORMATS, downloads, file_response
from commissioning.kernel.pages.questions import Question, ask
from commissioning.kernel.tables import Column, EmptyState, FilterSentence, Table, ordering, sort_rows
from contracts.rules.completeness import Share

from ..measures.data_quality import data_quality
from ..rules.data_quality import LIMITS, RESOURCES, SIDES, WEIGHTS, Fault, Judged, Rule, Score
from .data_quality_words import needing, put_right, readable, shown

NOUN = ("thing to put right", "things to put right")
TITLE = "What to put right in our records"


@allowed("data-quality")
def quality(request: HttpRequest) -> HttpResponse:
    """Scores, what to put right, and what is asked. A downloaded list has no more than the page shows."""
    user, today = request.user, timezone.localdate()
    resources = readable(user)
    judged = data_quality(today, resources)
    asked = ask(request.GET, _questions(judged, resources), judged.faults)
    columns = [
        Column(
            "record", "Record", value=lambda fault: fault.row.what, link=lambda fault: shown(fault.row), sort="record"
        ),
        Column("resource", "Kind of record", value=lambda fault: RESOURCES[fault.resource], sort="resource"),
        Column("side", "Side", value=lambda fault: SIDES[fault.side], sort="side"),
        Column("wrong", "What is wrong", value=lambda fault: fault.says, sort="wrong"),
        Column("do", "What to do", value=lambda fault: fault.rule.do, link=lambda fault: put_right(fault, user)),
    ]
    rows: list[Fault] = sort_rows(asked.rows, columns, ordering(columns, request.GET.get("sort", "")))
    sentence = FilterSentence(asked.filters, len(rows), len(judged.faults), NOUN, request.path)
    if request.GET.get("format") in FORMATS:
        return file_response(request, request.GET["format"], columns, rows, title=TITLE, sentence=sentence)
    scores = [judged.score(resource) for resource in resources]
    any_asked = any(share.of for score in scores for share in score.shares.values())
    table = Table.for_request(
        request, columns, rows, "What to put right", noun=NOUN, downloads=downloads(request) if rows else (),
        empty=_nothing(request, judged, any_asked),
    )  # fmt: skip
    return render(request, "compare/data_quality.html", {
        "whose": user.body_name, "answer": answer(judged, any_asked), "table": table, "sentence": sentence,
        "fields": asked.fields, "any_wrong": bool(judged.faults), "scores": _scores(scores),
        "asked": _asked(judged, resources), "limits": LIMITS, "weights": _weights(),
    })  # fmt: skip


def answer(judged: Judged, any_asked: bool) -> str:
    """ "87 rows need something: 120 things to put right." """
    if not any_asked:
        return "Nothing is recorded yet of which anything could be asked."
    wrong = judged.rows_wrong
    if not wrong:
        return "No row needs anything: all that is asked is said, in time, and at odds with nothing."
    things = len(judged.faults)
    return f"{needing(wrong)}: {wording.number(things)} {NOUN[0] if things == 1 else NOUN[1]}."


def _questions(judged: Judged, resources: list[str]) -> list[Question]:
    found = {fault.rule.key: fault.rule.asks for fault in judged.faults}
    return [
        Question(
            "resource",
            "Kind of record",
            {key: RESOURCES[key] for key in resources},
            lambda f, value: f.resource == value,
        ),
        Question("side", "Side", SIDES, lambda f, value: f.side == value),
        Question("asked", "Asked", found, lambda f, value: f.rule.key == value),
    ]


def _nothing(request: HttpRequest, judged: Judged, any_asked: bool) -> EmptyState:
    if judged.faults:
        return EmptyState("Nothing like that", "Nothing to put right matches what you chose.", "Show all of it",
                          request.path)  # fmt: skip
    if any_asked:
        return EmptyState("Nothing to put right", "What is asked of our records, further down, holds for all of them.")
    why = "Once placements, searches, visits or answers are recorded, what they lack stands here, with where to go."
    may = request.user.may("create", "imports")
    return EmptyState("Nothing recorded yet", why, *(("Send a file", reverse("import-send")) if may else ()))


def _scores(scores: list[Score]) -> Table:
    columns = [
        Column("resource", "Kind of record", value=lambda score: RESOURCES[score.resource]),
        Column("score", "Score", value=lambda score: score.per_cent, kind="percent", missing="nothing asked"),
        *(
            Column(side, words, value=lambda score, side=side: _share(score.shares[side]), missing="nothing asked")
            for side, words in SIDES.items()
        ),
        Column("things", "To put right", kind="number",
               value=lambda score: sum(share.of - share.said for share in score.shares.values())),
    ]  # fmt: skip
    return Table(columns, scores, "Score by kind of record", per_page=None, noun=("kind of record", "kinds of record"))


def _share(share: Share) -> str | None:
    """ "93%: 930 of 1,000" """
    if not share.of:
        return None
    return f"{share.per_cent}%: {wording.number(share.said)} of {wording.number(share.of)}"


def _asked(judged: Judged, resources: list[str]) -> Table:
    rules = [rule for rule in judged.rules if rule.resource in resources]

    def held(rule: Rule, which: int) -> int:
        return judged.counts.get(rule.key, (0, 0))[which]

    columns = [
        Column("asks", "Asked"),
        Column("resource", "Kind of record", value=lambda rule: RESOURCES[rule.resource]),
        Column("side", "Side", value=lambda rule: SIDES[rule.side]),
        Column("held", "Holds", value=lambda rule: held(rule, 0), kind="number"),
        Column("applied", "Applies", value=lambda rule: held(rule, 1), kind="number"),
    ]
    return Table(columns, rules, "What is asked", per_page=None, noun=("rule", "rules"))


def _weights() -> str:
    told = ", ".join(f"{SIDES[side].lower()} {weight}" for side, weight in WEIGHTS.items())
    return f"A score is the mean of the three sides, weighted ({told}); a side of which nothing is asked is left out."
