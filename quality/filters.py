"""What may be asked of inspections, by pages and API alike."""

import django_filters as filters

from commissioning.partnership.filters import ISO_DAY, Moment, Selection, TrueOrFalse

from .models import ImprovementAction, Inspection, NotifiableEvent, Visit
from .rules import codes, scales


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

    heard = TrueOrFalse(
        field_name="heard_at", lookup_expr="isnull", exclude=True, label="entered by hand before a file told of it"
    )
    heard_since = Moment(field_name="heard_at", lookup_expr="gte", label="entered by hand at this moment or later")

    class Meta:
        model = Inspection
        fields: list[str] = []


class InspectionSearch(InspectionSelection):
    """For the page: also by what was inspected, which changes without the inspection's own row changing."""

    kind = filters.CharFilter(field_name="establishment__kind", label="kind of registration")
    area_name = filters.CharFilter(
        field_name="establishment__area_name", label="authority in whose area it is, by name"
    )


class OfProvider(Selection):
    authority = filters.UUIDFilter(field_name="authority__uuid", label="id of the authority whose it is")
    provider = filters.UUIDFilter(field_name="provider__uuid", label="id of the provider")


class VisitSelection(OfProvider):
    establishment = filters.UUIDFilter(field_name="establishment__uuid", label="id of the establishment")
    kind = filters.ChoiceFilter(choices=list(codes.VISIT_KINDS.items()), label="kind of visit")
    state = filters.ChoiceFilter(choices=list(codes.VISIT_STATES.items()), label="how far it has come")
    visited_from = filters.DateFilter(
        field_name="visited_on", lookup_expr="gte", input_formats=ISO_DAY, label="visited on this day or later"
    )
    visited_before = filters.DateFilter(
        field_name="visited_on", lookup_expr="lt", input_formats=ISO_DAY, label="visited before this day"
    )

    class Meta:
        model = Visit
        fields: list[str] = []


class ActionSelection(OfProvider):
    visit = filters.UUIDFilter(field_name="visit__uuid", label="id of the visit")
    state = filters.ChoiceFilter(choices=list(codes.ACTION_STATES.items()), label="how far it has come")
    due_before = filters.DateFilter(
        field_name="due_on", lookup_expr="lt", input_formats=ISO_DAY, label="due before this day"
    )

    class Meta:
        model = ImprovementAction
        fields: list[str] = []


class EventSelection(Selection):
    provider = filters.UUIDFilter(field_name="provider__uuid", label="id of the provider")
    establishment = filters.UUIDFilter(field_name="establishment__uuid", label="id of the establishment")
    rule = filters.ChoiceFilter(choices=list(codes.EVENT_RULES.items()), label="by which regulations")
    theme = filters.ChoiceFilter(choices=list(codes.EVENT_THEMES.items()), label="theme")
    received_from = filters.DateFilter(
        field_name="received_at", lookup_expr="date__gte", input_formats=ISO_DAY, label="received on this day or later"
    )

    class Meta:
        model = NotifiableEvent
        fields: list[str] = []
