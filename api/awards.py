"""Awards: a provider's place on a lot."""

from commissioning.partnership.models import Framework, Lot
from providers.filters import AwardSelection
from providers.models import Award, Provider

from .fields import day, ref, text, whole
from .resources import Resource, names

AWARDS = Resource(
    name="awards",
    component="Award",
    says="Each provider's place on a lot: its tier and rank, and how it came and went.",
    model=Award,
    own_fields=(
        ref("framework", required=True),
        text("framework_reference", "framework__reference", required=True),
        ref("lot", required=True),
        text("lot_number", "lot__number", required=True),
        ref("provider", required=True),
        text("provider_name", "provider__name", required=True),
        whole("tier"),
        whole("rank"),
        day("starts_on", required=True),
        day("ends_before", "null: open"),
        text("admission_reason"),
        text("removal_reason"),
    ),
    selection=AwardSelection,
    parts=(
        names(Framework, "framework_id", "reference"),
        names(Lot, "lot_id", "number"),
        names(Provider, "provider_id", "name"),
    ),
)
