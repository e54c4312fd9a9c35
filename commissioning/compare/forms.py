"""The forms of releases."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django import forms

from commissioning.kernel import wording
from commissioning.kernel.forms import PageForm

from .actions.releases import quarter_ends


class ReleaseForm(PageForm):
    """Which quarter, and a note for those who read it."""

    button = "Ask for the release"

    as_at = forms.ChoiceField(
        label="Twelve months to which day?", widget=forms.RadioSelect,
        error_messages=dict.fromkeys(("required", "invalid_choice"), "Choose the last day of a quarter"),
    )  # fmt: skip
    note = forms.CharField(
        label="Note for those who read it (optional)", required=False, max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
    )  # fmt: skip

    def __init__(self, *args: Any, today: date, there: Mapping[date, str], **kwargs: Any) -> None:
        """`there`: what is of a quarter already, in words."""
        super().__init__(*args, **kwargs)
        self.fields["as_at"].choices = [
            (day.isoformat(), f"{wording.day(day)}: {there[day]}" if day in there else wording.day(day))
            for day in quarter_ends(today)
        ]

    def clean_as_at(self) -> date:
        return date.fromisoformat(self.cleaned_data["as_at"])


class CorrectionForm(PageForm):
    """What was wrong."""

    button = "Ask for the correction"

    note = forms.CharField(
        label="What was wrong?", max_length=500, widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Readers of the old figures see this.",
        error_messages={"required": "Say what was wrong: readers of the old figures will look for it"},
    )  # fmt: skip


class WithdrawForm(PageForm):
    """Why."""

    button = "Withdraw the release"

    why = forms.CharField(
        label="Why is it withdrawn?", max_length=500, widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "Say why: whoever used the figures will ask"},
    )  # fmt: skip


class PeerGroupForm(PageForm):
    """Its name, and which members of the partnership are in it."""

    button = "See what it can show"

    name = forms.CharField(
        label="Name of the group", max_length=120, error_messages={"required": "Enter the group’s name"}
    )
    members = forms.MultipleChoiceField(
        label="Which authorities are in it?", widget=forms.CheckboxSelectMultiple,
        error_messages={
            "required": "Choose at least 2 authorities",
            "invalid_choice": "One of them is no member of the partnership any more. Choose again",
        },
    )  # fmt: skip

    def __init__(self, *args: Any, authorities: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["members"].choices = authorities
