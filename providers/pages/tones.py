"""Tags whose tone is worked out from the row rather than from the word."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.utils.html import escape

from commissioning.kernel import wording
from commissioning.kernel.tables import Column


@dataclass(frozen=True)
class ToneColumn(Column):
    """`tone(row)` is one of wording.tag's tones; "" follows the word, and None says the word without a tag."""

    tone: Callable[[Any], str | None] = lambda row: ""

    def html(self, row: Any) -> str:
        value = self.of(row)
        if wording.is_missing(value):
            return str(wording.missing(self.missing)) if self.missing else ""
        tone = self.tone(row)
        tag = escape(str(value)) if tone is None else str(wording.tag(str(value), tone))
        href = self.link(row) if self.link is not None else None
        return f'<a class="govuk-link" href="{href}">{tag}</a>' if href else tag
