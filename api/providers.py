"""Providers: legal entities, their other names and their owners."""

from django.db.models import OuterRef

from commissioning.kernel.models import ImportRun
from providers.filters import ProviderSelection
from providers.models import Alias, Ownership, Provider
from providers.rules import codes

from .fields import choice, day, parts, seen, seen_ref, text
from .resources import Part, Resource, names

ALIASES = (text("name", required=True),)
OWNERS = (
    seen_ref("owner", Provider, "provider_id"),
    text("owner_name", seen(Provider, "provider_id", "name")),
    day("starts_on", "null: not recorded"),
    day("ends_before", "null: still, or not recorded"),
    seen_ref("source_import", ImportRun, "source_import_id"),
)

PROVIDERS = Resource(
    name="providers",
    component="Provider",
    says="Legal entities that provide homes, the other names by which files know them, and who owns them.",
    model=Provider,
    own_fields=(
        text("name", required=True),
        text("company_number", says="at Companies House"),
        text("charity_number", says="at the Charity Commission"),
        choice("sector", codes.SECTORS),
        parts(
            "aliases",
            lambda: Alias.objects.filter(provider_id=OuterRef("pk")).order_by("name"),
            ALIASES,
            "other names, confirmed by a person",
            component="Alias",
        ),
        parts(
            "owners",
            lambda: Ownership.objects.filter(owned_id=OuterRef("pk")).order_by("starts_on", "id"),
            OWNERS,
            "who owns it, by date",
            component="Ownership",
        ),
    ),
    selection=ProviderSelection,
    parts=(
        Part(Alias, "provider_id"),
        Part(Ownership, "owned_id"),
        names(Provider, "owners__provider_id", "name"),
    ),
)
