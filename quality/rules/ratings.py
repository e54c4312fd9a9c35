"""What a visit's rating follows from: the template's stated rule, applied to the answers. No grade of the regulator's
is meant or implied."""

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

from .codes import ANSWER_SCALES

MEETS_FROM = Fraction(85, 100)
SOME_FROM = Fraction(60, 100)
RULE = (
    "Each answer counts by its question's weight: in full, by half, or not at all. From 85% the place meets what is "
    "expected, from 60% some improvement is needed, below that much. A vital question answered worst caps the rating "
    "at “Some improvement needed”, two at “Much improvement needed”. What could not be told or does not apply is left "
    "out; with fewer than half of the weight answered there is no rating."
)


@dataclass(frozen=True)
class Answered:
    scale: str
    value: str
    weight: int
    vital: bool


def share(scale: str, value: str) -> Fraction | None:
    """How much of the question's weight an answer earns; None where it does not count."""
    earned = ANSWER_SCALES[scale].get(value, ("", None))[1]
    return None if earned is None else Fraction(earned, 2)


def rating(answers: Iterable[Answered]) -> str:
    """A key of codes.RATINGS, "" where too little was answered. `answers`: one for every question of the template,
    those not answered with an empty value."""
    asked = counted = 0
    earned = Fraction(0)
    failed = 0
    for answer in answers:
        if not ANSWER_SCALES[answer.scale] or not answer.weight or answer.value == "na":
            continue
        asked += answer.weight
        part = share(answer.scale, answer.value)
        if part is None:
            continue
        counted += answer.weight
        earned += part * answer.weight
        failed += answer.vital and part == 0
    if not counted or counted * 2 < asked:
        return ""
    reached = earned / counted
    if failed > 1 or reached < SOME_FROM:
        return "much"
    return "some" if failed or reached < MEETS_FROM else "meets"
