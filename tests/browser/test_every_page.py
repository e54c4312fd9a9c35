"""Every page there is, as a busy officer meets it: no accessibility violation, nothing wider than the screen."""

import pytest
from django.test import Client
from django.urls import get_resolver, reverse

from commissioning.partnership.rules.roles import AUTHORITY_ROLES, may
from tests.browser.looks import faults, too_wide, violations
from tests.permissions import routes, samples
from tests.world import standard_rates

pytestmark = pytest.mark.django_db(databases=["default", "owner"], transaction=True)


def addresses(cast):
    """(who may open it, address) of every page of ours; those with arguments on the rooms' sample rows."""
    known = samples()
    for route in routes(get_resolver()):
        if route.others or not hasattr(route.callback, "allowed"):
            continue
        sample = known.get(route.name) if route.arguments else None
        if route.arguments and sample is None:
            continue
        address = reverse(route.name, kwargs=sample.arguments(cast)) if sample else f"/{route.pattern}"
        yield person_for(cast, route.mark), address


def person_for(cast, mark):
    """The first role that may; nobody for a page that is open to all."""
    if mark is None:
        return None
    resource, verb = mark
    for role in (*AUTHORITY_ROLES, "partnership_administrator", "provider_contact"):
        if may(role, verb, resource):
            return cast.person(role)
    raise AssertionError(f"no role may {verb} {resource}")


def client_of(user):
    client = Client()
    if user is not None:
        client.force_login(user)
    return client


def is_a_page(client, address):
    """Not a download, not an address that answers POST alone."""
    answer = client.get(address)
    return answer.status_code in (200, 410) and b"<html" in answer.getvalue()[:300]


def test_every_page_is_accessible_and_fits(cast, open_as):
    """On a desk and on a phone."""
    standard_rates(cast.world)
    wrong, tried, pages = [], 0, {}
    for user, address in list(addresses(cast)):
        if user not in pages:
            pages[user] = client_of(user), open_as(user)
        client, page = pages[user]
        if is_a_page(client, address):
            page.goto(address)
            tried += 1
            wrong += faults(page)
    assert wrong == []
    assert tried > 250


@pytest.mark.parametrize("width", ["desktop", "phone"])
def test_signing_in_is_accessible(cast, open_as, width):
    page = open_as(None, width)
    for address in ("/accounts/login/", "/accounts/password/reset/"):
        page.goto(address)
        assert violations(page) == []
        assert not too_wide(page)


def test_the_lot_page_can_be_used_by_keyboard_alone(cast, open_as):
    """Skip link, filter, sort: without a mouse, and the focus is always to be seen."""
    standard_rates(cast.world)
    lot = cast.world.lot(cast.world.shared)
    page = open_as(cast.person("commissioning_officer"))
    page.goto(f"/lots/{lot.uuid}/?on=2026-04-20")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent").strip() == "Skip to main content"
    page.keyboard.press("Enter")
    for _ in range(40):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.tagName") == "SUMMARY":
            break
    page.keyboard.press("Enter")
    select = page.get_by_label("Price line")
    select.focus()
    select.select_option("CORE-0-4")
    page.get_by_role("button", name="Show").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**line=CORE-0-4**")
    assert "Core 0-4" in page.locator(".app-lede").inner_text()
