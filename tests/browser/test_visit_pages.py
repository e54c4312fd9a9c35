"""Visits in a browser, in every state and for every side: empty, full, refused; on a desk and on a phone."""

import os
import re
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from quality.models import Finding, FindingReply, VisitTemplate
from tests.browser.looks import faults
from tests.quality.visiting import (
    again,
    home_of,
    own,
    planned,
    published,
    recorded,
    replied,
    sent,
    with_plan,
    with_templates,
)

pytestmark = pytest.mark.django_db(databases=["default", "owner"], transaction=True)
SHOTS = os.environ.get("SHOTS")  # a folder for pictures of every page
LONG = (
    "The Incorporated House for the Supported Accommodation of Young People Who Are Leaving Care (Invented), North Wing"
)


def every_state(cast):
    """{state: visit}, with two findings that may be shared and one that may not."""
    officer, contact = cast.person("quality_officer"), cast.person("provider_contact")
    found = {"planned": planned(cast, home=home_of(cast.provider, LONG))}
    found["draft"] = recorded(planned(cast))
    for state, disputed in (("waiting", None), ("disputed", 1)):
        found[state] = recorded(planned(cast, home=home_of(cast.provider, f"{state.title()} House")))
        sent(again(found[state]), by=officer)
        if disputed is not None:
            replied(again(found[state]), by=contact, disputed=disputed)
    found["published"] = published(cast, home=home_of(cast.provider, "Ash House"))
    long_ago = timezone.now() - timedelta(days=40)
    found["acting"] = published(cast, home=home_of(cast.provider, "Oak House"), at=long_ago)
    day = timezone.localdate()
    with_plan(found["acting"], cast, due_on=day - timedelta(days=1), today=day - timedelta(days=30))
    found["proposed"] = published(cast, home=home_of(cast.provider, "Yew House"))
    found["theirs"] = published(cast, home=home_of(cast.provider, "Fir House"), authority=cast.other)
    return found


class Looking:
    """Opens pages as one person, and keeps what is wrong with each."""

    def __init__(self, page, name, wrong):
        self.page, self.name, self.wrong = page, name, wrong

    def at(self, address, name, *, press="", says=""):
        self.page.goto(address)
        for details in self.page.locator("main details:not([open]) > summary").all()[:1]:
            details.click()
        if press:
            self.page.locator("main").get_by_role("button", name=press, exact=True).click()
            expect(self.page).to_have_title(re.compile("Error:"))
        assert says in self.page.locator("main").inner_text(), (address, says)
        self.wrong += [(self.name, name, *fault) for fault in faults(self.page)]
        for width in (1280, 390) if SHOTS else ():
            self.page.set_viewport_size({"width": width, "height": 900})
            self.page.screenshot(path=f"{SHOTS}/{self.name}-{name}-{width}.png", full_page=True)


def test_every_page_in_every_state_is_accessible_and_fits(cast, open_as):
    wrong = []
    officer, colleague, member, contact = (
        Looking(open_as(cast.person(role, stranger=stranger)), name, wrong)
        for role, stranger, name in (
            ("quality_officer", False, "ours"), ("commissioning_officer", False, "colleague"),
            ("quality_officer", True, "member"), ("provider_contact", False, "provider"),
        )
    )  # fmt: skip
    for who, says in ((officer, "Plan the first visit"), (contact, "what they found for you to answer")):
        who.at("/visits/", "empty", says=says)
        who.at("/visits/actions/", "actions-empty", says="No actions yet")
    officer.at("/visits/templates/", "templates-empty", says="No templates yet")
    with_templates()
    visits = every_state(cast)
    made = with_plan(visits["proposed"], cast, agreed=False)
    for who in (officer, member, contact):
        who.at("/visits/", "list")
        who.at("/visits/?state=cancelled", "list-none", says="No visit like that")
        who.at("/visits/actions/", "actions")
        for state, visit in visits.items():
            who.at(f"/visits/{visit.uuid}/", f"visit-{state}")
    with own(cast.authority):
        site = VisitTemplate.objects.get(code="supported-site")
        dispute = FindingReply.objects.get(says="disputed")
        Finding.objects.filter(visit=visits["draft"]).update(words="A long word " + "unbroken" * 30)
    officer.at("/visits/templates/", "templates", says="6 templates are in use")
    contact.at(f"/visits/templates/{site.uuid}/", "template", says="never a regulation 44 visit")
    officer.at(f"/visits/templates/{site.uuid}/next/", "template-next")
    officer.at("/visits/new/", "find", says="Type the name of the home")
    officer.at("/visits/new/?q=house", "find-some", says="Ash House")
    officer.at("/visits/new/?q=nowhere", "find-none", says="No home like that")
    with own(cast.authority):
        home = visits["published"].establishment.uuid
    member.at(f"/visits/new/?home={home}", "plan", press="Plan the visit", says="rely on it instead")
    at = {state: f"/visits/{visit.uuid}" for state, visit in visits.items()}
    officer.at(f"{at['planned']}/move/", "move", says="Who leads it")
    officer.at(f"{at['planned']}/cancel/", "cancel", press="Call the visit off", says="Say why the visit")
    officer.at(f"{at['draft']}/rating/", "rating", says="By the template’s rule")
    officer.at(f"{at['draft']}/send/", "send", says="Findings that stay with us")
    officer.at(
        f"{at['disputed']}/publish/", "publish-not-yet", press="Publish to every member", says="not been decided"
    )
    officer.at(f"{at['disputed']}/disputes/{dispute.uuid}/", "dispute-own", says="You made this visit")
    colleague.at(f"{at['disputed']}/disputes/{dispute.uuid}/", "dispute", press="Decide", says="Say why")
    contact.at(f"{at['waiting']}/reply/", "reply", press="Send the reply", says="at least one finding")
    contact.at(f"{at['published']}/plan/", "plan-of-action", press="Send the plan", says="Say what you will do")
    member.at(f"{at['published']}/rely/", "rely", says="It counts as monitoring of yours")
    member.at(f"{at['published']}/rely/stop/", "rely-stop", press="No longer rely on it", says="Say why")
    step = f"/visits/actions/{made[0].uuid}"
    officer.at(f"{step}/", "action")
    officer.at(f"{step}/agree/", "agree", says="Agree the provider’s action")
    officer.at(f"{step}/send-back/", "send-back", press="Send it back", says="Say what is missing")
    contact.at(f"{step}/change/", "change")
    with own(cast.authority):
        done = visits["acting"].improvementactions.first()
    contact.at(
        f"/visits/actions/{done.uuid}/done/", "done", press="Say that it is done", says="Say how somebody can see"
    )
    officer.at("/visits/reminders/", "reminders", says="Make an address for your calendar")
    officer.page.get_by_role("button", name="Make an address for your calendar").click()
    officer.page.get_by_label("Address for your calendar").wait_for()
    wrong += [("ours", "calendar", *fault) for fault in faults(officer.page)]
    assert wrong == [], "\n".join(map(str, wrong))
