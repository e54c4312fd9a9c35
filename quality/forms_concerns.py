"""The forms of concerns and complaints."""

from typing import Any

from django import forms

from commissioning.kernel.forms import DayField, PageForm, Versioned
from commissioning.partnership.models import Authority

from .forms_common import LINES, HomeField, ProviderField
from .rules import codes

NO_CHILD = "Write nothing about a child here, no name and no reference: others may read it."
MARKING_HINTS = {
    "shareable": "every member authority reads it",
    "placing": "nobody else reads it",
    "safeguarding": "people are told the moment you send this; nobody else reads the words",
}


class ConcernForm(PageForm):
    button = "Record it"

    kind = forms.ChoiceField(
        label="Concern or complaint?", widget=forms.RadioSelect, choices=list(codes.CONCERN_KINDS.items()),
        error_messages={"required": "Choose concern or complaint"},
    )  # fmt: skip
    source = forms.ChoiceField(
        label="Who raised it?", widget=forms.RadioSelect, choices=list(codes.CONCERN_SOURCES.items()),
        error_messages={"required": "Choose who raised it"},
    )  # fmt: skip
    home = HomeField(
        label="Home or agency (optional)", required=False,
        help_text="Its URN, such as SC123456, or its recorded name. Leave it empty where it is about the provider as a "
        "whole.",
    )  # fmt: skip
    provider = ProviderField(
        label="Provider, where no home is given", required=False,
        help_text="The recorded name, or the company number.",
    )  # fmt: skip
    theme = forms.ChoiceField(
        label="What is it about?", widget=forms.RadioSelect, choices=list(codes.CONCERN_THEMES.items()),
        error_messages={"required": "Choose what it is about"},
    )  # fmt: skip
    raised_on = DayField(label="Day on which it was raised", required_says="Enter the day on which it was raised")
    words = forms.CharField(
        label="What the concern is", max_length=4000, widget=LINES, help_text=NO_CHILD,
        error_messages={"required": "Say what the concern is"},
    )  # fmt: skip
    marking = forms.ChoiceField(
        label="Who may read it?", widget=forms.RadioSelect,
        choices=[(key, f"{label}: {MARKING_HINTS[key]}") for key, label in codes.MARKINGS.items()],
        error_messages={"required": "Choose who may read it"},
    )  # fmt: skip
    note = forms.CharField(
        label="What concerns a child (optional)", max_length=4000, widget=LINES, required=False,
        help_text="Only your own authority reads this, whatever you choose above.",
    )  # fmt: skip

    def __init__(self, *args: Any, authority: Authority, says: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        others = Authority.objects.exclude(member_from=None).exclude(pk=authority.pk).order_by("name")
        self.fields["about"] = forms.ModelChoiceField(
            label="Is it about another authority’s child? (optional)", queryset=others, required=False,
            to_field_name="uuid", empty_label="No, or about ours", help_text="That authority then reads it too.",
        )  # fmt: skip
        self.order_fields((*list(self.base_fields)[:-1], "about", "note"))
        self.helper.layout.fields[:-1] = list(self.fields)
        self.fields["marking"].help_text = says


class NoteForm(PageForm):
    button = "Add the note"

    words = forms.CharField(
        label="Note", max_length=4000, widget=LINES, help_text="Only your own authority reads this.",
        error_messages={"required": "Enter the note"},
    )  # fmt: skip


class MarkForm(Versioned):
    button = "Save"

    marking = forms.ChoiceField(
        label="Who may read it?", widget=forms.RadioSelect,
        choices=[(key, f"{codes.MARKINGS[key]}: {MARKING_HINTS[key]}") for key in ("shareable", "safeguarding")],
        error_messages={"required": "Choose who may read it"},
    )  # fmt: skip

    def __init__(self, *args: Any, says: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["marking"].help_text = says


class CloseForm(Versioned):
    button = "Close it"

    closed_on = DayField(label="Day on which it was closed", required_says="Enter the day on which it was closed")
    outcome = forms.CharField(
        label="What came of it", max_length=2000, widget=LINES, help_text=NO_CHILD,
        error_messages={"required": "Say what came of it"},
    )  # fmt: skip
