"""What becomes of one cell: a value with a note on what was corrected, or a reason it was not accepted."""

from __future__ import annotations

from typing import Any, Generic, NamedTuple, TypeVar

from commissioning.kernel.ingest.formats import MISSING_FORMULA, ErrorCell

T = TypeVar("T")


class CellError(Exception):
    """A cell that is not accepted. Its text tells the sender what to change; the caller adds the column."""


class Parsed(NamedTuple, Generic[T]):
    """A value, and None or the sentence that says what was corrected. A blank cell is Parsed(None, None)."""

    value: T
    note: str | None = None


def usable(cell: Any) -> None:
    """Raise CellError where the cell holds an error, or a formula whose result was not saved."""
    if cell is MISSING_FORMULA:
        raise CellError(
            "this cell holds a formula whose result was not saved: "
            "open the file in Excel, press Save, and send it again"
        )
    if type(cell) is ErrorCell:
        raise CellError(f"this cell shows the error {cell.text}: correct the formula, or type the value itself")
