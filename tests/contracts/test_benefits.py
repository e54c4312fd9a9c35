"""The benefits register: cashable apart from avoided, and every figure the same as counted day by day."""

import random
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

import pytest
import time_machine
from django.urls import reverse

from commissioning.kernel.periods import FinancialYear
from contracts.actions.cost_lines import end_cost_line, replace_cost_line
from contracts.actions.placements import end_placement
from contracts.measures.benefits import saved, totals
from contracts.models import Benefit, Placement
from tests.contracts.bought import BY, TODAY, child_of, spot_placement, weekly
from tests.contracts.samples_agreements import acting_for, agreed, with_statements
from tests.contracts.test_placement_pages import rows_of, signed_in, text

pytestmark = pytest.mark.django_db(databases=["default", "owner"])
PENNY = Decimal("0.01")
WHY = {"negotiated_by": "An officer", "negotiation": "Two homes compared"}


@pytest.fixture(autouse=True)
def _today(cast):
    with_statements()
    with time_machine.travel(TODAY, tick=False):
        yield


def home_at(authority, price="1000.00", starts_on=date(2025, 6, 2), **facts):
    home = spot_placement(child_of(authority), starts_on=starts_on, **facts)
    return home, weekly(home, price)


def test_the_first_version_avoids_what_was_asked_and_an_amendment_ends_it(cast):
    with acting_for(cast.authority):
        home, line = home_at(cast.authority)
        agreed(home, [line], price_asked=Decimal("1100"), planned_end_on=date(2026, 12, 1), **WHY)
        first = Benefit.objects.get()
        assert (first.kind, first.weekly_amount) == ("avoided", 100)
        assert (first.starts_on, first.ends_before) == (date(2025, 6, 2), date(2026, 12, 1))
        cheaper = replace_cost_line(line=line, amount=Decimal(950), starts_on=date(2026, 2, 1), reason="Less", by=BY)
        agreed(
            home, [cheaper], base=1, price_asked=Decimal("1050"), starts_on=date(2026, 2, 1),
            agreed_on=date(2026, 1, 20), **WHY,
        )  # fmt: skip
        first.refresh_from_db()
        assert first.ends_before == date(2026, 2, 1)
        second = {each.kind: each for each in Benefit.objects.filter(agreement__number=2)}
        assert {kind: each.weekly_amount for kind, each in second.items()} == {"cashable": 50, "avoided": 50}
        assert all(each.ends_before is None for each in second.values())
        # A correction from the same day takes the place of what it corrects.
        agreed(home, [cheaper], base=2, starts_on=date(2026, 2, 1), agreed_on=date(2026, 1, 25))
        assert list(Benefit.objects.values_list("pk", flat=True)) == [first.pk]


def test_a_benefit_ends_with_its_home(cast):
    with acting_for(cast.authority):
        home, line = home_at(cast.authority)
        agreed(home, [line], price_asked=Decimal("1100"), **WHY)
        end_placement(
            placement=Placement.objects.get(pk=home.pk), ends_before=date(2025, 7, 7), end_reason="CARPL",
            ended_by="plan", ended_as_planned=True, destination="family", by=BY, today=TODAY,
        )  # fmt: skip
        row = saved(TODAY, FinancialYear(2025))[0]
        assert (row.ends_before, row.weekly_now, row.in_year) == (date(2025, 7, 7), 0, Decimal("500.00"))


def several(authority) -> list[Placement]:
    """Homes with prices to the penny, ends, amendments and a start in the future year's February."""
    dice = random.Random(20260420)
    made = []
    for number in range(24):
        starts_on = date(2023, 4, 1) + timedelta(days=dice.randrange(1000))
        price = Decimal(dice.randrange(30000, 900000)) / 100
        home, line = home_at(authority, f"{price:.2f}", starts_on)
        asked = price + Decimal(dice.randrange(0, 30000)) / 100
        planned = starts_on + timedelta(days=dice.randrange(20, 900)) if number % 3 else None
        agreed(home, [line], price_asked=asked, planned_end_on=planned, **WHY)
        amended = starts_on + timedelta(days=dice.randrange(1, 300))
        if number % 2 and amended < TODAY:
            cut = price - Decimal(dice.randrange(100, 20000)) / 100
            line = replace_cost_line(line=line, amount=cut, starts_on=amended, reason="Cut", by=BY)
            agreed(home, [line], base=1, starts_on=amended, agreed_on=amended, price_asked=price, **WHY)
        if number % 5 == 0:
            left = amended + timedelta(days=40)
            if left <= TODAY:
                end_placement(
                    placement=Placement.objects.get(pk=home.pk), ends_before=left, end_reason="CARPL", ended_by="plan",
                    ended_as_planned=True, destination="family", by=BY, today=TODAY,
                )  # fmt: skip
        made.append(home)
    return made


def oracle(kind: str, day: date, year: FinancialYear) -> tuple[Decimal, Decimal]:
    """Day by day: a day belongs to a benefit from its start, before its end, before the child left."""
    now = total = Decimal(0)
    for row in Benefit.objects.filter(kind=kind):
        left = row.placement.ends_before

        def runs(on, row=row, left=left):
            return row.starts_on <= on and not (row.ends_before and on >= row.ends_before) and not (left and on >= left)

        now += row.weekly_amount if runs(day) else 0
        until, accrued = row.starts_on, []
        for bound in (year.starts_on, year.ends_before):
            days = 0
            on = until
            while on < bound:
                days += runs(on)
                on += timedelta(days=1)
            accrued.append((row.weekly_amount * days / 7).quantize(PENNY, ROUND_HALF_UP))
        total += accrued[1] - accrued[0]
    return now, total


def test_figures_are_those_counted_day_by_day(cast):
    with acting_for(cast.authority):
        several(cast.authority)
        for start in (2022, 2023, 2024, 2025, 2026):
            year = FinancialYear(start)
            figures = totals(saved(TODAY, year))
            assert figures == {kind: oracle(kind, TODAY, year) for kind in ("cashable", "avoided")}
        assert all(figures[kind][0] > 0 for kind in figures)


def test_the_register_keeps_the_kinds_apart_and_its_file_is_its_table(cast, django_assert_max_num_queries):
    officer = signed_in(cast.person("commissioning_officer"))
    assert "No benefits yet" in text(officer.get(reverse("benefits")))
    with acting_for(cast.authority):
        several(cast.authority)
        now = {kind: oracle(kind, TODAY, FinancialYear(2025)) for kind in ("cashable", "avoided")}
    with django_assert_max_num_queries(14):
        page = officer.get(reverse("benefits"), {"year": "2025/26"})
    said = text(page)
    for kind in now:
        assert f"{now[kind][0]:,.2f} {now[kind][1]:,.2f}" in said, kind
    both = now["cashable"][0] + now["avoided"][0]
    assert f"{both:,.2f}" not in said
    assert "The two are never added up" in said
    rows = rows_of(officer.get(reverse("benefits"), {"year": "2025/26", "kind": "cashable", "format": "csv"}))
    assert {row["kind"] for row in rows} == {"Cashable"}
    assert sum(Decimal(row["year"]) for row in rows) == now["cashable"][1]
    assert officer.get(reverse("benefits"), {"year": "2025/26", "format": "xlsx"}).status_code == 200


def test_somebody_who_sees_no_child_reads_the_figures_alone(cast):
    with acting_for(cast.authority):
        home, line = home_at(cast.authority)
        agreed(home, [line], price_asked=Decimal("1100"), **WHY)
    member = signed_in(cast.person("steering_member"))
    page = member.get(reverse("benefits"))
    assert "£100.00" in text(page)
    assert "Child 1" not in text(page)
    assert str(home.uuid) not in page.content.decode()
    assert set(rows_of(member.get(reverse("benefits"), {"format": "csv"}))[0]) == {
        "kind", "service", "provider", "weekly", "from", "until", "year",
    }  # fmt: skip
    stranger = signed_in(cast.person("steering_member", stranger=True))
    assert "No benefits yet" in text(stranger.get(reverse("benefits")))


def test_a_line_that_ends_early_leaves_its_reason(cast):
    with acting_for(cast.authority):
        _, line = home_at(cast.authority)
        end_cost_line(line=line, ends_before=date(2025, 9, 1), reason="Moved on", by=BY)
        line.refresh_from_db()
        assert (line.ends_before, line.review_note) == (date(2025, 9, 1), "Moved on")
