"""What the viewer's own young people answered over 24 months, by statement: pooled, and each of the two years apart.

An answer counts for each statement that its question serves; "did not want to say" counts for none. The interval is
worked out by people: two answers of one person are no two chances.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, F, Func, IntegerField, Max, Q

from commissioning.partnership.models import Statement
from commissioning.partnership.rules.terms import add_months

from ..models import SurveyAnswer
from ..rules.codes import AGREES_FROM
from .voice import PERSON, TELLS_FROM

MONTHS = 24


@dataclass(frozen=True)
class Voice:
    """Answers to one statement. `last` and `before`: (agree, of how many) in the last twelve months and in the twelve
    before. `fewest`: the people of that one of the two years in which fewer answered."""

    statement: Statement
    agree: int
    n: int
    people: int
    newest_on: date
    last: tuple[int, int]
    before: tuple[int, int]
    fewest: int

    @property
    def tells(self) -> bool:
        """So many answered that a percentage says something."""
        return self.people >= TELLS_FROM

    @property
    def compares(self) -> bool:
        """The same of each year: one of them beside the whole would tell the other."""
        return self.fewest >= TELLS_FROM

    @property
    def percent(self) -> int:
        """As pages write it, halves up."""
        return (200 * self.agree + self.n) // (2 * self.n)


def voices(today: date, *, provider_ids: Collection[int] | None = None, lot_id: int | None = None) -> list[Voice]:
    """By set and number. Two queries; nothing for a viewer who is no authority, as it reads no answer."""
    year = add_months(today, -12)
    rows = SurveyAnswer.objects.filter(
        value__isnull=False, response__answered_on__gt=add_months(today, -MONTHS), response__answered_on__lte=today
    )
    if provider_ids is not None:
        rows = rows.filter(response__provider__in=provider_ids)
    if lot_id is not None:
        rows = rows.filter(response__lot=lot_id)
    agrees, recent = Q(value__gte=AGREES_FROM), Q(response__answered_on__gt=year)
    counted = (
        rows.order_by()
        .annotate(number=Func(F("question__statements"), function="unnest", output_field=IntegerField(),
                              set_returning=True), of_set=F("question__survey__statement_set"))
        .values("of_set", "number")
        .annotate(
            n=Count("id"), n_agree=Count("id", filter=agrees), newest=Max("response__answered_on"),
            n_last=Count("id", filter=recent), n_last_agree=Count("id", filter=agrees & recent),
            people=Count(PERSON, distinct=True), people_last=Count(PERSON, filter=recent, distinct=True),
            people_before=Count(PERSON, filter=~recent, distinct=True),
        )
    )  # fmt: skip
    found = {(row["of_set"], row["number"]): row for row in counted}
    if not found:
        return []
    statements = Statement.objects.filter(statement_set__in={key for key, _ in found}).select_related("statement_set")
    return [
        Voice(
            each, row["n_agree"], row["n"], row["people"], row["newest"], (row["n_last_agree"], row["n_last"]),
            (row["n_agree"] - row["n_last_agree"], row["n"] - row["n_last"]),
            min(row["people_last"], row["people_before"]),
        )
        for each in statements.order_by("statement_set__code", "statement_set__number", "number")
        if (row := found.get((each.statement_set_id, each.number)))
    ]  # fmt: skip
