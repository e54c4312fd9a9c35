"""The spread of a set of amounts: how many, lowest, quartiles, median, highest, by one stated rule.

The rule is that of PostgreSQL's percentile_cont, of Excel's QUARTILE.INC and of pandas' default: of n values in order,
the share p lies at place 1 + (n - 1) x p, and between two places the value is taken in proportion. It is worked out
exactly in Decimal and rounded half up to pence once, so page, workbook and API cannot differ by a penny.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from .money import checked, round_half_up

RULE = (
    "Quartiles and median take the values in order and, where they fall between two of them, "
    "a point in proportion (as Excel's QUARTILE.INC does). Rounded to the penny."
)
LOWER_QUARTILE = Fraction(1, 4)
MEDIAN = Fraction(1, 2)
UPPER_QUARTILE = Fraction(3, 4)


@dataclass(frozen=True, slots=True)
class Spread:
    """How a set of amounts lies, in pounds and pence. With no amounts, n is 0 and every figure None."""

    n: int
    lowest: Decimal | None
    lower_quartile: Decimal | None
    median: Decimal | None
    upper_quartile: Decimal | None
    highest: Decimal | None


def spread(amounts: Iterable[Decimal]) -> Spread:
    """The Spread of `amounts` (pounds, at most four decimal places). An amount not recorded must be left out first.

    Errors as money.checked: floats, None, NaN and negative zero are refused.
    """
    ordered = sorted(checked(amount) for amount in amounts)
    if not ordered:
        return Spread(0, None, None, None, None, None)
    return Spread(
        n=len(ordered),
        lowest=round_half_up(ordered[0]),
        lower_quartile=_at(ordered, LOWER_QUARTILE),
        median=_at(ordered, MEDIAN),
        upper_quartile=_at(ordered, UPPER_QUARTILE),
        highest=round_half_up(ordered[-1]),
    )


def percentile(amounts: Iterable[Decimal], share: Fraction) -> Decimal | None:
    """The amount at `share` (Fraction(9, 10) for the 90th percentile), rounded to pence; None where there are none.

    ValueError where the share is not between 0 and 1; TypeError where it is not a Fraction.
    """
    if not isinstance(share, Fraction):
        raise TypeError(f"share must be a Fraction, not {type(share).__name__}")
    if not 0 <= share <= 1:
        raise ValueError(f"share must lie between 0 and 1: {share}")
    ordered = sorted(checked(amount) for amount in amounts)
    return _at(ordered, share) if ordered else None


def _at(ordered: Sequence[Decimal], share: Fraction) -> Decimal:
    place = (len(ordered) - 1) * share
    below = place.numerator // place.denominator
    lower, upper = Fraction(ordered[below]), Fraction(ordered[min(below + 1, len(ordered) - 1)])
    exact = lower + (upper - lower) * (place - below)
    return _pence(exact)


def _pence(exact: Fraction) -> Decimal:
    """Halves go away from zero, as in money.round_half_up; a Fraction has no rounding of its own that does so."""
    pence = (abs(exact) * 100 + Fraction(1, 2)).__floor__()
    return Decimal(pence if exact >= 0 else -pence).scaleb(-2)
