"""A placement recorded, changed, moved on and ended."""

from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from commissioning.kernel.tenancy.viewer import acting_as, current_viewer
from providers.models import Award, Establishment, Premises

from ..models import Child, CostLine, Placement
from .call_off import refuse_suspended, route_on
from .numbers import next_number
from .presence import tell_presence


@transaction.atomic
def record_placement(
    *,
    child: Child,
    service_type: str,
    starts_on: date,
    by: Any,
    today: date,
    ends_before: date | None = None,
    called_off_on: date | None = None,
    in_house: bool = False,
    award: Award | None = None,
    spot_reason: str = "",
    respite: bool = False,
    override_reason: str = "",
    **facts: Any,
) -> Placement:
    """A child's home from `starts_on`. The route is fixed by the facts of the call-off day.

    ValidationError (by field) for an end before the start, a start before the child was born, days that another home of
    the child has, an award that was not in force, a provider that is not the award's, a spot purchase without a reason,
    premises of another registration, a reference that another placement has, or a suspension in force that bars it,
    without a reason for overriding it.
    """
    called_off_on = called_off_on or starts_on
    number = next_number(Placement, child.authority_id)  # of two at once the second waits here, and sees the first's
    if child.born_on is not None and starts_on < child.born_on:
        raise ValidationError({"starts_on": f"{child} was not born yet on that day: check it, and the date of birth."})
    reference = facts.get("reference", "")
    taken = Placement.objects.filter(reference=reference).first() if reference else None
    if taken is not None:
        raise ValidationError({"reference": f"{taken} has that reference already."})
    if ends_before is not None and ends_before <= starts_on:
        raise ValidationError({"ends_before": "The placement ends before it starts: check both dates."})
    if called_off_on > today:
        raise ValidationError({"called_off_on": "A placement cannot have been called off after today."})
    _refuse_overlap(child, starts_on, ends_before, respite)
    must_be_there(facts.get("premises"), facts.get("establishment"))
    route, why = route_on(called_off_on, award, child.authority_id, service_type, in_house=in_house)
    if why:
        raise ValidationError({"award": f"This cannot be a framework purchase: {why}. Choose another place, or spot."})
    if award is not None:
        if facts.get("provider") not in (None, award.provider):
            raise ValidationError({"provider": "That place on the lot is another provider's."})
        facts |= {"provider": award.provider, "lot": award.lot}
    if route == "spot" and not spot_reason:
        raise ValidationError({"spot_reason": "Say why it was bought outside the frameworks."})
    if not in_house and not override_reason.strip():
        refuse_suspended(
            called_off_on, child.authority_id, provider=facts.get("provider"),
            establishment=facts.get("establishment"), award=award,
        )  # fmt: skip
    with acting_as(current_viewer(), by=by, reason=override_reason.strip()):
        made = Placement.objects.create(
            authority=child.authority, number=number, child=child,
            service_type=service_type, starts_on=starts_on, ends_before=ends_before, called_off_on=called_off_on,
            route=route, award=award, spot_reason=spot_reason if route == "spot" else "", respite=respite, **facts,
        )  # fmt: skip
        tell_presence(authority_id=made.authority_id, today=today, establishments=[made.establishment_id])
    return made


@transaction.atomic
def end_placement(
    *,
    placement: Placement,
    ends_before: date,
    end_reason: str,
    ended_by: str,
    ended_as_planned: bool,
    destination: str,
    by: Any,
    today: date,
    notice_given_on: date | None = None,
) -> Placement:
    """Ends the placement, its open cost lines and what watches over it on the day the child left (that night is not
    counted). ValidationError where the day lies before the start or after today."""
    if ends_before <= placement.starts_on:
        raise ValidationError({"ends_before": "The child cannot have left before the placement started."})
    if ends_before > today:
        raise ValidationError({"ends_before": "That day has not come: record the planned end instead."})
    if notice_given_on is not None and notice_given_on > ends_before:
        raise ValidationError({"notice_given_on": "Notice is given before the placement ends."})
    placement.ends_before, placement.end_reason, placement.ended_by = ends_before, end_reason, ended_by
    placement.ended_as_planned, placement.destination = ended_as_planned, destination
    placement.notice_given_on = notice_given_on
    placement.save()
    for rows in (placement.costlines, placement.oversights):
        rows.filter(starts_on__gte=ends_before).delete()
        rows.filter(ends_before=None).update(ends_before=ends_before)
        rows.filter(ends_before__gt=ends_before).update(ends_before=ends_before)
    tell_presence(authority_id=placement.authority_id, today=today, establishments=[placement.establishment_id])
    return placement


def must_be_there(premises: Premises | None, establishment: Establishment | None) -> None:
    """ValidationError for premises of another registration than the placement's."""
    if premises is not None and (establishment is None or premises.establishment_id != establishment.pk):
        raise ValidationError({"premises": "Those premises belong to another home or agency: choose both to match."})


def _refuse_overlap(child: Child, starts_on: date, ends_before: date | None, respite: bool) -> None:
    others = Placement.objects.filter(child=child).overlapping(starts_on, ends_before)
    if respite:
        return
    clash = others.filter(respite=False).order_by("starts_on").first()
    if clash is not None:
        until = f"until {clash.ends_before:%-d %B %Y}" if clash.ends_before else "still open"
        raise ValidationError(
            {"starts_on": f"{child} has {clash} from {clash.starts_on:%-d %B %Y}, {until}. End it first, or say that "
             "this is a short stay while that home goes on."}
        )  # fmt: skip


def weekly_price(placement: Placement, day: date) -> Any:
    """Pounds a week of the placement's cost lines that run on the day."""
    return sum((line.weekly_amount for line in CostLine.objects.filter(placement=placement).on(day)), start=0)
