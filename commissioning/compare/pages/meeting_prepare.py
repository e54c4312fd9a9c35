"""A contract meeting prepared: the scorecard as it stands is kept, and what it says is proposed for the agenda."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from commissioning.kernel.pages.allowed import allowed
from quality.actions.meetings import prepare_meeting
from quality.forms_meetings import PrepareForm
from quality.models import ContractMeeting, MeetingItem, MeetingPaper
from quality.pages.meeting_words import called, crumbs_of, own_meeting
from quality.pages.saving import saved
from quality.rules.agenda import RULE, proposed

from ..measures.scorecard import Scope, of_provider
from .scorecard_rows import agenda_facts, as_kept, sections
from .scorecards import card_of


def scope_of(meeting: ContractMeeting) -> Scope:
    """Of the provider; of one lot alone where the meeting is about that."""
    whole = of_provider(meeting.provider)
    return Scope(whole.providers, meeting.lot) if meeting.lot_id else whole


@allowed("contract-meetings", "change")
def prepare(request: HttpRequest, uuid: UUID) -> HttpResponse:
    meeting = own_meeting(request, uuid)
    card = card_of(request, scope_of(meeting))
    known = set(MeetingItem.objects.filter(meeting=meeting).values_list("title", flat=True))
    proposals = [each for each in proposed(agenda_facts(card)) if each.title not in known]
    paper = MeetingPaper.objects.filter(meeting=meeting).first()
    form = PrepareForm(request.POST or None, proposals=proposals, initial={"notes": paper.notes if paper else ""})

    def save() -> str:
        items = form.chosen()
        prepare_meeting(
            meeting=meeting, scorecard=as_kept(sections(card)), items=items, notes=form.cleaned_data["notes"],
            by=request.user, now=timezone.now(),
        )  # fmt: skip
        added = "Nothing was added to the agenda" if not items else f"{len(items)} on the agenda"
        return f"The scorecard of today is kept. {added}."

    more = "" if proposals else "The scorecard proposes nothing that is not on the agenda already. "
    return saved(
        request, form, save, heading=f"{called(meeting)}: prepare it", crumbs=crumbs_of(meeting),
        back=crumbs_of(meeting)[-1][1],
        answer=f"{more}The scorecard of today is kept with the meeting, and what you tick goes on the agenda. {RULE}",
    )  # fmt: skip
