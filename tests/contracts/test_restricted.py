"""A date of birth of a rejected row is in no remark, page, list, workbook, API answer or report of the command; and the
workbook of rejects does not come back without it."""

import io
import json
import re

import pytest
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook

from commissioning.kernel.ingest.restricted import ENTER_AGAIN, NOT_KEPT
from commissioning.kernel.models import ImportRun
from commissioning.kernel.tenancy.viewer import Viewer, acting_as
from commissioning.partnership.actions.make_key import make_key
from contracts.models import Child
from tests.contracts.sending import as_book, as_csv, spot
from tests.contracts.test_returns_round import FILES, SENT, table
from tests.world import BY, send

pytestmark = pytest.mark.django_db(databases=["default", "owner"])
NONE = {"Spot reason": ""}  # what the row is refused for, besides
# Refused or corrected for the birth itself, for a day that depends on it, and for something else altogether.
BORN = {
    "17/05/2012": NONE, "17 May 2031": {}, "31/02/2013": {}, "18/06/14": {}, "19.07.2015 23:30": NONE,
    "unknown, June 2014": {}, "41048": NONE, "03/06/2025": {}, "25/25/2016": {}, "20170921": NONE,
}  # fmt: skip
TOLD = re.compile(
    r"17/05|17 May|2012-05|2031|31/02|2013-|18/06/14|18/06/2014|2014-06|June 2014|19.07|2015-07|19/07|23:30|41048"
    r"|2012-05-19|19/05/2012|03/06/2025|2025-06-03|3 June 2025|25/25|2017-09|20170921|21/09/2017"
)


@pytest.fixture
def run(cast):
    rows = [spot(f"P-{n}", f"C-{n}", **{"Date of birth": born}, **more) for n, (born, more) in enumerate(BORN.items())]
    return send("placements", as_csv(rows), cast.authority, name="births.csv")


def own(cast):
    return acting_as(Viewer.of_authority(cast.authority.pk), by=BY)


def officer(cast) -> Client:
    client = Client()
    client.force_login(cast.person("placements_officer"))
    return client


def rejects(client: Client, run: ImportRun):
    return load_workbook(io.BytesIO(client.get(reverse("import-rejects", args=[run.uuid])).content))


def test_no_remark_keeps_it(cast, run):
    assert (run.rows_rejected, run.rows_accepted) == (len(BORN) - 1, 1)  # 18/06/14 is read, with a note
    with own(cast), connection.cursor() as cursor:
        cursor.execute("SELECT row_to_json(r)::text FROM kernel_importremark r WHERE run_id = %s", [run.pk])
        stored = [line for (line,) in cursor.fetchall()]
        cells = [remark.cells for remark in run.importremarks.filter(outcome="rejected")]
    assert len(stored) > len(BORN)
    assert not [line for line in stored if TOLD.search(line.replace("for example 31/03/2026", ""))]
    assert {each["Date of birth"] for each in cells} == {NOT_KEPT}
    assert {each["Child reference"] for each in cells} >= {"C-0"}  # which its sender needs to find the row


def test_no_page_list_or_workbook_shows_it(cast, run, tmp_path):
    client = officer(cast)
    address = reverse("import", args=[run.uuid])
    told = []
    for asked in ("", "?show=rejected", "?show=noted", "?show=corrected"):
        told.append(client.get(address + asked).content.decode())
        told.append(client.get(address + (asked or "?") + "&format=csv").content.decode())
        book = load_workbook(io.BytesIO(client.get(address + (asked or "?") + "&format=xlsx").content))
        told.append(_text(book))
    told.append(_text(rejects(client, run)))
    told.append(client.get(reverse("imports")).content.decode())
    told.append(client.get(reverse("import-progress", args=[run.uuid])).content.decode())
    with own(cast):
        key = make_key(authority=cast.authority, name="warehouse", scopes=["imports"], at=timezone.now(), by=None)[1]
    answer = Client().get("/api/v1/imports/", headers={"Authorization": f"Bearer {key}"})
    assert answer.status_code == 200
    assert str(run.uuid) in answer.content.decode()
    told.append(answer.content.decode())
    path, out = tmp_path / "again.csv", io.StringIO()
    path.write_bytes(as_csv([spot("P-1", "C-1", **{"Date of birth": born}, **NONE) for born in BORN]))
    with pytest.raises(SystemExit):
        call_command("import_file", "placements", str(path), "--authority", "E09000028", "--json", stdout=out)
    assert json.loads(out.getvalue())["rejected"] == len(BORN)
    told.append(out.getvalue())
    for text in told:
        assert not TOLD.search(text.replace("for example 31/03/2026", "").replace("\u00a0", " "))


def test_the_cell_is_marked_and_asked_for_again(cast, run):
    client = officer(cast)
    book = rejects(client, run)
    sheet = book.worksheets[0]
    headings = [cell.value for cell in sheet[1]]
    birth = headings.index("Date of birth")
    for row in sheet.iter_rows(min_row=2):
        assert row[birth].value == NOT_KEPT
        assert ENTER_AGAIN in row[birth].comment.text
        assert "Date of birth: this cell is not kept" in row[-1].value
    # As it went out it does not come in: the children would have no date of birth, and nobody would notice.
    back = io.BytesIO()
    book.save(back)
    again = send("placements", back.getvalue(), cast.authority, name="births - rows to correct.xlsx")
    assert again.rows_accepted == 0
    with own(cast):
        says = set(again.importremarks.filter(column="Date of birth").values_list("says", flat=True))
    assert says == {ENTER_AGAIN}
    # Entered again, and put right, it does.
    for row in sheet.iter_rows(min_row=2):
        row[birth].value = "17/05/2012"
        row[headings.index("Spot reason")].value = "specialist"
    back = io.BytesIO()
    book.save(back)
    again = send("placements", back.getvalue(), cast.authority, name="births - rows to correct.xlsx")
    assert (again.rows_rejected, again.rows_accepted) == (0, len(BORN) - 1)
    with own(cast):
        assert not Child.objects.filter(born_on=None).exists()


def test_a_real_date_in_a_workbook_and_a_statutory_return_alike(cast):
    first = table((FILES / SENT["liia_2023"]).read_bytes())[0]
    rows = [first | {"Legal status": "Z9"}, first | {"Date of birth": "17/05/2031"}]
    run = send("placements", as_book(Costs=rows), cast.authority, name="placement costs 2024-09-30.xlsx")
    assert run.rows_rejected == 2
    with own(cast):
        told = json.dumps([[r.says, r.cells] for r in run.importremarks.all()], default=str)
    assert first["Date of birth"] not in told
    assert "2031" not in told
    assert "not born yet" in told


def _text(book) -> str:
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    return " | ".join(f"{cell.value} {cell.comment.text if cell.comment else ''}" for cell in cells)
