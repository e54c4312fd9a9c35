"""Lots: what is bought under a framework."""

from commissioning.partnership.filters import LotSelection
from commissioning.partnership.models import Framework, Lot
from commissioning.partnership.rules import codes

from .fields import choice, ref, text
from .resources import Resource, names

LOTS = Resource(
    name="lots",
    component="Lot",
    says="What is bought under each framework, and how providers are called off.",
    model=Lot,
    own_fields=(
        ref("framework", required=True),
        text("framework_reference", "framework__reference", required=True),
        text("number", required=True),
        text("name", required=True),
        choice("service_type", codes.SERVICE_TYPES, required=True),
        text("specification"),
        choice("call_off_method", codes.CALL_OFF_METHODS, required=True),
    ),
    selection=LotSelection,
    parts=(names(Framework, "framework_id", "reference"),),
)
