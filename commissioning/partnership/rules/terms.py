"""How long a framework runs, and how soon somebody must act."""

import calendar
from datetime import date

WARNINGS_MONTHS = (12, 6, 3)  # issue a warning this many months before the end


def add_months(day: date, months: int) -> date:
    """The same day of the month, `months` later; the last day where that month is shorter."""
    years, month = divmod(day.month - 1 + months, 12)
    year = day.year + years
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def runs_until(ends_before: date | None, months_taken: list[int]) -> date | None:
    """The end of a framework with its extensions taken, half-open; None where it has no end."""
    return add_months(ends_before, sum(months_taken)) if ends_before else None


def warning_months(ends_before: date | None, today: date) -> int | None:
    """3, 6 or 12 where the end is that close, 0 where it has passed, None where nothing need be said."""
    if ends_before is None:
        return None
    if ends_before <= today:
        return 0
    due = [months for months in WARNINGS_MONTHS if ends_before <= add_months(today, months)]
    return min(due) if due else None
