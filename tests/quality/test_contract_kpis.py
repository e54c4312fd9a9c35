"""A target of a contract's own: who sets it, who reads it, and that everything is rated by it, and only its own."""

import csv
import io
import json
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.urls import reverse

from commissioning.partnership.models import Kpi
from quality.measures.contract_kpis import own_targets
from quality.measures.scorecard_kpis import kpi_standings, late_by_provider
from quality.models import ContractKpi, KpiReturn
from tests.api.conftest import bearer
from tests.quality.meeting import expects, fields
from tests.quality.meeting import returned as yearly_return
from tests.quality.reporting import expected, of, on_lot, own, with_kpis
from tests.quality.test_kpis import Q1, Q2, Q3, at, signed_in, text
from tests.world import send

pytestmark = pytest.mark.django_db(databases=["default", "owner"])
CODE = "health-checks"
LOT = (95, 90, 80)


def oracle(n: int, out_of: int, edges: tuple[int, int, int]) -> str:
    for name, edge in zip(("good", "approaching", "improvement"), edges, strict=True):
        if 100 * n >= edge * out_of:
            return name
    return "inadequate"


def test_a_contract_is_rated_by_its_own_target_and_no_other_is(cast):
    with_kpis()
    alder, birch = on_lot(cast), on_lot(cast, cast.rival)
    lot, mine = alder.lot, (80, 70, 60)
    with own(cast.authority):
        expected(lot, CODE)
        kpi = Kpi.objects.in_use().get(code=CODE)
    held = {(alder.pk, Q1): LOT, (alder.pk, Q2): mine, (alder.pk, Q3): LOT} | {(birch.pk, end): LOT
                                                                            for end in (Q1, Q2, Q3)}  # fmt: skip
    page, address = reverse("kpi-lot", args=[lot.uuid]), reverse("kpi-contract", args=[lot.uuid])

    def agree(day: date, edges=mine, reason="Small, and new"):
        return officer.post(address, {
            "award": alder.uuid, "kpi": kpi.uuid, "target": edges[0], "approaching": edges[1], "improvement": edges[2],
            "reason": reason, **fields("starts_on", day),
        })  # fmt: skip

    def lead_loads(end: date, n: int):
        out = io.StringIO()
        writer = csv.writer(out)
        writer.writerow(("Framework", "Lot", "Provider", "KPI", "From", "Last day", "Number", "Out of", "In words"))
        last = end - timedelta(days=1)
        begins = date(last.year, last.month - 2, 1)
        for award in (alder, birch):
            writer.writerow((lot.framework.reference, lot.number, award.provider.name, CODE, f"{begins:%d/%m/%Y}",
                             f"{last:%d/%m/%Y}", n, 20, "As agreed"))  # fmt: skip
        run = send("kpi-returns", out.getvalue().encode(), cast.authority, name=f"{end}.csv")
        assert run.rows_accepted == 2

    lead_loads(Q1, 17)
    with at(date(2025, 7, 20)):
        officer = signed_in(cast.person("quality_officer"))
        assert "Say why this contract differs" in text(agree(Q1, reason=""))
        assert "the target is the highest of the three" in text(agree(Q1, (60, 70, 80)))
        assert "have been returned and rated" in text(agree(date(2025, 4, 1)))  # what was rated stays rated
        assert "not on the lot on that day" in text(agree(date(2020, 4, 1)))
        assert agree(Q1).status_code == 302
        shown = text(officer.get(page))
        assert "Contracts with a target of their own" in shown
        assert "Good from 80%, Approaching target from 70%" in shown
        # The provider reads its own, a rival nothing of it; both read the lot's.
        for stranger, seen in ((False, True), (True, False)):
            theirs = signed_in(cast.person("provider_contact", stranger=stranger))
            told = text(theirs.get(page))
            assert "Good from 95%" in told
            assert ("from 80%, Approaching target from 70%" in told) is seen
        for provider, n in ((alder.provider, 1), (birch.provider, 0)):
            with of(provider):
                assert ContractKpi.objects.count() == n
    # The form is rated by it, and says so; the file of the lead as well.
    with at(date(2025, 10, 10)):
        contact = signed_in(cast.person("provider_contact"))
        form = reverse("kpi-send", args=[lot.uuid, "2025-09-30"])
        assert "Good from 80%" in text(contact.get(form))
        with own(cast.authority):
            row = KpiReturn.objects.get(award=alder).lot_kpi_id
        sent = {f"k{row}_numerator": 17, f"k{row}_denominator": 20, f"k{row}_narrative": "As before"}
        assert contact.post(form, sent).status_code == 302
        with own(cast.authority):
            assert KpiReturn.objects.get(award=alder, ends_before=Q2).rating == "good"
    lead_loads(Q2, 17)
    with own(cast.authority):
        own_row = ContractKpi.objects.get()
        [standing, rival] = [each for each in kpi_standings([alder.provider_id, birch.provider_id], Q2)]
        assert [standing.held.target, rival.held.target] == [80, 95]
        returned = KpiReturn.objects.get(award=alder, ends_before=Q2)
        # It ends with the contract: another place on the lot later has none.
        targets = own_targets([lot.pk])
        targets.rows[0].award.ends_before = Q2
        for day, target in ((Q2 - timedelta(days=1), 80), (Q2, 95)):
            assert targets.held(lot.pk, alder.provider_id, returned.lot_kpi, day).target == target
    with at(date(2025, 10, 20)):
        officer = signed_in(cast.person("quality_officer"))
        assert "Good 17 of 20; by a target of its own" in text(officer.get(page))
        page = text(officer.get(reverse("kpi-return", args=[returned.uuid])))
        assert "What this contract expects Good from 80%" in page
    told = json.loads(_api(cast, "kpis/?code=health-checks"))["results"][0]
    assert [(each["target"], each["award"]) for each in told["contracts"]] == [("80.00", str(alder.uuid))]
    # Taken back, the lot's holds again.
    with at(date(2025, 10, 20)):
        end = reverse("kpi-contract-end", args=[own_row.uuid])
        posted = {"reason": "It has grown", "version": own_row.version}
        assert "have been returned" in text(officer.post(end, posted | fields("ends_before", date(2025, 8, 31))))
        assert officer.post(end, posted | fields("ends_before", date(2025, 9, 30))).status_code == 302
    lead_loads(Q3, 17)
    with own(cast.authority):
        rows = {(row.award_id, row.ends_before): row for row in KpiReturn.objects.all()}
        assert set(rows) == set(held)
        for key, row in rows.items():
            assert row.rating == oracle(int(row.numerator), int(row.denominator), held[key]), key
        assert len({row.rating for row in rows.values()}) == 2
        assert rows[alder.pk, Q2].value == rows[birch.pk, Q2].value == Decimal(85)


def _api(cast, address: str) -> bytes:
    from django.test import Client

    return Client().get(f"/api/v1/{address}", headers=bearer(cast.authority)).content


def test_a_yearly_kpi_is_asked_of_the_year_that_last_ended(cast):
    """In the last quarter of a year nothing is asked of that year: a return of the one before is late, or has come."""
    lot = on_lot(cast).lot
    yearly = expects(lot, "yearly", period="year")
    days = [date(2026, month, 15) for month in (1, 2, 3)] + [date(2026, 4, 20), date(2026, 4, 22)]

    def oracle(today: date) -> tuple[date, date]:
        ends = today
        while not ((ends.month, ends.day) == (4, 1) and ends - timedelta(days=1) + timedelta(yearly.due_days) < today):
            ends -= timedelta(days=1)
        return date(ends.year - 1, 4, 1), ends

    def told() -> list:
        with own(cast.authority):
            found = [kpi_standings([cast.provider.pk], day) for day in days]
            assert [len(late_by_provider(each)) for each in found] == [each[0].missing for each in found]
            return [(each[0].period, each[0].missing) for each in found]

    assert told() == [(oracle(day), True) for day in days]
    assert told()[0][0] == (date(2024, 4, 1), date(2025, 4, 1))
    yearly_return(yearly, cast.provider, date(2024, 4, 1), date(2025, 4, 1), 19, 20)
    assert [missing for _, missing in told()] == [False, False, False, False, True]
