"""Forms about webhooks."""

from typing import Any

from crispy_forms_gds.choices import Choice
from django import forms

from commissioning.kernel.forms import DayField, PageForm

from .rules.webhooks import IN_SHORT, KEPT_DAYS, KINDS

CHANGE_OVER = {"7": "7 days more", "1": "1 day more", "0": "Not at all: the secret may have become known"}


class WebhookForm(PageForm):
    button = "Make webhook"

    name = forms.CharField(
        label="What the webhook is for", max_length=120,
        widget=forms.TextInput(attrs={"class": "govuk-input--width-30", "autocomplete": "off"}),
        help_text="For example: data warehouse, or the quality team's channel.",
        error_messages={"required": "Say what it is for, so that you know later which one to stop."},
    )  # fmt: skip
    address = forms.CharField(
        label="Address that messages are sent to", max_length=500,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        help_text="It begins with https:// and can be reached from the internet. Whoever runs the receiving system "
        "gives it to you.",
        error_messages={"required": "Enter the address that messages are sent to."},
    )  # fmt: skip
    kinds = forms.MultipleChoiceField(
        label="What it is told of", widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Choose what it is told of."},
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kinds"].choices = [Choice(key, IN_SHORT[key], hint=f"{says}.") for key, says in KINDS.items()]


class SecretForm(PageForm):
    button = "Make a new secret"

    days = forms.ChoiceField(
        label="For how long does the secret of now sign as well?", widget=forms.RadioSelect,
        choices=[Choice(days, words) for days, words in CHANGE_OVER.items()],
        help_text="Meanwhile each message carries both signatures, so that the receiver loses none while it changes.",
        error_messages={"required": "Choose how long the secret of now signs as well."},
    )  # fmt: skip


class AgainForm(PageForm):
    button = "Send again"

    since = DayField(
        label="From which day on?", help_text=f"At most {KEPT_DAYS} days ago.",
        required_says="Enter the day from which on everything is sent again",
    )  # fmt: skip
