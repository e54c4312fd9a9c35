"""The forms of a place on a lot: awarded, and ended."""

from typing import Any

from django import forms

from commissioning.kernel.forms import DayField, LastDayField, PageForm

from ..models import Provider


class PlaceForm(PageForm):
    """Which provider, where in the order of approach, and from when."""

    button = "Award the place"

    provider = forms.CharField(
        label="Provider", max_length=200, error_messages={"required": "Enter the provider's name or company number"},
        help_text="The recorded name, or the company number.",
    )  # fmt: skip
    tier = forms.IntegerField(
        label="Tier (optional)", required=False, min_value=1, max_value=9,
        widget=forms.TextInput(attrs={"class": "govuk-input--width-2", "inputmode": "numeric"}),
        error_messages={"invalid": "Enter the tier as a number from 1 to 9"},
    )  # fmt: skip
    rank = forms.IntegerField(
        label="Rank within the tier (optional)", required=False, min_value=1, max_value=999,
        widget=forms.TextInput(attrs={"class": "govuk-input--width-3", "inputmode": "numeric"}),
        error_messages={"invalid": "Enter the rank as a whole number"},
    )  # fmt: skip
    starts_on = DayField(label="First day", required_says="Enter the first day of the place")
    reason = forms.CharField(
        label="How the provider was admitted (optional)", required=False, max_length=500,
        help_text="For example: awarded in the reopening of October 2025. Every member reads this.",
    )  # fmt: skip

    def __init__(self, *args: Any, nearest: Any = None, **kwargs: Any) -> None:
        self._nearest = nearest
        super().__init__(*args, **kwargs)

    def clean_provider(self) -> Provider:
        words = self.cleaned_data["provider"].strip()
        found = Provider.objects.called(words)
        if found is None:
            near = self._nearest(words) if self._nearest else []
            hint = f" Nearest: {', '.join(near)}." if near else ""
            raise forms.ValidationError(f"No provider is recorded as “{words}”.{hint}")
        return found


class EndPlaceForm(PageForm):
    """From when a place is no longer there, and why."""

    button = "End the place"

    ends_before = LastDayField(label="Last day", required_says="Enter the last day of the place")
    reason = forms.CharField(
        label="Why it ends", max_length=500, error_messages={"required": "Say why the place ends"},
        help_text="For example: withdrew from the framework. Every member reads this.",
    )  # fmt: skip
