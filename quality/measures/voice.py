"""What the viewer's own young people answered, counted by statement and by what is asked beside it.

An answer counts for each statement that its question serves. The share who agree is of the answers on the scale; those
who did not want to say are counted apart. A young person who answered twice gave two answers, and is one person in
`people`, by which intervals and limits are worked out: two answers of one person are no two chances.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Any

from django.db.models import Count, F, Func, IntegerField, Max, Q, QuerySet, Value
from django.db.models.functions import Coalesce, TruncQuarter

from ..models import SurveyAnswer, SurveyInvitation, SurveyQuestion
from ..rules.codes import AGREES_FROM, SURVEY_SCALE
from ..rules.proportions import Interval, stands, wilson

# What results may be counted by -> where an answer and an invitation have it.
BY = {
    "provider": ("response__provider_id", "placement__provider_id"),
    "lot": ("response__lot_id", "placement__lot_id"),
    "service": ("response__service_type", "placement__service_type"),
    "quarter": (TruncQuarter("response__answered_on"), TruncQuarter("due_on")),
}
THEIRS = "theirs"  # all but those that somebody gave for a young person
BEHALF = "behalf"
TELLS_FROM = 3  # people: of fewer, pages say how many of how many and no percentage, and compare nothing
FEW = 8  # fewer people than this say little: a page says so beside the figure

_NUMBERED = Func(F("question__statements"), function="unnest", output_field=IntegerField(), set_returning=True)
# A person of no known home is told apart by the answers: nobody can say who it was.
PERSON = Coalesce(F("response__placement__child_id"), -F("response_id"))
_ONE = Value(1)  # what is counted needs no column, so that less has to be sorted
_ON_SCALE = Q(value__isnull=False)
_COUNTS = {f"said_{value}": Count(_ONE, filter=Q(value=value)) for value in SURVEY_SCALE}


@dataclass(frozen=True)
class Selection:
    """Which answers count: of one statement set, from `first` up to, and without, `until`. `who`: THEIRS or one of
    codes.ANSWERED_BY; empty for all."""

    statement_set: int
    first: date | None
    until: date
    service: str = ""
    provider: int | None = None
    lot: int | None = None
    who: str = ""

    def answers(self) -> QuerySet:
        rows = SurveyAnswer.objects.filter(
            question__survey__statement_set=self.statement_set, response__answered_on__lt=self.until
        )
        if self.first:
            rows = rows.filter(response__answered_on__gte=self.first)
        if self.who:
            rows = (
                rows.exclude(response__answered_by=BEHALF) if self.who == THEIRS
                else rows.filter(response__answered_by=self.who)
            )  # fmt: skip
        return self._of_home(rows, "response__")

    def invitations(self) -> QuerySet:
        """Those that were due in the days and not taken back."""
        rows = SurveyInvitation.objects.filter(
            survey__statement_set=self.statement_set, due_on__lt=self.until, withdrawn_on=None
        )
        if self.first:
            rows = rows.filter(due_on__gte=self.first)
        return self._of_home(rows, "placement__")

    def _of_home(self, rows: QuerySet, path: str) -> QuerySet:
        asked = {"service_type": self.service, "provider_id": self.provider, "lot_id": self.lot}
        return rows.filter(**{path + name: value for name, value in asked.items() if value})


@dataclass(frozen=True)
class Result:
    """Answers to one statement. `said`: how many of each word; `unsaid`: did not want to say; `people`: who gave an
    answer on the scale; `behalf`: answers that somebody gave for a young person, which are among the others."""

    statement: int
    key: tuple[Any, ...] = ()
    said: Mapping[int, int] = field(default_factory=dict)
    unsaid: int = 0
    people: int = 0
    behalf: int = 0
    newest_on: date | None = None

    @cached_property
    def n(self) -> int:
        return sum(self.said.values())

    @cached_property
    def agree(self) -> int:
        return sum(n for value, n in self.said.items() if value >= AGREES_FROM)

    @property
    def percent(self) -> Decimal | None:
        return Decimal(100 * self.agree) / self.n if self.n else None

    @property
    def whole(self) -> int | None:
        """As pages write it, in whole per cent, halves up."""
        return (200 * self.agree + self.n) // (2 * self.n) if self.n else None

    @property
    def interval(self) -> Interval | None:
        return wilson(self.percent, self.people) if self.percent is not None else None

    def against(self, middle: "Result") -> str:
        """As proportions.stands, around another result's share."""
        if self.percent is None or middle.percent is None:
            return ""
        return stands(self.percent, self.people, middle.percent)


def results(selection: Selection, by: Sequence[str] = (), statement: int | None = None) -> list[Result]:
    """One for each statement and combination of `by` (names of BY) that somebody answered, in order. One query.
    ValueError for anything else to count by."""
    columns = _columns(by, 0)
    rows = selection.answers()
    if statement is not None:
        rows = rows.filter(question__statements__contains=[statement])
    found = (
        rows.order_by()
        .annotate(statement=_NUMBERED, **columns)
        .values("statement", *columns)
        .annotate(
            unsaid=Count(_ONE, filter=Q(value=None)), people=Count(PERSON, filter=_ON_SCALE, distinct=True),
            behalf=Count(_ONE, filter=Q(response__answered_by=BEHALF)), newest_on=Max("response__answered_on"),
            **_COUNTS,
        )
    )  # fmt: skip
    made = [
        Result(
            row["statement"], tuple(row[name] for name in columns),
            {value: row[f"said_{value}"] for value in SURVEY_SCALE}, row["unsaid"], row["people"], row["behalf"],
            row["newest_on"],
        )
        for row in found
        if statement is None or row["statement"] == statement
    ]  # fmt: skip
    return sorted(made, key=lambda each: (each.statement, tuple(str(part) for part in each.key)))


@dataclass(frozen=True)
class Response:
    """Links that were due, and how many of them were answered."""

    asked: int = 0
    answered: int = 0

    @property
    def percent(self) -> Decimal | None:
        return Decimal(100 * self.answered) / self.asked if self.asked else None


def response_rates(selection: Selection, by: Sequence[str] = ()) -> dict[tuple[Any, ...], Response]:
    """(statement, *by) -> links whose questions ask about the statement; statement 0: of all of them, each once. Who
    answered is not asked here: a link that nobody used has nobody who did. Two queries."""
    columns = _columns(by, 1)
    rows = (
        selection.invitations().order_by().annotate(**columns).values("survey_id", *columns)
        .annotate(asked=Count("id"), answered=Count("id", filter=Q(answered_on__isnull=False)))
    )  # fmt: skip
    about = statements_of_surveys(selection.statement_set)
    counts: dict[tuple[Any, ...], list[int]] = {}
    for row in rows:
        for statement in (0, *about.get(row["survey_id"], ())):
            sums = counts.setdefault((statement, *(row[name] for name in columns)), [0, 0])
            sums[0] += row["asked"]
            sums[1] += row["answered"]
    return {key: Response(*sums) for key, sums in counts.items()}


def statements_of_surveys(statement_set: int) -> dict[int, set[int]]:
    found: dict[int, set[int]] = {}
    rows = SurveyQuestion.objects.filter(survey__statement_set=statement_set, kind="scale")
    for survey, numbers in rows.values_list("survey_id", "statements"):
        found.setdefault(survey, set()).update(numbers)
    return found


def by_statement(found: Iterable[Result]) -> dict[int, Result]:
    return {each.statement: each for each in found if not each.key}


def _columns(by: Sequence[str], side: int) -> dict[str, Any]:
    unknown = [name for name in by if name not in BY]
    if unknown:
        raise ValueError(f"Results are not counted by {', '.join(unknown)}")
    return {f"by_{name}": F(path) if isinstance(path := BY[name][side], str) else path for name in by}
