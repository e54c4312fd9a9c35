"""A contract meeting as a printable document: agenda, minutes, actions. What whoever asks for it may read."""

from collections.abc import Sequence

from commissioning.kernel import wording
from commissioning.kernel.exports.paper import Paper

from .models import ContractMeeting, ImprovementAction, MeetingItem
from .pages.meeting_words import about, called, day_words
from .rules import codes


def meeting_pdf(
    meeting: ContractMeeting, items: Sequence[MeetingItem], actions: Sequence[ImprovementAction], *, own: bool
) -> bytes:
    """`own`: says of each item whether the provider reads it."""
    title = f"{called(meeting)}: {'minutes' if meeting.state == 'minuted' else 'agenda'}"
    paper = Paper(f"{meeting.authority}: {called(meeting)}")
    paper.set_title(paper.words(title))
    paper.set_lang("en-GB")
    paper.add_page()
    paper.line_of(title, 18, bold=True, after=1)
    paper.line_of(day_words(meeting), 12, after=2)
    if own and any(not item.to_provider for item in items):
        paper.line_of(
            "For the authority alone: it holds items that the provider does not read.", 11, bold=True, after=2
        )
    paper.pairs(_facts(meeting))
    paper.heading("Agenda and minutes" if meeting.held_on else "Agenda")
    if not items:
        paper.line_of("No item.", 10)
    for number, item in enumerate(items, 1):
        paper.line_of(f"{number}. {item.title}", 10, bold=True)
        for words in filter(None, (item.words, item.minuted.words if item.minuted else "")):
            paper.line_of(words, 10, after=1)
        if own and not item.to_provider:
            paper.line_of("Not read by the provider.", 9)
        paper.ln(2)
    if actions:
        paper.heading("Actions agreed")
        paper.table_of(("Action", "Who", "By", "State"), [_action(row) for row in actions], widths=(80, 38, 30, 26))
    paper.say_what_is_lost("this meeting")
    return bytes(paper.output())


def _facts(meeting: ContractMeeting) -> list[tuple[str, str | None]]:
    return [
        ("Authority", meeting.authority.name),
        ("Provider", meeting.provider.name),
        ("About", about(meeting)),
        ("Planned for", wording.day(meeting.planned_on)),
        ("Held on", wording.day(meeting.held_on) if meeting.held_on else "Not yet"),
        ("Led by", meeting.chair),
        ("Who was there", meeting.present or ("Not held yet" if not meeting.held_on else None)),
    ]


def _action(row: ImprovementAction) -> list[str]:
    return [row.words, row.owner, wording.day(row.due_on), codes.ACTION_STATES[row.state]]
