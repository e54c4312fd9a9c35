"""From the remarks on a run to the workbook that goes back to its sender."""

import re
from datetime import datetime
from itertools import groupby

from ..exports import Fault, Notice, RejectedRow, RejectedSheet
from ..ingest.headers import fold
from ..ingest.restricted import ENTER_AGAIN, NOT_KEPT
from ..ingest.source import source_named
from ..models import ImportRemark, ImportRun

_UNSAFE = re.compile(r"[^\w .()&+-]+")


def rejected_sheets(run: ImportRun) -> list[RejectedSheet]:
    """The rejected rows by sheet, in file order, under the sender's own headings."""
    holds = {sheet.name: sheet.holds for sheet in run.importsheets.all()}
    tables = {table.holds: table for table in source_named(run.source).tables}
    remarks = list(run.importremarks.filter(outcome=ImportRemark.Outcome.REJECTED).order_by("sheet", "row", "pk"))
    sheets = []
    for name, group in groupby(remarks, key=lambda remark: remark.sheet):
        of_sheet = list(group)
        table = tables[holds[name]]
        order = {fold(heading): place for place, field in enumerate(table.fields) for heading in field.headings}
        # A column that was not sent, but is spoken of, gets its place: that is where the value belongs.
        wanted = {heading for remark in of_sheet for heading in (*remark.cells, remark.column) if heading}
        headings = sorted(wanted, key=lambda heading: (order.get(fold(heading), len(order)), heading))
        rows = [_row(number, list(said), headings) for number, said in groupby(of_sheet, key=lambda r: r.row)]
        sheets.append(RejectedSheet(name, headings, rows))
    return sheets


def _row(number: int, remarks: list[ImportRemark], headings: list[str]) -> RejectedRow:
    place = {heading: index for index, heading in enumerate(headings)}
    cells = remarks[0].cells
    # A cell that is not kept is marked as well: left as it is, it would be refused.
    again = [
        Fault(f"{heading}: {ENTER_AGAIN}", place[heading]) for heading in headings if cells.get(heading) == NOT_KEPT
    ]
    return RejectedRow(
        number,
        [cells.get(heading) for heading in headings],
        [*(Fault(remark.says, place.get(remark.column)) for remark in remarks), *again],
    )


def rejects_notice(run: ImportRun, viewer: str, now: datetime) -> Notice:
    return Notice(
        f"Rows of {run.file_name} that were rejected",
        viewer,
        now,
        notes=(
            "Correct the marked cells and send this workbook as it is. The column “What to change” is not read.",
            "Rows that were accepted are not in it: they need not be sent again.",
        ),
    )


def rejects_name(run: ImportRun) -> str:
    """The file's own name is kept in it: some sources read their date there."""
    stem = _UNSAFE.sub("_", run.file_name.rpartition(".")[0] or run.file_name)
    return f"{stem.encode('ascii', 'replace').decode().replace('?', '_')[:120]} - rows to correct.xlsx"
