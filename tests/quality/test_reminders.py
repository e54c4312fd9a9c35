"""Reminders that people tune, once a day at most; and a calendar that says no more than it should."""

import re
import smtplib
from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.core import mail
from django.test import Client
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from quality.actions import remind
from quality.actions.remind import send_reminders
from quality.jobs import send_reminders_job
from quality.models import ContractMeeting, ImprovementAction, ReminderSetting, Visit
from quality.rules.ical import Entry, calendar_text, escaped, folded
from quality.rules.reminders import KINDS, kept
from tests.quality.meeting import meeting_in
from tests.quality.visiting import (
    SECRET,
    again,
    home_of,
    own,
    planned,
    published,
    recorded,
    replied,
    sent,
    with_plan,
)
from tests.reading import text

pytestmark = pytest.mark.django_db(databases=["default", "owner"])
MONDAY = date(2026, 4, 20)
NOON = timezone.make_aware(datetime(2026, 4, 20, 12, 0))
SEND = {"save": "Save"}


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOON, tick=False) as now:
        yield now


def signed_in(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


def inbox(today: date) -> dict[str, str]:
    """What goes that day, by address."""
    mail.outbox.clear()
    sent_ = send_reminders(today=today)
    assert sent_ == len(mail.outbox)
    found = {message.to[0]: message.body for message in mail.outbox}
    assert len(found) == len(mail.outbox), "one e-mail to each person"
    return found


def at(body: str) -> set[str]:
    return set(re.findall(r"^(House \w+|Elm House)", body, re.MULTILINE))


QUALITY, CONTACT = "quality_officer@southwark.test", "provider_contact@alder.test"


def a_little_of_everything(cast) -> None:
    officer, contact = cast.person("quality_officer"), cast.person("provider_contact")
    long_ago = MONDAY - timedelta(days=10)

    def plan(name, day=MONDAY, **facts):
        return planned(cast, home=home_of(cast.provider, f"House {name}"), day=day, today=day, **facts)

    plan("Missed", long_ago)
    recorded(plan("Draft", long_ago), at=NOON - timedelta(days=10))
    recorded(plan("Fresh"))
    for name, days in (("Early", 5), ("Soon", 11), ("Late", 20)):
        sent(again(recorded(plan(name))), by=officer, now=NOON - timedelta(days=days))
    answered = recorded(plan("Answered"))
    sent(again(answered), by=officer)
    replied(answered, by=contact)
    published(cast, home=home_of(cast.provider, "House Unplanned"), at=NOON - timedelta(days=20))
    with_plan(published(cast, home=home_of(cast.provider, "House Proposed")), cast, agreed=False)
    with_plan(published(cast, home=home_of(cast.provider, "House Working")), cast)
    made = with_plan(published(cast, home=home_of(cast.provider, "House Overdue")), cast)
    with own(cast.authority):
        ImprovementAction.objects.filter(pk=made[0].pk).update(due_on=MONDAY - timedelta(days=2))
    theirs = planned(cast, home=home_of(cast.provider, "House Theirs"), authority=cast.other, announced=False)
    recorded(theirs, at=NOON - timedelta(days=10))


def test_each_person_is_told_what_is_theirs_once_a_day(cast):
    a_little_of_everything(cast)
    told = inbox(MONDAY)
    assert set(told) == {QUALITY, CONTACT, "quality_officer@lewisham.test"}
    assert at(told[QUALITY]) == {
        "House Missed", "House Draft", "House Soon", "House Late", "House Answered", "House Unplanned",
        "House Proposed", "House Overdue",
    }  # fmt: skip
    assert at(told[CONTACT]) == {"House Soon", "House Late", "House Unplanned", "House Overdue"}
    assert at(told["quality_officer@lewisham.test"]) == {"House Theirs"}
    assert "overdue" in told[CONTACT]
    for body in told.values():
        assert SECRET not in body
        assert "Shared finding" not in body
    assert inbox(MONDAY) == {}, "once a day at most"
    assert QUALITY in inbox(MONDAY + timedelta(days=1))
    ReminderSetting.objects.update(sent_on=None)
    mail.outbox.clear()
    send_reminders_job(timestamp=0)
    assert {message.to[0] for message in mail.outbox} == set(told), "the job does the same"


def test_reminders_are_tuned_by_each_person(cast):
    a_little_of_everything(cast)
    client = signed_in(cast.person("quality_officer"))
    page = text(client.get("/visits/reminders/"))
    assert "One e-mail in the morning at most, with visits that you lead." in page
    chosen = dict.fromkeys(KINDS, "off") | {"reply": "weekly"}
    assert "Select a valid choice" in text(client.post("/visits/reminders/", chosen | {"plan": "hourly"}))
    assert client.post("/visits/reminders/", chosen).status_code == 302
    monday = inbox(MONDAY)
    assert at(monday[QUALITY]) == {"House Soon", "House Late", "House Answered"}
    assert at(monday[CONTACT]) == {"House Soon", "House Late", "House Unplanned", "House Overdue"}, (
        "another's is its own"
    )
    for days in range(1, 7):
        assert QUALITY not in inbox(MONDAY + timedelta(days=days))
    assert QUALITY in inbox(MONDAY + timedelta(days=7))
    client.post("/visits/reminders/", dict.fromkeys(KINDS, "off"))
    assert "You are reminded of nothing." in text(client.get("/visits/reminders/"))
    assert QUALITY not in inbox(MONDAY + timedelta(days=14))


def test_a_lead_who_has_left_is_stood_in_for_and_a_refused_post_is_tried_again(cast, monkeypatch):
    visit = recorded(planned(cast, lead=cast.person("commissioning_officer")), at=NOON - timedelta(days=5))
    assert set(inbox(MONDAY)) == {"commissioning_officer@southwark.test"}
    person = cast.person("commissioning_officer")
    with own(cast.authority):
        person.is_active = False
        person.save(update_fields=["is_active"])
    plain = remind.send_mail

    def refuse(*args, **kwargs):
        raise smtplib.SMTPServerDisconnected("the post is away")

    monkeypatch.setattr(remind, "send_mail", refuse)
    assert send_reminders(today=MONDAY + timedelta(days=1)) == 0
    monkeypatch.setattr(remind, "send_mail", plain)
    assert set(inbox(MONDAY + timedelta(days=1))) == {QUALITY}, f"{visit}: what was not sent is tried again"


def test_contract_meetings_are_told_of_before_and_after_their_day(cast):
    tomorrow, week = MONDAY + timedelta(days=1), MONDAY + timedelta(days=7)
    meeting = meeting_in(cast, "planned", tomorrow)
    told = inbox(MONDAY)
    assert [message.subject for message in mail.outbox] == ["Contract meetings: 1 thing needs a look"] * len(told)
    assert "Contract meeting with Alder Fostering: on 21 April 2026\n  http" in told[QUALITY].replace("\xa0", " ")
    assert "Contract meeting with Southwark: on 21 April 2026" in told[CONTACT].replace("\xa0", " ")
    assert not [body for body in told.values() if "Actions that are open" in body]  # nothing of the agenda
    assert not {"quality_officer@lewisham.test", "provider_contact@birch.test"} & set(told)
    after = inbox(tomorrow + timedelta(days=1))
    assert "say that it was held, or move it" in after[QUALITY]
    assert CONTACT not in after
    with own(cast.authority):
        ContractMeeting.objects.filter(pk=meeting.pk).update(state="held", held_on=tomorrow)
    assert not inbox(week)
    assert "its minutes are not finished" in inbox(week + timedelta(days=2))[QUALITY]
    signed_in(cast.person("quality_officer")).post("/visits/reminders/", dict.fromkeys(KINDS, "off"))
    assert QUALITY not in inbox(week + timedelta(days=3))


def test_what_is_off_is_not_sent():
    lines = {"draft": ["a"], "reply": ["b"], "plan": []}
    assert kept(lines, {}, MONDAY) == {"draft": ["a"], "reply": ["b"]}
    assert kept(lines, {"draft": "off", "reply": "weekly"}, MONDAY) == {"reply": ["b"]}
    assert kept(lines, {"draft": "off", "reply": "weekly"}, MONDAY + timedelta(days=1)) == {}


# The calendar


def unfolded(calendar: str) -> list[str]:
    """As section 3.1 says: a line end and a space are taken out."""
    return calendar.replace("\r\n ", "").split("\r\n")


def plain(value: str) -> str:
    return re.sub(r"\\(.)", lambda found: "\n" if found[1] in "nN" else found[1], value)


@given(st.text(max_size=200))
def test_any_text_is_escaped_and_folded_and_reads_back(words):
    line = f"SUMMARY:{escaped(words)}"
    parts = folded(line).split("\r\n")
    assert all(len(part.encode()) <= 75 for part in parts)
    assert all(part.startswith(" ") for part in parts[1:])
    (back,) = unfolded("\r\n".join(parts))
    expected = words.replace("\r\n", "\n").replace("\r", "\n")
    expected = "".join(each for each in expected if each == "\n" or (each >= " " and each != "\x7f"))
    assert plain(back.removeprefix("SUMMARY:")) == expected


def test_an_entry_is_a_whole_day():
    entry = Entry(
        "k@v", date(2026, 2, 28), "Visit; Elm, House", datetime(2026, 1, 1, 9, tzinfo=UTC), 3, link="http://x/"
    )
    lines = unfolded(calendar_text("Visits: Southwark", [entry]))
    assert lines[0] == "BEGIN:VCALENDAR"
    assert {"VERSION:2.0", "UID:k@v", "SEQUENCE:3", "DTSTART;VALUE=DATE:20260228", "DTEND;VALUE=DATE:20260301",
            r"SUMMARY:Visit\; Elm\, House", "DTSTAMP:20260101T090000Z"} <= set(lines)  # fmt: skip
    assert lines[-2:] == ["END:VCALENDAR", ""]


def link_of(client: Client) -> str:
    client.post("/visits/reminders/calendar/", {"what": "new"})
    page = client.get("/visits/reminders/").content.decode()
    return re.search(r'value="[^"]*(/visits/calendar\.ics\?key=[^"]+)"', page)[1]


def events(answer) -> list[dict[str, str]]:
    assert answer["Content-Type"] == "text/calendar; charset=utf-8"
    found: list[dict[str, str]] = []
    for line in unfolded(answer.content.decode()):
        name, _, value = line.partition(":")
        if line == "BEGIN:VEVENT":
            found.append({})
        elif found:
            found[-1][name] = plain(value)
    return found


def test_a_calendar_is_read_by_a_link_that_its_owner_revokes(cast):
    a_little_of_everything(cast)
    secret = planned(cast, home=home_of(cast.provider, "House Unannounced"), announced=False, day=MONDAY)
    planned(cast, home=home_of(cast.provider, "House Theirs Too"), authority=cast.other, announced=False, day=MONDAY)
    client, anybody = signed_in(cast.person("quality_officer")), Client()
    link = link_of(client)
    mine = events(anybody.get(link))
    assert mine == events(client.get(link)), "signed in or not, the key says who looks"
    says = [each["SUMMARY"] for each in mine]
    assert "Site visit: House Unannounced" in says
    assert "Reply due on the visit to House Late" in says
    assert "Plan of action due: House Unplanned" in says
    assert says.count("Action due: House Overdue") == 2
    assert not any("House Theirs" in each for each in says), "another borough's is not ours"
    assert len({each["UID"] for each in mine}) == len(mine)
    contact = signed_in(cast.person("provider_contact"))
    theirs = anybody.get(link_of(contact))
    listed = theirs.content.decode().replace("\r\n ", "")
    assert "Reply due on the visit to House Late" in listed
    assert "House Missed" in listed, "it was announced"
    for hidden in ("Unannounced", "House Theirs", "Re-visit", SECRET, "Shared finding", str(secret.uuid)):
        assert hidden not in listed, hidden
    rival = events(anybody.get(link_of(signed_in(cast.person("provider_contact", stranger=True)))))
    assert rival == []
    # Moved: the same entry, newer. Called off: said so.
    with own(cast.authority):
        Visit.objects.filter(pk=secret.pk).update(planned_on=MONDAY + timedelta(days=3), state="cancelled")
    (moved,) = [each for each in events(anybody.get(link)) if "Unannounced" in each["SUMMARY"]]
    (before,) = [each for each in mine if "Unannounced" in each["SUMMARY"]]
    assert (moved["UID"], moved["STATUS"]) == (before["UID"], "CANCELLED")
    assert int(moved["SEQUENCE"]) > int(before["SEQUENCE"])
    # A new link, a revoked one, an altered one, a person who has left.
    newer = link_of(client)
    assert newer != link
    for wrong in (link, f"{newer}x", "/visits/calendar.ics?key=" + "0" * 32):
        answer = anybody.get(wrong)
        assert (answer.status_code, "no longer works" in answer.content.decode()) == (404, True)
    assert events(anybody.get("/visits/calendar.ics")) == []
    client.post("/visits/reminders/calendar/", {"what": "revoke"})
    assert anybody.get(newer).status_code == 404
    last = link_of(client)
    person = cast.person("quality_officer")
    with own(cast.authority):
        person.is_active = False
        person.save(update_fields=["is_active"])
    assert anybody.get(last).status_code == 404
    assert ReminderSetting.objects.count() == 3
