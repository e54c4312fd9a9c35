"""What a change at a home asks of an authority whose children live there."""

from datetime import date

from django.urls import reverse

from quality.actions.tell_authorities import title_of
from quality.measures.affected import awaiting

from .needs import Need

SHOWN = 5


def needs_of_watch(user, today: date) -> list[Need]:
    """The newest changes for the worse that wait for a decision, and one line for the rest of them. One query."""
    if not user.authority_id or not user.may("read", "change-decisions"):
        return []
    waiting = list(awaiting(today)[: SHOWN + 1])
    needs = [
        Need(
            f"{title_of(change)}: {change.ours} of ours {'lives' if change.ours == 1 else 'live'} there",
            "" if change.undecided == change.ours else f"{change.undecided} still to decide.",
            "Decide",
            reverse("change", args=[change.uuid]),
        )
        for change in waiting[:SHOWN]
    ]
    if len(waiting) > SHOWN:
        needs.append(Need("More changes at homes of ours wait for a decision", "", "See them all", reverse("changes")))
    return needs
