"""The rota against an oracle that asks address by address; its pages, as boroughs meet them."""

import random
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse

from contracts.models import Placement, Presence
from providers.actions.record_premises import record_premises
from providers.models import Establishment, Premises
from quality.measures.coverage import coverage
from quality.measures.rota import rota
from quality.models import (
    Concern,
    Finding,
    ImprovementAction,
    Inspection,
    MonitoringRule,
    NotifiableEvent,
    Reliance,
    Visit,
)
from quality.rules.intervals import USUAL
from quality.rules.priority import MOST, Facts, priority
from tests.quality.monitored import (
    BY,
    NOW,
    TODAY,
    as_member,
    home_of,
    place,
    provider_called,
    rely,
    service,
    visit_of,
)

pytestmark = pytest.mark.django_db(databases=["default", "owner"])
SERVICE_OF = {"childrens_home": "residential", "supported_accommodation": "supported", "fostering_agency": "fostering"}


@pytest.fixture(autouse=True)
def _today():
    with time_machine.travel(NOW, tick=False):
        yield


def scene(chance: random.Random, members) -> None:
    with service():
        provider = provider_called("Ivy Homes")
        kinds = ("childrens_home", "childrens_home", "supported_accommodation", "fostering_agency",
                 "supported_accommodation", "childrens_home")  # fmt: skip
        homes = [
            home_of(provider, f"SC40000{n}", kind, 3 if kind == "supported_accommodation" else 0)
            for n, kind in enumerate(kinds)
        ]
        addresses = {home.pk: list(home.premises.order_by("ordinal")) for home in homes}
        for home in homes[:5]:
            overall = chance.choice(("inadequate", "good", "requires_improvement"))
            if home.kind == "supported_accommodation":
                overall = "serious_weaknesses"
            Inspection.objects.create(
                establishment=home, provider=provider, event_number=f"E{home.pk}", as_at=TODAY, overall=overall,
                inspected_on=TODAY - timedelta(days=200), published_on=TODAY,
                scale="outcomes" if home.kind == "supported_accommodation" else "grades",
            )  # fmt: skip
        for _ in range(12):
            home = chance.choice(homes)
            at = NOW - timedelta(days=chance.randrange(1, 700))
            NotifiableEvent.objects.create(
                provider=provider, establishment=home, premises=chance.choice([*addresses[home.pk], None]),
                rule="homes_40", theme="other", happened_at=at, received_at=at,
            )  # fmt: skip
    for member in members:
        with as_member(member):
            for _ in range(22):
                home = chance.choice(homes[:5])
                placed = place(
                    member, home, TODAY - timedelta(days=chance.randrange(0, 300)),
                    service_type=SERVICE_OF[home.kind], premises=chance.choice([*addresses[home.pk], None]),
                    ends_before=chance.choice((None, None, TODAY, TODAY + timedelta(days=9))),
                )  # fmt: skip
                Placement.objects.filter(pk=placed.pk).update(
                    distance_miles=chance.choice((None, Decimal("4.5"), 12, 33))
                )
            for _ in range(20):
                home = chance.choice(homes)
                state = chance.choice(("planned", "planned", "draft", "published", "published", "cancelled"))
                days = chance.randrange(0, 300)
                day = TODAY + timedelta(days=days // 5) if state == "planned" else TODAY - timedelta(days=days)
                visit = visit_of(
                    member, home, day, kind=chance.choice(("site", "site", "site", "desktop")), state=state,
                    premises=chance.choice([*addresses[home.pk], None]), published_on=day,
                )  # fmt: skip
                if state == "published":
                    finding = Finding.objects.create(
                        authority=member, provider=provider, visit=visit, words="Loose door", found_at=NOW,
                        to_provider=True, to_members=True,
                    )  # fmt: skip
                    ImprovementAction.objects.create(
                        authority=member, provider=provider, visit=visit, finding=finding, words="Mend",
                        owner="Manager",
                        due_on=TODAY + timedelta(days=chance.choice((-9, -1, 0, 5))), to_provider=True, to_members=True,
                        state=chance.choice(("proposed", "agreed", "sent_back", "done", "verified")),
                    )  # fmt: skip
            for number in range(5):
                Concern.objects.create(
                    authority=member, provider=provider, number=number + 1, kind="concern", source="officer",
                    theme="safety", marking=chance.choice(("shareable", "placing")), establishment=chance.choice(homes),
                    words="Heard", raised_on=TODAY - timedelta(days=chance.choice((3, 300, 400))), to_members=False,
                )  # fmt: skip
        with as_member(members[0]):
            MonitoringRule.objects.get_or_create(authority=members[0], service_type="residential", kind="site",
                                                 defaults={"every_days": 45})  # fmt: skip
    for member in members:
        with as_member(member):
            for visit in Visit.objects.filter(state="published").exclude(authority=member):
                if chance.random() < 0.5:
                    rely(member, visit, TODAY)


def oracle(member) -> dict[tuple[int, int | None], dict]:
    """(establishment, premises; -1 where they are not recorded) -> what the rota must say of it."""
    rows = {}
    with as_member(member):
        every = list(Premises.objects.all())

        def at(row):
            theirs = [each for each in every if each.establishment_id == row.establishment_id]
            if len(theirs) < 2:
                return row.establishment_id, None
            return row.establishment_id, row.premises_id or -1

        relied = set(Reliance.objects.filter(authority=member).values_list("visit_id", flat=True))
        rules = {(r.service_type, r.kind): r.every_days for r in MonitoringRule.objects.filter(authority=member)}
        open_now = [p for p in Placement.objects.all()
                    if p.starts_on <= TODAY and not (p.ends_before and p.ends_before <= TODAY)]  # fmt: skip
        for presence in Presence.objects.all():
            rows.setdefault(at(presence), {"others": set()})
            if presence.authority_id != member.pk:
                rows[at(presence)]["others"].add((presence.authority_id, presence.band))
        for address, row in rows.items():
            home = Establishment.objects.get(pk=address[0])
            mine = [p for p in open_now if at(p) == address]
            row["ours"] = len({p.child_id for p in mine})
            row["last"] = row["next"] = counts = None
            for visit in Visit.objects.filter(kind="site").order_by("visited_on", "pk"):
                if at(visit) != address:
                    continue
                if visit.state in ("draft", "with_provider", "published"):
                    row["last"] = visit.visited_on
                    own = visit.authority_id == member.pk
                    if (own or (visit.state == "published" and visit.pk in relied)) and address[1] != -1:
                        counts = visit.visited_on
                elif visit.state == "planned" and (row["next"] is None or visit.planned_on < row["next"]):
                    row["next"] = visit.planned_on
            services = {p.service_type for p in mine} or {SERVICE_OF[home.kind]}
            days = min(rules.get((s, "site"), USUAL[s]["site"].days) for s in services)
            last = counts if mine else row["last"]
            row["due"] = last + timedelta(days=days) if last else None
            year = TODAY - timedelta(days=365)

            def here(thing, address=address):
                place = getattr(thing, "visit", thing)
                return at(place) == address or (place.establishment_id == address[0] and place.premises_id is None)

            row["events"] = sum(here(e) and e.happened_at.date() > year for e in NotifiableEvent.objects.all())
            row["concerns"] = sum(
                c.establishment_id == address[0] and c.raised_on > year for c in Concern.objects.all()
            )
            row["overdue"] = sum(
                here(a) and a.due_on < TODAY and a.state in ("proposed", "agreed", "sent_back")
                for a in ImprovementAction.objects.select_related("visit")
            )
            row["miles"] = max((p.distance_miles for p in mine if p.distance_miles is not None), default=None)
    return rows


def test_the_rota_is_what_the_oracle_says_for_every_borough(
    southwark, lewisham, greenwich, django_assert_max_num_queries
):
    members = (southwark, lewisham, greenwich)
    scene(random.Random(5), members)
    for member in members:
        expected = oracle(member)
        with as_member(member):
            with django_assert_max_num_queries(13):
                found = rota(member.pk, TODAY)
            told = {
                (row.home.pk, -1 if row.unknown else row.premises and row.premises.pk): {
                    "others": set(row.others.items()), "ours": row.ours, "last": row.last and row.last.on,
                    "next": row.next and row.next.on, "due": row.due_on, "events": row.facts.events,
                    "concerns": row.facts.concerns, "overdue": row.facts.overdue,
                    "miles": row.facts.miles,
                }
                for row in found
            }  # fmt: skip
            assert told == expected
            assert any(row["ours"] for row in told.values())
            assert any(row["overdue"] for row in told.values())
            assert any(row["miles"] for row in told.values())
            assert any(not row["ours"] for row in told.values()) or member != southwark
            points = [row.priority.points for row in found]
            assert points == sorted(points, reverse=True)
            # A placement that counts as late by its site visit is one whose address the rota calls overdue.
            late = {row.address for row in coverage(member.pk, TODAY) if row.state("site") == "late"}
            overdue = {
                (row.home.pk, row.premises.pk if row.premises else None) for row in found
                if row.ours and not row.unknown and (row.due_on is None or row.due_on < TODAY)
            }  # fmt: skip
            assert late == overdue


def test_each_part_of_the_priority_shows_its_points_and_why():
    facts = {
        "day": TODAY, "last_on": TODAY - timedelta(days=100), "days": 100, "judgement": "good", "children": 2,
        "events": 0, "concerns": 0, "overdue": 0, "miles": Decimal(3),
    }  # fmt: skip

    def points(key, **more):
        found = priority(Facts(**facts | more))
        part = next(each for each in found.parts if each.key == key)
        assert part.why
        assert 0 <= part.points <= MOST[key]
        assert found.points == sum(each.points for each in found.parts) <= 100
        return part.points

    assert points("time") == 20  # on the day it falls due
    assert points("time", last_on=None) == points("time", last_on=TODAY - timedelta(days=900)) == 30
    assert points("time", last_on=TODAY) == points("time", days=None) == 0
    grades = [
        points("judgement", judgement=each) for each in ("outstanding", "good", "requires_improvement", "inadequate")
    ]
    outcomes = [
        points("judgement", judgement=each) for each in ("consistently_strong", "inconsistent", "serious_weaknesses")
    ]
    assert grades == sorted(set(grades))
    assert outcomes == sorted(set(outcomes))
    assert 0 < points("judgement", judgement="") < 25
    assert points("judgement", judgement=None) == 0
    assert [points("exposure", children=n) for n in (0, 1, 5, 50)] == [0, 3, 15, 15]
    assert [points("events", events=n, concerns=n) for n in (0, 1, 9)] == [0, 4, 10]
    assert [points("actions", overdue=n) for n in (0, 1, 9)] == [0, 4, 12]
    assert [points("distance", miles=n and Decimal(n)) for n in (None, "9.9", "10", "20", "20.1")] == [0, 0, 4, 4, 8]
    said = priority(Facts(**facts | {"judgement": "serious_weaknesses"}))
    assert "outcome: Serious or widespread weaknesses (25)" in said.why
    assert "graded" not in said.why


def client_of(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def visited(cast):
    """Ash House, where Southwark has three children and Lewisham nine, visited by Lewisham on 3 March and published;
    Cedar Support at two addresses, where only Southwark places."""
    with service():
        ash = home_of(cast.provider, "SC500001", name="Ash House", area_name="Kent")
        cedar = home_of(cast.provider, "2500002", "supported_accommodation", 2, name="Cedar Support")
        first, second = cedar.premises.order_by("ordinal")
    with as_member(cast.other):
        for _ in range(9):
            place(cast.other, ash, date(2025, 6, 2))
        visit = visit_of(cast.other, ash, date(2026, 3, 3), published_on=date(2026, 3, 20))
        visit_of(cast.other, ash, date(2026, 4, 1), state="draft")
        visit_of(cast.other, ash, date(2026, 5, 4), state="planned")
    with as_member(cast.authority):
        for _ in range(3):
            place(cast.authority, ash, date(2025, 6, 2))
        place(cast.authority, cedar, date(2025, 6, 2), service_type="supported", premises=first)
        place(cast.authority, cedar, date(2025, 6, 2), service_type="supported")
        visit_of(cast.authority, cedar, date(2026, 4, 2), premises=first, state="draft")
    return {"ash": ash, "cedar": cedar, "visit": visit, "first": first, "second": second}


def test_boroughs_meet_the_rota_and_rely_on_each_other(cast, visited):
    officer = client_of(cast.person("quality_officer"))
    page = officer.get(reverse("rota")).content.decode()
    assert "2 of the 3 addresses where your children live are due a visit now" in page
    assert "3 of ours; Lewisham places 8 or more" in page
    assert "not recorded at which" in page
    assert "Rely on Lewisham’s visit of 3 March 2026" in page
    assert "1 April 2026, Lewisham" in page  # somebody went, whatever has become of it
    assert "4 May 2026, Lewisham" in page
    assert f"/visits/new/?establishment={visited['cedar'].uuid}&amp;premises={visited['first'].uuid}" in page
    assert "Week of" not in page
    assert "Due in the week of 29 June 2026" in page  # 2 April and 92 days are 3 July
    theirs = client_of(cast.person("quality_officer", stranger=True)).get(reverse("rota")).content.decode()
    assert "9 of ours; Southwark places fewer than 8" in theirs
    assert "Cedar Support" not in theirs
    assert "Cedar Support" in client_of(cast.person("quality_officer", stranger=True)).get(
        reverse("rota"), {"whose": "others"}).content.decode()  # fmt: skip
    # Who sees no child sees no count of children, and no priority that is made of it.
    group = client_of(cast.person("steering_member")).get(reverse("rota")).content.decode()
    assert "We place here; Lewisham places 8 or more" in group
    assert "of ours" not in group
    assert "Rely on" not in group
    taken = officer.get(reverse("rota"), {"format": "csv"}).content.decode("utf-8-sig")
    assert "judgement_points,judgement_why" in taken
    assert "Plan a visit" not in taken
    assert "not yet inspected" in taken

    address = reverse("visit-rely", args=[visited["visit"].uuid])
    assert address in officer.get(reverse("rota")).content.decode()
    before = officer.get(reverse("coverage")).content.decode()
    assert officer.post(address, {"note": "Read in full"}).status_code == 302
    after = officer.get(reverse("coverage")).content.decode()
    assert before != after
    assert "Rely on Lewisham" not in officer.get(reverse("rota")).content.decode()


def test_the_sentence_of_the_plan_is_proved_by_date(cast, visited):
    officer = client_of(cast.person("quality_officer"))
    with as_member(cast.authority):
        rely(cast.authority, visited["visit"], date(2026, 3, 25))
    page = officer.get(reverse("coverage"), {"on": "2026-03-31"}).content.decode()
    assert "On 31 March 2026 0 of 5 independent residential and semi-independent placements (0%) were monitored" in page
    assert "5 short of 100%" in page
    assert "1 placement has no premises recorded" in page
    on = {"on": "2026-03-31", "way": "site"}
    told = officer.get(reverse("coverage-list"), on | {"state": "monitored"}).content.decode()
    assert "3 of 5 placements of yours open that day" in told
    assert "3 March 2026, Lewisham’s, relied on; in time until 1 September 2026" in told
    assert (
        "0 of 5"
        in officer.get(reverse("coverage-list"), on | {"on": "2026-03-24", "state": "monitored"}).content.decode()
    )
    taken = officer.get(reverse("coverage-list"), on | {"format": "csv"}).content.decode("utf-8-sig")
    assert taken.count("Ash House") == 3
    with as_member(cast.authority):
        for kind in ("desktop", "report"):
            visit_of(cast.authority, visited["ash"], date(2026, 4, 10), kind=kind)
            visit_of(cast.authority, visited["cedar"], date(2026, 4, 10), kind=kind)
        unknown = Placement.objects.get(establishment=visited["cedar"], premises=None)
    assert "4 of 5 independent residential" in officer.get(reverse("coverage")).content.decode()
    placer = client_of(cast.person("placements_officer"))
    placer.post(reverse("placements-premises"), {
        f"premises-{unknown.uuid}": visited["first"].uuid, f"version-{unknown.uuid}": unknown.version,
    })  # fmt: skip
    page = officer.get(reverse("coverage")).content.decode()
    assert "On 20 April 2026 100% of 5 independent residential and semi-independent placements are monitored" in page
    later = officer.get(reverse("coverage"), {"on_0": "1", "on_1": "12", "on_2": "2026"}).content.decode()
    assert "That day has not come" in later
    assert "100% of" not in later
    assert "that date does not exist" in officer.get(
        reverse("coverage"), {"on_0": "31", "on_1": "2", "on_2": "2026"}).content.decode()  # fmt: skip
    # Lewisham's page holds its own nine and nothing of Southwark's; a steering member reaches no list of children.
    theirs = client_of(cast.person("quality_officer", stranger=True)).get(reverse("coverage")).content.decode()
    assert "of 9 independent" in theirs
    assert "Southwark" not in theirs.partition("<main")[2].partition("</main>")[0]
    group = client_of(cast.person("steering_member"))
    assert reverse("coverage-list") not in group.get(reverse("coverage")).content.decode()
    assert group.get(reverse("coverage-list")).status_code == 403


def test_an_authority_sets_its_own_days(cast, visited):
    officer = client_of(cast.person("quality_officer"))
    change = reverse("interval-change", args=["residential"])
    assert "Empty for the usual: 182 days" in officer.get(change).content.decode()
    wrong = officer.post(change, {"site": "0", "desktop": "many", "report": "5000"}).content.decode()
    for says in ("Enter at least one day", "Enter days as a whole number", "Enter at most 1096 days"):
        assert says in wrong
    assert officer.post(change, {"site": "20", "desktop": "", "report": "92"}).status_code == 302
    page = officer.get(reverse("intervals")).content.decode()
    assert "20 days, your own" in page
    assert "differs from the partnership’s usual days in 1 place" in page
    assert officer.get(reverse("interval-change", args=["nothing"])).status_code == 404
    with as_member(cast.authority):
        assert list(MonitoringRule.objects.values_list("kind", "every_days")) == [("site", 20)]
    with as_member(cast.other):
        assert not MonitoringRule.objects.exists()
    assert officer.post(change, {"site": "", "desktop": "", "report": ""}).status_code == 302
    with as_member(cast.authority):
        assert not MonitoringRule.objects.exists()


def test_premises_are_recorded_by_who_goes_there(cast, visited):
    officer = client_of(cast.person("quality_officer"))
    cedar = visited["cedar"]
    home = reverse("establishment", args=[cedar.uuid])
    assert "Record premises that the list lacks" in officer.get(home).content.decode()
    new = reverse("premises-new", args=[cedar.uuid])
    given = {
        "name": " 9  Elm Street ",
        "address": "9 Elm Street, SE15",
        "area_name": "",
        "category": "3",
        "places": "4",
    }
    assert officer.post(new, given).status_code == 302
    assert "are called 9 Elm Street" in officer.post(new, given | {"name": "9 elm street"}).content.decode()
    assert officer.post(new, given | {"name": "11 Elm Street"}).status_code == 302  # alike but for its name
    with as_member(cast.other):
        elm, eleven = Premises.objects.filter(name__endswith="Elm Street").order_by("pk")
        assert (elm.name, elm.category, elm.places, elm.ordinal, elm.listed_at) == ("9 Elm Street", 3, 4, 1, None)
        assert (eleven.ordinal, eleven.provider) == (2, cedar.provider)
    change = reverse("premises-change", args=[cedar.uuid, elm.uuid])
    left = {"name": elm.name, "address": elm.address, "left_on_0": "1", "left_on_1": "4", "left_on_2": "2026"}
    assert "That day has not come" in officer.post(change, left | {"version": 1, "left_on_1": "5"}).content.decode()
    assert officer.post(change, left | {"version": 1}).status_code == 302
    assert "Somebody else changed this" in officer.post(change, left | {"version": 1, "name": "x"}).content.decode()
    page = officer.get(home).content.decode()
    assert "9 Elm Street, SE15" in page
    assert "1 April 2026" in page
    with as_member(cast.authority):
        assert set(Premises.objects.lived_in(TODAY).filter(establishment=cedar)) == {
            visited["first"], visited["second"], eleven,
        }  # fmt: skip
        with pytest.raises(ValidationError, match="This registration is one address"):
            record_premises(establishment=visited["ash"], name="1 Road", by=BY)
    assert "This registration is one address" in officer.post(
        reverse("premises-new", args=[visited["ash"].uuid]), given).content.decode()  # fmt: skip
    assert client_of(cast.person("analyst")).get(new).status_code == 403


def test_the_pages_ask_the_database_as_often_for_many_rows(cast, visited, django_assert_max_num_queries):
    officer = client_of(cast.person("quality_officer"))
    pages = (reverse("rota"), reverse("coverage"), reverse("coverage-list"))
    counts = []
    for more in (5, 45):
        with service():
            homes = [home_of(cast.provider, f"SC7{more:02}{n:03}") for n in range(more)]
        with as_member(cast.authority):
            for home in homes:
                place(cast.authority, home, TODAY)
                visit_of(cast.authority, home, TODAY - timedelta(days=9))
        for page in pages:  # what a worker asks once
            officer.get(page)
        asked = []
        for page in pages:
            with django_assert_max_num_queries(60) as captured:
                assert officer.get(page).status_code == 200
            asked.append(len(captured))
        counts.append(asked)
    assert counts[0] == counts[1]
    assert datetime.now(UTC).date() == TODAY
