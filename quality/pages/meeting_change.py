"""What an authority does with a contract meeting: planned, moved, called off, its agenda, held, minuted, sent."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone

from commissioning.kernel import wording
from commissioning.kernel.pages.allowed import allowed
from commissioning.partnership.models import Lot
from providers.models import Provider
from providers.pages import saving as going

from ..actions.meetings import (
    add_item,
    agree_in_meeting,
    cancel_meeting,
    change_item,
    finish_minutes,
    hold_meeting,
    minute_items,
    move_meeting,
    plan_meeting,
    share_agenda,
)
from ..forms_meetings import (
    AgreedForm,
    CancelMeetingForm,
    ChangeItemForm,
    HeldForm,
    ItemForm,
    MinutesForm,
    MoveMeetingForm,
    PlanMeetingForm,
    SendItemsForm,
)
from ..models import ContractMeeting, MeetingItem
from .asked import uuid_of
from .meeting_words import called, crumbs_of, day_words, items_of, own_meeting
from .saving import saved, state_meanwhile

# Items proposed of what the authority alone knows: not sent unless somebody ticks them (rules/agenda.py).
OURS = ("What young people say", "Concerns and complaints")


@allowed("contract-meetings", "create")
def meeting_new(request: HttpRequest) -> HttpResponse:
    key = uuid_of(request.GET.get("provider"))
    named = Provider.objects.filter(uuid=key).first() if key else None
    lots = Lot.objects.select_related("framework").order_by("framework__name", "number")
    if named:
        lots = lots.filter(awards__provider=named).distinct()
    form = PlanMeetingForm(
        request.POST or None, initial={"provider": named.name if named else ""},
        lots=[(str(lot.uuid), f"{lot.framework.name}, {lot}") for lot in lots],
    )  # fmt: skip

    def save() -> tuple[str, str]:
        given = dict(form.cleaned_data)
        chosen = given.pop("lot")
        lot = Lot.objects.get(uuid=chosen) if chosen else None
        made = plan_meeting(
            authority_id=request.user.authority_id, lot=lot, by=request.user, today=timezone.localdate(), **given
        )
        says = f"{called(made)} is planned for {wording.day(made.planned_on)}. Prepare it next."
        return says, reverse("contract-meeting", args=[made.uuid])

    return going.saved(
        request, form, save, heading="Plan a contract meeting", crumb="Plan a meeting",
        crumbs=[("Contract meetings", reverse("contract-meetings"))],
    )  # fmt: skip


def _step(request: HttpRequest, found: ContractMeeting, form: Any, save: Any, heading: str, **more: Any) -> Any:
    return saved(
        request, form, save, heading=heading, crumbs=crumbs_of(found), answer=more.pop("answer", day_words(found)),
        back=reverse("contract-meeting", args=[found.uuid]),
        meanwhile=more.pop("meanwhile", state_meanwhile), **more,
    )  # fmt: skip


@allowed("contract-meetings", "change")
def meeting_move(request: HttpRequest, uuid: UUID) -> HttpResponse:
    found = own_meeting(request, uuid)
    form = MoveMeetingForm(request.POST or None, initial={"version": found.version, "planned_on": found.planned_on})

    def save() -> str:
        move_meeting(meeting=found, by=request.user, today=timezone.localdate(), **form.cleaned_data)
        return f"{found} is moved to {wording.day(form.cleaned_data['planned_on'])}."

    return _step(request, found, form, save, f"{called(found)}: move it")


@allowed("contract-meetings", "change")
def meeting_cancel(request: HttpRequest, uuid: UUID) -> HttpResponse:
    found = own_meeting(request, uuid)
    form = CancelMeetingForm(request.POST or None, initial={"version": found.version})

    def save() -> str:
        cancel_meeting(meeting=found, by=request.user, **form.cleaned_data)
        return f"{found} is called off."

    return _step(request, found, form, save, f"{called(found)}: call it off")


@allowed("contract-meetings", "change")
def item_new(request: HttpRequest, uuid: UUID) -> HttpResponse:
    found = own_meeting(request, uuid)
    form = ItemForm(request.POST or None)

    def save() -> str:
        made = add_item(meeting=found, by=request.user, **form.cleaned_data)
        return f"“{made.title}” is on the agenda."

    return _step(request, found, form, save, f"{called(found)}: add to the agenda")


@allowed("contract-meetings", "change")
def item_change(request: HttpRequest, uuid: UUID, item: UUID) -> HttpResponse:
    found = own_meeting(request, uuid)
    row = get_object_or_404(MeetingItem.objects.select_related("meeting").filter(meeting=found), uuid=item)
    form = ChangeItemForm(
        request.POST or None, initial={"version": row.version, "title": row.title, "words": row.words}
    )

    def save() -> str:
        change_item(item=row, by=request.user, **form.cleaned_data)
        return "The item is changed."

    return _step(request, found, form, save, f"{called(found)}: change an item", meanwhile=None)


@allowed("contract-meetings", "change")
def meeting_send(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """The agenda goes to the provider, item by item."""
    found = own_meeting(request, uuid)
    form = SendItemsForm(
        request.POST or None, items=items_of(found), ours=OURS, button="Send the agenda",
        initial={"version": found.version},
    )  # fmt: skip

    def save() -> str:
        share_agenda(meeting=found, version=form.cleaned_data["version"], items=form.chosen(), by=request.user)
        return f"{found.provider.name} reads the agenda."

    return _step(
        request, found, form, save, f"{called(found)}: send the agenda",
        answer=f"{found.provider.name} reads of the meeting, and the items that you tick. That is not taken back.",
    )  # fmt: skip


@allowed("contract-meetings", "change")
def meeting_held(request: HttpRequest, uuid: UUID) -> HttpResponse:
    found = own_meeting(request, uuid)
    form = HeldForm(request.POST or None, initial={
        "version": found.version, "held_on": min(found.planned_on, timezone.localdate()), "chair": found.chair,
        "present": found.present,
    })  # fmt: skip

    def save() -> str:
        hold_meeting(meeting=found, by=request.user, today=timezone.localdate(), **form.cleaned_data)
        return "Recorded. Write the minutes next, and put what was agreed on the list of actions."

    return _step(request, found, form, save, f"{called(found)}: record that it was held")


@allowed("contract-meetings", "change")
def meeting_minutes(request: HttpRequest, uuid: UUID) -> HttpResponse:
    found = own_meeting(request, uuid)
    items = items_of(found)
    if not items:
        messages.warning(request, "Nothing is on the agenda: add what was talked about, and minute it then.")
        return redirect("contract-meeting-item-new", uuid=uuid)
    form = MinutesForm(request.POST or None, items=items)

    def save() -> str:
        minute_items(meeting=found, minutes=form.minutes(), versions=form.versions(), by=request.user)
        return "The minutes are saved. The provider reads them once you finish and send them."

    def meanwhile(now: Any) -> list[tuple[str, str, str]]:
        """Somebody else minuted an item: it takes the new version, so that saving again decides."""
        item = now.item
        form.data[f"version_{item.uuid}"] = str(now.version)
        return [(item.title, now.words or "nothing", form.cleaned_data.get(f"minutes_{item.uuid}") or "nothing")]

    return _step(request, found, form, save, f"{called(found)}: minutes", meanwhile=meanwhile)


@allowed("contract-meetings", "change")
def meeting_agree(request: HttpRequest, uuid: UUID) -> HttpResponse:
    found = own_meeting(request, uuid)
    form = AgreedForm(request.POST or None)

    def save() -> str:
        agree_in_meeting(meeting=found, by=request.user, today=timezone.localdate(), **form.cleaned_data)
        if found.to_provider:
            return "The action is on the list, and the provider reads it."
        return "The action is on the list. The provider reads it once the minutes are sent."

    return _step(request, found, form, save, f"{called(found)}: agree an action")


@allowed("contract-meetings", "change")
def meeting_finish(request: HttpRequest, uuid: UUID) -> HttpResponse:
    found = own_meeting(request, uuid)
    form = SendItemsForm(
        request.POST or None, items=items_of(found), ours=OURS,
        button="Finish and send the minutes", initial={"version": found.version},
    )  # fmt: skip

    def save() -> str:
        finish_minutes(meeting=found, version=form.cleaned_data["version"], items=form.chosen(), by=request.user)
        return f"The minutes are finished, and {found.provider.name} reads them with every action."

    return _step(
        request, found, form, save, f"{called(found)}: finish and send the minutes",
        answer=f"{found.provider.name} reads the items that you tick, those it had before, and every action. "
        "Finished minutes are not changed again.",
    )  # fmt: skip
