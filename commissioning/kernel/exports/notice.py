"""What every file that leaves the platform says of itself: what it is, for whom, when, filtered how, how many rows."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from dataclasses import dataclass

from django.utils import timezone

from .. import wording
from .text import clean

HEADER = "X-Export-Notice"
NO_FILTER = "None: all rows that you may see"
_PLAIN = str.maketrans({"£": "GBP ", "’": "'", "‘": "'", "“": "'", "”": "'", '"': "'", "–": "-", "—": "-"})


@dataclass(frozen=True)
class Notice:
    """title: as the page's heading. viewer: for whom, "London Borough of Southwark". made_at: an aware instant.

    filters: the sentence the page shows for the filters in force; empty for none. notes: further sentences, such as
    how quartiles are taken.
    """

    title: str
    viewer: str
    made_at: dt.datetime
    filters: str = ""
    notes: tuple[str, ...] = ()

    def lines(self, rows: int) -> list[tuple[str, str | int]]:
        """Label and value pairs for the first sheet of a workbook."""
        return [
            ("What this is", self.title),
            ("Made for", self.viewer),
            ("Made on", wording.instant(self.made_at)),
            ("Filters", self.filters or NO_FILTER),
            ("Number of rows", rows),
            *(("Note", note) for note in self.notes),
        ]

    def header(self, rows: int | None = None) -> str:
        """The same in one line of printable ASCII, for the HTTP header X-Export-Notice that goes with a csv.

        Without `rows` the number is left out, as where a stream is not counted beforehand.
        """
        parts = {
            "title": self.title,
            "viewer": self.viewer,
            "made-at": timezone.localtime(self.made_at).isoformat(timespec="seconds"),
            "filters": self.filters or NO_FILTER,
        }
        if rows is not None:
            parts["rows"] = str(rows)
        return "; ".join(f'{key}="{_ascii(value)}"' for key, value in parts.items())


def file_name(title: str, viewer: str, today: dt.date, extension: str) -> str:
    """A name safe on any system: "lot-1-rates-london-borough-of-southwark-2026-03-03.csv". At most 150 characters."""
    parts = [_slug(title)[:70].strip("-") or "export", _slug(viewer)[:60].strip("-"), today.isoformat()]
    return "-".join(part for part in parts if part) + "." + extension.lstrip(".")


def _slug(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", _ascii(text).lower().replace("'", "")).strip("-")


def _ascii(text: str) -> str:
    folded = unicodedata.normalize("NFKD", clean(text).translate(_PLAIN)).encode("ascii", "ignore").decode()
    # NFKD turns full-width quotes into plain ones; backslash and quote would end the quoted value early.
    return " ".join(folded.replace("\\", "/").replace('"', "'").split())
