"""What a cost line comes to a week, and what it has cost by a day."""

from datetime import date
from decimal import Decimal

from commissioning.kernel.money import ZERO, checked, cost, round_half_up
from commissioning.kernel.periods import Period

PLACES = Decimal("0.0001")


def weekly_of(amount: Decimal, unit: str, quantity: Decimal) -> Decimal:
    """Pounds a week, to four places: `quantity` units a week at `amount` each. Nought for what is paid once."""
    if unit == "one_off":
        return Decimal("0.0000")
    return checked(round_half_up(amount * quantity, PLACES))


def once_of(amount: Decimal, unit: str, quantity: Decimal) -> Decimal:
    """Pounds paid on the first day; nought for what is paid by the week."""
    return checked(round_half_up(amount * quantity)) if unit == "one_off" else ZERO


def cost_of_line(
    weekly_amount: Decimal, once_amount: Decimal, period: Period, starts_on: date, ends_before: date
) -> Decimal:
    """Pounds and pence of a line between two days: the difference of two accruals (kernel/money.py), and what is paid
    once where the line's first day lies between them. ValueError where the days are the wrong way round."""
    assert period.starts_on is not None
    once = once_amount if starts_on <= period.starts_on < ends_before else ZERO
    return cost(weekly_amount, period, starts_on, ends_before) + once


def splits_problem(weekly_amount: Decimal, once_amount: Decimal, splits: list[tuple[str, Decimal, Decimal]]) -> str:
    """Why splits (funder, weekly, once) cannot be those of a line, in words; empty where they add up to the whole."""
    weekly = sum((weekly for _, weekly, _ in splits), Decimal(0))
    once = sum((once for _, _, once in splits), Decimal(0))
    if weekly != weekly_amount:
        return f"the parts come to £{weekly:,.2f} a week and the line to £{weekly_amount:,.2f}: they must be equal"
    if once != once_amount:
        return f"the parts come to £{once:,.2f} and the line to £{once_amount:,.2f}: they must be equal"
    return ""
