"""Premises: where children live behind a registration."""

from providers.filters import PremisesSelection
from providers.models import Establishment, Premises, Provider

from .fields import day, ons_code, ref, seen, seen_ref, text, whole
from .resources import Resource, ons_codes

PREMISES = Resource(
    name="premises",
    component="Premises",
    says="Where children live, one row for each address behind a registration. The published list gives no address: "
    "premises that are alike are told apart by ordinal.",
    model=Premises,
    own_fields=(
        seen_ref("establishment", Establishment, "establishment_id", "the registration behind it"),
        text("urn", seen(Establishment, "establishment_id", "urn")),
        seen_ref("provider", Provider, "provider_id", "who runs it"),
        whole("category", says="category of supported accommodation, 1 to 4"),
        whole("places"),
        ref("area", says="the authority in whose area it is"),
        ons_code("area_code", "area_id"),
        text("area_name", says="the authority's name as the file has it"),
        text("region"),
        text("constituency"),
        whole("ordinal", says="its place among premises that are alike, from 1", required=True),
        day("listed_at", "date of the newest file that lists it; null: on none, or taken off one that was corrected"),
        text("name", says="as people who go there recorded it"),
        text("address"),
        day("left_on", "nobody lives there any more"),
    ),
    selection=PremisesSelection,
    parts=(ons_codes("area_id"),),
)
