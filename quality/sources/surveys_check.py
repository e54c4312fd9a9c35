"""What a row of answers cannot say, set-wise, each with the sentence that goes back."""

from django.conf import settings

from commissioning.kernel.ingest.staging import Staging
from commissioning.partnership.models import Authority
from contracts.rules import references
from contracts.sources.placements_match import DAY, temporary

from ..models import SurveyQuestion
from ..rules.occasions import LEAVING

_HOME = "JOIN homes h ON h.sheet = s.sheet AND h.row = s.row"
_PLACED = f"{_HOME} JOIN contracts_placement p ON p.id = h.placement_id"
_LEFT = f"to_char(p.ends_before, '{DAY}')"


def find_questions(staging: Staging, most: int) -> None:
    """Temporary tables: `asked`, which question of a survey stands for a statement; `given`, each answer of a row."""
    told = [
        (question.survey_id, question.survey.code.casefold(), question.survey.name.casefold(), number, question.pk)
        for question in SurveyQuestion.objects.filter(kind="scale", survey__retired_on=None).select_related("survey")
        .order_by("survey__number", "number")
        for number in question.statements
    ]  # fmt: skip
    newest = {code: survey for survey, code, *_ in told}
    rows = [row for row in told if newest[row[1]] == row[0]]
    columns = {"survey_id": "bigint", "code": "text", "name": "text", "statement": "int", "question_id": "bigint"}
    temporary(staging, "asked", columns, rows)
    cells = " UNION ALL ".join(
        f"SELECT sheet, row, survey, {number} AS statement, s{number} AS value FROM staged_surveys "
        f"WHERE ok AND s{number} IS NOT NULL"
        for number in range(1, most + 1)
    )
    staging.execute("DROP TABLE IF EXISTS given")
    staging.execute(
        f"""CREATE TEMPORARY TABLE given ON COMMIT DROP AS
            SELECT c.sheet, c.row, c.statement, c.value, a.question_id FROM ({cells}) c
            LEFT JOIN asked a ON a.statement = c.statement AND c.survey IN (a.code, a.name)"""
    )
    staging.execute("ANALYZE given")


def check_rows(staging: Staging, most: int) -> None:
    staging.reject(
        "surveys", "s.ok AND s.answered_on > %(today)s", "'this day has not come: check the date'",
        column="answered_on", today=staging.today,
    )  # fmt: skip
    staging.reject(
        "surveys", "s.ok AND NOT EXISTS (SELECT FROM asked a WHERE s.survey IN (a.code, a.name))",
        "'no survey is called that: use one of ' || (SELECT string_agg(code, ', ' ORDER BY code) FROM "
        "(SELECT DISTINCT code FROM asked) c)", column="survey",
    )  # fmt: skip
    for number in range(1, most + 1):
        staging.reject(
            "surveys",
            f"""s.ok AND s.s{number} IS NOT NULL AND EXISTS (SELECT FROM given g WHERE g.sheet = s.sheet
                AND g.row = s.row AND g.statement = {number} AND g.question_id IS NULL)""",
            f"'this survey asks nothing about statement {number}: check the column, and the survey'",
            column=f"s{number}",
        )  # fmt: skip
    staging.reject(
        "surveys", "s.ok AND s.answered_by <> 'self' AND s.helper = ''",
        "'say who answered or helped, by their role'", column="helper",
    )  # fmt: skip
    staging.execute("UPDATE staged_surveys SET helper = '' WHERE answered_by = 'self'")
    staging.reject(
        "surveys", "s.ok AND s.placement = '' AND s.child IS NULL",
        "'say which home: enter the placement’s reference, or the child’s'", column="placement",
    )  # fmt: skip


def find_homes(staging: Staging) -> None:
    """Temporary table `homes`: each row's survey and placement, by its own reference, else the child's home of the day,
    or the one it had left last."""
    whose, key = str(Authority.objects.get(pk=staging.authority_id).uuid), settings.REFERENCE_KEY
    found = staging.rows("SELECT DISTINCT child FROM staged_surveys WHERE ok AND child IS NOT NULL")
    temporary(
        staging, "children", {"reference": "text", "digest": "text"},
        ((text, references.digest(key, whose, "case", text)) for (text,) in found),
    )  # fmt: skip
    staging.execute("DROP TABLE IF EXISTS homes")
    staging.execute(
        """CREATE TEMPORARY TABLE homes ON COMMIT DROP AS
           SELECT s.sheet, s.row, r.child_id, coalesce(named.id, lived.id) AS placement_id, named.child_id AS of_child,
               (SELECT a.survey_id FROM asked a WHERE s.survey IN (a.code, a.name) LIMIT 1) AS survey_id
           FROM staged_surveys s
           LEFT JOIN children c ON c.reference = s.child
           LEFT JOIN contracts_childreference r ON r.digest = c.digest AND r.scheme = 'case'
               AND r.authority_id = %(mine)s
           LEFT JOIN contracts_placement named ON named.authority_id = %(mine)s AND s.placement <> ''
               AND named.reference = s.placement
           LEFT JOIN LATERAL (
               SELECT p.id FROM contracts_placement p
               WHERE s.placement = '' AND p.authority_id = %(mine)s AND p.child_id = r.child_id AND NOT p.respite
                 AND p.starts_on <= s.answered_on
               ORDER BY p.starts_on DESC LIMIT 1) lived ON true
           WHERE s.ok""",
        {"mine": staging.authority_id},
    )
    staging.execute("ANALYZE homes")


def check_homes(staging: Staging) -> None:
    staging.reject(
        "surveys", "s.ok AND s.placement <> '' AND h.placement_id IS NULL",
        "'no placement of yours has this reference'", joins=_HOME, column="placement",
    )  # fmt: skip
    staging.reject(
        "surveys", "s.ok AND s.child IS NOT NULL AND h.child_id IS NULL",
        "'no child of yours has this reference'", joins=_HOME, column="child",
    )  # fmt: skip
    staging.reject(
        "surveys", "s.ok AND h.child_id <> h.of_child",
        "'this placement is another child’s: correct one of the two references'", joins=_HOME, column="child",
    )  # fmt: skip
    staging.reject(
        "surveys", "s.ok AND h.placement_id IS NULL",
        "'no home is recorded for this child on that day: load the placement first'", joins=_HOME, column="child",
    )  # fmt: skip
    staging.reject(
        "surveys", "s.ok AND s.answered_on < p.starts_on",
        f"'they moved in on ' || to_char(p.starts_on, '{DAY}') || ', after that day: check the date and the home'",
        joins=_PLACED, column="answered_on",
    )  # fmt: skip
    staging.reject(
        "surveys", "s.ok AND s.answered_on >= p.ends_before AND s.occasion <> 'leaving'",
        f"'this placement had ended on ' || {_LEFT} || ': an answer after that is taken as “On leaving” alone'",
        joins=_PLACED, column="occasion",
    )  # fmt: skip
    staging.reject(
        "surveys", "s.ok AND s.occasion = 'leaving' AND s.answered_on >= p.ends_before + %(leaving)s",
        f"'this placement had ended on ' || {_LEFT} || ', more than {LEAVING.days // 7} weeks before: an answer that "
        "late is not taken'", joins=_PLACED, column="answered_on", leaving=LEAVING.days,
    )  # fmt: skip
    staging.reject(
        "surveys",
        """s.ok AND EXISTS (SELECT FROM staged_surveys o JOIN homes w ON w.sheet = o.sheet AND w.row = o.row
           WHERE o.ok AND w.placement_id = h.placement_id AND o.answered_on = s.answered_on
             AND w.survey_id = h.survey_id AND (o.sheet, o.row) < (s.sheet, s.row))""",
        "'another row is of the same home, day and survey: keep one'", joins=_HOME,
    )  # fmt: skip
    staging.reject(
        "surveys",
        """s.ok AND EXISTS (SELECT FROM quality_surveyresponse t WHERE t.authority_id = %(mine)s
           AND t.placement_id = h.placement_id AND t.answered_on = s.answered_on AND t.entry <> 'file')""",
        "'answers of this home and day are recorded already, by a link or an officer: they are not taken twice'",
        joins=_HOME, mine=staging.authority_id,
    )  # fmt: skip


def check_answers(staging: Staging) -> None:
    staging.reject(
        "surveys",
        """s.ok AND EXISTS (SELECT FROM given g WHERE g.sheet = s.sheet AND g.row = s.row
           GROUP BY g.question_id HAVING count(DISTINCT g.value) > 1)""",
        "'two statements are one question of this survey, and have different answers: give one answer'",
    )  # fmt: skip
    staging.reject(
        "surveys",
        """s.ok AND s.words = '' AND NOT EXISTS (SELECT FROM given g WHERE g.sheet = s.sheet AND g.row = s.row)""",
        "'no statement has an answer: there is nothing to take'",
    )  # fmt: skip
    staging.note(
        "surveys",
        """s.ok AND s.words <> '' AND NOT EXISTS (SELECT FROM quality_surveyquestion q WHERE q.survey_id = h.survey_id
           AND q.kind = 'words')""",
        "'this survey has no place for words: they were not kept'", joins=_HOME, column="words",
    )  # fmt: skip
