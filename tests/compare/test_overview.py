"""The first page tells who buys homes what is due."""

from datetime import date

import pytest
import time_machine
from django.test import Client

from contracts.models import Placement, Referral
from quality.measures.kpi_returns import slots
from quality.measures.meetings_due import meetings_due, surely_due
from tests.contracts.bought import child_of, spot_placement, weekly
from tests.quality.meeting import meeting_in
from tests.quality.reporting import agreed_alone, expected, on_lot, own, with_kpis

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


@time_machine.travel("2026-04-20T09:00Z", tick=False)
def test_what_contracts_ask_for_is_told_to_who_acts_on_them(bought):
    """Of the quarter to December nothing came; that to March may still come tomorrow."""
    cast, today = bought, date(2026, 4, 20)
    with_kpis()
    award = on_lot(cast)
    with own(cast.authority):
        expected(award.lot, "health-checks")
        agreed_alone(award, "activity")
        Placement.objects.update(provider=cast.rival, starts_on=date(2025, 1, 6), called_off_on=date(2025, 1, 6))
        due = [row for row in meetings_due(cast.authority.pk, today) if row.overdue(today)]
        assert [row.provider for row in due] == [cast.rival]
        assert surely_due(cast.authority.pk, today) == 1
        found = slots([award.lot], after=date(2025, 10, 1), until=today, today=today)
        missing = [slot for slot in found if slot.state == "missing"]
        assert sum(slot.award == award for slot in missing) == 2
    meeting = meeting_in(cast, "planned", today)
    lead, other = page(cast, "quality_officer"), page(cast, "quality_officer", stranger=True)
    lines = {
        f"{len(missing)} KPI returns are missing on lots that we lead": "/kpis/returns/?state=missing",
        "Contract meeting with Alder Fostering, planned for 20": f"/providers/contract-meetings/{meeting.uuid}/",
        "1 contract meeting is due, and none is planned": "/providers/contract-meetings/due/?which=overdue",
    }
    for words, address in lines.items():
        assert words in lead
        assert f'href="{address}"' in lead
        for told in (other, page(cast, "analyst"), page(cast, "provider_contact", stranger=True)):
            assert words not in told
    assert "2 KPI figures are overdue" in page(cast, "provider_contact")
    assert "overdue" not in page(cast, "provider_contact", stranger=True)
