"""Authorities: who takes part, under which codes."""

from django.db.models import OuterRef

from commissioning.partnership.filters import AuthoritySelection
from commissioning.partnership.models import Authority, AuthorityCode, AuthoritySuccession

from .fields import day, ons_code, parts, ref, text
from .resources import Part, Resource, names

CODES = (text("ons_code", required=True), day("starts_on"), day("ends_before"))
PREDECESSORS = (
    ref("id", "predecessor", required=True),
    text("name", "predecessor__name", required=True),
)

AUTHORITIES = Resource(
    name="authorities",
    component="Authority",
    says="English upper-tier authorities, those that were replaced too, with their dated ONS codes. Members of the "
    "partnership have member_from.",
    model=Authority,
    own_fields=(
        text("name", required=True),
        ons_code("ons_code", "id", "the newest of its codes"),
        text("slug", says="short name, as in file names", required=True),
        text("kind", says="kind of authority", required=True),
        text("dfe_number", says="number in the Department for Education's files"),
        text("region_code"),
        text("region", required=True),
        day("starts_on", "null: always, as far as these records go"),
        day("ends_before", "the day it had ended; null: it exists"),
        day("member_from", "member of this partnership from this day; null: never"),
        day("member_until", "no longer a member from this day"),
        parts(
            "codes",
            lambda: AuthorityCode.objects.filter(authority_id=OuterRef("pk")).order_by("starts_on", "ons_code"),
            CODES,
            "its ONS codes, oldest first",
            component="AuthorityCode",
        ),
        parts(
            "predecessors",
            lambda: AuthoritySuccession.objects.filter(successor_id=OuterRef("pk")).order_by("predecessor__name"),
            PREDECESSORS,
            "authorities that it replaced",
            component="AuthorityPredecessor",
        ),
    ),
    selection=AuthoritySelection,
    parts=(
        Part(AuthorityCode, "authority_id"),
        Part(AuthoritySuccession, "successor_id"),
        names(Authority, "origins__predecessor_id", "name"),
    ),
)
