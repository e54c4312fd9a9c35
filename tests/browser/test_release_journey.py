"""A release by two people in the browser: asked for, built, approved by the second, published, seen under benchmarks.
Who asked for it cannot approve it, and history tells every step."""

from datetime import datetime

import pytest
import time_machine
from django.utils import timezone

from commissioning.compare.actions.build_release import build_release
from commissioning.compare.models import Release
from commissioning.kernel.audit.events import events_of
from commissioning.kernel.tenancy.viewer import acting_as
from tests.browser.looks import faults
from tests.compare.conftest import _committed_market, market  # noqa: F401

pytestmark = pytest.mark.django_db(databases=["default", "owner", "release"], transaction=True)
NOW = datetime(2026, 4, 20, 9, 0, tzinfo=timezone.get_fixed_timezone(0))
TOLD = "You asked for this release, so somebody else has to approve it."


@pytest.fixture
def spring(settings):
    settings.SECOND_FACTOR_REQUIRED = False
    with time_machine.travel(NOW, tick=True):
        yield


def press(page, words):
    page.locator("main").get_by_role("button", name=words, exact=True).click()
    page.wait_for_load_state()


def main(page):
    return page.locator("main").inner_text()


def test_from_asking_to_the_figures(spring, market, open_as):  # noqa: F811
    first, second = market.person("southwark"), market.person("lewisham")
    asks, approves = open_as(first), open_as(second)
    asks.goto("/benchmarks/")
    assert "No release is published yet" in main(asks)
    asks.get_by_role("link", name="Ask for a release").click()
    asks.check("[name=as_at][value='2026-03-31']")
    assert faults(asks) == []
    press(asks, "Ask for the release")
    address = asks.url
    assert "Waiting" in main(asks)
    with acting_as(first.viewer, by=first):
        release = Release.objects.get()
    build_release(release_id=release.pk, now=timezone.now)

    asks.goto(address)
    assert TOLD in main(asks)
    assert asks.get_by_role("button", name="Approve this release").count() == 0
    assert faults(asks) == []
    # Nor by sending the form that the page does not have.
    token = asks.context.request.get("/benchmarks/releases/new/").text().split('csrfmiddlewaretoken" value="')[1]
    form = {"csrfmiddlewaretoken": token.split('"')[0]}
    said = asks.context.request.post(f"{address}approve/", form=form, headers={"Referer": address})
    assert TOLD in said.text()
    asks.goto("/benchmarks/")
    assert "No release is published yet" in main(asks), "built is not published"

    approves.goto(address)
    assert "could be shown" in main(approves)
    press(approves, "Approve this release")
    assert "Release 1 is approved." in approves.locator("body").inner_text()
    press(approves, "Publish to every member")
    assert "every member sees its figures now" in approves.locator("body").inner_text()
    assert faults(approves) == []

    asks.goto("/benchmarks/")
    assert "can be compared with the partnership" in main(asks)
    assert "Release 1: twelve months to 31 March 2026" in main(asks)
    assert "Fostering" in main(asks)
    assert faults(asks) == []
    asks.get_by_role("link", name="Fostering").click()
    assert "and the partnership" in asks.locator("h1").inner_text()
    assert faults(asks) == []
    with acting_as(second.viewer, by=second):
        about = events_of(Release).filter(row_uuid=Release.objects.get().uuid)  # history outlives a flush
        events = about.filter(operation="update", actor__startswith="user:").order_by("event_id")
        steps = [(event.actor, event.after["state"]) for event in events]
        assert steps == [(f"user:{second.uuid}", "approved"), (f"user:{second.uuid}", "published")]
        (asked,) = about.filter(operation="insert")
        assert asked.actor == f"user:{first.uuid}"
