"""Scheduled exports: when the next one is due, what they may be, and how long what was made is kept."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

EVERY = {"day": "Every day", "weekday": "Monday to Friday", "week": "Once a week", "month": "Once a month"}
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
LAST_DAY = 28  # of a month: each month has it
FORMATS = {
    "csv": "csv, for a spreadsheet or most other programs",
    "xlsx": "Excel workbook",
    "ndjson": "ndjson, one row of JSON on each line",
    "parquet": "parquet, for a data warehouse",
}
TARGETS = {"link": "A link by e-mail", "sftp": "A server of your authority (SFTP)"}

STATES = {
    "waiting": "Waiting",
    "sent": "Sent",
    "failed": "Failed",
    "refused": "Not sent",
}

# After a try that failed.
WAITS = (timedelta(minutes=5), timedelta(minutes=30), timedelta(hours=2))
TRIES = len(WAITS) + 1
FILE_DAYS = 7  # a link's file is kept
LOG_DAYS = 365
MOST_VIEWS = 100  # of one person
MOST_EXPORTS = 20  # of one person
MOST_SERVERS = 10  # of one authority
MOST_BYTES = 1_000_000_000  # of one file


def next_due(
    *, every: str, hour: int, weekday: int | None, day: int | None, after: datetime, zone: ZoneInfo
) -> datetime:
    """The first instant after `after` that the schedule names, at `hour` by the clocks of `zone`. weekday: 0 is Monday.

    On the night on which the clocks go forward an hour that does not exist is the one after it; on the night on which
    they go back, an hour that comes twice is the first of the two. So each day has exactly one.
    """
    days_on = after.astimezone(zone).date()
    for ahead in range(63):  # two months hold every schedule's next day
        on = days_on + timedelta(days=ahead)
        if _is_on(on, every, weekday, day):
            # Told in UTC: two times of one zone are compared by their clocks' faces.
            at = datetime.combine(on, time(hour), zone).astimezone(ZoneInfo("UTC"))
            if at > after:
                return at
    raise ValueError(f"no next day: {every} {weekday} {day}")


def _is_on(on: date, every: str, weekday: int | None, day: int | None) -> bool:
    match every:
        case "day":
            return True
        case "weekday":
            return on.weekday() < 5
        case "week":
            return on.weekday() == weekday
        case _:
            return on.day == day


def in_words(*, every: str, hour: int, weekday: int | None, day: int | None) -> str:
    """ "Every Monday at 06:00" """
    at = f"at {hour:02d}:00"
    if every == "week" and weekday is not None:
        return f"Every {WEEKDAYS[weekday]} {at}"
    return f"On day {day} of each month {at}" if every == "month" else f"{EVERY[every]} {at}"
