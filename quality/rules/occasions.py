"""When a young person is asked about their home: six weeks after moving in, every six months after, and on leaving."""

from calendar import monthrange
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

SETTLING_IN = timedelta(days=42)
MONTHS = 6
EARLY = timedelta(days=14)  # so long before it is due a turn may be taken
LEAVING = timedelta(days=56)  # so long after they left a young person may still say how it was
OPEN_FOR = {"14": "two weeks", "28": "four weeks", "56": "eight weeks"}
OPEN_DAYS = 28
LATE = timedelta(days=28)  # a turn that nobody took by then is late


@dataclass(frozen=True)
class Turn:
    occasion: str
    due_on: date

    def late_on(self, today: date) -> bool:
        return today > self.due_on + LATE


def turn_of(starts_on: date, ends_before: date | None, today: date) -> Turn | None:
    """The newest turn that has come, or comes within EARLY; None before the first, and long after somebody left."""
    if ends_before is not None and ends_before <= today:
        return Turn("leaving", ends_before) if today < ends_before + LEAVING else None
    newest, months = None, MONTHS
    if starts_on + SETTLING_IN - EARLY <= today:
        newest = Turn("six_weeks", starts_on + SETTLING_IN)
    while (due_on := months_after(starts_on, months)) - EARLY <= today:
        newest, months = Turn("six_months", due_on), months + MONTHS
    return newest


def taken(turn: Turn, days: Iterable[date]) -> bool:
    """Whether one of the days, on which somebody was asked or answered, is of this turn."""
    return any(day >= turn.due_on - EARLY for day in days)


def months_after(day: date, months: int) -> date:
    """The same day of a later month, or its last day where it has fewer."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def refused(
    *, occasion: str, answered_on: date, starts_on: date, ends_before: date | None, today: date
) -> tuple[str, str] | None:
    """(which it is about, why an answer of that day is not taken); None where it is. Of a home that has ended only an
    answer on leaving is, for a while."""
    if answered_on > today:
        return "answered_on", "That day has not come: check the date."
    if answered_on < starts_on:
        return "answered_on", "They had not moved in on that day: check the date, and which home it is."
    if ends_before is None or answered_on < ends_before:
        return None
    if occasion != "leaving":
        return "occasion", "They had left this home by then: an answer after that is taken as “On leaving” alone."
    if answered_on >= ends_before + LEAVING:
        weeks = LEAVING.days // 7
        return "answered_on", f"They left this home more than {weeks} weeks before: an answer that late is not taken."
    return None
