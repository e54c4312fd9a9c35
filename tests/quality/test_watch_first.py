"""Ofsted watch on a platform that knows nothing yet: its first lists, and years of them at once."""

from datetime import date

import pytest
import time_machine
from django.urls import reverse

from commissioning.kernel.tenancy.viewer import acting_as
from quality.models import Inspection
from quality.rules.news import is_news
from tests.conftest import SERVICE
from tests.partnership.telling import announced

from .books import FILES
from .test_ofsted import bring
from .test_watch import NOW, shown, typed
from .watching import (
    BY,
    GOOD,
    HOME,
    INADEQUATE,
    alerts_of,
    changes,
    home,
    inbox_of,
    listing,
    live,
    mails_to,
    officer,
    work,
)

pytestmark = pytest.mark.django_db(databases=["default", "owner"])


@pytest.fixture(autouse=True)
def _clock():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture(autouse=True)
def _settings(settings, tmp_path, reference):
    settings.INBOX = tmp_path / "inbox"
    settings.SECOND_FACTOR_REQUIRED = False


def test_the_first_file_and_older_files_tell_nothing(tmp_path, southwark):
    bring(listing(tmp_path, 2026, (GOOD, INADEQUATE)))
    live(southwark, HOME, 2)
    for year in (2025, 2018, 2024):
        bring(FILES / f"provider_level_at_31_march_{year}.csv")
    assert changes() == []
    assert work() == []


def test_a_first_load_of_years_of_lists_writes_to_nobody(client, southwark, tmp_path):
    """Inadequate since October 2024, in a list that came in April 2026: it waits for a decision, in no inbox."""
    bring(FILES / "provider_level_at_31_march_2024.csv")
    bring(listing(tmp_path, 2025, (GOOD, GOOD.replace(b"Good", b"Inadequate"))))
    live(southwark, HOME, 2)
    inbox_of(southwark)
    assert "quality.tell_of_file" in work()
    assert announced() == []
    (change,) = changes(worse=True, kind="judgement")
    assert (alerts_of(southwark), mails_to(southwark)) == ([], [])
    client.force_login(officer(southwark))
    html = shown(client, change)[2]
    assert "2 wait for a decision" in html
    assert "so nobody was written to" in html
    assert "2 children of ours live there" in client.get("/inspections/changes/").content.decode()
    # Nor is anybody written to about what an officer hears years later, and the officer is told so.
    with acting_as(SERVICE, by=BY):
        Inspection.objects.filter(establishment=home()).update(overall="good")
    day = date(2025, 11, 3)
    at = reverse("hear-judgement", args=[home().uuid])
    page = client.post(at, typed(day, overall="inadequate"), follow=True).content.decode()
    assert "stands on the list of changes. It had been public for more than three months" in page
    work()
    assert alerts_of(southwark) == []
    heard_on = date(2026, 5, 4)
    for public_on, watched_since, news in (
        (date(2026, 2, 1), None, True), (date(2026, 1, 31), None, False), (date(2026, 1, 31), date(2026, 4, 20), False),
        (date(2025, 5, 1), date(2025, 5, 1), True), (date(2026, 8, 1), None, True),  # a closure that is announced
    ):  # fmt: skip
        assert is_news(public_on=public_on, heard_on=heard_on, watched_since=watched_since) == news, public_on
