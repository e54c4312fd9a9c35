"""A lot's KPIs over four quarters, returned in time, late, not at all, and disputed; who may do what; the edges."""

import random
import re
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from commissioning.partnership.models import Kpi, LotKpi
from quality.models import KpiCheck, KpiReturn
from quality.rules import kpi_periods
from quality.rules.kpi_ratings import problem_of, rating_of, value_of
from tests.quality.reporting import expected, on_lot, own, returned, with_kpis
from tests.reading import text

pytestmark = pytest.mark.django_db(databases=["default", "owner"])
Q1, Q2, Q3, Q4 = date(2025, 7, 1), date(2025, 10, 1), date(2026, 1, 1), date(2026, 4, 1)  # each ends before


def signed_in(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


def at(day: date):
    return time_machine.travel(timezone.make_aware(datetime(day.year, day.month, day.day, 9)), tick=False)


class Story:
    def __init__(self, cast):
        with_kpis()
        self.cast, self.award = cast, on_lot(cast)
        self.lot = self.award.lot
        self.birch = on_lot(cast, cast.rival)

    def expect(self, code, edges, starts_on=(1, 4, 2025)):
        with own(self.cast.authority):
            kpi = Kpi.objects.in_use().get(code=code)
        day, month, year = starts_on
        target, approaching, improvement = edges
        return signed_in(self.cast.person("commissioning_officer")).post(
            reverse("kpi-expect", args=[self.lot.uuid]),
            {"kpi": kpi.uuid, "target": target, "approaching": approaching, "improvement": improvement,
             "due_days": 21, "starts_on_0": day, "starts_on_1": month, "starts_on_2": year, "reason": "Agreed"},
        )  # fmt: skip

    def send(self, ends_before, **figures):
        """figures: code -> (numerator, denominator, narrative)."""
        last = kpi_periods.due_on(ends_before, 0)
        posted = {}  # what stands already is sent along, as the form does
        with own(self.cast.authority):
            for row in KpiReturn.objects.filter(provider=self.cast.provider, ends_before=ends_before):
                name = f"k{row.lot_kpi_id}_"
                posted |= {f"{name}numerator": row.numerator, f"{name}denominator": row.denominator,
                           f"{name}narrative": row.narrative}  # fmt: skip
            rows = {row.kpi.code: row.pk for row in LotKpi.objects.filter(lot=self.lot).select_related("kpi")}
        for code, (numerator, denominator, narrative) in figures.items():
            name = f"k{rows[code.replace('_', '-')]}_"
            posted |= {f"{name}numerator": numerator, f"{name}denominator": denominator, f"{name}narrative": narrative}
        client = signed_in(self.cast.person("provider_contact"))
        return client.post(reverse("kpi-send", args=[self.lot.uuid, last.isoformat()]), posted)

    def row(self, code, ends_before):
        with own(self.cast.authority):
            return KpiReturn.objects.get(provider=self.cast.provider, lot_kpi__kpi__code=code, ends_before=ends_before)

    def check(self, row, outcome, words="", version=None, who="commissioning_officer", stranger=False):
        client = signed_in(self.cast.person(who, stranger=stranger))
        return client.post(
            reverse("kpi-check", args=[row.uuid]),
            {"outcome": outcome, "words": words, "version": version or row.version},
        )

    def states(self, today):
        with at(today):
            client = signed_in(self.cast.person("analyst"))
            page = client.get(reverse("kpi-returns"), {"which": "all", "span": "8", "format": "csv"})
        told = {}
        for line in page.content.decode().splitlines():
            cells = line.split(",")
            if "Alder" in line and "2025" in line:
                told[cells[0], re.search(r"(\w+ to \w+ 2025|\w+ 2025 to \w+ 2026|January to March 2026)", line)[0]] = (
                    line
                )
        return told


def test_four_quarters_late_missing_and_disputed(cast):
    story = Story(cast)
    with at(date(2025, 4, 1)):
        assert "Enter the target" in text(story.expect("health-checks", ("", 90, 80)))
        wrong = text(story.expect("health-checks", (80, 90, 95)))
        assert "the target is the highest of the three" in wrong
        assert "Agreed" in story.expect("health-checks", (80, 90, 95)).content.decode()  # nothing typed is lost
        for code, edges in (("health-checks", (95, 90, 80)), ("staff-turnover", (5, 10, 20)),
                            ("dental-checks", (90, 80, 70))):  # fmt: skip
            assert story.expect(code, edges).status_code == 302
        running = signed_in(cast.person("provider_contact")).get(
            reverse("kpi-send", args=[story.lot.uuid, "2025-06-30"])
        )
        assert "Not over yet" in text(running)
    # The first quarter: in time, and verified. The half year is asked for with the second.
    with at(date(2025, 7, 10)):
        due = text(signed_in(cast.person("provider_contact")).get(reverse("kpi-returns")))
        assert "2 are due." in due
        assert "21 July 2025" in due
        refused = text(story.send(Q1, health_checks=(21, 20, ""), staff_turnover=("", 30, "")))
        assert "Health checks up to date: more than it is out of" in refused
        assert "Staff turnover: enter the number, nought where there was none" in refused
        assert story.send(Q1, health_checks=(19, 20, ""), staff_turnover=(1, 30, "")).status_code == 302
        row = story.row("health-checks", Q1)
        assert (row.value, row.rating, row.numerator) == (Decimal("95.00"), "good", 19)
        assert story.row("staff-turnover", Q1).value == Decimal("3.34")  # towards the worse: never better by rounding
        assert story.check(row, "verified").status_code == 302
        assert story.check(row, "verified", who="quality_officer", stranger=True).status_code == 403
    # The second: late, and worse than before, so that words are asked for.
    with at(date(2025, 11, 1)):
        late = text(signed_in(cast.person("provider_contact")).get(reverse("kpi-returns")))
        assert "3 figures are overdue" in late
        refused = text(story.send(Q2, health_checks=(17, 20, "")))
        assert "it was Good the period before and is Requires improvement now. Say why." in refused
        assert story.send(Q2, health_checks=(17, 20, "Two nurses left"), staff_turnover=(1, 30, ""),
                          dental_checks=(9, 10, "")).status_code == 302  # fmt: skip
        row = story.row("dental-checks", Q2)
        assert (row.starts_on, row.rating) == (date(2025, 4, 1), "good")
    # The third never comes. The fourth has a nil denominator, and a figure that is disputed.
    with at(date(2026, 4, 10)):
        assert story.send(Q4, health_checks=(0, 0, ""), staff_turnover=(4, 30, "Pay elsewhere")).status_code == 302
        nil, low = story.row("health-checks", Q4), story.row("staff-turnover", Q4)
        assert (nil.value, nil.rating, nil.denominator) == (None, "other", 0)
        assert low.rating == "improvement"
        assert "Say what is asked, or what is not accepted" in text(story.check(low, "disputed"))
        assert story.check(low, "disputed", "We count six leavers").status_code == 302
        own_page = text(signed_in(cast.person("provider_contact")).get(reverse("kpi-returns")))
        assert "1 was queried or disputed" in own_page
        assert "We count six leavers" in own_page
        refused = text(story.send(Q4, staff_turnover=(6, 30, "")))
        assert "it was disputed. Say in words what you answer" in refused
        assert story.send(Q4, staff_turnover=(6, 30, "Six, as you say")).status_code == 302
        again = story.row("staff-turnover", Q4)
        assert again.version == low.version + 1
        assert again.sent_at == low.sent_at
        stale = text(story.check(low, "verified"))
        assert "Somebody else changed" in stale or "changed" in stale
        with own(cast.authority):
            assert KpiCheck.objects.filter(kpi_return=again).count() == 1
    today = date(2026, 5, 1)
    told = story.states(today)
    assert "Verified" in told["Health checks up to date", "April to June 2025"]
    assert "came late" in told["Health checks up to date", "July to September 2025"]
    assert "Missing" in told["Health checks up to date", "October to December 2025"]
    with at(today):
        officer = signed_in(cast.person("commissioning_officer"))
        page = text(officer.get(reverse("kpi-lot", args=[story.lot.uuid]), {"trend": "health-checks"}))
        links = officer.get(reverse("provider", args=[cast.provider.uuid])).context["links"]
        assert [words for words, _ in links] == ["KPI returns", "Contract meetings"]  # nobody has answered of it
        assert "Sent again, to be checked" in page
        assert "None to count: out of nought" in page
        assert "exempt from its duty" in page
        rival = signed_in(cast.person("provider_contact", stranger=True))
        seen = text(rival.get(reverse("kpi-lot", args=[story.lot.uuid]))) + text(rival.get(reverse("kpi-returns")))
        assert "Alder" not in seen
        assert "Six, as you say" not in seen
        assert rival.get(reverse("kpi-return", args=[again.uuid])).status_code == 404
        assert story.check(again, "verified").status_code == 302
        assert "Verified" in text(signed_in(cast.person("provider_contact")).get(
            reverse("kpi-return", args=[again.uuid])))  # fmt: skip
        # What was rated stays rated: nothing else is expected of a period that has been returned.
        assert "have been returned and rated" in text(story.expect("health-checks", (99, 98, 97), (1, 1, 2026)))
        assert story.expect("health-checks", (99, 98, 97), (1, 4, 2026)).status_code == 302
        with own(cast.authority):
            rows = LotKpi.objects.filter(lot=story.lot, kpi__code="health-checks").order_by("starts_on")
            assert [row.ends_before for row in rows] == [Q4, None]


def test_definitions_get_versions_and_are_never_changed(cast):
    story = Story(cast)
    with own(cast.authority):
        first = Kpi.objects.in_use().get(code="activity")
        expected(story.lot, "activity")
    client = signed_in(cast.person("quality_officer"))
    posted = {
        "name": "Activity", "why": "", "how": "", "numerator": "Children with two activities", "denominator": "",
        "unit": "percent", "good": "high", "period": "quarter", "formula": "", "source": "", "reason": "",
        "statements": [2],
    }  # fmt: skip
    address = reverse("kpi-version", args=[first.uuid])
    assert "Say why it is defined so" in text(client.post(address, posted))
    posted["reason"] = "One was too few"
    assert "A per cent is of something" in text(client.post(address, posted))
    posted["denominator"] = "Children who lived there"
    assert client.post(address, posted).status_code == 302
    assert "Somebody made another version meanwhile" in text(client.post(address, posted))
    assert "There is a KPI of that name" in text(client.post(reverse("kpi-new"), posted))
    with own(cast.authority):
        versions = list(Kpi.objects.filter(code="activity").order_by("number"))
        assert [each.numerator for each in versions] == [first.numerator, "Children with two activities"]
        assert LotKpi.objects.get(lot=story.lot).kpi == first
    page = text(signed_in(cast.person("provider_contact")).get(reverse("kpi", args=[first.uuid])))
    assert "Version 2 took the place of this one" in page
    client.post(reverse("kpi-retire", args=[versions[1].uuid]), {"reason": "Nobody asks"})
    listed = text(client.get(reverse("kpis")))
    assert "Children with two activities" not in listed
    assert "Southwark" in listed
    assert "dental checks" in listed.lower()
    assert "90%" in listed
    with own(cast.authority):
        assert not Kpi.objects.in_use().filter(code="activity").exists()


def test_list_pages_cost_the_same_for_one_return_and_for_forty(cast):
    story = Story(cast)
    codes = ("health-checks", "staff-turnover", "activity", "agreements-fulfilled", "education-entitlement")
    with own(cast.authority):
        for code in codes:
            expected(story.lot, code)
    counted = []
    client = signed_in(cast.person("commissioning_officer"))
    pages = [(reverse("kpi-returns"), {"which": "all", "span": "8"}), (reverse("kpi-lot", args=[story.lot.uuid]), {})]
    ends = (Q1, Q2, Q3, Q4)
    with at(date(2026, 4, 20)):
        returned(story.award, codes[0], Q1, 10, 10)
        for address, asked in pages:
            client.get(address, asked)
            counted.append(_queries(client, address, asked))
        for award in (story.award, story.birch):
            for code in codes:
                for until in ends:
                    if (award, code, until) != (story.award, codes[0], Q1):
                        returned(award, code, until, 10, 10)
        assert counted == [_queries(client, address, asked) for address, asked in pages]


def _queries(client, address, asked) -> int:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as seen:
        assert client.get(address, asked).status_code == 200
    return len(seen)


def test_a_threshold_belongs_to_the_better_side_and_nothing_reaches_one_by_rounding():
    chance = random.Random(7)
    names = ("good", "approaching", "improvement", "inadequate")
    for _ in range(3000):
        good = chance.choice(("high", "low"))
        edges = sorted((Decimal(chance.randrange(0, 10001)) / 100 for _ in range(3)), reverse=good == "high")
        denominator = chance.randrange(0, 400)
        numerator = chance.randrange(0, denominator + 1)
        value = value_of("percent", Decimal(numerator), Decimal(denominator), good=good, divided=True)
        got = rating_of(value, good=good, target=edges[0], approaching=edges[1], improvement=edges[2])
        if not denominator:
            assert (value, got) == (None, "other")
            continue
        exact = Fraction(numerator * 100, denominator)  # the oracle rates what was not rounded at all
        met = [exact >= Fraction(edge) if good == "high" else exact <= Fraction(edge) for edge in edges]
        assert got == names[met.index(True) if True in met else 3]
        assert abs(Fraction(value) - exact) < Fraction(1, 100)
    edges = {"target": Decimal(95), "approaching": Decimal(90), "improvement": Decimal(80)}
    assert rating_of(Decimal("94.99"), good="high", **edges) == "approaching"
    assert rating_of(None, good="high", **edges) == "other"
    assert value_of("number", Decimal(7), None, good="high", divided=False) == 7
    assert problem_of("percent", Decimal(0), Decimal(0), divided=True) is None
    assert problem_of("percent", Decimal(1), Decimal(0), divided=True)[0] == "numerator"
    assert problem_of("number", Decimal(-1), None, divided=False)[0] == "numerator"
    assert kpi_periods.period_of("half_year", date(2026, 3, 31)) == (date(2025, 10, 1), date(2026, 4, 1))
    assert kpi_periods.period_of("year", date(2026, 3, 31)) == (date(2025, 4, 1), date(2026, 4, 1))
    assert kpi_periods.ending_within("quarter", date(2025, 7, 1), date(2026, 1, 1)) == [
        (date(2025, 7, 1), date(2025, 10, 1)), (date(2025, 10, 1), date(2026, 1, 1)),
    ]  # fmt: skip
