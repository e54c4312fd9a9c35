"""How long a framework runs, and how soon somebody must act."""

import calendar
from collections.abc import Sequence
from datetime import date, timedelta

WARNINGS_MONTHS = (12, 6, 3)  # issue a warning this many months before the end


def add_months(day: date, months: int) -> date:
    """The same day of the month, `months` later; the last day where that month is shorter."""
    years, month = divmod(day.month - 1 + months, 12)
    year = day.year + years
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def runs_until(ends_before: date | None, months_taken: list[int]) -> date | None:
    """The end of a framework with its extensions taken, half-open; None where it has no end."""
    return add_months(ends_before, sum(months_taken)) if ends_before else None


def last_day(ends_before: date) -> date:
    """The last day of a half-open period, as people say it."""
    return ends_before - timedelta(days=1)


def warning_months(ends_before: date | None, today: date) -> int | None:
    """3, 6 or 12 where the end is that close, 0 where it has passed, None where nothing need be said."""
    if ends_before is None:
        return None
    if ends_before <= today:
        return 0
    due = [months for months in WARNINGS_MONTHS if ends_before <= add_months(today, months)]
    return min(due) if due else None


NEEDS_AN_END = ("framework", "block")  # a dynamic market, a dynamic purchasing system or a register may stay open
LONGEST_EXTENSION = 120


def check_term(kind: str, starts_on: date, ends_before: date | None, extension_months: Sequence[int]) -> dict[str, str]:
    """What is wrong with a term, by field, in sentences; empty where nothing is."""
    problems = {}
    if ends_before is None and kind in NEEDS_AN_END:
        problems["ends_before"] = "Enter the last day of the initial term: this kind of framework has one."
    if ends_before is None and extension_months:
        problems["extension_months"] = "A framework with no last day has nothing to extend. Leave this empty."
    if ends_before is not None and ends_before <= starts_on:
        problems["ends_before"] = "The last day must be the first day or later."
    if any(not 1 <= months <= LONGEST_EXTENSION for months in extension_months):
        problems["extension_months"] = f"Enter each extension in months, from 1 to {LONGEST_EXTENSION}."
    return problems


def notice(ends_before: date | None, today: date) -> str:
    """ "Ended", "Ends within 3 months", or nothing to say."""
    months = warning_months(ends_before, today)
    if months is None:
        return ""
    return f"Ends within {months} months" if months else "Ended"
