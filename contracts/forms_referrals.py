"""The forms of the referral log: a search opened, providers asked, an answer, a choice, the end."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from django import forms
from django.utils import timezone

from commissioning.kernel.forms import DayField, Versioned
from commissioning.partnership.rules.codes import LEVELS
from providers.models import Provider

from .actions.referrals import CLOSED_WITHOUT
from .forms_placements import (
    WIDE,
    ChildField,
    PageForm,
    PoundsField,
    chosen,
    lay_out,
    override_field,
    yes_no,
)
from .rules import codes

LONG = forms.Textarea(attrs={"rows": 4})
FEW_LINES = forms.Textarea(attrs={"rows": 2, "autocomplete": "off", "spellcheck": "false"})


class AskForm(PageForm):
    """Who is asked: everybody on the lots ticked, and providers by name."""

    button = "Ask them"

    lots = forms.MultipleChoiceField(
        label="Ask every provider on these lots", required=False, widget=forms.CheckboxSelectMultiple
    )
    first_tier = forms.BooleanField(label="Of lots with tiers, ask the first tier only", required=False)
    providers = forms.CharField(
        label="Ask these providers too, outside the lots (optional)", required=False, max_length=2000, widget=FEW_LINES,
        help_text="One on each line: the recorded name, or the company number.",
    )  # fmt: skip

    def __init__(
        self, *args: Any, lots: list[tuple[str, str]], nearest: Callable[[str], list[str]],
        suspended: Sequence[str] = (), **kwargs: Any,
    ) -> None:  # fmt: skip
        self._nearest = nearest
        super().__init__(*args, **kwargs)
        if suspended:
            self.fields["override_reason"] = override_field(
                "Why, if somebody suspended is asked all the same (optional)", suspended
            )
        if lots:
            self.fields["lots"].choices = lots
        else:
            del self.fields["lots"], self.fields["first_tier"]
        lay_out(self)

    def clean_providers(self) -> list[Provider]:
        found = []
        for line in self.cleaned_data["providers"].splitlines():
            typed = line.strip()
            if not typed:
                continue
            provider = Provider.objects.called(typed)
            if provider is None:
                near = self._nearest(typed)
                hint = f" Nearest: {', '.join(near)}." if near else ""
                raise forms.ValidationError(f"No provider is recorded as “{typed}”.{hint}")
            if provider not in found:
                found.append(provider)
        return found


class ReferralForm(AskForm):
    """One short form: what is needed first, and below it what may be left empty."""

    button = "Open the search and ask"
    field_order = (
        "child", "needed_by", "urgency", "in_house_tried", "service_type", "lots", "first_tier", "level",
        "wanted_area", "siblings", "providers", "override_reason", "born_on", "sex",
    )  # fmt: skip

    child = ChildField()
    needed_by = DayField(label="Needed by", required_says="Enter the day by which the home is needed")
    urgency = forms.ChoiceField(
        label="Planned or emergency?", widget=forms.RadioSelect, choices=list(codes.URGENCIES.items()),
        error_messages={"required": "Choose planned or emergency"},
    )  # fmt: skip
    in_house_tried = forms.ChoiceField(
        label="Were our own carers and homes tried?", widget=forms.RadioSelect,
        choices=list(codes.IN_HOUSE_TRIED.items()),
        error_messages={"required": "Say whether our own carers and homes were tried"},
    )  # fmt: skip
    service_type = chosen("Kind of home sought", codes.SERVICE_TYPES, "Choose the kind of home")
    level = chosen("Level (optional)", LEVELS, nothing="Not recorded")
    wanted_area = forms.CharField(
        label="Where (optional)", max_length=200, widget=WIDE, required=False, help_text="An area, never an address."
    )
    siblings = forms.IntegerField(
        label="Brothers and sisters to live with (optional)", required=False, min_value=0, max_value=12,
        widget=forms.TextInput(attrs={"class": "govuk-input--width-2", "inputmode": "numeric"}),
        error_messages={"invalid": "Enter a number, such as 2"},
    )  # fmt: skip
    born_on = DayField(
        label="Date of birth, where the child is new (optional)", required=False,
        help_text="Kept, and never shown: pages say the age. For example, 17 5 2012",
    )  # fmt: skip
    sex = chosen("Sex, where the child is new (optional)", codes.SEXES, nothing="Not recorded")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.order_fields(self.field_order)
        lay_out(self)

    def clean_siblings(self) -> int:
        return self.cleaned_data["siblings"] or 0


class AnswerForm(Versioned):
    """What a provider answered. `answer` known: only what belongs to it is asked."""

    button = "Record the answer"

    answer = forms.ChoiceField(
        label="What did the provider answer?", widget=forms.RadioSelect,
        choices=[pair for pair in codes.ANSWERS.items() if pair[0]],
        error_messages={"required": "Choose what the provider answered"},
    )  # fmt: skip
    decline_reason = chosen("Why it declined", codes.DECLINE_REASONS)
    weekly_amount = PoundsField(label="Price a week (optional)", required=False)
    available_on = DayField(label="Available on (optional)", required=False)
    suitable = yes_no("Is it suitable, in your judgement?")
    answered_on = DayField(label="Day of the answer", required_says="Enter the day of the answer")
    answered_time = forms.TimeField(
        label="Time of the answer", input_formats=["%H:%M", "%H.%M", "%H%M"],
        widget=forms.TimeInput(attrs={"class": "govuk-input govuk-input--width-5"}, format="%H:%M"),
        help_text="On a clock of 24 hours. For example, 14:05",
        error_messages={"required": "Enter the time of the answer", "invalid": "Enter a time, such as 14:05"},
    )  # fmt: skip

    def __init__(self, *args: Any, homes: Any, known: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["establishment"] = forms.ModelChoiceField(
            label="Which home or agency (optional)", queryset=homes, required=False, to_field_name="uuid",
            empty_label="Not recorded",
        )  # fmt: skip
        self.order_fields((
            "answer", "decline_reason", "weekly_amount", "available_on", "establishment", "suitable", "answered_on",
            "answered_time", "version",
        ))  # fmt: skip
        if known == "declined":
            for name in ("weekly_amount", "available_on", "establishment", "suitable"):
                del self.fields[name]
        elif known == "offered":
            del self.fields["decline_reason"]
        if known:
            self.fields["answer"].widget = forms.HiddenInput()
        lay_out(self)

    def answered_at(self, asked_at: datetime) -> datetime:
        """The moment typed, to the minute; within the minute of asking it is the moment of asking."""
        day, time = self.cleaned_data["answered_on"], self.cleaned_data["answered_time"]
        typed = timezone.make_aware(datetime.combine(day, time))
        return asked_at if typed == asked_at.replace(second=0, microsecond=0) else typed


class ChooseForm(Versioned):
    button = "Choose this home"

    offer = forms.ChoiceField(
        label="Which offer?", widget=forms.RadioSelect, error_messages={"required": "Choose one of the offers"}
    )
    chosen_why = forms.CharField(
        label="Why this home", max_length=2000, widget=LONG, error_messages={"required": "Say why this home was chosen"}
    )

    def __init__(self, *args: Any, offers: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["offer"].choices = offers


class CloseForm(Versioned):
    button = "Close the search"

    outcome = forms.ChoiceField(
        label="How did the search end?", widget=forms.RadioSelect,
        choices=[(key, codes.REFERRAL_OUTCOMES[key]) for key in CLOSED_WITHOUT],
        error_messages={"required": "Choose how the search ended"},
    )  # fmt: skip
    chosen_why = forms.CharField(label="Why (optional)", max_length=2000, widget=LONG, required=False)


class ReopenForm(Versioned):
    button = "Open the search again"

    reason = forms.CharField(
        label="Why", max_length=300, widget=WIDE, help_text="Kept in the history of this search.",
        error_messages={"required": "Say why the search goes on"},
    )  # fmt: skip


class ViewForm(Versioned):
    """What the young person says; no provider ever reads it."""

    child_view = forms.CharField(
        label="What the young person says", max_length=4000, widget=LONG, required=False,
        help_text="In their own words where you can. Nobody outside your authority reads this.",
    )  # fmt: skip
    visited_first = chosen("Could they visit first?", codes.VISITED_FIRST, nothing="Not recorded")
    needs = forms.CharField(
        label="What they need (optional)", max_length=4000, widget=LONG, required=False,
        help_text="Nobody outside your authority reads this.",
    )  # fmt: skip
