"""How good an authority's own records are: three sides, each a share of the checks that apply.

A check is one rule asked of one row (rules/data_quality_asked.py has them). A side's numerator is how many checks hold,
its denominator how many apply; a rule that does not apply to a row counts in neither. Shares are counted as the page
of returns counts them (contracts/rules/completeness.py): whole per cent, downwards, so that 100 is all of them.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from typing import Any, Generic, TypeVar

from contracts.rules.completeness import Share

RESOURCES = {
    "placements": "Placements",
    "referrals": "Searches and answers to them",
    "agreements": "Agreements",
    "cost-lines": "Cost lines",
    "visits": "Visits",
    "kpi-returns": "KPI returns",
    "surveys": "Young people’s answers",
}  # each is also what one must be allowed to read
SIDES = {
    "completeness": "Complete",
    "timeliness": "In time",
    "consistency": "Consistent",
}

# ----------------------------------------------------------------------------------------------------------------------
# Weights and thresholds. All of them are OURS: no law and no published standard sets them. They are a first proposal,
# to be agreed in the partnership and changed here; the page prints them as they stand.
WEIGHTS = {"completeness": 2, "timeliness": 1, "consistency": 2}  # of the sides in a resource's score
LOOKS_BACK_MONTHS = 24  # what was over before is not asked
RECORDED_WITHIN = 5  # days from a home's first night to its being recorded here
PRICED_WITHIN = 14  # days from a cost line's first day to its being recorded here
AGREED_WITHIN = 28  # days from the first night to the agreement
SEARCH_WITHIN = 2  # days from the opening of a search to its being recorded here
ANSWER_WITHIN = 2  # days from a provider's answer to its being recorded here
ANSWERED_AFTER = 14  # days after which somebody who was asked has answered, or is recorded as silent
OPEN_AFTER = 28  # days past the day on which a home was needed: a search that is still open contradicts itself
PUBLISHED_WITHIN = 42  # days from a visit to its publication
PLANNED_PAST = 7  # days past its planned day on which a visit may still say that it is planned
SURVEY_WITHIN = 7  # days from a young person's answer to its being recorded here
AFTER_LEAVING = 90  # days after leaving in which an answer may still be about that home
RATE_APART = Decimal(10)  # per cent between what is paid and the award's rate on the line's first day
# ----------------------------------------------------------------------------------------------------------------------
LIMITS = (
    (
        f"A home is recorded within {RECORDED_WITHIN} days of its first night, a cost line within {PRICED_WITHIN} of "
        f"its first day, a search and a provider’s answer within {SEARCH_WITHIN}, and a young person’s answer within "
        f"{SURVEY_WITHIN}."
    ),
    f"An agreement is made within {AGREED_WITHIN} days of the first night.",
    f"A visit is published within {PUBLISHED_WITHIN} days; a KPI return comes by the day it was due.",
    f"A price is far from the award’s rate from {RATE_APART} per cent.",
    (
        f"What was over {LOOKS_BACK_MONTHS} months ago is not asked. What happened before the first row of its kind "
        "was recorded here was brought in from elsewhere, and is not asked whether it came in time."
    ),
)


@dataclass(frozen=True, kw_only=True)
class Row:
    """One row that is asked. `key` tells it apart within its resource; `what` is what people call it; `uuid` is of the
    page that shows it, and `part` of what lies within that page, where it has an address of its own."""

    key: str
    what: str
    uuid: str
    part: str = ""


R = TypeVar("R", bound=Row)


@dataclass(frozen=True)
class Rule(Generic[R]):
    """`asks`: what is asked, for the page. `wrong`: what is wrong with a row that does not hold, in words. `do`: what
    puts it right. `asked`: whether it applies to a row on the day; `met`: whether it holds."""

    key: str
    resource: str
    side: str
    of: type[R]
    asks: str
    wrong: str | Callable[[R, date], str]
    do: str
    asked: Callable[[R, date], bool]
    met: Callable[[R, date], bool]

    def says(self, row: R, today: date) -> str:
        return self.wrong if isinstance(self.wrong, str) else self.wrong(row, today)


@dataclass(frozen=True)
class Fault:
    """One thing to put right."""

    rule: Rule[Any]
    row: Row
    says: str

    @property
    def resource(self) -> str:
        return self.rule.resource

    @property
    def side(self) -> str:
        return self.rule.side


@dataclass
class Score:
    """Of one resource: a share for each side, and `per_cent`, their mean by WEIGHTS, of the sides that apply."""

    resource: str
    shares: dict[str, Share]

    @property
    def per_cent(self) -> int | None:
        """Whole per cent, downwards; None where nothing applies."""
        told = [(WEIGHTS[side], share) for side, share in self.shares.items() if share.of]
        if not told:
            return None
        whole = sum(weight for weight, _ in told)
        return int(sum(Fraction(weight * share.said * 100, share.of) for weight, share in told) / whole)


@dataclass
class Judged:
    """What asking came to: how often each rule applied and held, and everything to put right, in the rows' order."""

    counts: dict[str, tuple[int, int]] = field(default_factory=dict)  # rule -> (held, applied)
    faults: list[Fault] = field(default_factory=list)
    rules: tuple[Rule[Any], ...] = ()

    def score(self, resource: str) -> Score:
        shares = {}
        for side, name in SIDES.items():
            told = [
                self.counts.get(rule.key, (0, 0))
                for rule in self.rules
                if rule.resource == resource and rule.side == side
            ]
            shares[side] = Share(name, sum(held for held, _ in told), sum(applied for _, applied in told))
        return Score(resource, shares)

    @cached_property
    def rows_wrong(self) -> int:
        """How many rows need something, each once in its resource."""
        return len({(fault.resource, fault.row.key) for fault in self.faults})


def judge(rules: Iterable[Rule[Any]], rows: Mapping[type[Row], Iterable[Row]], today: date) -> Judged:
    """Every rule asked of every row of its kind."""
    rules = tuple(rules)
    found = Judged(rules=rules)
    for kind, of_kind in rows.items():
        asking = [rule for rule in rules if rule.of is kind]
        held, applied = dict.fromkeys((r.key for r in asking), 0), dict.fromkeys((r.key for r in asking), 0)
        for row in of_kind:
            for rule in asking:
                if not rule.asked(row, today):
                    continue
                applied[rule.key] += 1
                if rule.met(row, today):
                    held[rule.key] += 1
                else:
                    found.faults.append(Fault(rule, row, rule.says(row, today)))
        found.counts |= {key: (held[key], applied[key]) for key in applied}
    return found
