"""A young person is asked: a link that is used once, of which a digest alone is kept."""

import hmac
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from commissioning.kernel.tenancy.viewer import acting_as, current_viewer
from contracts.models import Placement

from ..models import Survey, SurveyInvitation
from ..rules.links import ALPHABET, LETTERS, code_of, digest_of
from ..rules.occasions import LEAVING, OPEN_DAYS, refused


@transaction.atomic
def invite(
    *, placement: Placement, survey: Survey, occasion: str, due_on: date, by: Any, today: date,
    open_for: int = OPEN_DAYS,
) -> tuple[SurveyInvitation, str]:  # fmt: skip
    """The invitation and its code, which is told this once and kept nowhere.

    ValidationError for a home that has ended, unless on leaving and within the weeks after; for one that has not begun;
    and where a link is open already.
    """
    Placement.objects.select_for_update(of=("self",)).get(pk=placement.pk)  # of two at once one makes a link
    problem = refused(
        occasion=occasion, answered_on=today, starts_on=placement.starts_on, ends_before=placement.ends_before,
        today=today,
    )  # fmt: skip
    if problem:
        raise ValidationError({"occasion": problem[1]})
    if open_links(placement, today):
        raise ValidationError("A link for this home is open already: withdraw it, or wait until it has ended.")
    ends_before = today + timedelta(days=open_for)
    if occasion == "leaving" and placement.ends_before is not None:
        ends_before = min(ends_before, placement.ends_before + LEAVING)
    secret = new_secret()
    with acting_as(current_viewer(), by=by):
        made = SurveyInvitation.objects.create(
            authority_id=placement.authority_id, placement=placement, survey=survey, occasion=occasion, due_on=due_on,
            digest=digest_of(secret), made_by=by if hasattr(by, "uuid") else None, made_on=today,
            ends_before=ends_before,
        )  # fmt: skip
    return made, code_of(placement.authority.slug, secret)


@dataclass(frozen=True)
class Ask:
    """One of many links made at once: what came of it may be known already."""

    placement: Placement
    survey: Survey
    occasion: str
    due_on: date
    made_on: date
    open_for: int = OPEN_DAYS
    answered_on: date | None = None
    withdrawn_on: date | None = None


@transaction.atomic
def invite_many(*, asks: Sequence[Ask], by: Any) -> list[SurveyInvitation]:
    """Links of earlier days, of which nobody needs the codes any more."""
    with acting_as(current_viewer(), by=by):
        return SurveyInvitation.objects.bulk_create(
            SurveyInvitation(
                authority_id=ask.placement.authority_id, placement=ask.placement, survey=ask.survey,
                occasion=ask.occasion, due_on=ask.due_on, digest=digest_of(new_secret()), made_on=ask.made_on,
                made_by=by if hasattr(by, "uuid") else None, answered_on=ask.answered_on,
                ends_before=ask.made_on + timedelta(days=ask.open_for), withdrawn_on=ask.withdrawn_on,
            )
            for ask in asks
        )  # fmt: skip


def new_secret() -> str:
    return "".join(secrets.choice(ALPHABET) for _ in range(LETTERS))


def open_links(placement: Placement, today: date) -> Any:
    return SurveyInvitation.objects.filter(
        placement=placement, answered_on=None, withdrawn_on=None, ends_before__gt=today
    )


@transaction.atomic
def withdraw(*, invitation: SurveyInvitation, by: Any, today: date) -> SurveyInvitation:
    """It opens nothing any more. ValidationError for one that was answered; withdrawn again, the first day stays."""
    held = SurveyInvitation.objects.select_for_update(of=("self",)).get(pk=invitation.pk)
    if held.answered_on is not None:
        raise ValidationError("This link was answered: there is nothing to withdraw.")
    if held.withdrawn_on is None:
        held.withdrawn_on = today
        with acting_as(current_viewer(), by=by):
            held.save(update_fields=["withdrawn_on"])
    return held


def invitation_of(secret: str, *, hold: bool = False) -> SurveyInvitation | None:
    """What the secret opens, in the authority that acts. With `hold` nobody else answers it meanwhile."""
    told = digest_of(secret)
    rows = SurveyInvitation.objects.select_related("placement__establishment", "survey", "authority")
    found = (rows.select_for_update(of=("self",)) if hold else rows).filter(digest=told).first()
    return found if found is not None and hmac.compare_digest(found.digest, told) else None
