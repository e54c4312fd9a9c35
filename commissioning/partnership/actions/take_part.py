"""An authority joins a framework, or leaves it, by date."""

from datetime import date

from django.core.exceptions import ValidationError
from django.db.models import Q

from commissioning.kernel import wording
from commissioning.kernel.tenancy.viewer import acting_as, current_viewer

from ..models import Authority, Framework, Participation
from ..rules.terms import last_day
from .leading import must_lead, save_unchanged


def join_framework(
    *, framework: Framework, authority: Authority, starts_on: date, ends_before: date | None = None, by: object
) -> Participation:
    """Raises ValidationError where the authority is not a member then, takes part already, or the dates are wrong."""
    must_lead(framework)
    check_joining(framework=framework, authority=authority, starts_on=starts_on, ends_before=ends_before)
    with acting_as(current_viewer(), by=by):
        return Participation.objects.create(
            framework=framework, authority=authority, starts_on=starts_on, ends_before=ends_before
        )


def check_joining(*, framework: Framework, authority: Authority, starts_on: date, ends_before: date | None) -> None:
    """What join_framework would refuse, without doing it."""
    problems = {}
    if not Authority.objects.members_on(starts_on).filter(pk=authority.pk).exists():
        problems["authority"] = f"{authority} is not a member of the partnership on {wording.day(starts_on)}."
    overlapping = framework.participations.filter(
        Q(ends_before=None) | Q(ends_before__gt=starts_on), authority=authority
    )
    if ends_before:
        overlapping = overlapping.filter(starts_on__lt=ends_before)
    if other := overlapping.first():
        until = f" to {wording.day(last_day(other.ends_before))}" if other.ends_before else ""
        problems["authority"] = f"{authority} takes part already, from {wording.day(other.starts_on)}{until}."
    if starts_on < framework.starts_on:
        problems["starts_on"] = (
            f"The framework begins on {wording.day(framework.starts_on)}. Enter that day or a later one."
        )
    end = framework.runs_until
    if end and starts_on >= end:
        problems["starts_on"] = f"The framework ends on {wording.day(last_day(end))}. Enter an earlier day."
    if ends_before and ends_before <= starts_on:
        problems["ends_before"] = "The last day must be the first day or later."
    if problems:
        raise ValidationError(problems)


def leave_framework(*, participation: Participation, ends_before: date, version: int, by: object) -> Participation:
    """Sets the day from which the authority no longer takes part. Raises ValidationError, ChangedMeanwhile."""
    must_lead(participation.framework)
    check_leaving(participation=participation, ends_before=ends_before)
    with acting_as(current_viewer(), by=by):
        return save_unchanged(participation, version, ends_before=ends_before)


def check_leaving(*, participation: Participation, ends_before: date) -> None:
    """What leave_framework would refuse, without doing it."""
    if participation.authority_id == participation.framework.lead_authority_id:
        says = f"{participation.authority} leads this framework: its lead takes part as long as it runs."
        raise ValidationError({"ends_before": says})
    if ends_before <= participation.starts_on:
        first = wording.day(participation.starts_on)
        raise ValidationError({"ends_before": f"It took part from {first}. Enter that day or a later one."})
    later = Participation.objects.filter(
        framework=participation.framework, authority=participation.authority, starts_on__lt=ends_before,
        starts_on__gt=participation.starts_on,
    ).first()  # fmt: skip
    if later:
        raise ValidationError(
            {"ends_before": f"It takes part again from {wording.day(later.starts_on)}. Enter a day before that."}
        )
