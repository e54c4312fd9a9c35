"""How late a notice of an event came: from when it happened to when it was received.

The regulations say "without delay"; 24 hours is what the field aims at, and what the Supported Accommodation
Regulations name. A death is told at once: no number is given, and an hour is ours (FIELD.md 3.12).
"""

from datetime import datetime, timedelta

WITHIN = timedelta(hours=24)
AT_ONCE = timedelta(hours=1)
TOLD_AT_ONCE = ("death",)
RULE = (
    "An event is told late where more than 24 hours passed between its happening and the notice; of a death, where "
    "more than one hour did. The regulations say “without delay”; the hours are the partnership’s reading of it."
)


def allowed(theme: str) -> timedelta:
    return AT_ONCE if theme in TOLD_AT_ONCE else WITHIN


def late_by(theme: str, happened_at: datetime, received_at: datetime) -> timedelta | None:
    """How long after its time the notice came; None where it was in time. On the very hour it is in time."""
    over = received_at - happened_at - allowed(theme)
    return over if over > timedelta(0) else None


def in_words(length: timedelta) -> str:
    """ "40 minutes", "3 hours", "2 days 4 hours" """
    minutes = max(int(length.total_seconds() // 60), 0)
    if minutes < 60:
        return _counted(max(minutes, 1), "minute")
    days, hours = divmod(minutes // 60, 24)
    if not days:
        return _counted(hours, "hour")
    return f"{_counted(days, 'day')} {_counted(hours, 'hour')}" if hours else _counted(days, "day")


def _counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
