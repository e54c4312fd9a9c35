"""What may be asked of inspections, by pages and API alike."""

import django_filters as filters

from commissioning.partnership.filters import ISO_DAY, Selection

from .models import Inspection
from .rules import scales


class InspectionSelection(Selection):
    establishment = filters.UUIDFilter(field_name="establishment__uuid", label="id of the establishment")
    provider = filters.UUIDFilter(field_name="provider__uuid", label="id of the provider that ran it")
    scale = filters.ChoiceFilter(choices=list(scales.SCALES.items()), label="the regulator's scale")
    overall = filters.ChoiceFilter(choices=list(scales.ALL_JUDGEMENTS.items()), label="overall judgement")
    inspected_from = filters.DateFilter(
        field_name="inspected_on", lookup_expr="gte", input_formats=ISO_DAY, label="inspected on this day or later"
    )
    inspected_before = filters.DateFilter(
        field_name="inspected_on", lookup_expr="lt", input_formats=ISO_DAY, label="inspected before this day"
    )

    heard = filters.BooleanFilter(
        field_name="heard_at", lookup_expr="isnull", exclude=True, label="entered by hand before a file told of it"
    )
    heard_since = filters.IsoDateTimeFilter(
        field_name="heard_at", lookup_expr="gte", label="entered by hand at this moment or later"
    )

    class Meta:
        model = Inspection
        fields: list[str] = []


class InspectionSearch(InspectionSelection):
    """For the page: also by what was inspected, which changes without the inspection's own row changing."""

    kind = filters.CharFilter(field_name="establishment__kind", label="kind of registration")
    area_name = filters.CharFilter(
        field_name="establishment__area_name", label="authority in whose area it is, by name"
    )
