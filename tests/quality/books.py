"""Ofsted's files as read by plain Python, and the workbook of 2025 built from a few rows."""

import csv
import io
from datetime import date
from pathlib import Path

from odf.opendocument import OpenDocumentSpreadsheet
from odf.table import Table, TableCell, TableRow
from odf.text import P
from openpyxl import Workbook
from python_calamine import CalamineWorkbook

FILES = Path(__file__).parent / "files"
REAL = Path(__file__).resolve().parents[3] / "shared" / "data" / "ofsted"
DAYS = {path.name: date(2000 + int(path.stem[-2:]), 3, 31) for path in FILES.glob("provider_level*")} | {
    "Provider_level_at_30_09_25.csv": date(2025, 9, 30)
}
CP1252 = {
    "provider_level_at_march_2022.csv",
    "provider_level_at_31_march_2024.csv",
    "provider_level_at_31_march_2022.csv",
}


def sheets_of(path: Path):
    """[(sheet name, rows)]."""
    if path.suffix == ".csv":
        text = path.read_bytes().decode("cp1252" if path.name in CP1252 else "utf-8-sig")
        return [(path.stem, list(csv.reader(io.StringIO(text, newline=""))))]
    book = CalamineWorkbook.from_path(path)
    return [(name, book.get_sheet_by_name(name).to_python(skip_empty_area=False)) for name in book.sheet_names]


LIST = next(rows for _, rows in sheets_of(FILES / "provider_level_at_31_march_2025.csv"))
PREAMBLE, HEADINGS = LIST[:3], LIST[3]
IN_YEAR = [
    {"latest full inspection event type": "\nInspection event type", "latest full inspection date": "Inspection date",
     "latest full inspection publication date": "Inspection publication date",
     "latest full inspection event number": "\nInspection event number"}.get(heading.strip().lower(), heading)
    for heading in HEADINGS
]  # fmt: skip
PREMISES = [
    "Web link", "URN", "Provider name", "Provision type", "Registration date", "Registration status",
    "Service category (Note 4)", "Places", "Premises Ofsted Region", "Premises Government Office Region",
    "Premises Parliamentary Constituency", "Premises Local Authority", "Sector", "Organisation name",
]  # fmt: skip
LEAVERS = [
    "URN", "Provision type", "Ofsted Region", "Government Office Region", "Local authority",
    "Parliamentary constituency", "Sector", "Places", "Supported accommodation premises",
    "Short-break-only children's home",
    "\nFirst effective date (that the provider became active)",
    "First effective date (that the provider became resigned)",
    "First effective date (that the provider closed)", "First effective date (that the provider became cancelled)",
    "Joiner status", "Leaver status", "Registration status (as at 1 April 2024)",
    "Registration status (as at 31 March 2025)",
    "Inspectorate (as at 1 April 2024)", "Inspectorate (as at 31 March 2025)", "Setting name", "Reason",
]  # fmt: skip


def _premises(category, places, area, constituency="", urn="2600005"):
    return dict(zip(PREMISES, [
        "page", urn, "Birch Doors", "Supported Accommodation", date(2023, 10, 12), "Active", f"Category {category}",
        places, "London", "London", constituency, area, "Private", "Birch Doors (UK) Limited",
    ], strict=True))  # fmt: skip


def _in_year(urn, on, number, judgement, kind="Children's home", **more):
    row = dict.fromkeys(IN_YEAR, "") | {
        "URN": urn, "Provision type": kind, "Registration status": "Active", "Name": "REDACTED",
        "Address 1": "REDACTED",
        "Local authority": "Lewisham", "Government Office Region": "London", "Sector": "Private", "Places": 5,
        "Organisation which owns the provider": "Juniper Homes Ltd", "\nInspection event type": "Full inspection",
        "Inspection date": on, "\nInspection event number": number,
        "\nOverall experiences and progress of children and young people": judgement,
    }  # fmt: skip
    return row | more


def _leaver(urn, leaver, status, resigned="", closed="", cancelled="", name="REDACTED", owner_kind="Children's home"):
    return dict(zip(LEAVERS, [
        urn, owner_kind, "South East", "South East", "Kent", "Ashford", "Local Authority", 6, "", "",
        date(2013, 6, 20), resigned, closed, cancelled, "" if leaver else "Joiner", leaver, "Active", status, "", "",
        name,
        "In previous year, not in current dataset",
    ], strict=True))  # fmt: skip


WORKBOOK = {
    "Cover": [["Children's social care data in England 2025"], ["Published 10 July 2025"]],
    "Provider_level_at_31_Mar_2025": LIST,
    "Provider_level_in_year_2024-25": [*PREAMBLE, IN_YEAR, *[list(row.values()) for row in (
        _in_year("SC100001", date(2024, 10, 8), 10090001, "Outstanding"),  # the list has another word: it stands
        _in_year("SC100001", date(2024, 5, 7), 10085001, "Inadequate"),
        _in_year("1200009", date(2024, 6, 3), 10085009, "Good", Places=3),  # no longer listed at the end of the year
        _in_year("1200009", date(2025, 1, 15), 10089009, "Requires improvement to be good", Places=2),
    )]],
    "Providers+places_at_31_Mar_2025": [*PREAMBLE, [*HEADINGS[:21], "Organisation name"], ["page", "9999999"]],
    "SA_Premises_at_31_Mar_2025": [*PREAMBLE, PREMISES, *[list(row.values()) for row in (
        _premises(1, 1, "Southwark", "Peckham"), _premises(1, 1, "Southwark", "Peckham"), _premises(1, 1, "Lewisham"),
        _premises(3, 4, "Cardiff"), _premises(4, "", "Lewisham"),
    )]],
    "Leavers+Joiners_at_31_Mar_2025": [*PREAMBLE, LEAVERS, *[list(row.values()) for row in (
        _leaver("1200004", "Leaver", "Resigned", resigned=date(2024, 12, 1), closed=date(2024, 12, 3)),
        _leaver("1200009", "Leaver", "Cancelled", cancelled=date(2025, 2, 2)),
        _leaver("2600005", "", "Active"),
        _leaver("SC100001", "Leaver", "Resigned", resigned=date(2024, 4, 2)),  # left and came back: it is listed
        _leaver("1200010", "Leaver", "Resigned", resigned=date(2024, 7, 7), name="Oak Lodge School",
                owner_kind="Residential Special School"),
    )]],
}  # fmt: skip


def xlsx(path: Path, sheets=WORKBOOK) -> Path:
    book = Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(list(row))
    book.save(path)
    return path


def ods(path: Path, sheets=WORKBOOK) -> Path:
    book = OpenDocumentSpreadsheet()
    for name, rows in sheets.items():
        table = Table(name=name)
        for row in rows:
            line = TableRow()
            for value in row:
                line.addElement(_ods_cell(value))
            table.addElement(line)
        book.spreadsheet.addElement(table)
    book.save(str(path))
    return path


def _ods_cell(value):
    if isinstance(value, date):
        return TableCell(valuetype="date", datevalue=value.isoformat())
    if isinstance(value, int):
        return TableCell(valuetype="float", value=value)
    cell = TableCell(valuetype="string")
    cell.addElement(P(text=value))
    return cell
