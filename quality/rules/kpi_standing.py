"""How a return stands: due, missing, returned, and what its newest check says of it."""

from collections.abc import Iterable
from datetime import date

from commissioning.partnership.rules.codes import KPI_RATINGS

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


def words_asked(before: str | None, rating: str, state: str = "") -> str:
    """Why words are asked for beside a figure that is rated so; "" where they are not. `before`: the rating of the
    period before; `state`: how the figure stood that is sent again."""
    if state in ("queried", "disputed"):
        return f"it was {state}. Say in words what you answer."
    if before is not None and before != rating:
        return f"it was {KPI_RATINGS[before]} the period before and is {KPI_RATINGS[rating]} now. Say why."
    return ""


def worst(states: Iterable[str]) -> str:
    return min(states, key=list(KPI_STATES).index)
