"""What young people say, over 100,000 answers: results by statement, provider and quarter beside the bare grouped SQL,
and pandas counting the same rows."""

from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
from django.db import connection

from commissioning.kernel.tenancy.viewer import acting_as
from commissioning.partnership.models import Statement, StatementSet
from contracts.models import Child, Placement
from quality.measures.voice import Result, Selection, results
from quality.models import Survey, SurveyAnswer, SurveyQuestion, SurveyResponse
from tests.bench import market as markets
from tests.bench.bare import BY
from tests.bench.ground import settle
from tests.bench.rounds import LIMIT, OURS, PEER, Contender, Finding, gate, interleave

CHILDREN, EACH, QUESTIONS = 2_500, 4, 10  # 10,000 responses, 100,000 answers
FIRST, UNTIL = date(2024, 4, 1), date(2026, 4, 1)
ROUNDS = 7
FACTS = (
    """INSERT INTO contracts_placement (authority_id, number, reference, child_id, service_type, level, provider_id,
           provider_name, starts_on, respite, called_off_on, route, spot_reason, registration, boundary, host_area,
           end_reason, ended_by, destination, sent)
       SELECT %(us)s, c.number, '', c.id, 'fostering', '', %(provider)s + c.number %% 40, '', '2024-01-01', false,
           '2024-01-01', 'spot', 'specialist', 'registered', '', '', '', '', '', '{}'
       FROM contracts_child c""",
    """INSERT INTO quality_surveyresponse (authority_id, survey_id, placement_id, provider_id, service_type, occasion,
           answered_on, answered_by, helper, entry, followed_how)
       SELECT p.authority_id, %(survey)s, p.id, p.provider_id, p.service_type, 'six_months',
           date '2024-04-01' + (p.number * 13 + n * 181) %% 730,
           CASE p.number %% 9 WHEN 0 THEN 'behalf' ELSE 'self' END,
           CASE p.number %% 9 WHEN 0 THEN 'Key worker' ELSE '' END, 'link', ''
       FROM contracts_placement p CROSS JOIN generate_series(0, %(each)s - 1) n""",
    """INSERT INTO quality_surveyanswer (authority_id, response_id, question_id, value)
       SELECT r.authority_id, r.id, q.id, NULLIF((r.id * 7 + q.number * 11) %% 6, 0)
       FROM quality_surveyresponse r JOIN quality_surveyquestion q ON q.survey_id = r.survey_id""",
)
# The same facts with nothing between: no model, no interval, as web, under the same policies.
BARE = """SELECT unnest(q.statements) AS statement, r.provider_id, date_trunc('quarter', r.answered_on)::date,
        count(*) FILTER (WHERE a.value = 1), count(*) FILTER (WHERE a.value = 2), count(*) FILTER (WHERE a.value = 3),
        count(*) FILTER (WHERE a.value = 4), count(*) FILTER (WHERE a.value = 5),
        count(*) FILTER (WHERE a.value IS NULL),
        count(DISTINCT p.child_id) FILTER (WHERE a.value IS NOT NULL),
        count(*) FILTER (WHERE r.answered_by = 'behalf'), max(r.answered_on)
    FROM quality_surveyanswer a JOIN quality_surveyresponse r ON r.id = a.response_id
    JOIN quality_surveyquestion q ON q.id = a.question_id LEFT JOIN contracts_placement p ON p.id = r.placement_id
    WHERE r.answered_on >= %(first)s AND r.answered_on < %(until)s GROUP BY 1, 2, 3"""
ROWS = """SELECT q.statements[1] AS statement, r.provider_id AS provider,
        date_trunc('quarter', r.answered_on)::date AS quarter,
        a.value, p.child_id AS child
    FROM quality_surveyanswer a JOIN quality_surveyresponse r ON r.id = a.response_id
    JOIN quality_surveyquestion q ON q.id = a.question_id JOIN contracts_placement p ON p.id = r.placement_id"""


def bench(folder: Path) -> list[Finding]:
    market = markets.build(providers=40, lines=1)
    made = _fill(market)
    settle(Child, Placement, SurveyResponse, SurveyAnswer)
    selection = Selection(made.pk, FIRST, UNTIL)

    def measure() -> list[Result]:
        with acting_as(market.viewer, by=BY):
            return results(selection, ("provider", "quarter"))

    def asked(query: str) -> list[tuple[Any, ...]]:
        with acting_as(market.viewer, by=BY), connection.cursor() as cursor:
            cursor.execute(query, {"first": FIRST, "until": UNTIL})
            return cursor.fetchall()

    def frame() -> Any:
        rows = pd.DataFrame(asked(ROWS), columns=["statement", "provider", "quarter", "value", "child"])
        groups = rows.groupby(["statement", "provider", "quarter"])
        counts = rows.groupby(["statement", "provider", "quarter", "value"]).size().unstack(fill_value=0)
        people = rows[rows.value.notna()].groupby(["statement", "provider", "quarter"]).child.nunique()
        return counts, people, groups.size()

    def told(each: Result) -> tuple[Any, ...]:
        said = (each.said[value] for value in range(1, 6))
        return (*said, each.unsaid, each.people, each.behalf, each.newest_on)

    ours = {(each.statement, *each.key): told(each) for each in measure()}
    gate("each statement, provider and quarter", ours, {tuple(row[:3]): tuple(row[3:]) for row in asked(BARE)})
    gate("answers", sum(sum(each[:6]) for each in ours.values()), CHILDREN * EACH * QUESTIONS)
    contenders = [
        Contender("results() by statement, provider and quarter", OURS, measure),
        Contender("one grouped SQL statement, the same counts, as web", LIMIT, lambda: asked(BARE)),
        Contender("pandas over the same rows", PEER, frame),
    ]
    interleave(contenders, rounds=ROUNDS, warm=True)
    facts = {"answers, young people, figures": f"{CHILDREN * EACH * QUESTIONS:,}, {CHILDREN:,}, {len(ours):,}"}
    says = f"{CHILDREN * EACH * QUESTIONS:,} answers by statement, provider and quarter"
    return [Finding("voice", says, contenders, facts, BOUNDED)]


BOUNDED = (
    "counting each young person once: the answers are sorted within each figure for that, in the bare statement too. "
    "Ours tells apart whom it does not know by their answers, asks for one statement set, and makes 3,200 results."
)


def _fill(market: markets.Market) -> StatementSet:
    with acting_as(markets.SERVICE, by=BY):
        made = StatementSet.objects.create(code="bench", number=1, name="Ten")
        Statement.objects.bulk_create(
            Statement(statement_set=made, number=n, words=f"Statement {n}") for n in range(1, QUESTIONS + 1)
        )
        survey = Survey.objects.create(code="bench", number=1, name="All", statement_set=made, age_from=8, age_to=24)
        SurveyQuestion.objects.bulk_create(
            SurveyQuestion(survey=survey, number=n, words=f"Question {n}", statements=[n])
            for n in range(1, QUESTIONS + 1)
        )
    told = {"us": market.lead.pk, "each": EACH, "survey": survey.pk,
            "provider": min(each.pk for each in market.providers)}  # fmt: skip
    with acting_as(market.viewer, by=BY), connection.cursor() as cursor:
        Child.objects.bulk_create(Child(authority=market.lead, number=n + 1, disabilities=[]) for n in range(CHILDREN))
        for statement in FACTS:
            cursor.execute(statement, told)
    return made
