"""Placements by the import road: the own template, its bad rows, and what a later file may change."""

import csv
import io
from datetime import date
from decimal import Decimal

import pytest
from openpyxl import Workbook

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
    Oversight,
    PathwayPlace,
    Placement,
    PlacementMeeting,
)
from contracts.rules.routes import route_of
from providers.models import Award
from tests.world import BY, NOW, send

pytestmark = pytest.mark.django_db(databases=["default", "owner"])
PROVIDER = "Invented Provider 1 Ltd"


def spot(reference: str = "P-1", child: str = "C-1", **more) -> dict:
    return {
        "Placement reference": reference, "Child reference": child, "Service type": "residential",
        "Provider": PROVIDER, "Spot reason": "no_capacity", "Start date": "02/06/2025", "Weekly cost": "4200.50",
    } | more  # fmt: skip


def framework(reference: str = "P-1", child: str = "C-1", **more) -> dict:
    return spot(reference, child) | {
        "Service type": "Fostering", "Framework": "IFA-TEST", "Lot": "1", "Spot reason": "", "Weekly cost": "853.47",
    } | more  # fmt: skip


def as_csv(rows: list[dict], *, encoding: str = "utf-8", delimiter: str = ",") -> bytes:
    out = io.StringIO()
    writer = csv.DictWriter(out, list(dict.fromkeys(key for row in rows for key in row)), delimiter=delimiter)
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode(encoding)


def as_book(**sheets: list[dict]) -> bytes:
    book = Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name.replace("_", " "))
        headings = list(dict.fromkeys(key for row in rows for key in row))
        sheet.append(headings)
        for row in rows:
            sheet.append([row.get(heading) for heading in headings])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def load(world, *rows: dict, name: str = "placements.csv", whose=None, **sheets):
    content = as_book(Placements=list(rows), **sheets) if sheets else as_csv(list(rows))
    run = send("placements", content, whose or world.southwark, name="placements.xlsx" if sheets else name)
    assert run.state == ImportState.LOADED, run.message
    assert run.rows_read == run.rows_accepted + run.rows_rejected
    return run


@pytest.fixture
def as_southwark(world, as_authority):
    """Everything of the test is asked as Southwark."""
    return lambda: as_authority(world.southwark)


def refused(run, as_whom) -> list[str]:
    with as_whom:
        return [r.says for r in run.importremarks.filter(outcome="rejected")]


def test_a_framework_and_a_spot_placement_come_in(world, as_southwark):
    load(world, framework(Sex="Female", Ethnicity="WBRI", **{"Date of birth": "17/05/2012", "Care status": "Looked after",
         "Legal status": "Full care order"}), spot("P-2", "C-2", **{"Left on": "01/09/2025", "Sibling group": "x"}))  # fmt: skip
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
        spot("P-3", "C-3", **{"In-house": "Yes", "Own place": "Flat 1", "Spot reason": "", "Care status": "care_leaver"}),
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
