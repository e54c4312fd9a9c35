"""A share of people, and how far chance alone may carry it.

An interval is Wilson's, of 95%. The limits of a funnel are those beyond which a share of so many people lies once in
twenty times (95%) or once in five hundred (99.8%) where nothing but chance makes it differ: a share lies outside the
95% limits exactly where its interval leaves the middle out, so chart and interval never disagree.
"""

from dataclasses import dataclass
from math import sqrt

WARNING, ACTION = 1.959964, 3.090232  # standard errors: 95% and 99.8%
SAME, PERHAPS, DIFFERENT = "same", "perhaps", "different"


@dataclass(frozen=True)
class Interval:
    """In per cent, from 0 to 100."""

    low: float
    high: float

    def holds(self, percent: float) -> bool:
        return self.low <= percent <= self.high


def wilson(percent: float, n: int, z: float = WARNING) -> Interval | None:
    """Wilson's score interval of a share in per cent of `n` people; None of nobody."""
    if n <= 0:
        return None
    p = percent / 100
    middle, room = p + z * z / (2 * n), z * sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    whole = 1 + z * z / n
    return Interval(max(0.0, 100 * (middle - room) / whole), min(100.0, 100 * (middle + room) / whole))


def limits(middle: float, n: float, z: float = WARNING) -> Interval | None:
    """Between which a share of `n` people lies by chance where the true one is `middle`; None of nobody."""
    if n <= 0:
        return None
    p = middle / 100
    room = z * sqrt(p * (1 - p) / n)
    return Interval(max(0.0, 100 * (p - room)), min(100.0, 100 * (p + room)))


def stands(percent: float, n: int, middle: float) -> str:
    """SAME within the 95% limits, DIFFERENT outside those of 99.8%, PERHAPS between the two. Where everybody says the
    same there is no chance to allow for, and nothing is called different."""
    usual, far = limits(middle, n), limits(middle, n, ACTION)
    if usual is None or far is None or usual.high == usual.low or usual.holds(percent):
        return SAME
    return PERHAPS if far.holds(percent) else DIFFERENT


def moved(before: float, n_before: int, now: float, n_now: int) -> bool:
    """Whether two shares, of different people or times, differ by more than chance explains (Newcombe's interval of
    the difference, 95%)."""
    first, second = wilson(before, n_before), wilson(now, n_now)
    if first is None or second is None:
        return False
    change = now - before
    low = change - sqrt((now - second.low) ** 2 + (first.high - before) ** 2)
    high = change + sqrt((second.high - now) ** 2 + (before - first.low) ** 2)
    return low > 0 or high < 0
