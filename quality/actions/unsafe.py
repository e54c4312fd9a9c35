"""Somebody says that they are not safe: a person is told at once, it becomes a concern, and is followed to its end."""

from datetime import date, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from commissioning.kernel.tenancy.viewer import acting_as, current_viewer
from commissioning.partnership.actions.leading import save_unchanged

from ..models import SurveyResponse
from .alerts import raise_alert
from .concerns import raise_concern

WORDS = "A young person answered that they do not feel safe where they live and sleep."


def follow(*, response: SurveyResponse, by: Any, now: datetime) -> None:
    """In the transaction that keeps the answer. The concern is the authority's own, and holds no word of the young
    person's; a home of no provider has none, and its answer is followed by itself (`close_answer`)."""
    home, provider = response.establishment, response.provider
    if home is not None and provider is None:
        provider = home.provider
    if home is not None and provider is not None and home.provider_id != provider.pk:
        home = None  # it is another provider's today
    if provider is not None:
        response.concern = raise_concern(
            authority=response.authority, kind="concern", source="young_person", theme="safety", marking="placing",
            words=WORDS, raised_on=timezone.localdate(now), provider=provider, establishment=home, by=by, now=now,
        )  # fmt: skip
        with acting_as(current_viewer(), by=by):
            response.save(update_fields=["concern"])
    raise_alert(
        authority_id=response.authority_id, kind="answer", about=response.uuid, others=False,
        link=f"/outcomes/not-safe/{response.uuid}/", establishment=response.establishment,
        title=f"Someone says that they are not safe where they live: {where(response)}",
    )  # fmt: skip


def where(response: SurveyResponse) -> str:
    if response.establishment_id:
        return response.establishment.shown_name
    return response.provider.name if response.provider_id else "a home of no recorded provider"


@transaction.atomic
def close_answer(
    *, response: SurveyResponse, version: int, followed_on: date, followed_how: str, by: Any, today: date
) -> SurveyResponse:
    """What came of an answer for which no concern stands. Raises ChangedMeanwhile; ValidationError (by field) for a day
    to come or before it was said, without words, for one that is closed, and where the concern is what is closed."""
    if response.concern_id is not None:
        raise ValidationError("A concern stands for this answer: close the concern.")
    if response.followed_on is not None:
        raise ValidationError("This has been followed to its end already.")
    if followed_on > today:
        raise ValidationError({"followed_on": "That day has not come: check the date."})
    if followed_on < response.answered_on:
        raise ValidationError({"followed_on": "It would be closed before it was said: check the date."})
    if not followed_how.strip():
        raise ValidationError({"followed_how": "Say what came of it, without a word about a child."})
    with acting_as(current_viewer(), by=by):
        return save_unchanged(response, version, followed_on=followed_on, followed_how=followed_how.strip())
