"""Contract meetings: from the scorecard to a closed action, by forms; who reads what; which are due, and the list of
actions with those that follow from no visit."""

from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connections
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from commissioning.partnership.actions.make_key import make_key
from contracts.actions.cost_lines import add_cost_line
from contracts.models import CostLine, Placement
from providers.actions.award_place import award_place
from providers.models import Provider
from quality.actions.concerns import raise_concern
from quality.measures.deadlines import deadlines
from quality.measures.meetings_due import meetings_due
from quality.measures.waiting import with_steps
from quality.models import (
    Concern,
    ContractMeeting,
    Evidence,
    ImprovementAction,
    MeetingItem,
    MeetingMinutes,
    MeetingPaper,
    Visit,
)
from quality.rules.agenda import Facts, fell, proposed
from quality.rules.meeting_bands import Risk, higher, risk_band, spend_band
from tests.contracts.bought import child_of, framework_placement
from tests.paper import printed
from tests.quality.meeting import answered, asked, expects, fields, meeting_in, returned, with_set
from tests.quality.tablets import photograph
from tests.quality.visiting import of, own, published, with_plan
from tests.reading import text

pytestmark = pytest.mark.django_db(databases=["default", "owner"])
NOON = timezone.make_aware(datetime(2026, 4, 20, 12, 0))
TODAY = date(2026, 4, 20)
ALL = "/providers/contract-meetings/"


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOON, tick=False) as now:
        yield now


def signed_in(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def lot(cast):
    """Alder has a place on Southwark's lot."""
    found = cast.world.lot(cast.world.shared)
    with own(cast.authority):
        award_place(lot=found, provider=cast.provider, starts_on=date(2024, 4, 1), by="service:tests", tier=1)
    return found


def test_a_meeting_from_the_scorecard_to_a_closed_action(cast, lot):
    quality = signed_in(cast.person("quality_officer"))
    lewisham = signed_in(cast.person("quality_officer", stranger=True))
    alder = signed_in(cast.person("provider_contact"))
    birch = signed_in(cast.person("provider_contact", stranger=True))
    kpi = expects(lot)
    returned(kpi, cast.provider, date(2025, 7, 1), date(2025, 10, 1), 17, 20)  # and none for the quarter after: late
    visit = published(cast)
    with_plan(visit, cast, due_on=TODAY)
    question = asked(with_set())
    for month, values in ((date(2025, 2, 3), (5, 5, 4, 5, 5)), (date(2026, 2, 3), (5, 2, 1, 3, 5))):
        for value in values:
            answered(cast.authority, cast.provider, month, value, question)
    with own(cast.authority):
        raise_concern(
            authority=cast.authority, provider=cast.provider, kind="concern", source="officer", theme="staffing",
            marking="placing", words="Two agency staff", raised_on=TODAY, by=cast.person("quality_officer"), now=NOON,
        )  # fmt: skip
    # Planned by form, refused first: nothing typed is lost.
    new = f"{ALL}new/?provider={cast.provider.uuid}"
    assert "Alder Fostering" in quality.get(new).content.decode()
    typed = {"provider": "Alder Fostering", "lot": "", "chair": "Head of commissioning"}
    refused = quality.post(new, typed | fields("planned_on", TODAY - timedelta(days=1)))
    assert "That day is past" in text(refused)
    assert "Head of commissioning" in refused.content.decode()
    told = quality.post(new, typed | fields("planned_on", TODAY), follow=True)
    assert "Contract meeting 1 with Alder Fostering is planned for 20 April 2026. Prepare it next." in text(told)
    with own(cast.authority):
        meeting = ContractMeeting.objects.get()
    at = f"{ALL}{meeting.uuid}/"
    assert alder.get(at).status_code == 404, "not told of it yet"
    assert lewisham.get(at).status_code == 404
    # Prepared: the scorecard stands as it was, and the agenda follows from it.
    page = text(quality.get(f"{at}prepare/"))
    for title in ("Returns of KPIs that are late", "KPIs below their target", "Actions that are open",
                  "What young people say", "Concerns and complaints"):  # fmt: skip
        assert title in page
    assert "Agreements fulfilled (Lot 1: General): 85%, requires improvement" in page
    assert "2 actions are open, none overdue." in page
    assert "1. I want to feel safe in the place that I live and sleep: 40% of 5, it was 100% of 5" in page
    quality.post(f"{at}prepare/", {f"item_{n}": "on" for n in range(5)} | {"notes": "Ask about the night staff"})
    with own(cast.authority):
        paper = MeetingPaper.objects.get()
        kept = {row["label"]: row["now"] for each in paper.scorecard["sections"] for row in each["rows"]}
        assert kept["Actions"].startswith("2 open, 0 overdue, 0 done and to be checked")
        assert [item.position for item in MeetingItem.objects.order_by("position")] == [1, 2, 3, 4, 5]
    quality.post(f"{at}prepare/", {"notes": "Ask about the night staff"})
    with own(cast.authority):
        assert MeetingItem.objects.count() == 5, "prepared again, nothing stands twice"
        items = {item.title: item for item in MeetingItem.objects.all()}
        version = ContractMeeting.objects.get().version
    # The agenda goes to the provider item by item; what is ours alone stays.
    chosen = {f"item_{items[title].uuid}": "on" for title in ("Returns of KPIs that are late", "Actions that are open")}
    assert (
        "checked"
        not in quality.get(f"{at}send/").content.decode().split(str(items["Concerns and complaints"].uuid))[1][:200]
    )
    quality.post(f"{at}send/", chosen | {"version": version})
    page = text(alder.get(at))
    assert "Returns of KPIs that are late" in page
    assert "What young people say" not in page
    assert "Concerns and complaints" not in page
    assert "night staff" not in page
    assert birch.get(at).status_code == 404
    assert lewisham.get(at).status_code == 404
    # Held, with who was there; minuted item by item.
    with own(cast.authority):
        version = ContractMeeting.objects.get().version
    nobody = quality.post(f"{at}held/", {"version": version, "chair": "A", "present": ""} | fields("held_on", TODAY))
    assert "Say who was there" in text(nobody)
    quality.post(f"{at}held/", {"version": version, "chair": "Head of commissioning",
                                "present": "Responsible individual"} | fields("held_on", TODAY))  # fmt: skip
    with own(cast.authority):
        rows = list(MeetingItem.objects.order_by("position"))
    written = {f"version_{row.uuid}": 0 for row in rows} | {f"minutes_{row.uuid}": "" for row in rows}
    first = written | {f"minutes_{rows[0].uuid}": "Sent by Friday"}
    quality.post(f"{at}minutes/", first)
    assert "Sent by Friday" not in text(alder.get(at)), "nothing of the minutes before they are finished"
    assert "Sent by Friday" not in held_for(cast.provider), "nor by the database, now or in history"
    stale = quality.post(f"{at}minutes/", written | {f"minutes_{rows[0].uuid}": "Sent by Monday"})
    assert "Sent by Friday" in text(stale), "what somebody else wrote meanwhile"
    assert "Sent by Monday" in stale.content.decode(), "beside what was typed"
    version = version_of(cast)
    unfinished = quality.post(f"{at}finish/", {"version": version})
    assert "Nothing is minuted yet of: KPIs below their target" in text(unfinished)
    with own(cast.authority):
        versions = dict(MeetingMinutes.objects.values_list("item", "version"))
    quality.post(f"{at}minutes/", {f"version_{row.uuid}": versions.get(row.pk, 0) for row in rows}
                 | {f"minutes_{row.uuid}": f"Minuted {row.position}" for row in rows})  # fmt: skip
    quality.post(f"{at}agree/", {"words": "Send the rota each week", "owner": "Registered manager"}
                 | fields("due_on", TODAY + timedelta(days=14)))  # fmt: skip
    quality.post(f"{at}finish/", {"version": version})
    page = text(alder.get(at))
    assert "Minuted 1" in page
    assert "Minuted 5" not in page
    told = held_for(cast.provider)
    assert "Minuted 1" in told
    assert "Minuted 5" not in told
    assert "Sent by Friday" not in told, "the minutes as finished, not as first drafted"
    assert "Send the rota each week" in page
    for client, all_of_it in ((quality, True), (alder, False)):
        paper_ = printed(client.get(f"{at}minutes.pdf").content)
        assert "Minuted 1" in paper_
        assert ("Minuted 5" in paper_) is all_of_it
        assert ("For the authority alone" in paper_) is all_of_it
    assert birch.get(f"{at}minutes.pdf").status_code == 404
    # On the list of actions, and through it to the end.
    with own(cast.authority):
        action = ImprovementAction.objects.get(meeting=meeting)
        assert (action.state, action.to_provider, action.to_members) == ("agreed", True, False)
    step = f"/visits/actions/{action.uuid}/"
    for client in (quality, alder):
        assert "Contract meeting 1" in text(client.get("/visits/actions/?from=meeting"))
        assert "Agreed at Contract meeting 1 of Southwark with Alder Fostering" in text(client.get(step))
        book = client.get("/visits/actions/?format=csv").content.decode()
        assert "Send the rota each week" in book
        assert client.get("/visits/workbook/").status_code == 200
    assert "Send the rota" not in text(quality.get("/visits/actions/?from=visit"))
    assert lewisham.get(step).status_code == 404
    assert "Send the rota" not in lewisham.get("/visits/actions/?format=csv").content.decode()
    for authority, expected in ((cast.authority, [(None, None, str(meeting.uuid))]), (cast.other, [])):
        with own(authority):
            _, key = make_key(authority=authority, name="warehouse", at=NOON, by=None)
        rows = Client().get("/api/v1/actions/", headers={"Authorization": f"Bearer {key}"}).json()["results"]
        found = [(row["visit"], row["finding"], row["meeting"]) for row in rows if row["meeting"]]
        assert found == expected
    picture = SimpleUploadedFile("rota.jpg", photograph(), content_type="image/jpeg")
    alder.post(f"{step}evidence/", {"kind": "photograph", "file": picture, "consent": "on"})
    with of(cast.provider):
        assert Evidence.objects.get(action=action).visit_id is None
        action.refresh_from_db()
    alder.post(
        f"{step}done/", {"version": action.version, "evidence_words": "Four rotas sent"} | fields("done_on", TODAY)
    )
    with own(cast.authority):
        action.refresh_from_db()
    assert lewisham.post(f"{step}verify/", {"version": action.version, "how": "x"}).status_code == 404
    quality.post(f"{step}verify/", {"version": action.version, "how": "Read them"})
    assert "1 action was agreed: all checked and closed." in text(quality.get(at))
    with own(cast.authority):
        action.refresh_from_db()
        assert (action.state, action.to_members) == ("verified", False)
    # A visit still waits for its plan where its own findings have no action, whatever meetings agreed.
    bare = published(cast)
    with own(cast.authority):
        stepped = with_steps(Visit.objects.filter(pk=bare.pk), of_provider=False, today=TODAY).get()
        assert (stepped.step, stepped.unplanned) == ("plan", True)


def held_for(provider) -> str:
    """Every word about meetings that the database gives a session of the provider's, with the pages' own care off."""
    with of(provider), connections["default"].cursor() as cursor:
        cursor.execute(
            "SELECT schemaname, tablename FROM pg_tables WHERE schemaname IN ('public', 'audit') "
            "AND tablename LIKE 'quality\\_%meeting%'"
        )
        tables = cursor.fetchall()
        assert len(tables) == 8, "four tables and their history"
        found = []
        for schema, table in tables:
            cursor.execute(f'SELECT to_jsonb(t)::text FROM {schema}."{table}" AS t')
            found += [row for (row,) in cursor.fetchall()]
    return " ".join(found)


def version_of(cast) -> int:
    with own(cast.authority):
        return ContractMeeting.objects.get().version


def test_an_action_sent_back_stays_between_the_two(cast, lot):
    """Proposed anew and agreed, it is still no other member's."""
    meeting = meeting_in(cast, "minuted", TODAY)
    quality, alder = signed_in(cast.person("quality_officer")), signed_in(cast.person("provider_contact"))
    lewisham = signed_in(cast.person("quality_officer", stranger=True))
    with own(cast.authority):
        action = ImprovementAction.objects.get(meeting=meeting)
        ImprovementAction.objects.filter(pk=action.pk).update(state="proposed")
        action.refresh_from_db()
    quality.post(f"/visits/actions/{action.uuid}/agree/", {"version": action.version})
    with own(cast.authority):
        action.refresh_from_db()
        assert (action.state, action.to_members) == ("agreed", False)
    assert lewisham.get(f"/visits/actions/{action.uuid}/").status_code == 404
    # Called off, with its reason, which the provider reads where it was told.
    planned = meeting_in(cast, "planned", TODAY)
    silent = quality.post(f"{ALL}{planned.uuid}/cancel/", {"version": planned.version, "why": ""})
    assert "Say why the meeting is called off" in text(silent)
    quality.post(f"{ALL}{planned.uuid}/cancel/", {"version": planned.version, "why": "The manager is ill"})
    assert "Called off: The manager is ill" in text(alder.get(f"{ALL}{planned.uuid}/"))
    assert "no longer planned" in text(quality.post(
        f"{ALL}{planned.uuid}/move/", {"version": planned.version + 1} | fields("planned_on", TODAY)
    ))  # fmt: skip
    unseen = meeting_in(cast, "planned", TODAY, tell=False)
    assert alder.get(f"{ALL}{unseen.uuid}/").status_code == 404
    # Five meetings and fifty cost the same.
    costs = []
    for count in (5, 50):
        with own(cast.authority):
            known = ContractMeeting.objects.count()
            ContractMeeting.objects.bulk_create(
                ContractMeeting(authority=cast.authority, provider=cast.provider, number=known + n + 1,
                                planned_on=TODAY, to_provider=True) for n in range(count)
            )  # fmt: skip
        with CaptureQueriesContext(connections["default"]) as asked_:
            assert quality.get(ALL).status_code == 200
        costs.append(len(asked_))
    assert costs[0] == costs[1]


def naive_due(authority, today):
    """Provider -> (spent, band, due), row by row, as the rule is said."""
    found = {}
    with own(authority):
        year = date(today.year - 1, today.month, today.day)
        for provider in Provider.objects.all():
            spent, firsts = Decimal(0), []
            for home in Placement.objects.filter(provider=provider, starts_on__lte=today):
                firsts.append(home.starts_on)
                for line in CostLine.objects.filter(placement=home):
                    begins, ends = max(line.starts_on, year), min(line.ends_before or today + timedelta(days=1),
                                                                  today + timedelta(days=1))  # fmt: skip
                    spent += line.weekly_amount * max(0, (ends - begins).days) / 7
            if not firsts:
                continue
            late = sum(a.due_on < today and a.state in ("agreed", "proposed", "sent_back")
                       for a in ImprovementAction.objects.filter(provider=provider))  # fmt: skip
            concerned = Concern.objects.filter(provider=provider, closed_on=None).count()
            high = spent >= 500_000 or late >= 3
            middle = spent >= 150_000 or late or concerned
            months = 3 if high else 6 if middle else 12
            met = [
                m.held_on for m in ContractMeeting.objects.filter(provider=provider, authority=authority) if m.held_on
            ]
            since, add = (max(met), months) if met else (min(firsts), 3)
            month = since.month - 1 + add
            found[provider.name] = (round(spent, 0), months, date(since.year + month // 12, month % 12 + 1, since.day))
    return found


def test_which_provider_is_due_a_meeting(cast, lot):
    assert [spend_band(Decimal(n)) for n in (149_999, 150_000, 499_999, 500_000)] == ["low", "middle", "middle", "high"]
    assert risk_band(Risk(("good", "inadequate"), overdue=1))[0] == "high"
    assert risk_band(Risk(("requires_improvement",)))[0] == "middle"
    assert risk_band(Risk(("good",))) == ("low", [])
    assert [risk_band(Risk(overdue=n))[0] for n in (0, 1, 2, 3)] == ["low", "middle", "middle", "high"]
    assert higher("low", "high") == "high"
    assert fell((5, 5), (4, 5)), "ten in a hundred and more"
    assert not fell((4, 4), (0, 9)), "four answers are too few"
    assert not fell((50, 100), (41, 100))
    assert [each.title for each in proposed(Facts())] == []
    with own(cast.authority):
        award = lot.awards.get(provider=cast.provider)
        others = [each for each in lot.awards.select_related("provider", "lot") if each.pk != award.pk]
    for each, amount in ((award, "3000.00"), (others[0], "11000.00"), (others[1], "700.00")):
        with own(cast.authority):
            home = framework_placement(child_of(cast.authority), each, date(2025, 6, 2))
            add_cost_line(placement=home, category="core", amount=Decimal(amount), starts_on=date(2025, 6, 2),
                          by="service:tests")  # fmt: skip
    with own(cast.authority):
        raise_concern(
            authority=cast.authority, provider=others[1].provider, kind="concern", source="officer", theme="staffing",
            marking="placing", words="Two agency staff", raised_on=TODAY, by=cast.person("quality_officer"), now=NOON,
        )  # fmt: skip
    meeting_in(cast, "held", date(2026, 1, 12))
    with own(cast.authority):
        ImprovementAction.objects.update(due_on=TODAY - timedelta(days=2))
        told = {row.provider.name: (round(row.spent, 0), {"high": 3, "middle": 6, "low": 12}[row.band], row.due_on)
                for row in meetings_due(cast.authority.pk, TODAY)}  # fmt: skip
    assert told == naive_due(cast.authority, TODAY)
    assert {months for _, months, _ in told.values()} == {3, 6}
    page = text(signed_in(cast.person("commissioning_officer")).get(f"{ALL}due/"))
    assert "2 of 3 providers are overdue for a contract meeting; none has one planned." in page
    assert "£500,000 or more in twelve months" in page
    with own(cast.authority):
        entries = [each.says for each in deadlines(site="https://x", today=TODAY)]
    assert f"Contract meeting due: {others[0].provider.name}" in entries
    assert signed_in(cast.person("provider_contact")).get(f"{ALL}due/").status_code == 403
    with own(cast.other):
        assert meetings_due(cast.other.pk, TODAY) == []
    planned = meeting_in(cast, "planned", TODAY)
    with of(cast.provider):
        mine = {each.says: each.link for each in deadlines(site="https://x", today=TODAY)}
        assert mine["Contract meeting with Southwark"] == f"https://x{ALL}{planned.uuid}/"
        assert "Action due: Alder Fostering" in mine
