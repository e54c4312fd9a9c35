"""The forms of contract meetings."""

from collections.abc import Sequence
from typing import Any

from django import forms

from commissioning.kernel.forms import DayField, PageForm, Versioned
from contracts.forms_placements import WIDE

from .forms_common import LINES, ProviderField
from .forms_replies import LONG
from .models import MeetingItem
from .rules.agenda import Proposed

NO_CHILD = "Write nothing about a child: minutes are read by the provider."


def _told(title: str, words: str) -> str:
    """What a tick is about, in one label."""
    return f"{title}: {words}" if words else title


class PlanMeetingForm(PageForm):
    button = "Plan the meeting"

    provider = ProviderField()
    lot = forms.ChoiceField(
        label="About", required=False, help_text="Everything it does for you, or one lot.",
        choices=[("", "Everything it does for us")],
    )  # fmt: skip
    planned_on = DayField(label="When?", required_says="Enter the day of the meeting")
    chair = forms.CharField(label="Who leads it? (optional)", required=False, max_length=200, widget=WIDE)
    tell = forms.BooleanField(
        label="Let the provider read now that this meeting is planned", required=False,
        help_text="The agenda is sent later, item by item.",
    )  # fmt: skip

    def __init__(self, *args: Any, lots: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["lot"].choices = [("", "Everything it does for us"), *lots]


class MoveMeetingForm(Versioned):
    button = "Move the meeting"

    planned_on = DayField(label="When?", required_says="Enter the day of the meeting")


class CancelMeetingForm(Versioned):
    button = "Call the meeting off"

    why = forms.CharField(
        label="Why is it called off?", max_length=2000, widget=LINES,
        help_text="The provider reads this where it was told of the meeting.",
        error_messages={"required": "Say why the meeting is called off"},
    )  # fmt: skip


class PrepareForm(PageForm):
    """What is proposed for the agenda, each with a tick, and notes of our own."""

    button = "Keep the scorecard and set the agenda"

    def __init__(self, *args: Any, proposals: Sequence[Proposed], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._proposals = list(proposals)
        for number, each in enumerate(self._proposals):
            self.fields[f"item_{number}"] = forms.BooleanField(
                label=_told(each.title, each.words), required=False, initial=True
            )
        self.fields["notes"] = forms.CharField(
            label="Our own notes (optional)", required=False, max_length=8000, widget=LONG,
            help_text="Your authority alone reads them.",
        )  # fmt: skip
        self.helper.layout.fields[:-1] = list(self.fields)

    def chosen(self) -> list[Proposed]:
        return [each for number, each in enumerate(self._proposals) if self.cleaned_data[f"item_{number}"]]


class ItemForm(PageForm):
    button = "Put it on the agenda"

    title = forms.CharField(label="What is to be talked about?", max_length=200, widget=WIDE,
                            error_messages={"required": "Say what is to be talked about"})  # fmt: skip
    words = forms.CharField(
        label="Why, or what is to be settled (optional)", required=False, max_length=4000, widget=LONG,
        help_text=NO_CHILD,
    )  # fmt: skip


class ChangeItemForm(Versioned):
    button = "Save the item"

    title = forms.CharField(label="What is to be talked about?", max_length=200, widget=WIDE,
                            error_messages={"required": "Say what is to be talked about"})  # fmt: skip
    words = forms.CharField(
        label="Why, or what is to be settled (optional)", required=False, max_length=4000, widget=LONG,
        help_text=NO_CHILD,
    )  # fmt: skip


class HeldForm(Versioned):
    button = "Record that it was held"

    held_on = DayField(label="When was it?", required_says="Enter the day of the meeting")
    chair = forms.CharField(label="Who led it?", max_length=200, widget=WIDE,
                            error_messages={"required": "Say who led the meeting"})  # fmt: skip
    present = forms.CharField(
        label="Who was there?", max_length=2000, widget=LONG, help_text="One to a line, with what they are.",
        error_messages={"required": "Say who was there, one to a line"},
    )  # fmt: skip


class MinutesForm(PageForm):
    """What was said of each item; what is left open can be written another time."""

    button = "Save the minutes"

    def __init__(self, *args: Any, items: Sequence[MeetingItem], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._items = items
        for number, item in enumerate(items, 1):
            said = item.minuted
            self.fields[f"minutes_{item.uuid}"] = forms.CharField(
                label=f"{number}. {item.title}", required=False, max_length=8000, initial=said.words if said else "",
                widget=LONG, help_text=item.words,
            )  # fmt: skip
            self.fields[f"version_{item.uuid}"] = forms.IntegerField(
                widget=forms.HiddenInput, initial=said.version if said else 0
            )
        self.helper.layout.fields[:-1] = list(self.fields)

    def minutes(self) -> dict[MeetingItem, str]:
        return {item: self.cleaned_data[f"minutes_{item.uuid}"] for item in self._items}

    def versions(self) -> dict[int, int]:
        return {item.pk: self.cleaned_data[f"version_{item.uuid}"] for item in self._items}


class AgreedForm(PageForm):
    button = "Put it on the list of actions"

    words = forms.CharField(label="What will the provider do?", max_length=4000, widget=LONG, help_text=NO_CHILD,
                            error_messages={"required": "Say what will be done"})  # fmt: skip
    owner = forms.CharField(
        label="Who sees to it?", max_length=200, widget=WIDE, help_text="A post, such as registered manager.",
        error_messages={"required": "Say who will see to it"},
    )  # fmt: skip
    due_on = DayField(label="By when?", required_says="Enter the day by which it will be done")


class SendItemsForm(Versioned):
    """Which items the provider reads. What it reads already is not asked again: it is not taken back."""

    def __init__(self, *args: Any, items: Sequence[MeetingItem], ours: Sequence[str], button: str, **kwargs: Any):
        self.button = button
        super().__init__(*args, **kwargs)
        self._items = [item for item in items if not item.to_provider]
        for item in self._items:
            said = (item.minuted.words if item.minuted else "") or item.words
            self.fields[f"item_{item.uuid}"] = forms.BooleanField(
                label=_told(item.title, said), required=False, initial=item.title not in ours
            )
        self.helper.layout.fields[:-1] = list(self.fields)

    def chosen(self) -> list[MeetingItem]:
        return [item for item in self._items if self.cleaned_data[f"item_{item.uuid}"]]
