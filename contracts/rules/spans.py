"""The days that a spend page tells of: a financial year, or months, and never beyond today."""

from dataclasses import dataclass
from datetime import date, timedelta

from commissioning.kernel.periods import FinancialYear, Period, financial_year
from commissioning.partnership.rules.terms import add_months

FIRST_QUARTER = 3  # months of a year that is told of only when asked for


@dataclass(frozen=True)
class Span:
    """Half-open, not empty. `cut`: today came before its end."""

    first: date
    until: date
    cut: bool = False

    @property
    def year_before(self) -> "Span":
        """The same days a year earlier; cut where this one is."""
        return Span(add_months(self.first, -12), add_months(self.until, -12), self.cut)

    @property
    def months(self) -> list[Period]:
        return Period(self.first, self.until).split_by_months()

    @property
    def words(self) -> str:
        """ "in 2025/26", "in March 2026", "from 1 to 20 April 2026", "from April to 20 June 2026"."""
        last = self.until - timedelta(days=1)
        year = financial_year(self.first)
        if not self.cut and (self.first, self.until) == (year.starts_on, year.ends_before):
            return f"in {year.label}"
        if not self.cut and (self.first.year, self.first.month) == (last.year, last.month):
            return f"in {self.first:%B %Y}"
        end = f"{last.day} {last:%B %Y}" if self.cut else f"{last:%B %Y}"
        if (self.first.year, self.first.month) == (last.year, last.month):
            return f"from {self.first.day} to {end}"
        return f"from {self.first:%B}{'' if self.first.year == last.year else f' {self.first:%Y}'} to {end}"


def usual_year(today: date) -> FinancialYear:
    """This financial year once its first quarter is over; the one before until then."""
    year = financial_year(today)
    return year if today >= add_months(year.starts_on, FIRST_QUARTER) else year.previous


def chosen(year: FinancialYear, from_month: date | None, to_month: date | None, today: date) -> Span:
    """The year, or the months where one is given: first days of the first and of the last month.

    A month without its fellow runs to the end of the year, or from its beginning, where it lies in it, and stands
    alone otherwise. The wrong way round is put right. Months to come hold nothing yet, so today ends the span; one
    that lies ahead altogether is today alone.
    """
    if from_month and to_month and to_month < from_month:
        from_month, to_month = to_month, from_month
    within = year.period
    if from_month and not to_month and not within.contains(from_month):
        to_month = from_month
    if to_month and not from_month and not within.contains(to_month):
        from_month = to_month
    first = from_month or year.starts_on
    until = add_months(to_month, 1) if to_month else year.ends_before
    tomorrow = today + timedelta(days=1)
    return Span(min(first, today), min(until, tomorrow), cut=until > tomorrow)
