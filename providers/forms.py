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


class PremisesForm(PageForm):
    """Premises that no list holds yet."""

    button = "Record premises"

    name = forms.CharField(
        label="What people call it", max_length=120, widget=WIDE, help_text="For example, 12 Elm Street or Flat 3.",
        error_messages={"required": "Enter what people call it, such as 12 Elm Street"},
    )  # fmt: skip
    address = forms.CharField(label="Address (optional)", required=False, max_length=300, widget=WIDE)
    area_name = forms.CharField(
        label="In which local authority (optional)", required=False, max_length=120, widget=WIDE
    )
    category = forms.TypedChoiceField(
        label="Category", required=False, coerce=int, empty_value=None,
        choices=[("", "Not recorded"), *codes.PREMISES_CATEGORIES.items()],
    )  # fmt: skip
    places = forms.IntegerField(
        label="Places (optional)", required=False, min_value=1, max_value=500,
        widget=forms.NumberInput(attrs={"class": "govuk-input--width-3", "inputmode": "numeric"}),
    )  # fmt: skip


class ChangePremisesForm(PageForm):
    button = "Save"

    name = forms.CharField(
        label="What people call it", required=False, max_length=120, widget=WIDE,
        help_text="For example, 12 Elm Street or Flat 3.",
    )  # fmt: skip
    address = forms.CharField(label="Address (optional)", required=False, max_length=300, widget=WIDE)
    left_on = DayField(
        label="Nobody lives there any more since (optional)", required=False,
        help_text="Leave it empty while somebody does. For example, 31 3 2026",
    )  # fmt: skip
    version = forms.IntegerField(widget=forms.HiddenInput)


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
