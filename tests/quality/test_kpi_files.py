"""KPI returns by workbook through the road, what reminds of them, and what the API tells."""

import csv
import io
import json
from datetime import date, timedelta
from decimal import Decimal

import openpyxl
import pytest
import time_machine
from django.core import mail
from django.db import ProgrammingError
from django.urls import reverse

from commissioning.kernel.models import ImportRun
from quality.actions.check_return import check_return
from quality.actions.remind import send_reminders
from quality.models import KpiReturn
from tests.api.conftest import bearer
from tests.quality.monitored import home_of
from tests.quality.reporting import expected, on_lot, own, returned, with_kpis
from tests.quality.test_kpis import Q1, Q4, at, signed_in, text
from tests.quality.visiting import of
from tests.world import NOW, send

pytestmark = pytest.mark.django_db(databases=["default", "owner"])
COLUMNS = ("Framework", "Lot", "Provider", "KPI", "From", "Last day", "Home URN", "Number", "Out of", "In words",
           "Received on")  # fmt: skip


def file_of(*rows) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    writer.writerows(rows)
    return out.getvalue().encode()


def remarks_of(run, authority) -> dict[int, tuple[str, str, str]]:
    with own(authority):
        return {row.row: (row.outcome, row.column, row.says) for row in run.importremarks.order_by("outcome")}


def test_a_file_of_returns_is_kept_or_says_why_not(cast):
    with_kpis()
    award, lot = on_lot(cast), cast.world.lot(cast.world.shared)
    birch = on_lot(cast, cast.rival, date(2025, 10, 1))
    for code in ("health-checks", "staff-turnover", "dental-checks", "monitored"):
        with own(cast.authority):
            expected(lot, code)
            home = home_of(cast.provider, "SC730001") if code == "monitored" else None
    reference, alder, birch_name = lot.framework.reference, cast.provider.name, birch.provider.name

    def row(*, framework=reference, lot="1", provider=alder, kpi="health-checks", first="01/01/2026",
            last="31/03/2026", urn="", n="19", of="20", words="", received=""):  # fmt: skip
        return framework, lot, provider, kpi, first, last, urn, n, of, words, received

    content = file_of(
        row(received="08/04/2026"),  # 2
        row(kpi="staff-turnover", n="0", of="0"),  # 3: nobody to count, kept as Other
        row(urn=home.urn, n="9", of="10"),  # 4
        row(kpi="dental-checks", first="01/10/2025", n="18", of="20"),  # 5: of the half year
        row(kpi="health-checks", first="01/10/2025", last="31/12/2025", n="", of=""),  # 6: left out
        row(kpi="health-checks", first="01/10/2025", last="31/12/2025", n="12", of="11"),  # 7
        row(lot="9"),  # 8
        row(framework=cast.world.pair.reference),  # 9: Lewisham leads it
        row(first="01/02/2026", last="30/04/2026"),  # 10: no quarter
        row(first="01/04/2026", last="30/06/2026"),  # 11: not over
        row(provider=birch_name, first="01/07/2025", last="30/09/2025"),  # 12: not on the lot then
        row(kpi="monitored"),  # 13: worked out here
        row(kpi="activity"),  # 14: not expected
        row(provider="Nobody Known"),  # 15
        row(n="many"),  # 16
        row(),  # 17: the same as row 2
        row(provider=birch_name, urn=home.urn),  # 18: a home of another's
        row(provider=birch_name, received="01/05/2026"),  # 19: not come yet
        row(provider=birch_name, of=""),  # 20
    )
    run = send("kpi-returns", content, cast.authority, name="returns.csv")
    told = remarks_of(run, cast.authority)
    assert (run.rows_read, run.rows_accepted, run.rows_rejected) == (19, 5, 14), told
    assert told[3][0] == "noted"
    assert "kept as Other" in told[3][2]
    assert "nothing is returned by this row" in told[6][2]
    for number, words in {
        7: "more than it is out of", 8: "has a lot 9", 9: "only Lewisham", 10: "no quarter of it",
        11: "not over before", 12: "not on the lot then", 13: "worked out from", 14: "the lot expects no KPI activity",
        15: "no provider is recorded as", 16: "is no number", 17: "row 2 returns the same", 18: "not of one provider",
        19: "not in the future", 20: "enter out of how many",
    }.items():  # fmt: skip
        assert told[number][0] == "rejected", (number, told[number])
        assert words in told[number][2], (number, told[number])
    with own(cast.authority):
        kept = {(row.lot_kpi.kpi.code, row.establishment_id): row for row in KpiReturn.objects.all()}
        assert len(kept) == 4
        first = kept["health-checks", None]
        assert (first.value, first.rating, first.source_row) == (Decimal(95), "good", 2)
        assert first.sent_at.date() == date(2026, 4, 8)
        assert kept["staff-turnover", None].rating == "other"
        assert kept["health-checks", home.pk].rating == "approaching"
        assert kept["dental-checks", None].starts_on == date(2025, 10, 1)
    again = send("kpi-returns", content, cast.authority, name="returns.csv")
    assert again.facts_added + again.facts_changed == 0
    # A rating that changes is told of in words, as on the form: against the period before in the file, or as it stands.
    quarters = {"first": "01/07/2025", "last": "30/09/2025"}, {"first": "01/10/2025", "last": "31/12/2025"}
    silent = send("kpi-returns", file_of(row(**quarters[0], n="10"), row(**quarters[1]), row(n="18")), cast.authority,
                  name="silent.csv")  # fmt: skip
    told = remarks_of(silent, cast.authority)
    assert (silent.rows_accepted, silent.rows_rejected) == (1, 2), told
    assert told[3][1] == "In words"
    assert "it was Inadequate the period before and is Good now. Say why, in the column “In words”" in told[3][2]
    assert "is Approaching target now" in told[4][2]
    said = send("kpi-returns", file_of(row(**quarters[1], words="Two more nurses")), cast.authority, name="said.csv")
    assert (said.rows_accepted, said.facts_added) == (1, 1)
    assert "In words" in remarks_of(send("kpi-returns", file_of(row(n="18")), cast.authority, name="stands.csv"),
                                    cast.authority)[2][1]  # fmt: skip
    changed = send("kpi-returns", file_of(row(n="18", words="One missed")), cast.authority, name="later.csv")
    assert (changed.facts_added, changed.facts_changed) == (0, 1)
    with own(cast.authority):
        first = KpiReturn.objects.get(pk=first.pk)
        assert (first.version, first.rating) == (2, "approaching")
        assert ImportRun.objects.count() == 6
    assert award.pk == first.award_id
    # What a file said stays its own: the provider's figure replaces it, and never stands under the lead's file.
    with pytest.raises(ProgrammingError, match="not for a provider to write"), of(cast.provider):
        KpiReturn.objects.filter(pk=first.pk).update(numerator=20, value=100, rating="good")
    with of(cast.provider):
        assert KpiReturn.objects.filter(pk=first.pk).update(numerator=20, source_import=None) == 1


def test_the_workbook_of_a_lot_comes_back(cast):
    with_kpis()
    award = on_lot(cast)
    with own(cast.authority):
        for code in ("health-checks", "staff-turnover"):
            expected(award.lot, code)
    with at(date(2026, 4, 20)):
        address = reverse("kpi-template", args=[award.lot.uuid, "2026-03-31"])
        theirs = signed_in(cast.person("provider_contact", stranger=True)).get(address)
        assert theirs.status_code == 404
        answer = signed_in(cast.person("provider_contact")).get(address)
    book = openpyxl.load_workbook(io.BytesIO(answer.content))
    sheet = book["Returns"]
    headings = {cell.value: cell.column for cell in sheet[1]}
    assert sheet.protection.sheet
    assert sheet.cell(1, headings["KPI"]).protection.locked
    assert sheet.cell(2, headings["KPI"]).protection.locked
    assert not sheet.cell(2, headings["Number"]).protection.locked
    rows = [line for line in range(2, sheet.max_row + 1) if sheet.cell(line, headings["KPI"]).value]
    assert {sheet.cell(line, headings["Provider"]).value for line in rows} == {cast.provider.name}
    for line in rows:
        sheet.cell(line, headings["Number"]).value, sheet.cell(line, headings["Out of"]).value = 1, 20
    filled = io.BytesIO()
    book.save(filled)
    filled.name = "filled.xlsx"
    filled.seek(0)
    with at(date(2026, 4, 21)):
        client = signed_in(cast.person("provider_contact"))
        page = text(client.post(reverse("kpi-file"), {"file": filled}))
        assert "2 rows were read: 2 taken, 0 empty, 0 not taken." in page
        framework = award.lot.framework.reference
        bad = io.BytesIO(file_of(
            (framework, "1", cast.rival.name, "health-checks", "01/01/2026", "31/03/2026", "", 1, 2),
            (framework, "1", "", "health-checks", "01/01/2026", "31/03/2026", "", 3, 2),
            (framework, "1", "", "health-checks", "01/02/2026", "31/03/2026", "", 1, 2),
        ))  # fmt: skip
        bad.name = "bad.csv"
        page = text(client.post(reverse("kpi-file"), {"file": bad}))
        assert "3 rows were read: 0 taken, 0 empty, 3 not taken." in page
        for words in ("another provider’s", "more than it is out of", "no quarter of it"):
            assert words in page
        broken = io.BytesIO(b"PK nothing")
        broken.name = "broken.xlsx"
        assert "Error:" in client.post(reverse("kpi-file"), {"file": broken}).content.decode()
    filled.seek(0)
    run = send("kpi-returns", filled.getvalue(), cast.authority, name="filled.xlsx")
    assert (run.rows_accepted, run.rows_rejected) == (2, 0), remarks_of(run, cast.authority)
    assert NOW.date() >= Q4


def test_people_are_reminded_before_the_day_and_after_it(cast):
    with_kpis()
    award = on_lot(cast)
    with own(cast.authority):
        for code in ("health-checks", "staff-turnover"):
            expected(award.lot, code, starts_on=date(2025, 4, 1))

    def told(day):
        mail.outbox.clear()
        with at(day):
            send_reminders(today=day)
        return {message.to[0]: message for message in mail.outbox}

    alder, lead = "provider_contact@alder.test", "commissioning_officer@southwark.test"
    assert alder not in told(date(2025, 7, 10))  # more than a week before
    before = told(date(2025, 7, 15))[alder]
    assert before.subject == "KPI returns: 1 thing needs a look"
    assert "2 KPI figures to return by 21 July 2025" in before.body
    assert "overdue since 21 July 2025" in told(date(2025, 7, 22))[alder].body
    row = returned(award, "health-checks", Q1, 10, 10, on=date(2025, 7, 23))
    late = told(date(2025, 7, 24))
    assert "1 KPI figure to be checked" in late[lead].body
    assert "7 KPI figures missing" in late[lead].body
    assert "provider_contact@birch.test" not in late
    assert "commissioning_officer@lewisham.test" not in late
    with own(cast.authority):
        check_return(row=row, version=row.version, outcome="queried", words="Of whom?", by="service:tests", now=NOW)
    asked = told(date(2025, 7, 25))[alder].body
    assert "1 KPI figure queried or disputed" in asked
    assert "Of whom?" not in asked
    with time_machine.travel(NOW, tick=False):
        page = signed_in(cast.person("provider_contact")).get("/visits/reminders/")
        assert "A KPI return is due within seven days" in text(page)


def test_the_api_tells_definitions_and_returns_to_who_takes_part(client, cast):
    with_kpis()
    award = on_lot(cast)
    with own(cast.authority):
        expected(award.lot, "health-checks")
    row = returned(award, "health-checks", Q1, 17, 20)
    with own(cast.authority):
        check_return(row=row, version=1, outcome="disputed", words="Of whom?", by="service:tests", now=NOW)
    key = bearer(cast.authority)
    kpis = json.loads(client.get("/api/v1/kpis/?code=health-checks", headers=key).content)["results"]
    assert [each["target"] for each in kpis[0]["expected"]] == ["95.00"]
    told = json.loads(client.get("/api/v1/kpi-returns/", headers=key).content)["results"][0]
    assert (told["kpi_code"], told["value"], told["rating"]) == ("health-checks", "85.00", "improvement")
    assert (told["state"], told["check_words"], told["ends_before"]) == ("disputed", "Of whom?", "2025-07-01")
    returned(award, "health-checks", Q1, 18, 20, narrative="Counted again", on=Q1 + timedelta(days=20))
    told = json.loads(client.get("/api/v1/kpi-returns/", headers=key).content)["results"][0]
    assert (told["state"], told["checked"], told["version"]) == ("answered", "disputed", 2)
