"""What somebody must see to on one placement: each a sentence, where to go, and whether it is overdue."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from commissioning.kernel import wording

from ..measures.outcomes import due_of as reviews_due
from ..models import Placement
from ..rules import codes


@dataclass(frozen=True)
class Due:
    says: str
    href: str
    action: str


def due_of(placement: Placement, parts: dict[str, Any], today: date) -> list[Due]:
    """In the order in which a person would see to them. `parts` are the rows of the page (placement.py)."""
    page = f"/placements/{placement.uuid}/"
    found = _watch(placement, parts, page, today)
    is_open = placement.ends_before is None or placement.ends_before > today
    if is_open and not parts["agreements"]:
        priced = "No agreement is made" if parts["lines"] else "No price and no agreement are recorded"
        found.append(Due(priced, f"{page}agreement/new/", "Make the agreement"))
    found += _services(parts, page, today)
    found += _outcomes(parts, page, today)
    for meeting in parts["meetings"]:
        if meeting.held_on is None and meeting.due_on <= today:
            words = f"{meeting.get_kind_display()} was due on {wording.day(meeting.due_on)}"
            found.append(Due(words, f"{page}meetings/new/", "Record the meeting"))
    if is_open and placement.planned_end_on is not None and placement.planned_end_on <= today:
        words = f"The planned end, {wording.day(placement.planned_end_on)}, has passed"
        found.append(Due(words, f"{page}change/", "Plan again, or end it"))
    if not is_open and not placement.end_reason:
        found.append(Due("Nobody has said how it ended", f"{page}end/", "Say how it ended"))
    return found


def _watch(placement: Placement, parts: dict[str, Any], page: str, today: date) -> list[Due]:
    """Where no regulator looks, and where another authority is host."""
    if placement.ends_before is not None and placement.ends_before <= today:
        return []
    running = [row for row in parts["oversight"] if row.ends_before is None or row.ends_before > today]
    found = []
    if placement.registration in codes.UNWATCHED and not running:
        words = f"{placement.get_registration_display()}, and nobody is recorded as watching over it"
        found.append(Due(words, f"{page}oversight/new/", "Record who approved it and who visits"))
    for row in running:
        if row.visit_every_days and (today - (row.last_visited_on or row.starts_on)).days > row.visit_every_days:
            last = f"last on {wording.day(row.last_visited_on)}" if row.last_visited_on else "not once so far"
            words = f"Visits are due every {row.visit_every_days} days: {last}"
            found.append(Due(words, f"{page}#oversight", "See what is agreed"))
    approval = parts["distance"]
    if placement.boundary == "out" and (approval is None or approval.approved_on is None):
        found.append(Due("Outside the authority, without an approval", f"{page}distance/", "Record the approval"))
    elif placement.boundary == "out" and approval.host_told_on is None:
        found.append(Due("The host authority has not been told", f"{page}distance/", "Record that it was told"))
    return found


def _services(parts: dict[str, Any], page: str, today: date) -> list[Due]:
    late = [
        line for line in parts["lines"]
        if line.category == "additional" and line.review_on is not None and line.review_on < today
        and (line.ends_before is None or line.ends_before > today)
    ]  # fmt: skip
    if not late:
        return []
    cost = wording.pounds(sum(line.weekly_amount for line in late))
    noun = "additional service is" if len(late) == 1 else "additional services are"
    return [Due(f"{len(late)} {noun} past review, {cost} a week", f"{page}#services", "See them")]


def _outcomes(parts: dict[str, Any], page: str, today: date) -> list[Due]:
    late = sum(
        any(due.overdue(today) for due in reviews_due(outcome, outcome.reviews.all(), today))
        for outcome in parts["outcomes"]
    )
    if not late:
        return []
    return [Due(f"{late} {'review' if late == 1 else 'reviews'} of outcomes overdue", f"{page}outcomes/", "Review")]
