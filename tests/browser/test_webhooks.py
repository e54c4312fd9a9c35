"""Webhooks in a browser: made and its secret shown, a log with every state, what a receiver reads; wide and narrow."""

import os
from uuid import uuid4

import pytest
from django.utils import timezone

from commissioning.partnership.actions.announce import announce
from commissioning.partnership.actions.webhooks import rotate_secret
from commissioning.partnership.models import Webhook, WebhookDelivery
from tests.browser.looks import WIDTHS, faults
from tests.contracts.watching import own

pytestmark = pytest.mark.django_db(databases=["default", "owner"], transaction=True)
SHOTS = os.environ.get("SHOTS")  # a folder for pictures of every page
CAME_TO = [
    ("delivered", 1, 204, ""),
    ("failed", 1, 503, "It answered with an error (503). It said: upstream connect error or disconnect before headers"),
    ("failed", 2, None, "It did not answer within 10 seconds."),
    ("given_up", 8, 302, "It answered that it has moved (302). Messages follow no redirect: enter its new address."),
    ("waiting", 2, None, ""),
]


def filled(authority):
    """Messages that came to everything there is."""
    now = timezone.now()
    with own(authority):
        hook = Webhook.objects.get()
        for kind in ("visit.published", "judgement.changed", "suspension.changed"):
            for event, (state, attempt, status, error) in zip(
                announce(kind=kind, resource="visits", about=[uuid4() for _ in CAME_TO], at=now), CAME_TO, strict=True
            ):
                WebhookDelivery.objects.create(
                    authority=authority, webhook=hook, event=event, due_at=now, at=None if state == "waiting" else now,
                    state=state, attempt=attempt, status=status, error=error,
                )  # fmt: skip
    return hook


def test_webhooks_from_the_first_to_its_log(cast, open_as):
    admin = cast.person("authority_administrator")
    page, wrong = open_as(admin), []

    def looked_at(name):
        wrong.extend(faults(page))
        for width, pixels in WIDTHS.items() if SHOTS else ():
            page.set_viewport_size({"width": pixels, "height": 900})
            page.screenshot(path=f"{SHOTS}/webhooks-{name}-{width}.png", full_page=True)

    page.goto("/accounts/webhooks/make/")
    page.get_by_role("button", name="Make webhook").click()
    assert "There is a problem" in page.locator(".govuk-error-summary").inner_text()
    looked_at("refused")
    page.get_by_label("What the webhook is for").fill("Data warehouse")
    page.get_by_label("Address that messages are sent to").fill("https://warehouse.southwark.example/hooks")
    for box in page.get_by_role("checkbox").all():
        box.check()
    page.get_by_role("button", name="Make webhook").click()
    assert page.get_by_label("The secret").input_value().startswith("whsec_")
    looked_at("secret")
    hook = filled(cast.authority)
    with own(cast.authority):
        rotate_secret(webhook=hook, days=7, at=timezone.now(), by=admin)
    for name, address in (
        ("list", ""), ("one", f"{hook.uuid}/"), ("failed", f"{hook.uuid}/?which=failed"),
        ("again", f"{hook.uuid}/again/"), ("new-secret", f"{hook.uuid}/secret/"), ("revoke", f"{hook.uuid}/revoke/"),
        ("receiving", "receiving/"),
    ):  # fmt: skip
        page.goto(f"/accounts/webhooks/{address}")
        looked_at(name)
    assert not wrong, "\n".join(map(str, wrong))
