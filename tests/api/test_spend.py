"""Spend through the API against the day-by-day oracle, to the penny; and what it says of deltas."""

import csv
import json
from collections import defaultdict
from datetime import date
from decimal import Decimal
from io import StringIO

import pytest
from django.utils import timezone

from contracts.measures.spend import FUNDERS
from contracts.models import Placement
from providers.models import Award
from tests.contracts.bought import child_of, framework_placement, weekly
from tests.contracts.oracle_spend import spend_by_day

from .conftest import bearer, officer
from .test_refusals import problem
from .walk import V1, pages, rows, whole

pytestmark = pytest.mark.django_db(databases=["default", "owner"])
SPEND = f"{V1}/spend/"
YEAR = "from=2025-04&to=2026-03"


@pytest.fixture
def key(market, southwark):
    with officer(southwark):
        place = Award.objects.get(framework=market.ours.framework, provider=market.alder)
        for begins, amount in ((date(2025, 5, 7), "726.13"), (date(2025, 12, 31), "741.03")):
            weekly(framework_placement(child_of(southwark), place, begins), amount)
        child = child_of(southwark)
        weekly(framework_placement(child, place, date(2025, 4, 1), ends_before=date(2025, 4, 2), level=""), "800.01")
    return bearer(southwark)


def oracle(authority, first, until):
    def of(placement, day, state):
        lot, provider = placement.lot, placement.provider
        return (
            f"{day:%Y-%m}", placement.route, state or None, placement.service_type, placement.level or None,
            str(lot.uuid) if lot else None, str(provider.uuid) if provider else None, placement.spot_reason or None,
        )  # fmt: skip

    with officer(authority):
        return {
            key: {"nights": row["nights"], "gross": row["gross"], **{name: row[name] for name in FUNDERS}}
            for key, row in spend_by_day(first, until, of).items()
        }


def as_oracle(told):
    names = ("month", "route", "later_state", "service_type", "level", "lot", "provider", "spot_reason")
    found = {}
    for row in told:
        assert Decimal(row["own"]) + sum(Decimal(row[name]) for name in FUNDERS) == Decimal(row["gross"])
        money = {name: Decimal(row[name]) for name in ("gross", *FUNDERS)}
        found[tuple(row[name] for name in names)] = {"nights": row["nights"], **money}
    assert len(found) == len(told)
    return found


def test_every_month_is_the_oracles(client, key, southwark, lewisham):
    told = rows(client, f"{SPEND}?{YEAR}&limit=3", key)
    wanted = oracle(southwark, date(2025, 4, 1), date(2026, 4, 1))
    assert as_oracle(told) == wanted
    assert len(wanted) > 20
    theirs = rows(client, f"{SPEND}?{YEAR}", bearer(lewisham))
    assert as_oracle(theirs) == oracle(lewisham, date(2025, 4, 1), date(2026, 4, 1))
    assert not {row["id"] for row in told} & {row["id"] for row in theirs}


def test_pages_and_files_say_the_same(client, key):
    told = rows(client, f"{SPEND}?{YEAR}&limit=1000", key)
    assert [(row["month"], row["id"]) for row in told] == sorted({(row["month"], row["id"]) for row in told})
    for limit in (1, 2, len(told)):
        made = list(pages(client, f"{SPEND}?{YEAR}&limit={limit}", key))
        assert [row for page in made for row in page["results"]] == told
        assert all(set(page) == {"results", "next"} for page in made)
    lines = whole(client.get(f"{SPEND}?{YEAR}&format=ndjson", headers=key)).decode().splitlines()
    assert [json.loads(line) for line in lines] == told
    table = list(csv.DictReader(StringIO(whole(client.get(f"{SPEND}?{YEAR}&format=csv", headers=key)).decode())))
    assert [(line["id"], line["gross"], line["own"]) for line in table] == [
        (row["id"], row["gross"], row["own"]) for row in told
    ]


def test_more_than_a_year_is_walked_in_parts(client, key, southwark):
    told = rows(client, f"{SPEND}?from=2024-03&to=2026-03&limit=5", key)
    assert as_oracle(told) == oracle(southwark, date(2024, 3, 1), date(2026, 4, 1))


def test_a_row_keeps_its_id(client, key, southwark):
    """Whatever is asked with it, and when its figures change."""
    before = {row["id"]: row for row in rows(client, f"{SPEND}?{YEAR}", key)}
    with officer(southwark):
        home = Placement.objects.filter(route="framework").order_by("pk")[0]
        weekly(home, "10.00")
    after = {row["id"]: row for row in rows(client, f"{SPEND}?from=2025-06&to=2025-07&route=framework", key)}
    assert after
    assert set(after) < set(before)
    assert all(Decimal(row["gross"]) > Decimal(before[id_]["gross"]) for id_, row in after.items())


def test_without_months_it_is_this_financial_year_to_date(client, key, southwark):
    today = timezone.localdate()
    first = date(today.year if today.month >= 4 else today.year - 1, 4, 1)
    tomorrow = date.fromordinal(today.toordinal() + 1)
    told = rows(client, SPEND, key)
    assert as_oracle(told) == oracle(southwark, first, tomorrow)
    assert max(row["ends_before"] for row in told) == tomorrow.isoformat()
    ahead = f"{today.year + 1}-12"
    assert rows(client, f"{SPEND}?from={ahead}&to={ahead}", key) == []
    assert rows(client, f"{SPEND}?to={ahead}", key) == told


def test_purchases_are_chosen(client, key, market):
    def all_of(asked, **wanted):
        told = rows(client, f"{SPEND}?{YEAR}&{asked}", key)
        assert told
        assert all(row[name] == value for row in told for name, value in wanted.items())

    all_of("route=spot", route="spot", spot_reason="specialist")
    all_of("later_state=in_force", later_state="in_force", route="framework")
    all_of(f"lot={market.ours.lot.uuid}", lot_number="1", framework_reference="SEL-1")
    all_of(f"provider={market.alder.uuid}", provider_name="=Alder Fostering")
    all_of("service_type=residential", service_type="residential")


def test_a_delta_is_refused_and_why_is_said(client, key):
    for asked in ("updated_since=1", f"{YEAR}&updated_since=2026-04-01T00:00:00Z", "updated_since=1&format=csv"):
        said = problem(client.get(f"{SPEND}?{asked}", headers=key), 400)
        assert "updated_since" in said["detail"]
        assert "from=2025-04&to=2026-03" in said["remedy"]


@pytest.mark.parametrize("asked", [
    "from=2026-13", "from=2026", "from=0001-01", "to=2026-00", "from=2026-04-01", "from=%00", "by=child",
    "from=2025-04&from=2025-05", "from=2026-03&to=2026-02", "from=2001-01&to=2026-01", "limit=0", "cursor=abc",
    "route=bus", "later_state=lost", "lot=1", "format=ods", "format=csv&limit=2", "format=csv&cursor=a",
])  # fmt: skip
def test_nonsense_is_refused(client, market, southwark, asked):
    problem(client.get(f"{SPEND}?{asked}", headers=bearer(southwark)), 400)


def test_a_cursor_is_for_one_caller_and_one_question(client, key, lewisham):
    following = json.loads(client.get(f"{SPEND}?{YEAR}&limit=1", headers=key).content)["next"]
    cursor = following.partition("cursor=")[2]
    problem(client.get(following, headers=bearer(lewisham)), 400)
    problem(client.get(f"{SPEND}?cursor={cursor}", headers=key), 400)
    problem(client.get(f"{V1}/lots/?cursor={cursor}", headers=key), 400)


def test_the_year_is_the_sum_of_its_months(client, key):
    months = defaultdict(Decimal)
    for row in rows(client, f"{SPEND}?{YEAR}", key):
        months[row["month"]] += Decimal(row["gross"])
    alone = {
        month: sum(Decimal(row["gross"]) for row in rows(client, f"{SPEND}?from={month}&to={month}", key))
        for month in months
    }
    assert alone == months
