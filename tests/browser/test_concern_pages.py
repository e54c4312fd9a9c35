"""Events, concerns, letters, suspensions and alerts in a browser: empty, full and refused, wide and narrow."""

import os
import re
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from providers.actions.suspend import suspend
from providers.models import Suspension
from quality.actions.concerns import raise_concern
from quality.actions.escalate import escalate
from quality.actions.notify_event import notify_event
from quality.models import Alert, Concern, Escalation, NotifiableEvent
from quality.rules import codes
from tests.browser.looks import faults
from tests.quality.notified import home

pytestmark = pytest.mark.django_db(databases=["default", "owner"], transaction=True)
SHOTS = os.environ.get("SHOTS")  # a folder for pictures of every page
LISTS = ("/concerns/", "/concerns/events/", "/concerns/escalations/", "/alerts/", "/providers/suspensions/",
         "/accounts/named-roles/")  # fmt: skip


def full(cast):
    """Something of every kind, as it is met on a busy day."""
    now, today = timezone.now(), timezone.localdate()
    elm = home(cast.provider)
    with cast.acting("quality_officer") as user:
        for number, theme in enumerate(codes.EVENT_THEMES):
            notify_event(
                establishment=elm, rule="homes_40", theme=theme, happened_at=now - timedelta(hours=5 * number + 1),
                received_at=now, reference=f"E-{number}", by=user, now=now,
                told={user.authority: "C-12 was away for a night"},
            )  # fmt: skip
        for number, marking in enumerate((*codes.MARKINGS, "placing")):
            raise_concern(
                authority=user.authority, provider=cast.provider, establishment=elm if number else None,
                kind="concern", source="advocate", theme="staffing", marking=marking, words="Two agency staff at night",
                raised_on=today, by=user, now=now, note="C-12 says that she locks her door",
            )  # fmt: skip
        for number in range(6):
            escalate(
                authority_id=user.authority_id, provider=cast.provider, stage="default_notice", reason="Late notices",
                sent_on=today - timedelta(days=20), deadline_on=today + timedelta(days=number - 3), share=True,
                by=user, today=today,
            )  # fmt: skip
        suspend(
            authority_id=user.authority_id, provider=cast.provider, reason="safeguarding", words="Alarms were off",
            lifts_when="A visit finds them on", starts_on=today, expires_on=today + timedelta(days=30), by=user,
            now=now,
        )  # fmt: skip
        Alert.objects.create(
            authority=user.authority, kind="event", about=NotifiableEvent.objects.first().uuid,
            title="Missing: notified by Elm House", link="/concerns/events/",
        )  # fmt: skip
        return {
            "event": NotifiableEvent.objects.first().uuid, "concern": Concern.objects.get(marking="safeguarding").uuid,
            "kept": Concern.objects.filter(marking="placing").first().uuid, "step": Escalation.objects.first().uuid,
            "suspension": Suspension.objects.get().uuid, "alert": Alert.objects.first().uuid, "elm": elm.uuid,
        }  # fmt: skip


def test_every_state_is_accessible_and_fits(cast, open_as):
    wrong = []

    def look(page, address, name, send=""):
        page.goto(address)
        if send:
            page.get_by_role("button", name=send, exact=True).click()
            expect(page).to_have_title(re.compile("Error:"))
        wrong.extend(faults(page))
        if SHOTS:
            for width in (1280, 390):
                page.set_viewport_size({"width": width, "height": 900})
                page.screenshot(path=f"{SHOTS}/{name}-{width}.png", full_page=True)
            page.set_viewport_size({"width": 1280, "height": 900})

    officer, contact = open_as(cast.person("quality_officer")), open_as(cast.person("provider_contact"))
    for address in LISTS:
        look(officer, address, "empty" + address.replace("/", "-"))
    for address in LISTS[1:3]:
        look(contact, address, "contact-empty" + address.replace("/", "-"))
    ids = full(cast)
    for address in (*LISTS, "/", f"/providers/{cast.provider.uuid}/", f"/providers/{cast.provider.uuid}/awards/"):
        look(officer, address, "full" + address.replace("/", "-")[:40])
    for address in (
        "/", "/concerns/events/", f"/concerns/events/{ids['event']}/", "/concerns/escalations/",
        f"/providers/suspensions/{ids['suspension']}/",
    ):  # fmt: skip
        look(contact, address, "contact-full" + address.replace("/", "-")[:40])
    for name, address in (
        ("event", f"/concerns/events/{ids['event']}/"), ("concern", f"/concerns/{ids['concern']}/"),
        ("mark", f"/concerns/{ids['kept']}/mark/"), ("escalation", f"/concerns/escalations/{ids['step']}/"),
        ("suspension", f"/providers/suspensions/{ids['suspension']}/"), ("alert", f"/alerts/{ids['alert']}/"),
        ("home", f"/providers/establishments/{ids['elm']}/"),
    ):  # fmt: skip
        look(officer, address, f"one-{name}")
    for name, address, send in (
        ("event-record", "/concerns/events/new/", "Record the notice"), ("concern", "/concerns/new/", "Record it"),
        ("concern-close", f"/concerns/{ids['concern']}/close/", "Close it"),
        ("escalation", "/concerns/escalations/new/", "Record it"),
        ("escalation-end", f"/concerns/escalations/{ids['step']}/end/", "Save"),
        ("suspend", f"/providers/suspensions/new/?home={ids['elm']}", "Suspend"),
        ("lift", f"/providers/suspensions/{ids['suspension']}/lift/", "Lift the suspension"),
        ("name", "/accounts/named-roles/new/", "Name them"),
    ):  # fmt: skip
        look(officer, address, f"refused-{name}", send)
    look(contact, "/concerns/events/new/", "contact-refused-notify", "Notify")
    look(open_as(cast.person("placements_officer")), "/placements/new/?how=lot", "placing", "Record the placement")
    assert wrong == []
