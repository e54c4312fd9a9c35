"""The files of an authority's own returns: the headings and the spelling that each layout asks for."""

import csv
import io
import json
from datetime import date
from decimal import Decimal

from commissioning.kernel.exports.csv import BOM
from commissioning.kernel.exports.notice import Notice
from commissioning.kernel.exports.text import clean, guard
from commissioning.kernel.exports.workbook import SheetOf, workbook_bytes
from commissioning.kernel.tables import Column as TableColumn

from .measures.returns import Value
from .rules import layouts_standard as standard
from .rules.completeness import Share, completeness
from .rules.layouts import Column, Layout

# The kinds of file that a layout goes out as: the Placements Data Standard is nested, and is JSON alone.
KINDS = {"xlsx": "Excel workbook", "csv": "csv", "json": "JSON"}


def kinds_of(layout: Layout) -> tuple[str, ...]:
    return ("json",) if layout.family == "standard" else ("xlsx", "csv")


def json_of(layout: Layout, rows: list[dict[str, Value]], as_at: date, authority: str) -> bytes:
    """Records as the standard nests them, each with the fields that are said, beside what the file is and how complete
    it is. Nothing in it is of the moment, so that the same rows are the same file."""
    told = completeness(layout, rows)
    about = {
        "title": standard.TITLE, "version": standard.VERSION, "asAt": as_at.isoformat(), "authority": authority,
        "records": len(rows),
        "completeness": {
            **_shared(told.overall), "sections": {share.name: _shared(share) for share in told.sections},
            "fields": {
                each.column.heading: {"said": each.said, "of": each.of} for each in told.columns if each.column.needed
            },
        },
    }  # fmt: skip
    records = [_record(layout, row) for row in rows]
    return json.dumps({"metadata": about, "placements": records}, ensure_ascii=False, indent=2).encode() + b"\n"


def _shared(share: Share) -> dict[str, int | None]:
    return {"said": share.said, "of": share.of, "perCent": share.per_cent}


def _record(layout: Layout, row: dict[str, Value]) -> dict[str, dict[str, object]]:
    record: dict[str, dict[str, object]] = {}
    for column in layout.columns:
        value = row[column.key]
        if value is not None and value != "":
            section, _, name = column.heading.rpartition(".")
            record.setdefault(section, {})[name] = _nested(column, value)
    return record


def _nested(column: Column, value: Value) -> object:
    if column.words is standard.YES_NO:
        return value == "true"
    if column.key in standard.INTEGERS:
        return int(value)  # type: ignore[arg-type]
    if isinstance(value, date):
        return value.isoformat()
    text = clean(str(value))
    return text.split("; ") if column.several else text


def csv_of(layout: Layout, rows: list[dict[str, Value]]) -> bytes:
    """The headings of the layout and the rows, in the spelling that the layout asks for: 31/12/2025 and 1234.50."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([column.heading for column in layout.columns])
    writer.writerows([[guard(spelt(row[column.key])) for column in layout.columns] for row in rows])
    return BOM + out.getvalue().encode()


def book_of(layout: Layout, rows: list[dict[str, Value]], notice: Notice) -> bytes:
    """The same as a workbook: dates that sort and amounts that add up."""
    kinds = {"date": "date", "money": "money", "whole": "number"}
    columns = [
        TableColumn(each.key, each.heading, kind=kinds.get(each.kind, "text"), missing="") for each in layout.columns
    ]
    return workbook_bytes([SheetOf(layout.label[:31], columns, rows)], notice)


def spelt(value: Value) -> str:
    if value is None:
        return ""
    if isinstance(value, date):
        return f"{value:%d/%m/%Y}"
    return f"{value:.2f}" if isinstance(value, Decimal) else str(value)
