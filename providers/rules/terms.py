"""When a document needs somebody: expired is overdue, the last 90 days are a warning."""

from datetime import date, timedelta

WARN_DAYS = 90


def document_state(expires_on: date, today: date, *, replaced: bool = False) -> tuple[str, str]:
    """(words, tone) of a document: the day it expires on is the first day without cover."""
    if replaced:
        return "Replaced by a newer one", "plain"
    days = (expires_on - today).days
    if days <= 0:
        return "Expired", "harm"
    if expires_on <= today + timedelta(days=WARN_DAYS):
        return f"Expires in {days} day{'' if days == 1 else 's'}", "needs"
    return "In force", "good"
