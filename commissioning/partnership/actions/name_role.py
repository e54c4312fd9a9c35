"""Who in an authority is told at once: named, and no longer."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from commissioning.kernel.tenancy.viewer import acting_as, current_viewer

from ..models import Authority, NamedRole
from ..rules.codes import NAMED_ROLES


@transaction.atomic
def name_role(*, authority: Authority, role: str, name: str, email: str, by: Any) -> NamedRole:
    """One more person, or watched inbox. ValidationError (by field) for one that is named already."""
    if role not in NAMED_ROLES:
        raise ValidationError({"role": "Choose what they are told of."})
    email = email.strip()
    if NamedRole.objects.filter(authority=authority, role=role, email__iexact=email).exists():
        raise ValidationError({"email": "That address is named for this already."})
    with acting_as(current_viewer(), by=by):
        return NamedRole.objects.create(authority=authority, role=role, name=name.strip(), email=email)


@transaction.atomic
def unname_role(*, named: NamedRole, by: Any) -> None:
    """Told no longer from now on; history keeps that they were."""
    with acting_as(current_viewer(), by=by):
        named.delete()
