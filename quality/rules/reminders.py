"""When somebody is reminded of a visit, and how often at most."""

from collections.abc import Mapping
from datetime import date

OFTEN = {"daily": "Every day", "weekly": "On Mondays", "off": "Never"}
KINDS = {
    "draft": "A visit took place and is still a draft, or its day is past and nothing is recorded",
    "reply": "A provider's reply is due within three days, overdue, or complete",
    "plan": "An action plan is due within three days, overdue, or waits to be agreed",
    "action": "An action is due within three days, overdue, or done and to be checked",
    "revisit": "A re-visit is due",
    "kpis": "A KPI return is due within seven days, overdue, or queried; or waits to be checked",
    "meetings": "A contract meeting is within three days, its day is past, or its minutes are not finished",
}
SOON_DAYS = 3
MINUTES_DAYS = 7  # after a contract meeting, minutes are left in peace for so long
REVISIT_SOON_DAYS = 30
MONDAY = 0


def wanted(often: str, today: date) -> bool:
    return often == "daily" or (often == "weekly" and today.weekday() == MONDAY)


def kept(lines: Mapping[str, list[str]], often: Mapping[str, str], today: date) -> dict[str, list[str]]:
    """Of the lines by kind, those that a person wants to be sent today."""
    return {kind: found for kind, found in lines.items() if found and wanted(often.get(kind, "daily"), today)}
