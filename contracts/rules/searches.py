"""The clock of a search for a home, and how long an answer took."""

from datetime import date, datetime, timedelta
from decimal import Decimal

from commissioning.kernel.money import round_half_up

from .clocks import working_days_after

# What the figures of answers count; said beside every table that shows them.
RULE = (
    "Counted: each time that a provider was asked within a search, once. Hours run by the clock, nights and weekends "
    "included, from being asked to the answer that is recorded. In time: answered by the end of the first working day "
    "after the day it was asked; a question that still has that time and no answer is left out. Offered includes "
    "offers that were withdrawn."
)


def needed_in_words(needed_by: date, today: date) -> str:
    """ "needed today", "needed in 3 days", "2 days late"."""
    days = (needed_by - today).days
    if days < 0:
        return f"{-days} {'day' if days == -1 else 'days'} late"
    return {0: "needed today", 1: "needed tomorrow"}.get(days, f"needed in {days} days")


def hours_between(first: datetime, second: datetime) -> Decimal:
    """Hours to two decimals, halves up."""
    seconds = (second - first) // timedelta(seconds=1)
    return round_half_up(Decimal(seconds) / 3600)


def lasted(first: datetime, second: datetime) -> str:
    """ "35 minutes", "5 hours", "3 days": whole ones, the larger unit from two of it on."""
    minutes = (second - first) // timedelta(minutes=1)
    for unit, length in (("day", 1440), ("hour", 60)):
        if minutes >= 2 * length:
            return f"{minutes // length} {unit}s"
    return f"{minutes} {'minute' if minutes == 1 else 'minutes'}"


def in_time(asked_on: date, answered_on: date | None, today: date) -> bool | None:
    """Answered by the end of the first working day after the day of asking? None while that can still be."""
    until = working_days_after(asked_on, 1)
    if answered_on is not None:
        return answered_on <= until
    return False if today > until else None
