"""Small files in the layout of Ofsted's list of 2018, whole or with a defect, made where a test needs them."""

import csv
import io
from pathlib import Path
from typing import Any

from openpyxl import Workbook

HEADINGS = (
    "URN", "Provision type", "Registration status", "Name", "Local authority", "Sector", "Places", "Organisation",
    "Event type", "Inspection date", "Publication date", "Event number", "Overall effectiveness",
)  # fmt: skip
NAME = "provider_level_at_31_march_2018.csv"
LATER = "provider_level_at_31_march_2019.csv"


def listed(number: int, **more: Any) -> dict[str, Any]:
    """One row: children's home `number`, judged Good in 2017."""
    return {
        "URN": str(1_200_000 + number), "Provision type": "Children's Home", "Registration status": "Active",
        "Name": f"Invented Home {number}", "Local authority": "Southwark", "Sector": "Private", "Places": "4",
        "Organisation": f"Invented Care {number % 50} Ltd", "Event type": "Full inspection",
        "Inspection date": "13/06/2017", "Publication date": "20/07/2017", "Event number": str(10_000_000 + number),
        "Overall effectiveness": "Good", **more,
    }  # fmt: skip


def text_of(rows: list[dict[str, Any]], *, above: tuple[str, ...] = ()) -> str:
    out = io.StringIO()
    writer = csv.writer(out)
    if above:
        writer.writerow(above)
    writer.writerow(HEADINGS)
    writer.writerows([row.get(heading, "") for heading in HEADINGS] for row in rows)
    return out.getvalue()


def file_of(folder: Path, rows: list[dict[str, Any]], name: str = NAME, **more: Any) -> Path:
    path = folder / name
    path.write_text(text_of(rows, **more))
    return path


def workbook_of(folder: Path, rows: list[dict[str, Any]], name: str = NAME.replace(".csv", ".xlsx")) -> Path:
    """The same as a workbook; a value that begins with = is a formula whose result nobody saved."""
    book = Workbook()
    sheet = book.active
    sheet.title = "provider_level_at_31_march_2018"
    sheet.append(HEADINGS)
    for row in rows:
        sheet.append([row.get(heading) for heading in HEADINGS])
    book.save(folder / name)
    return folder / name
