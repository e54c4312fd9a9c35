"""The ladder with a provider: letters and notices, their deadlines, who reads them, and when to consider the end."""

from datetime import date, datetime, timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from quality.models import Escalation
from quality.rules.ladder import consider_termination, counted
from tests.contracts.watching import day, own, rows_of, signed_in
from tests.quality.notified import NOON, TODAY, home
from tests.reading import text

pytestmark = pytest.mark.django_db(databases=["default", "owner"])
LIST, NEW = "/concerns/escalations/", "/concerns/escalations/new/"


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOON, tick=False) as now:
        yield now


@pytest.fixture
def officer(cast):
    return signed_in(cast.person("quality_officer"))


def typed(**more):
    return {
        "stage": "default_notice", "provider": "Alder Fostering", "reason": "Notices of events came late",
        **day("sent_on", TODAY), **day("deadline_on", date(2026, 5, 4)),
    } | more  # fmt: skip


def sent(officer, **more):
    answer = officer.post(NEW, typed(**more))
    assert answer.status_code == 302, text(answer)
    return answer["Location"]


def test_a_withdrawn_notice_stays_and_is_not_counted():
    notice, letter = ("default_notice", "open"), ("concern_letter", "open")
    five = [notice, letter, ("default_notice", "met"), ("default_notice", "missed"), notice, notice]
    assert counted(five) == 5
    assert consider_termination(five)
    assert not consider_termination([*five[1:], ("default_notice", "withdrawn")])


def test_the_provider_reads_its_own_and_members_what_is_shared(cast, officer, clock):
    home(cast.provider)
    page = sent(officer, home="SC900101")
    contact = signed_in(cast.person("provider_contact"))
    rival = signed_in(cast.person("provider_contact", stranger=True))
    theirs = signed_in(cast.person("quality_officer", stranger=True))
    assert "To be put right by 4 May 2026: in 14 days" in text(contact.get(page))
    assert "1 step is open, none past its deadline" in text(contact.get(LIST))
    for other in (rival, theirs):
        assert other.get(page).status_code == 404
        assert "No letters or notices yet" in text(other.get(LIST))
    with own(cast.authority):
        row = Escalation.objects.get()
    assert "Every member would read" in text(officer.get(f"{page}share/"))
    assert officer.post(f"{page}share/", {"version": str(row.version)}).status_code == 302
    assert "Notices of events came late" in text(theirs.get(page))
    assert theirs.get(f"{page}end/").status_code == 403
    clock.move_to(timezone.make_aware(datetime(2026, 5, 5, 9)))
    officer.force_login(cast.person("quality_officer"))
    contact.force_login(cast.person("provider_contact"))
    assert "is over. Was it put right?" in text(officer.get(page))
    assert "1 step is open, 1 past its deadline" in text(contact.get(LIST))
    read = {"version": str(row.version + 1), "state": "withdrawn", **day("ended_on", date(2026, 5, 5))}
    assert "Say what happened" in text(officer.post(f"{page}end/", read))
    assert officer.post(f"{page}end/", read | {"why": "It had been sent in error"}).status_code == 302
    assert "Withdrawn on 5 May 2026: It had been sent in error" in text(contact.get(page))
    assert [row["state"] for row in rows_of(officer.get(f"{LIST}?which=all&format=csv"))] == ["Withdrawn"]
    assert "has ended already" in text(officer.post(f"{page}end/", read | {"why": "Again"}))


@pytest.mark.parametrize(("more", "says"), [
    ({"deadline_on_0": "", "deadline_on_1": "", "deadline_on_2": ""}, "A default notice has a deadline"),
    (day("deadline_on", TODAY), "The deadline comes after the day"), ({"reason": ""}, "Say why"),
    (day("sent_on", TODAY + timedelta(days=1)), "That day has not come"),
    ({"provider": "Nobody at all"}, "No provider is recorded"), ({"home": "SC900102"}, "That home is another provider"),
])  # fmt: skip
def test_what_is_refused_keeps_what_was_typed(cast, officer, more, says):
    home(cast.rival, "SC900102", name="Birch House")
    answer = officer.post(NEW, typed(**more))
    assert says in text(answer)
    with own(cast.authority):
        assert not Escalation.objects.exists()


def test_five_notices_prompt_and_the_list_costs_the_same(cast, officer):
    def cost():
        with CaptureQueriesContext(connection) as seen:
            assert officer.get(LIST).status_code == 200
        return len(seen)

    sent(officer, stage="concern_letter", deadline_on_0="", deadline_on_1="", deadline_on_2="")
    pages = [sent(officer) for _ in range(4)]
    assert "Consider termination" not in text(officer.get(LIST))
    few = cost()
    pages.append(sent(officer))
    assert "Consider termination. Alder Fostering has 5 default notices that stand" in text(officer.get(LIST))
    assert "Consider termination. 5 default notices" in text(officer.get(pages[0]))
    assert "Consider termination" not in text(signed_in(cast.person("provider_contact")).get(LIST))
    with own(cast.authority):
        for _ in range(45):
            Escalation.objects.create(
                authority=cast.authority, provider=cast.rival, stage="concern_letter", reason="Late", sent_on=TODAY
            )
    assert cost() == few
