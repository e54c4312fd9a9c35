"""What a contract meeting talks about, proposed from the scorecard. Ours, to be agreed in the partnership."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

FELL_POINTS = 10  # of a hundred who agree, from the twelve months before to the last twelve
FELL_FROM = 5  # answers in each of the two: of fewer one young person is a fifth and more
RULE = (
    "Proposed: returns of KPIs that are late, KPIs below their target, actions that are open, judgements that changed "
    "in twelve months, statements that at least ten in a hundred fewer agree with than in the twelve months before "
    "(five answers or more in each), concerns that are open, and what is suspended."
)


@dataclass(frozen=True)
class Facts:
    """What the scorecard says, in words, for the agenda."""

    late_kpis: Sequence[str] = ()
    poor_kpis: Sequence[str] = ()
    open_actions: int = 0
    overdue_actions: int = 0
    oldest_due_on: date | None = None
    judgements: Sequence[str] = ()
    fallen: Sequence[str] = ()
    open_concerns: int = 0
    suspended: Sequence[str] = ()


@dataclass(frozen=True)
class Proposed:
    """An item of the agenda. `ours`: it tells what the provider may not know; it is not sent unless somebody ticks
    it."""

    title: str
    words: str
    ours: bool = False


def proposed(facts: Facts) -> list[Proposed]:
    found = []
    if facts.suspended:
        found.append(Proposed("What is suspended", ". ".join(facts.suspended)))
    if facts.judgements:
        found.append(Proposed("The regulator’s judgements", ". ".join(facts.judgements)))
    if facts.late_kpis:
        found.append(Proposed("Returns of KPIs that are late", "; ".join(facts.late_kpis)))
    if facts.poor_kpis:
        found.append(Proposed("KPIs below their target", "; ".join(facts.poor_kpis)))
    if facts.open_actions:
        found.append(Proposed("Actions that are open", _actions(facts)))
    if facts.fallen:
        found.append(Proposed("What young people say", "; ".join(facts.fallen), ours=True))
    if facts.open_concerns:
        count = facts.open_concerns
        found.append(Proposed(
            "Concerns and complaints", f"{count} {'is' if count == 1 else 'are'} open on our side.", ours=True
        ))  # fmt: skip
    return found


def _actions(facts: Facts) -> str:
    count, late = facts.open_actions, facts.overdue_actions
    said = f"{count} {'action is' if count == 1 else 'actions are'} open"
    return f"{said}, {late} of them overdue." if late else f"{said}, none overdue."


def fell(was: tuple[int, int], now: tuple[int, int]) -> bool:
    """(agree, of how many) in the twelve months before, and in the last twelve."""
    if min(was[1], now[1]) < FELL_FROM:
        return False
    return was[0] * 100 * now[1] - now[0] * 100 * was[1] >= FELL_POINTS * was[1] * now[1]
