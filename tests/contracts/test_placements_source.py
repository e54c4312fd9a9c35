"""Placements by the import road: the own template, its bad rows, and what a later file may change."""

from datetime import date
from decimal import Decimal

import pytest

from commissioning.kernel.ingest.restricted import NOT_KEPT
from commissioning.kernel.ingest.take_back import take_back
from commissioning.kernel.models import ImportState
from commissioning.kernel.tenancy.viewer import Viewer, acting_as
from commissioning.partnership.models import Participation
from contracts.actions.call_off import facts_of
from contracts.actions.children import find_child
from contracts.models import (
    CareStatus,
    Child,
    ChildReference,
    CostLine,
    DistanceApproval,
    FundingSplit,
    PathwayPlace,
    Placement,
)
from contracts.rules.routes import route_of
from providers.models import Award, Provider
from tests.contracts.sending import PROVIDER, as_csv, framework, load, remarks, spot
from tests.world import BY, NOW, send

pytestmark = pytest.mark.django_db(databases=["default", "owner"])


@pytest.fixture
def as_southwark(world, as_authority):
    """Everything of the test is asked as Southwark."""
    return lambda: as_authority(world.southwark)


def test_a_framework_and_a_spot_placement_come_in(world, as_southwark):
    more = {"Date of birth": "17/05/2012", "Care status": "Looked after", "Legal status": "Full care order"}
    load(
        world, framework(Sex="Female", Ethnicity="WBRI", **more),
        spot("P-2", "C-2", **{"Left on": "01/09/2025", "Sibling group": "x"}),
    )  # fmt: skip
    with as_southwark():
        first, second = Placement.objects.order_by("reference")
        assert (first.route, first.award.lot.number, first.provider.name) == ("framework", "1", PROVIDER)
        assert first.child == find_child(authority=world.southwark, reference="c-1")
        assert (first.child.born_on, first.child.sex, first.child.ethnicity) == (date(2012, 5, 17), "F", "WBRI")
        assert (second.route, second.spot_reason, second.ends_before) == ("spot", "no_capacity", date(2025, 9, 1))
        status = CareStatus.objects.get()
        assert (status.status, status.legal_status, status.starts_on) == ("looked_after", "C2", date(2025, 6, 2))
        line = CostLine.objects.get(placement=second)
        assert (line.weekly_amount, line.starts_on, line.ends_before) == (
            Decimal("4200.5000"), second.starts_on, second.ends_before,
        )  # fmt: skip
        assert second.child.sibling_group is not None


def test_the_same_file_twice_changes_nothing(world, as_southwark):
    rows = [
        framework(Disability="MOB; LD", EHCP="Yes", **{"From health": "100", "Sibling group": "a", "Own place": ""}),
        spot("P-2", "C-2", **{"Sibling group": "a", "Distance reason": "legal", "Distance approved by": "Director"}),
        spot(
            "P-3", "C-3", **{"In-house": "Yes", "Own place": "Flat 1", "Spot reason": "", "Care status": "care_leaver"}
        ),
    ]
    first = load(world, *rows)
    assert (first.rows_rejected, first.facts_changed) == (0, 0)
    again = load(world, *rows)
    assert (again.facts_added, again.facts_changed, again.facts_removed) == (0, 0, 0)
    with as_southwark():
        assert (PathwayPlace.objects.get().name, DistanceApproval.objects.get().reason) == ("Flat 1", "legal")
        assert Child.objects.get(disabilities=["MOB", "LD"]).sibling_group.children.count() == 2
        assert dict(FundingSplit.objects.values_list("funder", "weekly_amount")) == {
            "health": Decimal(100), "social_care": Decimal("753.47"),
        }  # fmt: skip


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"Date of birth": "21/04/2026"}, "not born yet"),
        ({"Date of birth": "03/06/2025"}, "before the child was born"),
        ({"Left on": "02/06/2025"}, "ends before it starts"),
        ({"Left on": "01/06/2025"}, "ends before it starts"),
        ({"From health": "3000", "From education": "1200.51"}, "more than the weekly cost"),
        ({"Spot reason": ""}, "say why it was bought outside the frameworks"),
        ({"Spot reason": "because"}, "not a known spot reason"),
        ({"Service type": "castle"}, "not a known service type"),
        ({"Called off on": "21/04/2026", "Start date": "01/05/2026"}, "cannot have been called off after today"),
        ({"Provider": "Nobody Knows Ltd"}, "no provider is recorded as"),
        ({"Provider": ""}, "say which provider"),
        ({"Provider company number": "90000002"}, "are not of one provider"),
        ({"Child reference": "x" * 61}, "at most 60 characters"),
        ({"Child reference": ""}, "this cell is empty"),
        ({"Weekly cost": "-5"}, "below zero"),
    ],
)  # fmt: skip
def test_a_row_that_cannot_be_is_refused_with_what_to_do(world, as_southwark, change, says):
    run = load(world, spot() | change, spot("P-2", "C-2"))
    assert (run.rows_rejected, run.rows_accepted) == (1, 1)
    assert says in remarks(run, as_southwark())
    with as_southwark():
        assert Placement.objects.get().reference == "P-2"
        assert Child.objects.count() == 1


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"Framework": "NO-SUCH"}, "no framework has the reference NO-SUCH"),
        ({"Lot": "9"}, "no lot 9"),
        ({"Lot": ""}, "say which lot"),
        ({"Start date": "31/03/2024"}, "the framework was not running that day"),
        ({"Start date": "01/04/2027", "Called off on": "01/03/2024"}, "the framework was not running that day"),
        ({"Framework": "SEMI-TEST"}, "the authority did not take part"),
        ({"Service type": "residential"}, "let for another service"),
        ({"Provider": "Alone Ltd"}, "had no place on the lot"),
    ],
)  # fmt: skip
def test_an_award_that_was_not_in_force_is_refused_with_the_reason(world, as_southwark, change, says):
    with acting_as(Viewer.of_service("tests"), by=BY):
        Provider.objects.create(name="Alone Ltd", folded_name="alone ltd")
    run = load(world, framework() | change)
    assert says in remarks(run, as_southwark())


def test_a_child_lives_in_one_home_but_for_short_stays(world, as_southwark):
    run = load(
        world, spot("P-1", **{"Left on": "01/09/2025"}), spot("P-2", **{"Start date": "31/08/2025"}),
        spot("P-3", **{"Start date": "01/07/2025", "Left on": "08/07/2025", "Respite": "yes"}),
        spot("P-4", **{"Start date": "01/09/2025"}),
    )  # fmt: skip
    assert "another home on these days in row 2, from 2 June 2025 to 31 August 2025" in remarks(run, as_southwark())
    assert (run.rows_rejected, run.rows_accepted) == (1, 3)
    later = load(world, spot("P-5", **{"Start date": "01/12/2025"}))
    assert "from 1 September 2025, still open" in remarks(later, as_southwark())


def test_a_row_that_is_refused_takes_no_days(world, as_southwark):
    run = load(world, spot("P-1", **{"Spot reason": ""}), spot("P-2"))
    assert "another home" not in remarks(run, as_southwark())
    assert run.rows_accepted == 1


def test_a_later_file_changes_dates_end_and_cost(world, as_southwark):
    load(world, spot())
    run = load(
        world, spot(**{"Left on": "05/01/2026", "End reason": "CARPL", "Ended by": "plan", "Weekly cost": "4000"})
    )
    assert (run.rows_rejected, run.facts_added) == (0, 0)
    with as_southwark():
        home = Placement.objects.get()
        assert (home.ends_before, home.end_reason, home.ended_by) == (date(2026, 1, 5), "CARPL", "plan")
        line = CostLine.objects.get()
        assert (line.weekly_amount, line.ends_before) == (Decimal(4000), date(2026, 1, 5))


def test_a_start_put_right_moves_the_line_with_it(world, as_southwark):
    load(world, spot())
    for start in ("09/06/2025", "26/05/2025"):
        assert load(world, spot(**{"Start date": start})).rows_rejected == 0
        with as_southwark():
            assert CostLine.objects.get().starts_on == Placement.objects.get().starts_on


def test_two_homes_may_change_places_in_one_file(world, as_southwark):
    load(world, spot("P-1", **{"Left on": "01/09/2025"}), spot("P-2", **{"Start date": "01/09/2025"}))
    run = load(world, spot("P-1", **{"Left on": "01/08/2025"}), spot("P-2", **{"Start date": "01/08/2025"}))
    assert run.rows_rejected == 0


def test_the_day_between_two_homes_moves_either_way_whichever_row_is_written_first(world, as_southwark):
    """Homes may cross while one statement runs; only what it leaves behind is judged."""

    def homes(day: dict[str, str]) -> list[dict]:
        return [
            row for child in ("A", "B")
            for row in (spot(f"{child}-1", child, **{"Left on": day[child]}),
                        spot(f"{child}-2", child, **{"Start date": day[child]}))
        ]  # fmt: skip

    load(world, *homes({"A": "01/09/2025", "B": "01/09/2025"}))
    for days in ({"A": "01/08/2025", "B": "01/10/2025"}, {"A": "01/10/2025", "B": "01/08/2025"}):
        assert load(world, *homes(days)).rows_rejected == 0


def test_the_route_never_changes(world, as_southwark):
    load(world, framework())
    run = load(world, spot())
    assert "recorded as framework, from IFA-TEST lot 1" in remarks(run, as_southwark())
    load(world, spot("P-2", "C-2"))
    run = load(world, framework("P-2", "C-2"))
    assert "recorded as spot: how it was bought was fixed at call-off" in remarks(run, as_southwark())
    run = load(world, spot("P-2", "C-9"))
    assert "recorded for another child" in remarks(run, as_southwark())


def test_the_route_is_the_rule_s_for_every_row(world, as_southwark):
    """SQL against rules/routes.py, over the days on which anything begins or ends."""
    days = [
        date(2024, 3, 31),
        date(2024, 4, 1),
        date(2025, 5, 31),
        date(2025, 6, 1),
        date(2025, 12, 31),
        date(2026, 1, 1),
    ]
    with acting_as(Viewer.of_authority(world.southwark.pk), by=BY):
        award = Award.objects.get(framework=world.shared, provider__name=PROVIDER)
        Award.objects.filter(pk=award.pk).update(starts_on=date(2025, 6, 1), ends_before=date(2026, 1, 1))
        award.refresh_from_db()
        Participation.objects.filter(framework=world.shared, authority=world.southwark).update(
            ends_before=date(2025, 12, 31)
        )
    rows, claims = [], []
    for number, day in enumerate(days):
        for service in ("fostering", "staying_put", "residential"):
            for house in ("", "Yes"):
                reference = f"P-{number}-{service}-{house}"
                rows.append(framework(reference, reference, **{"Service type": service, "In-house": house,
                                                               "Start date": f"{day:%d/%m/%Y}"}))  # fmt: skip
                claims.append((reference, day, service, bool(house)))
    run = load(world, *rows)
    with as_southwark():
        loaded = dict(Placement.objects.values_list("reference", "route"))
        refused = run.importremarks.filter(outcome="rejected").count()
        for reference, day, service, house in claims:
            rule = route_of(day, facts_of(award, world.southwark.pk, service), in_house=house)
            assert loaded.get(reference, "spot") == rule, reference
        assert refused == len(claims) - len(loaded) > 0
        assert set(loaded.values()) == {"framework", "in_house"}


@pytest.mark.parametrize(("encoding", "delimiter"), [("utf-8-sig", ";"), ("cp1252", ","), ("utf-16", "\t")])
def test_messy_files(world, as_southwark, encoding, delimiter):
    send_rows = as_csv([spot(**{"Own place": "Café 1", "In-house": "y", "Spot reason": "", "Provider": ""})],
                       encoding=encoding, delimiter=delimiter)  # fmt: skip
    run = send("placements", send_rows, world.southwark, name="x.csv")
    assert run.rows_accepted == 1, (run.message, remarks(run, as_southwark()))
    with as_southwark():
        assert PathwayPlace.objects.get().name == "Café 1"


def test_a_file_of_something_else_says_what_is_missing(world, as_southwark):
    run = send("placements", b"Placement reference,Start date\nP-1,01/06/2025\n", world.southwark, name="x.csv")
    assert run.state == ImportState.UNREADABLE
    assert "“Child reference”" in run.message


def test_postcodes_and_births_do_not_stay_with_remarks(world, as_southwark):
    where = {"Home postcode": "SE1 2QH", "Placement postcode": "CR0 1EA", "Date of birth": "17/05/2012"}
    run = load(
        world, spot(**where, **{"Referral reference": "R-404"}), spot("P-2", "C-2", **where, **{"Spot reason": ""})
    )
    with as_southwark():
        noted, bad = (run.importremarks.get(outcome=outcome).cells for outcome in ("noted", "rejected"))
        assert not {*where, "Child reference"} & noted.keys()
        assert where.items() - bad.items() == {("Date of birth", "17/05/2012")}
        assert bad["Date of birth"] == NOT_KEPT
        home = Placement.objects.get()
        assert home.distance_miles is not None
        assert home.boundary == "out"
        assert home.host_authority.slug == "croydon"
        assert "SE1" not in str(Placement.objects.values())


def test_taking_a_file_back_leaves_what_was_before(world, as_southwark):
    load(world, spot("P-1", **{"Sibling group": "a"}))
    run = load(
        world, spot("P-1", **{"Sibling group": "a", "Left on": "01/09/2025", "Weekly cost": "1"}),
        framework("P-2", "C-2", **{"From health": "10", "Sibling group": "a", "Distance reason": "legal"}),
    )  # fmt: skip
    with acting_as(Viewer.of_authority(world.southwark.pk), by=BY, reason="wrong file"):
        take_back(run, by=BY, now=NOW)
    with as_southwark():
        home = Placement.objects.get()
        assert (home.ends_before, CostLine.objects.get().weekly_amount) == (None, Decimal("4200.5"))
        assert (Child.objects.count(), ChildReference.objects.count(), FundingSplit.objects.count()) == (1, 1, 0)


def test_a_birth_and_a_reference_are_not_told_in_the_differences(world, as_southwark):
    load(world, spot(**{"Date of birth": "17/05/2012"}))
    run = load(world, spot(**{"Date of birth": "18/05/2012"}))
    with as_southwark():
        assert run.facts_changed == 1
        said = " ".join(f"{change.what} {change.detail}" for change in run.importchanges.all())
        assert "2012" not in said


def test_another_authority_sees_nothing_of_it(world, as_southwark, as_authority):
    load(world, spot())
    with as_authority(world.lewisham):
        assert not Placement.objects.exists()
        assert not Child.objects.exists()
    run = load(world, spot(), whose=world.lewisham)
    assert run.rows_accepted == 1  # the same references are another child's there
