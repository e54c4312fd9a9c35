"""Money: exact Decimal pounds, and the one rule by which a weekly amount becomes the cost of a period.

What a cost line has accrued by a date is its weekly amount x days / 7, rounded half up to pence, once. The cost of any
period is the difference between two such figures. So the months of a year add up to the year, and a bill cut in two
adds up to the bill, to the penny.
"""

from __future__ import annotations

import datetime as dt
from decimal import ROUND_HALF_UP, Context, Decimal, DivisionByZero, InvalidOperation, Overflow

from .periods import FinancialYear, Period

PENNY = Decimal("0.01")
ZERO = Decimal("0.00")
DAYS_IN_WEEK = 7
RATE_PLACES = 4  # rates are stored as numeric(12,4)
_LIMIT = Decimal(10) ** 8  # the first amount too large for numeric(12,4)
# Wide enough that no product or quotient of amounts within the limit is cut before it is rounded, whatever the
# surrounding thread's context says.
_EXACT = Context(prec=60, rounding=ROUND_HALF_UP, traps=[InvalidOperation, DivisionByZero, Overflow])


def checked(value: Decimal, *, places: int = RATE_PLACES) -> Decimal:
    """`value` itself, where it is an amount of pounds that can be stored without loss.

    TypeError for anything but Decimal (floats cannot hold pence). ValueError for NaN, infinities, negative zero, more
    than `places` decimal places, and 100 million pounds or more.
    """
    _number(value)
    if abs(value) >= _LIMIT:
        raise ValueError(f"{value} pounds is too large: amounts must be below 100 million")
    if value != _rounded(value, Decimal(1).scaleb(-places)):
        raise ValueError(f"{value} has more than {places} decimal places")
    return value


def round_half_up(value: Decimal, to: Decimal = PENNY) -> Decimal:
    """`value` rounded to pence, or to the places of `to`; halves go away from zero.

    A credit therefore rounds to the same figure as a charge of its size, and cancels it. Never returns negative zero.
    Errors for what is not a finite Decimal, as `checked`.
    """
    _number(value)
    return _rounded(value, to)


def accrued(weekly_amount: Decimal, days: int) -> Decimal:
    """Pounds and pence that `weekly_amount` a week has come to after `days` days: amount x days / 7, rounded once.

    ValueError for a negative number of days; TypeError where days is not a whole number.
    """
    checked(weekly_amount)
    if isinstance(days, bool) or not isinstance(days, int):
        raise TypeError(f"days must be a whole number, not {type(days).__name__}")
    if days < 0:
        raise ValueError(f"days must not be negative: {days}")
    whole = _EXACT.multiply(weekly_amount, Decimal(days))
    return _rounded(_EXACT.divide(whole, Decimal(DAYS_IN_WEEK)), PENNY)


def accrued_by(weekly_amount: Decimal, period: Period, day: dt.date) -> Decimal:
    """What a line running for `period` has accrued before `day` begins. ValueError where the period has no start."""
    if period.starts_on is None:
        raise ValueError("A cost line must have a start before its cost can be told")
    until = day if period.ends_before is None else min(day, period.ends_before)
    return accrued(weekly_amount, max(0, (until - period.starts_on).days))


def cost(weekly_amount: Decimal, period: Period, starts_on: dt.date, ends_before: dt.date) -> Decimal:
    """Pounds and pence that a line of `weekly_amount` a week running for `period` costs between two dates.

    The difference between two accruals, both counted from the line's own start; days outside the line cost nothing.
    ValueError where `ends_before` comes before `starts_on`; equal dates cost nothing.
    """
    if ends_before < starts_on:
        raise ValueError(f"ends_before must not come before starts_on: {starts_on} to {ends_before}")
    return accrued_by(weekly_amount, period, ends_before) - accrued_by(weekly_amount, period, starts_on)


def annual(weekly_amount: Decimal, year: FinancialYear) -> Decimal:
    """A full financial year at `weekly_amount` pounds a week: by its 365 or 366 days, and never by 52 weeks.

    Fifty-two weeks are 364 days, and would leave a day or two of every year unpaid.
    """
    return accrued(weekly_amount, year.days)


def weekly_from_nightly(nightly_amount: Decimal) -> Decimal:
    """Pounds a week from pounds a night: seven nights, as rates quoted by night are put beside weekly ones.

    A half-open period has as many nights as days, so the same factor serves a rate by day. ValueError where the week
    comes to 100 million pounds or more.
    """
    return checked(_EXACT.multiply(checked(nightly_amount), Decimal(DAYS_IN_WEEK)))


weekly_from_daily = weekly_from_nightly


def nightly_from_weekly(weekly_amount: Decimal) -> Decimal:
    """Pounds a night (or day) from pounds a week, to four places. For comparison only: bills come from `cost`."""
    return _rounded(_EXACT.divide(checked(weekly_amount), Decimal(DAYS_IN_WEEK)), Decimal(1).scaleb(-RATE_PLACES))


daily_from_weekly = nightly_from_weekly


def weekly_from_annual(annual_amount: Decimal, year: FinancialYear) -> Decimal:
    """Pounds a week from pounds a year, to four places: annual / days x 7.

    The rule of the DfE's section 251 unit costs (outturn / 365 x 7), with the year's own number of days.
    """
    return weekly_from_total(annual_amount, year.days)


def weekly_from_total(total: Decimal, days: int) -> Decimal:
    """Pounds a week from a total over `days` days of care, to four places: total / days x 7.

    The rule by which section 251 states residential unit costs per care day. ValueError unless days are above nought.
    """
    if isinstance(days, bool) or not isinstance(days, int):
        raise TypeError(f"days must be a whole number, not {type(days).__name__}")
    if days <= 0:
        raise ValueError(f"days must be above nought: {days}")
    _number(total)
    week = _EXACT.divide(_EXACT.multiply(total, Decimal(DAYS_IN_WEEK)), Decimal(days))
    return _rounded(week, Decimal(1).scaleb(-RATE_PLACES))


def _number(value: Decimal) -> None:
    if not isinstance(value, Decimal):
        raise TypeError(f"Money is Decimal, never {type(value).__name__}")
    if not value.is_finite():
        raise ValueError(f"{value} is not an amount of money")
    if value.is_zero() and value.is_signed():
        raise ValueError("Nought pounds has no sign: negative zero is refused")


def _rounded(value: Decimal, to: Decimal) -> Decimal:
    rounded = value.quantize(to, rounding=ROUND_HALF_UP, context=_EXACT)
    return abs(rounded) if rounded.is_zero() else rounded
