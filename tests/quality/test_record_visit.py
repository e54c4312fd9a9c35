"""Recording a visit: what a tablet sends is kept once, nothing is overwritten unseen, and a safeguarding finding
reaches a person within the request that brought it."""

import random
from uuid import uuid4

import pytest
from django.core import mail
from django.db import ProgrammingError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from commissioning.kernel.audit.events import events_of
from commissioning.kernel.tenancy.viewer import Viewer, acting_as
from commissioning.partnership.models import NamedRole, User
from contracts.models import Presence
from quality.actions.plan_visit import cancel_visit, move_visit
from quality.actions.share_visit import publish, reply, send_to_provider
from quality.jobs import spread_alert_job
from quality.models import (
    Alert,
    Answer,
    Evidence,
    Finding,
    TemplateQuestion,
    Visit,
    VisitReport,
    VisitSync,
    VisitTemplate,
)
from quality.rules.drafts import Item, meets
from tests.quality.tablets import (
    BY,
    Tablet,
    answered,
    found,
    fresh,
    own,
    photograph,
    planned_visit,
)  # fmt: skip

pytestmark = pytest.mark.django_db(databases=["default", "owner"])
committing = pytest.mark.django_db(databases=["default", "owner"], transaction=True)


@pytest.fixture
def officer(cast):
    return cast.person("quality_officer")


@pytest.fixture
def visit(cast, officer):
    return planned_visit(cast.authority, cast.provider, officer)


def client_of(user):
    client = Client()
    client.force_login(user)
    return client


def tablet_of(user, visit):
    return Tablet(client_of(user), visit)


def count(authority, model, **facts):
    with own(authority):
        return model.objects.filter(**facts).count()


def test_a_whole_visit_comes_in_once_and_is_read_back_as_it_was_sent(cast, officer, visit):
    tablet = tablet_of(officer, visit)
    first, second, third, number, words = tablet.questions()
    door = f"finding/{uuid4()}"
    sent = {
        f"answer/{first}": answered("no"), f"answer/{second}": answered("sometimes", "Two of four lock."),
        f"answer/{third}": answered("met"), f"answer/{number}": answered("3"), f"answer/{words}": answered("Kind."),
        door: found(question=second), "summary": "Clean and calm.", "people_seen": "Manager, two young people",
        "signed": {"name": "Q Officer", "at": answered()["answered_at"]},
    }  # fmt: skip
    letter = tablet.letter()
    letter["items"] = {name: {"mine": mine, "was": None} for name, mine in sent.items()}
    letter["items"]["visited_on"] = {"mine": visit.planned_on.isoformat(), "was": None}
    told = tablet.send(letter).json()
    assert (told["state"], told["sides"], told["changed"], told["refused"]) == ("draft", [], [], [])
    assert set(told["saved"]) == set(letter["items"])
    again = tablet.send(letter)
    assert again.json() == told
    assert count(cast.authority, Answer) == 5
    assert (count(cast.authority, Finding), count(cast.authority, VisitSync)) == (1, 1)
    letter["items"]["summary"]["mine"] = "Other words"
    other = tablet.send(letter)
    assert other.status_code == 409
    assert "other content" in other.json()["problem"]
    tablet.read()
    assert {name: item for name, item in tablet.stands.items() if name in ("summary", "people_seen")} == {
        "summary": "Clean and calm.", "people_seen": "Manager, two young people",
    }  # fmt: skip
    assert tablet.stands[f"answer/{second}"]["note"] == "Two of four lock."
    assert tablet.stands[door]["words"] == sent[door]["words"]
    assert tablet.told["visit"]["state"] == "draft"
    with own(cast.authority):
        report = VisitReport.objects.get(visit=visit)
        # By hand: weights are one; no (good), sometimes (half), met: 2.5 of 3 = 83%, so some improvement.
        assert (report.rating, report.rule_rating, report.signed_name) == ("some", "some", "Q Officer")
    # The same again by another key changes nothing and is no conflict.
    assert set(tablet.sync(sent)["saved"]) == set(sent)
    # Taken out on the device, it goes; what says nothing is no answer.
    tablet.read()
    tablet.sync({door: None, f"answer/{first}": answered("", "")})
    assert (count(cast.authority, Finding), count(cast.authority, Answer)) == (0, 4)


def test_two_tablets_are_told_both_sides_and_nothing_is_overwritten(cast, officer, visit):
    one, other = tablet_of(officer, visit), tablet_of(cast.person("commissioning_officer"), visit)
    first, second, *_ = one.questions()
    one.sync({f"answer/{first}": answered("no"), "summary": "From the first."})
    told = other.sync({
        f"answer/{first}": answered("yes", "The gate stood open."), f"answer/{second}": answered("yes"),
        "summary": "From the second.",
    })  # fmt: skip
    assert {each["item"] for each in told["sides"]} == {f"answer/{first}", "summary"}
    side = next(each for each in told["sides"] if each["item"] != "summary")
    assert (side["mine"]["value"], side["stands"]["value"]) == ("yes", "no")
    assert told["others"][0]["name"] == officer.name
    # What did not meet is kept: the conflict is of the answer, not of the visit.
    assert f"answer/{second}" in told["saved"]
    one.read()
    assert (one.stands[f"answer/{first}"]["value"], one.stands["summary"]) == ("no", "From the first.")
    # The officer has seen both and chooses the second tablet's.
    other.stands = {f"answer/{first}": side["stands"], "visited_on": visit.planned_on.isoformat()}
    assert other.sync({f"answer/{first}": answered("yes", "The gate stood open.")})["sides"] == []
    one.read()
    assert one.stands[f"answer/{first}"]["note"] == "The gate stood open."


def test_what_meets_follows_from_three_contents_against_a_naive_oracle():
    rows = random.Random(5)
    for _ in range(400):
        mine, was, stands = (rows.choice([None, "", "a", "b"]) for _ in range(3))
        held = {"a": "a", "b": "b"}
        mine_, was_, stands_ = held.get(mine), held.get(was), held.get(stands)
        expected = "same" if mine_ == stands_ else "take" if was_ == stands_ else "ask"
        assert meets(Item(mine, was), stands) == expected
        pack = lambda value, hour: value and {"value": value, "note": "", "answered_at": hour}  # noqa: E731
        assert meets(Item(pack(mine, "1"), pack(was, "2")), pack(stands, "3")) == expected


@pytest.mark.parametrize("became", ["cancelled", "moved", "with_provider", "template"])
def test_a_visit_that_changed_meanwhile_shows_both_sides_and_keeps_safeguarding(cast, officer, visit, became):
    tablet = tablet_of(officer, visit)
    first, *_ = tablet.questions()
    with own(cast.authority):
        if became == "cancelled":
            cancel_visit(visit=visit, version=fresh_version(visit), why="The home rang.", by=BY)
        elif became == "moved":
            today = visit.planned_on
            move_visit(visit=visit, version=fresh_version(visit), planned_on=today.replace(year=today.year + 1), by=BY,
                       today=today)  # fmt: skip
        elif became == "template":
            Visit.objects.filter(pk=visit.pk).update(template=template_of_other(cast))
    if became == "with_provider":
        tablet_of(officer, visit).sync({f"answer/{first}": answered("no")})
        with own(cast.authority):
            sent = Visit.objects.get(pk=visit.pk)
            send_to_provider(visit=sent, version=sent.version, by=BY, now=cast.now)
    urgent = f"finding/{uuid4()}"
    told = tablet.sync({f"answer/{first}": answered("yes"), "summary": "Mine", urgent: found("Now", "safeguarding")})
    assert [each["what"] for each in told["changed"]] == [became]
    assert (told["saved"], told["told"]) == ([urgent], 1)
    assert count(cast.authority, VisitReport, summary="Mine") == 0
    with own(cast.authority):
        assert Alert.objects.filter(kind="safeguarding").count() == 1
        assert not Finding.objects.get().to_provider
    tablet.read()  # the officer has seen it
    told = tablet.sync({"summary": "Mine"} if became == "template" else {f"answer/{first}": answered("yes")})
    if became == "with_provider":
        assert (told["saved"], told["state"]) == ([], "with_provider")
    else:
        assert (told["changed"], told["state"]) == ([], "draft")
        assert fresh(visit, cast.authority).cancelled_why == ""


def fresh_version(visit):
    return Visit.objects.get(pk=visit.pk).version


def template_of_other(cast):
    with own(cast.authority):
        other = VisitTemplate.objects.create(code="other", name="Another", kind="site", rule="As stated.")
        TemplateQuestion.objects.create(template=other, section=1, section_name="A", number=1, words="B?", scale="met")
        return other


def test_what_cannot_be_kept_is_refused_by_name_and_the_rest_is_kept(cast, officer, visit):
    tablet = tablet_of(officer, visit)
    first, second, third, number, words = tablet.questions()
    foreign = str(uuid4())
    told = tablet.sync({
        f"answer/{first}": answered("perhaps"), f"answer/{number}": answered("three"),
        f"answer/{second}": answered("yes"), f"answer/{foreign}": answered("yes"),
        f"answer/{words}": answered("x" * 4001), f"finding/{uuid4()}": found("  "),
        f"finding/{words}": found("cut in the middle: \ud83d"),
        f"finding/{foreign}": found(marking="secret"), "signed": {"name": "Q", "at": "yesterday"},
    })  # fmt: skip
    assert set(told["saved"]) == {f"answer/{second}", "visited_on"}
    assert len(told["refused"]) == 8
    assert all(each["why"].endswith(".") for each in told["refused"])
    # A day that has not come: nothing but a safeguarding finding is kept, as nobody knows when the visit was.
    late = planned_visit(cast.authority, cast.provider, officer)
    other = tablet_of(officer, late)
    told = other.sync({"visited_on": "2099-01-01", f"answer/{first}": answered("no"),
                       f"finding/{foreign}": found("Now", "safeguarding")}, day=False)  # fmt: skip
    assert (told["saved"], told["state"]) == ([f"finding/{foreign}"], "planned")
    assert "has not come" in told["refused"][0]["why"]
    for body in ("no json", "[]", "[" * 100_000, '{"key": 1}', '{"items": {"answer/1": {}}}'):
        address = f"/visits/{visit.uuid}/record/sync"
        assert other.client.post(address, body, content_type="application/json").status_code == 400
    assert other.sync({"summary": "s"}, day=False)["refused"] == [
        {"item": "visited_on", "why": "Enter the day of the visit."}
    ]


def test_nobody_else_records_and_the_key_is_of_one_person_and_visit(cast, officer, visit):
    mine = client_of(officer).get(f"/visits/{visit.uuid}/record/data").json()
    same = client_of(officer).get(f"/visits/{visit.uuid}/record/data").json()
    colleague = client_of(cast.person("commissioning_officer")).get(f"/visits/{visit.uuid}/record/data").json()
    later = planned_visit(cast.authority, cast.provider, officer)
    other = client_of(officer).get(f"/visits/{later.uuid}/record/data").json()
    assert mine["key"] == same["key"]
    assert len({mine["key"], colleague["key"], other["key"]}) == 3
    stranger = client_of(cast.person("quality_officer", stranger=True))
    for address in ("", "data"):
        assert stranger.get(f"/visits/{visit.uuid}/record/{address}").status_code == 404
    assert stranger.post(f"/visits/{visit.uuid}/record/sync", "{}", content_type="application/json").status_code == 404
    assert client_of(cast.person("analyst")).get(f"/visits/{visit.uuid}/record/data").status_code == 403
    assert Client().get(f"/visits/{visit.uuid}/record/data").status_code == 302
    # The page itself says nothing of person or visit: a device may keep it.
    page = client_of(officer).get(f"/visits/{visit.uuid}/record/")
    kept = Client().get("/visits/kept/")
    assert page.content == kept.content
    assert page["Permissions-Policy"].startswith("camera=(self)")
    assert client_of(officer).get("/accounts/")["Permissions-Policy"].startswith("camera=()")
    assert b"Service-Worker" not in page.content
    worker = Client().get("/visits/sw.js")
    assert worker["Content-Type"] == "text/javascript"
    assert b"/visits/kept/" in worker.content
    assert Client().get("/visits/manifest.webmanifest").json()["scope"] == "/visits/"


@committing
def test_a_safeguarding_finding_reaches_inboxes_within_the_request(cast, officer, greenwich):
    """Own named role, and the boroughs with children there: the named one, or whoever looks after quality."""
    visit = planned_visit(cast.authority, cast.provider, officer)
    with own(cast.authority):
        NamedRole.objects.create(authority=cast.authority, role="safeguarding", name="Jo", email="jo@southwark.test")
        NamedRole.objects.create(authority=cast.authority, role="quality", name="No", email="quality@southwark.test")
    for there in (cast.other, greenwich):
        with own(there):
            Presence.objects.create(authority=there, establishment=visit.establishment, band="few")
    with own(greenwich):
        NamedRole.objects.create(authority=greenwich, role="safeguarding", name="Al", email="al@greenwich.test")
    tablet = tablet_of(officer, visit)
    mail.outbox.clear()
    words = "Sam was locked in the cellar"
    urgent, plain = f"finding/{uuid4()}", f"finding/{uuid4()}"
    letter = tablet.letter()
    letter["items"] = {
        name: {"mine": mine, "was": None}
        for name, mine in {urgent: found(words, "safeguarding"), plain: found("A lamp is broken.")}.items()
    }
    letter["items"]["visited_on"] = {"mine": visit.planned_on.isoformat(), "was": None}
    assert tablet.send(letter).status_code == 200
    told = [(message.to, message.body) for message in mail.outbox]  # the request is over: no job has run
    assert sorted(to for to, _ in told) == [
        ["al@greenwich.test"],
        ["jo@southwark.test"],
        ["quality_officer@lewisham.test"],
    ]
    for message in mail.outbox:
        assert "Sam" not in message.body + message.subject
        assert "Elm House" in message.body
        # What another authority may open: the visit's findings are not its own to read, the home's page is.
        ours = message.to == ["jo@southwark.test"]
        assert (f"/visits/{visit.uuid}/" if ours else "/providers/establishments/") in message.body
    # Sent again, changed, or by the job behind it: nobody is told twice.
    tablet.send(letter)
    with own(cast.authority):
        alert = Alert.objects.get()
        finding = Finding.objects.get(marking="safeguarding")
    spread_alert_job(alert=str(alert.uuid), authority=cast.authority.pk)
    assert len(mail.outbox) == 3
    assert alert.about == finding.uuid
    assert alert.sent_to == "jo@southwark.test"
    assert alert.sent_at is not None
    # Its words stay with the authority, whoever was told; its marking stays.
    with own(greenwich):
        assert Alert.objects.count() == 1
        assert not Finding.objects.exists()
    tablet.read()
    refused = tablet.sync({urgent: None})["refused"] + tablet.sync({urgent: found(words, "placing")})["refused"]
    assert [each["item"] for each in refused] == [urgent, urgent]
    # A finding marked so afterwards is told as well; the authority whose child it is about too, and reads it.
    with acting_as(Viewer.of_service("tests"), by=BY):
        bexley = type(greenwich).objects.get(slug="bexley")
        User.objects.create_user("q@bexley.test", role="quality_officer", authority=bexley)
    mail.outbox.clear()
    tablet.sync({plain: found("A lamp is broken.", "safeguarding", about=str(bexley.uuid))})
    assert ["q@bexley.test"] in [message.to for message in mail.outbox]
    assert len(mail.outbox) == 4
    with own(bexley):
        assert Finding.objects.get().words == "A lamp is broken."
    # So is one whose child it turns out to be; whom a safeguarding finding was told to as its own stays.
    tablet.read()
    mail.outbox.clear()
    assert not tablet.sync({urgent: found(words, "safeguarding", about=str(bexley.uuid))})["refused"]
    assert [message.to for message in mail.outbox] == [["q@bexley.test"]]
    tablet.read()
    refused = tablet.sync({urgent: found(words, "safeguarding", about=str(greenwich.uuid))})["refused"]
    assert [each["item"] for each in refused] == [urgent]
    # Another one's borough may be put right, with what shows it; the one that was named reads no later word of it.
    kept = f"finding/{uuid4()}"
    tablet.sync({kept: found("Kim has no bed.", "placing", about=str(bexley.uuid))})
    file = tablet.picture(photograph(), finding=kept.partition("/")[2]).json()
    tablet.read()
    assert kept in tablet.sync({kept: found("Kim sleeps on a sofa.", "placing", about=str(greenwich.uuid))})["saved"]
    with own(greenwich):
        row = Finding.objects.get()
        assert row.words == "Kim sleeps on a sofa."
        assert [event.after["words"] for event in events_of(Finding).filter(row_id=row.pk)] == [row.words]
    with own(bexley):
        assert not Finding.objects.filter(words__contains="Kim").exists()
        assert "sofa" not in "".join(f"{event.before}{event.after}" for event in events_of(Finding))
    with own(cast.authority):
        assert Evidence.objects.get(uuid=file["uuid"]).finding_id == row.pk
        with pytest.raises(ProgrammingError, match="keeps its ids"), transaction.atomic():
            Finding.objects.filter(pk=row.pk).update(about=bexley)


@committing
def test_an_alert_that_the_post_does_not_take_is_tried_again(cast, officer, monkeypatch):
    visit = planned_visit(cast.authority, cast.provider, officer)
    tablet = tablet_of(officer, visit)
    mail.outbox.clear()

    def broken(*given, **named):
        raise ConnectionRefusedError

    with monkeypatch.context() as patch:
        patch.setattr("quality.actions.alerts.send_mail", broken)
        assert tablet.sync({f"finding/{uuid4()}": found("Now", "safeguarding")})["told"] == 1  # kept all the same
        with own(cast.authority):
            alert = Alert.objects.get()
        assert alert.sent_at is None
        spread_alert_job(alert=str(alert.uuid), authority=cast.authority.pk)
    assert not mail.outbox
    spread_alert_job(alert=str(alert.uuid), authority=cast.authority.pk)
    assert [message.to for message in mail.outbox] == [["quality_officer@southwark.test"]]


def test_the_shareable_part_shows_elsewhere_after_publication_and_not_before(cast, officer, visit):
    tablet = tablet_of(officer, visit)
    first, *_ = tablet.questions()
    shared, kept, urgent = (f"finding/{uuid4()}" for _ in range(3))
    tablet.sync({
        f"answer/{first}": answered("no"), shared: found("Shared."), kept: found("Ours alone.", "placing"),
        urgent: found("Now.", "safeguarding"), "summary": "Calm.",
    })  # fmt: skip
    for key in (shared, kept, urgent, ""):
        sent = tablet.picture(photograph(), finding=key.partition("/")[2], caption=key[-4:] or "hall")
        assert sent.status_code == 200, sent.content

    def elsewhere():
        with own(cast.other):
            return (
                set(Finding.objects.values_list("words", flat=True)), Answer.objects.count(),
                set(Evidence.objects.values_list("caption", flat=True)), VisitReport.objects.count(),
            )  # fmt: skip

    assert elsewhere() == (set(), 0, set(), 0)
    with own(cast.authority):
        row = Visit.objects.get(pk=visit.pk)
        row = send_to_provider(visit=row, version=row.version, by=BY, now=cast.now)
    assert elsewhere() == (set(), 0, set(), 0)
    with acting_as(Viewer.of_provider(cast.provider.pk), by=BY):
        seen = list(Finding.objects.all())
        assert [each.words for each in seen] == ["Shared."]
        contact = cast.person("provider_contact")
        row = Visit.objects.get(pk=visit.pk)
        reply(visit=row, replies={seen[0]: ("accurate", "")}, by=contact, now=cast.now)
    with own(cast.authority):
        row = Visit.objects.get(pk=visit.pk)
        publish(visit=row, version=row.version, by=BY, now=cast.now)
    assert elsewhere() == ({"Shared."}, 1, {shared[-4:], "hall"}, 1)


def test_one_sending_costs_the_same_queries_for_five_answers_and_eighty(cast, officer):
    asked = tuple((1 + place // 10, f"Part {place // 10}", f"Question {place}?", "met", False) for place in range(80))
    visit = planned_visit(cast.authority, cast.provider, officer, code="long", asked=asked)
    tablet = tablet_of(officer, visit)
    told = {f"answer/{each}": answered("met") for each in tablet.questions()}
    some = dict(list(told.items())[:5])

    def cost(items):
        with CaptureQueriesContext(
            connection,
        ) as seen:
            tablet.sync(items)
        tablet.read()
        return len(seen)

    cost({"summary": "begun"})
    five = cost(some)
    rest = cost({name: mine for name, mine in told.items() if name not in some})
    assert rest == five
    changed = {name: answered("partly", minutes=5) for name in told}
    assert cost(changed) <= five + 3
    assert count(cast.authority, Answer, value="partly") == 80
