"""Frameworks, with who takes part, the options to extend, and what happened."""

from django.db.models import OuterRef

from commissioning.partnership.filters import FrameworkSelection
from commissioning.partnership.models import Authority, Extension, Framework, FrameworkEvent, Participation
from commissioning.partnership.rules import codes

from .fields import choice, day, ons_code, parts, ref, seen_ref, text, whole
from .resources import Part, Resource, names, ons_codes

PARTICIPATIONS = (
    ref("authority", required=True),
    ons_code("authority_code", "authority_id"),
    text("authority_name", "authority__name", required=True),
    day("starts_on", required=True),
    day("ends_before"),
)
EXTENSIONS = (whole("position", required=True), whole("months", required=True), day("taken_on", "null: not taken"))
EVENTS = (choice("kind", codes.FRAMEWORK_EVENTS, required=True), day("happens_on", required=True), text("note"))

FRAMEWORKS = Resource(
    name="frameworks",
    component="Framework",
    says="Agreements from which members buy: their kind, dates, lead authority, who takes part and when, options to "
    "extend and events.",
    model=Framework,
    own_fields=(
        text("reference", required=True),
        text("name", required=True),
        choice("kind", codes.FRAMEWORK_KINDS, required=True),
        ref("lead_authority", required=True),
        ons_code("lead_authority_code", "lead_authority_id"),
        day("starts_on", required=True),
        day("ends_before", "end of the first term, without extensions; null: none is set"),
        seen_ref("successor", Framework, "successor_id", "the framework that takes its place"),
        text("note"),
        parts(
            "participations",
            lambda: Participation.objects.filter(framework_id=OuterRef("pk")).order_by("starts_on", "id"),
            PARTICIPATIONS,
            "authorities that take part, by date",
            component="Participation",
        ),
        parts(
            "extensions",
            lambda: Extension.objects.filter(framework_id=OuterRef("pk")).order_by("position"),
            EXTENSIONS,
            "options to extend, in order",
            component="Extension",
        ),
        parts(
            "events",
            lambda: FrameworkEvent.objects.filter(framework_id=OuterRef("pk")).order_by("happens_on", "id"),
            EVENTS,
            "what happened or is planned, oldest first",
            component="FrameworkEvent",
        ),
    ),
    selection=FrameworkSelection,
    parts=(
        Part(Participation, "framework_id"),
        Part(Extension, "framework_id"),
        Part(FrameworkEvent, "framework_id"),
        names(Authority, "participations__authority_id", "name"),
        ons_codes("participations__authority_id"),
        ons_codes("lead_authority_id"),
    ),
)
