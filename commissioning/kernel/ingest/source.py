"""A source: what a kind of file holds, and how its rows become facts. Each room declares its own and registers it.

A source names its tables (`Table`: one sheet's columns), checks the staged rows set-wise, and loads what is accepted.
It never decides about encodings, headings, counts, dry runs or history: the road (road.py) does.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, ClassVar

from django.db import models

from .cells import as_text
from .formats import Book
from .parsed import Parsed
from .reading import read_book

Read = Callable[[Any], Parsed]

DATE = "a date"  # read with the order of the whole column (dates.py), so it cannot be a function of one cell


@dataclass(frozen=True)
class Field:
    """One column of a table: where it is found, how its cells are read, and its type when staged."""

    key: str
    heading: str
    aliases: tuple[str, ...] = ()
    read: Read | str = as_text
    column: str = "text"  # the staged column's SQL type
    needed: bool = False  # the heading must be there
    filled: bool = False  # every row must have a value
    # A cell that is used and not kept, such as a postcode: only a rejected row keeps it, since it goes back to be
    # corrected.
    passing: bool = False
    # A cell that no page, list, workbook or remark may show, a date of birth: not even a rejected row keeps it. What
    # is said of it is said without it (restricted.py); a source's own sentences must not tell it in another column.
    restricted: bool = False
    like: str = ""  # a regular expression for headings that are spelt in many ways; whole headings come before it

    @property
    def headings(self) -> list[str]:
        return [self.heading, *self.aliases]


@dataclass(frozen=True)
class NextStep:
    """Where a rejected row is put right other than in the file, and the right that this needs."""

    says: str
    href: str
    may: tuple[str, str]  # (resource, verb) of the permission table


@dataclass(frozen=True)
class Table:
    """One sheet of a source. `sheet` is a word of its name, where a workbook has several alike."""

    key: str
    holds: str
    fields: tuple[Field, ...]
    sheet: str | None = None
    optional: bool = False

    @property
    def staged(self) -> str:
        return f"staged_{self.key}"


class Source:
    """Base. `writes` are the models it changes, in the order that their references need."""

    name: ClassVar[str]
    label: ClassVar[str]
    says: ClassVar[str]  # one sentence for the import page: what file this is and where it comes from
    may: ClassVar[tuple[str, str]]  # (resource, verb) of the permission table
    of_authority: ClassVar[bool] = True  # False: the file is the whole partnership's (Ofsted's list)
    takes_json: ClassVar[bool] = False
    tables: ClassVar[tuple[Table, ...]]

    def writes(self) -> list[type[models.Model]]:
        raise NotImplementedError

    def read(self, path: Path, file_name: str) -> Book:
        """The file as sheets of cells. A source whose files are no tables, such as JSON, makes the sheets itself, or
        raises UnreadableFile."""
        return read_book(path, filename=file_name, takes_json=self.takes_json)

    def prepare(self, staging: Any) -> None:
        """Before any row is read: look at the book (its date, its lot), or raise UnreadableFile with a remedy."""

    def check(self, staging: Any) -> None:
        """Set-wise: staging.reject / correct / note for rows that cannot be, or were not quite, as sent."""

    def load(self, staging: Any) -> None:
        """INSERT ... SELECT from the staged rows that are ok."""

    def taken_back(self, authority_id: int | None, today: date) -> None:
        """After its facts stand again as before a file: what follows from them is made to follow again."""

    def title_of(self, model: type[models.Model], row: dict[str, Any]) -> str:
        """A fact in words, for the list of differences."""
        for key in ("name", "urn", "code", "reference"):
            if row.get(key):
                return str(row[key])
        return f"number {row['id']}"

    def detail_of(self, model: type[models.Model], before: dict[str, Any], after: dict[str, Any]) -> str | None:
        """What an update changes, in words; None: the columns that differ are listed by name."""
        return None

    def next_step(self, says: str, sent: Any) -> NextStep | None:
        """What else the reader of a rejected row may do about it: `says` is the remark, `sent` the cell it is of."""
        return None


_sources: dict[str, Source] = {}


def register(source: type[Source]) -> type[Source]:
    """Class decorator: the source is known by its name to the page, the command and the jobs."""
    _sources[source.name] = source()
    return source


def source_named(name: str) -> Source:
    """Raises KeyError for a name that no room has registered."""
    return _sources[name]


def every_source() -> list[Source]:
    return sorted(_sources.values(), key=lambda source: source.label)
