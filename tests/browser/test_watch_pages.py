"""Where nobody looks, distance and moving in a browser: full lists, empty ones and refused forms, wide and narrow."""

import os
import re
from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from contracts.actions.placements import end_placement, record_placement
from contracts.models import DistanceApproval, Oversight, PathwayPlace, PlacementMeeting
from tests.browser.looks import too_wide, violations
from tests.contracts.bought import BY, child_of, spot_placement, weekly
from tests.contracts.watching import own

pytestmark = pytest.mark.django_db(databases=["default", "owner"], transaction=True)
SHOTS = os.environ.get("SHOTS")  # a folder for pictures of every page


def many(cast):
    """Homes of every kind that these pages show, by today's clock."""
    today = timezone.localdate()
    start = today - timedelta(days=90)
    with own(cast.authority):
        for number in range(6):
            home = spot_placement(
                child_of(cast.authority), start, registration=("unregistered", "unregulated")[number % 2],
                distance_miles=Decimal("31.4"), boundary="out", host_authority=cast.other, planned_end_on=today,
                called_off_on=None,
            )  # fmt: skip
            weekly(home, "8750.00")
            if number:
                Oversight.objects.create(
                    authority=cast.authority, placement=home, kind="unregistered", starts_on=start,
                    why="No registered home had a place", approved_by="Director of children’s services",
                    approved_on=start, visit_every_days=14, checks="Premises, staff and insurance were seen",
                    exit_plan="A registered home from June", exit_by=today + timedelta(days=40),
                )  # fmt: skip
            if number > 2:
                Oversight.objects.create(
                    authority=cast.authority, placement=home, kind="deprivation_of_liberty", starts_on=start,
                    why="Safety", approved_by="High Court", approved_on=start,
                    ends_before=today + timedelta(days=(-3, 10, 90)[number - 3]),
                )  # fmt: skip
                DistanceApproval.objects.create(
                    authority=cast.authority, placement=home, reason="not_available", approved_by="Director",
                    approved_on=start, host_told_on=start,
                )  # fmt: skip
            PlacementMeeting.objects.create(
                authority=cast.authority, placement=home, kind="planning", due_on=today - timedelta(days=number),
                held_on=today if number % 2 else None,
            )  # fmt: skip
        over = spot_placement(child_of(cast.authority), start)
        end_placement(
            placement=over, ends_before=today, end_reason="CREQB", ended_by="provider", ended_as_planned=False,
            destination="another_home", notice_given_on=today - timedelta(days=5), by=BY, today=today,
        )  # fmt: skip
        flat = PathwayPlace.objects.create(
            authority=cast.authority, name="Flat 2", starts_on=start, weekly_amount=Decimal("350")
        )
        record_placement(
            child=child_of(cast.authority), service_type="supported", starts_on=today - timedelta(days=20),
            in_house=True, pathway_place=flat, by=BY, today=today,
        )  # fmt: skip
        return home, Oversight.objects.filter(placement=home, kind="unregistered").get()


LISTS = ("oversight/", "oversight/?all=yes", "oversight/?which=past", "oversight/?which=ran_out", "distance/",
         "moving/", "moving/meetings/", "moving/ended/", "own-places/", "own-places/new/")  # fmt: skip


@pytest.mark.parametrize("width", ["desktop", "phone"])
def test_full_lists_empty_lists_and_refused_forms(cast, open_as, width, monkeypatch):
    monkeypatch.setattr("tests.contracts.bought.TODAY", timezone.localdate())
    page = open_as(cast.person("placements_officer"), width)
    wrong = []

    def look(address: str, name: str, *, send: str = "") -> None:
        page.goto(f"/placements/{address}")
        if send:
            page.get_by_role("button", name=send).click()
            expect(page).to_have_title(re.compile("Error:"))  # the answer may take its time to come
        found = violations(page)
        if found or too_wide(page):
            wrong.append((name, found, "wider than the screen" if too_wide(page) else ""))
        if SHOTS:
            page.screenshot(path=f"{SHOTS}/{width}-{name}.png", full_page=True)

    for address in LISTS:
        look(address, "empty-" + address.strip("/").replace("/", "-").replace("?", "-"))
    home, record = many(cast)
    for address in LISTS:
        look(address, "full-" + address.strip("/").replace("/", "-").replace("?", "-"))
    look(f"{home.uuid}/oversight/new/", "oversight-new", send="Record it")
    look(f"oversight/{record.uuid}/", "oversight-change")
    look(f"oversight/{record.uuid}/visit/", "oversight-visit", send="Record the visit")
    look(f"{home.uuid}/distance/", "distance-form")
    look(f"{home.uuid}/meetings/new/", "meeting-new", send="Save the meeting")
    look(f"{home.uuid}/move/", "move-plan")
    look("own-places/new/", "own-place-new", send="Add the place")
    assert wrong == []
