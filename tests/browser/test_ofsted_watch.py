"""The watch in a browser: empty, full, refused and withdrawn, wide and narrow; a judgement heard, and decided for."""

import os
import re
from datetime import date
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect

from commissioning.kernel.ingest.take_back import take_back
from commissioning.kernel.tenancy.viewer import Viewer, acting_as
from contracts.actions.cost_lines import add_cost_line
from quality.actions.decide_change import decide_change
from quality.actions.hear import hear_judgement, hear_notice, withdraw
from quality.models import Change
from tests.browser.looks import HEIGHT, WIDTHS, faults
from tests.conftest import SERVICE
from tests.quality import watching
from tests.quality.books import FILES
from tests.quality.test_ofsted import bring
from tests.quality.watching import BY, GOOD, HOME, INADEQUATE, home, listing, live, own, work

pytestmark = pytest.mark.django_db(databases=["default", "owner"], transaction=True)
SHOTS = os.environ.get("SHOTS")  # a folder for pictures of every state


def test_every_state_of_the_watch(cast, open_as, tmp_path):
    southwark, lewisham = cast.authority, cast.other
    page = open_as(cast.person("quality_officer"))
    wrong = []

    def look(name, address=""):
        if address:
            page.goto(address)
        wrong.extend(faults(page))
        if SHOTS:
            for width in WIDTHS.values():
                page.set_viewport_size({"width": width, "height": HEIGHT})
                page.screenshot(path=f"{SHOTS}/{width}-{name}.png", full_page=True)
            page.set_viewport_size({"width": WIDTHS["desktop"], "height": HEIGHT})

    look("empty-changes", "/inspections/changes/")
    look("empty-exposure", "/inspections/exposure/")
    for year in (2024, 2025):
        bring(FILES / f"provider_level_at_31_march_{year}.csv")
    here = [*live(southwark, HOME, 3), *live(southwark, watching.SHARED, 1)]
    live(southwark, HOME, 1, starts_on=date(2026, 1, 5), left_on=date(2026, 4, 21))
    live(lewisham, HOME, 9)
    with own(southwark):
        for placement in here[:3]:
            add_cost_line(placement=placement, amount=Decimal("5250.50"), starts_on=placement.starts_on, by=BY)
    look("quiet-changes", "/inspections/changes/")
    look("hear", "/inspections/hear/")
    page.get_by_role("button", name="Find the home").click()
    look("hear-refused")
    page.get_by_label("Name, URN or provider").fill("nothing like it")
    page.get_by_role("button", name="Find the home").click()
    look("hear-none")
    page.get_by_label("Name, URN or provider").fill("juniper")
    page.get_by_role("button", name="Find the home").click()
    look("hear-found")
    # The hour it is heard: by hand, refused once, then recorded.
    page.get_by_role("link", name="A judgement").first.click()
    page.get_by_role("button", name="Record it").click()
    expect(page).to_have_title(re.compile("Error:"))
    look("judgement-refused")
    for label, value in (("Day", "12"), ("Month", "3"), ("Year", "2026")):
        page.get_by_label(label, exact=True).first.fill(value)
    page.get_by_role("radio", name="Inadequate").check()
    page.get_by_label("How well children and young people are helped").select_option("inadequate")
    page.get_by_label("From whom or from where").fill("The home’s manager, by telephone")
    page.get_by_role("button", name="Record it").click()
    page.wait_for_url("**/inspections/changes/*/")
    assert page.get_by_text("3 of ours live there. 3 wait for a decision.").is_visible()
    assert page.get_by_text("Lewisham places here: 8 or more").is_visible()
    look("change-heard")
    page.get_by_role("link", name="Decide").first.click()
    page.get_by_role("radio", name="Call a review").check()
    page.get_by_role("button", name="Save the decision").click()
    expect(page).to_have_title(re.compile("Error:"))
    look("decide-refused")
    page.get_by_label("Why?").fill("The plan is from another year")
    page.get_by_role("button", name="Save the decision").click()
    page.wait_for_url("**/inspections/changes/*/")
    assert page.get_by_text("3 of ours live there. 2 wait for a decision.").is_visible()
    with own(southwark):
        change = Change.objects.get(happened_on=date(2026, 3, 12))
        decide_change(change=change, placement=here[1], version=0, decision="move", why="Unsafe", by=BY,
                      now=timezone.now())  # fmt: skip
    look("decide-again", reverse("change-decide", args=[change.uuid, here[0].uuid]))
    look("withdraw", reverse("change-withdraw", args=[change.uuid]))
    look("overview", "/")
    # Notices, a supported-accommodation outcome, a list that confirms, one that is taken back.
    look("notice", reverse("hear-notice", args=[home().uuid]))
    page.get_by_role("button", name="Record it").click()
    expect(page).to_have_title(re.compile("Error:"))
    look("notice-refused")
    shared = home(watching.SHARED)
    look("outcome", reverse("hear-judgement", args=[shared.uuid]))
    facts = {"authority_id": southwark.pk, "by": cast.person("quality_officer"), "now": timezone.now()}
    place = home()
    with acting_as(Viewer.of_authority(southwark.pk), by=BY):
        notice = hear_notice(establishment=place, kind="restriction", starts_on=date(2026, 3, 20), words="No new child",
                             heard_from="https://www.gov.uk/ofsted", **facts)  # fmt: skip
        _, error = hear_judgement(establishment=shared, inspected_on=date(2026, 2, 2), overall="serious_weaknesses",
                                  heard_from="A colleague", **facts)  # fmt: skip
    with acting_as(Viewer.of_authority(southwark.pk), by=BY):
        withdraw(change=error, why="Another provider", **facts)
    look("change-notice", reverse("change", args=[notice.uuid]))
    look("notice-end", reverse("change-end", args=[notice.uuid]))
    look("change-withdrawn", reverse("change", args=[error.uuid]))
    run = bring(listing(tmp_path, 2026, (GOOD, INADEQUATE), (b"2012,Active", b"2012,Suspended")))
    work()
    look("change-confirmed", reverse("change", args=[change.uuid]))
    look("changes", "/inspections/changes/")
    look("changes-all", "/inspections/changes/?where=all")
    look("timeline", reverse("timeline", args=[place.uuid]))
    look("establishment", reverse("establishment", args=[place.uuid]))
    look("exposure", "/inspections/exposure/")
    look("exposure-owner", reverse("exposure-owner", args=[place.provider.uuid]))
    with acting_as(SERVICE, by=BY):
        suspended = Change.objects.get(after="Suspended")
    with acting_as(SERVICE, by=BY, reason="The wrong file"):
        take_back(run, by=BY, now=timezone.now())
    look("change-gone", reverse("change", args=[suspended.uuid]))
    assert page.get_by_text("The file that said so was taken back").is_visible()
    page = open_as(cast.person("steering_member"))
    look("steering-change", reverse("change", args=[change.uuid]))
    assert wrong == []
