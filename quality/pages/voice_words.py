"""Words of results: what a share says of a statement, what lies outside chance, and which of few is little."""

import csv
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from django.urls import reverse

from commissioning.kernel import wording
from commissioning.kernel.tables import Column
from commissioning.partnership.models import Statement, StatementSet

from ..measures.voice import FEW, TELLS_FROM, Response, Result
from ..rules.codes import SURVEY_SCALE
from ..rules.proportions import DIFFERENT, PERHAPS, SAME, Interval, moved

FILE = Path(__file__).resolve().parent.parent / "codes" / "statement_words.csv"
NOBODY = "nobody answered"
HALF = Decimal("0.5")
UNSAID = "nobody on the scale"
CHANCE = {
    SAME: "no more than chance would explain",
    PERHAPS: "more than chance would usually explain",
    DIFFERENT: "more than chance would explain",
}


@dataclass(frozen=True)
class Said:
    """A statement with its result and what goes with it: one row of the page."""

    statement: Statement
    result: Result
    before: Result
    response: Response
    name: str = ""
    href: str = ""
    chance: str = ""

    @property
    def told(self) -> bool:
        return self.result.people >= TELLS_FROM

    @property
    def percent(self) -> int | None:
        return self.result.whole

    @property
    def interval(self) -> str | None:
        return interval_words(self.result.interval) if self.told else None

    @property
    def change(self) -> str | None:
        return change_words(self.before, self.result)


@cache
def _words() -> dict[tuple[str, int], tuple[str, str]]:
    with FILE.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return {(row["statement_set"], int(row["statement"])): (row["short"], row["finding"]) for row in rows}


def short(of: StatementSet, statement: Statement) -> str:
    return _words().get((of.code, statement.number), (f"Statement {statement.number}", ""))[0]


def finding(of: StatementSet, statement: Statement, result: Result) -> str:
    """ "82% of our young people mostly or always feel safe where they live and sleep (n 57)"; where some answered more
    than once, how many they are."""
    known = _words().get((of.code, statement.number))
    noun = "young person" if result.people == 1 else "young people"
    people = "" if result.people == result.n else f", answers of {result.people:,} {noun}"
    n = f"(n\u00a0{result.n:,}{people})"
    says = f"say “{statement.words}”" if known is None else known[1]
    if result.people < TELLS_FROM:
        return f"In {result.agree} of {result.n} answers our young people mostly or always {says}"
    whose = "" if known is None else " of our young people"
    return f"{result.whole}%{whose} mostly or always {says} {n}"


def share_words(result: Result) -> str:
    """ "82%"; of fewer than three young people "1 of 2"; nothing where nobody answered on the scale."""
    if result.whole is None:
        return ""
    return f"{result.whole}%" if result.people >= TELLS_FROM else f"{result.agree:,} of {result.n:,}"


def interval_words(interval: Interval | None) -> str | None:
    return f"{interval.low:.0f}% to {interval.high:.0f}%" if interval else None


def change_words(before: Result, now: Result) -> str | None:
    """ "up 6 points: no more than chance would explain"; None where either is of too few."""
    if before.people < TELLS_FROM or now.people < TELLS_FROM:
        return None
    points = (now.whole or 0) - (before.whole or 0)
    if not points:
        return "the same"
    really = moved(before.percent or Decimal(0), before.people, now.percent or Decimal(0), now.people)
    way = f"{'up' if points > 0 else 'down'} {abs(points)} {'point' if abs(points) == 1 else 'points'}"
    return f"{way}: {CHANCE[DIFFERENT if really else SAME]}"


def chance_words(result: Result, middle: Result) -> str:
    """How a share stands to the authority's own, in words."""
    if result.people < TELLS_FROM or result.percent is None or middle.percent is None:
        return ""
    how = result.against(middle)
    if how == SAME:
        return "as others, allowing for chance"
    way = "higher" if result.percent > middle.percent else "lower"
    return f"{way}, {CHANCE[how]}"


class Shares(Column):
    """A percentage with how few stand behind it, where they are few; of one or two, how many of how many."""

    def html(self, row: Any) -> str:
        share = share_words(row.result)
        if not share:
            return str(wording.missing(UNSAID if row.result.unsaid else NOBODY))
        few = ' <span class="app-quiet">few</span>' if TELLS_FROM <= row.result.people < FEW else ""
        return f"{share}{few}"


def result_columns(*, change: bool, first: list[Column], chance: bool = False) -> list[Column]:
    """The same for page, csv and workbook."""
    of = "result"
    columns = [
        *first,
        Shares("percent", "Agree", kind="percent", missing=UNSAID, sort="percent"),
        Column("n", "Answers", value=lambda row: getattr(row, of).n, kind="number", sort="n"),
        Column("people", "Young people", value=lambda row: getattr(row, of).people, kind="number"),
        Column("interval", "Likely between", missing=""),
    ]
    if chance:
        columns.append(Column("chance", "Beside our other young people", missing=""))
    if change:
        columns.append(Column("change", "Since the time before", missing="too few to say"))
    return [
        *columns,
        Column("unsaid", "Did not want to say", value=lambda row: getattr(row, of).unsaid, kind="number"),
        Column("behalf", "Answered for them", value=lambda row: getattr(row, of).behalf, kind="number"),
        Column("asked", "Links due", value=lambda row: row.response.asked, kind="number"),
        Column("response", "Answered", value=lambda row: whole_percent(row.response.percent), kind="percent",
               missing="none due"),
        Column("newest", "Newest answer", value=lambda row: getattr(row, of).newest_on, kind="date", missing=""),
    ]  # fmt: skip


def scale_columns() -> list[Column]:
    """How many said each word, for files."""
    return [
        Column(f"said_{value}", word, value=lambda row, value=value: row.result.said[value], kind="number")
        for value, word in SURVEY_SCALE.items()
    ]  # fmt: skip


def whole_percent(percent: Decimal | None) -> int | None:
    return None if percent is None else int(percent + HALF)


def response_words(response: Response) -> str:
    if not response.asked:
        return "No link was due in the time."
    verb = "was" if response.answered == 1 else "were"
    return (
        f"{response.answered:,} of {response.asked:,} links that were due {verb} answered "
        f"({whole_percent(response.percent)}%)."
    )


def statement_address(statement: Statement, query: str) -> str:
    address = reverse("outcomes-statement", args=[statement.uuid])
    return f"{address}?{query}" if query else address
