"""How national figures are worded: in their unit, in a sentence, and with what to beware of."""

import re
from collections.abc import Sequence
from decimal import Decimal

from commissioning.kernel import wording

from ..measures.national import CHOSEN, ENGLAND, MEMBER, NEIGHBOUR, OURS, REGION, Beside, Line, Offered
from ..rules import national

CAUTION = "More than twice {than}: published as it stands; ask how it was counted."
GOOD = {
    national.LOW: "DfE reads a low figure as good.", national.HIGH: "DfE reads a high figure as good.",
    "": "DfE’s dictionary calls neither a high nor a low figure good.",
}  # fmt: skip
_NO_TRADE = " A cost says nothing of how good the care is."


def in_words(value: Decimal, unit: str) -> str:
    """ "£9,880 a week", "12%", "58 per 10,000 children"."""
    match unit:
        case national.WEEKLY:
            return f"{wording.pounds(value, whole=True)} a week"
        case national.POUNDS:
            return wording.pounds(value, whole=True)
        case national.PERCENT:
            return wording.percent(value, places=0 if value == value.to_integral_value() else 1)
        case national.RATE:
            return f"{wording.number(value)} per 10,000 children"
    return wording.number(value)


def short(value: Decimal, unit: str) -> str:
    """The figure for a bracket: the unit stands before already."""
    return in_words(value, unit).removesuffix(" a week").removesuffix(" per 10,000 children")


def good(measure: national.Known) -> str:
    if measure.source == national.EES:
        return "The release does not say whether a high or a low figure is good: that depends on the part shown."
    return GOOD[measure.good] + (_NO_TRADE if measure.unit == national.WEEKLY else "")


_NUMBERED = re.compile(r"(^|: )\d+[a-z]?\.?(?:i+)? +")


def part_in_words(part: str) -> str:
    """Without the numbers that keep DfE's rows in order: "All children: 20 miles or less"."""
    return _NUMBERED.sub(r"\1", part)


def name_of(offered: Offered, part: str) -> str:
    return f"{offered.known.title}: {part_in_words(part)}" if part else offered.known.title


def answer(found: Beside, measure: Offered) -> str:
    """One sentence: our figure, and on which side of neighbours, region and England it lies."""
    unit, year, period = measure.known.unit, found.year, found.years[found.year]
    ours, value = found.ours, found.ours.value(found.year)
    if not measure.of_authorities:
        return _england_alone(found, unit)
    if value is None:
        figure = ours.figures.get(year)
        why = f"the sign is {figure.sign}, {national.SIGNS[figure.sign]}" if figure else "no figure of it is loaded"
        return f"{ours.name} has no published figure for {period}: {why}."
    # A count of children or of pounds is always below that of a region.
    wider = [*found.of_kind(REGION)[:1], *found.of_kind(ENGLAND)] if unit in national.COMPARABLE else []
    against = [(line.name, line.value(year)) for line in wider]
    if (median := found.median(year)) is not None:
        against.insert(0, ("the median of its statistical neighbours", median))
    sides = {"above": [], "the same as": [], "below": []}
    for name, other in against:
        if other is not None:
            side = "above" if value > other else "below" if value < other else "the same as"
            sides[side].append(f"{name} ({short(other, unit)})")
    said = "; ".join(f"{side} {_listed(names)}" for side, names in sides.items() if names)
    return f"{ours.name}: {in_words(value, unit)} in {period}" + (f", {said}" if said else "") + _among(found, value)


def _england_alone(found: Beside, unit: str) -> str:
    value = found.lines[-1].value(found.year)
    said = in_words(value, unit) if value is not None else "no figure"
    return f"England: {said} in {found.years[found.year]}; DfE publishes this for England alone."


def _among(found: Beside, value: Decimal) -> str:
    members = found.values(MEMBER, found.year)
    if MEMBER not in found.ours.kinds or len(set(members)) < 2:
        return "."
    place = national.place_among(value, members)
    from_below = sum(1 for other in members if other < value) + 1
    ends = {1: "the highest"}.get(place) or ("the lowest" if from_below == 1 else f"{_ordinal(place)} highest")
    return f"; {ends} of the partnership’s {len(members)} members with a figure."


def _ordinal(number: int) -> str:
    suffix = "th" if 10 <= number % 100 <= 20 else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{suffix}"


def _listed(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else ", ".join(names[:-1]) + f" and {names[-1]}"


def who(line: Line) -> str:
    """What a row is to us: "Member, neighbour 3 (close)"."""
    words = {
        OURS: "ours", CHOSEN: "chosen by you", MEMBER: "member",
        NEIGHBOUR: f"neighbour {line.rank}" + (f" ({line.closeness.lower()})" if line.closeness else ""),
        REGION: "region", ENGLAND: "country",
    }  # fmt: skip
    kinds = [kind for kind in line.kinds if kind != MEMBER] if OURS in line.kinds else line.kinds
    return wording.capital(", ".join(words[kind] for kind in kinds))


def standing_out(lines: Sequence[Line], year: int, unit: str) -> str:
    """Who is much above its like, in a sentence; empty where nobody is."""
    names = [line.name for line in lines if national.stands_out(line.value(year), line.others, unit=unit)]
    if not names:
        return ""
    have, them = ("has", "it") if len(names) == 1 else ("have", "them")
    return f"{_listed(names)} {have} more than twice the figure of authorities like {them}"


def remark(line: Line, year: int, unit: str) -> str:
    """Why there is no figure, or what to beware of in one."""
    figure = line.figures.get(year)
    if figure is None:
        return "No figure of it is loaded."
    if figure.sign:
        return f"{figure.sign}: {national.SIGNS[figure.sign]}."
    if national.stands_out(figure.value, line.others, unit=unit):
        than = "its neighbours’ median" if len(line.others) > 1 else "its region’s figure"
        typical = national.median(line.others)
        return CAUTION.format(than=f"{than} ({short(typical, unit)})" if typical is not None else than)
    return ""
