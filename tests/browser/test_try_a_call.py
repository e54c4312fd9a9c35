"""Trying a call in the documentation: with a key, as a signed-in person, and without a script; and what becomes of the
key."""

import pytest
from django.test import Client
from playwright.sync_api import expect

from api.guides import GUIDES
from tests.api.conftest import _resident_market, bearer, market  # noqa: F401
from tests.browser.looks import faults

pytestmark = pytest.mark.django_db(databases=["default", "owner"], transaction=True)
TRY = "/api/v1/docs/try/"
KEPT = """() => JSON.stringify([Object.entries(localStorage), Object.entries(sessionStorage), document.cookie,
          location.href, history.state, document.documentElement.outerHTML])"""


def sent(page):
    """Presses Send and waits for the answer's status."""
    with page.expect_response(lambda answer: "/api/v1/" in answer.url and "docs" not in answer.url) as told:
        page.get_by_role("button", name="Send").click()
    expect(page.locator("#try-status")).not_to_have_text("Asking…")
    return told.value


def test_a_call_is_tried_with_a_key(open_as, market, southwark):  # noqa: F811
    key = bearer(southwark)["Authorization"].removeprefix("Bearer ")
    page = open_as()
    page.goto(TRY)
    assert page.locator("#try-without").is_hidden()
    answer = sent(page)
    assert answer.status == 401
    assert "A key is needed" in page.locator("#try-body").inner_text()

    page.get_by_label("Key", exact=True).fill(key)
    page.get_by_label("in_force_on").fill("2026-04-01")
    answer = sent(page)
    assert answer.status == 200
    assert "in_force_on=2026-04-01" in answer.url
    assert "limit=3" in answer.url
    assert '"amount": "712.5000"' in page.locator("#try-body").inner_text()
    assert "x-request-id" in page.locator("#try-headers").inner_text()
    assert "cookie" not in answer.request.all_headers()
    curl = page.locator("#try-curl").inner_text()
    assert "in_force_on=2026-04-01" in curl
    assert "$COMMISSIONING_KEY" in curl
    page.get_by_role("button", name="Next page").click()
    expect(page.locator("#try-body")).to_contain_text('"next": null')

    page.get_by_label("Call", exact=True).select_option(label="suspensions: One of suspensions")
    page.get_by_label("id", exact=True).fill("nothing")
    assert sent(page).status == 404
    page.get_by_label("Call", exact=True).select_option(label="lots: Lots, a page at a time, or all as one file")
    page.get_by_label("limit", exact=True).fill("")
    page.get_by_label("format", exact=True).select_option("csv")
    assert sent(page).status == 200
    assert page.locator("#try-body").inner_text().startswith("id,version,changed_at")
    expect(page.locator("#try-next")).to_be_hidden()
    assert faults(page) == []

    secret = key.partition(".")[2]
    assert secret not in page.evaluate(KEPT)
    assert all(secret not in f"{cookie}" for cookie in page.context.cookies())
    page.goto("/api/v1/docs/changes/")
    page.go_back()
    page.wait_for_selector("#try-form:not([hidden])")
    assert page.get_by_label("Key", exact=True).input_value() == ""


def test_a_signed_in_person_needs_no_key(open_as, cast):
    page = open_as(cast.person("analyst"))
    page.goto(TRY)
    answer = sent(page)
    assert answer.status == 200
    assert '"results"' in page.locator("#try-body").inner_text()
    page.get_by_label("Key", exact=True).fill("nonsense")
    assert sent(page).status == 401, "a key that is given reads as the key, whoever is signed in"


def test_without_a_script_it_says_what_to_do(chromium, live_server, db):
    context = chromium.new_context(java_script_enabled=False, base_url=live_server.url)
    page = context.new_page()
    page.goto(TRY)
    assert page.locator("#try-form").is_hidden()
    assert page.locator("#try-without").is_visible()
    assert f"{live_server.url}/api/v1/rates/" in page.locator("#try-curl").inner_text()
    context.close()


def test_every_page_and_file_beside_the_documentation_opens(client, db):
    for guide in GUIDES:
        answer = Client().get(f"/api/{guide.pattern}")
        assert answer.status_code == 200, guide.pattern
        policy = answer["Content-Security-Policy"]
        assert "unsafe" not in policy
        assert b'<script src="http' not in answer.content
