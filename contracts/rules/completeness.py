"""How complete a file of a layout is: for each column that every row should have, how many rows have it.

A column that a layout leaves open (0..1, may be blank) is shown with how many say it and counts in no share: nobody
can tell an answer that is missing there from one that does not apply. A word by which a list says that nothing is
known is no answer.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from . import layouts_standard
from .layouts import Column, Layout

# Of the census and of the LIIA layout; REFU, refused, is an answer.
UNSAID = (*layouts_standard.UNSAID, "Unknown", "Not yet established", "NOBT")
# Left out on purpose: postcodes are not kept, and names of staff are nobody's business elsewhere.
LEFT_OUT = {
    "home_postcode": "Postcodes are not kept",
    "postcode": "Postcodes are not kept",
    "referral_officer": "Names of staff go out only where a file brought them in",
    "placement_officer": "Names of staff go out only where a file brought them in",
    "cost_officer": "Names of staff go out only where a file brought them in",
}


@dataclass(frozen=True)
class Said:
    """One column: how many of the rows say it."""

    column: Column
    said: int
    of: int

    @property
    def missing(self) -> int:
        return self.of - self.said

    @property
    def left_out(self) -> str:
        return LEFT_OUT.get(self.column.key, "")


@dataclass(frozen=True)
class Share:
    """Cells that are said, of those that should be."""

    name: str
    said: int
    of: int

    @property
    def per_cent(self) -> int | None:
        """Whole per cent, downwards: 100 is all of them. None where there is nothing to say."""
        return self.said * 100 // self.of if self.of else None


@dataclass(frozen=True)
class Completeness:
    """`sections` follow the layout; a layout without parts has none."""

    rows: int
    columns: tuple[Said, ...]
    overall: Share
    sections: tuple[Share, ...]


def completeness(layout: Layout, rows: Sequence[Mapping[str, object]]) -> Completeness:
    """Of rows by column key, as contracts/measures/returns.rows_of gives them."""
    told = tuple(Said(each, sum(_says(row[each.key]) for row in rows), len(rows)) for each in layout.columns)
    names = dict.fromkeys(each.section for each in layout.columns if each.section)
    return Completeness(
        len(rows), told, _share("", told), tuple(_share(name, [s for s in told if s.column.section == name])
        for name in names),
    )  # fmt: skip


def _share(name: str, told: Sequence[Said]) -> Share:
    asked = [each for each in told if each.column.needed]
    return Share(name, sum(each.said for each in asked), sum(each.of for each in asked))


def _says(value: object) -> bool:
    return value is not None and value != "" and value not in UNSAID
