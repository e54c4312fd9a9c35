"""The forms of providers: a document, a working name, another name."""

from typing import Any

from crispy_forms_gds.choices import Choice
from django import forms

from commissioning.kernel.forms import DayField, PageForm

from .actions.name_home import LONGEST
from .rules import codes

WIDE = forms.TextInput(attrs={"class": "govuk-input--width-30"})


class DocumentForm(PageForm):
    button = "Record document"

    kind = forms.ChoiceField(
        label="What is it?", widget=forms.RadioSelect, choices=list(codes.DOCUMENT_KINDS.items()),
        error_messages={"required": "Choose what kind of document it is"},
    )  # fmt: skip
    reference = forms.CharField(
        label="Reference (optional)", required=False, max_length=120,
        widget=forms.TextInput(attrs={"class": "govuk-input--width-20"}),
        help_text="The policy number, or the document’s version.",
    )  # fmt: skip
    issued_on = DayField(label="Issued on (optional)", required=False, help_text="For example, 1 4 2026")
    expires_on = DayField(
        label="Expires on", required_says="Enter the day on which it expires", help_text="For example, 31 3 2027"
    )


class WorkingNameForm(PageForm):
    button = "Save name"

    name = forms.CharField(
        label="What your officers call it", required=False, max_length=LONGEST, widget=WIDE,
        help_text="Only people of your authority see this. Leave it empty to take the name away.",
    )  # fmt: skip


class NameForm(PageForm):
    """Which name: the first step of confirming one."""

    button = "Find the nearest providers"

    name = forms.CharField(
        label="The name as the file has it", max_length=200, widget=WIDE, error_messages={"required": "Enter the name"}
    )


class AliasForm(PageForm):
    """Which provider a name stands for. `near` are (uuid, name, hint), the nearest first."""

    button = "Confirm"

    provider = forms.ChoiceField(
        label="Which provider is it?",
        widget=forms.RadioSelect,
        error_messages={"required": "Choose the provider, or go back"},
    )
    name = forms.CharField(widget=forms.HiddenInput, max_length=200)

    def __init__(self, *args: Any, near: list[tuple[str, str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["provider"].choices = [Choice(key, name, hint=hint) for key, name, hint in near]
