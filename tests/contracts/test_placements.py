"""Placements: the route is fixed by the call-off day's facts; one child, one home; lines within their placement."""

from datetime import date
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from contracts.actions.cost_lines import add_cost_line, set_funding
from contracts.actions.placements import end_placement, record_placement
from contracts.models import CostLine, FundingSplit, Placement
from contracts.rules.benefits import benefits
from contracts.rules.routes import later_states
from providers.models import Award
from tests.contracts.bought import BY, TODAY, child_of, framework_placement, spot_placement, weekly

pytestmark = pytest.mark.django_db(databases=["default", "owner"])


def test_a_place_in_force_makes_a_framework_purchase(world, as_authority):
    with as_authority(world.southwark):
        award = Award.objects.filter(framework=world.shared).first()
        home = framework_placement(child_of(world.southwark), award)
        assert (home.route, home.lot, home.provider) == ("framework", award.lot, award.provider)


@pytest.mark.parametrize(
    ("day", "service", "says"),
    [
        (date(2024, 3, 31), "fostering", "not running"),
        (date(2025, 6, 2), "residential", "another service"),
    ],
)
def test_a_place_that_was_not_in_force_is_refused(world, as_authority, day, service, says):
    with as_authority(world.southwark):
        award = Award.objects.filter(framework=world.shared).first()
        with pytest.raises(ValidationError, match=says):
            framework_placement(child_of(world.southwark), award, starts_on=day, service_type=service)


def test_an_authority_that_does_not_take_part_buys_nothing_there(world, as_authority):
    with as_authority(world.southwark):
        award = Award.objects.filter(framework=world.pair).first()
        with pytest.raises(ValidationError, match="did not take part"):
            framework_placement(child_of(world.southwark), award)


def test_spot_needs_a_reason(world, as_authority):
    with as_authority(world.southwark), pytest.raises(ValidationError, match="outside the frameworks"):
        spot_placement(child_of(world.southwark), spot_reason="")


def test_one_child_lives_in_one_home_but_for_respite(world, as_authority):
    with as_authority(world.southwark):
        child = child_of(world.southwark)
        first = spot_placement(child)
        with pytest.raises(ValidationError, match="still open"):
            spot_placement(child, starts_on=date(2025, 8, 1))
        spot_placement(child, starts_on=date(2025, 8, 1), ends_before=date(2025, 8, 8), respite=True)
        with pytest.raises(IntegrityError), transaction.atomic():
            Placement.objects.create(
                authority=world.southwark, child=child, number=99, service_type="residential", route="spot",
                spot_reason="specialist", starts_on=date(2025, 9, 1), called_off_on=date(2025, 9, 1),
            )  # fmt: skip
        end_placement(
            placement=first, ends_before=date(2025, 9, 1), end_reason="CARPL", ended_by="plan", ended_as_planned=True,
            destination="another_home", by=BY, today=TODAY,
        )  # fmt: skip
        spot_placement(child, starts_on=date(2025, 9, 1))


def test_an_end_before_the_start_is_refused(world, as_authority):
    with as_authority(world.southwark), pytest.raises(ValidationError, match="ends before it starts"):
        spot_placement(child_of(world.southwark), ends_before=date(2025, 6, 2))


def test_a_line_lies_within_its_placement_and_ends_with_it(world, as_authority):
    with as_authority(world.southwark):
        home = spot_placement(child_of(world.southwark))
        with pytest.raises(ValidationError, match="starts on 2 June 2025"):
            weekly(home, "4200.00", date(2025, 6, 1))
        line = weekly(home, "4200.00")
        end_placement(
            placement=home, ends_before=date(2026, 1, 5), end_reason="CREQB", ended_by="provider",
            ended_as_planned=False, destination="another_home", by=BY, today=TODAY,
        )  # fmt: skip
        line.refresh_from_db()
        assert line.ends_before == date(2026, 1, 5)
        with pytest.raises(ValidationError, match="ended on 5 January 2026"):
            weekly(home, "10.00", date(2026, 1, 5))


def test_an_additional_service_is_approved_limited_and_reviewed(world, as_authority):
    with as_authority(world.southwark):
        home = spot_placement(child_of(world.southwark))
        with pytest.raises(ValidationError) as refused:
            weekly(home, "25.00", unit="hour", quantity=Decimal(10), category="additional", service="staffing")
        assert set(refused.value.message_dict) == {"approved_by", "approved_on", "ends_before", "review_on"}
        line = weekly(
            home, "25.00", unit="hour", quantity=Decimal(10), category="additional", service="staffing",
            approved_by="Head of service", approved_on=date(2025, 6, 1), ends_before=date(2025, 9, 1),
            review_on=date(2025, 8, 1),
        )  # fmt: skip
        assert line.weekly_amount == Decimal("250.0000")


def test_a_line_paid_once_and_a_discount(world, as_authority):
    with as_authority(world.southwark):
        home = spot_placement(child_of(world.southwark))
        once = weekly(home, "2500.00", unit="one_off", description="Assessment")
        assert (once.weekly_amount, once.once_amount) == (Decimal(0), Decimal("2500.00"))
        discount = weekly(home, "30.00", category="discount")
        assert discount.weekly_amount == Decimal(-30)


def test_who_pays_comes_to_the_whole(world, as_authority):
    with as_authority(world.southwark):
        line = weekly(spot_placement(child_of(world.southwark)), "1000.00")
        part = {"social_care": (Decimal(600), Decimal(0)), "health": (Decimal(300), Decimal(0))}
        with pytest.raises(ValidationError, match="must be equal"):
            set_funding(line=line, parts=part, by=BY)
        set_funding(line=line, parts=part | {"education": (Decimal(100), Decimal(0))}, by=BY)
        set_funding(line=line, parts={"social_care": (Decimal(1000), Decimal(0))}, by=BY)
        assert list(FundingSplit.objects.values_list("funder", "weekly_amount")) == [("social_care", Decimal(1000))]
        assert CostLine.objects.get().weekly_amount == 1000


def test_in_house_is_neither_framework_nor_spot(world, as_authority):
    with as_authority(world.southwark):
        home = record_placement(
            child=child_of(world.southwark), service_type="fostering", starts_on=date(2025, 6, 2), in_house=True, by=BY,
            today=TODAY,
        )  # fmt: skip
        assert (home.route, home.spot_reason) == ("in_house", "")
        with pytest.raises(ValidationError, match="within|starts"):
            add_cost_line(placement=home, amount=Decimal(1), starts_on=date(2025, 1, 1), by=BY)


def test_what_becomes_of_a_purchase_after_call_off():
    states = later_states(
        date(2025, 6, 2), None, initial_end=date(2026, 4, 1), framework_end=date(2027, 4, 1),
        award_end=date(2026, 9, 1),
    )  # fmt: skip
    assert states == [
        ("in_force", date(2025, 6, 2), date(2026, 4, 1)),
        ("extension", date(2026, 4, 1), date(2026, 9, 1)),
        ("provider_left", date(2026, 9, 1), date(2027, 4, 1)),
        ("framework_ended", date(2027, 4, 1), None),
    ]
    whole = later_states(date(2025, 6, 2), date(2025, 7, 1), initial_end=None, framework_end=None, award_end=None)
    assert whole == [("in_force", date(2025, 6, 2), date(2025, 7, 1))]


@pytest.mark.parametrize(
    ("asked", "agreed", "before", "cashable", "avoided"),
    [
        ("1000", "950", None, "0", "50"),
        ("1100", "950", "1000", "50", "100"),
        ("1100", "1050", "1000", "0", "50"),
        ("900", "950", None, "0", "0"),
        (None, "950", "1000", "50", "0"),
    ],
)
def test_benefits(asked, agreed, before, cashable, avoided):
    pounds = [Decimal(text) if text is not None else None for text in (asked, agreed, before)]
    assert benefits(*pounds) == (Decimal(cashable), Decimal(avoided))
