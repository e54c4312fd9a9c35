"""How sure a share is, and where a figure lies among others."""

from decimal import ROUND_HALF_UP, Decimal

NINETY_FIVE = Decimal("1.96")


def wilson(percent: Decimal | int, n: int) -> tuple[int, int] | None:
    """The 95% interval of a share (per cent) over n, in whole per cent (Wilson's score interval, which stays within 0
    and 100 and is fair to small n). None where n is nought."""
    if n <= 0:
        return None
    z2 = NINETY_FIVE * NINETY_FIVE
    p, size = Decimal(percent) / 100, Decimal(n)
    middle = (p + z2 / (2 * size)) / (1 + z2 / size)
    spread = NINETY_FIVE * (p * (1 - p) / size + z2 / (4 * size * size)).sqrt() / (1 + z2 / size)
    low, high = max(Decimal(0), middle - spread), min(Decimal(1), middle + spread)
    return _whole(low), _whole(high)


def _whole(share: Decimal) -> int:
    return int((share * 100).quantize(Decimal(1), ROUND_HALF_UP))


def position(ours: Decimal, lower: Decimal | None, median: Decimal | None, upper: Decimal | None) -> str:
    """Where an amount lies among the partnership's, in words; empty where too little is shown."""
    if lower is None or upper is None or median is None:
        return ""
    if ours < lower:
        return "below the middle half"
    if ours > upper:
        return "above the middle half"
    return "in the middle half"
