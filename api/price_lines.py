"""Price lines: the lines of a lot's pricing schedule."""

from commissioning.partnership.filters import PriceLineSelection
from commissioning.partnership.models import Framework, Lot, PriceLine
from commissioning.partnership.rules import codes

from .fields import choice, ref, text, whole
from .resources import Resource, names

PRICE_LINES = Resource(
    name="price-lines",
    component="PriceLine",
    says="What is priced on each lot: the unit, the age band, the level, and what the price includes.",
    model=PriceLine,
    own_fields=(
        ref("framework", required=True),
        text("framework_reference", "framework__reference", required=True),
        ref("lot", required=True),
        text("lot_number", "lot__number", required=True),
        whole("position", says="place in the schedule", required=True),
        text("code", required=True),
        text("name", required=True),
        choice("unit", codes.UNITS, "what one price is for", required=True),
        choice("category", codes.CATEGORIES, required=True),
        choice("level", codes.LEVELS),
        whole("age_from", says="youngest age, included; null: no limit"),
        whole("age_to", says="oldest age, included; null: no limit"),
        text("includes", says="what the price includes"),
    ),
    selection=PriceLineSelection,
    parts=(names(Framework, "framework_id", "reference"), names(Lot, "lot_id", "number")),
)
