"""Headless Chromium, where the system has one; the tests say so and are skipped where it has not."""

import os
import shutil

import pytest
from django.test import Client

from tests.browser.looks import HEIGHT, WIDTHS

CHROMIUM = next(filter(None, (shutil.which(name) for name in ("chromium", "chromium-browser", "google-chrome"))), None)
FLAGS = ("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync")  # fmt: skip


def pytest_collection_modifyitems(items):
    for item in items:
        if "tests/browser" in str(item.fspath):
            item.add_marker(pytest.mark.browser)
            if CHROMIUM is None:
                item.add_marker(pytest.mark.skip(reason="no Chromium on this system: install the package chromium"))


@pytest.fixture(scope="module")
def chromium():
    from playwright.sync_api import sync_playwright

    # The tests' own thread talks to the database while the browser's loop is there.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        yield browser
        browser.close()
    os.environ.pop("DJANGO_ALLOW_ASYNC_UNSAFE", None)


@pytest.fixture
def open_as(chromium, live_server, settings):
    """open_as(user, "phone") -> a page signed in as the user. What the security policy refuses fails the test."""
    contexts, complaints = [], []

    def enter(user=None, width="desktop"):
        context = chromium.new_context(viewport={"width": WIDTHS[width], "height": HEIGHT}, base_url=live_server.url)
        contexts.append(context)
        if user is not None:
            client = Client()
            client.force_login(user)
            cookie = client.cookies[settings.SESSION_COOKIE_NAME]
            context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": live_server.url}])
        page = context.new_page()
        page.on(
            "console", lambda said: complaints.append(said.text) if "Content Security Policy" in said.text else None
        )
        page.on("pageerror", lambda problem: complaints.append(str(problem)))
        return page

    yield enter
    for context in contexts:
        context.close()
    assert complaints == []
