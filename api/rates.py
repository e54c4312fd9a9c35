"""Rates: what an award charges for a price line. Only an authority that takes part in the framework sees them."""

from commissioning.partnership.models import Framework, Lot, PriceLine
from commissioning.partnership.rules import codes
from providers.filters import RateSelection
from providers.models import Provider, Rate

from .fields import choice, day, money, ons_code, ref, text
from .resources import Resource, names, ons_codes

RATES = Resource(
    name="rates",
    component="Rate",
    says="What each award charges for each price line, by period. You see the rates of frameworks in which your "
    "authority takes part, for the time it does.",
    model=Rate,
    own_fields=(
        ref("framework", required=True),
        text("framework_reference", "framework__reference", required=True),
        ref("lot", required=True),
        text("lot_number", "lot__number", required=True),
        ref("provider", required=True),
        text("provider_name", "provider__name", required=True),
        ref("award", required=True),
        ref("price_line", required=True),
        text("price_line_code", "price_line__code", required=True),
        choice("unit", codes.UNITS, "what the amount is for", source="price_line__unit", required=True),
        ref("authority", says="the authority that is charged this; null: every participant"),
        ons_code("authority_code", "authority_id"),
        money("amount", "pounds for one unit"),
        day("starts_on", required=True),
        day("ends_before", "null: until further notice"),
    ),
    selection=RateSelection,
    parts=(
        names(Framework, "framework_id", "reference"),
        names(Lot, "lot_id", "number"),
        names(Provider, "provider_id", "name"),
        names(PriceLine, "price_line_id", "code", "unit"),
        ons_codes("authority_id"),
    ),
)
