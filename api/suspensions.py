"""Suspensions: the partnership's own flag on a provider, a home or a place on a lot."""

from django.db.models import OuterRef

from providers.filters import SuspensionSelection
from providers.models import Award, Establishment, Provider, Suspension, SuspensionDecision
from providers.rules import codes

from .fields import Field, choice, day, instant, parts, ref, seen_ref, text
from .resources import Part, Resource

DECISIONS: tuple[Field, ...] = (
    ref("authority", required=True),
    choice("decision", codes.SUSPENSION_DECISIONS, required=True),
    text("words"),
    instant("decided_at", required=True),
)

SUSPENSIONS = Resource(
    name="suspensions",
    component="Suspension",
    says="The partnership's suspensions: no new framework placement in their scope while they are in force, unless an "
    "authority overrides it with a reason. Neither a restriction by the regulator nor a closure.",
    model=Suspension,
    own_fields=(
        ref("authority", says="who suspended", required=True),
        seen_ref("provider", Provider, "provider_id"),
        seen_ref("establishment", Establishment, "establishment_id", "null: not of one home"),
        seen_ref("award", Award, "award_id", "null: not of one place on a lot"),
        choice("reason", codes.SUSPENSION_REASONS, required=True),
        text("words", required=True),
        text("lifts_when", says="what has to be seen before it is lifted", required=True),
        day("starts_on", required=True),
        day("expires_on", "the first day on which it no longer holds; null: until it is lifted"),
        day("lifted_on"),
        text("lifted_why"),
        parts(
            "decisions",
            lambda: SuspensionDecision.objects.filter(suspension_id=OuterRef("pk")).order_by("decided_at", "id"),
            DECISIONS,
            "what each authority decided for its own placements",
            component="SuspensionDecision",
        ),
    ),
    selection=SuspensionSelection,
    parts=(Part(SuspensionDecision, "suspension_id"),),
)
