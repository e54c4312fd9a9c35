"""A share of people, and how far chance alone may carry it.

An interval is Wilson's, of 95%. The limits of a funnel are those beyond which a share of so many people lies once in
twenty times (95%) or once in five hundred (99.8%) where nothing but chance makes it differ: a share lies outside the
95% limits exactly where its interval leaves the middle out, so chart and interval never disagree.
"""

from dataclasses import dataclass
from decimal import Decimal

WARNING, ACTION = Decimal("1.959964"), Decimal("3.090232")  # standard errors: 95% and 99.8%
SAME, PERHAPS, DIFFERENT = "same", "perhaps", "different"
NOUGHT, ALL = Decimal(0), Decimal(100)


@dataclass(frozen=True)
class Interval:
    """In per cent, from 0 to 100."""

    low: Decimal
    high: Decimal

    def holds(self, percent: Decimal | int) -> bool:
        return self.low <= percent <= self.high


def wilson(percent: Decimal | int, n: int, z: Decimal = WARNING) -> Interval | None:
    """Wilson's score interval of a share in per cent of `n` people; None of nobody."""
    if n <= 0:
        return None
    p = Decimal(percent) / 100
    middle, room = p + z * z / (2 * n), z * (p * (1 - p) / n + z * z / (4 * n * n)).sqrt()
    whole = 1 + z * z / n
    return Interval(max(NOUGHT, 100 * (middle - room) / whole), min(ALL, 100 * (middle + room) / whole))


def limits(middle: Decimal | int, n: Decimal | int, z: Decimal = WARNING) -> Interval | None:
    """Between which a share of `n` people lies by chance where the true one is `middle`; None of nobody."""
    if n <= 0:
        return None
    p = Decimal(middle) / 100
    room = z * (p * (1 - p) / n).sqrt()
    return Interval(max(NOUGHT, 100 * (p - room)), min(ALL, 100 * (p + room)))


def stands(percent: Decimal | int, n: int, middle: Decimal | int) -> str:
    """SAME within the 95% limits, DIFFERENT outside those of 99.8%, PERHAPS between the two. Where everybody says the
    same there is no chance to allow for, and nothing is called different."""
    usual, far = limits(middle, n), limits(middle, n, ACTION)
    if usual is None or far is None or usual.high == usual.low or usual.holds(percent):
        return SAME
    return PERHAPS if far.holds(percent) else DIFFERENT


def moved(before: Decimal | int, n_before: int, now: Decimal | int, n_now: int) -> bool:
    """Whether two shares, of different people or times, differ by more than chance explains (Newcombe's interval of
    the difference, 95%)."""
    first, second = wilson(before, n_before), wilson(now, n_now)
    if first is None or second is None:
        return False
    change = now - before
    low = change - ((now - second.low) ** 2 + (first.high - before) ** 2).sqrt()
    high = change + ((second.high - now) ** 2 + (before - first.low) ** 2).sqrt()
    return low > 0 or high < 0
