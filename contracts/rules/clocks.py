"""When things about a placement are due: meetings, notices to the host authority, visits, and ends of orders.

Working days leave out Saturdays, Sundays and the bank holidays of England and Wales (Banking and Financial Dealings Act
1971, and the days proclaimed for 2020, 2022 and 2023).
"""

from datetime import date, timedelta
from decimal import Decimal
from functools import cache

from commissioning.kernel.money import round_half_up

ONE_DAY = timedelta(days=1)
SOON = timedelta(days=28)  # the partnership's own setting: how early an end that comes is shown

# Regulation 13(4) of the Care Planning, Placement and Case Review (England) Regulations 2010, added by S.I. 2013/3239:
# the area authority is told before the placement, or within five working days of its start in an emergency.
HOST_TOLD_WITHIN = 5
# The partnership's own setting: the planning meeting is held within as many working days of the first night.
PLANNING_WITHIN = 5
HOST_RULE = (
    "Another authority is told before a planned placement starts, and within five working days of the start where it "
    "was made in an emergency (regulation 13(4) of the Care Planning, Placement and Case Review (England) Regulations "
    "2010). Where nothing says whether it was planned, five working days are allowed. Check with your legal team."
)
PLANNING_RULE = (
    "A planning meeting is due within five working days of the first night: the partnership’s own setting. A meeting "
    "that was given another date is judged by that date."
)

MOVED = {  # a bank holiday that a proclamation moved: from -> to
    date(2020, 5, 4): date(2020, 5, 8),
    date(2022, 5, 30): date(2022, 6, 2),
}
PROCLAIMED = {date(2022, 6, 3), date(2022, 9, 19), date(2023, 5, 8)}


@cache
def bank_holidays(year: int) -> frozenset[date]:
    """The bank holidays of England and Wales in a year, Good Friday and Christmas Day among them."""
    sunday = easter(year)
    days = {sunday - 2 * ONE_DAY, sunday + ONE_DAY}
    days.add(_first_monday(date(year, 5, 1)))
    days.add(_first_monday(date(year, 5, 25)))  # the last Monday of May
    days.add(_first_monday(date(year, 8, 25)))  # the last Monday of August
    for day in (date(year, 1, 1), date(year, 12, 25), date(year, 12, 26)):
        while day.weekday() > 4 or day in days:  # one that falls on a weekend is kept on the next free weekday
            day += ONE_DAY
        days.add(day)
    return frozenset({MOVED.get(day, day) for day in days} | {day for day in PROCLAIMED if day.year == year})


def easter(year: int) -> date:
    """Easter Sunday of a Gregorian year (the anonymous algorithm of Nature, 1876)."""
    century, of_century = divmod(year, 100)
    golden = year % 19
    moon = (19 * golden + century - century // 4 - (century - (century + 8) // 25 + 1) // 3 + 15) % 30
    week = (32 + 2 * (century % 4) + 2 * (of_century // 4) - moon - of_century % 4) % 7
    shift = (golden + 11 * moon + 22 * week) // 451
    month, day = divmod(moon + week - 7 * shift + 114, 31)
    return date(year, month, day + 1)


def _first_monday(day: date) -> date:
    return day + timedelta(days=-day.weekday() % 7)


def is_working(day: date) -> bool:
    return day.weekday() < 5 and day not in bank_holidays(day.year)


def working_days_after(day: date, number: int) -> date:
    """The last of `number` working days that follow the day; the day itself does not count."""
    while number > 0:
        day += ONE_DAY
        number -= is_working(day)
    return day


def planning_due(starts_on: date) -> date:
    return working_days_after(starts_on, PLANNING_WITHIN)


def host_due(starts_on: date, *, planned: bool) -> date:
    """The last day on which the host authority is told in time. `planned`: a referral says that there was time."""
    return starts_on if planned else working_days_after(starts_on, HOST_TOLD_WITHIN)


def visit_due(last_visited_on: date | None, starts_on: date, every_days: int | None) -> date | None:
    """The day by which somebody visits again, counted from the last visit or the beginning; None where none is set."""
    return (last_visited_on or starts_on) + timedelta(days=every_days) if every_days else None


def order_state(ends_before: date | None, today: date) -> str:
    """Of an order's end: "open" without one, "over", "soon" within four weeks, else "runs"."""
    if ends_before is None:
        return "open"
    if ends_before <= today:
        return "over"
    return "soon" if ends_before <= today + SOON else "runs"


def share(part: int, whole: int) -> int | None:
    """Whole per cent, halves up; None of nothing."""
    return int(round_half_up(Decimal(part * 100) / Decimal(whole), Decimal(1))) if whole else None


def notice_days(notice_given_on: date | None, ends_before: date | None) -> int | None:
    """Days from notice to the day the child left; None where either is not recorded."""
    return (ends_before - notice_given_on).days if notice_given_on and ends_before else None
