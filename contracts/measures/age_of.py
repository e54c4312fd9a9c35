"""A child's age on a day of its row, and the month of birth, worked out in the database: what lists may show of a
birth (rules/ages.py says the same in Python)."""

from typing import Any

from django.db.models import Case, F, Func, IntegerField, TextField, Value, When
from django.db.models.functions import ExtractDay, ExtractMonth, ExtractYear, Greatest
from django.db.models.lookups import LessThan


def age_of(child: str, day: str) -> Case:
    """Whole years on the day in the column `day` of the child at the path `child`; null where nothing is recorded."""
    born, since = F(f"{child}__born_on"), F(f"{child}__age_recorded_on")
    nought = Value(0)
    return Case(
        When(**{f"{child}__born_on__isnull": False}, then=Greatest(nought, _years(born, F(day)))),
        When(
            **{f"{child}__age_recorded__isnull": False, f"{child}__age_recorded_on__isnull": False},
            then=Greatest(nought, F(f"{child}__age_recorded") + _years(since, F(day))),
        ),
        output_field=IntegerField(),
    )


def birth_month_of(child: str) -> Func:
    """ "2012-05"; null where no birth is recorded."""
    return Func(F(f"{child}__born_on"), Value("YYYY-MM"), function="to_char", output_field=TextField())


def _years(since: F, day: F) -> Any:
    not_yet = LessThan(_in_year(day), _in_year(since))
    return ExtractYear(day) - ExtractYear(since) - Case(When(not_yet, then=Value(1)), default=Value(0))


def _in_year(day: F) -> Any:
    return ExtractMonth(day) * 100 + ExtractDay(day)
