"""What young people answered, by whichever road: kept, and where somebody is not safe a person told at once."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from commissioning.kernel.tenancy.viewer import acting_as, current_viewer
from contracts.models import Placement

from ..models import Survey, SurveyAnswer, SurveyInvitation, SurveyQuestion, SurveyResponse, SurveyWords, Visit
from ..rules import codes
from ..rules.occasions import refused
from .unsafe import follow


@dataclass(frozen=True)
class Given:
    """One young person's answers. `values` and `words` are by the number of the question; None: did not want to say.
    Of a placement, or of the home of a visit."""

    survey: Survey
    occasion: str
    answered_on: date
    values: dict[int, int | None]
    words: dict[int, str] = field(default_factory=dict)
    answered_by: str = "self"
    helper: str = ""
    entry: str = "officer"
    placement: Placement | None = None
    invitation: SurveyInvitation | None = None
    visit: Visit | None = None
    service_type: str = ""  # where a visit is the source


@transaction.atomic
def answer_link(
    *, invitation: SurveyInvitation, values: dict[int, int | None], words: dict[int, str], helper: str, by: str,
    now: datetime,
) -> SurveyResponse | None:  # fmt: skip
    """The answers to a link, once: None where it was answered already. The caller holds the invitation."""
    if invitation.answered_on is not None:
        return None
    today, home = timezone.localdate(now), invitation.placement
    left = home.ends_before is not None and home.ends_before <= today
    given = Given(
        survey=invitation.survey, occasion="leaving" if left else invitation.occasion, answered_on=today, values=values,
        words=words, answered_by="helped" if helper else "self", helper=helper, entry="link", placement=home,
        invitation=invitation,
    )  # fmt: skip
    (made,) = record_answers(authority_id=invitation.authority_id, given=[given], by=by, now=now)
    invitation.answered_on = today
    with acting_as(current_viewer(), by=by):
        invitation.save(update_fields=["answered_on"])
    return made


@transaction.atomic
def record_answers(*, authority_id: int, given: Sequence[Given], by: Any, now: datetime) -> list[SurveyResponse]:
    """All of them or none. Each answer of not being safe becomes a concern and an alert in the same transaction.

    ValidationError for a value off the scale, a question that the survey does not ask, a day to come, and an answer of
    a home that had ended, unless on leaving.
    """
    questions = _questions({each.survey.pk for each in given})
    today = timezone.localdate(now)
    for each in given:
        _refuse(each, questions[each.survey.pk], today)
    who = by if hasattr(by, "uuid") else None
    with acting_as(current_viewer(), by=by):
        made = SurveyResponse.objects.bulk_create(_response(authority_id, each, who) for each in given)
        pairs = list(zip(made, given, strict=True))
        SurveyAnswer.objects.bulk_create(
            SurveyAnswer(
                authority_id=authority_id, response=row, question=questions[each.survey.pk][number], value=value
            )
            for row, each in pairs
            for number, value in each.values.items()
        )
        SurveyWords.objects.bulk_create(
            SurveyWords(
                authority_id=authority_id, response=row, question=questions[each.survey.pk][number], words=text.strip()
            )
            for row, each in pairs
            for number, text in each.words.items()
            if text.strip()
        )
        for row, each in pairs:
            if _not_safe(each, questions[each.survey.pk].values()):
                follow(response=row, by=by, now=now)
    return made


def _questions(surveys: set[int]) -> dict[int, dict[int, SurveyQuestion]]:
    found: dict[int, dict[int, SurveyQuestion]] = {survey: {} for survey in surveys}
    for question in SurveyQuestion.objects.filter(survey__in=surveys):
        found[question.survey_id][question.number] = question
    return found


def _refuse(given: Given, questions: dict[int, SurveyQuestion], today: date) -> None:
    for kind, numbers in (("scale", given.values), ("words", given.words)):
        for number in numbers:
            if number not in questions or questions[number].kind != kind:
                raise ValidationError(f"This survey has no question {number} of that kind.")
    for number, value in given.values.items():
        if value is not None and value not in codes.SURVEY_SCALE:
            raise ValidationError({f"q{number}": "An answer is from 1, Never, to 5, Always."})
    if given.answered_by != "self" and given.helper not in codes.HELPERS:
        raise ValidationError({"helper": "Say who answered or helped, by their role."})
    if given.answered_on > today:
        raise ValidationError({"answered_on": "That day has not come: check the date."})
    if given.placement is not None:
        problem = refused(
            occasion=given.occasion, answered_on=given.answered_on, starts_on=given.placement.starts_on,
            ends_before=given.placement.ends_before, today=today,
        )  # fmt: skip
        if problem:
            raise ValidationError({problem[0]: problem[1]})


def _response(authority_id: int, given: Given, who: Any) -> SurveyResponse:
    """Provider, home, lot and kind of home are those of the placement, or of the visit."""
    home, visit = given.placement, given.visit
    if home is not None:
        where = {"provider_id": home.provider_id, "establishment_id": home.establishment_id, "lot_id": home.lot_id,
                 "service_type": home.service_type}  # fmt: skip
    else:
        where = {"provider_id": visit.provider_id if visit else None, "service_type": given.service_type,
                 "establishment_id": visit.establishment_id if visit else None}  # fmt: skip
    return SurveyResponse(
        authority_id=authority_id, survey=given.survey, placement=home, invitation=given.invitation, visit=visit,
        occasion=given.occasion, answered_on=given.answered_on, answered_by=given.answered_by, helper=given.helper,
        entry=given.entry, entered_by=who, **where,
    )  # fmt: skip


def _not_safe(given: Given, questions: Iterable[SurveyQuestion]) -> bool:
    return any(each.unsafe and given.values.get(each.number) in codes.NOT_SAFE for each in questions)
