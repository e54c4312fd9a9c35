"""A provider with something to talk about, and a contract meeting in each state. The clock is the caller's."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from commissioning.kernel.tenancy.viewer import Viewer, acting_as
from commissioning.partnership.actions.load_statements import load_statements
from commissioning.partnership.models import Kpi, LotKpi, StatementSet
from providers.models import Award
from quality.actions.meetings import (
    add_item,
    agree_in_meeting,
    finish_minutes,
    hold_meeting,
    minute_items,
    plan_meeting,
)
from quality.models import ContractMeeting, KpiReturn, MeetingItem, Survey, SurveyAnswer, SurveyQuestion, SurveyResponse
from tests.quality.visiting import BY, of, own


def fields(name: str, day: date) -> dict[str, str]:
    """A date as its three fields."""
    return {f"{name}_0": str(day.day), f"{name}_1": str(day.month), f"{name}_2": str(day.year)}


def with_set() -> StatementSet:
    with acting_as(Viewer.of_service("tests"), by=BY):
        load_statements()
        return StatementSet.objects.in_use().get(code="southwark")


def expects(
    lot: Any, code: str = "IPA", *, target: int = 95, starts_on: date = date(2024, 4, 1), **facts: Any
) -> LotKpi:
    """A KPI that the lot expects each quarter: 95 is good, 90 approaching, 80 requires improvement."""
    with own(lot.framework.lead_authority_id):
        kpi, _ = Kpi.objects.get_or_create(
            code=code, defaults={"name": facts.pop("name", "Agreements fulfilled"), "numerator": "fulfilled",
                                 "denominator": "agreements", **facts},
        )  # fmt: skip
        return LotKpi.objects.create(
            framework=lot.framework, lot=lot, kpi=kpi, target=target, approaching=90, improvement=80,
            starts_on=date(2024, 4, 1),
        )  # fmt: skip


def returned(expected: LotKpi, provider: Any, starts_on: date, ends_before: date, n: int, of_: int) -> KpiReturn:
    """As the provider's form leaves it."""
    value = Decimal(100 * n) / of_
    rating = "good" if value >= 95 else "approaching" if value >= 90 else "improvement" if value >= 80 else "inadequate"
    with of(provider):
        award = Award.objects.get(lot=expected.lot_id, provider=provider)
        return KpiReturn.objects.create(
            award=award, framework_id=award.framework_id, lot_id=award.lot_id, provider=provider, lot_kpi=expected,
            starts_on=starts_on, ends_before=ends_before, numerator=n, denominator=of_, value=value, rating=rating,
            sent_at=datetime.fromisoformat(f"{ends_before}T09:00:00+00:00"),
        )  # fmt: skip


def asked(statement_set: StatementSet) -> SurveyQuestion:
    """One question, whether they feel safe."""
    with acting_as(Viewer.of_service("tests"), by=BY):
        survey, _ = Survey.objects.get_or_create(
            code="test", defaults={"name": "Test", "statement_set": statement_set, "age_from": 8, "age_to": 25}
        )
        return SurveyQuestion.objects.get_or_create(
            survey=survey, number=1, defaults={"words": "I feel safe", "statements": [1, 7], "unsafe": True}
        )[0]


def answered(
    authority: Any, provider: Any, day: date, value: int | None, question: SurveyQuestion, **facts: Any
) -> None:
    with own(authority):
        response = SurveyResponse.objects.create(
            authority=authority, survey_id=question.survey_id, provider=provider, service_type="fostering",
            occasion="other", answered_on=day, entry="officer", **facts,
        )  # fmt: skip
        SurveyAnswer.objects.create(authority=authority, response=response, question=question, value=value)


def meeting_in(cast: Any, state: str, today: date, *, tell: bool = True, authority: Any = None) -> ContractMeeting:
    """Southwark's with Alder."""
    authority = authority or cast.authority
    officer = cast.person("quality_officer", stranger=authority == cast.other)
    with own(authority):
        made = plan_meeting(
            authority_id=authority.pk, provider=cast.provider, planned_on=today, by=officer, today=today, tell=tell
        )
        item = add_item(meeting=made, title="Actions that are open", words="1 is open", by=officer)
        if state == "planned":
            return made
        made = hold_meeting(
            meeting=made, version=made.version, held_on=today, chair="Head of commissioning",
            present="Quality officer\nResponsible individual", by=officer, today=today,
        )  # fmt: skip
        made.refresh_from_db()
        agree_in_meeting(
            meeting=made, words="Send the rota each week", owner="Registered manager",
            due_on=today + timedelta(days=14), by=officer, today=today,
        )  # fmt: skip
        if state == "held":
            return made
        item = MeetingItem.objects.get(pk=item.pk)
        minute_items(meeting=made, minutes={item: "Talked about"}, versions={item.pk: 0}, by=officer)
        finish_minutes(meeting=made, version=made.version, items=[item], by=officer)
        made.refresh_from_db()
        return made
