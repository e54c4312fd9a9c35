"""Saved views and their exports: made with their owner's rights when they are sent, once, and opened by nobody else."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.core import mail
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.storage import storages
from django.db import connection
from django.test.utils import CaptureQueriesContext

from api import exporting
from api.exporting import send_exports
from api.jobs import send_exports_job, sweep_exports_job
from commissioning.kernel.tenancy.viewer import Viewer, acting_as
from commissioning.partnership.actions.saved_views import remove_view, save_view, schedule_export
from commissioning.partnership.actions.sent_exports import sweep_exports
from commissioning.partnership.models import SavedView, ScheduledExport, SentExport, User
from commissioning.partnership.rules import exports as rules
from tests.contracts.watching import own, signed_in
from tests.partnership.telling import Clock
from tests.reading import text

from .walk import V1, whole

pytestmark = pytest.mark.django_db(databases=["default", "owner"])
LONDON = ZoneInfo("Europe/London")
NOON = datetime(2026, 4, 20, 12, 0, tzinfo=LONDON)
LIST = "/accounts/views/"


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOON, tick=False):
        yield Clock(NOON)


def person(authority, role="analyst", name="analyst"):
    with acting_as(Viewer.of_service("tests"), by="service:tests"):
        email = f"{name}@{authority.slug}.test"
        return User.objects.create_user(email, name=name, role=role, authority=authority)


@pytest.fixture
def analyst(market, southwark):
    return person(southwark)


def saved(by, resource="rates", query="", *, shared=False, name=""):
    with acting_as(by.viewer, by=by):
        return save_view(name=name or f"{resource} of mine", resource=resource, query=query, shared=shared, by=by)


def scheduled(by, view, kind="csv", every="day", hour=6, at=NOON, **more):
    with acting_as(by.viewer, by=by):
        return schedule_export(view=view, format=kind, every=every, hour=hour, at=at, by=by, **more)


def changed(user, **columns):
    with acting_as(Viewer.of_service("tests"), by="service:tests"):
        for column, value in columns.items():
            setattr(user, column, value)
        user.save(update_fields=list(columns))


def log(authority):
    with own(authority):
        return list(SentExport.objects.select_related("export__view").order_by("due_at", "pk"))


def kept():
    """Bytes of each file there is."""
    folder = Path(storages["evidence"].location) / "exports"
    return [each.read_bytes() for each in sorted(folder.rglob("*")) if each.is_file()]


# When it is due.


@pytest.mark.parametrize(("schedule", "after", "wanted"), [
    (("day", 6, None, None), "2026-04-20T05:00+00:00", "2026-04-21T05:00+00:00"),  # 06:00 in summer is 05:00 UTC
    (("day", 6, None, None), "2026-04-20T04:59+00:00", "2026-04-20T05:00+00:00"),
    (("weekday", 6, None, None), "2026-04-24T06:00+00:00", "2026-04-27T05:00+00:00"),
    (("week", 23, 6, None), "2026-04-20T12:00+00:00", "2026-04-26T22:00+00:00"),
    (("month", 0, None, 28), "2026-01-28T00:00+00:00", "2026-02-28T00:00+00:00"),
    # Clocks go forward on 29 March 2026: 01:00 does not exist. They go back on 25 October: 01:00 comes twice.
    (("day", 1, None, None), "2026-03-28T12:00+00:00", "2026-03-29T01:00+00:00"),
    (("day", 1, None, None), "2026-03-29T01:00+00:00", "2026-03-30T00:00+00:00"),
    (("day", 1, None, None), "2026-10-24T12:00+00:00", "2026-10-25T00:00+00:00"),
    (("day", 1, None, None), "2026-10-25T00:00+00:00", "2026-10-26T01:00+00:00"),
])  # fmt: skip
def test_when_it_is_next_due(schedule, after, wanted):
    every, hour, weekday, day = schedule
    found = rules.next_due(
        every=every, hour=hour, weekday=weekday, day=day, after=datetime.fromisoformat(after), zone=LONDON
    )
    assert found == datetime.fromisoformat(wanted)


@pytest.mark.parametrize("hour", [0, 1, 2, 6, 23])
def test_a_year_of_days_has_each_day_once(hour):
    at, days = datetime(2025, 12, 31, 23, 30, tzinfo=UTC), []
    for _ in range(365):
        at = rules.next_due(every="day", hour=hour, weekday=None, day=None, after=at, zone=LONDON)
        days.append(at.astimezone(LONDON).date())
    assert len(set(days)) == 365
    assert days == sorted(days)
    assert (days[-1] - days[0]).days == 364


# What is sent, and to whom.


def test_the_file_is_what_the_api_gives_that_person(market, southwark, analyst, clock, client):
    asked = {"rates": "in_force_on=2026-04-20", "placements": "", "spend": "from=2025-04&to=2026-03", "ocds": ""}
    for resource, query in asked.items():
        for kind in ("csv", "ndjson", "parquet"):
            scheduled(analyst, saved(analyst, resource, query, name=f"{resource} {kind}"), kind)
    scheduled(analyst, saved(analyst, "kpis", name="book"), "xlsx")
    send_exports(clock=clock)
    assert log(southwark) == []
    clock.now = datetime(2026, 4, 21, 6, 0, tzinfo=LONDON)
    with time_machine.travel(clock.now, tick=False):
        send_exports(clock=clock)
        send_exports(clock=clock)
        client.force_login(analyst)
        sent = log(southwark)
        assert [row.state for row in sent] == ["sent"] * 13
        for row in sent:
            view = row.export.view
            same = whole(client.get(f"{V1}/{view.resource}/?{view.query}&format={row.export.format}"))
            answer = client.get(f"{LIST}files/{row.uuid}/")
            assert (whole(answer) == same) or row.export.format == "xlsx", view.name
            assert row.name in answer["Content-Disposition"]
            assert row.bytes == len(same) or row.export.format == "xlsx"
        ((lines, rows),) = [
            (whole(client.get(f"{LIST}files/{row.uuid}/")).count(b"\n"), row.rows)
            for row in sent if row.export.view.name == "rates ndjson"
        ]  # fmt: skip
    assert lines == rows > 0
    told = mail.outbox[0]
    assert (len(mail.outbox), told.to, told.subject) == (13, [analyst.email], "Export ready: rates csv")
    assert f"{LIST}files/{sent[0].uuid}/" in told.body
    assert sent[0].name == "rates-csv-southwark-2026-04-21.csv"
    with own(southwark):
        assert {row.next_at for row in ScheduledExport.objects.all()} == {datetime(2026, 4, 22, 6, tzinfo=LONDON)}


def test_rights_are_those_of_the_time_of_sending(market, southwark, lewisham, analyst, clock):
    for resource in ("placements", "rates"):
        scheduled(analyst, saved(analyst, resource))
    clock.on(days=1)
    changed(analyst, role="steering_member")  # reads rates, and no child
    send_exports(clock=clock)
    rows = {row.export.view.resource: row for row in log(southwark)}
    assert {name: row.state for name, row in rows.items()} == {"placements": "refused", "rates": "sent"}
    assert rows["placements"].error == "A steering group member may not read this list."
    assert rows["placements"].export.paused_why == rows["placements"].error
    assert len(kept()) == 1
    assert sorted(told.subject for told in mail.outbox) == [
        "Export not sent: placements of mine", "Export ready: rates of mine",
    ]  # fmt: skip
    # Made as a steering member; an analyst again may read more, but not by an old role's file, nor the other way round.
    client = signed_in(analyst)
    address = f"{LIST}files/{rows['rates'].uuid}/"
    assert whole(client.get(address)) == kept()[0]
    changed(analyst, role="quality_officer")
    assert "Your role has changed" in text(signed_in(analyst).get(address))
    # Who moves to another authority, or leaves, is sent nothing; and whoever looks after people there is told.
    admin = person(southwark, "authority_administrator", "admin")
    changed(analyst, authority=lewisham)
    clock.on(days=1)
    send_exports(clock=clock)
    assert [row.state for row in log(southwark)] == ["refused", "sent", "refused"] or log(southwark)[-1].error
    assert log(southwark)[-1].error == "Whoever scheduled it is not here any more."
    assert (mail.outbox[-1].to, len(kept())) == ([admin.email], 1)
    assert signed_in(analyst).get(address).status_code == 404
    clock.on(days=1)
    count = len(mail.outbox)
    send_exports(clock=clock)
    assert len(mail.outbox) == count


def test_whoever_loses_a_right_while_the_file_is_made_is_not_sent_it(market, southwark, analyst, clock, monkeypatch):
    make, lost = exporting.made, {}

    def slow(*asked):
        rows = make(*asked)
        changed(analyst, **lost)
        return rows

    monkeypatch.setattr(exporting, "made", slow)
    scheduled(analyst, saved(analyst, "placements"))
    clock.on(days=1)
    lost["role"] = "steering_member"
    send_exports(clock=clock)
    assert (log(southwark)[0].state, kept(), mail.outbox[0].subject) == (
        "refused", [], "Export not sent: placements of mine",
    )  # fmt: skip
    assert log(southwark)[0].error == "A steering group member may not read this list."
    # Another role that reads the list reads it differently: the file is made again.
    scheduled(analyst, saved(analyst, "rates"))
    clock.on(days=1)
    lost["role"] = "analyst"
    send_exports(clock=clock)
    row = log(southwark)[1]
    assert (row.state, row.error, kept()) == ("waiting", "The role of whoever scheduled it changed meanwhile.", [])
    clock.on(minutes=6)
    send_exports(clock=clock)
    assert (log(southwark)[1].state, log(southwark)[1].role, len(kept())) == ("sent", "analyst", 1)


def test_a_shared_view_is_sent_with_the_rights_of_whom_it_goes_to(market, southwark, analyst, clock):
    colleague = person(southwark, "steering_member", "member")
    mine, shared = saved(analyst, "rates", name="mine"), saved(analyst, "spend", shared=True)
    with pytest.raises(PermissionDenied):
        scheduled(colleague, mine)
    scheduled(colleague, shared)
    clock.on(days=1)
    send_exports(clock=clock)
    assert [row.state for row in log(southwark)] == ["sent"]
    assert mail.outbox[0].to == [colleague.email]
    assert signed_in(analyst).get(f"{LIST}files/{log(southwark)[0].uuid}/").status_code == 404
    with acting_as(colleague.viewer, by=colleague), pytest.raises(PermissionDenied):
        remove_view(view=shared, at=NOON, by=colleague)
    with acting_as(analyst.viewer, by=analyst):
        remove_view(view=shared, at=NOON, by=analyst)
    clock.on(days=1)
    send_exports(clock=clock)
    assert len(log(southwark)) == 1


def test_what_the_api_refuses_pauses_and_says_why(market, southwark, analyst, clock):
    with own(southwark):  # as one stands that was saved before a filter went away
        view = SavedView.objects.create(
            authority=southwark, owner=analyst, name="old", resource="rates", query="colour=blue"
        )
    scheduled(analyst, view)
    clock.on(days=1)
    send_exports(clock=clock)
    (row,) = log(southwark)
    assert row.state == "refused"
    assert "'colour' is not a parameter of rates" in row.export.paused_why
    assert kept() == []


def test_one_that_dies_is_sent_once_more_under_the_same_name_and_takes_no_second_place(
    market, southwark, analyst, clock, monkeypatch
):
    scheduled(analyst, saved(analyst))
    clock.on(days=1)
    with monkeypatch.context() as patch:  # dies after the file is kept and the e-mail gone, before that is noted
        patch.setattr(exporting, "note", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            send_exports(clock=clock)
    (died,) = log(southwark)
    assert (died.state, died.attempt, len(kept()), len(mail.outbox)) == ("waiting", 1, 1, 1)
    send_exports(clock=clock)  # it is still claimed
    assert len(mail.outbox) == 1
    clock.on(minutes=16)
    send_exports(clock=clock)
    send_exports(clock=clock)
    (row,) = log(southwark)
    assert (row.state, row.attempt, row.name, row.stored_as) == ("sent", 2, died.name, died.stored_as)
    assert (len(kept()), len(mail.outbox)) == (1, 2)


def test_the_post_that_does_not_go_is_tried_again_then_given_up(market, southwark, analyst, clock, monkeypatch):
    scheduled(analyst, saved(analyst))
    clock.on(days=1)
    monkeypatch.setattr(exporting, "tell_owner", lambda *_: (_ for _ in ()).throw(OSError))
    for wait in (*rules.WAITS, timedelta(0)):
        send_exports(clock=clock)
        send_exports(clock=clock)
        clock.now += wait
    (row,) = log(southwark)
    assert (row.state, row.attempt) == ("failed", rules.TRIES)
    assert [told.subject for told in mail.outbox] == ["Export not sent: rates of mine"]
    with own(southwark):
        assert ScheduledExport.objects.get().paused_at is None
    sweep_exports(now=clock.on(days=9))
    assert kept() == []


def test_a_file_goes_after_a_week_and_is_nobody_elses(market, southwark, lewisham, analyst, clock):
    scheduled(analyst, saved(analyst))
    clock.on(days=1)
    with time_machine.travel(clock.now, tick=False):
        send_exports_job(timestamp=0)
    (row,) = log(southwark)
    address = f"{LIST}files/{row.uuid}/"
    for other in (person(southwark, name="colleague"), person(lewisham)):
        assert signed_in(other).get(address).status_code == 404
    assert whole(signed_in(analyst).get(address)) == kept()[0]
    clock.on(days=7, minutes=1)
    with time_machine.travel(clock.now, tick=False):
        gone = signed_in(analyst).get(address)
        assert (gone.status_code, "kept for 7 days" in text(gone)) == (200, True)
        assert len(kept()) == 1
        sweep_exports_job(timestamp=0)
    assert kept() == []
    sweep_exports(now=clock.on(days=366))
    assert log(southwark) == []


# Pages.


def test_pages_from_none_to_removed(market, southwark, lewisham, analyst, clock):
    client = signed_in(analyst)
    assert "No saved views yet" in text(client.get(LIST))
    assert "Saved views" in text(client.get("/accounts/"))
    assert "Rates" in text(client.get(f"{LIST}save/"))
    form = f"{LIST}save/rates/"
    assert "SEL-1" in text(client.get(form))
    for wrong, says in (
        ({"name": ""}, "Give the view a name"), ({"f_in_force_on": "20 April"}, "Dates are written 2026-04-01"),
    ):  # fmt: skip
        assert says in text(client.post(form, {"name": "rates", "f_in_force_on": ""} | wrong))
    lot = str(market.ours.lot.uuid)
    page = client.post(form, {"name": " Our  rates", "f_lot": lot, "shared": "yes"}, follow=True)
    assert "The view Our rates is saved" in text(page)
    assert "You have a view called Our rates" in text(client.post(form, {"name": "Our rates"}))
    with own(southwark):
        view = SavedView.objects.get()
    assert (view.query, view.shared, view.owner) == (f"lot={lot}", True, analyst)
    one = f"{LIST}{view.uuid}/"
    assert "lot: Framework SEL-1, lot 1: General fostering" in text(client.get(one))
    assert whole(client.get(f"{V1}/rates/?{view.query}&format=csv")).count(b"\n") == 5
    assert "Choose on which day of the week" in text(
        client.post(f"{one}schedule/", {"format": "csv", "every": "week", "hour": "6", "to": "link"})
    )
    assert "Choose what kind of file" in text(client.post(f"{one}schedule/", {}))
    page = client.post(
        f"{one}schedule/", {"format": "csv", "every": "week", "weekday": "2", "hour": "6", "to": "link"}, follow=True
    )
    assert "The first file comes 22 April 2026" in text(page).replace("\xa0", " ")
    assert "Every Wednesday at 06:00" in text(page)
    with own(southwark):
        export = ScheduledExport.objects.get()
    step = f"{LIST}exports/{export.uuid}/"
    for what, says in (("pause", "is paused"), ("now", "resume it first"), ("resume", "is resumed"),
                       ("now", "is on its way")):  # fmt: skip
        assert client.get(f"{step}{what}/").status_code == 200
        assert says in text(client.post(f"{step}{what}/", follow=True))
    send_exports(clock=clock)
    assert "our-rates-southwark-2026-04-20.csv" in text(client.get(one))
    assert "our-rates" not in text(signed_in(person(southwark, name="colleague")).get(one))
    for who, address, status in (
        (person(lewisham), one, 404), (person(southwark, "auditor", "auditor"), f"{one}schedule/", 403),
        (person(southwark, name="third"), f"{one}remove/", 404), (person(southwark, name="fourth"), f"{step}now/", 404),
        (analyst, f"{step}explode/", 404), (analyst, f"{LIST}save/nothing/", 404),
        (person(southwark, "authority_administrator", "admin"), f"{LIST}save/placements/", 404),
    ):  # fmt: skip
        assert signed_in(who).get(address).status_code == status, address
    assert "is removed" in text(client.post(f"{step}remove/", follow=True))
    assert "is removed" in text(client.post(f"{one}remove/", follow=True))
    assert "No saved views yet" in text(client.get(LIST))


def test_lists_cost_the_same_however_long(market, southwark, analyst):
    client = signed_in(analyst)
    one = f"{LIST}{saved(analyst, name='first').uuid}/"

    def cost(address):
        with CaptureQueriesContext(connection) as seen:
            assert client.get(address).status_code == 200
        return len(seen)

    def filled(begin, count):
        with own(southwark):
            view = SavedView.objects.get(name="first")
            export = ScheduledExport.objects.filter(view=view).first() or scheduled(analyst, view)
            for number in range(begin, begin + count):
                SavedView.objects.create(authority=southwark, owner=analyst, name=f"v{number}", resource="rates")
                SentExport.objects.create(
                    authority=southwark, export=export, owner=analyst, due_at=NOON + timedelta(hours=number),
                    try_at=NOON, state="sent", name="x.csv", stored_as="x", role="analyst",
                    expires_at=NOON + timedelta(days=7),
                )  # fmt: skip

    filled(0, 3)
    cost(one)
    few = [cost(one), cost(LIST)]
    filled(3, 30)
    assert [cost(one), cost(LIST)] == few
    assert max(few) < 20


def test_a_person_has_so_many_and_no_more(market, analyst, monkeypatch):
    monkeypatch.setattr(rules, "MOST_VIEWS", 1)
    monkeypatch.setattr(rules, "MOST_EXPORTS", 1)
    view = saved(analyst)
    scheduled(analyst, view)
    for again in (lambda: saved(analyst, name="two"), lambda: scheduled(analyst, view)):
        with pytest.raises(ValidationError, match="already"):
            again()
