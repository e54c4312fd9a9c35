"""What may be asked of the partnership's lists: one question, one name, for pages and API alike."""

from datetime import UTC, date, datetime
from typing import Any

import django_filters as filters
from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django_filters.fields import IsoDateTimeField
from django_filters.widgets import BooleanWidget

from .models import Authority, Framework, Lot, PriceLine
from .rules import codes

ISO_DAY = ["%Y-%m-%d"]


class Selection(filters.FilterSet):
    """A FilterSet by public ids and ISO dates, as another system asks. Unknown ids select nothing.

    Its conditions are on the row's own columns, and on public ids behind its keys, which never change: a row can
    enter or leave a selection only when it is changed itself, so that a change since a watermark is never missed.
    """


class _AsSent(BooleanWidget):
    """What is neither true nor false stays as it came, so that it can be refused."""

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        told = super().value_from_datadict(data, files, name)
        return data.get(name) if told is None else told


class _TrueOrFalse(forms.NullBooleanField):
    widget = _AsSent

    def to_python(self, value: Any) -> bool | None:
        if value in (None, ""):
            return None
        if not isinstance(value, bool):
            raise ValidationError("Write true or false.")
        return value


class TrueOrFalse(filters.BooleanFilter):
    """Anything but true and false is refused, and not taken as if nothing were asked."""

    field_class = _TrueOrFalse


class _Moment(IsoDateTimeField):
    def to_python(self, value: Any) -> datetime | None:
        told = super().to_python(value)
        try:
            return told.astimezone(UTC) if told else None
        except OverflowError:
            raise ValidationError("No such moment can be written in UTC.") from None


class Moment(filters.IsoDateTimeFilter):
    """A moment, in UTC from here on: the database takes fewer time zones than ISO 8601 allows."""

    field_class = _Moment


class AuthoritySelection(Selection):
    member_on = filters.DateFilter(
        method="by_membership", input_formats=ISO_DAY, label="members of the partnership on this day"
    )
    region = filters.CharFilter(field_name="region", lookup_expr="exact", label="name of the region")

    class Meta:
        model = Authority
        fields: list[str] = []

    def by_membership(self, rows: QuerySet, name: str, day: date) -> QuerySet:
        return rows.members_on(day)


class FrameworkSelection(Selection):
    kind = filters.ChoiceFilter(choices=list(codes.FRAMEWORK_KINDS.items()), label="kind of framework")
    lead_authority = filters.UUIDFilter(field_name="lead_authority__uuid", label="id of the lead authority")
    reference = filters.CharFilter(lookup_expr="exact", label="the framework's reference")

    class Meta:
        model = Framework
        fields: list[str] = []


class LotSelection(Selection):
    framework = filters.UUIDFilter(field_name="framework__uuid", label="id of the framework")
    service_type = filters.ChoiceFilter(choices=list(codes.SERVICE_TYPES.items()), label="what the lot is let for")

    class Meta:
        model = Lot
        fields: list[str] = []


class PriceLineSelection(Selection):
    framework = filters.UUIDFilter(field_name="framework__uuid", label="id of the framework")
    lot = filters.UUIDFilter(field_name="lot__uuid", label="id of the lot")
    category = filters.ChoiceFilter(choices=list(codes.CATEGORIES.items()), label="core, additional or discount")
    age = filters.NumberFilter(
        method="by_age", min_value=0, max_value=25, decimal_places=0, label="lines priced for a person of this age"
    )

    class Meta:
        model = PriceLine
        fields: list[str] = []

    def by_age(self, rows: QuerySet, name: str, age: int) -> QuerySet:
        return rows.filter(Q(age_from=None) | Q(age_from__lte=age), Q(age_to=None) | Q(age_to__gte=age))
