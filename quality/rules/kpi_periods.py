"""Periods of KPIs: quarters, half years and years of the financial year, which begins on 1 April."""

from datetime import date, timedelta
from typing import Any

MONTHS = {"quarter": 3, "half_year": 6, "year": 12}
Span = tuple[date, date]  # starts_on, ends_before


def _moved(first: date, months: int) -> date:
    year, month = divmod(first.year * 12 + first.month - 1 + months, 12)
    return date(year, month + 1, 1)


def period_of(kind: str, day: date) -> Span:
    """The period that holds the day."""
    starts_on = _moved(date(day.year, day.month, 1), -((day.month - 4) % MONTHS[kind]))
    return starts_on, _moved(starts_on, MONTHS[kind])


def is_period(kind: str, starts_on: date, ends_before: date) -> bool:
    return period_of(kind, starts_on) == (starts_on, ends_before)


def before(kind: str, starts_on: date) -> Span:
    """The period before the one that starts so."""
    return _moved(starts_on, -MONTHS[kind]), starts_on


def runs_on(row: Any, day: date) -> bool:
    """Of anything with `starts_on` and `ends_before`, empty for no end."""
    return row.starts_on <= day and (row.ends_before is None or row.ends_before > day)


def last_ended(kind: str, day: date) -> Span:
    """The newest period that is over on the day."""
    return before(kind, period_of(kind, day)[0])


def ending_within(kind: str, after: date, until: date) -> list[Span]:
    """Periods whose last day lies in the span from `after` to the day before `until`, oldest first."""
    found, span = [], period_of(kind, until - timedelta(days=1))
    if span[1] > until:
        span = before(kind, span[0])
    while span[1] > after:
        found.append(span)
        span = before(kind, span[0])
    return found[::-1]


def name_of(starts_on: date, ends_before: date) -> str:
    """ "April to June 2026", "October 2025 to March 2026" """
    last = ends_before - timedelta(days=1)
    if last.year == starts_on.year:
        return f"{starts_on:%B} to {last:%B} {last.year}"
    return f"{starts_on:%B} {starts_on.year} to {last:%B} {last.year}"


def short_name(starts_on: date, ends_before: date) -> str:
    """ "Apr-Jun 2026" """
    last = ends_before - timedelta(days=1)
    return f"{starts_on:%b}\N{EN DASH}{last:%b} {last.year}"


def due_on(ends_before: date, due_days: int) -> date:
    """The last day on which a return is in time: so many days after the period's last."""
    return ends_before - timedelta(days=1) + timedelta(days=due_days)
