"""A workbook of returns as its provider sends it: the same columns and rules as the form’s and the file’s."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from commissioning.kernel.ingest.dates import as_date, date_order
from commissioning.kernel.ingest.headers import describe_missing, find_sheets
from commissioning.kernel.ingest.parsed import CellError
from commissioning.kernel.ingest.reading import UnreadableFile, read_book
from commissioning.kernel.ingest.source import DATE
from providers.models import Establishment, Provider
from providers.rules.names import fold

from .return_kpis import Entry, return_kpis

MOST_ROWS = 2000


@dataclass(frozen=True)
class Refused:
    row: int
    column: str
    says: str


@dataclass
class Taken:
    """`read` = taken + left out + refused."""

    read: int = 0
    taken: int = 0
    left_out: int = 0
    refused: list[Refused] | None = None


def return_file(
    *, path: Path, file_name: str, provider: Provider, by: Any, now: datetime, today: date
) -> Taken:  # fmt: skip
    """Each row is taken, left out because it is empty, or refused with a reason. Raises UnreadableFile."""
    from ..sources.kpi_returns import Known, Ready

    rows = list(_rows(path, file_name))
    if len(rows) > MOST_ROWS:
        raise UnreadableFile(f"The file has more than {MOST_ROWS:,} rows. Send a period at a time.")
    known = Known(urns=[row["urn"] for _, row, _ in rows if row.get("urn")], lead=None, today=today, now=now)
    homes = Establishment.objects.filter(provider=provider).in_bulk()
    told = Taken(read=len(rows), refused=[])
    names = {fold(provider.name), ""}
    for number, row, problem in rows:
        found: Any = problem
        if found is None and row["numerator"] is None and row["denominator"] is None and not row["narrative"]:
            told.left_out += 1
            continue
        if found is None and fold(row["provider"]) not in names:
            found = ("Provider", "this row is another provider’s: you return your own")
        found = found or known.ready(
            row | {"provider_id": provider.pk, "sheet": "", "row": number, "received_on": None}
        )
        if isinstance(found, Ready):
            entry = Entry(
                found.expected, homes.get(found.home) if found.home else None, row["numerator"], row["denominator"],
                row["narrative"] or "",
            )  # fmt: skip
            found = _kept(lambda f=found, e=entry: return_kpis(
                award=f.award, ends_before=f.ends_before, entries=[e], by=by, now=now, today=today))  # fmt: skip
        if found is None:
            told.taken += 1
        else:
            told.refused.append(Refused(number, *found))  # type: ignore[union-attr]
    return told


def _kept(write: Callable[[], Any]) -> tuple[str, str] | None:
    try:
        with transaction.atomic():
            write()
    except ValidationError as refused:
        part, says = next(iter(refused.message_dict.items()))
        return {"numerator": "Number", "denominator": "Out of"}.get(part, "In words"), says[0]
    return None


def _rows(path: Path, file_name: str) -> Iterator[tuple[int, dict[str, Any], tuple[str, str] | None]]:
    """(row, values, the first cell that cannot be read)."""
    from ..sources.kpi_returns import RETURNS

    book = read_book(path, filename=file_name)
    wanted = {each.key: each.headings for each in RETURNS.fields}
    needed = {each.key for each in RETURNS.fields if each.needed}
    sheets = find_sheets(book, wanted, required=needed)
    if not sheets:
        raise UnreadableFile(describe_missing(book, wanted, needed))
    for sheet in sheets:
        listed = list(sheet.rows)
        orders = {each.key: date_order(cells.get(each.key) for _, cells in listed) for each in RETURNS.fields
                  if each.read is DATE}  # fmt: skip
        for number, cells in listed:
            values, problem = {}, None
            for each in RETURNS.fields:
                cell = cells.get(each.key)
                try:
                    read = as_date(cell, orders[each.key]) if each.read is DATE else each.read(cell)  # type: ignore
                    values[each.key] = read.value
                    if read.value is None and each.filled:
                        raise CellError("this cell is empty: every row needs one")
                except CellError as wrong:
                    values[each.key] = None
                    problem = problem or (each.heading, str(wrong))
            yield number, values, problem
