"""What may be asked of spend through the API: months, and which purchases."""

from typing import Any

import django_filters as filters
from django import forms
from django.db.models import QuerySet

from commissioning.partnership.filters import Selection
from commissioning.partnership.rules.codes import LEVELS

from .models import Placement
from .rules import codes

MONTH = r"^(19|20|21)[0-9]{2}-(0[1-9]|1[0-2])$"


class MonthField(forms.RegexField):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(MONTH, error_messages={"invalid": "Write a month as 2026-04."}, **kwargs)


class AskedAside(filters.Filter):
    """Says how purchases are counted, not which."""

    def filter(self, qs: QuerySet, value: Any) -> QuerySet:
        return qs


class MonthFilter(AskedAside):
    field_class = MonthField


class StateFilter(AskedAside, filters.ChoiceFilter):
    pass


def _choices(named: dict[str, str]) -> list[tuple[str, str]]:
    return [(key, label) for key, label in named.items() if key]


class _OfPurchases(Selection):
    route = filters.ChoiceFilter(choices=_choices(codes.ROUTES), label="how it was bought")
    later_state = StateFilter(choices=_choices(codes.LATER_STATES), label="what became of the purchase since call-off")
    service_type = filters.ChoiceFilter(choices=_choices(codes.SERVICE_TYPES), label="kind of home")
    level = filters.ChoiceFilter(choices=_choices(LEVELS), label="level of care or support")
    lot = filters.UUIDFilter(field_name="lot__uuid", label="id of the lot it was called off from")
    provider = filters.UUIDFilter(field_name="provider__uuid", label="id of the provider")
    spot_reason = filters.ChoiceFilter(choices=_choices(codes.SPOT_REASONS), label="why it was bought spot")

    class Meta:
        model = Placement
        fields: list[str] = []


# "from" is no name that Python allows in a class.
SpendSelection: type[filters.FilterSet] = type(
    "SpendSelection",
    (_OfPurchases,),
    {
        "from": MonthFilter(label="first month, as 2026-04; left out: April of this financial year"),
        "to": MonthFilter(label="last month, as 2027-03; left out: this month"),
        "Meta": _OfPurchases.Meta,
    },
)
