"""Why a home was bought spot, from what the referral log recorded: every purchase is of exactly one class.

What counts is what was known when the home was called off: questions asked by that day, and offers made by it. Only a
suitable offer that was not taken is avoidable, and only that has a premium. Whoever was not asked might have had no
home: "not asked" and "not recorded" are counted, and never priced.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from commissioning.kernel.money import ZERO, accrued

# In the order in which pages list them.
CLASSES = {
    "not_asked": "Not asked",
    "none_offered": "None offered",
    "not_taken": "Suitable offer not taken",
    "unknown": "Not recorded",
}
MEANS = {
    "not_asked": "The search is recorded, and no provider with a place on a lot was asked in it before the call-off.",
    "none_offered": "They were asked, and none had offered a suitable home by the day of call-off.",
    "not_taken": "One had offered a home that was judged suitable and free in time, and another was bought: avoidable.",
    "unknown": "No search is linked to it, nothing is recorded in the search, or nobody said whether an offer suited.",
}
OFFERED = "offered"


@dataclass(frozen=True)
class Asked:
    """One question to one provider. `framework`: it had a place that could be called off, on the day it was asked, or
    was asked as one of a lot. `suitable`: in the authority's judgement; None where nobody said."""

    framework: bool
    asked_on: date
    answer: str = ""
    answered_on: date | None = None
    suitable: bool | None = None
    weekly_amount: Decimal | None = None
    available_on: date | None = None
    chosen: bool = False


def in_time(each: Asked, called_off_on: date, starts_on: date) -> bool:
    """An offer that stood when the home was called off, of a home that was free by the first night."""
    return (
        each.answer == OFFERED and each.answered_on is not None and each.answered_on <= called_off_on
        and (each.available_on is None or each.available_on <= starts_on)
    )  # fmt: skip


def class_of(asked: Sequence[Asked] | None, called_off_on: date, starts_on: date) -> str:
    """One of CLASSES. `asked`: everybody asked in the search; None where no search is linked."""
    if not asked:
        return "unknown"
    framework = [each for each in asked if each.framework and each.asked_on <= called_off_on]
    if not framework:
        return "not_asked"
    offers = [each for each in framework if in_time(each, called_off_on, starts_on)]
    if any(each.suitable and not each.chosen for each in offers):
        return "not_taken"
    # A framework offer that was chosen is no spot purchase, and one that nobody judged tells nothing.
    return "unknown" if any(each.chosen or each.suitable is None for each in offers) else "none_offered"


def best_offer(asked: Sequence[Asked] | None, called_off_on: date, starts_on: date) -> Decimal | None:
    """Pounds a week of the cheapest suitable offer that was not taken; None where none has its price recorded."""
    amounts = [
        each.weekly_amount for each in asked or ()
        if each.framework and each.asked_on <= called_off_on and in_time(each, called_off_on, starts_on)
        and each.suitable and not each.chosen and each.weekly_amount is not None
    ]  # fmt: skip
    return min(amounts, default=None)


def premium(paid: Decimal | None, offered: Decimal | None, nights: int) -> Decimal:
    """Pounds that so many nights cost more than the offer would have: (paid - offered) x nights / 7, never below
    nought; nought where either price is not recorded."""
    if paid is None or offered is None or paid <= offered:
        return ZERO
    return accrued(paid - offered, nights)
