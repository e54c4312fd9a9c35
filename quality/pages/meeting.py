"""One contract meeting: what it is about, its agenda and minutes, what was agreed, and what follows."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from commissioning.kernel import wording
from commissioning.kernel.audit.history import history_of
from commissioning.kernel.pages.allowed import allowed
from commissioning.kernel.tables import Table

from ..meeting_pdf import meeting_pdf
from ..models import ContractMeeting, ImprovementAction, MeetingPaper
from ..rules import codes
from .action_words import action_columns, is_late
from .meeting_words import (
    STATE_TONES,
    about,
    called,
    day_words,
    items_of,
    paper_rows,
    prepare_address,
    scorecard_address,
    seen_meeting,
)


def actions_of(row: ContractMeeting) -> list[ImprovementAction]:
    return list(ImprovementAction.objects.filter(meeting=row).select_related("meeting").order_by("due_on", "pk"))


@allowed("contract-meetings")
def meeting(request: HttpRequest, uuid: UUID) -> HttpResponse:
    found, today = seen_meeting(uuid), timezone.localdate()
    of_provider = bool(request.user.provider_id)
    actions = actions_of(found)
    own = found.authority_id == request.user.authority_id
    may = own and request.user.may("change", "contract-meetings")
    paper = MeetingPaper.objects.filter(meeting=found).first() if own else None
    items = items_of(found)
    return render(request, "quality/meeting.html", {
        "meeting": found, "called": f"{found} with {found.authority.name}" if of_provider else called(found),
        "answer": _answer(found, actions, today), "state": found.get_state_display(), "tone": STATE_TONES[found.state],
        "items": items, "own": own, "may": may, "steps": _steps(found, paper) if may else [], "facts": _facts(found),
        "may_actions": request.user.may("read", "actions"),
        "actions": Table(action_columns(request, today, on_visit=True), actions, "Actions agreed", per_page=None,
                         noun=("action", "actions")) if actions else None,
        "paper": paper,
        "sections": paper_rows(paper.scorecard, concerns=request.user.may("read", "concerns")) if paper else [],
        "scorecard": scorecard_address(found), "history": history_of(ContractMeeting, row_uuid=found.uuid) if own
        else None,
    })  # fmt: skip


def _answer(found: ContractMeeting, actions: list[ImprovementAction], today: Any) -> str:
    said = day_words(found)
    if not actions:
        return said
    still = [each for each in actions if each.state in codes.OPEN_ACTION_STATES]
    late = sum(is_late(each, today) for each in actions)
    agreed = "1 action was agreed" if len(actions) == 1 else f"{len(actions)} actions were agreed"
    if not still:
        return f"{said} {agreed}: all checked and closed."
    return f"{said} {agreed}, {len(still)} still open" + (f", {late} overdue." if late else ".")


def _facts(found: ContractMeeting) -> list[tuple[str, Any]]:
    facts: list[tuple[str, Any]] = [
        ("About", about(found)),
        ("Planned for", wording.day(found.planned_on)),
        ("Held on", wording.day(found.held_on) if found.held_on else "Not yet"),
        ("Led by", found.chair),
        ("Who was there", found.present.replace("\n", "; ") or ("Not held yet" if not found.held_on else None)),
    ]
    return [row for row in facts if found.state != "cancelled" or row[0] in ("About", "Planned for")]


def _steps(found: ContractMeeting, paper: MeetingPaper | None) -> list[tuple[str, str]]:
    """(words, address) of what the authority may do next, the likeliest first."""

    def to(name: str) -> str:
        return reverse(name, args=[found.uuid])

    match found.state:
        case "planned":
            prepare = ("Prepare it again" if paper else "Prepare it", prepare_address(found))
            more = [("Record that it was held", to("contract-meeting-held")),
                    ("Send the agenda", to("contract-meeting-send")), ("Move", to("contract-meeting-move")),
                    ("Call off", to("contract-meeting-cancel"))]  # fmt: skip
            return [more[0], prepare, *more[1:]] if paper else [prepare, *more]
        case "held":
            return [
                ("Write the minutes", to("contract-meeting-minutes")),
                ("Agree an action", to("contract-meeting-agree")),
                ("Finish and send the minutes", to("contract-meeting-finish")),
            ]
        case "minuted":
            return [("Agree an action", to("contract-meeting-agree"))]
    return []


@allowed("contract-meetings")
def minutes_file(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Agenda and minutes to print: what whoever asks for them may read."""
    found = seen_meeting(uuid)
    items = items_of(found)
    own = found.authority_id == request.user.authority_id
    name = f"contract-meeting-{found.authority.slug}-{found.number}.pdf"
    return HttpResponse(
        meeting_pdf(found, items, actions_of(found), own=own), content_type="application/pdf",
        headers={"Content-Disposition": f'inline; filename="{name}"'},
    )  # fmt: skip
