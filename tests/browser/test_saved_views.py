"""Saved views in a browser: chosen, saved, scheduled, their log; and an authority's servers; wide and narrow."""

import os
from datetime import timedelta

import pytest
from django.utils import timezone

from commissioning.partnership.models import SavedView, ScheduledExport, SentExport
from tests.browser.looks import WIDTHS, faults
from tests.contracts.watching import own

pytestmark = pytest.mark.django_db(databases=["default", "owner"], transaction=True)
SHOTS = os.environ.get("SHOTS")  # a folder for pictures of every page
CAME_TO = (
    ("sent", ""), ("refused", "A steering group member may not read this list."),
    ("waiting", "The server did not answer in time."), ("failed", "The e-mail was not sent."),
)  # fmt: skip


def filled(authority, person):
    """Sendings that came to everything there is, and an export that paused itself."""
    now = timezone.now()
    with own(authority):
        first = ScheduledExport.objects.get()
        for number, (state, error) in enumerate(CAME_TO):
            SentExport.objects.create(
                authority=authority, export=first, owner=person, due_at=now - timedelta(days=number), try_at=now,
                name=f"our-rates-southwark-2026-04-{20 - number}.csv", state=state, error=error, role=person.role,
                rows=12_345 if state == "sent" else None, stored_as="x", expires_at=now + timedelta(days=7),
            )  # fmt: skip
        ScheduledExport.objects.create(
            authority=authority, view=SavedView.objects.get(), owner=person, format="parquet", every="month", day=1,
            hour=23, next_at=now, paused_at=now, paused_why="A steering group member may not read this list.",
        )  # fmt: skip


def test_saved_views_from_the_first_to_its_log(cast, open_as):
    analyst = cast.person("analyst")
    page, wrong = open_as(analyst), []

    def looked_at(name):
        wrong.extend(faults(page))
        for width, pixels in WIDTHS.items() if SHOTS else ():
            page.set_viewport_size({"width": pixels, "height": 900})
            page.screenshot(path=f"{SHOTS}/views-{name}-{width}.png", full_page=True)

    page.goto("/accounts/views/")
    looked_at("none")
    page.get_by_role("link", name="Save a view").click()
    looked_at("choose")
    page.get_by_role("link", name="Rates", exact=True).click()
    page.get_by_role("button", name="Save view").click()
    assert "There is a problem" in page.locator(".govuk-error-summary").inner_text()
    looked_at("refused")
    page.get_by_label("Name of the view").fill("Our rates")
    page.get_by_label("In force on").fill("2026-04-20")
    page.get_by_label("Your colleagues too").check()
    page.get_by_role("button", name="Save view").click()
    assert "is saved" in page.locator("main").inner_text() + page.locator("body").inner_text()
    page.get_by_role("button", name="Send it as a file").click()
    looked_at("schedule")
    page.get_by_label("csv, for a spreadsheet").check()
    page.get_by_label("Every day").check()
    page.get_by_role("button", name="Schedule it").click()
    filled(cast.authority, analyst)
    page.reload()
    looked_at("one")
    page.get_by_role("link", name="Pause").first.click()
    looked_at("pause")
    page.goto("/accounts/views/")
    looked_at("list")
    page = open_as(cast.person("authority_administrator"))
    page.goto("/accounts/sftp/add/")
    page.get_by_role("button", name="Add server").click()
    looked_at("server-refused")
    for label, told in (
        ("Name", "Data warehouse"), ("Address of the server", "files.southwark.example"), ("User name there", "in"),
        ("Fingerprint", "SHA256:" + "Ab1+/" * 8 + "abc"), ("Password of that user there", "correct horse"),
    ):  # fmt: skip
        page.get_by_label(label, exact=label == "Name").fill(told)
    page.get_by_role("button", name="Add server").click()
    assert "is added" in page.locator("body").inner_text()
    looked_at("servers")
    assert wrong == []
