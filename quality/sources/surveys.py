"""Source `surveys`: what young people answered on paper, one row for each of them.

A response is known by its home, its day and its survey. A later file may change what it answers; what it leaves empty
stays. What was written in a young person's own words is kept apart, and with no rejected row. An answer of not being
safe is told and followed as by any other road (actions/unsafe.py).
"""

from typing import Any

from commissioning.kernel.ingest.cells import as_int, as_text
from commissioning.kernel.ingest.parsed import CellError, Parsed
from commissioning.kernel.ingest.source import DATE, Field, Source, Table, register
from commissioning.kernel.ingest.staging import Staging
from commissioning.kernel.tenancy.viewer import acting
from contracts.sources.placements_template import coded, folded, long_words, reference, words

from ..actions.unsafe import follow
from ..models import Alert, SurveyAnswer, SurveyResponse, SurveyWords
from ..rules import codes
from .surveys_check import check_answers, check_homes, check_rows, find_homes, find_questions

MOST = 24  # statements: Lewisham's pledge has as many
NOT_SAID = 0  # staged for "did not want to say"
_WORDS = {label.lower(): value for value, label in codes.SURVEY_SCALE.items()}
_NO_SAY = ("don't want to say", "i don't want to say", "did not want to say", "no answer")


def score(cell: Any) -> Parsed:
    """1 to 5, or its word; empty where the question has no answer."""
    text = (as_text(cell).value or "").lower().replace("’", "'")
    if text in _WORDS:
        return Parsed(_WORDS[text])
    if text in _NO_SAY:
        return Parsed(NOT_SAID)
    try:
        return as_int(cell, 1, 5)
    except CellError:
        raise CellError("an answer is from 1, Never, to 5, Always, or empty: check this cell") from None


def _occasions() -> dict[str, str]:
    return {key: words for key, words in codes.OCCASIONS.items() if key != "visit"}


SURVEYS = Table(
    "surveys",
    "survey answers",
    (
        Field("placement", "Placement reference", read=words),
        Field("child", "Child reference", read=reference, passing=True),
        Field("answered_on", "Answered on", ("Day", "Date answered"), read=DATE, column="date", needed=True,
              filled=True),
        Field("survey", "Survey", ("Questions",), read=folded, needed=True, filled=True),
        Field("occasion", "Occasion", read=coded(_occasions(), "occasion", empty="other")),
        Field("answered_by", "Who answered", read=coded(codes.ANSWERED_BY, "answer to who answered", empty="self")),
        Field("helper", "Who helped", read=coded(codes.HELPERS, "role")),
        *(Field(f"s{number}", f"Statement {number}", read=score, column="int") for number in range(1, MOST + 1)),
        Field("words", "In their own words", ("Words", "Comments"), read=long_words, passing=True, restricted=True),
    ),
)  # fmt: skip


@register
class Surveys(Source):
    name = "surveys"
    label = "Survey answers"
    says = (
        "What young people answered about their homes on paper: one row for each, with the placement’s or the child’s "
        "reference, the day, and an answer from 1 to 5 for each statement. An answer of not being safe is told at once."
    )
    takes_json = True
    may = ("surveys", "import")
    tables = (SURVEYS,)

    def writes(self):
        return [SurveyResponse, SurveyAnswer, SurveyWords]

    def check(self, staging: Staging) -> None:
        find_questions(staging, MOST)
        check_rows(staging, MOST)
        find_homes(staging)
        check_homes(staging)
        check_answers(staging)

    def load(self, staging: Staging) -> None:
        _responses(staging)
        _answers(staging)
        _words(staging)
        _follow_unsafe(staging)

    def title_of(self, model, row):
        return {SurveyResponse: "a response", SurveyAnswer: "an answer", SurveyWords: "a young person’s own words"}[
            model
        ]


def _responses(staging: Staging) -> None:
    """Temporary table `answered`: each accepted row and its response."""
    told = {"mine": staging.authority_id, "run": staging.run_id}
    staging.execute(
        """UPDATE quality_surveyresponse t SET (occasion, answered_by, helper) = (s.occasion, s.answered_by, s.helper)
           FROM staged_surveys s JOIN homes h ON h.sheet = s.sheet AND h.row = s.row
           WHERE s.ok AND t.authority_id = %(mine)s AND t.entry = 'file' AND t.placement_id = h.placement_id
             AND t.answered_on = s.answered_on AND t.survey_id = h.survey_id
             AND (t.occasion, t.answered_by, t.helper) IS DISTINCT FROM (s.occasion, s.answered_by, s.helper)""",
        told,
    )
    staging.execute(
        """INSERT INTO quality_surveyresponse (authority_id, survey_id, placement_id, provider_id, establishment_id,
               lot_id, service_type, occasion, answered_on, answered_by, helper, entry, followed_how, source_import_id,
               source_sheet, source_row)
           SELECT %(mine)s, h.survey_id, p.id, p.provider_id, p.establishment_id, p.lot_id, p.service_type, s.occasion,
               s.answered_on, s.answered_by, s.helper, 'file', '', %(run)s, s.sheet, s.row
           FROM staged_surveys s JOIN homes h ON h.sheet = s.sheet AND h.row = s.row
           JOIN contracts_placement p ON p.id = h.placement_id
           WHERE s.ok AND NOT EXISTS (
               SELECT FROM quality_surveyresponse t WHERE t.authority_id = %(mine)s AND t.entry = 'file'
                 AND t.placement_id = h.placement_id AND t.answered_on = s.answered_on AND t.survey_id = h.survey_id)
           ORDER BY s.sheet, s.row""",
        told,
    )
    staging.execute("DROP TABLE IF EXISTS answered")
    staging.execute(
        """CREATE TEMPORARY TABLE answered ON COMMIT DROP AS
           SELECT s.sheet, s.row, s.words, h.survey_id, t.id AS response_id
           FROM staged_surveys s JOIN homes h ON h.sheet = s.sheet AND h.row = s.row
           JOIN quality_surveyresponse t ON t.authority_id = %(mine)s AND t.entry = 'file'
             AND t.placement_id = h.placement_id AND t.answered_on = s.answered_on AND t.survey_id = h.survey_id
           WHERE s.ok""",
        told,
    )
    staging.execute("ANALYZE answered")


def _answers(staging: Staging) -> None:
    mine = {"mine": staging.authority_id, "nothing": NOT_SAID}
    given = """(SELECT DISTINCT a.response_id, g.question_id, nullif(g.value, %(nothing)s) AS value
                FROM answered a JOIN given g ON g.sheet = a.sheet AND g.row = a.row) x"""
    staging.execute(
        f"""UPDATE quality_surveyanswer t SET value = x.value FROM {given}
            WHERE t.authority_id = %(mine)s AND t.response_id = x.response_id AND t.question_id = x.question_id
              AND t.value IS DISTINCT FROM x.value""",
        mine,
    )
    staging.execute(
        f"""INSERT INTO quality_surveyanswer (authority_id, response_id, question_id, value)
            SELECT %(mine)s, x.response_id, x.question_id, x.value FROM {given}
            WHERE NOT EXISTS (SELECT FROM quality_surveyanswer t WHERE t.authority_id = %(mine)s
                AND t.response_id = x.response_id AND t.question_id = x.question_id)""",
        mine,
    )


def _words(staging: Staging) -> None:
    """At the survey's first question for words. What was written before stays."""
    staging.execute(
        """INSERT INTO quality_surveywords (authority_id, response_id, question_id, words)
           SELECT %(mine)s, a.response_id, q.id, a.words FROM answered a
           JOIN LATERAL (SELECT id FROM quality_surveyquestion WHERE survey_id = a.survey_id AND kind = 'words'
                         ORDER BY number LIMIT 1) q ON true
           WHERE a.words <> '' AND NOT EXISTS (
               SELECT FROM quality_surveywords t WHERE t.authority_id = %(mine)s AND t.response_id = a.response_id
                 AND t.question_id = q.id)""",
        {"mine": staging.authority_id},
    )


def _follow_unsafe(staging: Staging) -> None:
    """Of every row of the file in which somebody is not safe, and of which nobody has been told yet."""
    found = staging.rows(
        """SELECT DISTINCT w.response_id FROM answered a JOIN quality_surveyanswer w ON w.response_id = a.response_id
           JOIN quality_surveyquestion q ON q.id = w.question_id WHERE q.unsafe AND w.value = ANY (%(not_safe)s)""",
        {"not_safe": list(codes.NOT_SAFE)},
    )
    rows = SurveyResponse.objects.filter(pk__in=[each for (each,) in found]).select_related(
        "authority", "establishment__provider", "provider"
    )
    told = set(Alert.objects.filter(kind="answer", about__in=rows.values("uuid")).values_list("about", flat=True))
    assert staging.now is not None
    for row in rows.order_by("pk"):
        if row.uuid not in told:
            follow(response=row, by=acting().by, now=staging.now)
