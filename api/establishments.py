"""Establishments: registrations, as the regulator's newest file has them."""

from providers.filters import EstablishmentSelection
from providers.models import Establishment, Provider
from providers.rules import codes

from .fields import choice, day, ons_code, ref, seen, seen_ref, text, whole, yesno
from .resources import Resource, names, ons_codes

ESTABLISHMENTS = Resource(
    name="establishments",
    component="Establishment",
    says="Registrations as the newest file that lists them has it. A name that the regulator withholds is null: the "
    "URN tells homes apart.",
    model=Establishment,
    own_fields=(
        text("urn", says="the regulator's unique reference number", required=True),
        choice("regulator", codes.REGULATORS, required=True),
        choice("kind", codes.ESTABLISHMENT_KINDS, required=True),
        text("status"),
        text("name", says="as published; null where it is withheld"),
        seen_ref("provider", Provider, "provider_id", "who runs it"),
        text("provider_name", seen(Provider, "provider_id", "name")),
        text("address"),
        text("postcode"),
        ref("area", says="the authority in whose area it is"),
        ons_code("area_code", "area_id"),
        text("area_name", says="the authority's name as the file has it"),
        text("region"),
        text("constituency"),
        choice("sector", codes.SECTORS),
        whole("places"),
        day("registered_on"),
        yesno("short_breaks_only"),
        text("education_urn", says="the school's number in the Department for Education's register"),
        day("listed_at", "date of the newest file that lists it"),
        day("closed_on"),
        seen_ref("predecessor", Establishment, "predecessor_id", "the registration that it continues"),
        text("predecessor_urn", seen(Establishment, "predecessor_id", "urn")),
    ),
    selection=EstablishmentSelection,
    parts=(names(Provider, "provider_id", "name"), ons_codes("area_id")),
)
