"""Referrals: searches for a home for one child, with who was asked and what they answered."""

from django.db.models import OuterRef
from rest_framework import serializers

from commissioning.partnership.models import Lot
from commissioning.partnership.rules.codes import LEVELS
from contracts.filters import ReferralSelection
from contracts.models import Child, Offer, Referral
from contracts.rules import codes
from providers.models import Provider

from .children import child
from .fields import Field, choice, day, instant, money, parts, ref, text, whole, yesno
from .resources import Part, Resource, Takes, names

OFFERS: tuple[Field, ...] = (
    Field("id", "uuid", serializers.UUIDField(help_text="public id of the offer")),
    ref("provider", required=True),
    text("provider_name", "provider__name", required=True),
    ref("lot", says="the lot it was asked under; null: outside the frameworks"),
    text("lot_number", "lot__number"),
    choice("service_type", codes.SERVICE_TYPES, "what was asked for", required=True),
    instant("asked_at", required=True),
    instant("answered_at", "null: not yet"),
    choice("answer", codes.ANSWERS, "null: not yet"),
    choice("decline_reason", codes.DECLINE_REASONS),
    money("weekly_amount", "pounds a week", null=True),
    day("available_on"),
    ref("establishment", says="the registration where a home was offered"),
    yesno("suitable", "in the authority's judgement"),
    yesno("chosen"),
)

REFERRALS = Resource(
    name="referrals",
    component="Referral",
    says="Your authority's searches for homes, each with the providers that were asked, their answers and the times. "
    "What is written about a child in words is not here.",
    model=Referral,
    own_fields=(
        whole("number", required=True),
        text("reference", says="your authority's own number of the search"),
        *child("age_when_needed", "needed_by"),
        instant("opened_at", required=True),
        day("needed_by", required=True),
        choice("urgency", codes.URGENCIES, required=True),
        choice("in_house_tried", codes.IN_HOUSE_TRIED, "whether the authority's own homes were tried", required=True),
        choice("service_type", codes.SERVICE_TYPES, "what was looked for", required=True),
        choice("level", LEVELS, "level of care or support that was looked for"),
        whole("siblings", says="brothers and sisters to live with", required=True),
        choice("visited_first", codes.VISITED_FIRST, "whether the young person could visit first"),
        choice("outcome", codes.REFERRAL_OUTCOMES, "null: still open"),
        instant("closed_at", "null: still open"),
        parts(
            "offers",
            lambda: Offer.objects.filter(referral_id=OuterRef("pk")).order_by("asked_at", "id"),
            OFFERS,
            "who was asked, in the order they were",
            component="Offer",
        ),
    ),
    selection=ReferralSelection,
    parts=(
        Part(Offer, "referral_id"),
        Part(Child, "id", of="child_id"),
        names(Provider, "offers__provider_id", "name"),
        names(Lot, "offers__lot_id", "number"),
    ),
    takes=Takes(source="referrals", tables=("referrals", "offers"), scope="referrals:write"),
)
