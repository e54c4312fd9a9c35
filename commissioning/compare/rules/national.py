"""What the Department for Education (DfE) publishes of authorities: its areas, signs, years and measures.

Layouts: the Local Authority Interactive Tool (LAIT) and the releases on Explore education statistics (EES). Codes are
DfE's own; polarity and units follow DfE's data dictionary of LAIT.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

ENGLAND = "E92000001"
LONDON = "E12000007"
# ONS or DfE code -> (name, DfE's number in LAIT). DfE publishes London whole and in two parts.
AREAS = {
    ENGLAND: ("England", "970"),
    "E12000001": ("North East", "980"),
    "E12000002": ("North West", "981"),
    "E12000003": ("Yorkshire and The Humber", "982"),
    "E12000004": ("East Midlands", "983"),
    "E12000005": ("West Midlands", "984"),
    "E12000006": ("East of England", "985"),
    LONDON: ("London", "986"),
    "E13000001": ("Inner London", "987"),
    "E13000002": ("Outer London", "988"),
    "E12000008": ("South East", "989"),
    "E12000009": ("South West", "990"),
}
PARTS_OF_LONDON = ("E13000001", "E13000002")
AREA_NUMBERS = {number: code for code, (_, number) in AREAS.items()}

# Why a figure is not there (DfE's guidance on symbols).
SIGNS = {
    "c": "withheld by DfE: few children stand behind it",
    "z": "does not apply here",
    "x": "not available",
    "k": "not nought, but rounds to it",
    "low": "not nought, but rounds to it",
    "-": "not published",
}

LAIT, EES = "Local Authority Interactive Tool", "Children looked after in England"
SHORT = {LAIT: "Interactive Tool", EES: "looked-after release"}

WEEKLY, POUNDS, PERCENT, NUMBER, RATE, SCORE, PLAIN = (
    "pounds_week", "pounds", "percent", "number", "rate_10000", "score", "",
)  # fmt: skip
UNITS = {
    WEEKLY: "£ a week", POUNDS: "£", PERCENT: "%", NUMBER: "", RATE: "per 10,000 children", SCORE: "score", PLAIN: "",
}  # fmt: skip
# Units in which a large authority and a small one can be held against each other.
COMPARABLE = (WEEKLY, PERCENT, RATE, SCORE)
LOW, HIGH = "low", "high"


@dataclass(frozen=True)
class Known:
    """A measure that is known here. `good`: whether low or high is good; empty where DfE says neither."""

    title: str
    unit: str
    good: str = ""
    source: str = LAIT
    means: str = ""  # where no file of definitions tells of it


_COST = "Approximate, from the section 251 outturn; rounded to £5."
_STABLE = "Children looked after under a series of short-term placements are left out."
MEASURES: dict[str, Known] = {
    "LACFinance": Known(
        "Weekly cost of a child looked after", WEEKLY,
        means=f"Spend on children looked after, by the number looked after on 31 March, / 365 x 7. {_COST}",
    ),
    "FosteringFinance": Known(
        "Weekly cost of a foster placement", WEEKLY,
        means=f"Spend on fostering, by the number of foster placements on 31 March, / 365 x 7. {_COST}",
    ),
    "RescareFinance": Known(
        "Weekly cost of a residential placement", WEEKLY,
        means=f"Spend on residential care, by days of care in homes, secure units and schools (K1, K2, R1, S1), "
        f"x 7. {_COST}",
    ),
    "AdoptionFinance": Known("Weekly cost of adoption services for a child", WEEKLY),
    "SWFinance": Known("Weekly cost of social work and commissioning for a child in need", WEEKLY),
    "TotalLACFinance": Known("Total gross spend on children looked after", POUNDS),
    "LAC": Known("Children looked after, for every 10,000 children", RATE),
    "LACnum": Known("Children looked after on 31 March", NUMBER),
    "Unacc_Asylmn_Seek_Childn": Known("Unaccompanied children looked after on 31 March", NUMBER),
    "LACStable_2016on": Known("Children with three or more placements in the year", PERCENT, LOW),
    "LACStableNum_2016on": Known("Number of children with three or more placements in the year", NUMBER),
    "LAC_LongStable%": Known("Children in the same placement for two years or more", PERCENT, HIGH),
    "LAC_LongStableNum": Known("Number of children in the same placement for two years or more", NUMBER),
    "LACDistance": Known("Children placed over 20 miles away and outside the boundary", PERCENT, LOW),
    "LAC_Foster_Placements": Known("Children in foster placements", PERCENT, HIGH),
    "LAC_SecHome_And_ChildHome": Known("Children in secure and children’s homes", PERCENT),
    "LAC_Ind_SInd_Liv_Arr": Known("Children in independent and semi-independent living", PERCENT),
    "LAC_Other_Res_Settings": Known("Children in other residential settings", PERCENT),
    "LAC_Parents_OR_Others": Known("Children placed with parents", PERCENT, HIGH),
    "Stability_SocialWorker": Known("Children with three or more social workers in the year", PERCENT, LOW),
    "LACHealth%": Known("Children with an annual health assessment", PERCENT, HIGH),
    "LACVaccinations%": Known("Children whose immunisations are up to date", PERCENT, HIGH),
    "LACDental%": Known("Children whose teeth were checked by a dentist", PERCENT, HIGH),
    "LACSubstance": Known("Children with a substance misuse problem", PERCENT, LOW),
    "Emotional_LAC": Known("Emotional and behavioural health of children looked after", SCORE, LOW),
    "Children_missing": Known("Children who were missing from care", PERCENT),
    "NoCareLeavers": Known("Care leavers aged 19 to 21", NUMBER),
    "CareLeaverAcc": Known("Care leavers aged 19 to 21 in suitable accommodation", PERCENT, HIGH),
    "NoCareLeaverAcc": Known("Number of care leavers in suitable accommodation", NUMBER),
    "CareLeaverEET": Known("Care leavers in education, employment or training", PERCENT, HIGH),
    "CareLeaversNEET": Known("Care leavers not in education, employment or training", PERCENT, LOW),
    "StayingPut": Known("Care leavers staying with their former foster carers", PERCENT, HIGH),
    "stability_percent": Known("Placement stability, by group of children", PERCENT, source=EES, means=_STABLE),
    "stability_number": Known("Placement stability, number of children", NUMBER, source=EES, means=_STABLE),
    "netgain_number": Known(
        "Children placed into and out of the area", NUMBER, source=EES,
        means="Children of other authorities placed within the boundary, own children placed outside it, and the net "
        "gain: the first less the second.",
    ),
    "distance_percent": Known("Distance from home and boundary", PERCENT, source=EES),
    "distance_number": Known("Distance from home and boundary, number of children", NUMBER, source=EES),
    "provision_percent": Known("Kind of placement and of provider", PERCENT, source=EES),
    "provision_number": Known("Kind of placement and of provider, number of children", NUMBER, source=EES),
}  # fmt: skip
ORDER = {code: place for place, code in enumerate(MEASURES)}


def known(code: str, title: str = "", good: str = "") -> Known:
    """The measure of this code; one that is not known here goes by what the dictionary calls it."""
    return MEASURES.get(code) or Known(title or code, PLAIN, good)


_YEAR = re.compile(r"(?P<first>(?:19|20)\d\d)(?:[-/–]?(?P<second>\d\d))?(?: ?\((?:OT|BU)\))?")


def period_of(text: str) -> str | None:
    """ "2024" for the year to 31 March 2024, "2024-25" for a financial year: of "2024", "2024-25 (OT)", "202425".
    None where the text names no year, or two that do not follow each other."""
    found = _YEAR.fullmatch(text.strip())
    if found is None:
        return None
    first, second = found["first"], found["second"]
    if second is None:
        return first
    return f"{first}-{second}" if (int(first) + 1) % 100 == int(second) else None


def median(values: Iterable[Decimal]) -> Decimal | None:
    """The value in the middle, or halfway between the two in the middle; None of none."""
    ordered = sorted(values)
    if not ordered:
        return None
    middle = len(ordered) // 2
    return ordered[middle] if len(ordered) % 2 else (ordered[middle - 1] + ordered[middle]) / 2


MUCH_MORE = 2  # times the median of the neighbours: FORMATS of the field, on an outlier of 2024-25


def stands_out(value: Decimal | None, others: Sequence[Decimal], *, unit: str) -> bool:
    """Whether a figure is more than twice the neighbours' median, in a unit that an authority's size leaves alone."""
    typical = median(others)
    return bool(unit in COMPARABLE and value is not None and typical and typical > 0 and value > MUCH_MORE * typical)


def place_among(value: Decimal, others: Iterable[Decimal]) -> int:
    """1 for the highest; equal figures share a place."""
    return 1 + sum(1 for other in others if other > value)
