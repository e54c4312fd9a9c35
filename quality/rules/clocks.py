"""How long each step may take. Ours, to be agreed in the partnership; the days are what peers of the field give
(FIELD.md 3.9: 14 days to contest a draft, 14 for a plan, a re-audit after about six months)."""

from datetime import date, timedelta

REPLY_DAYS = 14
PLAN_DAYS = 14
REVISIT_DAYS = 182


def reply_due(sent_on: date) -> date:
    """The last day on which the provider's reply is in time."""
    return sent_on + timedelta(days=REPLY_DAYS)


def plan_due(published_on: date) -> date:
    return published_on + timedelta(days=PLAN_DAYS)


def revisit_due(visited_on: date) -> date:
    return visited_on + timedelta(days=REVISIT_DAYS)


def days_left(due_on: date, today: date) -> int:
    """Nought on the last day itself; negative once it is over."""
    return (due_on - today).days
