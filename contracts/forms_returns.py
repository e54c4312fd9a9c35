"""The form by which a return is taken out."""

from django import forms

from commissioning.kernel.forms import DayField, PageForm

from .measures.returns import LAYOUTS

KINDS = {"xlsx": "Excel workbook", "csv": "csv"}


class ReturnForm(PageForm):
    """Which return, as at which day, as which file, and what for."""

    button = "Take the file"

    layout = forms.ChoiceField(
        label="Which return?", widget=forms.RadioSelect,
        choices=[(key, layout.label) for key, layout in LAYOUTS.items()],
        error_messages={"required": "Choose a return"},
    )  # fmt: skip
    as_at = DayField(label="As at which day?", required_says="Enter the day that the return describes")
    reason = forms.CharField(
        label="What is it for?", max_length=300, widget=forms.TextInput(attrs={"class": "govuk-input--width-30"}),
        error_messages={"required": "Say what the return is for"}, help_text="It stays on the record, with your name.",
    )  # fmt: skip
    kind = forms.ChoiceField(
        label="Which kind of file?", widget=forms.RadioSelect, choices=list(KINDS.items()), initial="xlsx",
        error_messages={"required": "Choose the kind of file"},
    )  # fmt: skip
