"""A visit recorded without a network: by keyboard alone, the page killed, sent once on return; two tablets; a sign-in
that ended meanwhile; what signing out leaves."""

import os
import re
import tempfile
from datetime import timedelta
from pathlib import Path

import pytest
from django.core import mail
from django.test import Client

from quality.actions.plan_visit import move_visit
from quality.actions.share_visit import publish, reply, send_to_provider
from quality.models import Answer, Evidence, Finding, Visit, VisitReport, VisitSync
from tests.browser.conftest import CHROMIUM, FLAGS
from tests.browser.looks import HEIGHT, faults
from tests.quality.tablets import ASKED, BY, fresh, own, photograph, planned_visit, template_of

pytestmark = pytest.mark.django_db(databases=["default", "owner"], transaction=True)
SHOTS = os.environ.get("SHOTS")  # a folder for pictures of every state
SAVED = re.compile("Saved on this tablet")


class Device:
    """A browser with a folder of its own, which outlives its windows as a tablet's does."""

    def __init__(self, playwright, address, settings, complaints):
        self.playwright, self.address, self.settings, self.complaints = playwright, address, settings, complaints
        self.folder = tempfile.TemporaryDirectory()
        self.context = None

    def start(self, *, offline=False):
        self.context = self.playwright.chromium.launch_persistent_context(
            self.folder.name, executable_path=CHROMIUM, args=list(FLAGS), base_url=self.address,
            viewport={"width": 1280, "height": HEIGHT},
        )  # fmt: skip
        self.page = self.context.pages[0]
        self.page.on("console", self.heard)
        self.page.on("pageerror", lambda problem: self.complaints.append(str(problem)))
        self.session = self.context.new_cdp_session(self.page)
        self.session.send("Network.enable")
        self.network(not offline)
        return self.page

    def network(self, there):
        """What reaches the page, and what it is told of it: Chromium forgets the latter when a page is opened anew."""
        self.offline = not there
        self.context.set_offline(self.offline)
        told = {"offline": self.offline, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1}
        self.session.send("Network.overrideNetworkState", told)

    def heard(self, said):
        if "Content Security" in said.text:
            self.complaints.append(said.text)

    def kill(self):
        self.context.close()

    def sign_in(self, user):
        client = Client()
        client.force_login(user)
        cookie = client.cookies[self.settings.SESSION_COOKIE_NAME]
        self.context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": self.address}])

    def open(self, visit):
        self.page.goto(f"/visits/{visit.uuid}/record/")
        self.page.get_by_text(SAVED).wait_for()
        if self.offline:
            self.network(False)


@pytest.fixture
def devices(live_server, settings):
    from playwright.sync_api import sync_playwright

    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    made, complaints = [], []
    with sync_playwright() as playwright:

        def make():
            made.append(Device(playwright, live_server.url, settings, complaints))
            made[-1].start()
            return made[-1]

        yield make
        for device in made:
            device.kill()
            device.folder.cleanup()
    os.environ.pop("DJANGO_ALLOW_ASYNC_UNSAFE", None)
    assert complaints == []


def kept_by_worker(page):
    """The page's own files are on the device."""
    page.evaluate("navigator.serviceWorker.ready.then(() => null)")


def looked(page, name):
    if SHOTS:
        for width in (1280, 390):
            page.set_viewport_size({"width": width, "height": HEIGHT})
            page.screenshot(path=f"{SHOTS}/{name}-{width}.png", full_page=True)
    wrong = faults(page)
    assert wrong == [], name


class Keys:
    """Nothing but a keyboard."""

    def __init__(self, page):
        self.page = page

    def to(self, wanted):
        """Tab until the focus is on what has this name, or this selector."""
        for _ in range(80):
            self.page.keyboard.press("Tab")
            if self.page.evaluate(
                """wanted => { const at = document.activeElement, label = at.labels && at.labels[0];
                return at.id === wanted || (label ? label.textContent : at.textContent).trim().startsWith(wanted) }""",
                wanted,
            ):
                return self
        raise AssertionError(f"{wanted} is not reached by Tab")

    def press(self, *keys):
        for key in keys:
            self.page.keyboard.press(key)
        return self

    def type(self, words):
        self.page.keyboard.type(words)
        return self


def test_a_whole_visit_offline_by_keyboard_killed_returned_sent_and_shared(cast, devices):
    officer = cast.person("quality_officer")
    visit = planned_visit(cast.authority, cast.provider, officer)
    device = devices()
    device.sign_in(officer)
    page = device.page
    device.open(visit)
    kept_by_worker(page)
    looked(page, "begin")
    device.network(False)
    page.reload()
    page.get_by_text(SAVED).wait_for()
    keys = Keys(page)
    keys.to("People seen").type("Manager and two young people")
    keys.to("Next").press("Enter")
    page.get_by_text("Section 2 of 5").wait_for()
    # A radio group is one stop: the first press of the space bar or an arrow key chooses.
    keys.to("No").press("ArrowDown")
    keys.to("Note on 1.1").type("On Fridays.")
    keys.to("Add a finding to 1.1").press("Enter").type("The side gate stands open.")
    keys.to("It asks for an action").press("Space")
    keys.to("Yes").press("Space")
    looked(page, "section")
    page.evaluate("window.scrollTo(0, 0)")
    page.get_by_text("Not sent yet: 2 answers, 1 finding, 2 other entries.").wait_for()
    # The tablet's battery ends; it is started again where there is still no network.
    device.kill()
    page = device.start(offline=True)
    device.open(visit)
    keys = Keys(page)
    page.get_by_text("Section 2 of 5").wait_for()
    assert page.get_by_label("Note on 1.1").input_value() == "On Fridays."
    assert page.get_by_label("What you found").input_value() == "The side gate stands open."
    keys.to("Next").press("Enter")
    keys.to("Met").press("Space")
    keys.to("2.4").type("3")
    keys.to("2.5").type("They listen.")
    keys.to("Next").press("Enter")
    page.get_by_text("What belongs to no question").wait_for()
    keys.to("Add a finding").press("Enter").type("A bruise was seen")
    keys.to("May be shared").press("ArrowDown").press("ArrowDown")
    page.get_by_text("reaches a person at once").wait_for()
    looked(page, "safeguarding")
    keys.to("Next").press("Enter")
    keys.to("Summary").type("Calm; the gate is the matter.")
    keys.to("Signed by").type("Quality Officer")
    looked(page, "finish")
    assert page.evaluate("navigator.onLine") is False
    with own(cast.authority):
        assert not VisitSync.objects.exists()
    assert not any(b"bruise" in path.read_bytes() for path in stored(device))
    mail.outbox.clear()
    device.network(True)
    page.get_by_text("Everything was sent at").wait_for()
    looked(page, "sent")
    assert [message.to for message in mail.outbox] == [["quality_officer@southwark.test"]]
    with own(cast.authority):
        assert VisitSync.objects.count() == 1
        assert Answer.objects.filter(visit=visit).count() == 5
        assert VisitReport.objects.get().signed_name == "Quality Officer"
        assert set(Finding.objects.values_list("marking", flat=True)) == {"shareable", "safeguarding"}
    assert elsewhere(cast) == []
    with own(cast.authority):
        row = Visit.objects.get(pk=visit.pk)
        row = send_to_provider(visit=row, version=row.version, by=BY, now=cast.now)
        shared = Finding.objects.get(marking="shareable")
        reply(visit=row, replies={shared: ("accurate", "")}, by=officer, now=cast.now)
    assert elsewhere(cast) == []
    with own(cast.authority):
        row = Visit.objects.get(pk=visit.pk)
        publish(visit=row, version=row.version, by=BY, now=cast.now)
    assert elsewhere(cast) == ["The side gate stands open."]
    # What came meanwhile is told, both sides, when the officer adds to it.
    page.get_by_label("Summary").fill("Calm, and more.")
    page.get_by_role("button", name="Send now").click()
    page.get_by_role("heading", name="The visit was published meanwhile").first.wait_for()
    looked(page, "published-meanwhile")
    page.on("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="Leave out what this tablet holds").click()
    page.get_by_text("Nothing waits to be sent").wait_for()
    # Signing out takes it all along.
    page.goto("/accounts/")
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/accounts/login/**")
    page.goto("/visits/kept/")
    page.get_by_text("No visit is kept on this tablet").wait_for()
    assert page.evaluate("AppDevice.notes().then(notes => notes.length)") == 0


def stored(device):
    return [path for path in Path(device.folder.name).rglob("*") if path.is_file() and "IndexedDB" in str(path)]


def elsewhere(cast):
    with own(cast.other):
        return list(Finding.objects.values_list("words", flat=True))


def test_photographs_two_tablets_and_a_sign_in_that_ended(cast, devices):
    officer, colleague = cast.person("quality_officer"), cast.person("commissioning_officer")
    visit = planned_visit(cast.authority, cast.provider, officer)
    first, second = devices(), devices()
    for device, person in ((first, officer), (second, colleague)):
        device.sign_in(person)
        device.open(visit)
        kept_by_worker(device.page)
        device.network(False)
        device.page.get_by_role("button", name="Next").click()
    first.page.get_by_role("radio", name="No").first.check()
    second.page.get_by_role("radio", name="Sometimes").first.check()
    second.page.get_by_label("Note on 1.2").fill("Two of four lock.")
    # A photograph: refused without consent, covered, kept as pixels alone.
    page = first.page
    for content, says in ((b"no picture", "not a picture that can be opened"), (photograph(), "What it shows")):
        with page.expect_file_chooser() as chooser:
            page.get_by_role("button", name="Add a photograph").first.click()
        chooser.value.set_files({"name": "door.jpg", "mimeType": "image/jpeg", "buffer": content})
        page.get_by_text(says).first.wait_for()
    page.get_by_label("What it shows").fill("The front door")
    page.get_by_role("button", name="Keep the photograph").click()
    page.get_by_text("Tick this, or do not keep").wait_for()
    looked(page, "photograph")
    page.get_by_label("Nobody can be recognised in it").check()
    page.get_by_role("button", name="Cover a part").click()
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("Shift+ArrowDown")
    page.get_by_role("button", name="Keep the photograph").click()
    page.get_by_text("The front door: kept on this tablet").wait_for()
    # The first tablet's sign-in has ended by the time it is back.
    first.context.clear_cookies()
    first.network(True)
    page.get_by_text("You have been signed out").wait_for()
    looked(page, "signed-out")
    page.reload()
    page.wait_for_url("**/accounts/login/**")
    first.sign_in(officer)
    page.goto(f"/visits/{visit.uuid}/record/")
    page.get_by_text("Everything was sent at").wait_for()
    with own(cast.authority):
        photo = Evidence.objects.get()
        assert (photo.caption, photo.consent, photo.redacted, photo.sent_by) == ("The front door", True, True, officer)
        assert Answer.objects.get().value == "no"
    # The second tablet is told both, and its officer chooses.
    page = second.page
    second.network(True)
    page.get_by_role("heading", name="Recorded twice: choose for 1 entry").wait_for()
    looked(page, "both-sides")
    with own(cast.authority):
        assert sorted(Answer.objects.values_list("value", "note")) == [("", "Two of four lock."), ("no", "")]
    # Something waits: signing out warns first, and staying keeps it.
    warned = []
    page.once("dialog", lambda dialog: (warned.append(dialog.message), dialog.dismiss()))
    page.goto("/accounts/")
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_timeout(300)
    assert warned[0].startswith("1 item of a visit on this tablet has not been sent.")
    page.goto("/visits/kept/")
    page.get_by_role("link", name="Elm House, site visit").click()
    page.get_by_role("button", name="Keep this tablet’s").click()
    page.get_by_text("Everything was sent at").wait_for()
    with own(cast.authority):
        assert sorted(Answer.objects.values_list("value", flat=True)) == ["", "sometimes"]
    assert fresh(visit, cast.authority).state == "draft"


def changed_meanwhile(authority, visit, asked):
    """On another device the visit was moved, and a newer template asks this; that template."""
    other = template_of(authority, "newer", asked)
    with own(authority):
        row = Visit.objects.get(pk=visit.pk)
        later = row.planned_on + timedelta(days=9)
        move_visit(visit=row, version=row.version, planned_on=later, by=BY, today=row.planned_on)
        Visit.objects.filter(pk=visit.pk).update(template=other)
    return other


SLOW_STORE = """() => { const write = AppDevice.write;
AppDevice.write = async (...told) => { await new Promise(go => setTimeout(go, 400)); return write(...told); } }"""


def test_no_tap_is_lost_while_the_tablet_writes(cast, devices):
    """A button pressed while a writing ends, or while what was sent is answered, is the button that is released."""
    officer = cast.person("quality_officer")
    visit = planned_visit(cast.authority, cast.provider, officer)
    device = devices()
    device.sign_in(officer)
    device.open(visit)
    page = device.page
    page.evaluate(SLOW_STORE)
    device.network(False)
    page.get_by_role("button", name="Next").click()
    page.get_by_role("radio", name="No").first.check()
    changed_meanwhile(cast.authority, visit, ASKED[:1])
    page.get_by_role("button", name="Next").hover()
    page.mouse.down()
    device.network(True)
    page.get_by_text("waits for you to choose").wait_for()
    page.mouse.up()
    page.get_by_text("Section 3 of").wait_for()
    page.get_by_role("button", name="Go on with the new questions").click()
    page.get_by_role("button", name="The visit took place: keep mine").hover()
    page.mouse.down()
    page.wait_for_timeout(1000)
    page.mouse.up()
    page.get_by_text("Everything was sent at").wait_for()
    with own(cast.authority):
        assert Answer.objects.get().value == "no"


def test_other_questions_and_another_day_meanwhile(cast, devices):
    """Both sides of each, and the officer's choice; an answer without a question any more is not lost."""
    officer = cast.person("quality_officer")
    visit = planned_visit(cast.authority, cast.provider, officer)
    device = devices()
    device.sign_in(officer)
    device.open(visit)
    page = device.page
    kept_by_worker(page)
    device.network(False)
    page.get_by_role("button", name="Next").click()
    page.get_by_role("radio", name="No").first.check()
    page.get_by_role("radio", name="Sometimes").nth(1).check()
    page.get_by_role("button", name="Add a finding to 1.2").click()
    page.get_by_label("What you found").fill("A lock is missing.")
    other = changed_meanwhile(cast.authority, visit, (ASKED[0], (1, "The building", "Is it warm?", "met", False)))
    device.network(True)
    page.get_by_role("heading", name="Other questions are asked meanwhile").first.wait_for()
    looked(page, "changed")
    with own(cast.authority):
        assert not Answer.objects.exists()
    page.get_by_role("button", name="Go on with the new questions").click()
    page.get_by_role("button", name="The visit took place: keep mine").click()
    page.get_by_role("heading", name="Answered, and no longer asked").wait_for()
    page.get_by_role("button", name="Put it in the summary").click()
    page.get_by_text("Everything was sent at").wait_for()
    with own(cast.authority):
        answer = Answer.objects.select_related("question").get()
        assert (answer.value, answer.question.words, answer.question.template_id) == ("no", ASKED[0][2], other.pk)
        assert "Sometimes" in VisitReport.objects.get().summary
        assert Finding.objects.get().question is None
