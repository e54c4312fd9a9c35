"""What people who go there know of premises: their name and address, that nobody lives there any more, and premises
that no list holds yet. Any member writes it for all of them."""

from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max

from commissioning.kernel.tenancy.viewer import acting_as, current_viewer
from commissioning.partnership.actions.leading import save_unchanged

from ..models import Establishment, Premises

# A children's home or an agency is one address: the registration stands for it. Carers' addresses are never kept.
SEVERAL_ADDRESSES = ("supported_accommodation",)
ONE_ADDRESS = "This registration is one address: it stands for itself. Only supported accommodation has several."


@transaction.atomic
def record_premises(
    *, establishment: Establishment, name: str, by: Any, address: str = "", category: int | None = None,
    places: int | None = None, area_name: str = "",
) -> Premises:  # fmt: skip
    """Premises that no list holds yet. ValidationError (by field) for a registration that is one address, without a
    name, or for a name that other premises of the registration have."""
    if establishment.kind not in SEVERAL_ADDRESSES:
        raise ValidationError(ONE_ADDRESS)
    name, address = _clean(establishment, name, address)
    Establishment.objects.select_for_update(of=("self",)).get(pk=establishment.pk)  # of two at once, one waits
    alike = Premises.objects.filter(
        establishment=establishment, category=category, places=places, area_name=area_name, constituency=""
    )
    with acting_as(current_viewer(), by=by):
        return Premises.objects.create(
            establishment=establishment, provider_id=establishment.provider_id, name=name, address=address,
            category=category, places=places, area_name=area_name,
            ordinal=(alike.aggregate(n=Max("ordinal"))["n"] or 0) + 1,
        )  # fmt: skip


@transaction.atomic
def change_premises(
    *, premises: Premises, version: int, name: str, address: str, left_on: date | None, by: Any, today: date
) -> Premises:
    """Its name and address, and the day from which nobody lives there. Raises ChangedMeanwhile; ValidationError (by
    field) for a name that other premises of the registration have, and a day to come."""
    name, address = _clean(premises.establishment, name, address, premises)
    if left_on is not None and left_on > today:
        raise ValidationError({"left_on": "That day has not come: record it when nobody lives there any more."})
    with acting_as(current_viewer(), by=by):
        return save_unchanged(premises, version, name=name, address=address, left_on=left_on)


def _clean(establishment: Establishment, name: str, address: str, premises: Premises | None = None) -> tuple[str, str]:
    name, address = " ".join(name.split()), " ".join(address.split())
    listed = premises is not None and premises.listed_at is not None
    if not name and not listed:
        raise ValidationError({"name": "Enter what people call it, such as 12 Elm Street."})
    others = (
        Premises.objects.filter(establishment=establishment, name__iexact=name) if name else Premises.objects.none()
    )
    taken = others.exclude(pk=premises.pk if premises else None).first()
    if taken is not None:
        raise ValidationError({"name": f"Other premises of {establishment} are called {taken.name}: tell them apart."})
    return name, address
