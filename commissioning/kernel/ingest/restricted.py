"""Cells that nobody is shown once the file was read, such as a date of birth: what stands in their place."""

import re
from typing import Any

NOT_KEPT = "sent, not kept"  # in a rejected row; coming in again it is refused, so that it is never taken for a value
ENTER_AGAIN = "this cell is not kept with a rejected row: enter it again from your own record"

_SENT = "what was sent"
_QUOTED = re.compile("“[^”]*”")
# Dates and longer numbers in a sentence, but for the example of how to write one.
_FIGURES = re.compile(r"(?<!for example )(?<![\w/.-])\d[\d/.:,e+-]{3,}\d(?!\w)")
_DAY = re.compile(r"\b\d{1,2}(?:st|nd|rd|th)? (?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]* \d{4}\b")


def masked(cell: Any) -> str | None:
    """NOT_KEPT where something was sent; None where the cell was empty."""
    return None if cell is None or str(cell).strip() == "" else NOT_KEPT


def without_values(says: str) -> str:
    """A sentence about a restricted cell without the words, numbers and dates that it repeats."""
    for pattern in (_QUOTED, _DAY, _FIGURES):
        says = pattern.sub(_SENT, says)
    return says
