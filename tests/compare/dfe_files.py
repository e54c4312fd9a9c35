"""DfE's layouts for the tests: small files of invented figures, and the list of neighbours built from a few rows."""

import csv
import io
from datetime import UTC, datetime
from pathlib import Path

from openpyxl import Workbook

from commissioning.kernel.ingest.road import bring_in, receive
from commissioning.kernel.ingest.source import source_named
from commissioning.kernel.tenancy.viewer import acting_as
from tests.conftest import SERVICE

FILES = Path(__file__).parent / "files"
LAIT, DICTIONARY = FILES / "lait_extract.csv", FILES / "lait_data_dictionary.csv"
STABILITY = FILES / "la_cla_placement_stability.csv"
REAL = Path(__file__).resolve().parents[3] / "shared" / "data"
BY = "service:tests"
NOW = datetime(2026, 4, 20, 9, 0, tzinfo=UTC)
HEADINGS = ["Short Desc", "Data item", "Years", "LA and Regions", "Values", "LA Number", "Region"]
# DfE's numbers of Southwark's ten, nearest first: Hackney, Lewisham, Greenwich, Lambeth and others.
NEAR_SOUTHWARK = (204, 209, 203, 208, 202, 205, 206, 207, 211, 213)
NEAR_LEWISHAM = (210, 208, 204, 203, 202, 205, 206, 207, 211, 213)


def bring(path, *, name=None, load=True, viewer=SERVICE):
    """A file by the road that page and command use."""
    with acting_as(viewer, by=BY):
        run = receive(source=source_named("dfe"), file=path, file_name=name or path.name, authority=None, by=BY)
    return bring_in(run, viewer=viewer, by=BY, now=NOW, load=load)


def lait(*rows, name="extract.csv"):
    """Rows (measure, years, area, value, number) as an extract of LAIT, brought in."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(HEADINGS)
    writer.writerows([measure, "", years, area, value, number, "NA"] for measure, years, area, value, number in rows)
    return sent(out.getvalue().encode(), name)


def sent(content: bytes, name: str):
    with acting_as(SERVICE, by=BY):
        run = receive(
            source=source_named("dfe"), file=io.BytesIO(content), file_name=name, authority=None, by=BY
        )  # fmt: skip
    return bring_in(run, viewer=SERVICE, by=BY, now=NOW, load=True)


def remarks(run):
    """(outcome, row, column, sentence) in the file's order."""
    with acting_as(SERVICE, by=BY):
        return list(run.importremarks.order_by("row", "pk").values_list("outcome", "row", "column", "says"))


def neighbours(folder: Path, rows, year=2025) -> Path:
    """The list as DfE lays it out: two rows of numbering above the headings, and ten headings alike."""
    book = Workbook()
    sheet = book.active
    sheet.title = "LA SN Groups"
    sheet.append(["A", "B", "C", "D", "E", *range(3, 23)])
    sheet.append(list(range(1, 26)))
    heads = [head for place in range(1, 11) for head in (f"SN{place}", "SNP")]
    sheet.append(["LA num", "LA Name", "LA number", "GOInd", "GOReg", *heads])
    for number, name, near in rows:
        words = ("Very close", "Very Close", "Close", "Somewhat close", *["Not close"] * 6)
        pairs = [cell for pair in zip(near, words, strict=True) for cell in pair] if near else []
        sheet.append([number, name, number, 3, "London (Inner)", *pairs])
    path = folder / f"statistical_neighbours_{year}.xlsx"
    book.save(path)
    return path
