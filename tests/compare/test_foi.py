"""Answers to freedom of information requests, against loops over the file that was sent: of one's own authority alone,
with small numbers withheld, and each taking written down."""

import io
from collections import defaultdict
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

import pytest
import time_machine
from django.test import Client
from openpyxl import load_workbook

from commissioning.compare.measures.foi import PARENT_AND_CHILD, Line, foi
from commissioning.kernel.periods import FinancialYear
from commissioning.partnership.models import Lot
from contracts.models import ReturnTaken
from providers.actions.award_place import award_place
from tests.contracts.sending import PROVIDER, framework, load, spot
from tests.world import BY, NOW

pytestmark = pytest.mark.django_db(databases=["default", "owner"])
AT = "/benchmarks/foi/"
YEAR = FinancialYear(2025)
FIRST, UNTIL, TODAY = YEAR.starts_on, YEAR.ends_before, date(2026, 4, 20)
OTHER, THIRD = "Invented Provider 2 Ltd", "Invented Provider 3 Ltd"
ASKED = {"year": "2025/26", "reason": "FOI 2026/0417"}


def row(n: int, kind: str, born: str, cost: str, **more: str) -> dict:
    made = framework if kind == "framework" else spot
    return made(f"P-{n}", f"C-{n}", **{"Date of birth": born, "Weekly cost": cost} | more)


def sent() -> list[dict]:
    """Nine foster children of 5 to 10, eight of 11 to 15 and three enhanced; nine parents with a child; children's
    homes of nine and of two; the authority's own foster home of one; one that left before the year."""
    rows = [row(n, "framework", "17/05/2017", f"{700 + n}.25", Level="standard") for n in range(9)]
    rows += [row(n, "framework", "17/05/2013", f"{800 + n}", Level="standard") for n in range(10, 18)]
    rows += [row(n, "framework", "17/05/2013", f"{1200 + n}", Level="enhanced", Provider=OTHER) for n in range(20, 23)]
    rows += [row(n, "framework", "17/05/2007", f"{1500 + n}", Level="standard", Lot="2") for n in range(30, 39)]
    rows += [row(n, "spot", "17/05/2011", f"{4000 + n}", Level="standard") for n in range(40, 49)]
    rows += [row(n, "spot", "17/05/2009", f"{5000 + n}", Level="specialist", Provider=OTHER) for n in range(50, 52)]
    rows += [
        row(n, "spot", "17/05/2008", "1100", Level="high", **{"Service type": "supported", "From housing benefit": "90",
                                                              "From health": "10"})
        for n in range(70, 82)
    ]  # fmt: skip
    rows += [row(n, "framework", "17/05/2017", f"{1300 + n}", Level="enhanced", Provider=THIRD) for n in range(90, 99)]
    own = {"Service type": "Fostering", "In-house": "Yes", "Provider": "", "Spot reason": ""}
    rows.append(row(60, "spot", "17/05/2018", "440", **own))
    rows.append(row(61, "framework", "17/05/2017", "9999", **{"Start date": "01/06/2024", "Left on": "01/04/2025"}))
    rows.append(row(62, "spot", "17/05/2011", "3", Respite="Yes"))
    return rows


@pytest.fixture
def told(cast, as_authority):
    with as_authority(cast.authority):
        lot = Lot.objects.create(
            framework=cast.world.shared, number="2", name="Parent and child", service_type="fostering"
        )
        award_place(
            lot=lot, provider=cast.world.providers[PROVIDER], starts_on=cast.world.shared.starts_on, by=BY, tier=1
        )
    assert load(cast.world, *sent()).rows_rejected == 0
    return cast


def age(born: str) -> str:
    day, month, year = (int(part) for part in born.split("/"))
    years = 2026 - year - ((month, day) > (3, 31))
    return next(f"{low} to {high}" for low, high in ((0, 4), (5, 10), (11, 15), (16, 18)) if low <= years <= high)


def in_year(each: dict) -> bool:
    return each.get("Left on") != "01/04/2025"


def cost(each: dict) -> Decimal:
    """What accrues from the home's own first day, rounded half up, at the year's end less at its beginning."""
    day, month, year = (int(part) for part in each["Start date"].split("/"))
    starts = date(year, month, day)

    def accrued(until: date) -> Decimal:
        days = max(0, (until - starts) // timedelta(days=1))
        return (Decimal(each["Weekly cost"]) * days / 7).quantize(Decimal("0.01"), ROUND_HALF_UP)

    return accrued(UNTIL) - accrued(max(FIRST, starts))


LEVELS = {"standard": "Standard", "enhanced": "Enhanced", "specialist": "Specialist", "high": "High support"}


@pytest.mark.parametrize(("key", "service"), [("fostering", "Fostering"), ("residential", "residential"),
                                              ("supported", "supported")])  # fmt: skip
def test_fees_equal_the_oracle_and_small_ones_are_withheld(told, as_authority, key, service):
    cells: dict[tuple[str, str], list[Decimal]] = defaultdict(list)
    for each in sent():
        if each["Service type"] != service or not in_year(each) or each.get("In-house") or each.get("Respite"):
            continue
        cell = ("All ages", PARENT_AND_CHILD) if each.get("Lot") == "2" else (
            age(each["Date of birth"]), LEVELS[each["Level"]])  # fmt: skip
        cells[cell].append(Decimal(each["Weekly cost"]))
    with as_authority(told.authority):
        answer = foi(YEAR, TODAY, named=True).answers[key]
    lines = {line.labels: line.figures for line in answer.lines}
    assert set(lines) == set(cells)
    shown = 0
    for cell, amounts in cells.items():
        if len(amounts) <= 7:
            assert set(lines[cell].values()) == {None}
        elif None not in lines[cell].values():
            shown += 1
            mean = (sum(amounts) / len(amounts)).quantize(Decimal("0.01"), ROUND_HALF_UP)
            assert list(lines[cell].values()) == [len(amounts), min(amounts), max(amounts), mean]
    every = [amount for amounts in cells.values() for amount in amounts]
    assert list(answer.whole.figures.values())[:3] == [len(every), min(every), max(every)]
    withheld = sum(len(amounts) for cell, amounts in cells.items() if None in lines[cell].values())
    assert withheld == 0 or withheld > 7
    assert shown == {"fostering": 3, "residential": 0, "supported": 1}[key]


def figures(lines: list[Line]) -> dict[str, tuple]:
    return {line.labels[0]: tuple(line.figures.values()) for line in lines}


def test_spend_equals_the_oracle_and_the_two_tables_cannot_be_subtracted(told, as_authority):
    with as_authority(told.authority):
        found = foi(YEAR, TODAY, named=True).answers
    spent: dict[str, Decimal] = defaultdict(Decimal)
    children: dict[str, int] = defaultdict(int)
    for each in filter(in_year, sent()):
        route = "In-house" if each.get("In-house") else "Framework" if each.get("Framework") else "Spot"
        for name in (route, each["Provider"] or "ours", "all"):
            spent[name] += cost(each)
            children[name] += 1
    by_route, by_provider = figures(found["route"].lines), figures(found["provider"].lines)
    assert by_route["Framework"][::2] == (children["Framework"], spent["Framework"])
    assert by_route["In-house"] == by_route["Spot"] == (None, None, None)  # one child, and what would tell it
    assert found["route"].whole.figures == found["provider"].whole.figures
    assert found["provider"].whole.figures["gross"] == spent["all"]
    assert by_provider[PROVIDER][::2] == (children[PROVIDER], spent[PROVIDER])
    assert "The authority’s own homes" not in by_provider
    assert not {OTHER, THIRD} & set(by_provider)
    (others,) = [each for name, each in by_provider.items() if name.startswith("3 others together")]
    assert others[::2] == (children["ours"] + children[OTHER] + children[THIRD], spent["ours"] + spent[OTHER] +
                           spent[THIRD])  # fmt: skip


def test_homes_and_what_was_recovered(told, as_authority):
    with as_authority(told.authority):
        found = foi(YEAR, TODAY, named=False).answers
    homes = figures(found["placements"].lines)
    assert homes["Semi-independent and supported accommodation"] == (12, 12, 12)
    assert homes["Fostering (in house)"] == (None, None, None)
    assert found["placements"].whole.figures["lived"] == sum(map(in_year, sent())) - 1
    gross = sum((cost(each) for each in sent() if each["Service type"] == "supported"), Decimal(0))
    told_of = found["recovered"].whole.figures
    share = {name: told_of[name] / gross for name in ("housing", "others")}
    assert told_of["gross"] == gross
    assert told_of["net"] == gross - told_of["housing"] - told_of["others"]
    assert abs(share["housing"] - Decimal(90) / 1100) < Decimal("0.0001")
    assert abs(share["others"] - Decimal(10) / 1100) < Decimal("0.0001")


def test_another_authority_has_none_of_it(told, as_authority):
    with as_authority(told.other):
        found = foi(YEAR, TODAY, named=True)
    assert all(not answer.lines for answer in found.answers.values())


@pytest.fixture
def desk(told):
    client = Client()
    with time_machine.travel(NOW, tick=False):
        client.force_login(told.person("commissioning_officer"))
        yield client


def taken(cast, as_authority) -> list[ReturnTaken]:
    with as_authority(cast.authority):
        return list(ReturnTaken.objects.all())


def test_the_page_answers_in_words_and_names_no_provider_unasked(desk):
    page = desk.get(AT).content.decode()
    assert "Southwark paid independent fostering agencies a mean of" in page
    assert "Providers are not named" in page
    assert PROVIDER not in page
    assert "Section 43" in desk.get(f"{AT}?providers=yes").content.decode()
    assert "C-1" not in page


def test_a_workbook_is_given_and_written_down(desk, told, as_authority):
    answer = desk.post(AT, ASKED | {"named": "on"})
    assert answer.status_code == 200, answer.content
    book = load_workbook(io.BytesIO(answer.content))
    assert book.sheetnames[1:4] == ["Answers", "Fostering fees", "Children’s home fees"]
    assert book.sheetnames[5:] == ["Homes", "Spend by route", "Spend by provider", "Supported, net"]
    cells = [cell for sheet in book for line in sheet.iter_rows() for cell in line if cell.value is not None]
    texts = " | ".join(str(cell.value) for cell in cells)
    assert all(cell.data_type != "f" for cell in cells)
    assert "Section 43" in texts
    assert not any(mark in texts for mark in ("C-1", "P-1", "17/05", "2017-05"))
    fees = {line[:2]: line[2:] for line in book["Fostering fees"].iter_rows(values_only=True)}
    assert fees["5 to 10", "Standard"] == (9, 700.25, 708.25, 704.25)
    assert fees["11 to 15", "Enhanced"] == ("c", "c", "c", "c")
    (record,) = taken(told, as_authority)
    assert (record.as_at, record.reason) == (date(2026, 3, 31), "FOI 2026/0417")
    assert record.layout == "Freedom of information answers, providers named"
    assert record.taken_by == told.person("commissioning_officer").name
    assert "FOI 2026/0417" in desk.get(AT).content.decode()


@pytest.mark.parametrize(("change", "says"), [
    ({"reason": ""}, "Say which request it is for"), ({"reason": "  "}, "Say which request it is for"),
    ({"year": "2031/32"}, "Select a valid choice"), ({"year": ""}, "Choose the year"),
])  # fmt: skip
def test_without_a_request_nothing_is_given(desk, told, as_authority, change, says):
    page = desk.post(AT, ASKED | change).content.decode()
    assert says in page
    assert taken(told, as_authority) == []


def test_an_authority_without_homes_is_told_so(cast):
    client = Client()
    client.force_login(cast.person("analyst", stranger=True))
    assert "it had no home of the kind" in client.get(AT).content.decode()


def test_the_number_of_queries_does_not_grow(told, as_authority, django_assert_num_queries):
    with as_authority(told.authority), django_assert_num_queries(7):
        foi(YEAR, TODAY, named=True)
