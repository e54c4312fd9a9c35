"""How many homes a child had, and how long in the last: DfE's measures (LAIT), from stays.

A short stay with return is no move: DfE's text does not say how holidays, hospital and respite are handled, and the
older rule (NI 62) left them out. The flag below does so, and every page that shows the figure prints it.
"""

from calendar import monthrange
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

SHORT_STAYS_LEFT_OUT = True
MOVES = 3  # "three or more"
UNDER = 16
LASTS_MONTHS, IN_CARE_MONTHS = 24, 30
HOUSES = ("residential", "secure", "school", "family")  # where one registration is one house
NOT_COUNTED = ("V3", "V4")  # short breaks
FLAG = "Short stays with return are left out." if SHORT_STAYS_LEFT_OUT else "Short stays with return are counted."
Place = tuple[str, int]


@dataclass(frozen=True)
class Stay:
    """`place` is the house, where that is known. `status_only`: what followed was a change on paper, and no move."""

    starts_on: date
    ends_before: date | None
    provider: int | None = None
    place: Place | None = None
    short: bool = False
    status_only: bool = False


@dataclass(frozen=True)
class Home:
    starts_on: date
    ends_before: date | None


def place_of(service_type: str, premises: int | None, establishment: int | None) -> Place | None:
    """An address tells a house; so does a children's home. An agency or a provider of many addresses does not."""
    if premises is not None:
        return "premises", premises
    if establishment is not None and service_type in HOUSES:
        return "home", establishment
    return None


def homes_of(stays: Iterable[Stay], *, short_stays_left_out: bool = SHORT_STAYS_LEFT_OUT) -> list[Home]:
    """Stays made into homes, oldest first: those that follow each other in one house, or by a change on paper, are
    one."""
    rows = sorted(stays, key=lambda stay: stay.starts_on)
    away = [stay for stay in rows if stay.short] if short_stays_left_out else []
    homes: list[Home] = []
    last: Stay | None = None
    for stay in rows:
        if stay.short and short_stays_left_out:
            continue
        if last is not None and _goes_on(last, stay, away):
            homes[-1] = Home(homes[-1].starts_on, stay.ends_before)
        else:
            homes.append(Home(stay.starts_on, stay.ends_before))
        last = stay
    return homes


def _goes_on(last: Stay, stay: Stay, away: list[Stay]) -> bool:
    if last.ends_before is None:
        return False
    if last.ends_before == stay.starts_on:
        return last.status_only or (last.place is not None and last.place == stay.place)
    between = any(
        each.starts_on <= last.ends_before and each.ends_before is not None and each.ends_before >= stay.starts_on
        for each in away
    )
    return between and last.place == stay.place and last.provider == stay.provider


def homes_in_year(stays: Iterable[Stay], day: date) -> int:
    """Homes of the twelve months to the day; that of the first morning counts."""
    first = months_before(day, 12) + timedelta(days=1)
    return sum(
        home.starts_on <= day and (home.ends_before is None or home.ends_before > first) for home in homes_of(stays)
    )


def lasts(stays: Iterable[Stay], day: date) -> bool:
    """Whether the home of the day began two years before, or earlier."""
    return any(
        home.starts_on <= months_before(day, LASTS_MONTHS) and (home.ends_before is None or home.ends_before > day)
        for home in homes_of(stays)
    )


def in_care_long(spells: Iterable[tuple[date, date | None]], day: date) -> bool:
    """Looked after without a break for two and a half years. Spells that follow each other are one."""
    began: date | None = None
    for starts_on, ends_before in sorted(spells, key=lambda spell: spell[0], reverse=True):
        if began is None:
            if starts_on <= day and (ends_before is None or ends_before > day):
                began = starts_on
        elif ends_before == began:
            began = starts_on
    return began is not None and began <= months_before(day, IN_CARE_MONTHS)


def months_before(day: date, months: int) -> date:
    """The same day so many months before; the last of a month stays the last: 31 March 2023 -> 30 September 2020."""
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    last = monthrange(year, month + 1)[1]
    is_last = day.day == monthrange(day.year, day.month)[1]
    return date(year, month + 1, last if is_last else min(day.day, last))
