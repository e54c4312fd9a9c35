"""What a figure is, and how it stands against what a lot expects.

The words are those of the Procurement Act 2023, section 52. Frameworks and light-touch contracts are exempt from the
duty to publish such ratings: the scale is offered, and is no duty.

A value is kept to two places and rounded towards the worse, so that no figure reaches a threshold, or a hundred, by
rounding: what is shown and how it is rated never disagree.
"""

from decimal import Decimal
from fractions import Fraction

OFFERED = (
    "The ratings are the words of the Procurement Act 2023, section 52. Frameworks and light-touch contracts are "
    "exempt from its duty: the scale is offered here because it is well known, and nothing has to be published by it."
)
GOOD, APPROACHING, IMPROVEMENT, INADEQUATE, OTHER = "good", "approaching", "improvement", "inadequate", "other"
FEWEST = 5  # of our own children: fewer are told and not rated, since one more or less turns the rating
LARGEST = Decimal("999999999999.99")


def value_of(
    unit: str, numerator: Decimal | None, denominator: Decimal | None, *, good: str, divided: bool
) -> Decimal | None:
    """`divided`: whether the definition has a denominator. None for nothing entered and for a nil denominator."""
    if numerator is None:
        return None
    if not divided:
        return _towards_worse(Fraction(numerator), good)
    if not denominator:
        return None
    return _towards_worse(Fraction(numerator) / Fraction(denominator) * (100 if unit == "percent" else 1), good)


def _towards_worse(exact: Fraction, good: str) -> Decimal:
    hundredths = exact * 100
    whole = hundredths.numerator // hundredths.denominator
    if good == "low" and whole != hundredths:
        whole += 1
    return Decimal(whole).scaleb(-2)


def rating_of(value: Decimal | None, *, good: str, target: Decimal, approaching: Decimal, improvement: Decimal) -> str:
    """A threshold itself belongs to the better side."""
    if value is None:
        return OTHER
    for rating, edge in ((GOOD, target), (APPROACHING, approaching), (IMPROVEMENT, improvement)):
        if (value >= edge) if good == "high" else (value <= edge):
            return rating
    return INADEQUATE


def in_order(good: str, target: Decimal, approaching: Decimal, improvement: Decimal) -> bool:
    if good == "high":
        return target >= approaching >= improvement
    return target <= approaching <= improvement


def problem_of(
    unit: str, numerator: Decimal | None, denominator: Decimal | None, *, divided: bool
) -> tuple[str, str] | None:
    """(which part, what to do) where the two cannot be a return; None where they can. A nil denominator can."""
    for part, figure in (("numerator", numerator), ("denominator", denominator)):
        if figure is not None and figure < 0:
            return part, "a count is nought or more"
        if figure is not None and figure > LARGEST:
            return part, "this is more than can be kept: check it"
    if numerator is None:
        return "numerator", "enter the number, nought where there was none"
    if not divided:
        return (
            ("denominator", "this KPI is one figure, of nothing: leave it empty") if denominator is not None else None
        )
    if denominator is None:
        return "denominator", "enter out of how many, nought where there was none"
    if unit == "percent" and numerator > denominator:
        return "numerator", "more than it is out of: correct one of the two"
    if not denominator and numerator:
        return "denominator", "something was counted out of none: correct one of the two"
    return None
