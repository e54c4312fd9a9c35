"""The cost-of-care page against a council's published table, and against a plain loop over what was sent.

Homes come in by the production road: a file of placements whose weekly costs come to exactly the n, mode and mean of
each row.
"""

import csv
import io
from collections import Counter
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import pytest
import time_machine
from django.test import Client

from commissioning.compare.measures.cost_of_care import cost_of_care, paid
from commissioning.compare.rules.kinds_of_care import PUBLISHED, kind_of
from tests.compare.releases import figure, published
from tests.contracts.sending import PROVIDER, as_csv, load
from tests.world import NOW

pytestmark = pytest.mark.django_db(databases=["default", "owner"])
FILE = Path(__file__).resolve().parents[3] / "shared" / "published" / "lewisham_cost_of_care_2020_21.csv"
AT = "/benchmarks/cost-of-care/"
DAY = date(2026, 4, 20)

# As the file's rows are called there: the columns of a placements file that make such a home.
SENT = {
    "Fostering (in house)": {"Service type": "Fostering", "In-house": "Yes", "Date of birth": "17/05/2014"},
    "Semi-independent (18+)": {"Service type": "supported", "Date of birth": "17/05/2007"},
    "Semi-independent": {"Service type": "supported", "Date of birth": "17/05/2009"},
    "Independent fostering agency": {"Service type": "Fostering", "Date of birth": "17/05/2014"},
    "Residential": {"Service type": "residential", "Date of birth": "17/05/2011"},
    "Supported lodgings": {"Service type": "lodgings", "In-house": "Yes", "Date of birth": "17/05/2008"},
    "Placed with family and friends": {"Service type": "kinship", "In-house": "Yes", "Date of birth": "17/05/2018"},
}
LABELS = dict(zip(SENT, (kind.label for kind in PUBLISHED), strict=True))
OTHERS = {"Service type": "Staying put", "In-house": "Yes", "Date of birth": "17/05/2006"}


@dataclass(frozen=True)
class Told:
    name: str
    n: int
    mode: int
    mean: int


BY_HAND = [Told(name, 4 + 3 * place, 300 + 100 * place, 333 + 117 * place) for place, name in enumerate(SENT)]


def read_published() -> list[Told]:
    with FILE.open() as file:
        return [
            Told(row["placement_type"], int(row["children"]), int(row["mode_weekly_gbp"]), int(row["mean_weekly_gbp"]))
            for row in csv.DictReader(file)
        ]


def amounts_of(told: Told) -> list[int]:
    """`n` whole amounts whose most usual is the mode, and whose sum is n times the mean: half of them at the mode, the
    others each its own, and the last making up the sum."""
    usual = max(2, told.n // 2)
    rest = told.n - usual
    missing = told.n * told.mean - usual * told.mode
    each = missing // rest
    others = [each + place - rest // 2 for place in range(rest)]
    others[-1] += missing - sum(others)
    found = [told.mode] * usual + others
    times = Counter(found)
    assert (len(found), sum(found), min(found) > 0) == (told.n, told.n * told.mean, True)
    assert all(n < times[told.mode] for amount, n in times.items() if amount != told.mode)
    return found


def homes(table: list[Told]) -> list[dict]:
    rows = []
    for told in table:
        for amount in amounts_of(told):
            number = len(rows)
            bought = {} if "In-house" in SENT[told.name] else {"Provider": PROVIDER, "Spot reason": "no_capacity"}
            rows.append({
                "Placement reference": f"P-{number}", "Child reference": f"C-{number}", "Start date": "02/06/2025",
                "Weekly cost": str(amount), "Provider": "", "Spot reason": "", "In-house": "", **SENT[told.name],
                **bought,
            })  # fmt: skip
    return rows


def page(user, **asked) -> str:
    client = Client()
    client.force_login(user)
    answer = client.get(AT, asked)
    assert answer.status_code == 200
    return answer.content.decode()


def rows_of(user, **asked) -> dict[str, dict[str, str]]:
    read = csv.DictReader(io.StringIO(page(user, format="csv", **asked).lstrip("\ufeff")))
    return {row["kind"]: row for row in read}


@pytest.mark.parametrize("whose", ["a table by hand", "Lewisham’s of 2020/21"])
def test_the_page_shows_n_mode_and_mean_of_every_kind_of_home(cast, whose):
    if whose.startswith("Lewisham") and not FILE.exists():
        pytest.skip("the published figures do not lie beside this checkout: the table by hand is tried instead")
    table = BY_HAND if whose.startswith("a table") else read_published()
    assert [told.name for told in table] == list(SENT)
    run = load(cast.world, *homes(table))
    assert run.rows_rejected == 0
    with time_machine.travel(NOW, tick=False):
        user = cast.person("analyst")
        told, shown = rows_of(user), page(user)
    assert list(told) == [LABELS[row.name] for row in table]
    for row in table:
        found = told[LABELS[row.name]]
        assert (found["n"], found["mode"], found["mean"]) == (str(row.n), f"{row.mode}.00", f"{row.mean}.00")
        line = shown[shown.index(f">{LABELS[row.name]}</th>") :].split("</tr>")[0]
        cells = [cell.rsplit(">", 1)[-1] for cell in line.split("</td>")[:3]]
        assert cells == [f"{figure_:,}" for figure_ in (row.n, row.mode, row.mean)]


def middle(amounts: list[Decimal], share: Decimal) -> Decimal:
    ordered = sorted(amounts)
    place = (len(ordered) - 1) * share
    low = int(place)
    high = min(low + 1, len(ordered) - 1)
    return (ordered[low] + (ordered[high] - ordered[low]) * (place - low)).quantize(Decimal("0.01"), ROUND_HALF_UP)


def test_every_figure_equals_the_oracle(cast, as_authority):
    """Over the rows as they were sent: nothing of the measure's own."""
    sent = homes(BY_HAND)
    load(cast.world, *sent)
    by_kind: dict[str, list[Decimal]] = {}
    for row in sent:
        name = next(name for name, wanted in SENT.items() if wanted.items() <= row.items()
                    and bool(row["In-house"]) == ("In-house" in wanted))  # fmt: skip
        by_kind.setdefault(LABELS[name], []).append(Decimal(row["Weekly cost"]))
    with as_authority(cast.authority):
        found = cost_of_care(DAY, None)
    assert {row.label for row in found.rows} == set(by_kind)
    for row in found.rows:
        amounts = by_kind[row.label]
        assert row.paid.median == middle(amounts, Decimal("0.5"))
        assert row.paid.spread.lower_quartile == middle(amounts, Decimal("0.25"))
        assert row.paid.spread.upper_quartile == middle(amounts, Decimal("0.75"))
        assert row.paid.weekly == sum(amounts)


def test_the_day_decides_who_lives_there_and_what_is_paid(cast, as_authority):
    def row(number: int, **more: str) -> dict:
        return homes(BY_HAND)[-1] | {
            "Placement reference": f"P-{number}", "Child reference": f"C-{number}", "Weekly cost": "100"
        } | more  # fmt: skip

    load(
        cast.world, row(1), row(2, **{"Left on": "01/03/2026"}), row(3, **{"Weekly cost": ""}),
        row(4, **{"Start date": "21/04/2026", "Called off on": "20/04/2026"}), row(5) | OTHERS, row(6, Respite="Yes"),
    )  # fmt: skip
    with as_authority(cast.authority):
        now, before = (
            {row.label: (row.paid.n, row.paid.unpriced) for row in cost_of_care(day, None).rows}
            for day in (DAY, date(2026, 2, 28))
        )
    assert now["Placed with family and friends"] == (1, 1)
    assert before["Placed with family and friends"] == (2, 1)
    assert list(now)[7:] == ["Staying put (in house)"]
    with as_authority(cast.other):
        assert cost_of_care(DAY, None).n == 0


def test_a_mode_is_an_amount_that_repeats():
    assert paid([Decimal(5), Decimal(9), None]).mode is None
    assert paid([Decimal(9), Decimal(9), Decimal(5), Decimal(5), Decimal(7)]).mode == 5
    assert kind_of("supported", "spot", None).label == "Semi-independent"


@pytest.mark.parametrize(("asked", "says"), [
    ({"on_0": "31", "on_1": "2", "on_2": "2026"}, "that date does not exist"),
    ({"on_0": "1", "on_1": "1", "on_2": "2099"}, "The day is after today"),
    ({"on_0": "", "on_1": "", "on_2": ""}, "Enter the day, month and year"),
])  # fmt: skip
def test_a_day_that_cannot_be_is_told_and_today_is_shown(cast, asked, says):
    shown = page(cast.person("analyst"), **asked)
    assert says in shown
    assert "No home with a price" in shown


@pytest.mark.django_db(transaction=True)
def test_the_partnership_s_figures_stand_beside_ours_or_say_why_not(cast):
    load(cast.world, *homes(BY_HAND))
    published(
        cast, figure("weekly_price", "service_route", service_type="fostering", route="in_house", n=40, median=455,
                     mean=470, mode_from=425),
        figure("weekly_price", "service_age", service_type="supported", age_band="18 and over", n=15),
        figure("weekly_price", "service", service_type="supported", n=60, median=1200, mean=1300),
    )  # fmt: skip
    with time_machine.travel(NOW, tick=False):
        told, shown = rows_of(cast.person("steering_member")), page(cast.person("steering_member"))
    fostering = told["Fostering (in house)"]
    assert [fostering[f"shared_{name}"] for name in ("n", "median", "mean", "mode")] == [
        "40", "455.00", "470.00", "425.00",
    ]  # fmt: skip
    assert told["Semi-independent (18 and over)"]["shared_median"] == "c"
    assert told["Residential"]["shared_n"] == "c"
    assert "Instead, for this kind of home: a median of £1,200 a week." in shown
    with time_machine.travel(NOW, tick=False):
        long_ago = page(cast.person("steering_member"), on_0="1", on_1="1", on_2="2019")
    assert "lies above the partnership" not in long_ago, "prices of another time are no comparison"


def test_the_number_of_queries_does_not_grow(cast, as_authority, django_assert_num_queries):
    load(cast.world, *homes(BY_HAND))
    with as_authority(cast.authority), django_assert_num_queries(2):
        cost_of_care(DAY, None)


def test_the_file_that_is_sent_is_plain_csv():
    assert as_csv(homes(BY_HAND)).count(b"\n") == 1 + sum(told.n for told in BY_HAND)
