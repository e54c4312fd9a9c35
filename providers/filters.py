"""What may be asked of providers, their establishments, awards and rates, by pages and API alike."""

from datetime import date

import django_filters as filters
from django.db.models import Q, QuerySet

from commissioning.partnership.filters import ISO_DAY, Selection

from .models import Alias, Award, Establishment, Premises, Provider, Rate, Suspension
from .rules import codes


class ProviderSelection(Selection):
    name = filters.CharFilter(method="by_name", max_length=200, label="every one of these words is in the name")
    company_number = filters.CharFilter(lookup_expr="exact", label="number at Companies House")
    sector = filters.ChoiceFilter(choices=list(codes.SECTORS.items()), label="sector")

    class Meta:
        model = Provider
        fields: list[str] = []

    def by_name(self, rows: QuerySet, name: str, words: str) -> QuerySet:
        return rows.named_like(words)


class EstablishmentSelection(Selection):
    provider = filters.UUIDFilter(field_name="provider__uuid", label="id of the provider that runs it")
    area = filters.UUIDFilter(field_name="area__uuid", label="id of the authority in whose area it is")
    kind = filters.ChoiceFilter(choices=list(codes.ESTABLISHMENT_KINDS.items()), label="kind of registration")
    urn = filters.CharFilter(lookup_expr="exact", label="the regulator's unique reference number")

    class Meta:
        model = Establishment
        fields: list[str] = []


class PremisesSelection(Selection):
    establishment = filters.UUIDFilter(field_name="establishment__uuid", label="id of the registration behind it")
    provider = filters.UUIDFilter(field_name="provider__uuid", label="id of the provider that runs it")
    area = filters.UUIDFilter(field_name="area__uuid", label="id of the authority in whose area it is")
    category = filters.ChoiceFilter(
        choices=[(str(key), label) for key, label in codes.PREMISES_CATEGORIES.items()], label="category, 1 to 4"
    )

    class Meta:
        model = Premises
        fields: list[str] = []


class InForce(Selection):
    """For rows that hold from one day until before another."""

    framework = filters.UUIDFilter(field_name="framework__uuid", label="id of the framework")
    lot = filters.UUIDFilter(field_name="lot__uuid", label="id of the lot")
    provider = filters.UUIDFilter(field_name="provider__uuid", label="id of the provider")
    in_force_on = filters.DateFilter(method="on_day", input_formats=ISO_DAY, label="in force on this day")

    def on_day(self, rows: QuerySet, name: str, day: date) -> QuerySet:
        return rows.in_force_on(day)


class AwardSelection(InForce):
    class Meta:
        model = Award
        fields: list[str] = []


class RateSelection(InForce):
    price_line = filters.UUIDFilter(field_name="price_line__uuid", label="id of the price line")
    authority = filters.UUIDFilter(
        method="for_authority", label="rates that this authority is charged: its own, and those for every participant"
    )

    class Meta:
        model = Rate
        fields: list[str] = []

    def for_authority(self, rows: QuerySet, name: str, authority: str) -> QuerySet:
        return rows.filter(Q(authority=None) | Q(authority__uuid=authority))


class ProviderSearch(ProviderSelection):
    """For the page: also by what a provider runs, which changes without the provider's own row changing."""

    search = filters.CharFilter(
        method="by_name_or_urn", max_length=200, label="words of the name, another name, or a URN"
    )

    def by_name_or_urn(self, rows: QuerySet, name: str, words: str) -> QuerySet:
        called = Alias.objects.all()
        for word in words.split():
            called = called.filter(name__icontains=word)
        runs = Establishment.objects.filter(urn__iexact=words.strip(), provider__isnull=False)
        return rows.filter(
            Q(pk__in=rows.named_like(words).values("pk"))
            | Q(pk__in=called.values("provider_id"))
            | Q(pk__in=runs.values("provider_id"))
        )


class SuspensionSelection(Selection):
    authority = filters.UUIDFilter(field_name="authority__uuid", label="id of the authority that suspended")
    provider = filters.UUIDFilter(field_name="provider__uuid", label="id of the provider")
    establishment = filters.UUIDFilter(field_name="establishment__uuid", label="id of the establishment")
    reason = filters.ChoiceFilter(choices=list(codes.SUSPENSION_REASONS.items()), label="reason")
    in_force_on = filters.DateFilter(method="on_day", input_formats=ISO_DAY, label="in force on this day")

    class Meta:
        model = Suspension
        fields: list[str] = []

    def on_day(self, rows: QuerySet, name: str, day: date) -> QuerySet:
        return rows.in_force_on(day)
