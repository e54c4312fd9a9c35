"""Cost lines: what is paid for a placement over a period."""

from commissioning.partnership.models import PriceLine
from contracts.filters import CostLineSelection
from contracts.models import CostLine
from contracts.rules import codes

from .fields import choice, day, money, ref, text, whole
from .resources import Resource, Takes, names

COST_LINES = Resource(
    name="cost-lines",
    component="CostLine",
    says="What your authority pays for each placement: the core price, additional services and discounts, by period. "
    "By a day, weekly_amount times the days from starts_on, over seven, has accrued, rounded to the penny, halves up; "
    "what a period costs is the difference of two such figures. once_amount falls on starts_on.",
    model=CostLine,
    own_fields=(
        ref("placement", required=True),
        whole("placement_number", "placement__number", required=True),
        choice("category", codes.COST_CATEGORIES, required=True),
        choice("service", codes.SERVICES, "kind of additional service"),
        ref("price_line", says="the line of a lot's pricing schedule that it follows"),
        text("price_line_code", "price_line__code"),
        money("amount", "pounds for one unit"),
        choice("unit", codes.COST_UNITS, "what the amount is for", required=True),
        money("quantity", "units a week; of a line paid once, how many", places=2),
        money("weekly_amount", "pounds a week; nought for a line paid once, below nought for a discount"),
        money("once_amount", "pounds paid once", places=2),
        day("starts_on", required=True),
        day("ends_before", "null: as long as the placement"),
        text("approved_by", says="who approved an additional service"),
        day("approved_on"),
        day("review_on", "when an additional service is looked at again"),
    ),
    selection=CostLineSelection,
    parts=(names(PriceLine, "price_line_id", "code"),),
    takes=Takes(source="placements", tables=("cost_lines",), scope="cost-lines:write"),
)
