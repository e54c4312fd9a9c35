"""Three standards out and in: what was taken out comes back into the same authority and changes nothing, and into an
empty one and goes out again as it was. What it says is of the lists, and what it costs is what the days cost."""

import csv
import io
import json
from datetime import date, timedelta
from decimal import Decimal

import pytest

from commissioning.kernel.exports.notice import Notice
from commissioning.kernel.exports.text import starts_formula
from commissioning.kernel.models import ImportState
from commissioning.kernel.tenancy.viewer import Viewer, acting_as
from contracts.actions.referrals import open_referral
from contracts.measures.returns import LAYOUTS, SCHEMES, rows_of
from contracts.models import Child, CostLine, FundingSplit, Placement
from contracts.returns import book_of, csv_of, json_of, kinds_of
from contracts.rules.completeness import UNSAID, completeness
from contracts.rules.layouts_standard import STANDARD, TYPE_OF, needed_by
from providers.models import Establishment, Provider
from providers.rules.names import fold
from tests.contracts.oracle_spend import of_day
from tests.contracts.sending import framework, load, remarks, spot
from tests.resident import resident
from tests.world import BY, NOW, build_world, send

pytestmark = pytest.mark.django_db(databases=["default", "owner"])
AS_AT = date(2026, 3, 31)
KEYS = ("census_2025_dec", "liia_2023", "standard_v2")
FILES = [(key, kind) for key in KEYS for kind in kinds_of(LAYOUTS[key])]
CHILD = {
    "Date of birth": "17/05/2012", "Sex": "F", "Ethnicity": "WBRI", "Care status": "looked_after", "Legal status": "C2",
    "EHCP": "yes", "Unaccompanied": "no", "Disability": "COMM;LD",
}  # fmt: skip
SHORT = {"Start date": "20/03/2026", "Left on": "05/04/2026", "Respite": "yes", "Weekly cost": "500"}
ROWS = (
    framework("P-1", "C-1", **CHILD, **{"From education": "100", "From housing benefit": "20", "Sibling group": "G"}),
    spot("P-2", "C-2", **CHILD, **{"URN": "2700001", "Registration": "applied", "Solo": "yes", "Sibling group": "G"}),
    spot("P-3", "C-3", **{"In-house": "yes", "Spot reason": "", "Service type": "fostering", "Weekly cost": ""}),
    spot("P-4", "C-4", **{"Service type": "supported", "Care status": "care_leaver", "Registration": "registered"}),
    spot("P-5", "C-5", **CHILD, **{"Service type": "kinship", "Weekly cost": "333.33", "From health": "33.33"}),
    framework("P-6", "C-5", **SHORT),
    spot("P-10", "C-5", **SHORT | {"Start date": "02/02/2026", "Left on": "09/02/2026", "Service type": "lodgings"}),
    spot("P-7", "C-6", **CHILD, **{"Left on": "20/05/2025", "Start date": "04/01/2025", "End reason": "CARPL"}),
    spot("P-8", "C-6", **{"Start date": "20/05/2025", "Weekly cost": "", "Service type": "staying_put"}),
    spot("P-9", "C-7", **CHILD, **{"Provider": "-Minus Care Ltd", "Service type": "secure", "Weekly cost": "4999.50"}),
)  # fmt: skip
LINES = [
    {"Placement reference": "P-8", "Line": "Core", "Amount": "700", "Unit": "week", "From": "20/05/2025",
     "Last day": "30/09/2025"},
    {"Placement reference": "P-8", "Line": "Core", "Amount": "812.345", "Unit": "week", "From": "01/10/2025"},
    {"Placement reference": "P-8", "Line": "Additional service", "Service": "therapy", "Amount": "61.50",
     "Unit": "hour", "Quantity": "2.5", "From": "03/11/2025", "Last day": "30/06/2026", "Approved by": "Panel",
     "Approved on": "01/11/2025", "Review on": "01/05/2026", "From health": "77.77"},
    {"Placement reference": "P-8", "Line": "Core", "Description": "Furniture", "Amount": "412.10", "Unit": "once",
     "From": "21/05/2025", "Last day": "21/05/2025"},
]  # fmt: skip
ORDERS = [
    {"Placement reference": "P-2", "Kind": "deprivation_of_liberty", "Why": "Order of the court",
     "Approved by": "Judge", "Approved on": "02/06/2025", "From": "02/06/2025", "Last day": "01/06/2026"},
]  # fmt: skip


def build(*partners):
    """Southwark's homes of every kind; Lewisham has none."""
    world = build_world(*partners)
    with acting_as(Viewer.of_service("tests"), by=BY):
        Provider.objects.create(name="-Minus Care Ltd", folded_name=fold("-Minus Care Ltd"))
        Establishment.objects.create(
            urn="2700001", name="=Invented House", kind="childrens_home", sector="voluntary",
            provider=world.providers["Invented Provider 1 Ltd"],
        )  # fmt: skip
    run = load(world, *ROWS, Cost_lines=LINES, Oversight=ORDERS)
    assert run.rows_rejected == 0
    with acting_as(Viewer.of_authority(world.southwark.pk), by=BY):
        home = Placement.objects.get(reference="P-1")
        home.referral = open_referral(
            child=home.child, needed_by=NOW.date() + timedelta(days=7), urgency="planned", in_house_tried="no",
            service_type="fostering", providers=[home.provider], wanted_area="=Peckham, if she can", siblings=1, by=BY,
            now=NOW,
        )  # fmt: skip
        home.save()
    return world


_resident_homes, homes = resident("homes", build, not_beside="world")


def told(authority, key: str) -> list[dict]:
    with acting_as(Viewer.of_authority(authority.pk), by=BY):
        return rows_of(LAYOUTS[key], AS_AT, authority)


def taken(authority, key: str, kind: str) -> bytes:
    rows = told(authority, key)
    if kind == "json":
        return json_of(LAYOUTS[key], rows, AS_AT, authority.name)
    if kind == "csv":
        return csv_of(LAYOUTS[key], rows)
    return book_of(LAYOUTS[key], rows, Notice("A return", authority.name, NOW))


def sent(authority, content: bytes, kind: str):
    run = send("placements", content, authority, name=f"return 2026-03-31.{kind}")
    assert run.state == ImportState.LOADED, run.message
    return run


@pytest.mark.parametrize(("key", "kind"), FILES)
def test_what_was_taken_out_changes_nothing_where_it_came_from(homes, as_authority, key, kind):
    run = sent(homes.southwark, taken(homes.southwark, key, kind), kind)
    assert remarks(run, as_authority(homes.southwark)) == ""
    assert (run.rows_read, run.rows_accepted) == (len(told(homes.southwark, key)),) * 2
    assert (run.facts_added, run.facts_changed, run.facts_removed) == (0, 0, 0)


@pytest.mark.parametrize(("key", "kind"), FILES)
def test_it_goes_out_of_an_empty_authority_as_it_came_in(homes, as_authority, key, kind):
    rows = told(homes.southwark, key)
    layout, lewisham = LAYOUTS[key], homes.lewisham
    if kind == "json":
        content = json_of(layout, rows, AS_AT, "Lewisham")
    else:
        content = csv_of(layout, rows) if kind == "csv" else book_of(layout, rows, Notice("A return", "Lewisham", NOW))
    run = sent(lewisham, content, kind)
    if key == "liia_2023":  # it has no word for a short stay, and one that still runs may be a home that was not ended
        (running,) = [row for row in rows if row["starts_on"] == date(2026, 3, 20)]
        rows.remove(running)
        assert "mark a short stay as respite" in remarks(run, as_authority(lewisham))
        content = csv_of(layout, rows)
    else:
        assert remarks(run, as_authority(lewisham)) == ""
    assert run.rows_accepted == len(rows)
    again = taken(lewisham, key, kind)
    if kind != "xlsx":  # a workbook is a zip with the moment in it
        assert again.decode() == content.decode()
    assert told(lewisham, key) == rows
    once_more = sent(lewisham, again, kind)
    assert (once_more.facts_added, once_more.facts_changed, once_more.facts_removed) == (0, 0, 0)


def test_a_cell_that_was_changed_changes_that_and_nothing_else(homes, as_authority):
    """Also where a child goes out by its case reference, a price is of several lines, and one word is of two facts."""
    for key, heading, kind in (("census_2025_dec", "Ethnic Group", "P-5"), ("liia_2023", "Ethnicity", "P-8")):
        with as_authority(homes.southwark):
            before = Placement.objects.values_list("service_type", "respite", "registration", "route").order_by("pk")
            home = Placement.objects.get(reference=kind)
            old = [list(before), *(list(model.objects.order_by("pk").values_list("pk", "weekly_amount"))
                                   for model in (CostLine, FundingSplit))]  # fmt: skip
            number = Child.objects.count()
        read = csv.DictReader(io.StringIO(taken(homes.southwark, key, "csv").decode("utf-8-sig")))
        table = list(read)
        starts = f"{home.starts_on:%d/%m/%Y}"
        name = LAYOUTS[key].column("identifier").heading
        (row,) = [
            each for each in table
            if each[name] == ("C-5" if kind == "P-5" else "C-6") and each["Placement start date"] == starts
        ]  # fmt: skip
        row[heading] = "Any other ethnic group (Other ethnic group)" if key.startswith("census") else "OOTH"
        out = io.StringIO()
        writer = csv.DictWriter(out, list(row))
        writer.writeheader()
        writer.writerows(table)
        run = sent(homes.southwark, out.getvalue().encode(), "csv")
        with as_authority(homes.southwark):
            assert list(run.importremarks.filter(outcome="rejected").values_list("row", "column", "says")) == []
            assert Child.objects.count() == number
            home.child.refresh_from_db()
            assert home.child.ethnicity == "OOTH"
            new = [list(before.all()), *(list(model.objects.order_by("pk").values_list("pk", "weekly_amount"))
                                         for model in (CostLine, FundingSplit))]  # fmt: skip
        assert new == old
        # The child, the words of this return, and the reference by which the return knows the child.
        assert (run.facts_added, run.facts_changed, run.facts_removed) == (1, 2, 0)


def test_every_word_is_of_the_list_and_nothing_is_guessed(homes):
    for key in KEYS:
        layout = LAYOUTS[key]
        for row in told(homes.southwark, key):
            for column in layout.columns:
                if column.words and row[column.key] is not None and column.key != "placed_by":
                    assert row[column.key] in column.words, (key, column.heading)
    census, liia, standard = ({(row["identifier"], row.get("starts_on")): row for row in told(homes.southwark, key)}
                              for key in KEYS)  # fmt: skip
    june = date(2025, 6, 2)
    # Which category of supported accommodation, and whether a solo placement is needed, is not recorded.
    assert (census["C-4", june]["provision"], census["C-2", june]["solo"]) == (None, None)
    assert (census["C-3", june]["sourced"], census["C-3", june]["weekly"], census["C-3", june]["packages"]) == (
        None, None, None,
    )  # fmt: skip
    assert census["C-2", june]["dols"] == "DoLS (current)"
    assert (liia["C-2", june]["provider_type"], liia["C-1", june]["provider_type"]) == ("PR5", None)
    assert liia["C-1", june]["sourced"], liia["C-2", june]["sourced"] == ("Framework", "Spot")
    assert {row["born_on"] for row in liia.values()} == {date(2012, 5, 17), None}
    types = [row["provision"] for row in standard.values()]
    assert types[:4] == ["Foster", "Residential", "Foster", "Supported Accommodation"]
    assert types[4:] == ["Foster", None, "Residential"]
    first, second, *_, seventh, last = standard.values()
    assert (first["needed_by"], first["siblings"], first["wanted_area"]) == (
        "in more than 5 days", 1, "=Peckham, if she can",
    )  # fmt: skip
    assert (first["communication"], first["weekly"], last["weekly"]) == ("Y", Decimal(853), Decimal(5000))
    assert (second["deprived"], second["establishment_urn"]) == ("true", "2700001")
    assert seventh["support"] == "therapeutic support"
    assert (first["siblings_together"], second["siblings_together"]) == (0, 0)
    assert [needed_by(days) for days in (-1, 0, 1, 4, 5, 6)] == [
        "Today", "Today", "in less than 5 days", "in less than 5 days", "", "in more than 5 days",
    ]  # fmt: skip
    assert set(TYPE_OF.values()) == STANDARD.column("provision").words.keys()


def test_no_cell_of_a_table_is_a_formula_and_no_reference_is_in_the_json(homes):
    for key in KEYS[:2]:
        table = csv.reader(io.StringIO(taken(homes.southwark, key, "csv").decode("utf-8-sig")))
        cells = [cell for line in table for cell in line]
        assert any(cell.startswith("'") for cell in cells) or key == "liia_2023"
        assert not [cell for cell in cells if starts_formula(cell)]
    content = taken(homes.southwark, "standard_v2", "json").decode()
    assert "2012" not in content
    assert "C-1" not in content
    numbers = [record["PlacementAvailability"]["childId"] for record in json.loads(content)["placements"]]
    assert all(2**52 <= number < 2**53 for number in numbers)
    assert len(set(numbers)) == len({row[1]["Child reference"] for row in enumerate(ROWS)})


def test_the_accrued_cost_is_that_of_its_days(homes, as_authority):
    """Slow and obvious: each line of each home, day by day from 1 April to 31 March, and each funder's part."""
    days = [date(2025, 4, 1) + timedelta(days=n) for n in range(365)]
    with as_authority(homes.southwark):
        expected = {}
        for place in Placement.objects.select_related("child"):
            whole, parts, lines = Decimal(0), dict.fromkeys(("education", "health", "housing"), Decimal(0)), 0
            for line in CostLine.objects.filter(placement=place):
                on = [
                    day for day in days if line.starts_on <= day and not (line.ends_before and day >= line.ends_before)
                ]
                lines += bool(on)
                whole += sum(of_day(line.weekly_amount, line.starts_on, day) for day in on)
                whole += line.once_amount if line.starts_on in on else 0
                for split in FundingSplit.objects.filter(cost_line=line).exclude(funder="social_care"):
                    parts[split.funder] += sum(of_day(split.weekly_amount, line.starts_on, day) for day in on)
            split = FundingSplit.objects.filter(placement=place).exists()
            expected[place.number] = (
                whole if lines else None, parts["education"] if split else None, parts["health"] if split else None,
                whole - sum(parts.values()) if split else None,
            )  # fmt: skip
        numbers = list(Placement.objects.order_by("number").values_list("number", flat=True))
    rows = told(homes.southwark, "liia_2023")
    assert len(rows) == len(numbers) == len(ROWS)
    for number, row in zip(numbers, rows, strict=True):
        got = (row["total"], row["education"], row["health"], row["social_care"])
        assert got == expected[number], number
    assert len({row["total"] for row in rows}) == len(rows) - 1  # two are alike, and one says nothing


def test_the_score_is_what_is_counted_by_hand(homes):
    for key in KEYS:
        layout, rows = LAYOUTS[key], told(homes.southwark, key)
        score = completeness(layout, rows)
        filled = {
            column.key: len([row for row in rows if str(row[column.key] or "") and row[column.key] not in UNSAID])
            if column.kind != "whole" and column.kind != "money"
            else len([row for row in rows if row[column.key] is not None])
            for column in layout.columns
        }  # fmt: skip
        assert {each.column.key: each.said for each in score.columns} == filled
        asked = [column for column in layout.columns if column.needed]
        assert (score.overall.said, score.overall.of) == (sum(filled[c.key] for c in asked), len(asked) * len(rows))
        assert 0 < score.overall.said < score.overall.of
        for share in score.sections:
            here = [column for column in asked if column.heading.startswith(f"{share.name}.")]
            assert (share.said, share.of) == (sum(filled[c.key] for c in here), len(here) * len(rows))
        assert sum(share.of for share in score.sections) in (0, score.overall.of)
    meta = json.loads(taken(homes.southwark, "standard_v2", "json"))["metadata"]
    assert meta["completeness"]["sections"]["Risks"] == {"said": 0, "of": 88, "perCent": 0}
    assert meta["completeness"]["fields"]["PlacementAvailability.childId"] == {"said": 8, "of": 8}
    assert completeness(STANDARD, []).overall.per_cent is None
    assert SCHEMES["standard"] == ("standard",)
