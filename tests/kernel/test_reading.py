"""Files as people send them: read rightly, or refused with a sentence that says what to do."""

from __future__ import annotations

import datetime
import os
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import openpyxl
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from commissioning.kernel.ingest.delimited import MULTIBYTE, decode
from commissioning.kernel.ingest.reading import (
    MISSING_FORMULA,
    ErrorCell,
    Limits,
    UnreadableFile,
    describe_missing,
    find_sheet,
    read_book,
)
from tests.messy import build

ROOT = Path(__file__).resolve().parents[2]
MESSY = ROOT / "tests" / "messy"
DATA = ROOT.parent / "shared" / "data"
WANTED = {"urn": ["URN"], "name": ["Name", "Setting Name"], "date": ["Inspection date"]}


def rows_of(path, content=None):
    if content is not None:
        path.write_bytes(content)
    return read_book(path).sheets[0].rows


def refused(path, content=None, **options):
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(UnreadableFile) as caught:
        read_book(path, **options)
    text = str(caught.value)
    assert text.endswith((".", ")"))
    assert 20 < len(text) < 300
    return text


# --- text and its encodings

NAMES = "Ŵyl Cottage,Children’s Home – Tŷ Gwyn"


@pytest.mark.parametrize(
    ("mark", "encoding"),
    [(b"", "utf-8"), (b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"),
     (b"", "utf-16-le"), (b"", "utf-16-be"), (b"\xff\xfe\x00\x00", "utf-32-le")],
)  # fmt: skip
def test_unicode_is_read_with_and_without_its_mark(tmp_path, mark, encoding):
    text = "Name,Home\r\n" + NAMES + "\r\nplain words to weigh the sample, and more of them\r\n"
    rows = rows_of(tmp_path / "a.csv", mark + text.encode(encoding))
    assert rows[0] == ("Name", "Home")
    assert rows[1] == ("Ŵyl Cottage", "Children’s Home – Tŷ Gwyn")


def test_cp1252_is_read_and_named():
    book = read_book(MESSY / "cp1252_typographic_apostrophe.csv")
    assert book.encoding == "cp1252"
    assert book.sheets[0].rows[1] == ("2590934", "Children’s Home – Café")


def test_macintosh_csv_ends_lines_with_cr_and_has_its_own_letters(tmp_path):
    rows = rows_of(tmp_path / "a.csv", "Name,Town\rCafé’s,Lewisham\r".encode("mac_roman"))
    assert rows == [("Name", "Town"), ("Café’s", "Lewisham")]


def test_a_mark_read_as_letters_is_taken_off(tmp_path):
    assert rows_of(tmp_path / "a.csv", "ï»¿URN,Name\n1,a\n".encode())[0] == ("URN", "Name")
    assert rows_of(tmp_path / "b.csv", "ï»¿URN,Name\n1,caf\xe9\n".encode("cp1252"))[0] == ("URN", "Name")


def test_mixed_encodings_are_refused_with_the_line(tmp_path):
    content = "Name,Town\nTŷ Gwyn,Cardiff\n".encode() + b"Caf\xe9,Leeds\n"
    assert "line 3" in refused(tmp_path / "a.csv", content)


def test_nul_characters_and_broken_utf16_are_refused(tmp_path):
    assert "NUL" in refused(tmp_path / "a.csv", b"URN,Name\n12\x0034,a\n" * 50)
    assert "damaged" in refused(tmp_path / "b.csv", b"\xff\xfe" + "URN,Name".encode("utf-16-le") + b"\x00\xd8,")


LETTERS = st.text(alphabet="abcdefghijklmnopqrstuvwxyzÀÉÎÖÜàéîöüß’‘“”–€£ ", min_size=1, max_size=20)


@given(LETTERS)
@settings(max_examples=200)
def test_cp1252_never_comes_out_as_other_letters(name):
    content = f"Name,Town\n{name},Leeds\n"
    data = content.encode("cp1252")
    assume(name.isascii() or not MULTIBYTE.search(data))  # such bytes are UTF-8 just as well
    text, _ = decode(data)
    assert text == content


@given(
    st.text(alphabet="abcŵŷÿŶŴâêîôûé’–£ĀЖ中 ", min_size=1, max_size=20),
    st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
)
@settings(max_examples=200)
def test_unicode_never_comes_out_as_other_letters(name, encoding):
    content = f"Name,Town\n{name},Leeds\n"
    assert decode(content.encode(encoding))[0] == content


# --- rows of text


@pytest.mark.parametrize("mark", [",", ";", "\t", "|"])
def test_separator_is_told_from_the_header(tmp_path, mark):
    content = "A title, with a comma\n\n" + mark.join(["URN", "Name", "Rate"]) + "\n"
    content += "".join(
        mark.join([str(number), "Home; and | other".replace(mark, ""), "1.5"]) + "\n" for number in range(5)
    )
    assert rows_of(tmp_path / "a.csv", content.encode())[2] == ("URN", "Name", "Rate")


def test_decimal_commas_do_not_win_over_the_separator(tmp_path):
    assert rows_of(tmp_path / "a.csv", b"name;rate\na;1,5\nb;2,5\n")[1] == ("a", "1,5")
    assert rows_of(tmp_path / "b.csv", b"low;high\n1,5;2,5\n1,5;2,5\n")[1] == ("1,5", "2,5")
    assert rows_of(tmp_path / "c.csv", b"sep=;\nlow;high\n1,5;2,5\n")[2] == ("1,5", "2,5")


def test_quoted_line_breaks_blank_rows_and_ragged_rows_keep_their_numbers():
    book = read_book(MESSY / "ragged_rows_and_quoted_newline.csv")
    sheet = find_sheet(book, {"urn": ["URN"], "name": ["Name"]}, required={"urn"})
    assert list(sheet.rows) == [
        (2, {"urn": "1", "name": "Two\nlines"}),
        (4, {"urn": "2", "name": None}),
        (5, {"urn": "3", "name": "c", "_extra": ["#N/A"]}),
    ]


def test_a_quotation_mark_never_closed_is_refused_with_its_row(tmp_path):
    assert "row 3" in refused(tmp_path / "a.csv", b'URN,Name\n1,a\n2,"b\n3,c\n4,d\n')


def test_a_bare_quotation_mark_inside_a_cell_is_kept(tmp_path):
    assert rows_of(tmp_path / "a.csv", b'URN,Name\n1,"The "Oaks" home"\n2,b\n')[2] == ("2", "b")


def test_too_many_rows_or_columns_are_refused(tmp_path):
    path = tmp_path / "a.csv"
    assert "3 rows" in refused(path, b"a,b\n1,2\n1,2\n1,2\n", limits=Limits(max_rows=3))
    assert "2 columns" in refused(path, b"a,b,c\n1,2,3\n", limits=Limits(max_columns=2))
    assert "larger than 0 MB" in refused(path, limits=Limits(max_bytes=5))


# --- what is not a table


@pytest.mark.parametrize(
    ("content", "word"),
    [
        (b"", "empty"), (b"  \r\n ", "empty"), (b"%PDF-1.7 ...", "PDF"), (b"\x89PNG\r\n\x1a\n....", "image"),
        (b"<html><table><tr><td>URN</td></tr></table></html>", "web page"), (b"{\\rtf1 hello}", "Word"),
        (b'<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"/>', "2003"),
        (b'{"urn": 1}', "JSON"), (b"\x1f\x8b\x08\x00", "compressed"), (b"MZ\x90\x00", "program"),
        (b"\x01\x02\x03\x04\x05junk", "not a table"),
    ],
)  # fmt: skip
def test_other_kinds_are_named(tmp_path, content, word):
    assert word in refused(tmp_path / "rates.xls", content)


@pytest.mark.parametrize(
    ("stream", "word"),
    [("EncryptedPackage", "password"), ("WordDocument", "Word"), ("_VBA_PROJECT", "only macros"), ("Other", "damaged")],
)
def test_old_containers_that_hold_no_sheet(tmp_path, stream, word):
    assert word in refused(build.ole(tmp_path / "a.xlsx", {stream: b"x"}))


@pytest.mark.parametrize(
    ("entries", "word"),
    [
        ({"word/document.xml": "<d/>"}, "Word"), ({"xl/workbook.bin": "x"}, "xlsb"),
        ({"a.csv": "x", "b.csv": "y"}, "2 files"),
        ({"xl/workbook.xml": "<w/>", "a/../../b.xml": "x"}, "outside"),
        ({"xl/workbook.xml": "<w/>", "/b": "x"}, "outside"),
        ({"xl/workbook.xml": "<w/>", "xl/embeddings/b.zip": "x"}, "b.zip"),
        ({"xl/workbook.xml": "<w/>", "xl/media/b.png": b"PK\x03\x04abc"}, "b.png"),
        ({"xl/workbook.xml": '<!DOCTYPE x [<!ENTITY a "b">]><w/>'}, "DTD"), ({"xl/workbook.xml": "<w/>"}, "damaged"),
        ({f"a{number}": "" for number in range(501)}, "500 parts"),
    ],
)  # fmt: skip
def test_archives_that_are_no_workbook_or_may_harm(tmp_path, entries, word):
    assert word in refused(build.packed(tmp_path / "a.xlsx", entries))


def test_links_and_locked_entries_are_refused(tmp_path):
    path = build.xlsx(tmp_path / "a.xlsx", "")
    with zipfile.ZipFile(path, "a") as archive:
        link = zipfile.ZipInfo("xl/link.xml")
        link.external_attr = 0o120777 << 16
        archive.writestr(link, "/etc/hostname")
    assert "outside" in refused(path)


def test_a_truncated_or_altered_workbook_is_refused(tmp_path):
    whole = build.xlsx(tmp_path / "a.xlsx", '<row r="1"><c r="A1"><v>1</v></c></row>').read_bytes()
    assert "damaged" in refused(tmp_path / "b.xlsx", whole[: len(whole) // 2])
    at = whole.index(b"xl/worksheets/sheet1.xml") + 40
    assert "damaged" in refused(tmp_path / "c.xlsx", whole[:at] + bytes([whole[at] ^ 0xFF]) + whole[at + 1 :])


def test_an_entry_that_fails_its_checksum_is_refused(tmp_path):
    path = build.xlsx(tmp_path / "a.xlsx", '<row r="1"><c r="A1"><v>12345</v></c></row>')
    with zipfile.ZipFile(path) as whole, zipfile.ZipFile(tmp_path / "b.xlsx", "w") as stored:
        for name in whole.namelist():
            stored.writestr(name, whole.read(name))
    content = (tmp_path / "b.xlsx").read_bytes()
    assert rows_of(tmp_path / "b.xlsx") == [(12345,)]
    assert "damaged" in refused(tmp_path / "c.xlsx", content.replace(b"<v>12345<", b"<v>92345<"))


# --- bombs: refused at once and without growing

WIDE = 'table:number-columns-repeated="400"'
TEN_SHARED = '<c t="s"><v>0</v></c>' * 10
BOMBS = {
    "ratio": lambda path: build.packed(path, {"xl/workbook.xml": "<w/>", "xl/a.xml": b" " * (64 << 20)}),
    "lying": lambda path: build.lying_zip(path, 256),
    "corner": lambda path: build.xlsx(
        path, '<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="NT1048576"><v>1</v></c></row>'
    ),
    "unplaced": lambda path: build.xlsx(
        path, '<row r="1"><c><v>1</v></c></row><row r="1000000">' + "<c><v>1</v></c>" * 400 + "</row>"
    ),
    "shared": lambda path: build.xlsx(
        path, "".join(f'<row r="{row}">{TEN_SHARED}</row>' for row in range(1, 5001)),
        shared=["long " * 6000],
    ),
    "ods rows": lambda path: build.ods(
        path,
        f'<table:table-row table:number-rows-repeated="1000000">{build.ods_text("b") * 31}</table:table-row>',
    ),
    "ods cells": lambda path: build.ods(
        path,
        f"<table:table-row>{build.ods_text('a', WIDE)}</table:table-row>" * 60000,
    ),
}  # fmt: skip
PROBE = """
import resource, sys
from commissioning.kernel.ingest.reading import UnreadableFile, read_book
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
try:
    read_book(sys.argv[1])
except UnreadableFile:
    print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024)
"""


@pytest.mark.parametrize("name", BOMBS)
def test_bombs_are_refused_within_two_seconds_and_100_megabytes(tmp_path, name):
    path = BOMBS[name](tmp_path / "bomb.xlsx")
    assert path.stat().st_size < 1_000_000
    started = time.perf_counter()
    assert "damaged" not in refused(path)
    assert time.perf_counter() - started < 2
    done = subprocess.run(
        [sys.executable, "-c", PROBE, str(path)], capture_output=True, text=True, cwd=ROOT, env=os.environ, check=True
    )
    assert int(done.stdout) < 100


# --- workbooks


def test_a_workbook_gives_plain_values_hidden_sheets_and_merged_ranges(tmp_path):
    book = openpyxl.Workbook()
    book.active.append(["URN", 2590934, 1234.565, "007", datetime.date(2025, 10, 1), True, None, "  "])
    book.active.append([datetime.datetime(2025, 10, 1, 9, 30), "Ŵ’s", 0.1, "'=1+1"])
    book.active["A4"] = "Group"
    book.active.merge_cells("A4:C4")
    hidden = book.create_sheet("Hidden")
    hidden.sheet_state = "hidden"
    hidden["B2"] = "kept"
    book.save(tmp_path / "rates.csv")
    read = read_book(tmp_path / "rates.csv")
    assert (read.kind, read.size, len(read.sha256)) == ("xlsx", (tmp_path / "rates.csv").stat().st_size, 64)
    first = read.sheets[0]
    assert first.rows[0] == ("URN", 2590934, 1234.565, "007", datetime.date(2025, 10, 1), True, None, None)
    assert type(first.rows[0][1]) is int
    assert first.rows[0][5] is True
    assert first.rows[1][:4] == (datetime.datetime(2025, 10, 1, 9, 30), "Ŵ’s", 0.1, "'=1+1")
    assert first.rows[3][:3] == ("Group", None, None)
    assert first.merged == ["A4:C4"]
    assert (read.sheets[1].name, read.sheets[1].rows) == ("Hidden", [(None, None), (None, "kept")])


def test_formulas_without_results_and_errors_stay_recognisable(tmp_path):
    cells = (
        '<row r="1"><c r="A1"><f>1+1</f></c><c r="B1"><f>1+1</f><v>2</v></c><c r="C1" t="e"><v>#N/A</v></c>'
        '<c r="D1" t="str"><f>""</f><v></v></c><c r="E1"><f>2</f><v/></c></row>'
        '<row r="3"><c r="F3"><f>A1</f></c></row>'
    )
    rows = rows_of(build.xlsx(tmp_path / "a.xlsx", cells))
    assert rows[0][:5] == (MISSING_FORMULA, 2, ErrorCell("#N/A"), None, MISSING_FORMULA)
    assert rows[2][5] is MISSING_FORMULA


def test_the_same_in_an_opendocument_sheet(tmp_path):
    row = (
        '<table:table-row><table:table-cell table:formula="of:=1"/>'
        + build.ods_text("#REF!", 'table:formula="of:=2"') + build.ods_text("a", 'table:number-columns-repeated="2"')
        + "</table:table-row>"
    )  # fmt: skip
    blank = '<table:table-row table:number-rows-repeated="1048000"><table:table-cell/></table:table-row>'
    book = read_book(build.ods(tmp_path / "a.ods", row + blank))
    assert book.kind == "ods"
    assert book.sheets[0].rows == [(MISSING_FORMULA, ErrorCell("#REF!"), "a", "a")]


def test_the_1904_calendar_is_honoured(tmp_path):
    cell = '<row r="1"><c r="A1" s="1"><v>44469</v></c></row>'
    assert rows_of(build.xlsx(tmp_path / "a.xlsx", cell, date1904=True)) == [(datetime.date(2025, 10, 1),)]
    assert rows_of(build.xlsx(tmp_path / "b.xlsx", cell)) == [(datetime.date(2021, 9, 30),)]


def test_an_excel_97_workbook_is_read(tmp_path):
    book = read_book(build.xls(tmp_path / "a.xls"))
    assert (book.kind, book.sheets[0].name, book.sheets[0].rows) == ("xls", "Rates", [("URN",), (2590934,)])


def test_blank_formatted_cells_far_away_do_no_harm(tmp_path):
    cells = '<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576" s="1"/></row>'
    assert rows_of(build.xlsx(tmp_path / "a.xlsx", cells)) == [(1,)]


# --- records in XML


def test_records_carry_the_values_of_their_group(tmp_path):
    text = (
        "<R><CHILD><HEADER><ID>7</ID><UPN/></HEADER><EPISODE><PL>U1</PL></EPISODE></CHILD>"
        "<CHILD><HEADER><ID>8</ID></HEADER><EPISODE><PL>K2</PL></EPISODE></CHILD></R>"
    )
    (tmp_path / "a.xml").write_text(text)
    book = read_book(tmp_path / "a.xml")
    assert book.kind == "xml"
    sheet = find_sheet(book, {"id": ["ID"], "home": ["PL"]}, required={"id", "home"})
    assert list(sheet.rows) == [(2, {"id": "7", "home": "U1"}), (3, {"id": "8", "home": "K2"})]


def test_flat_records_do_not_borrow_from_each_other(tmp_path):
    (tmp_path / "a.xml").write_text("<R><ROW><A>1</A><B>2</B></ROW><ROW><A>3</A></ROW></R>")
    assert read_book(tmp_path / "a.xml").sheets[0].rows == [("A", "B"), ("1", "2"), ("3", None)]
    (tmp_path / "b.xml").write_text("<R><HOME><A>1</A></HOME><VISIT><B>2</B></VISIT></R>")
    assert read_book(tmp_path / "b.xml").sheets[1].rows == [("B",), ("2",)]


def test_xml_definitions_and_damage_are_refused(tmp_path):
    path = tmp_path / "a.xml"
    assert "DTD" in refused(path, b'<!DOCTYPE r [<!ENTITY a SYSTEM "file:///etc/hostname">]><r><x><a>&a;</a></x></r>')
    assert "line 2" in refused(path, b"<r>\n<x><a>1</a>")
    assert "no records" in refused(path, b"<r/>")
    assert "deeply" in refused(path, b"<a>" * 60 + b"</a>" * 60)


# --- finding the table


def book_of(tmp_path, text):
    (tmp_path / "a.csv").write_text(text, encoding="utf-8")
    return read_book(tmp_path / "a.csv")


def test_the_header_is_found_below_titles_and_compared_loosely(tmp_path):
    text = 'Rates,,\n"Some, note",,\n\n"\n URN ",SETTING  NAME,Children\u2019s  view\n1,a,b\n\n2,,\n'
    wanted = WANTED | {"view": ["Children's view"]}
    sheet = find_sheet(book_of(tmp_path, text), wanted, required={"urn", "name"})
    assert (sheet.header_row, sheet.columns, sheet.missing) == (4, {"urn": 0, "name": 1, "view": 2}, ["date"])
    assert [number for number, _ in sheet.rows] == [5, 7]


def test_two_header_rows(tmp_path):
    text = "URN,Latest inspection,,Previous inspection,\n,Date,Grade,Date,Grade\n1,2,3,4,5\n"
    wanted = {"urn": ["URN"], "date": ["Latest inspection date"], "before": ["Previous inspection date"]}
    assert find_sheet(book_of(tmp_path, text), wanted, required={"date"}).columns == {"date": 1, "before": 3}
    below = book_of(tmp_path, "URN,Name,Grades,\n,,Overall,Care\n1,a,2,3\n")
    lifted = find_sheet(below, WANTED | {"overall": ["Overall"]}, required={"urn", "overall"})
    assert (lifted.header_row, lifted.columns) == (2, {"urn": 0, "name": 1, "overall": 2})


def test_the_hint_chooses_between_sheets_and_unknown_headings_are_listed(tmp_path):
    book = openpyxl.Workbook()
    book.active.append(["URN", "Name", "Inspection date"])
    other = book.create_sheet("SA_Premises_2025")
    other.append(["URN", "Name", "Beds"])
    book.save(tmp_path / "a.xlsx")
    read = read_book(tmp_path / "a.xlsx")
    assert find_sheet(read, WANTED, required={"urn"}).name == "Sheet"
    hinted = find_sheet(read, WANTED, required={"urn"}, name_hint="sa_premises")
    assert (hinted.name, hinted.unknown_headers) == ("SA_Premises_2025", ["Beds"])
    assert find_sheet(read, WANTED | {"x": ["Nowhere"]}, required={"x"}) is None


def test_the_sender_is_told_what_is_missing_and_what_came_near(tmp_path):
    book = book_of(tmp_path, "Title\nURN,Setting Nmae,Town\n1,a,b\n")
    said = describe_missing(book, WANTED, {"urn", "name", "date"})
    assert "row 2" in said
    assert "“Setting Nmae”" in said
    assert "“Inspection date”" in said
    assert "“URN”" not in said
    assert "No row of headings" in describe_missing(book_of(tmp_path, "1,2\n3,4\n"), WANTED, {"urn"})


# --- real files, where they are at hand


@pytest.mark.skipif(not DATA.exists(), reason="the published files are not at hand")
@pytest.mark.parametrize(
    ("file", "header_row", "count", "encoding"),
    [("2016.csv", 2, 2647, "utf-8"), ("2018.csv", 2, 2797, "utf-8"), ("2021.csv", 2, 3402, "utf-8"),
     ("2022.csv", 5, 3576, "cp1252"), ("2025.ods", 4, 5600, None)],
)  # fmt: skip
def test_published_files(file, header_row, count, encoding):
    book = read_book(DATA / "ofsted" / f"provider_level_at_31_march_{file}")
    wanted = {"urn": ["URN"], "kind": ["Provision type"], "places": ["Places"]}
    sheet = find_sheet(book, wanted, required={"urn", "kind"}, name_hint="Provider_level_at")
    assert (book.encoding, sheet.header_row, sum(1 for _ in sheet.rows)) == (encoding, header_row, count)


@pytest.mark.skipif(not DATA.exists(), reason="the published files are not at hand")
def test_a_real_return_in_xml_gives_each_episode_its_child():
    book = read_book(DATA / "ssda903" / "one_year_2017_18" / "fake_903.xml")
    sheet = find_sheet(book, {"child": ["CHILDID"], "start": ["DECOM"]}, required={"child", "start"})
    rows = list(sheet.rows)
    assert len(rows) == 459
    assert all(row["child"] for _, row in rows)
    assert rows[0] == (2, {"child": "907440", "start": "06/01/2017"})
