"""How pressing it is to go to an address: six parts, each with its points and its reason in words. A priority for
going, never a score of how good the place is. The points are ours, to be agreed in the partnership."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from .scales import ALL_JUDGEMENTS, GRADES, OUTCOMES

MOST = {"time": 30, "judgement": 25, "exposure": 15, "events": 10, "actions": 12, "distance": 8}
LABELS = {
    "time": "Time since the last visit", "judgement": "Regulator’s judgement", "exposure": "Children of ours there",
    "events": "Events and concerns in 12 months", "actions": "Improvement actions overdue", "distance": "Distance",
}  # fmt: skip
LEVELS = {"high": "High", "middle": "Middle", "low": "Low"}
HIGH_FROM, MIDDLE_FROM = 55, 30
# Each scale has its own points: no grade is set against an outcome.
GRADE_POINTS = {"outstanding": 0, "good": 4, "requires_improvement": 14, "inadequate": 25}
OUTCOME_POINTS = {"consistently_strong": 0, "inconsistent": 14, "serious_weaknesses": 25}
NOT_INSPECTED = 12
FAR_MILES, SOME_MILES = 20, 10
RULE = (
    "Up to 30 points for the time since the last visit that counts (20 on the day it falls due, 30 from half as long "
    "again, or where nobody has been), 25 for the regulator’s judgement, 15 for children of ours there (3 each), 10 "
    "for events and concerns in the last 12 months (2 each), 12 for improvement actions that are overdue (4 each), 8 "
    "for distance (over 20 miles; 4 from 10). From 55 points the priority is high, from 30 middle."
)


@dataclass(frozen=True)
class Facts:
    """What is known of an address on the day. `last_on`: the last visit that counts; `days`: the interval required,
    None where no visit is asked for; `judgement`: a key of a scale, "" for not yet inspected, None where the regulator
    judges nothing of the kind; `children`: our own; `miles`: the farthest of ours from home."""

    day: date
    last_on: date | None
    days: int | None
    judgement: str | None
    children: int
    events: int
    concerns: int
    overdue: int
    miles: Decimal | None


@dataclass(frozen=True)
class Part:
    key: str
    points: int
    why: str

    @property
    def label(self) -> str:
        return LABELS[self.key]

    @property
    def most(self) -> int:
        return MOST[self.key]


@dataclass(frozen=True)
class Priority:
    parts: tuple[Part, ...]

    @property
    def points(self) -> int:
        return sum(part.points for part in self.parts)

    @property
    def level(self) -> str:
        return "high" if self.points >= HIGH_FROM else "middle" if self.points >= MIDDLE_FROM else "low"

    @property
    def why(self) -> str:
        """The parts that count, the heaviest first."""
        told = sorted((part for part in self.parts if part.points), key=lambda part: -part.points)
        return "; ".join(f"{part.why} ({part.points})" for part in told) or "Nothing presses"


def priority(facts: Facts) -> Priority:
    return Priority((
        _time(facts), _judgement(facts), _exposure(facts), _events(facts), _actions(facts), _distance(facts),
    ))  # fmt: skip


def _time(facts: Facts) -> Part:
    if facts.days is None:
        return Part("time", 0, "no visits are asked for there")
    if facts.last_on is None:
        return Part("time", MOST["time"], "no visit that counts")
    gone = max((facts.day - facts.last_on).days, 0)
    points = min(MOST["time"], gone * 20 // facts.days)
    return Part("time", points, f"{_counted(gone, 'day')} since a visit that counts, {facts.days} asked for")


def _judgement(facts: Facts) -> Part:
    said = facts.judgement
    if said is None:
        return Part("judgement", 0, "not judged by the regulator")
    if not said:
        return Part("judgement", NOT_INSPECTED, "not yet inspected")
    word = ALL_JUDGEMENTS[said]
    if said in GRADES:
        return Part("judgement", GRADE_POINTS[said], f"graded {word}")
    if said in OUTCOMES:
        return Part("judgement", OUTCOME_POINTS[said], f"outcome: {word}")
    return Part("judgement", GRADE_POINTS["requires_improvement"], f"last judged {word}")


def _exposure(facts: Facts) -> Part:
    if not facts.children:
        return Part("exposure", 0, "no child of ours there")
    noun = "child" if facts.children == 1 else "children"
    return Part("exposure", min(MOST["exposure"], 3 * facts.children), f"{facts.children} {noun} of ours")


def _events(facts: Facts) -> Part:
    parts = [_counted(n, noun) for n, noun in ((facts.events, "notifiable event"), (facts.concerns, "concern")) if n]
    points = min(MOST["events"], 2 * (facts.events + facts.concerns))
    return Part("events", points, " and ".join(parts) or "no event or concern known")


def _actions(facts: Facts) -> Part:
    if not facts.overdue:
        return Part("actions", 0, "no action overdue")
    return Part("actions", min(MOST["actions"], 4 * facts.overdue), f"{_counted(facts.overdue, 'action')} overdue")


def _distance(facts: Facts) -> Part:
    if facts.miles is None:
        return Part("distance", 0, "distance not known")
    told = f"{facts.miles:.0f} miles from home" if facts.miles >= 1 else "less than a mile from home"
    if facts.miles > FAR_MILES:
        return Part("distance", MOST["distance"], f"{told}: fewer people drop in")
    return Part("distance", 4 if facts.miles >= SOME_MILES else 0, told)


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
