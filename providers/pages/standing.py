"""In which state an establishment stands, in words: what the newest list says, or that it is on it no longer."""

from datetime import date

from django.db.models import Max

from commissioning.kernel import wording

from ..models import Establishment, EstablishmentRecord

ENDED = ("resigned", "cancelled", "closed")


def newest_list() -> date | None:
    """The day that the newest file of the regulator describes."""
    return EstablishmentRecord.objects.aggregate(day=Max("as_at"))["day"]


def is_listed(home: Establishment, newest: date | None) -> bool:
    return newest is not None and home.listed_at == newest


def state_of(home: Establishment, newest: date | None) -> str:
    """ "Active", "Suspended", "Closed on 3 December 2024", "Not on the list of 31 March 2025"."""
    if is_listed(home, newest):
        return home.status or "Listed"
    if home.closed_on:
        ended = home.status if home.status.lower() in ENDED else "Closed"
        return f"{ended} on {wording.day(home.closed_on)}"
    return f"Not on the list of {wording.day(newest)}" if newest else "Not listed"


def tone_of(home: Establishment, newest: date | None) -> str:
    """Red only for a suspended registration; one that has left is a plain fact."""
    if not is_listed(home, newest):
        return "plain"
    return "harm" if home.status.lower() == "suspended" else "good" if home.status.lower() == "active" else "plain"
