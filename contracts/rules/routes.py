"""The route of a purchase, fixed at call-off by that day's facts, and what became of it since."""

from dataclasses import dataclass
from datetime import date

# framework kind (partnership/rules/codes.py FRAMEWORK_KINDS) -> route
ROUTE_OF_KIND = {
    "framework": "framework",
    "register": "framework",
    "dynamic_market": "dynamic_market",
    "dps": "dynamic_market",
    "block": "block",
}


@dataclass(frozen=True)
class Facts:
    """What the call-off day knew of the award that is claimed. Periods are half-open; None is an open end."""

    framework_kind: str
    framework_starts_on: date
    framework_ends_before: date | None  # with the extensions taken
    award_starts_on: date
    award_ends_before: date | None
    participation: tuple[tuple[date, date | None], ...]  # the authority's own periods in the framework
    fits_service: bool  # the lot is let for this service


def route_of(day: date, facts: Facts | None, *, in_house: bool) -> str:
    """The route called off on `day`. Without an award: in-house where the authority itself provides, else spot."""
    if in_house:
        return "in_house"
    if facts is None or why_not(day, facts):
        return "spot"
    return ROUTE_OF_KIND[facts.framework_kind]


def why_not(day: date, facts: Facts) -> str:
    """Why nothing could be called off from this award on the day, in words; empty where it could."""
    if not _within(day, facts.framework_starts_on, facts.framework_ends_before):
        return "the framework was not running that day"
    if not _within(day, facts.award_starts_on, facts.award_ends_before):
        return "the provider had no place on the lot that day"
    if not any(_within(day, starts_on, ends_before) for starts_on, ends_before in facts.participation):
        return "the authority did not take part in the framework that day"
    if not facts.fits_service:
        return "the lot is let for another service"
    return ""


def later_states(
    starts_on: date,
    ends_before: date | None,
    *,
    initial_end: date | None,
    framework_end: date | None,
    award_end: date | None,
) -> list[tuple[str, date, date | None]]:
    """(state, from, until) of a framework purchase over its life, in order, without gaps: each night has one state.

    `initial_end` is the end of the framework's first term, `framework_end` with the extensions taken, `award_end` the
    end of the provider's place. A framework that has ended outweighs a provider that has left, and that an extension.
    A placement with no days gives an empty list.
    """
    cuts = sorted({day for day in (initial_end, framework_end, award_end) if day is not None and day > starts_on})
    states: list[tuple[str, date, date | None]] = []
    begins = starts_on
    for day in [*(cut for cut in cuts if ends_before is None or cut < ends_before), ends_before]:
        state = _state(begins, initial_end, framework_end, award_end)
        if states and states[-1][0] == state:
            states[-1] = (state, states[-1][1], day)
        elif day is None or day > begins:
            states.append((state, begins, day))
        if day is not None:
            begins = day
    return states


def _state(day: date, initial_end: date | None, framework_end: date | None, award_end: date | None) -> str:
    if framework_end is not None and day >= framework_end:
        return "framework_ended"
    if award_end is not None and day >= award_end:
        return "provider_left"
    if initial_end is not None and day >= initial_end:
        return "extension"
    return "in_force"


def _within(day: date, starts_on: date, ends_before: date | None) -> bool:
    return starts_on <= day and (ends_before is None or day < ends_before)
