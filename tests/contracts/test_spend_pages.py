"""The spend pages: what they say, what each figure leads to, the files, who sees what; all to the penny."""

import csv
import io
import re
from datetime import date
from decimal import Decimal

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from openpyxl import load_workbook

from commissioning.kernel.tenancy.viewer import Viewer, acting_as
from contracts.actions.cost_lines import set_funding
from contracts.actions.placements import end_placement
from contracts.models import CareStatus
from contracts.rules import codes
from contracts.rules.shares import LATER
from providers.actions.award_place import end_place
from providers.models import Award
from tests.contracts.bought import BY, TODAY, child_of, framework_placement, spot_placement, weekly
from tests.contracts.oracle_spend import spend_by_day

pytestmark = pytest.mark.django_db(databases=["default", "owner"])
TOMORROW = date(2026, 4, 21)


@pytest.fixture(autouse=True)
def _today():
    with time_machine.travel(TODAY, tick=False):
        yield


@pytest.fixture
def own(cast):
    """A context in which Southwark, or another authority, acts."""
    return lambda authority=None: acting_as(Viewer.of_authority((authority or cast.authority).pk), by=BY)


@pytest.fixture
def bought(cast, own):
    """Southwark's: two by the framework, of which one provider left; two spot, one of them also fostering; and
    Lewisham's one."""
    with own(cast.world.lewisham):
        weekly(spot_placement(child_of(cast.world.lewisham)), "9999.99")
    with own():
        awards = list(Award.objects.filter(framework=cast.world.shared).order_by("pk"))
        first = framework_placement(
            child_of(cast.authority, ethnicity="BCRB"), awards[0], date(2024, 5, 7), level="standard"
        )
        weekly(first, "726.13")
        CareStatus.objects.create(
            authority=cast.authority, child=first.child, status="looked_after", starts_on=date(2024, 5, 7)
        )
        second = framework_placement(child_of(cast.authority), awards[1], date(2025, 1, 31))
        line = weekly(second, "800.01")
        parts = {"social_care": "500.00", "health": "200.005", "education": "100.005"}
        set_funding(line=line, by=BY, parts={name: (Decimal(each), Decimal(0)) for name, each in parts.items()})
        end_place(award=awards[1], ends_before=date(2025, 11, 12), reason="Left the lot", by=BY)
        third = spot_placement(child_of(cast.authority, born_on=date(2008, 2, 29)), date(2025, 6, 2))
        weekly(third, "4199.93")
        weekly(third, "2500.00", date(2025, 7, 31), unit="one_off", description="Assessment")
        fourth = spot_placement(child_of(cast.authority), date(2025, 12, 1), service_type="fostering")
        weekly(fourth, "1100.00")
        end_placement(
            placement=fourth, ends_before=date(2026, 2, 1), end_reason="CHILD", ended_by="young_person",
            ended_as_planned=False, destination="family", by=BY, today=TODAY,
        )  # fmt: skip
    return cast


def signed_in(cast, role="placements_officer", *, stranger=False) -> Client:
    client = Client()
    client.force_login(cast.person(role, stranger=stranger))
    return client


@pytest.fixture
def officer(bought):
    return signed_in(bought)


def text(answer) -> str:
    assert answer.status_code == 200
    return " ".join(re.sub(r"<[^>]+>", " ", answer.content.decode()).split())


def rows_of(answer) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(answer.getvalue().decode("utf-8-sig"))))


def book_of(answer):
    assert answer.status_code == 200
    return load_workbook(io.BytesIO(answer.getvalue()))


def sheet(book, name) -> list[dict]:
    head, *rows = book[name].iter_rows(values_only=True)
    return [dict(zip(head, row, strict=True)) for row in rows]


def pence(value) -> Decimal:
    return Decimal(str(value)).quantize(Decimal("0.01"))


def test_the_answer_comes_first(officer, own):
    says = text(officer.get("/spend/"))
    with own():
        days = spend_by_day(date(2025, 4, 1), date(2026, 4, 1), lambda p, day, state: (p.route, p.service_type))
    nights = {key: row["nights"] for key, row in days.items()}
    share = (Decimal(100) * nights["framework", "fostering"] / sum(nights.values())).quantize(Decimal(1))
    assert f"Southwark bought {share}% of nights through frameworks in 2025/26, down from 100%." in says
    spot, lot = days["spot", "fostering"], days["framework", "fostering"]
    more = 7 * (spot["gross"] / spot["nights"] - lot["gross"] / lot["nights"])
    assert f"Spot cost £{more:,.0f} a week more for the same kinds of home." in says


@pytest.mark.parametrize("query", ["", "?year=2024/25", "?year=2026/27", "?from=2026-01&to=2026-03", "?route=spot"])
def test_page_workbook_and_oracle_agree_by_month(officer, own, query):
    spans = {
        "": (date(2025, 4, 1), date(2026, 4, 1)), "?year=2024/25": (date(2024, 4, 1), date(2025, 4, 1)),
        "?year=2026/27": (date(2026, 4, 1), TOMORROW), "?from=2026-01&to=2026-03": (date(2026, 1, 1), date(2026, 4, 1)),
        "?route=spot": (date(2025, 4, 1), date(2026, 4, 1)),
    }  # fmt: skip
    with own():
        days = spend_by_day(*spans[query], lambda p, day, state: (day.replace(day=1), p.route))
    if query == "?route=spot":
        days = {key: row for key, row in days.items() if key[1] == "spot"}
    page = officer.get(f"/spend/{query}").content.decode()
    told = sheet(book_of(officer.get(f"/spend/workbook.xlsx{query}")), "By month")
    assert len(told) == len({(d.year, d.month) for d in _firsts(*spans[query])})
    for row, month in zip(told, _firsts(*spans[query]), strict=True):
        for route, words in codes.ROUTES.items():
            wanted = days.get((month, route), {"gross": Decimal(0)})["gross"]
            assert pence(row[f"{words} (£)"]) == wanted
            assert f">{wanted:,.2f}<" in page
        mine = [found for key, found in days.items() if key[0] == month]
        assert row["Nights"] == sum(found["nights"] for found in mine)
        others = sum((found[name] for found in mine for name in ("health", "education")), Decimal(0))
        assert pence(row["Paid by other funders (£)"]) == others
        assert pence(row["Own cost (£)"]) == sum((found["gross"] for found in mine), Decimal(0)) - others
    assert f">{sum((found['gross'] for found in days.values()), Decimal(0)):,.2f}<" in page  # the row of totals


def _firsts(first, until):
    days = [first]
    while (following := date(days[-1].year + days[-1].month // 12, days[-1].month % 12 + 1, 1)) < until:
        days.append(following)
    return days


def test_shares_with_and_without_each_later_class(officer, own):
    book = book_of(officer.get("/spend/workbook.xlsx"))
    with own():
        days = spend_by_day(date(2025, 4, 1), date(2026, 4, 1), lambda p, day, state: (p.route, state))
    for name, of in (("Shares of nights", "nights"), ("Shares of cost", "gross")):
        unit = "% of nights" if of == "nights" else "% of cost"
        whole = sum(row[of] for row in days.values())
        for row in sheet(book, name):
            mine = {
                state: found[of] for (route, state), found in days.items() if codes.ROUTES[route] == row["Bought by"]
            }

            def share(part, whole=whole):
                return pytest.approx(float(Decimal(part) / whole))

            assert row[f"Share ({unit})"] == share(sum(mine.values()))
            left = sum(mine.values()) - mine.get("provider_left", 0)
            assert row[f"Without nights after the provider left the lot ({unit})"] == share(left)
            firm = sum(amount for state, amount in mine.items() if state not in LATER)
            assert row[f"Without any of the three ({unit})"] == share(firm)


@pytest.mark.parametrize("by", ["service", "lot", "provider", "level"])
def test_the_table_its_csv_and_its_sheet_agree(officer, own, by):
    rows = rows_of(officer.get(f"/spend/?by={by}&format=csv"))
    with own():
        days = spend_by_day(date(2025, 4, 1), date(2026, 4, 1), lambda p, day, state: {
            "service": p.get_service_type_display(), "level": p.get_level_display() or "Not recorded",
            "lot": str(p.lot_id or ""), "provider": p.provider.name if p.provider else "No provider recorded",
        }[by])  # fmt: skip
    assert sorted((int(row["nights"]), Decimal(row["gross"])) for row in rows) == sorted(
        (int(found["nights"]), found["gross"]) for found in days.values()
    )
    if by != "lot":
        assert {row[by] for row in rows} == set(days)
    name = {"service": "Kinds of home", "lot": "Lots", "provider": "Providers", "level": "Levels"}[by]
    told = sheet(book_of(officer.get("/spend/workbook.xlsx")), name)
    assert sorted(pence(row["Cost (£)"]) for row in told) == sorted(Decimal(row["gross"]) for row in rows)


def test_every_figure_leads_to_placements_that_add_up_to_it(officer):
    page = officer.get("/spend/").content.decode()
    links = re.findall(r'href="(/spend/placements/\?[^"]*)">([\d,]+(?:\.\d\d)?)<', page)
    assert len(links) > 20
    for address, figure in links:
        rows = rows_of(officer.get(address.replace("&amp;", "&") + "&format=csv"))
        key = "gross" if "." in figure else "nights"
        assert f"{sum(Decimal(row[key]) for row in rows):,}" == figure
    assert 'href="/placements/' in officer.get("/spend/placements/").content.decode()


def test_years_are_the_sum_of_their_months(officer):
    book = book_of(officer.get("/spend/workbook.xlsx?year=2025/26"))
    (year,) = (row for row in sheet(book, "Financial years") if row["Financial year"] == "2025/26")
    months = sheet(book, "By month")
    assert pence(year["Cost (£)"]) == sum(pence(row["All routes (£)"]) for row in months)
    assert year["Nights"] == sum(row["Nights"] for row in months)
    assert [row["Financial year"] for row in sheet(book, "Financial years")] == ["2024/25", "2025/26", "2026/27"]


def test_who_pays_comes_to_the_whole(officer):
    book = book_of(officer.get("/spend/workbook.xlsx"))
    paid = sheet(book, "Who pays")
    assert {row["Paid by"] for row in paid} == {"Social care", "Education", "Health"}
    whole = sum(pence(row["All routes (£)"]) for row in sheet(book, "By month"))
    assert sum(pence(row["Pounds (£)"]) for row in paid) == whole


def test_the_equality_tables_are_the_authoritys_own(officer, own, bought):
    says = text(officer.get("/spend/equality/"))
    assert "Caribbean" in says
    assert "Looked after" in says
    with own():
        days = spend_by_day(date(2025, 4, 1), date(2026, 4, 1), lambda p, day, state: p.child.ethnicity)
    assert f"{days['BCRB']['gross']:,.2f}" in says
    told = sheet(book_of(officer.get("/spend/workbook.xlsx")), "Ethnicity")
    assert {row["Ethnicity"]: pence(row["Cost (£)"]) for row in told} == {
        codes.ETHNICITIES[code] or "Not recorded": found["gross"] for code, found in days.items()
    }


def test_a_steering_member_sees_totals_and_no_child(bought):
    member = signed_in(bought, "steering_member")
    page = member.get("/spend/").content.decode()
    assert "/placements/" not in page.replace(reverse("benefits"), "")  # which has no child in it either
    assert "equality" not in page
    assert "4,199.93" not in page
    assert member.get("/spend/placements/").status_code == 403
    assert member.get("/spend/equality/").status_code == 403
    book = book_of(member.get("/spend/workbook.xlsx"))
    assert "Ethnicity" not in book.sheetnames
    assert "By month" in book.sheetnames


def test_the_workbook_has_charts_of_its_own(officer):
    book = book_of(officer.get("/spend/workbook.xlsx"))
    assert book.sheetnames[:4] == ["About this file", "By month", "Shares of nights", "Shares of cost"]
    assert {"Kinds of home", "Lots", "Providers", "Levels", "Who pays", "Financial years", "Ethnicity", "Disability",
            "Care status", "Sex", "Age", "Definitions"} <= set(book.sheetnames)  # fmt: skip
    assert all(book[name]._charts for name in book.sheetnames if name not in ("About this file", "Definitions"))


def test_a_year_in_progress_says_until_when(officer):
    says = text(officer.get("/spend/?year=2026/27"))
    assert "from 1 to 20 April 2026" in says
    assert "Up to today, 20 April 2026. Homes that go on are not forecast." in says
    assert "April 2026, to 20 April" in says


@pytest.mark.parametrize("query", ["?year=1999/00", "?from=2026-13&to=x", "?lot=nonsense", "?from=2026-03&to=2025-12",
                                   "?year=2024/25&from=2026-03", "?provider=none&lot=none&state=extension",
                                   "?sort=born_on&by=child"])  # fmt: skip
def test_odd_questions_are_answered(officer, query):
    assert officer.get(f"/spend/{query}").status_code == 200
    assert officer.get(f"/spend/equality/{query}").status_code == 200
    assert officer.get(f"/spend/placements/{query}").status_code == 200
    assert officer.get(f"/spend/workbook.xlsx{query}").status_code == 200


def test_nothing_bought_yet(cast, own):
    officer = signed_in(cast)
    for address in ("/spend/", "/spend/equality/", "/spend/placements/"):
        assert "No spend yet" in text(officer.get(address))
    assert sheet(book_of(officer.get("/spend/workbook.xlsx")), "Kinds of home") == []
    with own():
        spot_placement(child_of(cast.authority), date(2026, 9, 1), called_off_on=TODAY)
    assert "What is to come is not forecast here." in text(officer.get("/spend/"))


def test_a_question_that_nothing_answers_says_so_once(officer):
    for address in ("/spend/?service=health", "/spend/equality/?service=health"):
        says = text(officer.get(address))
        assert says.count("No night that you asked about was bought in these months.") == 1
        assert "bought no night in 2025/26 that answers to this." in says


def test_nothing_of_it_to_another_authority(bought):
    says = text(signed_in(bought, stranger=True).get("/spend/"))
    assert "Lewisham bought 0% of nights through frameworks" in says
    assert "726.13" not in says
    assert "looked after" not in text(signed_in(bought, stranger=True).get("/spend/equality/")).lower()


def test_no_date_of_birth_and_few_queries(officer, django_assert_max_num_queries):
    with django_assert_max_num_queries(40):
        page = officer.get("/spend/").content.decode()
    with django_assert_max_num_queries(45):
        page += officer.get("/spend/equality/").content.decode()
    with django_assert_max_num_queries(25):
        page += officer.get("/spend/placements/").content.decode()
    assert "2008" not in page
