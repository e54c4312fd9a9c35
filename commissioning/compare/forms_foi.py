"""The form by which answers to a freedom of information request are taken out."""

from collections.abc import Mapping
from typing import Any

from django import forms

from commissioning.kernel.forms import PageForm


class AnswersForm(PageForm):
    """Which year, whether providers are named, and which request it is for."""

    button = "Take the workbook"

    year = forms.ChoiceField(label="Which financial year?", error_messages={"required": "Choose the year"})
    named = forms.BooleanField(
        label="Name the providers", required=False,
        help_text="Section 43 may apply: what a named provider was paid can be commercially sensitive. Ask the "
        "provider first, and weigh the public interest.",
    )  # fmt: skip
    reason = forms.CharField(
        label="Which request is it for?", max_length=300,
        widget=forms.TextInput(attrs={"class": "govuk-input--width-30"}),
        error_messages={"required": "Say which request it is for"},
        help_text="Its number, for example. It stays on the record, with your name.",
    )  # fmt: skip

    def __init__(self, *args: Any, years: Mapping[str, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["year"].choices = list(years.items())  # type: ignore[attr-defined]
