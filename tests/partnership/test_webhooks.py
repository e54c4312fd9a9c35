"""Webhooks: what is told to whom, signed how, tried again when, given up, sent again; and their pages."""

import base64
import json
import re
from contextlib import contextmanager
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
import time_machine
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.hmac import HMAC
from django.core import mail
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from commissioning.kernel.sealing import NotOurs
from commissioning.kernel.tenancy.viewer import Viewer, acting_as
from commissioning.partnership import receiving
from commissioning.partnership.actions import tell_webhooks as telling
from commissioning.partnership.actions.announce import announce
from commissioning.partnership.actions.tell_webhooks import sweep_webhooks, tell_webhooks
from commissioning.partnership.actions.webhooks import (
    make_webhook,
    pause,
    replay_since,
    resume,
    revoke_webhook,
    rotate_secret,
    secrets_of,
    send_test,
)
from commissioning.partnership.jobs import sweep_webhooks_job, tell_webhooks_again_job, tell_webhooks_job
from commissioning.partnership.models import Authority, User, Webhook, WebhookDelivery, WebhookEvent
from commissioning.partnership.rules import webhooks as rules
from tests.contracts.watching import day, own, signed_in
from tests.partnership.telling import Clock, announced
from tests.quality import visiting
from tests.reading import text
from tests.receiver import receiver

pytestmark = pytest.mark.django_db(databases=["default", "owner"])
NOON = timezone.make_aware(datetime(2026, 4, 20, 12, 0))
LIST = "/accounts/webhooks/"
EVERY = tuple(rules.KINDS)


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOON, tick=False):
        yield Clock(NOON)


@pytest.fixture
def there():
    with receiver() as found:
        yield found


@pytest.fixture
def admin(cast):
    return cast.person("authority_administrator")


def made(cast, address, *, name="warehouse", kinds=EVERY, stranger=False, at=NOON):
    """(webhook, secret) of Southwark, or of Lewisham."""
    with cast.acting("authority_administrator", stranger=stranger) as by:
        return make_webhook(authority=by.authority, name=name, address=address, kinds=kinds, at=at, by=by)


def happens(authority, count=1, kind="visit.published", at=NOON):
    with own(authority):
        return announce(kind=kind, resource="visits", about=[uuid4() for _ in range(count)], at=at)


def log(authority, **which):
    with own(authority):
        return list(WebhookDelivery.objects.filter(**which).select_related("event", "webhook").order_by("pk"))


def states(authority):
    return [(row.state, row.attempt, row.status) for row in log(authority)]


@contextmanager
def doing(cast, webhook):
    """The administrator acting, with the webhook as it is now."""
    with cast.acting("authority_administrator") as by:
        yield Webhook.objects.get(pk=webhook.pk), by


def signed_by(got, secret):
    """By the cryptography library, not by ours: which of the signatures are of this secret."""
    found = []
    for each in got.headers["webhook-signature"].split():
        version, _, signature = each.partition(",")
        check = HMAC(base64.b64decode(secret.split("_")[1]), SHA256())
        check.update(b".".join((got.id.encode(), got.headers["webhook-timestamp"].encode(), got.body)))
        try:
            check.verify(base64.b64decode(signature))
        except InvalidSignature:
            continue
        found.append(version)
    return found


# How a message is written and signed.


def test_a_signature_is_that_of_standard_webhooks():
    """The published example of the specification, and the lines that the page gives to receivers."""
    secret, body, at = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", b'{"test": 2432232314}', 1614265330
    id_ = "msg_p5jXN8AQM9LWM0D4loKWxJek"
    right = rules.signature(secret, id_, at, body)
    assert right == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    headers = {"webhook-id": id_, "webhook-timestamp": str(at), "webhook-signature": f"v1,AAAA {right}"}
    assert receiving.is_ours(secret, headers, body, now=at + 299)
    assert not receiving.is_ours(secret, headers, body, now=at + 301)
    assert not receiving.is_ours(secret, headers, body + b" ", now=at)
    assert not receiving.is_ours("whsec_" + base64.b64encode(b"x" * 32).decode(), headers, body, now=at)
    assert not receiving.is_ours(secret, headers | {"webhook-id": "other"}, body, now=at)
    assert not receiving.is_ours(secret, headers | {"webhook-signature": right.replace("v1,", "v0,")}, body, now=at)


def test_a_message_says_which_row_and_nothing_of_it(cast, there, clock, settings):
    settings.SITE_URL = "https://platform.example"
    hook, secret = made(cast, there.address)
    (event,) = happens(cast.other)
    tell_webhooks(clock=clock)
    (got,) = there.got
    assert json.loads(got.body) == {
        "type": "visit.published",
        "timestamp": "2026-04-20T11:00:00+00:00",
        "data": {
            "resource": "visits", "id": str(event.about),
            "address": f"https://platform.example/api/v1/visits/{event.about}/",
        },
    }  # fmt: skip
    assert (got.id, got.headers["content-type"]) == (str(event.uuid), "application/json")
    assert signed_by(got, secret) == ["v1"]
    assert receiving.is_ours(secret, got.headers, got.body)
    assert states(cast.authority) == [("delivered", 1, 200)]
    with own(cast.authority):
        assert secret not in hook.secret
        stored = Webhook.objects.values_list("secret", flat=True).get()
        assert secrets_of(hook, NOON) == [secret]
    assert stored.encode() != base64.b64decode(secret.split("_")[1])
    settings.REFERENCE_KEY = "another installation's"
    with own(cast.authority), pytest.raises(NotOurs):
        secrets_of(hook, NOON)


# To whom, and how often.


def test_every_member_is_told_of_what_it_asked_for_once_and_nobody_else(cast, clock, greenwich):
    """Two members and one that has left; a visit published by the road of people, and what another kind asks for."""
    with receiver() as ours, receiver() as theirs, receiver() as left:
        made(cast, ours.address)
        made(cast, theirs.address, stranger=True)
        made(cast, theirs.address, name="releases alone", kinds=["release.published"], stranger=True)
        leaver = User.objects.create_user("a@greenwich.test", role="authority_administrator", authority=greenwich)
        with acting_as(leaver.viewer, by=leaver):
            make_webhook(authority=greenwich, name="old", address=left.address, kinds=EVERY, at=NOON, by=leaver)
        with acting_as(Viewer.of_service("tests"), by="service:tests"):
            Authority.objects.filter(pk=greenwich.pk).update(member_until=NOON.date())
        visit = visiting.published(cast, at=NOON)
        assert announced() == [("visit.published", "visits", visit.uuid)]
        for _ in range(2):
            assert tell_webhooks(clock=clock) is False
            telling.spread([cast.authority.pk, cast.other.pk], clock.on(minutes=1))
        assert [json.loads(got.body)["data"]["id"] for got in (*ours.got, *theirs.got)] == [str(visit.uuid)] * 2
        assert not left.got
    assert len(log(cast.authority)) == len(log(cast.other)) == 1
    with acting_as(cast.person("provider_contact").viewer, by="service:tests"):
        assert not WebhookEvent.objects.exists()


def test_what_is_rolled_back_is_not_told_and_what_is_saved_has_its_job(cast):
    """Row, event and job are of one transaction; two alike in one transaction are two events."""
    queued = ProcrastinateJob.objects.filter(queue_name="webhooks")
    with own(cast.authority):
        before = queued.count()
        with transaction.atomic():
            announce(kind="visit.published", resource="visits", about=[uuid4()], at=NOON)
            assert queued.count() == before + 1
            transaction.set_rollback(True)
        assert queued.count() == before
    assert announced() == []
    happens(cast.authority, 2)
    with own(cast.authority):
        assert queued.count() == before + 1
        with pytest.raises(ValueError, match="no webhook asks for"):
            announce(kind="rates.changed", resource="rates", about=[uuid4()], at=NOON)
        announce(kind="visit.published", resource="visits", about=[], at=NOON)
        assert queued.count() == before + 1
    assert len(announced()) == 2


def test_jobs_do_it_and_begin_again_where_more_is_due(cast, there, monkeypatch):
    monkeypatch.setattr(telling, "IN_A_ROUND", 2)
    made(cast, there.address)
    happens(cast.authority, 3)
    with own(cast.authority):
        before = ProcrastinateJob.objects.filter(task_name="partnership.tell_webhooks").count()
    tell_webhooks_again_job(timestamp=0)
    assert len(there.got) == 2
    with own(cast.authority):
        assert ProcrastinateJob.objects.filter(task_name="partnership.tell_webhooks").count() == before + 1
    tell_webhooks_job()
    assert len({got.id for got in there.got}) == len(there.got) == 3
    with time_machine.travel(NOON + timedelta(days=32), tick=False):
        sweep_webhooks_job(timestamp=0)
    assert log(cast.authority) == announced() == []


def test_who_dies_between_sending_and_noting_is_followed_by_another(cast, there, clock, monkeypatch):
    made(cast, there.address)
    happens(cast.authority)
    monkeypatch.setattr(telling, "_note", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        tell_webhooks(clock=clock)
    monkeypatch.undo()
    assert states(cast.authority) == [("waiting", 1, None)]
    tell_webhooks(clock=clock)  # it is still claimed by who died
    assert len(there.got) == 1
    clock.on(minutes=2)
    tell_webhooks(clock=clock)
    first, second = there.got
    assert (first.id, first.body) == (second.id, second.body)
    assert states(cast.authority) == [("delivered", 1, 200)]
    with own(cast.authority):
        telling._note(log(cast.authority)[0].pk, 500, "late", clock())  # the one thought dead comes back
    assert states(cast.authority) == [("delivered", 1, 200)]


def test_one_that_does_not_answer_holds_nobody_else_up(cast, there, clock, monkeypatch):
    """It is left after the first failure; another authority's, broken altogether, is told of when all are done."""
    with receiver() as broken:
        broken.answers = [503]
        made(cast, broken.address, name="broken")
        made(cast, there.address, name="works")
        made(cast, there.address, name="theirs", stranger=True)
        happens(cast.authority, 3)
        tell_webhooks(clock=clock)
        assert (len(broken.got), len(there.got)) == (1, 6)
    happens(cast.authority)
    plain = telling._due
    monkeypatch.setattr(telling, "_due", lambda pk, now: 1 / 0 if pk == cast.authority.pk else plain(pk, now))
    with pytest.raises(ZeroDivisionError):
        tell_webhooks(clock=clock)
    assert len(there.got) == 7


# Tried again, given up, gone.


def test_it_is_tried_again_ever_more_seldom_then_given_up_and_its_maker_is_told_once(cast, there, clock, admin):
    there.answers = [(500, {}, b"<h1>Down</h1>")]
    hook, secret = made(cast, there.address)
    happens(cast.authority, 2)
    waits, last = [], None
    telling.spread([cast.authority.pk], NOON)
    while waiting := log(cast.authority, state="waiting"):
        clock.now = max(clock.now, min(row.due_at for row in waiting))
        before = len(log(cast.authority, state__in=("failed", "given_up")))
        tell_webhooks(clock=clock)
        assert len(log(cast.authority, state__in=("failed", "given_up"))) == before + 1  # one, then it is left
    first = min(row.event_id for row in log(cast.authority))
    for row in log(cast.authority, event=first):
        assert (row.error, row.status) == ("It answered with an error (500). It said: <h1>Down</h1>", 500)
        if last is not None:
            waits.append((row.at - last) / rules.WAITS[len(waits)])
        last = row.at
    assert [row.attempt for row in log(cast.authority, event=first)] == list(range(1, rules.TRIES + 1))
    assert all(0.79 < each < 1.21 for each in waits)
    assert len(waits) == 7
    assert timedelta(hours=28) < last - NOON < timedelta(hours=44)
    assert {got.body for got in there.got if got.id == there.got[0].id} == {there.got[0].body}
    assert len({got.id for got in there.got}) == 2
    assert all(signed_by(got, secret) == ["v1"] for got in there.got)
    assert len({got.headers["webhook-timestamp"] for got in there.got}) > 7
    (told,) = mail.outbox  # of two given up, within a day
    assert (told.to, told.subject) == ([admin.email], "Webhook not answered: warehouse")
    assert f"{LIST}{hook.uuid}/" in told.body
    assert there.address not in told.body
    page = text(signed_in(admin).get(f"{LIST}{hook.uuid}/"))
    assert "2 messages were given up after 8 attempts" in page
    assert "warehouse: the last message was not taken" in text(signed_in(admin).get(LIST))
    there.answers = [204]
    with doing(cast, hook) as (row, by):
        assert replay_since(webhook=row, since=NOON, at=clock(), by=by) == 2
        assert replay_since(webhook=row, since=NOON, at=clock(), by=by) == 0  # they wait to be sent already
    there.take()
    tell_webhooks(clock=clock)
    assert {got.id for got in there.got} == {str(row.event.uuid) for row in log(cast.authority)}
    assert [(row.replay, row.attempt, row.state) for row in log(cast.authority)[-2:]] == [(1, 1, "delivered")] * 2
    assert "were given up" not in text(signed_in(admin).get(f"{LIST}{hook.uuid}/"))


@pytest.mark.parametrize(("attempt", "hours"), [(1, Decimal(1) / 60), (4, 2), (7, 18), (8, None)])
def test_the_wait_after_an_attempt(attempt, hours):
    if hours is None:
        assert rules.wait(attempt, Decimal(0)) is None
        return
    low, middle, high = (rules.wait(attempt, Decimal(chance)) for chance in ("0", "0.5", "1"))
    assert middle == timedelta(seconds=int(hours * 3600))
    assert (low, high) == (middle * 4 / 5, middle * 6 / 5)


def test_gone_for_good_pauses_it_and_loses_nothing(cast, there, clock, admin):
    there.answers = [410]
    hook, _ = made(cast, there.address)
    happens(cast.authority, 2)
    tell_webhooks(clock=clock)
    clock.on(hours=1)
    happens(cast.other, at=clock())
    tell_webhooks(clock=clock)
    assert len(there.take()) == 1
    assert [row.state for row in log(cast.authority)] == ["gone", "waiting", "waiting", "waiting"]
    assert [told.subject for told in mail.outbox] == ["Webhook paused: warehouse"]
    assert "its receiver answered that it is gone" in text(signed_in(admin).get(LIST))
    there.answers = [200]
    with doing(cast, hook) as (row, by):
        assert (row.paused_at, row.paused_why) == (NOON, "gone")
        resume(webhook=row, by=by)
    tell_webhooks(clock=clock)
    assert len({got.id for got in there.got}) == 3


def test_the_post_that_does_not_go_is_tried_again(cast, there, clock, monkeypatch, admin):
    there.answers = [410]
    made(cast, there.address)
    happens(cast.authority)
    second = User.objects.create_user("second@southwark.test", role="authority_administrator", authority=cast.authority)

    def refuse(*_, **__):
        raise ConnectionRefusedError

    monkeypatch.setattr(telling, "send_mail", refuse)
    tell_webhooks(clock=clock)
    monkeypatch.undo()
    User.objects.filter(pk=admin.pk).update(is_active=False)
    for _ in range(2):
        tell_webhooks(clock=clock)
    assert [told.to for told in mail.outbox] == [[second.email]]


def test_a_paused_webhook_waits_for_thirty_days_and_a_revoked_one_gets_nothing(cast, there, clock):
    hook, _ = made(cast, there.address)
    with doing(cast, hook) as (row, by):
        pause(webhook=row, at=NOON, by=by)
        with pytest.raises(ValidationError, match="resume it first"):
            send_test(webhook=row, at=NOON, by=by)
    happens(cast.authority)
    tell_webhooks(clock=clock)
    clock.on(days=29)
    happens(cast.authority, at=clock())
    sweep_webhooks(now=clock.on(days=1))
    tell_webhooks(clock=clock)
    assert [row.state for row in log(cast.authority)] == ["waiting", "waiting"]
    sweep_webhooks(now=clock.on(days=2))
    (kept,) = log(cast.authority)
    assert kept.event.occurred_at == NOON + timedelta(days=29)
    assert not there.got
    with doing(cast, hook) as (row, by):
        with pytest.raises(ValidationError, match="kept for 30 days"):
            replay_since(webhook=row, since=NOON, at=clock(), by=by)
        with pytest.raises(ValidationError, match="has not come"):
            replay_since(webhook=row, since=clock() + timedelta(days=1), at=clock(), by=by)
        revoke_webhook(webhook=row, at=clock(), by=by)
        with pytest.raises(ValidationError, match="was revoked"):
            resume(webhook=row, by=by)
        row.refresh_from_db()
        assert (row.secret, row.older_secret) == ("", "")
    happens(cast.authority, at=clock())
    tell_webhooks(clock=clock)
    (dropped,) = log(cast.authority)
    assert (dropped.state, dropped.error) == ("dropped", "The webhook was revoked before this was sent.")
    assert not there.got
    with cast.acting("authority_administrator", stranger=True) as by, pytest.raises(PermissionDenied):
        pause(webhook=hook, at=NOON, by=by)


# Secrets.


def test_while_a_secret_is_changed_both_sign_and_then_the_new_one_alone(cast, there, clock):
    hook, first = made(cast, there.address)

    def signing(*secrets):
        happens(cast.authority, at=clock())
        tell_webhooks(clock=clock)
        (got,) = there.take()
        return [bool(signed_by(got, each)) for each in secrets], len(got.headers["webhook-signature"].split())

    with doing(cast, hook) as (row, by):
        second = rotate_secret(webhook=row, days=7, at=clock(), by=by)
        with pytest.raises(ValidationError, match="7 days"):
            rotate_secret(webhook=row, days=8, at=clock(), by=by)
    assert signing(first, second) == ([True, True], 2)
    clock.on(days=7)
    assert signing(first, second) == ([False, True], 1)
    sweep_webhooks(now=clock())
    with doing(cast, hook) as (row, by):
        assert (row.older_secret, row.older_until) == ("", None)
        third = rotate_secret(webhook=row, days=0, at=clock(), by=by)
    assert signing(first, second, third) == ([False, False, True], 1)


# Pages.


def test_pages_from_none_to_revoked(cast, there, clock, admin):
    client = signed_in(admin)
    assert "No webhooks yet" in text(client.get(LIST))
    typed = {"name": " Data  warehouse", "address": there.address, "kinds": ["visit.published", "release.published"]}
    for wrong, says in (
        ({"address": "https://10.0.0.1/in"}, "inside a network"), ({"name": ""}, "Say what it is for"),
        ({"kinds": []}, "Choose what it is told of"), ({"address": "warehouse"}, "beginning with https://"),
    ):  # fmt: skip
        page = client.post(f"{LIST}make/", typed | wrong)
        assert page.status_code == 200
        assert says in text(page)
    page = client.post(f"{LIST}make/", typed)
    secret = re.search(r'value="(whsec_[^"]+)"', page.content.decode())[1]
    assert page["Cache-Control"].count("no-store") == 1
    assert "is in use" in text(client.post(f"{LIST}make/", typed))
    with own(cast.authority):
        hook = Webhook.objects.get()
    assert (hook.name, hook.kinds, hook.made_by) == ("Data warehouse", ["visit.published", "release.published"], admin)
    one = f"{LIST}{hook.uuid}/"
    assert "Data warehouse" in text(client.get(LIST))
    assert "Nothing was sent to it yet" in text(client.get(one))
    assert "A test is on its way" in text(client.post(f"{one}test/", follow=True))
    tell_webhooks(clock=clock)
    (got,) = there.take()
    assert json.loads(got.body)["type"] == "webhook.test"
    assert receiving.is_ours(secret, got.headers, got.body)
    assert log(cast.other) == []
    assert "It takes what it is sent" in text(client.get(one))
    (sent,) = log(cast.authority)
    assert "1 message is to be sent again" in text(client.post(f"{one}again/{sent.uuid}/", follow=True))
    assert "waits to be sent already" in text(client.post(f"{one}again/{sent.uuid}/", follow=True))
    for what, says in (("pause", "is paused"), ("resume", "is resumed")):
        assert client.get(f"{one}{what}/").status_code == 200
        assert says in text(client.post(f"{one}{what}/", follow=True))
    page = client.post(f"{one}secret/", {"days": "7"}).content.decode()
    assert re.search(r'value="(whsec_[^"]+)"', page)[1] != secret
    assert "two secrets" in text(client.get(one))
    assert "newest secret alone" in text(client.post(f"{one}end-older/", follow=True))
    assert "nothing has changed" in text(client.post(f"{one}end-older/"))
    happens(cast.authority)
    happens(cast.authority, kind="suspension.changed")
    tell_webhooks(clock=clock)
    again = text(client.post(f"{one}again/", day("since", NOON.date()), follow=True))
    assert "1 message is to be sent again" in again
    assert "enter a later day" in text(client.post(f"{one}again/", day("since", NOON.date() - timedelta(days=31))))
    assert client.get(f"{one}explode/").status_code == 404
    stranger = signed_in(cast.person("authority_administrator", stranger=True))
    assert stranger.post(f"{one}revoke/").status_code == 404
    assert "is revoked" in text(client.post(f"{one}revoke/", follow=True))
    assert client.post(f"{one}resume/").status_code == 404
    assert "Revoked" in text(client.get(LIST))
    shown = " ".join(each.content.decode() for each in (client.get(LIST), client.get(one), client.get("/audit/")))
    assert "whsec_" not in shown
    assert hook.secret not in shown


def test_the_page_for_receivers_gives_the_lines_that_this_test_runs(cast, admin):
    page = signed_in(admin).get(reverse("webhook-receiving"))
    code = page.context["code"]
    given: dict = {}
    exec(code, given)
    assert code.replace("\n", " ").split() == [
        word for word in re.sub(r"&#x27;|&quot;", lambda found: {"&#x27;": "'", "&quot;": '"'}[found[0]],
                                re.search(r'with Python"><code>(.*?)</code>', page.content.decode(), re.S)[1])
        .replace("&gt;", ">").replace("&lt;", "<").split()
    ]  # fmt: skip
    secret = rules.secret_of(b"k" * 32)
    headers = rules.headers([secret], "1", NOON, b"{}")
    assert given["is_ours"](secret, headers, b"{}")
    assert not given["is_ours"](secret, headers, b"{ }")
    assert all(kind in text(page) for kind in rules.KINDS)


def test_the_log_costs_the_same_however_long(cast, there, admin):
    hook, _ = made(cast, there.address)
    client, one = signed_in(admin), f"{LIST}{hook.uuid}/"

    def cost(address):
        with CaptureQueriesContext(connection) as seen:
            assert client.get(address).status_code == 200
        return len(seen)

    def filled(count):
        events = happens(cast.authority, count)
        with own(cast.authority):
            WebhookDelivery.objects.bulk_create(
                WebhookDelivery(
                    authority=cast.authority, webhook=hook, event=event, due_at=NOON, at=NOON,
                    state=("delivered", "failed")[number % 2],
                )
                for number, event in enumerate(events)
            )  # fmt: skip

    filled(5)
    cost(one)
    few = [cost(each) for each in (one, LIST, f"{one}?which=failed")]
    filled(4_995)
    assert [cost(each) for each in (one, LIST, f"{one}?which=failed&page=7")] == few
    assert max(few) < 20
    page = text(client.get(f"{one}?page=100"))
    assert "4,951 to 5,000 of 5,000 messages" in page
    assert "2,499 of 5,000 messages" in text(client.get(f"{one}?which=failed"))
