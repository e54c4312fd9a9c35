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

    class Meta:
        model = Inspection
        fields: list[str] = []
