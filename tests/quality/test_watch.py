"""Ofsted watch: what a list changes, what an officer hears, and who is asked to decide for which child."""

from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from commissioning.kernel.ingest.take_back import Refused, take_back
from commissioning.kernel.tenancy.viewer import acting_as
from contracts.models import Placement
from quality.models import Change, ChangeDecision, Inspection, Notice
from quality.rules.changes import worse
from quality.rules.scales import FORMER_GRADES, GRADES, OUTCOMES
from tests.api.conftest import bearer
from tests.conftest import SERVICE
from tests.partnership.telling import announced
from tests.resident import resident

from . import watching
from .books import FILES
from .test_ofsted import bring
from .watching import (
    BY,
    DAY,
    GOOD,
    HOME,
    INADEQUATE,
    REQUIRES,
    affected_by_hand,
    alerts_of,
    changes,
    home,
    inbox_of,
    listing,
    live,
    local_day,
    mails_to,
    officer,
    own,
    work,
)

pytestmark = pytest.mark.django_db(databases=["default", "owner"])
NOW = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)  # two weeks after the lists come in here
TITLE = "Children's home, Lewisham, URN SC100001 became Inadequate on 12 March 2026"


@pytest.fixture(autouse=True)
def _clock():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture(autouse=True)
def _settings(settings, tmp_path, reference):
    settings.INBOX = tmp_path / "inbox"
    settings.SECOND_FACTOR_REQUIRED = False


def build_lived(southwark, lewisham, greenwich):
    """Ofsted's lists of 2024 and 2025 are known. Two of Southwark's live at the home; one left it long ago, one the day
    after lists come in here (20 April 2026). Nine of Lewisham's live there, one of them since that day; Greenwich's
    only child lives elsewhere."""
    with time_machine.travel(NOW, tick=False):
        for year in (2024, 2025):
            bring(FILES / f"provider_level_at_31_march_{year}.csv")
        live(southwark, HOME, 2)
        live(southwark, HOME, 1, starts_on=date(2024, 1, 8), left_on=date(2025, 3, 1))
        live(southwark, watching.OTHER, 1)
        live(southwark, HOME, 1, starts_on=date(2026, 1, 5), left_on=date(2026, 4, 21))
        live(lewisham, HOME, 8)
        live(lewisham, HOME, 1, starts_on=date(2026, 4, 21))
        live(greenwich, watching.SHARED, 1)
        for authority in (southwark, lewisham, greenwich):
            inbox_of(authority)
        work()
    return southwark, lewisham, greenwich


_resident_lived, lived = resident("lived", build_lived)


def typed(day=DAY, **more):
    return {"inspected_on_0": day.day, "inspected_on_1": day.month, "inspected_on_2": day.year,
            "heard_from": "The home’s manager, by telephone", **more}  # fmt: skip


def heard(client, place=None, **fields):
    return client.post(reverse("hear-judgement", args=[(place or home()).uuid]), typed(**fields))


def shown(client, change):
    """What the change's page says of whose placements: (numbers of ours, lines about others)."""
    response = client.get(reverse("change", args=[change.uuid]))
    assert response.status_code == 200
    ours = response.context["ours"]
    return {row["placement"].number for row in ours.shown}, response.context["others"], response.content.decode()


def names_exactly_the_oracles(client, change, authorities):
    """Per borough the page's placements are the oracle's, and no other borough's child is on it."""
    days = (local_day(change.known_at), timezone.localdate())
    for authority in authorities:
        client.force_login(officer(authority))
        numbers, others, html = shown(client, change)
        assert numbers == affected_by_hand(authority, change.establishment.urn, days), authority
        with own(authority):
            mine = {str(each.uuid) for each in Placement.objects.all()}
        for other in authorities:
            if other != authority:
                with own(other):
                    theirs = {str(each.uuid) for each in Placement.objects.all()} - mine
                assert not [each for each in theirs if each in html]
    return others


# By file.


def test_a_list_tells_what_changed_and_whom_it_concerns(client, lived, tmp_path):
    southwark, lewisham, greenwich = lived
    told = changes()  # of the list of 2025 against that of 2024
    assert {(c.kind, c.establishment.urn, c.before, c.after) for c in told} == {
        ("judgement", HOME, "requires_improvement", "good"),
        ("judgement", watching.SHARED, "", "inconsistent"),
        ("registration", "1200004", "Active", "Not on the list"),
    }
    assert [c.worse for c in told if c.kind == "judgement"] == [False, False]
    assert alerts_of(southwark) == alerts_of(lewisham) == []
    already = len(announced())
    run = bring(listing(tmp_path, 2026, (GOOD, INADEQUATE)))
    (change,) = [c for c in changes() if c.after == "inadequate"]
    assert (change.before, change.worse, change.happened_on, change.key) == ("good", True, DAY, "judgement:2026-03-12")
    assert change.confirmed_at == change.known_at
    assert (change.source_import_id, change.source_row) == (run.pk, 5)
    assert change.inspection.event_number == "10100001"
    assert "quality.tell_of_file" in work()
    # To webhooks: the one judgement that is news, once, to every member, wherever its children live.
    assert announced()[already:] == [("judgement.changed", "inspections", change.inspection.uuid)]
    assert alerts_of(southwark) == alerts_of(lewisham) == [TITLE]
    assert alerts_of(greenwich) == []
    assert (mails_to(southwark), mails_to(lewisham), mails_to(greenwich)) == ([TITLE], [TITLE], [])
    names_exactly_the_oracles(client, change, lived)
    client.force_login(officer(southwark))
    _, others, html = shown(client, change)
    assert others == [("Lewisham", "8 or more")]
    assert "2 of ours live there. 2 wait for a decision." in html
    assert "Down from Good" in html
    assert "How well children and young people are helped and protected: Inadequate" in html
    client.force_login(officer(lewisham))
    assert shown(client, change)[1] == [("Southwark", "fewer than 8")]
    # The same file, and an older one, tell nothing more.
    before = [(c.pk, c.version) for c in changes()]
    again = bring(listing(tmp_path, 2026, (GOOD, INADEQUATE)))
    assert (again.facts_added, again.facts_changed, again.facts_removed) == (0, 0, 0)
    bring(FILES / "provider_level_at_31_march_2023.csv")
    assert [(c.pk, c.version) for c in changes()] == before
    assert len(announced()) == already + 1
    work()
    assert alerts_of(southwark) == [TITLE]


def test_a_corrected_list_of_the_same_day_puts_the_change_right(lived, tmp_path):
    southwark = lived[0]
    bring(listing(tmp_path, 2026, (GOOD, REQUIRES)))
    work()
    bring(listing(tmp_path, 2026, (GOOD, INADEQUATE)))
    (change,) = changes(happened_on=DAY)
    assert [kind for kind, *_ in announced()][-2:] == ["judgement.changed"] * 2
    assert (change.before, change.after, change.worse) == ("good", "inadequate", True)
    work()
    said = TITLE.replace("Inadequate", "Requires improvement to be good")
    assert alerts_of(southwark) == [said, f"Put right: {TITLE}"]


def test_owners_closures_and_suspensions_by_file(lived, tmp_path):
    southwark, _, greenwich = lived
    path = listing(
        tmp_path, 2026, (b"Birch Doors (UK) Limited,Full", b"Hazel Housing Limited,Full"),
        (b"Cardiff,Cardiff West", b"Cardiff,Cardiff East"),
        (b"03/11/2023,Active,Pont", b"03/11/2023,Suspended,Pont"),
        (b"Children's home,02/04/2012,Active", b"Children's home,02/04/2012,Resigned"),
    )  # fmt: skip
    seen = {c.pk for c in changes()}
    bring(path)
    found = {(c.kind, c.establishment.urn, c.before, c.after, c.worse) for c in changes() if c.pk not in seen}
    assert found == {
        ("owner", watching.SHARED, "Birch Doors (UK) Limited", "Hazel Housing Limited", False),
        ("registration", watching.OTHER, "Active", "Suspended", True),
        ("closure", HOME, "Active", "Resigned", True),
    }
    work()
    assert len(alerts_of(southwark)) == 2  # of the home and of the suspended one
    assert alerts_of(greenwich) == []  # a new owner is no alarm


def test_taking_a_file_back_takes_back_what_it_told(client, lived, tmp_path):
    southwark = lived[0]
    before = changes()
    run = bring(listing(tmp_path, 2026, (GOOD, INADEQUATE)))
    work()
    (change,) = changes(happened_on=DAY)
    with acting_as(SERVICE, by=BY, reason="The wrong file"):
        take_back(run, by=BY, now=timezone.now())
    assert changes() == before
    client.force_login(officer(southwark))
    html = client.get(reverse("change", args=[change.uuid])).content.decode()
    assert "The file that said so was taken back" in html
    # Not where somebody decided by it.
    run = bring(listing(tmp_path, 2026, (GOOD, INADEQUATE)))
    (change,) = changes(happened_on=DAY)
    with own(southwark):
        there = Placement.objects.filter(establishment=change.establishment).first()
    client.post(reverse("change-decide", args=[change.uuid, there.uuid]), {"version": 0, "decision": "stay"})
    with acting_as(SERVICE, by=BY, reason="The wrong file"), pytest.raises(Refused):
        take_back(run, by=BY, now=timezone.now())
    assert changes(happened_on=DAY) == [change]


def said(run, outcome):
    with acting_as(SERVICE, by=BY):
        return list(run.importremarks.filter(outcome=outcome))


def test_bad_files(lived, tmp_path):
    """A judgement on no scale is refused, one of the other scale left out and said; so is an inspection to come."""
    known = [(c.pk, c.version) for c in changes()]
    bad = listing(tmp_path, 2026, (GOOD, INADEQUATE.replace(b"Inadequate,,,", b"Rather poor,,,")))
    run = bring(bad)
    assert (run.rows_rejected, run.state) == (1, "loaded")
    assert "Rather poor" in said(run, "rejected")[0].says
    tomorrow = (date(2026, 4, 21)).strftime("%d/%m/%Y").encode()  # the file came on the 20th
    run = bring(listing(tmp_path, 2026, (GOOD, INADEQUATE.replace(b"12/03/2026", tomorrow))))
    assert "has not taken place yet" in said(run, "rejected")[0].says
    run = bring(listing(tmp_path, 2026, (b"10090005,,,,,,Inc", b"10090005,Inadequate,,,,,Inc")))
    (noted,) = [each for each in said(run, "noted") if "scale" in each.says]
    assert noted.row == 7
    # The refused row was in the file: its home has not left the list.
    assert [(c.pk, c.version) for c in changes()] == known


# By hand.


def test_what_is_heard_reaches_everyone_concerned_within_the_request(
    client, lived, tmp_path, django_capture_on_commit_callbacks
):
    southwark, lewisham, greenwich = lived
    already = len(announced())
    client.force_login(officer(greenwich))
    with django_capture_on_commit_callbacks(execute=True):
        response = heard(client, overall="inadequate", protection="inadequate")
    (change,) = changes(happened_on=DAY)
    assert response.headers["Location"] == reverse("change", args=[change.uuid])
    assert (change.before, change.after, change.worse, change.confirmed_at) == ("good", "inadequate", True, None)
    assert (mails_to(southwark), mails_to(lewisham), mails_to(greenwich)) == ([TITLE], [TITLE], [])
    work()
    assert alerts_of(southwark) == alerts_of(lewisham) == [TITLE]  # the job tells nobody twice
    assert len(mails_to(southwark)) == 1
    assert alerts_of(greenwich) == []  # it heard, and has no child there
    names_exactly_the_oracles(client, change, lived)
    client.force_login(officer(southwark))
    _, _, html = shown(client, change)
    assert "The home’s manager, by telephone" in html
    assert "Not yet: Ofsted’s next list will tell." in html
    # The list comes, and says the same: it is the same change, confirmed; nobody is alarmed again.
    bring(listing(tmp_path, 2026, (GOOD, INADEQUATE)))
    work()
    (after,) = changes(happened_on=DAY)
    assert (after.pk, after.known_at, after.after) == (change.pk, change.known_at, "inadequate")
    assert after.confirmed_at is not None
    assert after.inspection.event_number == "10100001"
    assert announced()[already:] == [("judgement.changed", "inspections", change.inspection.uuid)]
    assert alerts_of(southwark) == [TITLE]
    _, _, html = shown(client, after)
    assert "Confirmed by a file" in html
    assert "The file says otherwise" not in html
    # And now nobody can hear of that inspection again.
    page = heard(client, overall="good").content.decode()
    assert "Ofsted’s list tells of that inspection already: Inadequate" in page


def test_the_list_says_otherwise(client, lived, tmp_path):
    southwark = lived[0]
    client.force_login(officer(southwark))
    assert heard(client, overall="requires_improvement").status_code == 302
    work()
    key = bearer(southwark)

    def told():
        rows = client.get("/api/v1/inspections/?heard=true", headers=key).json()["results"]
        return [(row["overall"], row["heard_from"], row["confirmed"]) for row in rows]

    assert told() == [("requires_improvement", "The home’s manager, by telephone", False)]
    bring(listing(tmp_path, 2026, (GOOD, INADEQUATE)))
    work()
    assert told() == [("requires_improvement", "The home’s manager, by telephone", True)]
    others = client.get("/api/v1/inspections/?heard=false", headers=key).json()["results"]
    assert {(row["heard_at"], row["confirmed"]) for row in others} == {(None, True)}
    (change,) = changes(happened_on=DAY)
    assert (change.before, change.after, change.worse) == ("good", "inadequate", True)
    _, _, html = shown(client, change)
    assert (
        "It was heard as Requires improvement to be good. Ofsted’s list says Inadequate, and its word stands." in html
    )
    assert alerts_of(southwark)[-1] == f"Put right: {TITLE}"
    with own(southwark):
        heard_row = Inspection.objects.get(event_number=f"on {DAY}")
        assert (heard_row.overall, heard_row.heard_authority) == ("requires_improvement", southwark)
        assert heard_row not in Inspection.objects.told_once()


def test_a_judgement_that_was_known_is_recorded_and_alarms_nobody(client, lived, tmp_path):
    client.force_login(officer(lived[0]))
    response = heard(client, overall="good")
    assert response.headers["Location"] == reverse("timeline", args=[home().uuid])
    assert changes(happened_on=DAY) == []
    assert "no change" not in client.get(response.headers["Location"]).content.decode()
    bring(listing(tmp_path, 2026, (GOOD, INADEQUATE)))  # it was wrong: the list tells the change
    (change,) = changes(happened_on=DAY)
    assert (change.before, change.after, change.worse) == ("good", "inadequate", True)


def test_what_cannot_be_heard(client, lived):
    client.force_login(officer(lived[0]))
    tomorrow = timezone.localdate() + timedelta(days=1)
    supported = home(watching.SHARED)
    for place, fields, says in (
        (None, {"day": tomorrow, "overall": "good"}, "That day has not come"),
        (None, {"overall": "inconsistent"}, "Select a valid choice"),
        (supported, {"overall": "inadequate"}, "Select a valid choice"),
        (None, {"overall": "good", "protection": "inadequate"}, "so the overall judgement must be Inadequate"),
        (None, {"overall": "good", "leadership": "inadequate"}, "no better than Requires improvement"),
        (None, {"day": date(2023, 1, 5), "overall": "good"}, "A later inspection is known, of 8 October 2024"),
        (None, {"day": date(2024, 10, 8), "overall": "good"}, "Ofsted’s list tells of that inspection already"),
        (None, {"overall": "inadequate", "heard_from": "http://ofsted.example/report"}, "beginning with https://"),
        (None, {"overall": "inadequate", "heard_from": "javascript://ofsted/%0Aalert(1)"}, "beginning with https"),
        (None, {"overall": "inadequate", "heard_from": " "}, "Say from whom"),
        (None, {}, "Choose the judgement"),
    ):  # fmt: skip
        response = heard(client, place, **fields)
        html = response.content.decode().replace("&#x27;", "'")
        assert response.status_code == 200, fields
        assert says in html, (fields, says)
    assert not changes(source_import=None)
    client.force_login(officer(lived[0], "placements_officer"))
    assert heard(client, overall="inadequate").status_code == 403


def test_hearing_the_same_twice_and_withdrawing_it(client, lived, tmp_path):
    southwark, lewisham, _ = lived
    already = len(announced())
    client.force_login(officer(southwark))
    assert heard(client, overall="inadequate").status_code == 302
    work()
    (change,) = changes(happened_on=DAY)
    client.force_login(officer(lewisham))
    assert "That inspection is recorded already: Inadequate" in heard(client, overall="inadequate").content.decode()
    withdraw = reverse("change-withdraw", args=[change.uuid])
    assert "only it can withdraw it" in client.post(withdraw, {"why": "No"}).content.decode()
    client.force_login(officer(southwark))
    assert "Say how you know" in client.post(withdraw, {"why": ""}).content.decode()
    assert client.post(withdraw, {"why": "It was another home"}).status_code == 302
    work()
    _, _, html = shown(client, change)
    assert "heard in error and is withdrawn" in html
    assert "It was another home" in html
    assert alerts_of(lewisham)[-1].startswith("Put right: Heard in error and withdrawn: ")
    with own(southwark):
        assert Inspection.objects.get(event_number=f"on {DAY}").overall == ""
    assert changes(worse=True, happened_on=DAY) == []
    assert announced()[already:] == [("judgement.changed", "inspections", change.inspection.uuid)] * 2
    # It may be heard again, and a list still tells it.
    assert heard(client, overall="requires_improvement").status_code == 302
    (again,) = changes(happened_on=DAY)
    assert (again.pk, again.after, again.worse) == (change.pk, "requires_improvement", True)
    bring(listing(tmp_path, 2026, (GOOD, INADEQUATE)))
    (told,) = changes(happened_on=DAY)
    assert (told.pk, told.after, told.confirmed_at is None) == (change.pk, "inadequate", False)
    assert [about for _, _, about in announced()[already + 2 :]] == [again.inspection.uuid, told.inspection.uuid]
    assert "A file of the regulator says so" in client.post(withdraw, {"why": "No"}).content.decode()


def notice_of(client, kind, day, **more):
    fields = {"kind": kind, "starts_on_0": day.day, "starts_on_1": day.month, "starts_on_2": day.year,
              "heard_from": "https://www.gov.uk/ofsted", **more}  # fmt: skip
    return client.post(reverse("hear-notice", args=[home().uuid]), fields)


def test_notices_and_a_closure_that_the_list_confirms_for_another_day(client, lived, tmp_path):
    southwark, lewisham, _ = lived
    client.force_login(officer(southwark))
    tomorrow = timezone.localdate() + timedelta(days=1)
    assert "That day has not come" in notice_of(client, "restriction", tomorrow).content.decode()
    assert notice_of(client, "restriction", date(2026, 2, 2)).status_code == 302
    assert notice_of(client, "conditions", date(2026, 2, 3)).status_code == 302
    assert "recorded already" in notice_of(client, "restriction", date(2026, 2, 2)).content.decode()
    work()
    assert [title.partition(": ")[2] for title in alerts_of(lewisham)] == [
        "restriction of accommodation from 2 February 2026"
    ]
    (restriction,) = [c for c in changes() if c.notice and c.notice.kind == "restriction"]
    assert (restriction.kind, restriction.worse, restriction.confirmed_at) == ("notice", True, None)
    assert "2 wait for a decision" in shown(client, restriction)[2]
    last = {"ends_before_0": 1, "ends_before_1": 3, "ends_before_2": 2026}
    assert client.post(reverse("change-end", args=[restriction.uuid]), last).status_code == 302
    assert "Nothing waits for a decision" in shown(client, restriction)[2]
    assert notice_of(client, "closure", date(2026, 4, 2)).status_code == 302
    work()
    (closure,) = changes(kind="closure")
    bring(listing(tmp_path, 2026, (b"Children's home,02/04/2012,Active", b"Children's home,02/04/2012,Resigned")))
    work()
    (confirmed,) = changes(kind="closure")
    assert (confirmed.pk, confirmed.after) == (closure.pk, "Resigned")
    assert confirmed.confirmed_at is not None
    with own(southwark):
        assert Notice.objects.get(kind="closure").starts_on == date(2026, 4, 2)
    assert "It was heard for 2 April 2026" in shown(client, confirmed)[2]
    lines = client.get(reverse("timeline", args=[home().uuid])).content.decode()
    for said in ("Restriction of accommodation", "Held until 1 March 2026", "Closed or closing", "Confirmed by a file"):
        assert said in lines


# Decisions, lists and queries.


def test_decisions_are_made_changed_and_kept(client, lived, tmp_path):
    southwark, lewisham, _ = lived
    bring(listing(tmp_path, 2026, (GOOD, INADEQUATE)))
    (change,) = changes(happened_on=DAY)
    with own(southwark):
        one, two = Placement.objects.filter(establishment=change.establishment, ends_before=None).order_by("number")
    with own(lewisham):
        theirs = Placement.objects.filter(establishment=change.establishment).first()
    person = officer(southwark)
    client.force_login(person)
    page = reverse("change-decide", args=[change.uuid, one.uuid])
    assert "Say why" in client.post(page, {"version": 0, "decision": "move", "why": " "}).content.decode()
    assert "Choose what is decided" in client.post(page, {"version": 0}).content.decode()
    assert client.post(page, {"version": 0, "decision": "review", "why": "The plan is old"}).status_code == 302
    assert "2 of ours live there. 1 waits for a decision." in shown(client, change)[2]
    stale = client.post(page, {"version": 0, "decision": "stay", "why": ""}).content.decode()
    assert "Somebody else" in stale or "while you were typing" in stale
    assert client.post(page, {"version": 1, "decision": "move", "why": "The review said so"}).status_code == 302
    history = client.get(page).content.decode()
    assert "The plan is old" in history
    assert client.post(reverse("change-decide", args=[change.uuid, theirs.uuid]), {}).status_code == 404
    assert (
        client.post(
            reverse("change-decide", args=[change.uuid, two.uuid]), {"version": 0, "decision": "stay"}
        ).status_code
        == 302
    )
    assert "Every one has a decision." in shown(client, change)[2]
    with own(southwark):
        assert {(d.placement_id, d.decision, d.decided_by_id) for d in ChangeDecision.objects.all()} == {
            (one.pk, "move", person.pk), (two.pk, "stay", person.pk),
        }  # fmt: skip
    with own(lewisham):
        assert not ChangeDecision.objects.exists()


def test_the_list_of_changes_and_the_overview_ask_first(client, lived, tmp_path):
    southwark, lewisham, greenwich = lived
    bring(listing(tmp_path, 2026, (GOOD, INADEQUATE)))
    client.force_login(officer(southwark))
    html = client.get("/inspections/changes/").content.decode()
    assert "1 change asks for a decision, at 1 home: 2 children of ours live there." in html
    rows = client.get("/inspections/changes/?where=all").context["table"].shown
    assert [(row.establishment.urn, row.undecided) for row in rows][0] == (HOME, 2)
    assert len(rows) == len(changes())
    assert [
        row.pk for row in client.get("/inspections/changes/?where=all&kind=registration").context["table"].shown
    ] == [c.pk for c in changes(kind="registration")]
    csv = client.get("/inspections/changes/?where=all&how=worse&format=csv").content.decode()
    assert csv.count("\n") - 1 == len(changes(worse=True))
    first = client.get("/").content.decode()
    assert f"{TITLE.replace(chr(39), '&#x27;')}: 2 of ours live there." in first
    client.force_login(officer(greenwich))
    assert "No change at a home of our children" in client.get("/inspections/changes/").content.decode()
    assert "became Inadequate" not in client.get("/").content.decode().partition("Newest judgements")[0]
    client.force_login(officer(southwark, "steering_member"))  # reads changes, and nothing of children
    html = client.get("/inspections/changes/").content.decode()
    assert "Ours live there" not in html
    (change,) = changes(happened_on=DAY)
    html = client.get(reverse("change", args=[change.uuid])).content.decode()
    assert "Your role does not see whose children live there." in html
    assert "Placements of ours" not in html
    # Overtaken by a later judgement, nothing waits any more.
    with acting_as(SERVICE, by=BY):
        Inspection.objects.create(
            establishment=change.establishment, event_number="10110001", inspected_on=date(2026, 9, 1), scale="grades",
            overall="good", as_at=date(2026, 9, 30),
        )  # fmt: skip
    client.force_login(officer(southwark))
    assert "No change at a home of our children waits" in client.get("/inspections/changes/").content.decode()


def test_five_changes_and_fifty_cost_the_same(client, lived):
    southwark = lived[0]
    live(southwark, watching.AGENCY, 1)
    with acting_as(SERVICE, by=BY):
        places = {row.urn: row for row in (home(), home(watching.AGENCY))}

        def more(start, stop):
            Change.objects.bulk_create(
                Change(
                    establishment=places[(HOME, watching.AGENCY)[n % 2]], kind="registration", key=f"test:{n}",
                    happened_on=DAY, before="Active", after="Suspended", worse=True, known_at=timezone.now(),
                    confirmed_at=timezone.now(),
                )
                for n in range(start, stop)
            )  # fmt: skip

        more(0, 5)
    client.force_login(officer(southwark))
    client.get("/")
    counts = []
    for stop in (5, 50):
        with acting_as(SERVICE, by=BY):
            more(5 if stop == 50 else 0, stop if stop == 50 else 0)
        spent = []
        for address in ("/inspections/changes/", reverse("timeline", args=[home().uuid]), "/"):
            with CaptureQueriesContext(connection) as asked:
                assert client.get(address).status_code == 200
            spent.append(len(asked))
        counts.append(spent)
    assert counts[0] == counts[1]


def test_worse_is_a_step_down_on_one_scale():
    """Every pair, against the words of the two scales in order."""
    grades = ["Outstanding", "Good", "Requires improvement to be good", "Inadequate"]
    outcomes = [
        "Consistently strong service delivery", "Inconsistent quality of service delivery",
        "Serious or widespread weaknesses",
    ]  # fmt: skip
    word = GRADES | OUTCOMES | FORMER_GRADES
    for before in word:
        for after in word:
            same = next((s for s in (grades, outcomes) if word[before] in s and word[after] in s), None)
            assert worse(before, after) == bool(same and same.index(word[after]) > same.index(word[before]))
    assert [after for after in word if worse("", after)] == ["inadequate", "serious_weaknesses"]
