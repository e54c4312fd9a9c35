"""What serves a statement of young people: lots, KPIs, visit questions, outcomes sought in agreements, planned
actions. What is not the viewer's to read is not there."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q

from commissioning.need.models import PlannedAction
from commissioning.partnership.models import Kpi, LotStatement, Statement
from contracts.models import Outcome
from quality.models import Survey, SurveyQuestion, TemplateQuestion, VisitTemplate


@dataclass(frozen=True)
class Links:
    """`outcomes`: of own young people: how many are sought, in how many homes, and how many of those homes are open."""

    lots: list[LotStatement]
    kpis: list[Kpi]
    questions: list[TemplateQuestion]
    asked: list[SurveyQuestion]
    actions: list[PlannedAction]
    outcomes: dict[str, int]

    @property
    def total(self) -> int:
        return len(self.lots) + len(self.kpis) + len(self.questions) + len(self.asked) + len(self.actions)


def links_of(statement: Statement, *, outcomes: bool) -> Links:
    """Six queries. `outcomes`: the viewer may read those of its own young people. Visit questions name the numbers of
    the first set, the ten."""
    code, number = statement.statement_set.code, statement.number
    of_set = Q(statement_set__code=code, statements__contains=[number])
    found: dict[str, Any] = {"n": 0, "homes": 0, "open": 0}
    if outcomes:
        found = Outcome.objects.filter(of_set, dropped_on=None).aggregate(
            n=Count("pk"), homes=Count("placement", distinct=True),
            open=Count("placement", filter=Q(placement__ends_before=None), distinct=True),
        )  # fmt: skip
    questions = TemplateQuestion.objects.filter(
        template__in=VisitTemplate.objects.in_use(), statements__contains=[number]
    ).select_related("template")
    lots = LotStatement.objects.filter(statement__statement_set__code=code, statement__number=number)
    return Links(
        list(lots.select_related("lot__framework").order_by("lot__framework__name", "lot__number")),
        list(Kpi.objects.in_use().filter(of_set).order_by("name")),
        list(questions.order_by("template__name", "section", "number")) if code == "southwark" else [],
        list(
            SurveyQuestion.objects.filter(
                survey__in=Survey.objects.filter(statement_set__code=code).in_use(), statements__contains=[number]
            ).select_related("survey").order_by("survey__age_from", "number")
        ),
        list(PlannedAction.objects.filter(of_set).select_related("authority").order_by("authority__name", "number")),
        found,
    )  # fmt: skip
