"""Rows of a return that say, cell for cell, what the authority's own return of that day would say now: nothing is to be
learnt from them, and nothing is changed by them. So what was taken out comes back in and leaves all as it is, although
a return says less of a home than is recorded (contracts/measures/returns.py)."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any

from commissioning.kernel.ingest.staging import Staging
from commissioning.partnership.models import Authority

from ..measures.returns import homes_of
from ..rules.layouts import Layout
from .placements_match import temporary

_PRICE = ("weekly", "total", "social_care", "education", "health")
_ROWS = {"sheet": "text", "row": "int"}


def put_aside(staging: Staging, table: str, layout: Layout, as_at: date) -> None:
    """Temporary tables `held` (rows that nothing else looks at, until put_back, with the placement of each, which no
    other row can be of) and `same_price`: other rows of a home of which the recorded prices come to what the row says.
    Before any column of the staged table is changed."""
    keys = [column.key for column in layout.columns]
    told: dict[tuple[str, ...], list[int]] = defaultdict(list)
    for placement, row in reversed(homes_of(layout, as_at, Authority.objects.get(pk=staging.authority_id))):
        told[tuple(_cell(row[key]) for key in keys)].append(placement)
    held, others = [], []
    for sheet, row, *cells in staging.rows(
        f"SELECT sheet, row, {', '.join(keys)} FROM staged_{table} WHERE ok ORDER BY sheet, row"
    ):
        said = tuple(map(_cell, cells))
        if told.get(said):
            held.append((sheet, row, told[said].pop()))
        else:
            others.append(((sheet, row), dict(zip(keys, said, strict=True))))
    temporary(staging, "held", _ROWS | {"placement_id": "bigint"}, held)
    left = [dict(zip(keys, said, strict=True)) for said, placements in told.items() for _ in placements]
    temporary(staging, "same_price", _ROWS, _same_price(others, left))
    staging.execute(f"UPDATE staged_{table} s SET ok = false FROM held h WHERE (h.sheet, h.row) = (s.sheet, s.row)")


def put_back(staging: Staging, table: str) -> None:
    """The rows are accepted: they stand as they are."""
    staging.execute(f"UPDATE staged_{table} s SET ok = true FROM held h WHERE (h.sheet, h.row) = (s.sheet, s.row)")


def keep_prices(staging: Staging) -> None:
    """A row that says the price that is recorded, however it is made up, leaves it as it is."""
    staging.execute(
        """UPDATE brought b SET weekly = NULL, social_care = NULL, education = NULL, health = NULL, housing = NULL,
               other = NULL
           FROM same_price s WHERE (s.sheet, s.row) = (b.sheet, b.row) AND b.placement_id IS NOT NULL"""
    )


def _same_price(
    rows: list[tuple[tuple[str, int], dict[str, str]]], ours: list[dict[str, str]]
) -> list[tuple[str, int]]:
    """Rows of the only home of a child from a day, on both sides, of which every amount is alike."""
    theirs, known = _by_home(rows, lambda each: each[1]), _by_home(ours, lambda each: each)
    return [
        found[0][0]
        for home, found in theirs.items()
        if len(found) == len(known.get(home, ())) == 1 and _prices(found[0][1]) == _prices(known[home][0])
    ]


def _by_home(rows: Iterable[Any], cells_of: Any) -> dict[tuple[str, str], list[Any]]:
    found = defaultdict(list)
    for row in rows:
        cells = cells_of(row)
        found[cells["identifier"], cells.get("starts_on", "")].append(row)
    return found


def _prices(cells: dict[str, str]) -> list[str]:
    return [cells.get(key, "") for key in _PRICE]


def _cell(value: object) -> str:
    """A staged cell and a value that goes out, alike."""
    if value is None:
        return ""
    if isinstance(value, Decimal):
        return f"{value:.2f}"
    return value.isoformat() if isinstance(value, date) else str(value).strip()
