"""A provider's scorecard, and its page, beside the bare SQL of its figures; and the scorecard of a lot of a hundred."""

from pathlib import Path
from typing import Any

from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from commissioning.compare.measures.scorecard import Scorecard, of_lot, of_provider, scorecard
from commissioning.kernel.tenancy.viewer import acting_as
from commissioning.partnership.actions.load_statements import load_statements
from commissioning.partnership.models import StatementSet, User
from contracts.models import Child, CostLine, Placement
from quality.models import (
    Finding,
    ImprovementAction,
    Inspection,
    NotifiableEvent,
    Survey,
    SurveyAnswer,
    SurveyQuestion,
    SurveyResponse,
    Visit,
)
from tests.bench import market as markets
from tests.bench import rota
from tests.bench.bare import BY
from tests.bench.ground import settle
from tests.bench.rounds import LIMIT, OURS, Contender, gate, interleave
from tests.bench.rounds import Finding as Found

ROUNDS, RESPONSES = 7, 8000
ANSWERS = (
    """INSERT INTO contracts_costline (authority_id, placement_id, category, service, description, unit, quantity,
            amount, weekly_amount, once_amount, starts_on, approved_by, review_note)
       SELECT authority_id, id, 'core', '', '', 'week', 1, 700 + number %% 400, 700 + number %% 400, 0,
            starts_on, '', ''
       FROM contracts_placement WHERE authority_id = %(us)s""",
    """INSERT INTO quality_surveyresponse (authority_id, survey_id, placement_id, provider_id, service_type, occasion,
            answered_on, answered_by, helper, entry, followed_how)
       SELECT p.authority_id, %(survey)s, p.id, p.provider_id, p.service_type, 'six_months',
            %(today)s::date - (n * 7 %% 900), 'self', '', 'link', ''
       FROM generate_series(1, %(responses)s) n JOIN contracts_placement p ON p.authority_id = %(us)s
            AND p.number = 1 + n %% 3000""",
    """INSERT INTO quality_surveyanswer (authority_id, response_id, question_id, value)
       SELECT r.authority_id, r.id, q.id, nullif((r.id + q.number) %% 6, 0)
       FROM quality_surveyresponse r CROSS JOIN quality_surveyquestion q""",
)
# One statement for each part, as web: the same figures, without a model and without words.
BARE = (
    """SELECT count(*), percentile_cont(0.5) WITHIN GROUP (ORDER BY w) FROM (
         SELECT sum(l.weekly_amount) AS w FROM contracts_placement p JOIN contracts_costline l ON l.placement_id = p.id
         WHERE p.provider_id = %(provider)s AND p.ends_before IS NULL AND l.ends_before IS NULL GROUP BY p.id) x""",
    """SELECT overall, count(*) FROM (SELECT DISTINCT ON (i.establishment_id) i.overall FROM quality_inspection i
         JOIN providers_establishment e ON e.id = i.establishment_id WHERE e.provider_id = %(provider)s
         AND i.overall <> '' ORDER BY i.establishment_id, i.inspected_on DESC) x GROUP BY 1""",
    """SELECT count(*) FROM quality_visit WHERE provider_id = %(provider)s AND visited_on > %(year)s
         AND state IN ('draft', 'with_provider', 'published')""",
    """SELECT count(*) FILTER (WHERE state IN ('proposed', 'agreed', 'sent_back', 'done')),
         count(*) FILTER (WHERE state IN ('proposed', 'agreed', 'sent_back') AND due_on < %(today)s)
         FROM quality_improvementaction WHERE provider_id = %(provider)s""",
    """SELECT count(*) FROM quality_notifiableevent WHERE provider_id = %(provider)s AND happened_at >= %(year)s""",
    """SELECT n, count(*), count(*) FILTER (WHERE a.value >= 4) FROM quality_surveyanswer a
         JOIN quality_surveyresponse r ON r.id = a.response_id JOIN quality_surveyquestion q ON q.id = a.question_id
         CROSS JOIN LATERAL unnest(q.statements) n
         WHERE r.provider_id = %(provider)s AND r.answered_on > %(two)s AND a.value IS NOT NULL
         GROUP BY 1 ORDER BY 1""",
)


def bench(folder: Path) -> list[Found]:
    market = markets.build(providers=100, lines=1)
    today = timezone.localdate()
    rota._fill(market, today)
    provider = market.providers[0]
    told = {"us": market.lead.pk, "today": today, "responses": RESPONSES, "provider": provider.pk,
            "year": _back(today, 1), "two": _back(today, 2)}  # fmt: skip
    with acting_as(markets.SERVICE, by=BY):
        load_statements()
        survey = Survey.objects.create(code="bench", name="Bench", statement_set=StatementSet.objects.get(),
                                       age_from=8, age_to=25)  # fmt: skip
        SurveyQuestion.objects.bulk_create(
            SurveyQuestion(survey=survey, number=n, words=f"Question {n}", statements=[n]) for n in range(1, 11)
        )
    with acting_as(market.viewer, by=BY), connection.cursor() as cursor:
        for statement in ANSWERS:
            cursor.execute(statement, told | {"survey": survey.pk})
    settle(Placement, Child, CostLine, Visit, Finding, ImprovementAction, Inspection, NotifiableEvent, SurveyResponse,
           SurveyAnswer)  # fmt: skip
    client = Client()
    with acting_as(market.viewer, by=BY):
        client.force_login(User.objects.create_user(
            "officer@bench.example", None, role="quality_officer", authority=market.lead, name="Officer"
        ))  # fmt: skip

    def measure() -> Scorecard:
        with acting_as(market.viewer, by=BY):
            return scorecard(of_provider(provider), today, own=True, concerns=True)

    def lot() -> Scorecard:
        with acting_as(market.viewer, by=BY):
            return scorecard(of_lot(market.lot, today), today, own=True, concerns=True)

    def bare() -> list[Any]:
        with acting_as(market.viewer, by=BY), connection.cursor() as cursor:
            found = []
            for statement in BARE:
                cursor.execute(statement, told)
                found.append(cursor.fetchall())
            return found

    def page() -> bytes:
        answer = client.get(reverse("scorecard", args=[provider.uuid]))
        gate("status of the page", answer.status_code, 200)
        return answer.content

    ours, theirs = measure(), bare()
    gate("homes priced", sum(len(each.now) for each in ours.prices), theirs[0][0][0])
    gate("judged", sorted((k, n) for each in ours.judged for k, n in each.now.items() if k), sorted(theirs[1]))
    gate("visits", ours.visited.n, theirs[2][0][0])
    gate("actions", (ours.actions["opened"], ours.actions["late"]), theirs[3][0])
    gate("events", ours.events["n"], theirs[4][0][0])
    gate("statements", [(each.statement.number, each.n, each.agree) for each in ours.voice], theirs[5])
    rounds = [
        Contender("/providers/<one>/scorecard/, signed in", OURS, page),
        Contender("scorecard(): a provider, with what was before", OURS, measure),
        Contender("scorecard(): a lot of a hundred providers", OURS, lot),
        Contender("six SQL statements, the figures of now, as web", LIMIT, bare),
    ]
    interleave(rounds, rounds=ROUNDS, warm=True)
    facts = {"own answers": f"{RESPONSES * 10:,}", "placements": "3,000", "providers": "100"}
    return [Found("scorecard", "one provider's figures side by side, and a page of them", rounds, facts, BOUNDED)]


BOUNDED = (
    "some thirty queries of the same rows, of which the bare statements ask six: trend, lateness, letters, "
    "suspensions, KPIs and the release are in the scorecard alone; the page adds tabs, who is signed in, and words."
)


def _back(day: Any, years: int) -> Any:
    return day.replace(year=day.year - years)
