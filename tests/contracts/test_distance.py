"""Far from home: by postcodes that are dropped, by hand, approved, and the host told."""

from collections import Counter
from datetime import date
from decimal import Decimal
from itertools import product

import pytest
import time_machine
from django.db import connections
from django.urls import reverse

from commissioning.partnership.models import Authority, AuthorityCode
from contracts.measures.distance import by_label
from contracts.models import DistanceApproval, Placement, Referral
from contracts.rules.distance import LABELS
from tests.contracts.bought import TODAY, child_of, spot_placement
from tests.contracts.watching import day, own, rows_of, signed_in
from tests.reading import text

pytestmark = pytest.mark.django_db(databases=["default", "owner"])
ADDRESS = "/placements/distance/"
SOUTHWARK, KENT, CARDIFF, EDINBURGH, BELFAST = "SE1 2QH", "ME14 1XQ", "CF10 3ND", "EH1 1YJ", "BT1 5GS"


@pytest.fixture(autouse=True)
def _today():
    with time_machine.travel(TODAY, tick=False):
        yield


@pytest.fixture
def officer(cast):
    return signed_in(cast.person("placements_officer"))


def home_of(cast, starts_on=date(2026, 4, 1), **facts) -> Placement:
    with own(cast.authority):
        return spot_placement(child_of(cast.authority), starts_on, **facts)


def typed(version=1, approval=0, **more) -> dict[str, str]:
    return {
        "version": str(version), "approval_version": str(approval), "home_postcode": "", "placed_postcode": "",
        "distance_miles": "", "boundary": "", "host_authority": "", "host_area": "", "reason": "", "note": "",
        "approved_by": "", **more,
    }  # fmt: skip


def codes_are_known() -> None:
    assert AuthorityCode.objects.filter(ons_code="E09000028").exists()


@pytest.mark.parametrize(
    ("placed", "side", "area", "far"),
    [
        (SOUTHWARK, "in", "", False),
        (KENT, "out", "", True),
        (CARDIFF, "out", "WAL", True),
        (EDINBURGH, "out", "SCO", True),
        (BELFAST, "out", "NIR", None),
    ],
)
def test_postcodes_are_worked_out_and_dropped(cast, officer, placed, side, area, far):
    home = home_of(cast)
    address = reverse("distance", args=[home.uuid])
    answer = officer.post(address, typed(home_postcode=SOUTHWARK, placed_postcode=placed.lower()))
    assert answer["Location"] == f"/placements/{home.uuid}/#distance"
    with own(cast.authority):
        codes_are_known()
        home.refresh_from_db()
        assert (home.boundary, home.host_area) == (side, area)
        assert far is None if home.distance_miles is None else (home.distance_miles > 20) == far
        host = home.host_authority.name if home.host_authority_id else ""
        assert host == ("Kent" if placed == KENT and Authority.objects.coded("E10000016") else "")
    with connections["owner"].cursor() as cursor:
        for table in ("contracts_placement", "contracts_distanceapproval", "kernel_event"):
            cursor.execute("SELECT to_regclass(%s)", [table])
            if cursor.fetchone()[0]:
                cursor.execute(
                    f"SELECT count(*) FROM {table} t WHERE t::text ~* 'SE1 ?2QH|{placed.replace(' ', ' ?')}'"
                )
                assert cursor.fetchone()[0] == 0, table


def test_no_postcode_comes_back_in_a_refusal(cast, officer):
    address = reverse("distance", args=[home_of(cast).uuid])
    for more in (
        {"home_postcode": SOUTHWARK, "placed_postcode": "ZZ99 9ZZ"},
        {"home_postcode": SOUTHWARK},
        {"home_postcode": SOUTHWARK, "placed_postcode": KENT, "approved_by": "Director"},
        {"home_postcode": SOUTHWARK, "placed_postcode": KENT, "version": "0"},
    ):
        answer = officer.post(address, typed() | more)
        assert answer.status_code == 200
        body = answer.content.decode().upper()
        assert not any(postcode in body for postcode in (SOUTHWARK, KENT, "ZZ99")), more
    with own(cast.authority):
        assert Placement.objects.get().boundary == "", "neither is written where one is refused"


@pytest.mark.parametrize(
    ("more", "field", "says"),
    [
        ({"home_postcode": SOUTHWARK}, "placed_postcode", "Enter both postcodes"),
        ({"home_postcode": "ZZ99 9ZZ", "placed_postcode": KENT}, "home_postcode", "No such postcode"),
        ({"distance_miles": "-1"}, "distance_miles", "greater than or equal to 0"),
        ({"distance_miles": "12.34"}, "distance_miles", "1 decimal"),
        ({"boundary": "in", "host_area": "WAL"}, "host_authority", "outside the authority"),
        ({"reason": "legal", "approved_by": "Director"}, "approved_on", "a person and a day"),
        ({"approved_by": "Director", **day("approved_on", TODAY)}, "reason", "Say why"),
        (day("host_told_on", date(2026, 4, 21)), "host_told_on", "after today"),
    ],
)
def test_a_refusal_stands_beside_its_field(cast, officer, more, field, says):
    answer = officer.post(reverse("distance", args=[home_of(cast).uuid]), typed(**more))
    assert says in " ".join(answer.context["form"].errors[field])


def test_by_hand_approved_and_told(cast, officer):
    home = home_of(cast)
    with own(cast.authority):
        lewisham = str(cast.other.uuid)
    address = reverse("distance", args=[home.uuid])
    officer.post(
        address,
        typed(distance_miles="4.2", boundary="out", host_authority=lewisham, reason="not_available",
              approved_by="Head of service", **day("approved_on", date(2026, 4, 1))),
    )  # fmt: skip
    (row,) = rows_of(officer.get(f"{ADDRESS}?format=csv"))
    assert (row["child"], row["miles"], row["host"]) == ("Child 1", "4.2", "Lewisham")
    assert row["told"] == "Overdue", "ten days of April and two bank holidays have passed"
    says = text(officer.get(ADDRESS))
    assert "1 of 1 open homes is outside the authority or over 20 miles away. Telling the host authority" in says
    with own(cast.authority):
        approval = DistanceApproval.objects.get()
        version = Placement.objects.get().version
    told = typed(version, approval.version, distance_miles="4.2", boundary="out", host_authority=lewisham,
                 reason="not_available", approved_by="Head of service", **day("approved_on", date(2026, 4, 1)),
                 **day("host_told_on", date(2026, 4, 10)))  # fmt: skip
    assert officer.post(address, told).status_code == 302
    assert rows_of(officer.get(f"{ADDRESS}?format=csv"))[0]["told"] == "Told in time"
    stale = officer.post(address, told | {"approved_by": "Somebody else"})
    assert "Somebody else changed this while you were typing" in text(stale)
    assert "Stored now: Head of service You typed: Somebody else" in text(stale)
    again = told | {"approved_by": "Somebody else"}
    again |= {name: stale.context["form"].data[name] for name in ("version", "approval_version")}
    assert officer.post(address, again).status_code == 302


def test_a_planned_move_is_told_before_it_starts(cast, officer):
    with own(cast.authority):
        child = child_of(cast.authority)
        planned = Referral.objects.create(
            authority=cast.authority, number=1, child=child, opened_at=cast.now, urgency="planned",
            needed_by=date(2026, 4, 20), in_house_tried="yes", service_type="residential",
        )  # fmt: skip
        spot_placement(child, date(2026, 4, 17), referral=planned, boundary="out")
        spot_placement(child_of(cast.authority), date(2026, 4, 17), boundary="out")
    assert [row["told"] for row in rows_of(officer.get(f"{ADDRESS}?format=csv"))] == [
        "Overdue", "Not told, in time",
    ]  # fmt: skip


def test_the_dfes_labels_against_an_oracle(cast, officer):
    distances = [None, *map(Decimal, ("0.0", "19.9", "20.0", "20.1", "250.0"))]
    cases = list(product(distances, ("", "in", "out")))
    expected: Counter[str] = Counter()
    for distance, side in cases:
        home_of(cast, distance_miles=distance, boundary=side)
        if distance is None or side == "":
            expected["Distance not known or not recorded"] += 1
        else:
            words = "Over 20 miles" if distance > 20 else "20 miles or less"
            expected[f"{words}, {'inside' if side == 'in' else 'outside'} the authority"] += 1
    with own(cast.authority):
        assert by_label(TODAY) == {words: expected[words] for words in LABELS}
        assert sum(by_label(TODAY).values()) == len(cases)
    listed = sum(side == "out" or (distance or 0) > 20 for distance, side in cases)
    assert len(rows_of(officer.get(f"{ADDRESS}?format=csv"))) == listed


def test_the_empty_state_and_who_may(cast, officer):
    assert "No child lives far from home" in text(officer.get(ADDRESS))
    home = home_of(cast)
    assert "Of 1 open homes the distance or the boundary is not known yet" in text(officer.get(ADDRESS))
    assert signed_in(cast.person("quality_officer")).get(reverse("distance", args=[home.uuid])).status_code == 403
    assert signed_in(cast.person("steering_member")).get(ADDRESS).status_code == 403


def test_many_homes_ask_no_more_of_the_database(cast, officer, django_assert_max_num_queries):
    for _ in range(60):
        home_of(cast, boundary="out", distance_miles=Decimal("33.0"))
    with django_assert_max_num_queries(20):
        assert "1 to 50 of 60 homes" in text(officer.get(ADDRESS))
