"""A child, a home and a price for tests, through the room's actions."""

from datetime import date
from decimal import Decimal
from typing import Any

from contracts.actions.children import add_child
from contracts.actions.cost_lines import add_cost_line
from contracts.actions.placements import record_placement
from contracts.models import Child, Placement
from providers.models import Award

BY = "service:tests"
TODAY = date(2026, 4, 20)


def child_of(authority: Any, reference: str = "", born_on: date | None = date(2012, 5, 17), **facts: Any) -> Child:
    return add_child(authority=authority, by=BY, today=TODAY, born_on=born_on, case_reference=reference, **facts)


def framework_placement(child: Child, award: Award, starts_on: date = date(2025, 6, 2), **facts: Any) -> Placement:
    facts = {"service_type": "fostering", "registration": "registered"} | facts
    return record_placement(child=child, award=award, starts_on=starts_on, by=BY, today=TODAY, **facts)


def spot_placement(child: Child, starts_on: date = date(2025, 6, 2), **facts: Any) -> Placement:
    facts = {"service_type": "residential", "spot_reason": "specialist", "registration": "registered"} | facts
    return record_placement(child=child, starts_on=starts_on, by=BY, today=TODAY, **facts)


def weekly(placement: Placement, amount: str, starts_on: date | None = None, **facts: Any):
    return add_cost_line(
        placement=placement, amount=Decimal(amount), starts_on=starts_on or placement.starts_on, by=BY, **facts
    )
