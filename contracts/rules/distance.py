"""How far from home a child lives, by the DfE's formula, and on which side of the authority's boundary.

Distance: sqrt((E1-E2)^2 + (N1-N2)^2) / 1000 / 1.6093 miles between grid references in metres, rounded to
one place (SSDA903 guidance, as the national validator has it). Exact arithmetic: whole metres, Decimal, half up.
"""

from collections.abc import Collection
from decimal import ROUND_HALF_UP, Context, Decimal

METRES_A_MILE = Decimal("1609.3")
TENTH = Decimal("0.1")
FAR = Decimal(20)
_EXACT = Context(prec=40, rounding=ROUND_HALF_UP)
# The countries whose places the SSDA903 calls outside every English authority, by the first letter of their code.
ELSEWHERE = {"S": "SCO", "W": "WAL", "N": "NIR"}

NEAR_IN, NEAR_OUT = "20 miles or less, inside the authority", "20 miles or less, outside the authority"
FAR_IN, FAR_OUT = "Over 20 miles, inside the authority", "Over 20 miles, outside the authority"
UNKNOWN = "Distance not known or not recorded"
LABELS = (NEAR_IN, NEAR_OUT, FAR_IN, FAR_OUT, UNKNOWN)


def miles(easting_1: int, northing_1: int, easting_2: int, northing_2: int) -> Decimal:
    """Miles between two grid references in metres, to one decimal place."""
    square = (easting_1 - easting_2) ** 2 + (northing_1 - northing_2) ** 2
    return _EXACT.divide(Decimal(square).sqrt(_EXACT), METRES_A_MILE).quantize(TENTH, context=_EXACT)


def over_20(distance: Decimal) -> bool:
    """Whether the DfE counts it as over 20 miles: 20.0 exactly is not."""
    return distance > FAR


def boundary(own_codes: Collection[str], code: str) -> str:
    """ "in", "out", or "" where the place is not known. `code` is an upper-tier ONS code, or one of another country."""
    if not code:
        return ""
    return "in" if code in own_codes else "out"


def country_of(code: str) -> str:
    """SCO, WAL or NIR for a code of another country; empty for an English one."""
    return ELSEWHERE.get(code[:1], "")


def label(distance: Decimal | None, side: str) -> str:
    """The DfE's label of a placement; both distance and side must be known for any but the last."""
    if distance is None or not side:
        return UNKNOWN
    if over_20(distance):
        return FAR_IN if side == "in" else FAR_OUT
    return NEAR_IN if side == "in" else NEAR_OUT
