"""The states that an ordinary page is not in: nothing there yet, an answer refused, four hundred rows."""

from datetime import date
from decimal import Decimal
from uuid import UUID

import pytest
from django.urls import reverse
from django.utils import timezone

from commissioning.kernel.ingest.road import bring_in
from commissioning.kernel.models import ImportRun
from commissioning.kernel.tenancy.viewer import Viewer, acting_as
from commissioning.partnership.models import Framework, Lot, Participation, PriceLine, User
from providers.models import Award, Provider, Rate
from providers.rules.names import fold
from tests.browser.looks import faults
from tests.permissions import samples

pytestmark = pytest.mark.django_db(databases=["default", "owner"], transaction=True)
BY = "service:tests"
DAY = date(2026, 4, 20)
BEGINS = date(2024, 4, 1)
MANY = 400
PRICED = 3
NOWHERE = UUID(int=0)
# As long as registered names really are, in one word and in many.
LONGEST_NAMES = (
    "The Incorporated Society for the Fostering, Adoption and Supported Accommodation of Children (Invented) Limited",
    "Invented" + "therapeuticresidentialchildcare" * 2 + " Ltd",
)


@pytest.fixture
def plain(settings, tmp_path):
    settings.INBOX = tmp_path
    settings.SECOND_FACTOR_REQUIRED = False
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


def person(role, authority):
    with acting_as(Viewer.of_service("tests"), by=BY):
        return User.objects.create_user(f"{role}@{authority.slug}.test", name=role, role=role, authority=authority)


def empty_lot(lead):
    with acting_as(Viewer.of_authority(lead.pk), by=BY):
        framework = Framework.objects.create(
            reference="NEW", name="Fostering framework for tests", kind="framework", lead_authority=lead,
            starts_on=BEGINS, ends_before=date(2030, 4, 1),
        )  # fmt: skip
        Participation.objects.create(framework=framework, authority=lead, starts_on=BEGINS)
        return Lot.objects.create(framework=framework, number="1", name="General", service_type="fostering")


EMPTY = {
    "/": "No judgements yet",
    "/lots/": "No lots yet",
    "/frameworks/": "No frameworks yet",
    "/providers/": "No providers yet",
    "/inspections/": "No inspections yet",
    "/imports/": "No file has been sent yet",
    "/benchmarks/": "No release yet",
    "/benchmarks/releases/": "No release yet",
    "/benchmarks/groups/": "No groups yet",
    # The partnership's first act, its own people and members, is history already.
    "/audit/?did=erased&how=file": "No changes like that",
    "/accounts/people/": "No invitation is waiting",
    "/accounts/keys/": "No keys yet",
    "/accounts/webhooks/": "No webhooks yet",
    "/accounts/views/": "No saved views yet",
    "/accounts/sftp/": "No servers yet",
}


def headings(page):
    return page.locator(".app-empty h2").all_inner_texts()


def test_a_partnership_with_nothing_in_it_says_so_on_every_page(plain, southwark, lewisham, open_as):
    page = open_as(person("authority_administrator", southwark))
    said, wrong = {}, []
    for address in EMPTY:
        page.goto(address)
        said[address] = headings(page)
        wrong += faults(page)
    assert said == {address: [heading] for address, heading in EMPTY.items()}
    assert not wrong, "\n".join(map(str, wrong))


def test_a_lot_with_no_provider_and_no_price_line_says_so(plain, southwark, open_as):
    lot = empty_lot(southwark)
    page = open_as(person("commissioning_officer", southwark))
    said, wrong = [], []
    for address in (f"/lots/{lot.uuid}/", f"/lots/{lot.uuid}/?line=every", f"/lots/{lot.uuid}/places/"):
        page.goto(address)
        said += headings(page)
        wrong += faults(page)
    page.goto(f"/lots/{lot.uuid}/price-lines/")
    page.get_by_role("button", name="Remove").click()
    assert "No lines. Add one, or save to leave this lot without any." in page.locator("main").inner_text()
    wrong += faults(page)
    assert said == ["No provider has a place yet", "No provider has a place yet", "No places yet"]
    assert not wrong, "\n".join(map(str, wrong))


OFFICER, ADMINISTRATOR = "commissioning_officer", "authority_administrator"
SAVE = "Save changes"
# (who, route, button, what is typed by name of the field, a sentence of the summary). All else is left empty.
REFUSED = [
    (
        None,
        "account_login",
        "Sign in",
        {"login": "analyst@southwark.test", "password": "wrong"},
        "The e-mail address or the password is not right",
    ),
    (None, "account_login", "Sign in", {}, "Enter your password"),
    (None, "account_reset_password", "Send the link", {}, "Enter your e-mail address"),
    (None, "invitation", "Make my account", {}, "Choose a password."),
    (OFFICER, "import-send", "Send and check", {}, "Choose a file"),
    (ADMINISTRATOR, "invite", "Send invitation", {}, "Enter the person's e-mail address."),
    (ADMINISTRATOR, "invite", "Send invitation", {"email": "nobody"}, "Enter an e-mail address like"),
    ("partnership_administrator", "invite", "Send invitation", {"provider": "Nobody"}, "No provider is called Nobody"),
    (ADMINISTRATOR, "make_key", "Make key", {}, "Say what the key is for"),
    (OFFICER, "place-new", "Award the place", {}, "Enter the provider's name or company number"),
    (OFFICER, "place-new", "Award the place", {"provider": "Invented", "tier": "x"}, "No provider is recorded as"),
    (OFFICER, "place-end", "End the place", {}, "Say why the place ends"),
    (OFFICER, "framework-new", "Continue", {}, "Enter the framework's name"),
    (OFFICER, "framework-new-step", "Continue", {"extension_months": "a year"}, "Enter months as whole numbers"),
    (OFFICER, "framework-change", SAVE, {}, "Enter the framework's name"),
    (OFFICER, "framework-term", SAVE, {"starts_on_0": "31", "starts_on_1": "2", "starts_on_2": "2026"}, "not exist"),
    (OFFICER, "framework-join", "See what will change", {}, "Choose the authority that joins"),
    (OFFICER, "framework-leave", "See what will change", {}, "Enter the last day"),
    (OFFICER, "framework-extend", "See what will change", {}, "Enter the day"),
    (OFFICER, "framework-event", "Record event", {}, "Choose what happened"),
    (OFFICER, "lot-new", "Add lot", {}, "Enter the lot's name"),
    (OFFICER, "lot-change", SAVE, {}, "Enter the lot's name"),
    (OFFICER, "lot-price-lines", "Save price lines", {"lines-0-position": "first"}, "Line 1: Enter a code"),
    (OFFICER, "provider-document-new", "Record document", {"expires_on_0": "40"}, "Choose what kind of document"),
    (OFFICER, "working-name", "Save name", {"name": "x" * 121}, "120 characters"),
    (OFFICER, "release-new", "Ask for the release", {}, "Choose the last day of a quarter"),
    (OFFICER, "release-correct", "Ask for the correction", {}, "Say what was wrong"),
    (OFFICER, "release-withdraw", "Withdraw the release", {}, "Say why"),
    (OFFICER, "peer-group-new", "See what it can show", {}, "Enter the group’s name"),
    (OFFICER, "peer-group-change", "See what it can show", {"name": "x"}, "Choose at least 2 authorities"),
    (OFFICER, "alias-confirm", "Find the nearest providers", {"name": " "}, "Enter the name"),
]
EMPTIED = """(form, typed) => form.querySelectorAll("input, select, textarea").forEach(field => {
    if (field.type === "hidden") return;
    if (field.type === "radio" || field.type === "checkbox") field.checked = false;
    else if (field.tagName === "SELECT") field.selectedIndex = 0;
    else if (field.type !== "file") field.value = typed[field.name] ?? "";
})"""


def post(page, address, button, typed):
    """Empties the page's form, types (a script may type more than a person can) and presses the button."""
    page.goto(address)
    pressed = page.get_by_role("main").get_by_role("button", name=button, exact=True).last
    pressed.locator("xpath=ancestor::form").evaluate(EMPTIED, typed)
    with page.expect_navigation():
        pressed.click()


def test_every_form_says_what_is_wrong_with_an_answer(cast, open_as):
    known, pages, wrong, looked = samples(), {}, [], set()
    for role, route, button, typed, sentence in REFUSED:
        address = reverse(route, kwargs=known[route].arguments(cast) if route in known else {})
        if role not in pages:
            pages[role] = open_as(cast.person(role) if role else None)
        page = pages[role]
        post(page, address, button, typed)
        summary = page.locator(".govuk-error-summary")
        said = summary.inner_text() if summary.count() == 1 else f"{summary.count()} summaries"
        if sentence not in said:
            wrong.append((route, typed, said))
        if not page.title().startswith("Error: "):
            wrong.append((route, typed, page.title()))
        lost = [
            link.get_attribute("href")
            for link in summary.locator("a").all()
            if not page.locator(f"[id='{link.get_attribute('href').removeprefix('#')}']").count()
        ]
        if lost:
            wrong.append((route, typed, f"the summary leads nowhere: {lost}"))
        if route not in looked:  # the same form refused for another reason looks the same
            looked.add(route)
            wrong += faults(page)
    assert not wrong, "\n".join(map(str, wrong))


def test_a_pdf_is_refused_on_the_page_of_the_file(cast, open_as):
    officer = cast.person(OFFICER)
    page = open_as(officer)
    page.goto("/imports/send/?source=rates")
    page.get_by_label("The file", exact=True).set_input_files(
        {"name": "Rates of every provider, as sent by post.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7"}
    )
    page.get_by_role("button", name="Send and check").click()
    page.wait_for_url("**/imports/*-*/")
    with acting_as(officer.viewer, by=BY):
        run = ImportRun.objects.latest("pk")
    bring_in(run, viewer=officer.viewer, by=officer, now=timezone.now(), load=False)
    page.reload()
    assert "is a PDF document, not a table" in page.get_by_role("main").inner_text()
    assert faults(page) == []


def test_what_may_not_be_seen_is_refused_in_words(cast, open_as):
    lot = cast.world.lot(cast.world.shared)
    refused = [
        ("analyst", "/accounts/people/", 403),
        ("commissioning_officer", f"/lots/{cast.world.lot(cast.world.pair).uuid}/places/", 403),
        ("steering_member", f"/lots/{lot.uuid}/places/new/", 403),
        ("provider_contact", f"/providers/{cast.rival.uuid}/", 404),
        ("commissioning_officer", f"/lots/{NOWHERE}/", 404),
        ("commissioning_officer", "/no-such-page/", 404),
    ]
    words = {403: "You cannot do this", 404: "Page not found"}
    pages, wrong = {}, []
    for role, address, status in refused:
        if role not in pages:
            pages[role] = open_as(cast.person(role))
        page = pages[role]
        answer = page.goto(address)
        assert (address, answer.status) == (address, status)
        assert page.locator("h1").inner_text() == words[status]
        wrong += faults(page)
    assert not wrong, "\n".join(map(str, wrong))


@pytest.fixture
def long_lot(plain, southwark):
    """Four hundred places on one lot, each with this year's and last year's rate for three lines."""
    with acting_as(Viewer.of_service("tests"), by=BY):
        names = [*LONGEST_NAMES, *(f"Invented Provider {n} Ltd" for n in range(MANY - len(LONGEST_NAMES)))]
        Provider.objects.bulk_create(Provider(name=name, folded_name=fold(name), sector="private") for name in names)
        everyone = list(Provider.objects.order_by("pk"))
    lot = empty_lot(southwark)
    with acting_as(Viewer.of_authority(southwark.pk), by=BY):
        PriceLine.objects.bulk_create(
            PriceLine(framework=lot.framework, lot=lot, position=n, code=f"CORE-{n}", name=f"Core {n}", age_from=5 * n,
                      age_to=5 * n + 4, level="standard")
            for n in range(PRICED)
        )  # fmt: skip
        Award.objects.bulk_create(
            Award(framework=lot.framework, lot=lot, provider=each, tier=1 + n % 3, starts_on=BEGINS,
                  admission_reason="Awarded in the first round of the tender." if n % 2 else "")
            for n, each in enumerate(everyone)
        )  # fmt: skip
        lines, awards = list(PriceLine.objects.order_by("position")), list(Award.objects.order_by("pk"))
        years = [(BEGINS, date(2026, 4, 1), 0), (date(2026, 4, 1), None, 15)]
        Rate.objects.bulk_create(
            Rate(award=award, price_line=line, framework=lot.framework, lot=lot, provider_id=award.provider_id,
                 amount=Decimal("650.37") + n % 97 * 5 + line.position * 40 + more * (n % 3), starts_on=begins,
                 ends_before=ends)
            for n, award in enumerate(awards) for line in lines for begins, ends, more in years
        )  # fmt: skip
    return lot


def test_four_hundred_rows_are_shown_fifty_at_a_time(long_lot, southwark, open_as):
    page = open_as(person(OFFICER, southwark))
    lot, wrong = f"/lots/{long_lot.uuid}/", []
    for address, noun in (
        (f"{lot}?on={DAY}", "providers"),
        (f"{lot}?on={DAY}&line=every", "providers"),
        (f"{lot}places/", "places"),
        ("/providers/", "providers"),
    ):
        page.goto(address)
        table = page.locator(".app-table").filter(has=page.locator(".govuk-pagination"))
        assert f"1 to 50 of {MANY} {noun}" in table.locator(".app-table__tools").inner_text()
        first = table.locator("tbody tr")
        assert first.count() == 50
        top = first.first.inner_text()
        wrong += faults(page)
        page.get_by_role("link", name="Page 8").click()
        page.wait_for_url("**page=8**")
        assert f"351 to {MANY} of {MANY} {noun}" in table.locator(".app-table__tools").inner_text()
        assert first.count() == 50
        assert first.first.inner_text() != top
    page.goto("/lots/")
    assert page.get_by_role("row", name="General").get_by_text(str(MANY), exact=True).count() == 1
    wrong += faults(page)
    assert not wrong, "\n".join(map(str, wrong))
