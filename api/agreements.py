"""Agreements: every version of each Individual Placement Agreement, as it was signed."""

from django.db.models import Case, OuterRef, Q, TextField, Value, When

from contracts.filters import AgreementSelection
from contracts.models import AgreementVersion, Benefit
from contracts.rules import codes

from .fields import choice, codes_of, day, money, parts, ref, whole
from .resources import Part, Resource

BENEFITS = (
    choice("kind", codes.BENEFIT_KINDS, "cashable and avoided are never added up", required=True),
    money("weekly_amount", "pounds a week"),
    day("starts_on", required=True),
    day("ends_before", "null: until further notice"),
)
STAYING_PUT = {"terms": "agreed", "absence": "a reason is recorded for there being none"}


def _staying_put() -> Case:
    return Case(
        When(~Q(staying_put_terms=""), then=Value("terms")),
        When(~Q(staying_put_absence=""), then=Value("absence")),
        default=Value(""),
        output_field=TextField(),
    )


AGREEMENTS = Resource(
    name="agreements",
    component="Agreement",
    says="Versions of your authority's Individual Placement Agreements. A version never changes and is never removed: "
    "the one with the highest number is in force. Its cost lines are in cost-lines. What was written about a child or "
    "the negotiation is not here.",
    model=AgreementVersion,
    own_fields=(
        ref("placement", required=True),
        whole("placement_number", "placement__number", required=True),
        whole("number", says="of the version, from 1", required=True),
        day("agreed_on", required=True),
        day("starts_on", required=True),
        day("planned_end_on"),
        whole("notice_days", required=True),
        money("price_asked", "pounds a week", null=True),
        money("price_agreed", "pounds a week, additional services included"),
        codes_of("included", codes.INCLUDED, "what the price includes"),
        choice("staying_put", STAYING_PUT, "terms of staying put, or why there are none", source=_staying_put),
        parts(
            "benefits",
            lambda: Benefit.objects.filter(agreement_id=OuterRef("pk")).order_by("kind"),
            BENEFITS,
            "what was saved against the price asked, or the price paid before",
            component="Benefit",
        ),
    ),
    selection=AgreementSelection,
    parts=(Part(Benefit, "agreement_id"),),
)
