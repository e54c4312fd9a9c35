"""Alerts: sent once, tried again until they go, whoever is named; read by somebody; the overview asks for it."""

import uuid
from smtplib import SMTPServerDisconnected

import pytest
import time_machine
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext

from commissioning.partnership.models import NamedRole, User
from commissioning.partnership.rules.codes import TOLD_INSTEAD
from quality.actions import alerts
from quality.actions.alerts import raise_alert, send_unsent, spread
from quality.jobs import send_unsent_alerts_job, spread_alert_job
from quality.models import Alert
from tests.contracts.watching import own, rows_of, signed_in
from tests.quality.notified import NOON, home, lives_there
from tests.reading import text

pytestmark = pytest.mark.django_db(databases=["default", "owner"])
LIST, NAMES = "/alerts/", "/accounts/named-roles/"


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOON, tick=False) as now:
        yield now


@pytest.fixture
def officer(cast):
    return signed_in(cast.person("quality_officer"))


def raised(authority, where=None, **more):
    with own(authority):
        return raise_alert(
            authority_id=authority.pk, kind="concern", about=uuid.uuid4(), title="Safeguarding concern about Elm House",
            link="/concerns/", establishment=where, **more,
        )  # fmt: skip


def test_it_goes_once_whoever_sends_it_and_is_tried_again_until_it_goes(
    cast, monkeypatch, django_capture_on_commit_callbacks
):
    """The post refuses at first: the alert stays unsent, and the job of every minute sends it, once."""

    def refuse(*_, **__):
        raise SMTPServerDisconnected("gone")

    elm = home(cast.provider)
    lives_there(cast.other, elm)
    monkeypatch.setattr(alerts, "send_mail", refuse)
    with django_capture_on_commit_callbacks(execute=True):
        alert = raised(cast.authority, elm)
    with own(cast.other):
        assert Alert.objects.get().sent_at is None  # made all the same
    send_unsent(now=NOON)
    assert mail.outbox == []
    monkeypatch.undo()
    send_unsent_alerts_job(timestamp=0)
    assert sorted(address for each in mail.outbox for address in each.to) == [
        "quality_officer@lewisham.test", "quality_officer@southwark.test",
    ]  # fmt: skip
    for _ in range(2):
        spread_alert_job(alert=str(alert.uuid), authority=cast.authority.pk)
        send_unsent(now=NOON)
    assert len(mail.outbox) == 2
    with own(cast.authority):
        assert Alert.objects.get().sent_to == "quality_officer@southwark.test"


def test_one_authoritys_trouble_keeps_nobody_else_from_being_told(cast, greenwich, monkeypatch):
    elm = home(cast.provider)
    for authority in (cast.other, greenwich):
        lives_there(authority, elm)
    with own(greenwich):
        NamedRole.objects.create(authority=greenwich, role="safeguarding", name="Lead", email="lead@green.test")
    alert = raised(cast.authority, elm)
    plain = alerts.recipients
    broken = min(cast.other.pk, greenwich.pk)
    monkeypatch.setattr(alerts, "recipients", lambda pk, role: 1 / 0 if pk == broken else plain(pk, role))
    with pytest.raises(ZeroDivisionError):
        spread(alert=alert.uuid, authority_id=cast.authority.pk, now=NOON)
    assert len(mail.outbox) == 2
    monkeypatch.undo()
    spread(alert=alert.uuid, authority_id=cast.authority.pk, now=NOON)
    assert len(mail.outbox) == 3


def test_somebody_reads_it_and_the_overview_asks_for_it(cast, officer):
    alert = raised(cast.authority)
    spread(alert=alert.uuid, authority_id=cast.authority.pk, now=NOON)
    page = f"{LIST}{alert.uuid}/"
    first = text(officer.get("/"))
    assert "not been read yet" in first
    assert "1 alert has not been read yet" in text(officer.get(LIST))
    assert signed_in(cast.person("quality_officer", stranger=True)).get(page).status_code == 404
    reader = signed_in(cast.person("analyst"))
    assert "I have read it" not in text(reader.get(page))
    assert reader.post(page).status_code == 200
    with own(cast.authority):
        assert Alert.objects.get().acknowledged_at is None
    assert officer.post(page, {"save": ""}).status_code == 302
    assert officer.post(page, {"save": ""}).status_code == 200
    with own(cast.authority):
        assert Alert.objects.get().acknowledged_by == cast.person("quality_officer")
    assert "Somebody said something" not in text(officer.get("/"))
    assert "Every alert has been read" in text(officer.get(LIST))
    assert [row["state"] for row in rows_of(officer.get(f"{LIST}?which=all&format=csv"))] == ["Read"]


def test_the_list_costs_the_same_however_long(cast, officer):
    def cost():
        with CaptureQueriesContext(connection) as seen:
            assert officer.get(LIST).status_code == 200
        return len(seen)

    assert "No alerts" in text(officer.get(LIST))
    for _ in range(3):
        raised(cast.authority)
    few = cost()
    for _ in range(40):
        raised(cast.authority)
    assert cost() == few


def test_who_is_told_is_named_and_where_nobody_is_the_page_says_who(cast, officer):
    administrator = signed_in(cast.person("authority_administrator"))
    page = text(administrator.get(NAMES))
    assert "Nobody is named as safeguarding lead or quality lead. Your quality officer is told instead" in page
    sent = {"role": "safeguarding", "name": "Out of hours inbox", "email": "duty@southwark.test"}
    assert "such as name@example.gov.uk" in text(administrator.post(f"{NAMES}new/", sent | {"email": "duty"}))
    assert administrator.post(f"{NAMES}new/", sent).status_code == 302
    assert "named for this already" in text(administrator.post(f"{NAMES}new/", sent))
    assert "Out of hours inbox: told by e-mail" in text(officer.get(NAMES))
    alert = raised(cast.authority)
    spread(alert=alert.uuid, authority_id=cast.authority.pk, now=NOON)
    assert [each.to for each in mail.outbox] == [["duty@southwark.test"]]
    other = signed_in(cast.person("authority_administrator", stranger=True))
    with own(cast.authority):
        named = NamedRole.objects.get()
    assert "Out of hours" not in text(other.get(NAMES))
    assert other.post(f"{NAMES}{named.uuid}/remove/", {"save": ""}).status_code == 404
    assert administrator.post(f"{NAMES}{named.uuid}/remove/", {"save": ""}).status_code == 302
    assert "Nobody is named as safeguarding lead" in text(administrator.get(NAMES))
    # Nobody at all: the alert waits, and the page says that nobody can be told.
    User.objects.filter(authority=cast.authority, role__in=TOLD_INSTEAD).update(is_active=False)
    waits = raised(cast.authority)
    spread(alert=waits.uuid, authority_id=cast.authority.pk, now=NOON)
    assert len(mail.outbox) == 1
    assert "nobody is told by e-mail" in text(administrator.get(NAMES))
    assert "no e-mail can go" in text(signed_in(cast.person("analyst")).get(LIST))
