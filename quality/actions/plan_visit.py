"""Visits planned, moved, and called off. A planned visit is seen by every member: two do not go the same month."""

from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from commissioning.kernel.tenancy.viewer import acting_as, current_viewer
from commissioning.partnership.actions.leading import save_unchanged
from contracts.actions.numbers import next_number
from providers.models import Establishment, Premises
from providers.rules.codes import KINDS_FOR_SERVICE

from ..models import Visit, VisitTemplate


@transaction.atomic
def plan_visit(
    *, authority_id: int, establishment: Establishment, template: VisitTemplate, planned_on: date, by: Any, today: date,
    premises: Premises | None = None, announced: bool = True, young_inspectors: bool = False, lead: Any = None,
    follows: Visit | None = None,
) -> Visit:  # fmt: skip
    """A visit on `planned_on`. The provider reads that it is planned where it is announced.

    ValidationError (by field) for a day that is past, a home whose provider is not recorded, premises of another
    registration, and a template that is retired or for another kind of home.
    """
    if planned_on < today:
        raise ValidationError({"planned_on": "That day is past: enter the day of the visit."})
    _fits(establishment, template, premises)
    return Visit.objects.create(
        authority_id=authority_id, provider_id=establishment.provider_id,
        number=next_number(Visit, authority_id), establishment=establishment, premises=premises, template=template,
        kind=template.kind, announced=announced, young_inspectors=young_inspectors or template.young_inspectors,
        planned_on=planned_on, lead=lead or by, follows=follows, to_members=True, to_provider=announced,
    )  # fmt: skip


def _fits(establishment: Establishment, template: VisitTemplate, premises: Premises | None) -> None:
    if establishment.provider_id is None:
        raise ValidationError({"establishment": "Nobody is recorded as running that home: record its provider first."})
    if premises is not None and premises.establishment_id != establishment.pk:
        raise ValidationError({"premises": "Those premises belong to another registration."})
    if template.retired_on is not None:
        raise ValidationError({"template": f"“{template}” is no longer used: choose another template."})
    if not fits_kind(template, establishment.kind):
        raise ValidationError(
            {"template": f"“{template}” is not for this kind of home ({establishment.get_kind_display().lower()})."}
        )


def fits_kind(template: VisitTemplate, kind: str) -> bool:
    """Whether the template asks about registrations of this kind."""
    served = {each for service in template.service_types for each in KINDS_FOR_SERVICE.get(service, (service,))}
    return not served or kind in served


@transaction.atomic
def move_visit(
    *, visit: Visit, version: int, planned_on: date, by: Any, today: date, announced: bool | None = None,
    lead: Any = None,
) -> Visit:  # fmt: skip
    """Another day, another lead, or announced after all. Raises ChangedMeanwhile; ValidationError for a visit that
    took place or was called off, and a day that is past."""
    if visit.state != "planned":
        raise ValidationError("This visit is no longer planned: its day stands.")
    if planned_on < today:
        raise ValidationError({"planned_on": "That day is past: enter the day of the visit."})
    told = visit.announced if announced is None else announced
    with acting_as(current_viewer(), by=by):
        return save_unchanged(
            visit, version, planned_on=planned_on, lead=lead or visit.lead, announced=told,
            to_provider=visit.to_provider or told,
        )  # fmt: skip


@transaction.atomic
def cancel_visit(*, visit: Visit, version: int, why: str, by: Any) -> Visit:
    """Raises ChangedMeanwhile; ValidationError for a visit that took place, and without a reason."""
    if visit.state != "planned":
        raise ValidationError("Only a visit that has not taken place can be called off.")
    if not why.strip():
        raise ValidationError({"why": "Say why the visit is called off."})
    with acting_as(current_viewer(), by=by, reason=why):
        return save_unchanged(visit, version, state="cancelled", cancelled_why=why)
