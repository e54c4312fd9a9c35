"""The form by which a return is taken out."""

from typing import Any

from django import forms

from commissioning.kernel.forms import DayField, PageForm

from .measures.returns import LAYOUTS
from .returns import KINDS, kinds_of


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
        help_text="The Placements Data Standard is JSON alone; the others are tables.",
    )  # fmt: skip

    def clean(self) -> dict[str, Any]:
        asked = super().clean() or {}
        layout, kind = LAYOUTS.get(asked.get("layout", "")), asked.get("kind")
        if layout is not None and kind and kind not in kinds_of(layout):
            only = " or ".join(KINDS[each] for each in kinds_of(layout))
            self.add_error("kind", f"{layout.label} is given as {only}")
        return asked
