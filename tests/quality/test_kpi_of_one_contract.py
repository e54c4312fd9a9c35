"""A KPI of one contract alone: agreed, asked for, returned by every road, rated, checked, and read by its two sides."""

import io
import json
from datetime import date, timedelta
from decimal import Decimal

import openpyxl
import pytest
from django.db import IntegrityError, ProgrammingError, connection, transaction
from django.test import Client
from django.urls import reverse

from commissioning.partnership.models import Kpi
from providers.actions.award_place import end_place
from quality.actions.remind_kpis import lines_of_lead, lines_of_provider
from quality.measures.kpi_returns import slots
from quality.measures.scorecard_kpis import kpi_standings, late_by_provider
from quality.models import ContractKpi, KpiCheck, KpiReturn
from tests.api.conftest import bearer
from tests.quality.meeting import fields
from tests.quality.reporting import agreed_alone, expected, of, on_lot, own, returned, with_kpis
from tests.quality.test_kpi_files import file_of, remarks_of
from tests.quality.test_kpis import Q1, Q2, Q3, Q4, at, signed_in, text
from tests.world import send

pytestmark = pytest.mark.django_db(databases=["default", "owner"])
CODE, NAME = "activity", "Activity"
MINE = ("77", "66", "55")  # of this contract alone: no other page says these


def test_it_is_agreed_returned_rated_and_checked_and_no_rival_reads_it(cast):
    with_kpis()
    alder, birch = on_lot(cast), on_lot(cast, cast.rival)
    lot = alder.lot
    page, address = reverse("kpi-lot", args=[lot.uuid]), reverse("kpi-alone", args=[lot.uuid])
    with own(cast.authority):
        expected(lot, "health-checks")
        kpi = Kpi.objects.in_use().get(code=CODE)

    def agree(day=date(2025, 4, 1), last=None, **given):
        asked = {
            "award": alder.uuid, "kpi": kpi.uuid, "target": MINE[0], "approaching": MINE[1], "improvement": MINE[2],
            "due_days": 14, "reason": "Agreed at the first meeting", **fields("starts_on", day),
        }  # fmt: skip
        asked |= fields("ends_before", last) if last else {}
        return officer.post(address, asked | given)

    with at(date(2025, 4, 2)):
        officer = signed_in(cast.person("quality_officer"))
        form = text(officer.get(address))
        assert NAME in form
        assert "Health checks up to date" not in form  # the lot expects it
        assert "Say why this contract differs" in text(agree(reason=""))
        assert "the target is the highest of the three" in text(agree(target=10))
        assert "not on the lot on that day" in text(agree(date(2020, 4, 1)))
        assert "Choose 1 April 2025, its first day, or later" in text(agree(last=date(2025, 3, 30)))
        assert "Enter days from 0 to 366" in text(agree(due_days=400))
        assert agree(last=date(2026, 3, 31)).status_code == 302
        shown = text(officer.get(page))
        assert "KPIs of one contract alone" in shown
        assert "Good from 77%, Approaching target from 66%" in shown
    # Due, by the fourteenth day; the provider reads and returns it, a rival finds nothing of it anywhere.
    with at(date(2025, 7, 10)):
        contact = signed_in(cast.person("provider_contact"))
        assert "2 are due." in text(contact.get(reverse("kpi-returns")))
        form = reverse("kpi-send", args=[lot.uuid, "2025-06-30"])
        assert "Good from 77%" in text(contact.get(form))
        with own(cast.authority):
            single = ContractKpi.objects.get()
        sent = {f"c{single.pk}_numerator": 14, f"c{single.pk}_denominator": 20, f"c{single.pk}_narrative": ""}
        assert contact.post(form, sent).status_code == 302
    with own(cast.authority):
        row = KpiReturn.objects.get()
        assert (row.lot_kpi_id, row.contract_kpi_id, row.rating) == (None, single.pk, "approaching")
    with at(date(2025, 7, 16)):
        officer, contact = signed_in(cast.person("quality_officer")), signed_in(cast.person("provider_contact"))
        check = reverse("kpi-check", args=[row.uuid])
        asked = {"outcome": "disputed", "words": "Fourteen of whom?", "version": row.version}
        assert officer.post(check, asked).status_code == 302
        told = text(officer.get(reverse("kpi-return", args=[row.uuid])))
        assert "What is agreed with this contract alone Good from 77%" in told
        assert "What the lot expects" not in told
        assert "Fourteen of whom?" in text(contact.get(reverse("kpi-returns")))
        again = sent | {f"c{single.pk}_numerator": 16, f"c{single.pk}_narrative": "Sixteen, with two who came late"}
        assert contact.post(form, again).status_code == 302
        verified = {"outcome": "verified", "words": "", "version": row.version + 1}
        assert officer.post(check, verified).status_code == 302
        assert "Verified" in text(officer.get(reverse("kpi-return", args=[row.uuid])))
        listed = text(officer.get(page))
        assert "80% Good 16 of 20" in listed
        assert "1 KPI is agreed with one contract alone." in listed
    # By workbook: the lead's and the provider's, of its own and not of a rival.
    with at(date(2025, 10, 8)):
        contact = signed_in(cast.person("provider_contact"))
        book = openpyxl.load_workbook(io.BytesIO(contact.get(
            reverse("kpi-template", args=[lot.uuid, "2025-09-30"])).content))  # fmt: skip
        sheet = book["Returns"]
        heading = {cell.value: cell.column for cell in sheet[1]}
        [line] = [n for n in range(2, sheet.max_row + 1) if sheet.cell(n, heading["KPI"]).value == CODE]
        sheet.cell(line, heading["Number"]).value, sheet.cell(line, heading["Out of"]).value = 19, 20
        filled = io.BytesIO()
        book.save(filled)
        filled.name = "filled.xlsx"
        filled.seek(0)
        assert "1 taken" in text(contact.post(reverse("kpi-file"), {"file": filled}))
        rival = signed_in(cast.person("provider_contact", stranger=True))
        theirs = io.BytesIO(file_of((lot.framework.reference, "1", "", CODE, "01/07/2025", "30/09/2025", "", 1, 2)))
        theirs.name = "theirs.csv"
        assert f"the lot expects no KPI {CODE}" in text(rival.post(reverse("kpi-file"), {"file": theirs}))
    period = "01/10/2025", "31/12/2025"
    run = send("kpi-returns", file_of(
        (lot.framework.reference, "1", alder.provider.name, CODE, *period, "", 12, 20, "Two left", "20/01/2026"),
        (lot.framework.reference, "1", birch.provider.name, CODE, *period, "", 12, 20, "", "20/01/2026"),
    ), cast.authority, name="lead.csv")  # fmt: skip
    assert (run.rows_accepted, run.rows_rejected) == (1, 1)
    assert f"the lot expects no KPI {CODE}" in remarks_of(run, cast.authority)[3][2]
    with own(cast.authority):
        rows = {row.ends_before: row for row in KpiReturn.objects.of_kpi(CODE)}
        assert {day: (row.value, row.rating) for day, row in rows.items()} == {
            Q1: (80, "good"), Q2: (95, "good"), Q3: (Decimal(60), "improvement"),
        }  # fmt: skip
    # What is returned stays as it was rated, and the lot expects nothing twice.
    with at(date(2026, 1, 30)):
        officer = signed_in(cast.person("quality_officer"))
        everything = text(officer.get(reverse("kpi-returns"), {"which": "late", "span": "8"}))
        assert "Requires improvement" in everything  # it came on the twentieth: late
        assert "have been returned and rated" in text(agree(date(2025, 10, 1)))
        posted = {"kpi": kpi.uuid, "target": 95, "approaching": 90, "improvement": 80, "due_days": 21}
        expects = officer.post(reverse("kpi-expect", args=[lot.uuid]), posted | fields("starts_on", date(2026, 1, 1)))
        assert f"“{NAME}” is agreed with Alder Fostering alone: end that first" in text(expects)
        rival = signed_in(cast.person("provider_contact", stranger=True))
        for seen in (page, reverse("kpi-returns"), reverse("kpi", args=[kpi.uuid]), f"{page}?format=book"):
            answer = rival.get(seen)
            said = text(answer) if "html" in answer["Content-Type"] else _cells(answer)
            assert "77" not in said
            assert "Alder" not in said
            assert seen == reverse("kpi", args=[kpi.uuid]) or NAME not in said
        assert rival.get(reverse("kpi-return", args=[row.uuid])).status_code == 404
        assert "Alder Fostering" in text(officer.get(reverse("kpi", args=[kpi.uuid])))
    told = json.loads(_api(cast, f"kpis/?code={CODE}"))["results"][0]
    assert [(each["target"], each["due_days"]) for each in told["contracts"]] == [("77.00", 14)]
    told = json.loads(_api(cast, f"kpi-returns/?kpi={kpi.uuid}"))["results"]
    assert {(each["kpi_code"], each["expected"], each["agreed_alone"]) for each in told} == {
        (CODE, None, str(single.uuid))
    }
    # Ended earlier than was agreed: by the same page as a target of its own.
    with at(date(2026, 2, 1)):
        officer = signed_in(cast.person("quality_officer"))
        end = reverse("kpi-contract-end", args=[single.uuid])
        assert f"end “{NAME}”" in text(officer.get(end))
        posted = {"reason": "Every child has one", "version": single.version}
        assert "have been returned" in text(officer.post(end, posted | fields("ends_before", date(2025, 12, 30))))
        assert officer.post(end, posted | fields("ends_before", date(2025, 12, 31))).status_code == 302
        with own(cast.authority):
            found = slots([lot], after=date(2025, 4, 1), until=Q4 + timedelta(days=1), today=Q4)
            assert {slot.ends_before for slot in found if slot.expected.kpi.code == CODE} == {Q1, Q2, Q3}
            expected(lot, CODE, starts_on=Q3)  # now the lot may


def _cells(answer) -> str:
    sheets = openpyxl.load_workbook(io.BytesIO(answer.content)).worksheets
    return " ".join(str(cell.value) for sheet in sheets for row in sheet.iter_rows() for cell in row)


def _api(cast, address: str) -> bytes:
    return Client().get(f"/api/v1/{address}", headers=bearer(cast.authority)).content


def oracle(award, row, period: int, today: date) -> dict[date, tuple[date, bool]]:
    """Day by day: the first day after each period whose last day lies in what was agreed and in the contract, with the
    last day on which its return is in time, and whether that has passed."""
    found, day = {}, date(2024, 4, 1)
    while day < date(2026, 7, 1):
        day += timedelta(days=1)
        last = day - timedelta(days=1)
        ends = day.day == 1 and (day.month - 4) % period == 0
        runs = all(each.starts_on <= last and not (each.ends_before and each.ends_before <= last)
                   for each in (award, row))  # fmt: skip
        if ends and runs and day <= today:
            due = last + timedelta(days=row.due_days)
            found[day] = due, due < today
    return found


def test_it_is_asked_late_missing_and_over_with_the_contract(cast):
    """Of a quarter and a half year; late and missing in slots, standings and reminders; nothing after the contract."""
    with_kpis()
    alder, birch = on_lot(cast), on_lot(cast, cast.rival)
    lot, today = alder.lot, date(2026, 4, 10)
    with own(cast.authority):
        quarterly = agreed_alone(alder, CODE, starts_on=date(2025, 2, 10), due_days=9)
        half = agreed_alone(birch, "sdq-completed", starts_on=date(2025, 4, 1), ends_before=Q4)
        end_place(award=birch, ends_before=date(2025, 12, 1), reason="It left", by="service:tests")
        birch.refresh_from_db()
    with of(alder.provider_id):
        returned(alder, CODE, Q1, 19, 20, on=date(2025, 8, 1))  # late; nothing else came

    def asked():
        found = slots([lot], after=date(2024, 4, 1), until=today + timedelta(days=1), today=today)
        assert {slot.award.pk for slot in found} <= {alder.pk, birch.pk}
        return {(slot.award.pk, slot.ends_before): (slot.due_on, slot.late, slot.state) for slot in found}

    with own(cast.authority):
        found = asked()
        said = {(award.pk, day): pair for award, row, months in ((alder, quarterly, 3), (birch, half, 6))
                for day, pair in oracle(award, row, months, today).items()}  # fmt: skip
        assert {key: each[:2] for key, each in found.items()} == said
        assert {key[1] for key in found if key[0] == birch.pk} == {Q2}  # the contract was over before the next
        assert found[alder.pk, Q1][2] == "returned"
        assert found[alder.pk, Q3][2] == "missing"
        [standing] = kpi_standings([alder.provider_id, birch.provider_id], today)
        assert (standing.alone, standing.missing, standing.period) == (True, True, (date(2026, 1, 1), Q4))
        assert standing.newest.ends_before == Q1
        assert list(late_by_provider([standing])) == [alder.provider_id]
        assert "4 KPI figures missing" in " ".join(lines_of_lead(cast.authority.pk, today))
    with of(alder.provider_id):
        assert "1 KPI figure overdue since 9 April 2026" in " ".join(lines_of_provider(alder.provider_id, today))
        assert asked().keys() == {key for key in found if key[0] == alder.pk}
    with own(cast.other):  # takes part: reads what is returned, and sets nothing
        assert asked() == found
        with pytest.raises(Exception, match="lead"):
            agreed_alone(alder, "planning-meetings")
    card = text(signed_in(cast.person("quality_officer")).get(reverse("scorecard", args=[alder.provider.uuid])))
    assert f"{NAME} (" in card
    assert "agreed with this contract alone)" in card


def test_the_database_holds_the_two_sides_apart(cast):
    """Whatever a provider's contact writes by hand: no return on a rival's agreement, on none, or on two."""
    with_kpis()
    alder, birch = on_lot(cast), on_lot(cast, cast.rival)
    with own(cast.authority):
        lots = expected(alder.lot, "health-checks")
        single = agreed_alone(alder, CODE)
    row = returned(alder, CODE, Q1, 19, 20)
    with own(cast.authority):
        KpiCheck.objects.create(
            kpi_return=row, return_version=1, award=alder, framework_id=alder.framework_id, lot=alder.lot,
            provider_id=alder.provider_id, starts_on=row.starts_on, ends_before=row.ends_before, outcome="verified",
            checked_at=row.sent_at,
        )  # fmt: skip
    for whose, n in ((alder.provider_id, 1), (birch.provider_id, 0)):
        with of(whose), connection.cursor() as cursor:
            for table in ("quality_contractkpi", "quality_kpireturn", "quality_kpicheck"):
                cursor.execute(f"SELECT count(*) FROM {table}")
                assert cursor.fetchone() == (n,), table

    def insert(award, **asks):
        facts = {"lot_kpi_id": None, "contract_kpi_id": None} | asks
        KpiReturn.objects.create(
            award=award, framework_id=award.framework_id, lot_id=award.lot_id, provider_id=award.provider_id,
            starts_on=Q1, ends_before=Q2, numerator=1, denominator=2, value=50, rating="inadequate",
            sent_at=row.sent_at, **facts,
        )  # fmt: skip
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")

    for refused in ({"contract_kpi_id": single.pk}, {}, {"lot_kpi_id": lots.pk, "contract_kpi_id": single.pk}):
        with pytest.raises(IntegrityError), of(birch.provider_id), transaction.atomic():
            insert(birch, **refused)
    with pytest.raises((IntegrityError, ProgrammingError)), of(birch.provider_id), transaction.atomic():
        insert(alder, contract_kpi_id=single.pk)
    for whose in (alder.provider_id, birch.provider_id):
        with of(whose), connection.cursor() as cursor:
            cursor.execute("UPDATE quality_contractkpi SET target = 100, approaching = 100")
            assert cursor.rowcount == 0
