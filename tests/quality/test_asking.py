"""A young person is asked by a link, answers on a phone, and reaches a person where they are not safe."""

import re
from datetime import date, timedelta

import pytest
import time_machine
from django.core import mail
from django.db import connection
from django.test import Client

from commissioning.kernel.tenancy.viewer import Viewer, acting_as
from commissioning.partnership.models import NamedRole, Statement
from quality.models import (
    Alert,
    Concern,
    Survey,
    SurveyAnswer,
    SurveyInvitation,
    SurveyQuestion,
    SurveyResponse,
)
from quality.rules.links import BITS, parts_of
from quality.rules.occasions import Turn, months_after, taken, turn_of
from tests.contracts.bought import BY
from tests.contracts.watching import day, own, rows_of, signed_in
from tests.quality.asked import CANARY, HAPPY, UNSAFE, left, link_to, lives, phone, with_surveys
from tests.quality.notified import NOON, TODAY
from tests.reading import text

pytestmark = pytest.mark.django_db(databases=["default", "owner"])
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOON, tick=False) as now:
        yield now


@pytest.fixture
def officer(cast):
    return signed_in(cast.person("quality_officer"))


def named(authority):
    with own(authority):
        NamedRole.objects.create(authority=authority, role="safeguarding", name="Jo Bell", email="lead@south.test")


def rows(authority, model):
    with own(authority):
        return list(model.objects.order_by("pk"))


def test_the_questions_cover_every_statement_at_every_age_in_words_for_nine(cast):
    with_surveys()
    with_surveys()
    with acting_as(Viewer.of_service("tests"), by="service:tests"):
        surveys = list(Survey.objects.in_use())
        statements = set(Statement.objects.values_list("number", flat=True))
        assert [(each.age_from, each.age_to) for each in surveys] == [(4, 7), (8, 11), (12, 15), (16, 25)]
        for survey in surveys:
            asked = list(SurveyQuestion.objects.filter(survey=survey))
            assert {number for each in asked for number in each.statements} == statements == set(range(1, 11))
            assert [each.number for each in asked if each.unsafe] == [1]
            assert 1 <= sum(each.kind == "words" for each in asked) <= 2
            words = " ".join(each.words for each in asked)
            assert "placement" not in words.lower()
            assert "my home" in words
            long = [word for word in re.findall(r"[A-Za-z-]+", words) if len(word) > 11]
            assert not long


def test_one_unsafe_answer_is_followed_from_the_phone_to_closure(cast, officer, django_capture_on_commit_callbacks):
    """The whole way: the words before the first question, the answer, the inbox within the request, the concern, who
    looks after it, the end with its outcome. Nobody else reads any of it."""
    named(cast.authority)
    placement = lives(cast.authority, cast.provider)
    invitation, address = link_to(placement)
    browser = phone()
    before = browser.get(address)
    said = text(before)
    for words in (
        "Who sees your answers?", "The people who look after you in your home do not see your answers",
        "We do not ask your name",
        "we tell a person at once : the safeguarding lead at Southwark council (Jo Bell)", "You can skip any question",
        "0800 1111", "999",
    ):  # fmt: skip
        assert words in said, words
    assert "placement" not in said.lower()
    assert not before.cookies
    assert before["Referrer-Policy"] == "no-referrer"
    assert "no-store" in before["Cache-Control"]
    page = browser.get(f"{address}questions/").content.decode()
    assert "<script" not in page
    assert page.count("I don’t want to say") == 10
    with django_capture_on_commit_callbacks(execute=True):
        thanks = browser.post(f"{address}questions/", UNSAFE)
        assert not mail.outbox
    assert "We have told the safeguarding lead at Southwark council (Jo Bell) now" in text(thanks)
    assert not thanks.cookies
    (sent,) = mail.outbox
    assert sent.to == ["lead@south.test"]
    assert "Someone says that they are not safe where they live: Elm House" in sent.body
    assert CANARY not in sent.body + sent.subject
    (row,), (concern,), (alert,) = (rows(cast.authority, model) for model in (SurveyResponse, Concern, Alert))
    assert (row.concern_id, row.entry, row.answered_by, row.helper) == (concern.pk, "link", "helped", "carer")
    assert row.entered_by_id is None
    assert (concern.source, concern.theme, concern.marking, concern.to_members) == (
        "young_person", "safety", "placing", False,
    )  # fmt: skip
    assert (alert.kind, alert.others, alert.sent_to) == ("answer", False, "lead@south.test")
    assert alert.link in sent.body
    # Sent twice: one response, and nobody is told that the second was kept.
    with django_capture_on_commit_callbacks(execute=True):
        again = browser.post(f"{address}questions/", HAPPY)
    assert again.status_code == 410
    assert "we have what you sent first" in text(again)
    assert len(rows(cast.authority, SurveyResponse)) == len(mail.outbox) == 1
    # The officer reads the alert, which takes it on, and closes the concern with what came of it.
    listed = rows_of(officer.get("/outcomes/not-safe/?format=csv"))
    assert [(each["state"], each["who"], each["days"]) for each in listed] == [("Not read yet", "", "0")]
    assert "Nobody has read the alert yet" in text(officer.get(alert.link))
    assert "One answer of not being safe is not closed" in text(officer.get("/outcomes/asking/"))
    assert officer.post(f"/alerts/{alert.uuid}/", {"save": ""}).status_code == 302
    (listed,) = rows_of(officer.get("/outcomes/not-safe/?format=csv"))
    assert (listed["state"], listed["who"]) == ("Being followed", cast.person("quality_officer").name)
    here = {"version": str(row.version), "followed_how": "x"} | day("followed_on", TODAY)
    assert "A concern stands for this answer" in text(officer.post(f"{alert.link}close/", here))
    assert alert.link in officer.get(f"/concerns/{concern.uuid}/").content.decode()
    closing = {"version": str(concern.version), "outcome": "A lock, and another room"} | day("closed_on", TODAY)
    assert officer.post(f"/concerns/{concern.uuid}/close/", closing).status_code == 302
    assert not rows_of(officer.get("/outcomes/not-safe/?format=csv"))
    (listed,) = rows_of(officer.get("/outcomes/not-safe/?which=closed&format=csv"))
    assert (listed["state"], listed["outcome"]) == ("Closed", "A lock, and another room")
    # Nobody of another authority or of the provider, whichever page they try.
    other, contact = (
        signed_in(cast.person("quality_officer", stranger=True)),
        signed_in(cast.person("provider_contact")),
    )
    for at in (alert.link, f"/concerns/{concern.uuid}/", f"/outcomes/asking/answers/{row.uuid}/"):
        assert other.get(at).status_code == 404
        assert contact.get(at).status_code in (403, 404)
    assert not rows_of(other.get("/outcomes/not-safe/?which=all&format=csv"))


def test_what_is_kept_names_nobody(cast):
    """Every column of every row that the page wrote, and its history: no time of day, address, browser or person."""
    placement = lives(cast.authority, cast.provider)
    _, address = link_to(placement)
    secret = parts_of(address.split("/")[2])[1]
    assert BITS >= 128
    assert phone().post(f"{address}questions/", HAPPY | {"q12": CANARY}).status_code == 200
    tables = ("surveyresponse", "surveyanswer", "surveywords", "surveyinvitation")
    with own(cast.authority), connection.cursor() as cursor:
        for table in tables:
            cursor.execute(f"SELECT row_to_json(t)::text FROM quality_{table} t")
            for (kept,) in cursor.fetchall():
                assert not re.search(rf"203\.0\.113|Canaryphone|{secret}|session", kept), table
            cursor.execute(f"SELECT actor, request_id, row_to_json(e)::text FROM audit.quality_{table} e")
            for actor, request, kept in cursor.fetchall():
                assert actor in ("service:my-home", BY)
                assert actor == BY or not request
                assert not re.search(rf"203\.0\.113|Canaryphone|{secret}|{CANARY}|user:", kept), table
    (row,) = rows(cast.authority, SurveyResponse)
    answers = {(each.question.number, each.value) for each in _answers(cast.authority)}
    assert answers == {(1, 5), (2, 4), (3, 3), (7, None)}
    assert (row.answered_on, row.answered_by, row.helper, row.entered_by_id) == (TODAY, "self", "", None)
    assert (row.provider_id, row.establishment.name, row.service_type) == (
        cast.provider.pk, "Elm House", "residential",
    )  # fmt: skip
    dated = {field.name for field in SurveyResponse._meta.fields if field.get_internal_type() == "DateTimeField"}
    assert dated == {"changed_at"}  # the platform's own stamp of every row


def _answers(authority):
    with own(authority):
        return list(SurveyAnswer.objects.select_related("question"))


def test_links_that_do_not_open_say_kindly_what_to_do(cast, clock, caplog):
    placement = lives(cast.authority, cast.provider)
    invitation, address = link_to(placement)
    browser = phone()
    secret = address.rstrip("/").rpartition("-")[2]
    altered = address.replace(secret, secret[:-1] + ("2" if secret[-1] != "2" else "3"))
    for wrong in (altered, address.replace("southwark", "lewisham"), address.replace("southwark", "nowhere"),
                  "/my-home/x/", f"/my-home/{'a' * 900}/"):  # fmt: skip
        for at in (wrong, f"{wrong}questions/"):
            answer = browser.get(at)
            assert answer.status_code == 404
            assert "You did nothing wrong" in text(answer)
            assert "0800 1111" in text(answer)
    assert browser.post(f"{altered}questions/", HAPPY).status_code == 404
    for at in (f"{address}x/", f"{address}questions/more/"):
        assert browser.get(at).status_code == 404
    assert Client(enforce_csrf_checks=True).post(address).status_code == 403
    assert secret not in caplog.text, "an address that somebody mistyped opens the link all the same"
    assert secret[:-1] not in caplog.text
    # Typed from paper, in capitals.
    assert browser.get(address.upper().replace("/MY-HOME/", "/my-home/")).status_code == 200
    # Off the scale, and far too much: refused, and everything else is still there.
    bad = {"q1": "7", "q2": "4", "q4": "no_say", "q11": "a" * 2001, "helped_by": "advocate"}
    again = browser.post(f"{address}questions/", bad)
    page = again.content.decode()
    assert again.status_code == 200
    assert "Question 1: Pick one of the faces" in text(again)
    assert "Nothing is lost" in text(again)
    for kept in ('id="q2-4" value="4" checked', 'id="q4-no" value="no_say" checked', "a" * 2001,
                 'id="helper-advocate" value="advocate" checked'):  # fmt: skip
        assert kept in page, kept
    assert not rows(cast.authority, SurveyResponse)
    # Nothing picked: asked once, and then taken as it is.
    assert "You have not picked anything yet" in text(browser.post(f"{address}questions/", {}))
    assert not rows(cast.authority, SurveyResponse)
    clock.shift(27 * DAY)
    assert browser.get(address).status_code == 200
    clock.shift(DAY)
    gone = browser.get(address)
    assert (gone.status_code, "Ask your social worker for a new link" in text(gone)) == (410, True)
    assert browser.post(f"{address}questions/", HAPPY).status_code == 410
    # Withdrawn by an officer; used, and opened again.
    second, address = link_to(placement, today=TODAY + 28 * DAY)
    officer = signed_in(cast.person("quality_officer"))  # the other was signed out long ago
    withdraw = f"/outcomes/asking/links/{second.uuid}/withdraw/"
    assert "opens nothing any more" in text(officer.post(withdraw, {"save": ""}, follow=True))
    assert "has closed this link" in text(browser.get(address))
    third, address = link_to(placement, today=TODAY + 28 * DAY)
    assert browser.post(f"{address}questions/", {"sure": "yes"}).status_code == 200
    late = text(browser.post(f"{address}questions/", UNSAFE))
    assert "we did not get those" in late, "not safe, and said too late: nobody was told"
    assert "have told" not in late
    assert "If you do not feel safe, you can tell" in late
    assert "Somebody has answered with this link already" in text(browser.get(address))
    assert "nothing to withdraw" in text(officer.post(f"/outcomes/asking/links/{third.uuid}/withdraw/", {"save": ""}))
    assert len(rows(cast.authority, SurveyResponse)) == 1
    assert not _answers(cast.authority)
    # Tried too often from one place, it waits, even for a code that is right.
    fourth, address = link_to(placement, today=TODAY + 28 * DAY)
    for _ in range(30):
        told = browser.get(altered)
    assert told.status_code == 429
    assert "Wait five minutes" in text(browser.get(address))
    assert browser.get(address, REMOTE_ADDR="203.0.113.8").status_code == 200
    clock.shift(timedelta(seconds=301))
    assert browser.get(address).status_code == 200


def test_a_home_that_has_ended_is_answered_as_on_leaving_for_eight_weeks(cast, clock):
    placement = lives(cast.authority, cast.provider)
    _, address = link_to(placement, occasion="six_weeks", open_for=90)
    left(placement, TODAY)
    clock.shift(55 * DAY)
    assert phone().get(address).status_code == 200
    clock.shift(DAY)
    gone = phone().get(address)
    assert (gone.status_code, "a home that you left a while ago" in text(gone)) == (410, True)
    clock.shift(-DAY)
    assert phone().post(f"{address}questions/", HAPPY).status_code == 200
    (row,) = rows(cast.authority, SurveyResponse)
    assert row.occasion == "leaving"
    # The same by an officer's hand, with words for each.
    officer = signed_in(cast.person("quality_officer"))
    enter = f"/outcomes/asking/{placement.uuid}/enter/"
    typed = {"occasion": "six_months", "answered_by": "self", "q1": "4"}
    for facts, says in (
        (day("answered_on", TODAY + 3 * DAY), "an answer after that is taken as “On leaving” alone"),
        (day("answered_on", TODAY + 60 * DAY), "That day has not come"),
        (day("answered_on", date(2026, 1, 1)), "They had not moved in on that day"),
    ):
        answer = text(officer.post(enter, typed | facts))
        assert says in answer, answer
    on_leaving = typed | {"occasion": "leaving"} | day("answered_on", TODAY + 3 * DAY)
    assert officer.post(enter, on_leaving).status_code == 302
    clock.shift(10 * DAY)
    officer = signed_in(cast.person("quality_officer"))
    late = on_leaving | day("answered_on", TODAY + 57 * DAY)
    assert "more than 8 weeks before" in text(officer.post(enter, late))
    assert len(rows(cast.authority, SurveyResponse)) == 2
    assert officer.post(f"/outcomes/asking/{placement.uuid}/invite/", {
        "occasion": "leaving", "survey": "my-home-12", "open_for": "28"}).status_code == 200  # fmt: skip
    assert not rows(cast.authority, SurveyInvitation)[1:]


def test_an_officer_asks_prints_the_link_and_enters_what_was_said(cast, officer, django_capture_on_commit_callbacks):
    placement = lives(cast.authority, cast.provider)
    listed = rows_of(officer.get("/outcomes/asking/?format=csv"))
    assert [(each["state"], each["occasion"]) for each in listed] == [("To ask", "Six weeks after moving in")]
    form = officer.get(f"/outcomes/asking/{placement.uuid}/invite/")
    assert '<option value="my-home-12" selected>' in form.content.decode()
    made = officer.post(
        f"/outcomes/asking/{placement.uuid}/invite/",
        {"occasion": "six_weeks", "survey": "my-home-12", "open_for": "14"},
    )
    link = re.search(r'id="link">([^<]+)<', made.content.decode())[1]
    code = link.rstrip("/").rpartition("/")[2]
    (invitation,) = rows(cast.authority, SurveyInvitation)
    assert parts_of(code)[1] not in str(vars(invitation))
    assert invitation.ends_before == TODAY + 14 * DAY
    again = officer.post(
        f"/outcomes/asking/{placement.uuid}/invite/",
        {"occasion": "six_weeks", "survey": "my-home-12", "open_for": "14"},
    )
    assert "open already" in text(again)
    paper = officer.post(f"/outcomes/asking/links/{invitation.uuid}/slip/", {"code": code})
    assert paper["Content-Type"] == "application/pdf"
    assert paper.content[:5] == b"%PDF-"
    assert officer.post(f"/outcomes/asking/links/{invitation.uuid}/slip/", {"code": code[:-1] + "?"}).status_code == 400
    assert rows_of(officer.get("/outcomes/asking/?which=open&format=csv"))[0]["state"] == "Link open"
    enter = f"/outcomes/asking/{placement.uuid}/enter/"
    typed = {"occasion": "six_weeks", "answered_by": "behalf", "q1": "2", "q9": "3"} | day("answered_on", TODAY)
    assert "Choose who answered or helped" in text(officer.post(enter, typed))
    nothing = officer.post(enter, {"occasion": "six_weeks", "answered_by": "self"} | day("answered_on", TODAY))
    assert "there is nothing to record" in text(nothing), text(nothing)
    kept = officer.post(enter, typed | {"helped_by": "advocate", "q2": "9"})
    assert "Choose one of the five words" in text(kept)
    assert re.search(r'<input(?=[^>]*name="q9")(?=[^>]*value="3")[^>]*checked', kept.content.decode())
    with django_capture_on_commit_callbacks(execute=True):
        done = officer.post(enter, typed | {"helped_by": "advocate", "q11": CANARY}, follow=True)
    assert "One of them is of not being safe" in text(done)
    assert len(mail.outbox) == 1
    (row,) = rows(cast.authority, SurveyResponse)
    assert (row.answered_by, row.helper, row.entry, row.entered_by_id) == (
        "behalf", "advocate", "officer", cast.person("quality_officer").pk,
    )  # fmt: skip
    assert row.concern_id
    assert rows_of(officer.get("/outcomes/asking/?which=done&format=csv"))[0]["state"] == "Answered"


def test_an_unsafe_answer_of_a_home_without_a_provider_is_followed_by_itself(cast, officer):
    placement = lives(cast.authority, None, provider_name="", in_house=True)
    _, address = link_to(placement)
    assert phone().post(f"{address}questions/", {"q1": "2"}).status_code == 200
    assert not rows(cast.authority, Concern)
    (alert,) = rows(cast.authority, Alert)
    (row,) = rows(cast.authority, SurveyResponse)
    entered = {"occasion": "other", "answered_by": "self", "q1": "1"} | day("answered_on", TODAY)
    said = officer.post(f"/outcomes/asking/{placement.uuid}/enter/", entered, follow=True)
    assert "One of them is of not being safe: people are told" in text(said)
    assert len(rows(cast.authority, Alert)) == 2
    close = {"version": str(row.version), "followed_how": ""} | day("followed_on", TODAY)
    assert "Say what came of it" in text(officer.post(f"{alert.link}close/", close))
    assert officer.post(f"{alert.link}close/", close | {"followed_how": "We moved them"}).status_code == 302
    (listed,) = rows_of(officer.get("/outcomes/not-safe/?which=closed&format=csv"))
    assert listed["outcome"] == "We moved them"


def test_turns_follow_the_day_of_moving_in():
    """Against a walk through every day that asks the rule in words."""
    start = date(2024, 8, 31)
    assert months_after(start, 6) == date(2025, 2, 28)
    due = [("six_weeks", start + timedelta(days=42))]
    due += [("six_months", months_after(start, months)) for months in (6, 12, 18)]
    for number in range(650):
        today = start + timedelta(days=number)
        come = [Turn(*each) for each in due if each[1] - timedelta(days=14) <= today]
        if today < months_after(start, 24) - timedelta(days=14):
            assert turn_of(start, None, today) == (come[-1] if come else None), today
    end = date(2025, 3, 1)
    for number in range(-3, 60):
        turn = turn_of(start, end, end + timedelta(days=number))
        assert (turn == Turn("leaving", end)) == (0 <= number < 56)
    assert taken(Turn("six_weeks", end), [end - timedelta(days=14)])
    assert not taken(Turn("six_weeks", end), [end - timedelta(days=15)])
