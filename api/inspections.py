"""Inspections: the regulator's judgements, each on its own scale."""

from providers.models import Establishment, Provider
from quality.filters import InspectionSelection
from quality.models import Inspection
from quality.rules import scales

from .fields import choice, day, seen, seen_ref, text
from .resources import Resource

JUDGEMENTS = scales.ALL_JUDGEMENTS

INSPECTIONS = Resource(
    name="inspections",
    component="Inspection",
    says="The regulator's judgements. Grades and supported accommodation outcomes are different scales: do not "
    "average across them. A judgement that is null was not made.",
    model=Inspection,
    own_fields=(
        seen_ref("establishment", Establishment, "establishment_id"),
        text("urn", seen(Establishment, "establishment_id", "urn")),
        seen_ref("provider", Provider, "provider_id", "who ran it at the file's date"),
        text("event_number", says="the regulator's number of the inspection", required=True),
        text("event_type"),
        day("inspected_on", required=True),
        day("published_on"),
        choice("scale", scales.SCALES, required=True),
        choice("overall", JUDGEMENTS, "overall experiences and progress, or the outcome"),
        choice("protection", JUDGEMENTS, "how well children are helped and protected"),
        choice("leadership", JUDGEMENTS, "effectiveness of leaders and managers"),
        choice("outcomes", JUDGEMENTS),
        choice("quality_of_care", JUDGEMENTS),
        choice("education", JUDGEMENTS),
        choice("health", JUDGEMENTS),
        day("as_at", "date of the file whose words stand here", required=True),
    ),
    selection=InspectionSelection,
)
