"""A young person's journey on a phone of 390 pixels, scripts off: from the link to thanks, and what is left behind."""

import os

import pytest
from django.db import connection
from django.utils import timezone

from commissioning.partnership.models import NamedRole
from quality.models import Alert, Concern, SurveyAnswer, SurveyResponse
from tests.browser.looks import HEIGHT, RULES, WIDTHS, too_wide, violations
from tests.contracts.watching import own
from tests.quality.asked import link_to, lives

pytestmark = pytest.mark.django_db(databases=["default", "owner"], transaction=True)
SHOTS = os.environ.get("SHOTS")  # a folder for pictures of every page
TABLES = ("surveyresponse", "surveyanswer", "surveywords", "surveyinvitation", "concern", "alert")


def test_a_young_person_answers_without_scripts_and_nothing_is_linked_to_a_name(
    cast, chromium, open_as, live_server, settings
):
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    today = timezone.localdate()
    with own(cast.authority):
        NamedRole.objects.create(authority=cast.authority, role="safeguarding", name="Jo Bell", email="lead@south.test")
    placement = lives(cast.authority, cast.provider, starts_on=today.replace(year=today.year - 1))
    _, address = link_to(placement, today=today)
    context = chromium.new_context(
        viewport={"width": WIDTHS["phone"], "height": HEIGHT}, base_url=live_server.url, java_script_enabled=False
    )
    page, wrong = context.new_page(), []
    watched = open_as(width="phone")

    def look(name, at=None):
        if SHOTS:
            page.screenshot(path=f"{SHOTS}/{name}.png", full_page=True)
        if at:
            watched.goto(at)
            wrong.extend((name, found) for found in violations(watched, RULES))
            wrong.extend([(name, "wider than the screen")] * too_wide(watched))

    page.goto(address)
    look("start", address)
    page.get_by_role("button", name="Start").click()
    look("questions", f"{address}questions/")
    assert page.get_by_text("I don’t want to say").count() == 10
    page.get_by_role("button", name="Send").click()
    look("nothing")
    page.get_by_role("group", name="I feel safe").get_by_label("Never").check()
    page.get_by_role("group", name="I know what my choices are").get_by_label("I don’t want to say").check()
    page.get_by_label("What is good about my home?").fill("b" * 2001)
    page.get_by_label("Yes, my advocate or visitor").check()
    page.get_by_role("button", name="Send").click()
    look("refused")
    assert page.get_by_text("Nothing is lost").is_visible()
    assert page.get_by_role("group", name="I feel safe").get_by_label("Never").is_checked()
    page.get_by_label("What is good about my home?").fill("The garden")
    page.get_by_role("button", name="Send").click()
    look("thanks")
    assert page.get_by_text("Thank you for telling us that you do not feel safe").is_visible()
    assert page.get_by_role("link", name="0800 1111").is_visible()
    assert context.cookies() == []
    # On another phone the questions were open still: what is sent from there says that nobody has it.
    watched.get_by_role("group", name="I feel safe").get_by_label("Never").check()
    watched.get_by_role("button", name="Send").click()
    assert watched.get_by_role("link", name="0800 1111").is_visible()
    wrong.extend(("sent again", found) for found in violations(watched, RULES))
    wrong.extend([("sent again", "wider than the screen")] * too_wide(watched))
    if SHOTS:
        watched.screenshot(path=f"{SHOTS}/sent-again.png", full_page=True)
    page.goto(address)
    look("used", address)
    assert page.get_by_text("Somebody has answered with this link already").is_visible()
    context.close()
    assert wrong == []
    with own(cast.authority), connection.cursor() as cursor:
        row, alert = SurveyResponse.objects.get(), Alert.objects.get()
        assert (row.entered_by_id, row.answered_by, row.helper) == (None, "helped", "advocate")
        assert set(SurveyAnswer.objects.values_list("question__number", "value")) == {(1, 1), (3, None)}
        assert (row.concern, alert.sent_to) == (Concern.objects.get(), "lead@south.test")
        for table in TABLES:
            for kept in ("public", "audit"):
                cursor.execute(f"SELECT row_to_json(t)::text FROM {kept}.quality_{table} t")
                for (text,) in cursor.fetchall():
                    assert not any(word in text for word in ("127.0.0.1", "Mozilla", "user:", address.split("/")[2]))
