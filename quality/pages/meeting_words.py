"""Words, rows and look-ups that the pages of contract meetings share."""

from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404
from django.urls import reverse

from commissioning.kernel import wording

from ..models import ContractMeeting, MeetingItem

STATE_TONES = {"planned": "ours", "held": "needs", "minuted": "good", "cancelled": "plain"}


def meetings() -> QuerySet:
    return ContractMeeting.objects.select_related("authority", "provider", "lot__framework")


def seen_meeting(uuid: UUID) -> ContractMeeting:
    return get_object_or_404(meetings(), uuid=uuid)


def own_meeting(request: HttpRequest, uuid: UUID) -> ContractMeeting:
    """A meeting of the viewer's own authority. A provider's contact changes none."""
    found = seen_meeting(uuid)
    if request.user.provider_id:
        raise Http404("A provider does not change a meeting.")
    if found.authority_id != request.user.authority_id:
        raise PermissionDenied("Only the authority whose meeting it is may do that.")
    return found


def called(row: ContractMeeting) -> str:
    """ "Contract meeting 4 with Alder Fostering" """
    return f"{row} with {row.provider.name}"


def about(row: ContractMeeting) -> str:
    return f"{row.lot.framework.name}, {row.lot}" if row.lot_id else "Everything it does for us"


def day_words(row: ContractMeeting) -> str:
    match row.state:
        case "planned":
            return f"Planned for {wording.day(row.planned_on)}."
        case "cancelled":
            return f"Called off: {row.cancelled_why}"
        case "held":
            return f"Held on {wording.day(row.held_on)}; its minutes are being written."
    return f"Held on {wording.day(row.held_on)}, and minuted."


def items_of(row: ContractMeeting) -> list[MeetingItem]:
    """Those that the viewer may read, with what it may read of their minutes."""
    return list(MeetingItem.objects.filter(meeting=row).order_by("position").prefetch_related("minutes"))


def crumbs_of(row: ContractMeeting) -> list[tuple[str, str]]:
    return [
        ("Contract meetings", reverse("contract-meetings")),
        (str(row), reverse("contract-meeting", args=[row.uuid])),
    ]


def scorecard_address(row: ContractMeeting) -> str:
    return f"/providers/{row.provider.uuid}/scorecard/"


def prepare_address(row: ContractMeeting) -> str:
    return f"/providers/contract-meetings/{row.uuid}/prepare/"


def paper_rows(scorecard: Any, *, concerns: bool) -> list[dict[str, Any]]:
    """The sections of a scorecard as it was kept: nothing of one that was kept in another shape. Whoever reads no
    concerns reads none here."""
    sections = scorecard.get("sections", ()) if isinstance(scorecard, dict) else ()
    shown = [
        each | {"rows": [row for row in each.get("rows", ()) if concerns or row.get("key") != "concerns"]}
        for each in sections
    ]
    return [each for each in shown if each["rows"]]
