"""Surveys and answers for tests of results, written as the actions leave them; and an oracle that reads one answer
after another."""

import random
from collections import defaultdict
from datetime import date, timedelta

from commissioning.partnership.models import Statement, StatementSet
from contracts.models import Child, Placement
from quality.models import Survey, SurveyAnswer, SurveyInvitation, SurveyQuestion, SurveyResponse
from quality.rules.codes import ANSWERED_BY
from tests.quality.monitored import BY, TODAY, as_member, home_of, provider_called, service

SERVED = ((1,), (2,), (3,), (4,), (5, 6), (7,), (1, 8), (9,), (10,))  # of each question: two ask of statement 1
__all__ = ["BY", "TODAY", "answer", "as_member", "asked", "home_of", "live", "make_survey", "oracle",
           "provider_called", "scene", "service", "statement_set"]  # fmt: skip


def statement_set() -> StatementSet:
    """Inside service()."""
    made, new = StatementSet.objects.get_or_create(code="southwark", number=1, defaults={"name": "Ten statements"})
    if new:
        Statement.objects.bulk_create(
            Statement(statement_set=made, number=n, words=f"I want statement {n}") for n in range(1, 11)
        )
    return made


def make_survey(code: str = "older", ages: tuple[int, int] = (12, 17)) -> Survey:
    """Inside service()."""
    made, new = Survey.objects.get_or_create(
        code=code, number=1,
        defaults={"name": f"For {code}", "statement_set": statement_set(), "age_from": ages[0], "age_to": ages[1]},
    )  # fmt: skip
    if new:
        SurveyQuestion.objects.bulk_create(
            SurveyQuestion(survey=made, number=n, words=f"Question {n} for {code}", statements=list(served),
                           unsafe=n == 1)
            for n, served in enumerate(SERVED, 1)
        )  # fmt: skip
        SurveyQuestion.objects.create(survey=made, number=20, words="Anything else?", kind="words", statements=[1])
    return made


def live(authority, home, starts_on: date, **more) -> Placement:
    """A young person of the authority in a home, or in house. Inside as_member(authority)."""
    number = Child.objects.filter(authority=authority).count() + 1001
    child = Child.objects.create(authority=authority, number=number, disabilities=[])
    return Placement.objects.create(
        authority=authority, number=number, child=child, starts_on=starts_on, called_off_on=starts_on,
        **{
            "service_type": "residential", "registration": "registered", "provider": home and home.provider,
            "establishment": home, "route": "spot" if home else "in_house", "spot_reason": "specialist" if home else "",
        } | more,
    )  # fmt: skip


def asked(placement: Placement, survey: Survey, due_on: date, number: int, **more) -> SurveyInvitation:
    return SurveyInvitation.objects.create(
        authority_id=placement.authority_id, placement=placement, survey=survey, occasion="six_months", due_on=due_on,
        digest=f"digest-{number}", made_on=due_on, ends_before=due_on + timedelta(days=42), **more,
    )  # fmt: skip


def answer(authority, survey: Survey, on: date, values, *, placement: Placement | None = None, **facts):
    """`values`: by question number; None: did not want to say."""
    of_home = {
        "provider_id": placement.provider_id, "establishment_id": placement.establishment_id,
        "lot_id": placement.lot_id, "service_type": placement.service_type,
    } if placement else {"service_type": "residential"}  # fmt: skip
    made = SurveyResponse.objects.create(
        authority=authority, survey=survey, placement=placement, answered_on=on,
        **{"occasion": "six_months"} | of_home | facts,
    )  # fmt: skip
    questions = {each.number: each for each in survey.questions.all()}
    SurveyAnswer.objects.bulk_create(
        SurveyAnswer(authority=authority, response=made, question=questions[number], value=value)
        for number, value in values.items()
    )
    return made


def scene(members, seed: int = 7, homes: int = 3, each: int = 6, days: int = 700, today: date = TODAY) -> None:
    """Every member has young people with every provider and in house, asked twice or more, and two surveys."""
    chance = random.Random(seed)
    with service():
        surveys = [make_survey("older"), make_survey("younger", (8, 11))]
        places = [home_of(provider_called(f"Provider {n}"), f"SC7000{n}") for n in range(homes)]
    number = 0
    for member in members:
        with as_member(member):
            for home in [*places, None]:
                for _ in range(each):
                    kind = chance.choice(("residential", "supported"))
                    lived = live(member, home, today - timedelta(days=days + 20), service_type=kind)
                    for _ in range(chance.randint(1, 3)):
                        number += 1
                        survey, on = chance.choice(surveys), today - timedelta(days=chance.randrange(days))
                        came = chance.random() < 0.75
                        link = asked(
                            lived, survey, on - timedelta(days=chance.randrange(9)), number,
                            answered_on=on if came else None,
                            withdrawn_on=on if not came and chance.random() < 0.2 else None,
                        ) if chance.random() < 0.8 else None  # fmt: skip
                        if not came:
                            continue
                        by = chance.choice(("self", "self", "self", *ANSWERED_BY))
                        values = {
                            n: chance.choice((None, 1, 2, 3, 4, 4, 5, 5, 5))
                            for n in range(1, 10) if chance.random() < 0.9
                        }  # fmt: skip
                        answer(member, survey, on, values, placement=lived, invitation=link, answered_by=by,
                               helper="" if by == "self" else "Key worker")  # fmt: skip
            answer(member, surveys[0], today - timedelta(days=5), {1: 5, 7: None}, entry="visit", occasion="visit")


def oracle(member, first: date, until: date, key, *, passes=lambda response: True):
    """(statement, key of the response) -> what is counted, an answer at a time. Inside as_member(member)."""
    found = defaultdict(lambda: {"said": dict.fromkeys((1, 2, 3, 4, 5), 0), "unsaid": 0, "who": set(), "behalf": 0,
                                 "newest": None})  # fmt: skip
    for response in SurveyResponse.objects.filter(authority=member).select_related("placement"):
        if not (first <= response.answered_on < until and passes(response)):
            continue
        child = response.placement.child_id if response.placement_id else f"of response {response.pk}"
        for given in SurveyAnswer.objects.filter(response=response).select_related("question"):
            for statement in given.question.statements:
                cell = found[statement, key(response)]
                if given.value is None:
                    cell["unsaid"] += 1
                else:
                    cell["said"][given.value] += 1
                    cell["who"].add(child)
                cell["behalf"] += response.answered_by == "behalf"
                cell["newest"] = max(cell["newest"] or response.answered_on, response.answered_on)
    return {
        which: (cell["said"], cell["unsaid"], len(cell["who"]), cell["behalf"], cell["newest"])
        for which, cell in found.items()
    }
