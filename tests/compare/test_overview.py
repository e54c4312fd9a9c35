"""The first page tells who buys homes what is due."""

from datetime import date

import pytest
import time_machine
from django.test import Client

from contracts.models import Referral
from tests.contracts.bought import child_of, spot_placement, weekly

pytestmark = pytest.mark.django_db(databases=["default", "owner"])


@pytest.fixture
def bought(cast):
    with cast.acting("placements_officer"):
        child = child_of(cast.authority)
        home = spot_placement(child, registration="unregistered")
        weekly(
            home, "25.00", unit="hour", quantity=10, category="additional", service="staffing", approved_by="Panel",
            approved_on=date(2025, 6, 1), ends_before=date(2026, 9, 1), review_on=date(2026, 3, 1),
        )  # fmt: skip
        Referral.objects.create(
            authority=cast.authority, number=1, child=child, opened_at="2026-04-18T09:00Z", needed_by=date(2026, 4, 20),
            urgency="planned", in_house_tried="no", service_type="residential",
        )  # fmt: skip
    return cast


def page(cast, role: str, **who) -> str:
    client = Client()
    client.force_login(cast.person(role, **who))
    return client.get("/").content.decode()


@time_machine.travel("2026-04-20T09:00Z", tick=False)
def test_who_buys_is_told_what_is_due(bought):
    told = page(bought, "placements_officer")
    assert "1 home is needed by today" in told
    assert "The search is still open." in told
    for address in (
        "/referrals/?needed=due",
        "/placements/services/?review=past",
        "/placements/oversight/?recorded=no",
    ):
        assert f'href="{address}"' in told
    assert "1 additional service is past review" in told
    assert "£250.00 a week" in told
    assert "1 child lives in an unregistered or unregulated home with nothing recorded" in told


@time_machine.travel("2026-04-20T09:00Z", tick=False)
@pytest.mark.parametrize(("role", "stranger"), [("placements_officer", True), ("steering_member", False)])
def test_nobody_else_is(bought, role, stranger):
    told = page(bought, role, stranger=stranger)
    assert "needed by today" not in told
    assert "past review" not in told
    assert "unregulated" not in told


@time_machine.travel("2026-04-20T09:00Z", tick=False)
@pytest.mark.parametrize(
    ("role", "lines"),
    [
        ("finance_officer", ["1 search is open", "1 placement is open today: 100% spot", "through frameworks"]),
        ("steering_member", ["through frameworks"]),
        ("provider_contact", []),
    ],
)
def test_how_buying_stands_is_told_to_who_may_read_it(bought, role, lines):
    told = page(bought, role)
    assert ("How things stand" in told) == bool(lines)
    for words in ("1 search is open", "1 placement is open today: 100% spot", "through frameworks"):
        assert (words in told) == (words in lines), words


@time_machine.travel("2026-04-20T09:00Z", tick=False)
def test_an_authority_without_purchases_is_told_nothing_of_them(bought):
    assert "How things stand" not in page(bought, "placements_officer", stranger=True)
