"""How a return stands: due, missing, returned, and what its newest check says of it."""

from collections.abc import Iterable
from datetime import date

from .codes import KPI_STATES

TO_DO = ("disputed", "queried", "missing", "due")  # the provider's turn
TO_CHECK = ("answered", "returned")  # the lead's
REMIND_DAYS = 7  # before the last day
NIL = "None to count: out of nought"


def state_of(version: int, check: tuple[int, str] | None) -> str:
    """Of a row at this version, whose newest check is (the version that was checked, its outcome)."""
    if check is None:
        return "returned"
    checked, outcome = check
    return outcome if checked == version else "answered"


def unreturned(ends_before: date, due: date, today: date) -> str:
    if today < ends_before:
        return "not_yet"
    return "due" if today <= due else "missing"


def worst(states: Iterable[str]) -> str:
    return min(states, key=list(KPI_STATES).index)
