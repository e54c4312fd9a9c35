"""The forms of planned actions."""

from collections.abc import Sequence
from typing import Any

from django import forms

from commissioning.kernel.forms import DayField, Versioned

from .rules import codes

LONG = forms.Textarea(attrs={"rows": 4})


class ProgressForm(Versioned):
    button = "Save the progress"

    state = forms.ChoiceField(
        label="How far is it?", widget=forms.RadioSelect, choices=list(codes.PLAN_STATES.items()),
        error_messages={"required": "Choose how far it is"},
    )  # fmt: skip
    progress = forms.CharField(
        label="What was done, in a few words (optional)", required=False, max_length=4000, widget=LONG,
        help_text="Every member reads this: write nothing about a child.",
    )  # fmt: skip


class StatementsForm(Versioned):
    button = "Save the statements"

    def __init__(self, *args: Any, statements: Sequence[Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["statements"] = forms.TypedMultipleChoiceField(
            label="Which statements does it serve?", required=False, coerce=int, widget=forms.CheckboxSelectMultiple,
            choices=[(each.number, str(each)) for each in statements],
        )  # fmt: skip
        self.helper.layout.fields[:-1] = list(self.fields)


class MetForm(Versioned):
    button = "Save"

    met_on = DayField(
        label="Met on", required=False, help_text="Leave it empty where it is not met after all.",
    )  # fmt: skip
