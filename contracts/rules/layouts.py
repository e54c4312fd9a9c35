"""Layouts of returns: which columns a file has, and which words each may hold. What the words mean stands beside them
(layouts_census.py, layouts_liia.py, layouts_standard.py)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class Column:
    """`words`: every word of the list -> other spellings of it. Without words anything may stand there.

    `kind`: text, date, money or whole. `kept`: the word that came in may go back out (not for identifiers, births and
    postcodes, which no fact keeps in the clear). `like` is how a heading is recognised, as a regular expression.
    `several`: a cell may hold several words of the list, parted by a semicolon.
    """

    key: str
    heading: str
    words: Mapping[str, tuple[str, ...]] | None = None
    kind: str = "text"
    needed: bool = False  # no row without it
    kept: bool = True
    like: str = ""
    several: bool = False

    @property
    def section(self) -> str:
        """The part of a record that the column stands in; empty where a layout has no parts."""
        return self.heading.rpartition(".")[0]


@dataclass(frozen=True)
class Layout:
    """One return as it was asked for from `since` on. `family` is the table that it is read into."""

    key: str
    label: str
    family: str
    since: date
    columns: tuple[Column, ...]

    def column(self, key: str) -> Column | None:
        return next((each for each in self.columns if each.key == key), None)


def spellings(words: Mapping[str, tuple[str, ...]]) -> dict[str, str]:
    """Every spelling, folded -> the word of the list."""
    known = {fold(other): word for word, others in words.items() for other in others}
    return known | {fold(word): word for word in words}


def fold(word: str) -> str:
    """As words of a list are compared: no case, one space between words, plain apostrophes and dashes."""
    return " ".join(word.replace("’", "'").replace("–", "-").split()).casefold()


def some_of(words: Mapping[str, tuple[str, ...]], *, most: int = 6) -> str:
    """The words of a list for a sentence: all of a short list, the first of a long one."""
    shown = ", ".join(f"“{word.strip()}”" for word in list(words)[:most])
    return shown if len(words) <= most else f"{shown} and {len(words) - most} more"


def recognised(layouts: tuple[Layout, ...], found: set[str]) -> Layout:
    """The layout whose columns answer best to those that were found; of two alike the newer one."""
    return max(
        layouts,
        key=lambda each: (
            len(found & {column.key for column in each.columns}) - len(found - {c.key for c in each.columns})
            - len({column.key for column in each.columns} - found) / 2,
            each.since,
        ),
    )  # fmt: skip
