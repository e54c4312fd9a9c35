"""Inspections: the regulator's judgements, each on its own scale."""

from typing import Any

from django.db.models import BooleanField, Case, Exists, OuterRef, Q, Value, When

from providers.models import Establishment, Provider
from quality.filters import InspectionSelection
from quality.models import Inspection
from quality.rules import scales

from .fields import choice, day, instant, seen, seen_ref, text, yesno
from .resources import Part, Resource

JUDGEMENTS = scales.ALL_JUDGEMENTS


def confirmed() -> Any:
    """A file's own inspection is; one heard of is, once a file's event of that day is there too."""
    told = Inspection.objects.filter(
        establishment=OuterRef("establishment"), inspected_on=OuterRef("inspected_on"), source_import__isnull=False
    )
    return Case(When(heard_at=None, then=Value(True)), default=Exists(told), output_field=BooleanField())


INSPECTIONS = Resource(
    name="inspections",
    component="Inspection",
    says="The regulator's judgements. Grades and supported accommodation outcomes are different scales: do not "
    "average across them. A judgement that is null was not made. One with heard_at was entered by hand before any list "
    "told of it; once the list does, its numbered event stands beside it and counts instead.",
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
        day(
            "as_at",
            "date of the file whose words stand here; of one heard of, the day of the inspection",
            required=True,
        ),
        text("heard_from", says="of one entered by hand: from whom or from where it was known"),
        instant("heard_at", "when it was entered by hand; null where a file told of it first"),
        yesno("confirmed", "whether a file tells of an inspection of that day", source=confirmed),
        instant("withdrawn_at", "when it turned out to have been heard in error; its judgement is null since"),
    ),
    selection=InspectionSelection,
    parts=(
        Part(
            Inspection, "establishment_id", of="establishment_id", only=("inspected_on", "source_import_id"),
            among=~Q(heard_at=None),
        ),
    ),
)  # fmt: skip
