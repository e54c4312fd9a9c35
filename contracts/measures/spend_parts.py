"""Spend as its page, workbook and tables take it: by month, route, part, year, funder, and group of children.

Everything here is added up from rows of spend_rows(), so no two tables can disagree.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet

from commissioning.kernel.periods import FinancialYear, Period, financial_year

from ..rules.shares import Bought, per_cent, spot_costs_more, total
from ..rules.spans import Span
from .spend import SpendRow, spend_rows

GROUPS = {  # of the public sector equality duty
    "ethnicity": "Ethnicity",
    "disability": "Disability",
    "care_status": "Care status",
    "sex": "Sex",
    "age_band": "Age",
}


@dataclass(frozen=True)
class Part:
    """Some of what was bought: of a month, a kind of home, a group of children. `value` is the dimension's own."""

    value: Any
    bought: Bought
    by_route: Mapping[str, Bought]
    costs_more: Decimal | None = None  # pounds a week that spot costs above the frameworks, same kind of home

    def share(self, route: str) -> Decimal | None:
        """Per cent of nights."""
        return per_cent(self.of(route).nights, self.bought.nights)

    def of(self, route: str) -> Bought:
        return self.by_route.get(route, Bought())


def parts(rows: Sequence[SpendRow], place: int, route: int, service: int | None = None) -> list[Part]:
    """One part for each value at `place` of the rows' keys, in the order of the rows."""
    found: dict[Any, list[SpendRow]] = {}
    for row in rows:
        found.setdefault(row.key[place], []).append(row)
    return [
        Part(
            value, total(mine), added(mine, route),
            spot_costs_more({kind: added(of, route) for kind, of in grouped(mine, service).items()})
            if service is not None
            else None,
        )
        for value, mine in found.items()
    ]  # fmt: skip


def grouped(rows: Iterable[SpendRow], place: int) -> dict[Any, list[SpendRow]]:
    found: dict[Any, list[SpendRow]] = {}
    for row in rows:
        found.setdefault(row.key[place], []).append(row)
    return found


def added(rows: Iterable[SpendRow], place: int) -> dict[Any, Bought]:
    """What was bought for each value at `place` of the keys."""
    return {value: total(mine) for value, mine in grouped(rows, place).items()}


@dataclass(frozen=True)
class Summary:
    """One span: by month, by route and later state, the whole, how much more spot cost, and the same a year before."""

    span: Span
    whole: Part
    before: Part
    months: list[Part]  # value: the Period of days
    states: Mapping[tuple[str, str], Bought]


def summary(span: Span, placements: QuerySet, state: str) -> Summary:
    """Two questions to the database, whatever the number of purchases."""
    rows = _rows(span, ("month", "route", "state", "service"), placements, state)
    months = {part.value: part for part in parts(rows, 0, 1)}
    states: dict[tuple[str, str], list[SpendRow]] = {}
    for row in rows:
        states.setdefault((row.key[1], row.key[2]), []).append(row)
    return Summary(
        span,
        _whole(rows, 1, 3),
        _whole(_rows(span.year_before, ("route", "service"), placements, state), 0, 1),
        [_in_month(each, months) for each in span.months],
        {key: total(mine) for key, mine in states.items()},
    )


def split(span: Span, dimension: str, placements: QuerySet, state: str) -> list[Part]:
    """What was bought by each value of the dimension, the dearest first."""
    if dimension == "service":
        found = parts(_rows(span, ("service", "route"), placements, state), 0, 1, service=0)
    else:
        found = parts(_rows(span, (dimension, "route", "service"), placements, state), 0, 1, service=2)
    return sorted(found, key=lambda part: (-part.bought.gross, -part.bought.nights))


def years(begins: date, today: date, placements: QuerySet, state: str) -> list[Part]:
    """Each financial year from the first purchase to today, this one up to today; `value` is the FinancialYear."""
    span = Span(financial_year(begins).starts_on, today + timedelta(days=1))
    rows = _rows(span, ("month", "route", "service"), placements, state)
    found = grouped(rows, 0)
    every = range(financial_year(begins).start, financial_year(today).start + 1)
    return [
        _whole([row for month, mine in found.items() if financial_year(month) == year for row in mine], 1, 2, year)
        for year in map(FinancialYear, every)
    ]


def groups(span: Span, placements: QuerySet, state: str) -> dict[str, list[Part]]:
    """The equality duty: name of GROUPS -> its parts, each night counted by what was so on the first day of its part of
    a month (age, care status), or is recorded of the child."""
    found = {}
    for name in GROUPS:
        rows = _rows(span, ("month", name, "route", "service"), placements, state)
        found[name] = parts(sorted(rows, key=lambda row: str(row.key[1])), 1, 2, service=3)
    return found


def _rows(span: Span, by: tuple[str, ...], placements: QuerySet, state: str) -> list[SpendRow]:
    return spend_rows(first=span.first, until=span.until, by=by, placements=placements, state=state)


def _whole(rows: Sequence[SpendRow], route: int, service: int, value: Any = None) -> Part:
    kinds = {kind: added(mine, route) for kind, mine in grouped(rows, service).items()}
    return Part(value, total(rows), added(rows, route), spot_costs_more(kinds))


def _in_month(days: Period, months: Mapping[date, Part]) -> Part:
    assert days.starts_on is not None
    part = months.get(days.starts_on.replace(day=1))
    return Part(days, part.bought, part.by_route) if part else Part(days, Bought(), {})
