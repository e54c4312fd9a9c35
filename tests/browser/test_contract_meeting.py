"""A contract meeting in a browser, from the scorecard to a closed action, by the officer and the provider's contact;
each page on the way as everybody can read it, wide and narrow."""

import os
import re
from datetime import date, timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from commissioning.partnership.rules.terms import add_months
from providers.actions.award_place import award_place
from tests.browser.looks import faults
from tests.quality.meeting import answered, asked, expects, returned, with_set
from tests.quality.visiting import own, published, with_plan

pytestmark = pytest.mark.django_db(databases=["default", "owner"], transaction=True)
SHOTS = os.environ.get("SHOTS")  # a folder for pictures of every page


def build(cast, today):
    lot = cast.world.lot(cast.world.shared)
    with own(cast.authority):
        award_place(lot=lot, provider=cast.provider, starts_on=date(2024, 4, 1), by="service:tests", tier=1)
    starts = date(today.year - 1, 7, 1)
    returned(expects(lot), cast.provider, starts, add_months(starts, 3), 17, 20)
    with_plan(published(cast), cast)
    question = asked(with_set())
    for day, values in ((today - timedelta(days=500), (5, 5, 5, 4, 5)), (today - timedelta(days=40), (5, 2, 1, 3, 4))):
        for value in values:
            answered(cast.authority, cast.provider, day, value, question)


def test_from_the_scorecard_to_a_closed_action(cast, open_as):
    today, wrong = timezone.localdate(), []
    build(cast, today)
    officer, contact = open_as(cast.person("quality_officer")), open_as(cast.person("provider_contact"))

    def look(page, name):
        wrong.extend(faults(page))
        for width in (1280, 390) if SHOTS else ():
            page.set_viewport_size({"width": width, "height": 900})
            page.screenshot(path=f"{SHOTS}/{name}-{width}.png", full_page=True)
        page.set_viewport_size({"width": 1280, "height": 900})

    def press(page, words):
        page.get_by_role("button", name=words, exact=True).click()

    def day(page, legend, when):
        group = page.get_by_role("group", name=legend)
        for part, value in (("Day", when.day), ("Month", when.month), ("Year", when.year)):
            group.get_by_label(part).fill(str(value))

    officer.goto(f"/providers/{cast.provider.uuid}/scorecard/")
    expect(officer.get_by_role("heading", level=1)).to_contain_text("Alder Fostering: scorecard")
    look(officer, "scorecard")
    press(officer, "Plan a contract meeting")
    day(officer, "When?", today)
    look(officer, "plan")
    press(officer, "Plan the meeting")
    press(officer, "Prepare it")
    expect(officer.get_by_label("What young people say")).to_be_checked()
    officer.get_by_label("Our own notes (optional)").fill("Ask about nights")
    look(officer, "prepare")
    press(officer, "Keep the scorecard and set the agenda")
    expect(officer.get_by_text("The scorecard of today is kept.")).to_be_visible()
    look(officer, "prepared")
    at = officer.url
    assert contact.goto(at).status == 404
    press(officer, "Send the agenda")
    expect(officer.get_by_label("What young people say")).not_to_be_checked()
    look(officer, "send")
    press(officer, "Send the agenda")
    contact.goto(at)
    expect(contact.get_by_role("heading", name=re.compile("Actions that are open"))).to_be_visible()
    expect(contact.get_by_text("What young people say")).to_have_count(0)
    look(contact, "agenda")
    press(officer, "Record that it was held")
    officer.get_by_label("Who led it?").fill("Head of commissioning")
    officer.get_by_label("Who was there?").fill("Quality officer\nResponsible individual")
    press(officer, "Record that it was held")
    press(officer, "Write the minutes")
    for field in officer.locator("textarea").all():
        field.fill("Talked about, and agreed")
    look(officer, "minutes")
    press(officer, "Save the minutes")
    press(officer, "Agree an action")
    officer.get_by_label("What will the provider do?").fill("Send the rota each week")
    officer.get_by_label("Who sees to it?").fill("Registered manager")
    day(officer, "By when?", today + timedelta(days=14))
    press(officer, "Put it on the list of actions")
    press(officer, "Finish and send the minutes")
    press(officer, "Finish and send the minutes")
    expect(officer.get_by_text("1 action was agreed, 1 still open.")).to_be_visible()
    look(officer, "minuted")
    contact.goto(at)
    look(contact, "minutes-read")
    contact.get_by_role("link", name="Send the rota each week").click()
    press(contact, "Say that it is done")
    contact.get_by_label("How can somebody see that it is done?").fill("Four rotas sent by e-mail")
    press(contact, "Say that it is done")
    officer.goto("/visits/actions/?from=meeting")
    look(officer, "actions")
    officer.get_by_role("link", name="Send the rota each week").click()
    press(officer, "Close it")
    officer.get_by_label("How did you check it?").fill("Read the four rotas")
    press(officer, "Close the action")
    look(officer, "closed")
    officer.goto(at)
    expect(officer.get_by_text("1 action was agreed: all checked and closed.")).to_be_visible()
    for address, name in (
        ("/providers/contract-meetings/", "meetings"), ("/providers/contract-meetings/due/", "due"),
        (f"/lots/{cast.world.lot(cast.world.shared).uuid}/scorecard/", "lot"),
        (f"/providers/{cast.provider.uuid}/scorecard/group/", "group"), ("/outcomes/statements/1/links/", "links"),
        ("/sufficiency/plan/", "plan-empty"),
    ):  # fmt: skip
        officer.goto(address)
        look(officer, name)
    assert wrong == []
