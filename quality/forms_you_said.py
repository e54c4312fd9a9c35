"""The forms of what young people said, in an officer's words, and what was done."""

from typing import Any

from django import forms

from commissioning.kernel.forms import DayField, PageForm

from .forms_common import LINES, ProviderField

OWN_WORDS = (
    "In your own words. Quote nobody: the provider and every member read it once it is published, and words that a "
    "young person wrote are refused."
)


class _Said(PageForm):
    button = "Save"

    statements = forms.TypedMultipleChoiceField(
        label="Which statements is it about?", coerce=int, widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Choose at least one statement that it is about"},
    )  # fmt: skip
    said = forms.CharField(
        label="You said", max_length=2000, widget=LINES, help_text=OWN_WORDS,
        error_messages={"required": "Say in your own words what young people said"},
    )  # fmt: skip
    said_on = DayField(label="When it was said or asked", required_says="Enter the day")
    did = forms.CharField(
        label="We did (add it when something was done)", max_length=2000, widget=LINES, required=False,
        help_text="What the provider or we changed. If nothing can be done, say so and why.",
    )  # fmt: skip
    did_on = DayField(label="When it was done (optional)", required=False)

    def __init__(self, *given: Any, statements: list[tuple[int, str]], **more: Any) -> None:
        super().__init__(*given, **more)
        self.fields["statements"].choices = statements


class YouSaidForm(_Said):
    provider = ProviderField()
    field_order = ("provider",)


class ChangeForm(_Said):
    version = forms.IntegerField(widget=forms.HiddenInput)


class PublishForm(PageForm):
    button = "Publish it"

    version = forms.IntegerField(widget=forms.HiddenInput)
