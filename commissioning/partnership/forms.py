"""The forms of frameworks, lots and price lines."""

import re
from typing import Any

from crispy_forms_gds.choices import Choice
from django import forms
from django.core.exceptions import ValidationError

from commissioning.kernel.forms import DayField, LastDayField, PageForm

from .rules import codes

LONG = {"rows": 4}
KIND_HINTS = {
    "framework": "Let once, to the providers that tendered",
    "dynamic_market": "Open to new providers at any time",
    "dps": "The older kind of open market",
    "block": "Places paid for whether used or not",
    "register": "Approved providers, with no contract behind it",
}


def _text(label: str, required_says: str = "", hint: str = "", width: str = "", **options: Any) -> forms.CharField:
    return forms.CharField(
        label=label, help_text=hint, required=bool(required_says), max_length=options.pop("max_length", 200),
        error_messages={"required": required_says},
        widget=forms.TextInput(attrs={"class": f"govuk-input--width-{width}"} if width else {}), **options,
    )  # fmt: skip


def _long(label: str, hint: str = "") -> forms.CharField:
    return forms.CharField(label=label, help_text=hint, required=False, max_length=4000, widget=forms.Textarea(LONG))


class MonthsField(forms.CharField):
    """Extension options in months, in the order in which they may be taken: "12, 12"."""

    def clean(self, value: Any) -> list[int]:
        words = [word for word in re.split(r"[,;\s]+", super().clean(value)) if word]
        if not all(word.isdecimal() and len(word) <= 3 for word in words):
            raise ValidationError("Enter months as whole numbers with commas between them, such as 12, 12")
        return [int(word) for word in words]


class Versioned(forms.Form):
    """Carries the version that was read, so that the second of two people saving at once is told."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    reason = forms.CharField(
        label="Why it changes (optional)",
        required=False,
        max_length=300,
        help_text="Kept in the history of this record.",
    )


class WhatForm(PageForm):
    """What a framework is."""

    button = "Continue"

    name = _text("Name", "Enter the framework's name", "As its members call it, such as South London fostering")
    reference = _text(
        "Reference", "Enter a reference", "The contract register's number or your own", "20", max_length=60
    )
    kind = forms.ChoiceField(
        label="Kind", widget=forms.RadioSelect, error_messages={"required": "Choose the kind of framework"},
        choices=[Choice(key, label, hint=KIND_HINTS[key]) for key, label in codes.FRAMEWORK_KINDS.items()],
    )  # fmt: skip
    note = _long(
        "Note (optional)",
        "What members should know about it. Everyone in the partnership and every provider reads this.",
    )


class TermForm(PageForm):
    """How long a framework runs."""

    button = "Continue"

    starts_on = DayField(label="First day", required_says="Enter the first day", help_text="For example, 1 4 2026")
    ends_before = LastDayField(
        label="Last day of the initial term", required=False,
        help_text="Without extensions. Leave empty for a dynamic market or a register that stays open.",
    )  # fmt: skip
    extension_months = MonthsField(
        label="Extension options, in months (optional)", required=False, max_length=40,
        help_text="In the order in which they may be taken. For two of a year each, enter 12, 12.",
        widget=forms.TextInput(attrs={"class": "govuk-input--width-10"}),
    )  # fmt: skip


class MembersForm(PageForm):
    """Who takes part from the first day."""

    button = "Continue"

    participants = forms.MultipleChoiceField(
        label="Authorities that take part from the first day", widget=forms.CheckboxSelectMultiple, required=False,
        help_text="Each sees every provider's rates on this framework. Others can join later.",
    )  # fmt: skip

    def __init__(self, *args: Any, members: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["participants"].choices = members


class ChangeFrameworkForm(Versioned, WhatForm):
    button = "Save changes"
    field_order = ("name", "reference", "kind", "note", "reason", "version")


class ChangeTermForm(Versioned, TermForm):
    button = "Save changes"
    field_order = ("starts_on", "ends_before", "extension_months", "reason", "version")


class LotForm(PageForm):
    button = "Add lot"

    number = _text("Number", "Enter the lot's number", "As in the tender, such as 1 or 2b", "3", max_length=12)
    name = _text("Name", "Enter the lot's name", "Such as General fostering")
    service_type = forms.ChoiceField(
        label="What is bought", widget=forms.RadioSelect, choices=list(codes.SERVICE_TYPES.items()),
        error_messages={"required": "Choose what is bought on this lot"},
    )  # fmt: skip
    call_off_method = forms.ChoiceField(
        label="How a home is called off", widget=forms.RadioSelect, choices=list(codes.CALL_OFF_METHODS.items()),
        error_messages={"required": "Choose how a home is called off"},
    )  # fmt: skip
    specification = _long(
        "Specification (optional)", "Who the lot is for and what providers must offer, in a few sentences."
    )


class ChangeLotForm(Versioned, LotForm):
    button = "Save changes"
    field_order = ("number", "name", "service_type", "call_off_method", "specification", "reason", "version")


class JoinForm(PageForm):
    button = "See what will change"

    authority = forms.ChoiceField(label="Authority", error_messages={"required": "Choose the authority that joins"})
    starts_on = DayField(label="First day", required_says="Enter the first day on which it takes part")
    ends_before = LastDayField(
        label="Last day (optional)", required=False, help_text="Leave empty if it takes part until the framework ends."
    )

    def __init__(self, *args: Any, members: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["authority"].choices = [("", "Choose an authority"), *members]


class LeaveForm(PageForm):
    button = "See what will change"

    ends_before = LastDayField(label="Last day on which it takes part", required_says="Enter the last day")
    version = forms.IntegerField(widget=forms.HiddenInput)


class ExtendForm(PageForm):
    button = "See what will change"

    taken_on = DayField(label="Day on which the extension was agreed", required_says="Enter the day")


class EventForm(PageForm):
    button = "Record event"

    kind = forms.ChoiceField(
        label="What happened, or is planned", widget=forms.RadioSelect, choices=list(codes.FRAMEWORK_EVENTS.items()),
        error_messages={"required": "Choose what happened"},
    )  # fmt: skip
    happens_on = DayField(label="Day", required_says="Enter the day on which it happened, or will")
    note = _long("Note (optional)")


class PriceLineForm(forms.Form):
    """One line of the pricing schedule. `uuid` is empty for a new one."""

    uuid = forms.UUIDField(required=False, widget=forms.HiddenInput)
    position = forms.IntegerField(label="Order", min_value=1, max_value=999, required=False)
    code = forms.CharField(label="Code", max_length=40, error_messages={"required": "Enter a code"})
    name = forms.CharField(label="Name", max_length=120, error_messages={"required": "Enter a name"})
    includes = forms.CharField(
        label="What the price includes", max_length=2000, required=False, widget=forms.Textarea({"rows": 2})
    )
    unit = forms.ChoiceField(label="Unit", choices=list(codes.UNITS.items()))
    category = forms.ChoiceField(label="Category", choices=list(codes.CATEGORIES.items()))
    level = forms.ChoiceField(
        label="Level", choices=[(key, label or "No level") for key, label in codes.LEVELS.items()], required=False
    )
    age_from = forms.IntegerField(label="Age from", min_value=0, max_value=25, required=False)
    age_to = forms.IntegerField(label="Age to", min_value=0, max_value=25, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, label_suffix="", **kwargs)
        for name, words in (("position", "order"), ("age_from", "youngest age"), ("age_to", "oldest age")):
            self.fields[name].error_messages["invalid"] = f"Enter the {words} as a whole number"
            self.fields[name].widget = forms.TextInput(attrs={"inputmode": "numeric"})
        for name, field in self.fields.items():
            if not field.widget.is_hidden:
                field.widget.attrs["class"] = _WIDTHS[name]

    def clean(self) -> dict[str, Any]:
        youngest, oldest = self.cleaned_data.get("age_from"), self.cleaned_data.get("age_to")
        if youngest is not None and oldest is not None and oldest < youngest:
            self.add_error("age_to", "The oldest age is below the youngest")
        return self.cleaned_data


_WIDTHS = {
    "position": "govuk-input govuk-input--width-2",
    "code": "govuk-input govuk-input--width-5",
    "name": "govuk-input",
    "includes": "govuk-textarea govuk-!-margin-bottom-0",
    "unit": "govuk-select",
    "category": "govuk-select",
    "level": "govuk-select",
    "age_from": "govuk-input govuk-input--width-2",
    "age_to": "govuk-input govuk-input--width-2",
}
