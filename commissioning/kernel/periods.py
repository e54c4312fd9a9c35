"""Periods of days, half-open as everywhere: `starts_on` belongs to the period, `ends_before` does not.

Pure arithmetic. A period with an open end runs on; nothing here asks what day it is.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

_FINANCIAL_YEAR = re.compile(r"\s*(\d{4})\s*[/\u2013-]\s*(\d{2}|\d{4})\s*", re.ASCII)


def _day(value: object, name: str) -> None:
    # A datetime is a date to Python, and compares wrongly with one.
    if isinstance(value, dt.datetime) or not isinstance(value, dt.date):
        raise TypeError(f"{name} must be a date, not {type(value).__name__}")


@dataclass(frozen=True, slots=True)
class Period:
    """The days from `starts_on` until, and without, `ends_before`. None is an open end.

    Raises TypeError for anything but dates, ValueError where no day lies between them.
    """

    starts_on: dt.date | None
    ends_before: dt.date | None = None

    def __post_init__(self) -> None:
        if self.starts_on is not None:
            _day(self.starts_on, "starts_on")
        if self.ends_before is not None:
            _day(self.ends_before, "ends_before")
        if self.starts_on and self.ends_before and self.starts_on >= self.ends_before:
            raise ValueError(f"A period must end after it starts: {self.starts_on} to {self.ends_before}")

    def __contains__(self, day: object) -> bool:
        return isinstance(day, dt.date) and self.contains(day)

    @property
    def is_open(self) -> bool:
        """True where either end is open."""
        return self.starts_on is None or self.ends_before is None

    @property
    def days(self) -> int:
        """Number of days, which is also the number of nights. ValueError where an end is open."""
        starts_on, ends_before = self.bounds
        return (ends_before - starts_on).days

    @property
    def bounds(self) -> tuple[dt.date, dt.date]:
        """Both ends as dates. ValueError where one of them is open."""
        if self.starts_on is None or self.ends_before is None:
            raise ValueError("This period has an open end: bound it first, with intersect")
        return self.starts_on, self.ends_before

    def contains(self, day: dt.date) -> bool:
        """True where `day` is one of the days of this period."""
        _day(day, "day")
        return (self.starts_on is None or self.starts_on <= day) and (
            self.ends_before is None or day < self.ends_before
        )

    def covers(self, other: Period) -> bool:
        """True where every day of `other` is one of this period's."""
        return self.intersect(other) == other

    def overlaps(self, other: Period) -> bool:
        """True where the two share at least one day; periods that only touch do not."""
        return self.intersect(other) is not None

    def intersect(self, other: Period) -> Period | None:
        """The days that both have, or None."""
        starts = [day for day in (self.starts_on, other.starts_on) if day is not None]
        ends = [day for day in (self.ends_before, other.ends_before) if day is not None]
        starts_on, ends_before = max(starts, default=None), min(ends, default=None)
        if starts_on is not None and ends_before is not None and starts_on >= ends_before:
            return None
        return Period(starts_on, ends_before)

    def split_at(self, days: Iterable[dt.date]) -> list[Period]:
        """Consecutive periods that together are this one, a new one starting on each of `days` inside it."""
        cuts = sorted({day for day in days if self.contains(day) and day != self.starts_on})
        starts, ends = [self.starts_on, *cuts], [*cuts, self.ends_before]
        return [Period(start, end) for start, end in zip(starts, ends, strict=True)]

    def split_by_months(self) -> list[Period]:
        """This period cut at each first of a month. ValueError where an end is open."""
        return self.split_at(_firsts_of_months(*self.bounds))

    def split_by_financial_years(self) -> list[Period]:
        """This period cut at each 1 April. ValueError where an end is open."""
        starts_on, ends_before = self.bounds
        return self.split_at(dt.date(year, 4, 1) for year in range(starts_on.year, ends_before.year + 1))


def overlapping(periods: Iterable[Period]) -> list[tuple[Period, Period]]:
    """Each pair of neighbours, in order of their start, that share a day: empty where no two overlap."""
    ordered = sorted(periods, key=lambda period: period.starts_on or dt.date.min)
    clashes: list[tuple[Period, Period]] = []
    latest: Period | None = None  # the one that ends last so far
    for period in ordered:
        if latest is not None and latest.overlaps(period):
            clashes.append((latest, period))
        if latest is None or _end(period) > _end(latest):
            latest = period
    return clashes


def _end(period: Period) -> dt.date:
    return period.ends_before or dt.date.max


@dataclass(frozen=True, order=True, slots=True)
class FinancialYear:
    """A local authority's financial year, 1 April to 31 March, known by the year in which it starts."""

    start: int

    def __str__(self) -> str:
        return self.label

    @property
    def label(self) -> str:
        """As written: "2025/26"."""
        return f"{self.start}/{(self.start + 1) % 100:02d}"

    @property
    def starts_on(self) -> dt.date:
        return dt.date(self.start, 4, 1)

    @property
    def ends_before(self) -> dt.date:
        return dt.date(self.start + 1, 4, 1)

    @property
    def period(self) -> Period:
        return Period(self.starts_on, self.ends_before)

    @property
    def days(self) -> int:
        """365, or 366 where a 29 February lies in it."""
        return (self.ends_before - self.starts_on).days

    @property
    def following(self) -> FinancialYear:
        return FinancialYear(self.start + 1)

    @property
    def previous(self) -> FinancialYear:
        return FinancialYear(self.start - 1)


def financial_year(day: dt.date) -> FinancialYear:
    """The financial year in which `day` lies: 31 March 2026 is in 2025/26, 1 April 2026 in 2026/27."""
    _day(day, "day")
    return FinancialYear(day.year if day.month >= 4 else day.year - 1)


def parse_financial_year(text: str) -> FinancialYear:
    """ "2025/26", "2025-26" or "2025/2026" as a FinancialYear. ValueError names what is wrong with anything else."""
    found = _FINANCIAL_YEAR.fullmatch(text)
    if found is None:
        raise ValueError(f"{text!r} is not a financial year: write it as 2025/26")
    start, end = int(found[1]), found[2]
    if not 1 <= start < dt.MAXYEAR or int(end) != (start + 1 if len(end) == 4 else (start + 1) % 100):
        raise ValueError(f"{text!r} is not a financial year: its second year must follow its first, as in 2025/26")
    return FinancialYear(start)


def months_of(year: FinancialYear) -> list[Period]:
    """The twelve months of a financial year, April first."""
    return year.period.split_by_months()


def _firsts_of_months(starts_on: dt.date, ends_before: dt.date) -> Iterator[dt.date]:
    first = starts_on.replace(day=1)
    while first < ends_before:
        yield first
        if (first.year, first.month) == (dt.MAXYEAR, 12):
            return
        first = (first + dt.timedelta(days=31)).replace(day=1)
