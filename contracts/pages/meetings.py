"""A meeting planned, or recorded as held."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone

from commissioning.kernel import wording
from commissioning.kernel.pages.allowed import allowed

from ..actions.watch import hold_meeting, plan_meeting
from ..forms_watch import HeldForm, MeetingForm
from ..models import PlacementMeeting
from ..rules.clocks import planning_due
from .placement import crumbs_of
from .watch_forms import saved
from .who import own_placement


@allowed("placements", "change")
def meeting_new(request: HttpRequest, uuid: UUID) -> HttpResponse:
    found, today = own_placement(uuid), timezone.localdate()
    known = list(PlacementMeeting.objects.filter(placement=found).order_by("due_on", "pk"))
    first = not any(meeting.kind == "planning" for meeting in known)
    initial = {"kind": "planning", "due_on": planning_due(found.starts_on)} if first else {}
    form = MeetingForm(request.POST or None, initial=initial)
    waiting = [
        (meeting.get_kind_display(), f"Due by {wording.day(meeting.due_on)}, not held",
         reverse("meeting-held", args=[uuid, meeting.uuid]), "Record that it was held")
        for meeting in known if meeting.held_on is None
    ]  # fmt: skip
    return saved(
        request, form,
        lambda: plan_meeting(placement=found, by=request.user, today=today, **form.cleaned_data),
        says=f"The meeting about {found} is recorded.", then=f"{reverse('placement', args=[uuid])}#meetings",
        heading=f"{found}: plan or record a meeting", crumb="Meeting", crumbs=crumbs_of(found), moves=waiting,
        answer="A planning meeting is due within five working days of the first night, "
        f"{wording.day(found.starts_on)}: by {wording.day(planning_due(found.starts_on))}.",
    )  # fmt: skip


@allowed("placements", "change")
def meeting_held(request: HttpRequest, uuid: UUID, meeting: UUID) -> HttpResponse:
    found, today = own_placement(uuid), timezone.localdate()
    known = get_object_or_404(PlacementMeeting.objects.filter(placement=found), uuid=meeting)
    form = HeldForm(
        request.POST or None, initial={"held_on": known.held_on, "note": known.note, "version": known.version}
    )
    what = known.get_kind_display()
    return saved(
        request, form, lambda: hold_meeting(meeting=known, by=request.user, today=today, **form.cleaned_data),
        says=f"{what}: held, and recorded.", then=f"{reverse('placement', args=[uuid])}#meetings",
        heading=f"{found}: {what.lower()}", crumb=what, crumbs=crumbs_of(found),
        answer=f"It was due by {wording.day(known.due_on)}.",
    )  # fmt: skip
