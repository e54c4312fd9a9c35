"""Fields that the forms of events, concerns and letters share."""

from datetime import date, datetime, time
from typing import Any

from django import forms
from django.utils import timezone

from providers.models import Establishment, Provider, WorkingName
from providers.rules.matching import likely_names

WIDE = forms.TextInput(attrs={"class": "govuk-input--width-30", "autocomplete": "off", "spellcheck": "false"})
LINES = forms.Textarea(attrs={"rows": 4})
NEVER = "Never a name, and nothing by which a child could be known."


class HomeField(forms.CharField):
    """A home by its URN, its published name, or the name that our authority gave it; given as the Establishment."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{
            "label": "Home or agency", "max_length": 200, "widget": WIDE,
            "help_text": "Its URN, such as SC123456, or its recorded name.",
            "error_messages": {"required": "Enter the home’s URN or its name"}, **options,
        })  # fmt: skip

    def clean(self, value: Any) -> Establishment | None:
        typed = super().clean(value).strip()
        if not typed:
            return None
        homes = Establishment.objects.select_related("provider")
        found = list(homes.filter(urn__iexact=typed)[:1]) or list(homes.filter(name__iexact=typed)[:3])
        if not found:
            named = WorkingName.objects.filter(name__iexact=typed).values("establishment")
            found = list(homes.filter(pk__in=named)[:3])
        if len(found) > 1:
            which = ", ".join(f"{each.urn} of {each.provider or 'nobody recorded'}" for each in found)
            raise forms.ValidationError(f"Several homes are called that: {which}. Enter the URN.")
        if not found:
            raise forms.ValidationError(f"No home has the URN or the name “{typed}”.")
        return found[0]


class ProviderField(forms.CharField):
    """A provider by its recorded name or company number; given as the Provider."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{
            "label": "Provider", "max_length": 200, "widget": WIDE,
            "help_text": "The recorded name, or the company number.",
            "error_messages": {"required": "Enter the provider"}, **options,
        })  # fmt: skip

    def clean(self, value: Any) -> Provider | None:
        typed = super().clean(value).strip()
        if not typed:
            return None
        found = Provider.objects.called(typed)
        if found is None:
            near = likely_names(typed, list(Provider.objects.order_by("name").values_list("name", flat=True)))
            hint = f" Nearest: {', '.join(near)}." if near else ""
            raise forms.ValidationError(f"No provider is recorded as “{typed}”.{hint}")
        return found


def clock(label: str, *, required: bool = True) -> forms.TimeField:
    return forms.TimeField(
        label=label, input_formats=["%H:%M", "%H.%M", "%H%M"], required=required,
        widget=forms.TimeInput(attrs={"class": "govuk-input govuk-input--width-5"}, format="%H:%M"),
        help_text="On a clock of 24 hours. For example, 14:05",
        error_messages={"required": "Enter the time", "invalid": "Enter a time, such as 14:05"},
    )  # fmt: skip


def moment(day: date | None, at: time | None) -> datetime | None:
    """The moment typed in two fields; None where there is no day."""
    return timezone.make_aware(datetime.combine(day, at or time.min)) if day else None
