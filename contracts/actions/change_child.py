"""A child's facts put right, and why the authority has a duty to the child, period by period."""

from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from commissioning.kernel.tenancy.viewer import acting_as, current_viewer
from commissioning.partnership.actions.leading import ChangedMeanwhile, save_unchanged

from ..models import CareStatus, Child
from ..rules import codes


@transaction.atomic
def change_child(
    *, child: Child, version: int, by: Any, today: date, born_on: date | None = None, reason: str = "", **facts: Any
) -> Child:
    """Raises ChangedMeanwhile where `version` is no longer the row's, ValidationError for a birth after today.

    An empty `born_on` leaves the recorded one as it is: nobody is shown it, so nobody can repeat it.
    """
    if born_on is not None:
        if born_on > today:
            raise ValidationError({"born_on": "The date of birth is in the future: check the year."})
        facts["born_on"] = born_on
    with acting_as(current_viewer(), by=by, reason=reason):
        return save_unchanged(child, version, **facts)


@transaction.atomic
def add_care_status(
    *, child: Child, status: str, starts_on: date, by: Any, ends_before: date | None = None, legal_status: str = ""
) -> CareStatus:
    """A status from a day on: the one that was open ends that day. ValidationError (by field) for an end before the
    start, or days that another recorded status has."""
    if ends_before is not None and ends_before <= starts_on:
        raise ValidationError({"ends_before": "The last day comes before the first: check both dates."})
    Child.objects.select_for_update(of=("self",)).get(pk=child.pk)  # two people at once: one waits, and is told
    open_before = CareStatus.objects.filter(child=child, ends_before=None, starts_on__lt=starts_on)
    open_before.update(ends_before=starts_on)
    clash = CareStatus.objects.filter(child=child).overlapping(starts_on, ends_before).order_by("starts_on").first()
    if clash is not None:
        words = codes.CARE_STATUSES[clash.status].lower()
        raise ValidationError(
            {"starts_on": f"{child} is recorded as {words} from {clash.starts_on:%-d %B %Y}. A child has one status at "
             "a time: end this one before that day, or start it afterwards."}
        )  # fmt: skip
    return CareStatus.objects.create(
        authority_id=child.authority_id, child=child, status=status, legal_status=legal_status, starts_on=starts_on,
        ends_before=ends_before,
    )  # fmt: skip


@transaction.atomic
def end_care_status(*, status: CareStatus, version: int, ends_before: date, by: Any) -> CareStatus:
    """Raises ChangedMeanwhile; ValidationError where it would end before it starts, or has ended already."""
    if ends_before <= status.starts_on:
        raise ValidationError({"ends_before": "The last day comes before the first: check the date."})
    now = CareStatus.objects.get(pk=status.pk)
    if now.ends_before is not None:
        raise ChangedMeanwhile(now)
    return save_unchanged(status, version, ends_before=ends_before)
