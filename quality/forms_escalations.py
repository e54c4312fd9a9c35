"""The forms of letters and notices to a provider."""

from django import forms

from commissioning.kernel.forms import DayField, PageForm, Versioned

from .forms_common import LINES, HomeField, ProviderField
from .rules import codes

READ = "The provider reads this, and every member where it is shared: write nothing about a child."


class EscalateForm(PageForm):
    button = "Record it"

    stage = forms.ChoiceField(
        label="What was sent?", widget=forms.RadioSelect, choices=list(codes.ESCALATION_STAGES.items()),
        error_messages={"required": "Choose what was sent"},
    )  # fmt: skip
    provider = ProviderField()
    home = HomeField(label="About one home (optional)", required=False)
    reason = forms.CharField(
        label="Why", max_length=4000, widget=LINES, help_text=READ, error_messages={"required": "Say why"}
    )
    sent_on = DayField(label="Sent on", required_says="Enter the day on which it was sent")
    deadline_on = DayField(
        label="Deadline (a default notice needs one)", required=False,
        help_text="The day by which it has to be put right.",
    )  # fmt: skip
    share = forms.BooleanField(label="Share it with every member authority", required=False)


class EndForm(Versioned):
    button = "Save"

    state = forms.ChoiceField(
        label="How did it end?", widget=forms.RadioSelect,
        choices=[pair for pair in codes.ESCALATION_STATES.items() if pair[0] != "open"],
        error_messages={"required": "Choose how it ended"},
    )  # fmt: skip
    ended_on = DayField(label="On", required_says="Enter the day on which it ended")
    why = forms.CharField(
        label="What happened", max_length=2000, widget=LINES, help_text=READ,
        error_messages={"required": "Say what happened"},
    )  # fmt: skip


class ShareForm(Versioned):
    button = "Share it with every member"
