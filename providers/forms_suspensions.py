"""The forms of a suspension: made, extended, lifted, and each authority's own decision."""

from django import forms

from commissioning.kernel.forms import DayField, LastDayField, PageForm, Versioned

from .rules import codes

LINES = forms.Textarea(attrs={"rows": 4})
NO_CHILD = "Every member and the provider read this: write nothing about a child."


class SuspendForm(PageForm):
    button = "Suspend"

    reason = forms.ChoiceField(
        label="Why is it suspended?", widget=forms.RadioSelect, choices=list(codes.SUSPENSION_REASONS.items()),
        error_messages={"required": "Choose why it is suspended"},
    )  # fmt: skip
    words = forms.CharField(
        label="What happened", max_length=2000, widget=LINES, help_text=NO_CHILD,
        error_messages={"required": "Say what happened"},
    )  # fmt: skip
    lifts_when = forms.CharField(
        label="What has to be seen before it is lifted", max_length=2000, widget=LINES, help_text=NO_CHILD,
        error_messages={"required": "Say what has to be seen before it is lifted"},
    )  # fmt: skip
    starts_on = DayField(label="First day", required_says="Enter the first day of the suspension")
    expires_on = LastDayField(
        label="Last day (optional)", required=False,
        help_text="After this day it ends by itself. Empty: it holds until it is lifted.",
    )  # fmt: skip


class ExtendForm(Versioned):
    button = "Save the last day"

    expires_on = LastDayField(
        label="Last day (optional)", required=False,
        help_text="After this day it ends by itself. Empty: it holds until it is lifted.",
    )  # fmt: skip
    why = forms.CharField(
        label="Why", max_length=500, widget=LINES, help_text="Kept in the history of this suspension.",
        error_messages={"required": "Say why the last day changes"},
    )  # fmt: skip


class LiftForm(Versioned):
    button = "Lift the suspension"

    why = forms.CharField(
        label="What was seen", max_length=2000, widget=LINES, help_text=NO_CHILD,
        error_messages={"required": "Say what was seen"},
    )  # fmt: skip


class DecideForm(PageForm):
    button = "Save our decision"

    decision = forms.ChoiceField(
        label="What does your authority do?", widget=forms.RadioSelect,
        choices=list(codes.SUSPENSION_DECISIONS.items()),
        error_messages={"required": "Choose what your authority does"},
    )  # fmt: skip
    words = forms.CharField(
        label="Why (needed unless you make no new placements)", max_length=2000, widget=LINES, required=False,
        help_text="Every member reads this: write nothing about a child.",
    )  # fmt: skip
