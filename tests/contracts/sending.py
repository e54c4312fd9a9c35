"""Files of placements for tests, by the template's headings, and the road by which they come in."""

import csv
import io

from openpyxl import Workbook

from commissioning.kernel.models import ImportState
from tests.world import send

PROVIDER = "Invented Provider 1 Ltd"


def spot(reference: str = "P-1", child: str = "C-1", **more) -> dict:
    return {
        "Placement reference": reference, "Child reference": child, "Service type": "residential",
        "Provider": PROVIDER, "Spot reason": "no_capacity", "Start date": "02/06/2025", "Weekly cost": "4200.50",
    } | more  # fmt: skip


def framework(reference: str = "P-1", child: str = "C-1", **more) -> dict:
    return spot(reference, child) | {
        "Service type": "Fostering", "Framework": "IFA-TEST", "Lot": "1", "Spot reason": "", "Weekly cost": "853.47",
    } | more  # fmt: skip


def as_csv(rows: list[dict], *, encoding: str = "utf-8", delimiter: str = ",") -> bytes:
    out = io.StringIO()
    writer = csv.DictWriter(out, list(dict.fromkeys(key for row in rows for key in row)), delimiter=delimiter)
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode(encoding)


def as_book(**sheets: list[dict]) -> bytes:
    book = Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name.replace("_", " "))
        headings = list(dict.fromkeys(key for row in rows for key in row))
        sheet.append(headings)
        for row in rows:
            sheet.append([row.get(heading) for heading in headings])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def load(world, *rows: dict, name: str = "placements.csv", whose=None, **sheets):
    content = as_book(Placements=list(rows), **sheets) if sheets else as_csv(list(rows))
    run = send("placements", content, whose or world.southwark, name="placements.xlsx" if sheets else name)
    assert run.state == ImportState.LOADED, run.message
    assert run.rows_read == run.rows_accepted + run.rows_rejected
    return run


def remarks(run, as_whom, outcome: str = "rejected") -> str:
    with as_whom:
        return " | ".join(run.importremarks.filter(outcome=outcome).order_by("pk").values_list("says", flat=True))
