"""Moving: ends that come, meetings in time, how homes ended, and nights on which own places stood empty."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
import time_machine
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from commissioning.kernel.periods import FinancialYear, Period
from contracts.actions.placements import end_placement, record_placement
from contracts.measures.moving import endings, ends_coming, gaps, voids
from contracts.models import AgreementVersion, PathwayPlace, Placement, PlacementMeeting, Referral
from tests.contracts.bought import BY, TODAY, child_of, spot_placement
from tests.contracts.watching import day, own, rows_of, signed_in
from tests.reading import text

pytestmark = pytest.mark.django_db(databases=["default", "owner"])
THIS_YEAR, LAST_YEAR = FinancialYear(2026), FinancialYear(2025)
DAYS = st.dates(date(2025, 3, 1), date(2025, 6, 1))


@pytest.fixture(autouse=True)
def _today():
    with time_machine.travel(TODAY, tick=False):
        yield


@pytest.fixture
def officer(cast):
    return signed_in(cast.person("placements_officer"))


def home_of(cast, starts_on=date(2025, 6, 2), **facts) -> Placement:
    with own(cast.authority):
        return spot_placement(child_of(cast.authority), starts_on, **facts)


# Ends that come


def test_ends_that_come_without_a_next_step(cast, officer):
    passed = home_of(cast, planned_end_on=date(2026, 4, 1))
    soon = home_of(cast, planned_end_on=date(2026, 5, 18))
    home_of(cast, planned_end_on=date(2026, 5, 19))
    home_of(cast)
    with own(cast.authority):
        assert list(ends_coming(TODAY)) == [passed, soon]
    says = text(officer.get("/placements/moving/"))
    assert "2 planned ends without a next step: 1 has passed and 1 comes within four weeks." in says
    plan = reverse("move-plan", args=[passed.uuid])
    form = {"version": "1", "destination": "own_tenancy", **day("planned_end_on", date(2026, 5, 1))}
    assert officer.post(plan, form).status_code == 302
    assert "Somebody else changed this" in text(officer.post(plan, form | {"destination": "family"}))
    with own(cast.authority):
        Referral.objects.create(
            authority=cast.authority, number=1, child=soon.child, opened_at=cast.now, urgency="planned",
            needed_by=date(2026, 5, 18), in_house_tried="yes", service_type="residential",
        )  # fmt: skip
    assert "No end comes without a next step" in text(officer.get("/placements/moving/"))


# Meetings


def test_meetings_in_time_late_overdue_and_not_recorded(cast, officer):
    for due, held in (((4, 2), (4, 2)), ((4, 3), (4, 9)), ((4, 14), None), ((4, 28), None)):
        home = home_of(cast)
        with own(cast.authority):
            PlacementMeeting.objects.create(
                authority=cast.authority, placement=home, kind="stability", due_on=date(2026, *due),
                held_on=date(2026, *held) if held else None,
            )  # fmt: skip
    home_of(cast, date(2026, 4, 8))
    rows = rows_of(officer.get("/placements/moving/meetings/?format=csv"))
    assert [row["state"] for row in rows] == ["Overdue", "Not recorded", "Planned", "Held late", "Held in time"]
    assert rows[1]["due_on"] == "2026-04-15"
    says = text(officer.get("/placements/moving/meetings/"))
    assert "33% of the 3 meetings due so far in 2026/27 were held in time; 1 overdue." in says
    assert "1 open home without a planning meeting recorded." in says
    assert "No meetings in 2023/24" in text(officer.get("/placements/moving/meetings/?year=2023"))


def test_a_meeting_is_planned_and_held(cast, officer):
    home = home_of(cast, date(2026, 4, 8))
    address = reverse("meeting-new", args=[home.uuid])
    page = officer.get(address)
    assert page.context["form"].initial["due_on"] == date(2026, 4, 15)
    given = {"kind": "planning", "note": "", **day("due_on", date(2026, 4, 15))}
    assert officer.post(address, given)["Location"] == f"/placements/{home.uuid}/#meetings"
    assert "is recorded already" in text(officer.post(address, given))
    assert "Record that it was held" in text(officer.get(address))
    with own(cast.authority):
        meeting = PlacementMeeting.objects.get()
    held = reverse("meeting-held", args=[home.uuid, meeting.uuid])
    late = officer.post(held, {"version": "1", "note": "", **day("held_on", date(2026, 4, 21))})
    assert "once it was" in text(late)
    assert officer.post(held, {"version": "1", "note": "", **day("held_on", date(2026, 4, 16))}).status_code == 302
    assert "Somebody else changed this" in text(
        officer.post(held, {"version": "1", "note": "", **day("held_on", date(2026, 4, 17))})
    )
    with own(cast.authority):
        assert PlacementMeeting.objects.get().held_on == date(2026, 4, 16)


# How homes ended


def ended(cast, on, by="plan", planned=True, notice=None, agreed=None, to="family", **facts) -> Placement:
    home = home_of(cast, **facts)
    with own(cast.authority):
        if agreed is not None:
            AgreementVersion.objects.create(
                authority=cast.authority, placement=home, number=1, agreed_on=home.starts_on,
                starts_on=home.starts_on, notice_days=agreed, price_agreed=Decimal(1),
            )  # fmt: skip
        return end_placement(
            placement=home, ends_before=on, end_reason="CREQB", ended_by=by, ended_as_planned=planned,
            destination=to, notice_given_on=notice, by=BY, today=TODAY,
        )  # fmt: skip


def test_how_homes_ended(cast, officer):
    ended(cast, date(2026, 3, 31))
    ended(cast, date(2026, 4, 1))
    ended(cast, date(2026, 4, 10), "provider", planned=False, notice=date(2026, 4, 3), agreed=28, to="another_home")
    ended(cast, date(2026, 4, 12), "provider", planned=False, notice=date(2026, 3, 15), agreed=28)
    ended(cast, date(2026, 4, 12), "young_person", planned=False)
    ended(cast, date(2026, 4, 12), respite=True)
    page = officer.get("/placements/moving/ended/")
    says = text(page)
    assert (
        "4 homes ended in 2026/27: 3 not as planned, 2 of them ended by the provider or carer. Less notice than agreed "
        "was given for 1 of the 2 for which it is known." in says
    )
    assert "The provider or carer 2 2 100% 17 1" in says
    assert "Together 4 3 75% 17 1" in says
    rows = rows_of(officer.get("/placements/moving/ended/?format=csv&notice=yes"))
    assert [(row["notice"], row["agreed"], row["destination"]) for row in rows] == [("7", "28", "Another home in care")]
    assert "1 home ended in 2025/26" in text(officer.get("/placements/moving/ended/?year=2025"))
    assert "No home ended in 2023/24" in text(officer.get("/placements/moving/ended/?year=2023"))


def test_the_notice_is_that_of_the_agreement_in_force(cast):
    home = ended(cast, date(2026, 4, 12), "provider", planned=False, notice=date(2026, 4, 1), agreed=7)
    with own(cast.authority):
        AgreementVersion.objects.create(
            authority=cast.authority, placement=home, number=2, agreed_on=date(2026, 4, 5), starts_on=date(2026, 4, 5),
            notice_days=28, price_agreed=Decimal(1),
        )  # fmt: skip
        (row,) = endings(THIS_YEAR, TODAY)
        assert (row.notice, row.agreed, row.short) == (11, 7, False)


# Own places


@given(st.lists(st.tuples(DAYS, st.none() | DAYS), max_size=6), DAYS, st.integers(1, 60))
def test_empty_nights_are_those_on_which_nobody_stayed(stays, first, length):
    part = Period(first, first + timedelta(days=length))
    stays = sorted(((a, b) for a, b in stays if b is None or b > a), key=lambda stay: stay[0])
    nights = [first + timedelta(days=n) for n in range(length)]
    empty = [night for night in nights if not any(a <= night and (b is None or night < b) for a, b in stays)]
    found = [a + timedelta(days=n) for a, b in gaps(part, stays) for n in range((b - a).days)]
    assert found == empty


def lives(cast, place, starts_on, ends_before=None, **facts) -> Placement:
    with own(cast.authority):
        return record_placement(
            child=child_of(cast.authority), service_type="supported", starts_on=starts_on, ends_before=ends_before,
            in_house=True, pathway_place=place, by=BY, today=TODAY, **facts,
        )  # fmt: skip


def test_voids_against_a_day_by_day_oracle(cast):
    with own(cast.authority):
        flat = PathwayPlace.objects.create(
            authority=cast.authority, name="Flat 1", starts_on=date(2025, 4, 10), ends_before=date(2026, 3, 20),
            weekly_amount=Decimal("301.37"),
        )  # fmt: skip
        PathwayPlace.objects.create(authority=cast.authority, name="Flat 2", starts_on=date(2024, 1, 1))
    stays = [(date(2025, 4, 20), date(2025, 7, 3)), (date(2025, 6, 20), date(2025, 7, 20)),
             (date(2025, 12, 24), date(2026, 2, 1))]  # fmt: skip
    for start, stop in stays:
        lives(cast, flat, start, stop)
    with own(cast.authority):
        parts = voids(LAST_YEAR, TODAY)
    first = [part for part in parts if part.place == flat]
    assert len(first) == len(parts) - len(first) == 12
    for part in first:
        a, b = part.period.bounds
        nights = [a + timedelta(days=n) for n in range((b - a).days)]
        empty = sum(not any(s <= night < e for s, e in stays) for night in nights)
        assert (part.available, part.void) == (len(nights), empty)
        assert abs(part.void_cost - Decimal("301.37") * empty / 7) <= Decimal("0.02")
    assert first[0].available == 21, "only from 10 April"
    assert first[-1].available == 19, "19 March is the last night"
    assert all(part.void_cost is None and part.void == part.available for part in parts if part.place != flat)


def test_own_places_from_adding_to_giving_up(cast, officer):
    address = "/placements/own-places/"
    assert "No place of your own in 2026/27" in text(officer.get(address))
    given = {"name": "Flat 9", "service_type": "supported", "weekly_amount": "350", **day("starts_on", TODAY)}
    assert officer.post(f"{address}new/", given)["Location"] == address
    assert "Flat 9" in text(officer.get(address)), "a place without a night yet stands there"
    twice = officer.post(f"{address}new/", given | {"name": "flat 9"})
    assert "has that name already" in " ".join(twice.context["form"].errors["name"])
    with own(cast.authority):
        flat = PathwayPlace.objects.create(
            authority=cast.authority, name="Flat 2", starts_on=date(2026, 4, 1), weekly_amount=Decimal("70")
        )
    home = lives(cast, flat, date(2026, 4, 8), date(2026, 4, 15))
    says = text(officer.get(address))
    assert "12 of 19 nights of your own places in 2026/27 up to last night stood empty, 63%: £120.00." in says
    assert "empty" in says
    (row,) = rows_of(officer.get(f"{address}?format=csv"))
    assert (row["available"], row["used"], row["void"]) == ("19", "7", "12")
    end = reverse("own-place-end", args=[flat.uuid])
    refused = officer.post(end, {"version": "1", **day("ends_before", date(2026, 4, 10))})
    assert f"{home} is there after that day" in text(refused)
    assert officer.post(end, {"version": "1", **day("ends_before", date(2026, 4, 14))}).status_code == 302
    assert "Somebody else changed this" in text(
        officer.post(end, {"version": "1", **day("ends_before", date(2026, 4, 17))})
    )


def test_who_may(cast, officer):
    home = home_of(cast)
    reader = signed_in(cast.person("analyst"))
    for address in ("/placements/moving/", "/placements/moving/meetings/", "/placements/moving/ended/",
                    "/placements/own-places/"):  # fmt: skip
        assert reader.get(address).status_code == 200
    for name in ("move-plan", "meeting-new"):
        assert reader.get(reverse(name, args=[home.uuid])).status_code == 403
    assert reader.get("/placements/own-places/new/").status_code == 403


@pytest.mark.parametrize(
    "address", ["/placements/moving/", "/placements/moving/meetings/", "/placements/moving/ended/"]
)
def test_many_homes_ask_no_more_of_the_database(cast, officer, address, django_assert_max_num_queries):
    for number in range(55):
        home = home_of(cast, date(2026, 4, 1), planned_end_on=date(2026, 4, 10))
        if "ended" in address:
            with own(cast.authority):
                Placement.objects.filter(pk=home.pk).update(ends_before=date(2026, 4, 5 + number % 10))
    with django_assert_max_num_queries(20):
        assert "1 to 50 of 55" in text(officer.get(address))


def test_many_own_places(cast, officer, django_assert_max_num_queries):
    with own(cast.authority):
        flats = [
            PathwayPlace.objects.create(authority=cast.authority, name=f"Flat {n:02}", starts_on=date(2025, 1, 1))
            for n in range(60)
        ]
    for flat in flats[:20]:
        lives(cast, flat, date(2026, 4, 1))
    with django_assert_max_num_queries(20):
        assert "60 places" in text(officer.get("/placements/own-places/"))
