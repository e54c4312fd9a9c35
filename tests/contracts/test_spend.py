"""Spend against the day-by-day oracle, to the penny."""

from datetime import date
from decimal import Decimal

import pytest
from django.db.models import F

from contracts.actions.cost_lines import set_funding
from contracts.actions.placements import end_placement
from contracts.measures.spend import DIMENSIONS, spend_rows
from contracts.models import CareStatus, Placement
from contracts.rules.ages import band_of
from contracts.rules.shares import LATER, route_shares, total
from providers.actions.award_place import end_place
from providers.models import Award
from tests.contracts.bought import BY, TODAY, child_of, framework_placement, spot_placement, weekly
from tests.contracts.oracle_spend import spend_by_day

pytestmark = pytest.mark.django_db(databases=["default", "owner"])
FIRST, UNTIL = date(2024, 4, 1), date(2026, 4, 20)


@pytest.fixture
def bought(world, as_authority):
    """Southwark's purchases: every route and later state, extras, a discount, credits, splits; and Lewisham's one."""
    with as_authority(world.lewisham):
        weekly(spot_placement(child_of(world.lewisham)), "9999.99")
    with as_authority(world.southwark):
        awards = list(Award.objects.filter(framework=world.shared).order_by("pk"))
        first = framework_placement(
            child_of(world.southwark), awards[0], date(2024, 5, 7), ends_before=date(2026, 2, 28)
        )
        weekly(first, "726.13", ends_before=date(2025, 4, 1))
        weekly(first, "741.03", date(2025, 4, 1))
        weekly(first, "31.11", category="discount")
        second = framework_placement(child_of(world.southwark, born_on=date(2008, 2, 29)), awards[1], date(2025, 1, 31))
        line = weekly(second, "800.01")
        set_funding(line=line, by=BY, parts={
            "social_care": (Decimal("500.00"), Decimal(0)), "health": (Decimal("200.005"), Decimal(0)),
            "education": (Decimal("100.005"), Decimal(0)),
        })  # fmt: skip
        end_place(award=awards[1], ends_before=date(2025, 11, 12), reason="Left the lot", by=BY)
        third = spot_placement(child_of(world.southwark, born_on=None, age_recorded=15,
                                        age_recorded_on=date(2025, 6, 9)), date(2025, 6, 2))  # fmt: skip
        weekly(third, "4199.93")
        weekly(third, "2500.00", date(2025, 7, 31), unit="one_off", description="Assessment")
        spot_placement(Placement.objects.get(pk=third.pk).child, date(2025, 8, 1), ends_before=date(2025, 8, 9),
                       respite=True)  # fmt: skip
        CareStatus.objects.create(authority=world.southwark, child=first.child, status="looked_after",
                                  starts_on=date(2024, 5, 7), ends_before=date(2025, 9, 15))  # fmt: skip
    return world


def told(rows):
    return {
        row.key: {"nights": row.nights, "gross": row.gross, **row.others} for row in rows if row.nights or row.gross
    }


def plain(found):
    return {
        key: {"gross": row["gross"]} | {name: value for name, value in row.items() if value or name == "nights"}
        for key, row in found.items()
    }  # fmt: skip


def disability(child):
    return "no" if child.disabilities == ["NONE"] else "yes" if child.disabilities else ""


def status(placement, day):
    first = max(day.replace(day=1), placement.starts_on)
    found = CareStatus.objects.filter(child=placement.child).on(first).first()
    return found.status if found else ""


KEYS = {
    "month": lambda p, day, state: day.replace(day=1),
    "route": lambda p, day, state: p.route,
    "state": lambda p, day, state: state,
    "service": lambda p, day, state: p.service_type,
    "lot": lambda p, day, state: p.lot_id,
    "provider": lambda p, day, state: p.provider_id,
    "level": lambda p, day, state: p.level,
    "spot_reason": lambda p, day, state: p.spot_reason,
    "sex": lambda p, day, state: p.child.sex,
    "ethnicity": lambda p, day, state: p.child.ethnicity,
    "disability": lambda p, day, state: disability(p.child),
    "placement": lambda p, day, state: p.pk,
}


def agree(by, key=None):
    found = told(spend_rows(first=FIRST, until=UNTIL, by=by))
    wanted = spend_by_day(FIRST, UNTIL, key or (lambda *part: tuple(KEYS[name](*part) for name in by)))
    assert found == plain(wanted)
    assert found


@pytest.mark.parametrize("by", [(name,) for name in KEYS] + [("month", "route", "state", "service")], ids="-".join)
def test_every_dimension_equals_the_oracle(bought, as_authority, by):
    with as_authority(bought.southwark):
        agree(by)


def test_care_status_and_age_are_of_the_parts_first_day(bought, as_authority):
    with as_authority(bought.southwark):
        agree(("month", "care_status"), lambda p, day, state: (day.replace(day=1), status(p, day)))

        def part(p, day, state):
            """A part begins with its month, its placement, or its later state."""
            cuts = [p.starts_on, day.replace(day=1), FIRST]
            cuts += [date(2025, 11, 12)] if state == "provider_left" else []
            return day.replace(day=1), band_of(p.child.age_on(max(cut for cut in cuts if cut <= day)))

        agree(("month", "age_band"), part)


def test_the_whole_is_the_sum_of_its_parts(bought, as_authority):
    with as_authority(bought.southwark):
        (whole,) = spend_rows(first=FIRST, until=UNTIL)
        for name in DIMENSIONS:
            parts = spend_rows(first=FIRST, until=UNTIL, by=(name,))
            assert sum(row.gross for row in parts) == whole.gross
            assert sum(row.nights for row in parts) == whole.nights
            assert sum(row.own for row in parts) == whole.own
        years = [spend_rows(first=a, until=b)[0] for a, b in [(FIRST, date(2025, 4, 1)), (date(2025, 4, 1), UNTIL)]]
        assert sum(row.gross for row in years) == whole.gross


def test_later_states_are_classes_of_their_own(bought, as_authority):
    with as_authority(bought.southwark):
        states = {row.key[0]: row.nights for row in spend_rows(first=FIRST, until=UNTIL, by=("state",))}
        assert set(states) == {"", "in_force", "provider_left"}
        (left,) = spend_rows(first=FIRST, until=UNTIL, state="provider_left")
        assert left.nights == states["provider_left"] == (UNTIL - date(2025, 11, 12)).days


@pytest.mark.parametrize("taken", [False, True])
def test_a_framework_that_ended_or_was_extended(bought, as_authority, taken):
    until = date(2029, 4, 1)
    with as_authority(bought.southwark):
        if taken:
            bought.shared.extensions.create(position=1, months=12, taken_on=date(2026, 3, 1))
        found = {row.key[0]: row.nights for row in spend_rows(first=date(2027, 4, 1), until=until, by=("state",))}
    assert found["framework_ended"] == (until - date(2028 if taken else 2027, 4, 1)).days
    assert found.get("extension", 0) == 0  # the provider had left the lot before


def test_framework_shares_of_each_borough_equal_the_oracle(world, as_authority):
    """One framework extended, one ended, a provider that left its lot, and spot: over the years that hold all three."""
    boroughs = (world.southwark, world.lewisham, world.greenwich)
    for place, borough in enumerate(boroughs):
        with as_authority(borough):
            for number, framework in enumerate([world.shared, world.pair][: 1 if borough == world.southwark else 2]):
                for award in Award.objects.filter(framework=framework).order_by("pk")[:2]:
                    home = framework_placement(child_of(borough), award, date(2025, 2, 3 + place + number))
                    weekly(home, f"{700 + 41 * place + number}.13")
            weekly(spot_placement(child_of(borough), date(2025, 5, 9 + place)), f"{3100 + 77 * place}.29")
    with as_authority(world.southwark):
        world.shared.extensions.create(position=1, months=12, taken_on=date(2026, 3, 1))
        left = Award.objects.filter(framework=world.shared).order_by("pk").first()
        end_place(award=left, ends_before=date(2026, 7, 8), reason="Left the lot", by=BY)
    first, until = date(2026, 4, 1), date(2028, 9, 1)
    for borough in boroughs:
        with as_authority(borough):
            rows = spend_rows(first=first, until=until, by=("route", "state"))
            days = spend_by_day(first, until, lambda p, day, state: (p.route, state))
        assert {state for _, state in days} == {"", "in_force", *LATER}
        for of in ("nights", "gross"):
            found = route_shares({row.key: total([row]) for row in rows}, of)["framework"]
            whole = sum(row[of] for row in days.values())

            def share(*states, of=of, whole=whole, days=days):
                part = sum(days["framework", state][of] for state in states)
                return Decimal(part) * 100 / whole

            assert found.share == share("in_force", *LATER)
            assert found.firm == share("in_force")
            for state in LATER:
                assert found.without[state] == share("in_force", *(other for other in LATER if other != state))


def test_nobody_elses_spend(bought, as_authority):
    with as_authority(bought.lewisham):
        (row,) = spend_rows(first=FIRST, until=UNTIL)
        assert row.nights == (UNTIL - date(2025, 6, 2)).days
    with as_authority(bought.greenwich):
        assert spend_rows(first=FIRST, until=UNTIL) == []


def test_an_ended_placement_stops_costing(bought, as_authority):
    with as_authority(bought.southwark):
        home = Placement.objects.get(ends_before=None, route="spot")
        end_placement(placement=home, ends_before=date(2026, 1, 1), end_reason="CHILD", ended_by="young_person",
                      ended_as_planned=False, destination="family", by=BY, today=TODAY)  # fmt: skip
        agree(("month", "placement"))


def test_few_queries_and_clear_errors(bought, as_authority, django_assert_num_queries):
    with as_authority(bought.southwark):
        with django_assert_num_queries(4):  # frameworks, their extensions, places on lots, and the question
            spend_rows(first=FIRST, until=UNTIL, by=("month", "route", "lot"))
        with pytest.raises(ValueError, match="unknown dimensions"):
            spend_rows(first=FIRST, until=UNTIL, by=("born_on",))
        with pytest.raises(ValueError, match="comes before"):
            spend_rows(first=UNTIL, until=FIRST)
        assert Placement.objects.filter(starts_on__gt=F("ends_before")).count() == 0
