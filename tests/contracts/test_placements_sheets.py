"""The template's other sheets: cost lines, oversight and meetings."""

from datetime import date

import pytest

from contracts.models import CostLine, Oversight, PlacementMeeting
from tests.contracts.sending import load, remarks, spot

pytestmark = pytest.mark.django_db(databases=["default", "owner"])


@pytest.fixture
def as_southwark(world, as_authority):
    return lambda: as_authority(world.southwark)


def lines_of(reference: str = "P-1", **more) -> dict:
    return {
        "Placement reference": reference, "Line": "Core", "Amount": 4000, "Unit": "week", "From": date(2025, 6, 2),
    } | more  # fmt: skip


EXTRA = {
    "Line": "Additional service", "Service": "therapy", "Description": "Art therapy", "Amount": 62.5, "Unit": "an hour",
    "Quantity": 4, "Last day": date(2025, 9, 30), "Approved by": "A manager", "Approved on": date(2025, 6, 1),
    "Review on": date(2025, 8, 1),
}  # fmt: skip


def test_the_other_sheets_come_in_with_the_first(world, as_southwark):
    sheets = {
        "Cost_lines": [
            lines_of(**{"From health": 1000}), lines_of(**EXTRA), lines_of(Line="Discount", Amount=100),
            lines_of(Line="Core", Description="Deposit", Amount=500, Unit="once"),
        ],
        "Oversight": [{
            "Placement reference": "P-1", "Kind": "Deprivation of liberty order", "Why": "Danger",
            "Approved by": "A judge", "Approved on": date(2025, 6, 2), "From": date(2025, 6, 2),
            "Last day": date(2025, 12, 1),
            "Visit every (days)": 7,
        }],
        "Meetings": [{
            "Placement reference": "P-1", "Kind": "planning", "Due on": date(2025, 6, 9), "Held on": date(2025, 6, 11),
        }],
    }  # fmt: skip
    run = load(world, spot(), **sheets)
    assert remarks(run, as_southwark()) == ""
    again = load(world, spot(), **sheets)
    assert (again.facts_added, again.facts_changed, again.facts_removed) == (0, 0, 0)
    assert "the lines count" in remarks(run, as_southwark(), "noted")
    with as_southwark():
        lines = {line.description or line.category: line for line in CostLine.objects.all()}
        assert lines["core"].weekly_amount == 4000
        assert lines["Art therapy"].weekly_amount == 250
        assert (lines["Art therapy"].ends_before, lines["Art therapy"].review_on) == (
            date(2025, 10, 1),
            date(2025, 8, 1),
        )
        assert lines["discount"].weekly_amount == -100
        assert (lines["Deposit"].once_amount, lines["Deposit"].weekly_amount) == (500, 0)
        assert dict(lines["core"].splits.values_list("funder", "weekly_amount")) == {
            "health": 1000,
            "social_care": 3000,
        }
        assert Oversight.objects.get().ends_before == date(2025, 12, 2)
        assert PlacementMeeting.objects.get().held_on == date(2025, 6, 11)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"From": date(2025, 6, 1)}, "the placement starts on 2 June 2025"),
        ({"Last day": date(2025, 9, 1)}, "the child left on 1 September 2025"),
        ({"From": date(2025, 9, 1)}, "the child left on 1 September 2025"),
        ({"From": date(2025, 7, 2), "Last day": date(2025, 7, 1)}, "last day is before the first"),
        ({"From health": 3000, "From others": 1000.01}, "more than this line"),
        ({"Quantity": 0}, "more than nought"),
        ({"Amount": -1}, "less than nought"),
        ({"Placement reference": "P-9"}, "no placement has the reference P-9"),
        ({**EXTRA, "Approved by": "", "Last day": date(2025, 8, 31)}, "needs who approved it"),
        ({"Price line": "CORE-0-4"}, "has no price line"),
    ],
)  # fmt: skip
def test_a_cost_line_that_cannot_be_is_refused(world, as_southwark, change, says):
    run = load(world, spot(**{"Left on": "01/09/2025"}), Cost_lines=[lines_of(**change)])
    assert says in remarks(run, as_southwark())
    assert (run.rows_accepted, run.rows_rejected) == (1, 1)


def test_a_line_of_a_refused_placement_says_so(world, as_southwark):
    run = load(world, spot(**{"Spot reason": ""}), Cost_lines=[lines_of()])
    assert "the row of placement P-1 was refused" in remarks(run, as_southwark())


def test_a_weekly_cost_stands_beside_additional_services(world, as_southwark):
    load(world, spot(), Cost_lines=[lines_of(**EXTRA)])
    run = load(world, spot(**{"Weekly cost": "4300"}))
    assert (run.facts_added, run.facts_changed) == (0, 1)
    with as_southwark():
        assert sorted(CostLine.objects.values_list("category", "weekly_amount")) == [
            ("additional", 250),
            ("core", 4300),
        ]
