"""A provider that no list of the regulator has told of yet, as somebody's file names it."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID, uuid4

from django.core.exceptions import ValidationError
from django.db import transaction

from ..models import Provider
from ..rules.names import fold


@transaction.atomic
def add_provider(
    *, name: str, by: Any, company_number: str = "", charity_number: str = "", uuid: UUID | None = None,
    source: Mapping[str, Any] | None = None,
) -> Provider:  # fmt: skip
    """Raises ValidationError without a name, or where a provider or an alias has that name already."""
    if not fold(name):
        raise ValidationError("A provider needs a name.")
    if known := Provider.objects.called(name):
        raise ValidationError(f"{known} is recorded under that name already.")
    return Provider.objects.create(
        name=name, folded_name=fold(name), company_number=company_number, charity_number=charity_number,
        uuid=uuid or uuid4(), **(source or {}),
    )  # fmt: skip
