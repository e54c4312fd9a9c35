"""Funding splits: what each funder pays of a cost line."""

from contracts.filters import FundingSplitSelection
from contracts.models import FundingSplit
from contracts.rules import codes

from .fields import choice, money, ref, whole
from .resources import Resource

FUNDING_SPLITS = Resource(
    name="funding-splits",
    component="FundingSplit",
    says="What each funder pays of a cost line. What no split of a line names, social care pays.",
    model=FundingSplit,
    own_fields=(
        ref("placement", required=True),
        whole("placement_number", "placement__number", required=True),
        ref("cost_line", required=True),
        choice("funder", codes.FUNDERS, required=True),
        money("weekly_amount", "pounds a week"),
        money("once_amount", "pounds paid once", places=2),
    ),
    selection=FundingSplitSelection,
)
