"""The forms of visits: planned, moved, called off, sent, rated, disputes decided, relied on."""

from typing import Any

from django import forms

from commissioning.kernel.forms import DayField, PageForm, Versioned
from contracts.forms_placements import WIDE

from .rules import codes

LONG = forms.Textarea(attrs={"rows": 4})
NOTICE = [
    ("yes", "Announced: the provider reads from now on that the visit is planned"),
    ("no", "Unannounced: the provider is not told; every member authority is"),
]


class PlanForm(PageForm):
    """One visit to one home. `premises`, `templates` and `people` are lists of (uuid, words); `near` asks whether to
    go although somebody else does."""

    button = "Plan the visit"

    template = forms.ChoiceField(
        label="What is asked", widget=forms.RadioSelect, error_messages={"required": "Choose what is asked"}
    )
    planned_on = DayField(label="Day", required_says="Enter the day of the visit")
    announced = forms.ChoiceField(
        label="Is the provider told?", widget=forms.RadioSelect, choices=NOTICE,
        error_messages={"required": "Say whether the provider is told"},
    )  # fmt: skip
    young_inspectors = forms.BooleanField(label="Young inspectors come along", required=False)
    lead = forms.ChoiceField(label="Who leads it")

    def __init__(
        self, *args: Any, premises: list[tuple[str, str]], templates: list[tuple[str, str]],
        people: list[tuple[str, str]], near: str = "", **kwargs: Any,
    ) -> None:  # fmt: skip
        super().__init__(*args, **kwargs)
        self.fields["template"].choices = templates
        self.fields["lead"].choices = people
        if premises:
            self.fields["premises"] = forms.ChoiceField(
                label="Which premises", choices=[("", "Choose"), *premises],
                error_messages={"required": "Choose the premises"},
            )  # fmt: skip
        if near:
            self.fields["go"] = forms.BooleanField(
                label="Go all the same", required=False,
                help_text="Two visits to one home within three months are a burden on those who live there.",
            )  # fmt: skip
        self.order_fields(("premises", "template", "planned_on", "announced", "young_inspectors", "lead", "go"))
        self.helper.layout.fields[:-1] = list(self.fields)


class MoveForm(Versioned):
    button = "Save"

    planned_on = DayField(label="Day", required_says="Enter the day of the visit")
    announced = forms.BooleanField(label="The provider is told that the visit is planned", required=False)
    lead = forms.ChoiceField(label="Who leads it")

    def __init__(self, *args: Any, people: list[tuple[str, str]], told: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["lead"].choices = people
        if told:  # it cannot be untold
            del self.fields["announced"]
        self.helper.layout.fields[:-1] = list(self.fields)


class CancelForm(Versioned):
    button = "Call the visit off"

    why = forms.CharField(
        label="Why is it called off?", max_length=500, widget=WIDE,
        help_text="Every member reads this, and the provider where it was told of the visit.",
        error_messages={"required": "Say why the visit is called off"},
    )  # fmt: skip


class ConfirmForm(Versioned):
    """Nothing but the version that was read, and a button."""

    def __init__(self, *args: Any, button: str, **kwargs: Any) -> None:
        self.button = button
        super().__init__(*args, **kwargs)


class RateForm(Versioned):
    """The rating that stands; its reason is asked for where it is not the rule's."""

    button = "Save the rating"

    rating = forms.ChoiceField(
        label="What does the visit come to?", widget=forms.RadioSelect, choices=list(codes.RATINGS.items()),
        error_messages={"required": "Choose a rating"},
    )  # fmt: skip
    why = forms.CharField(
        label="Why, where it is not what the rule gives", max_length=2000, widget=LONG, required=False,
        help_text="The provider and every member read this. No word about a child.",
    )  # fmt: skip


class DisputeForm(PageForm):
    button = "Decide"

    outcome = forms.ChoiceField(
        label="What becomes of the finding?", widget=forms.RadioSelect, choices=list(codes.DISPUTE_OUTCOMES.items()),
        error_messages={"required": "Choose what becomes of the finding"},
    )  # fmt: skip
    words = forms.CharField(
        label="Why", max_length=2000, widget=LONG,
        help_text="The provider reads this, and every member where the finding stands. No word about a child.",
        error_messages={"required": "Say why"},
    )  # fmt: skip
    new_words = forms.CharField(
        label="How the finding reads from now on, where it is changed", max_length=4000, widget=LONG, required=False
    )


class RelyForm(PageForm):
    button = "Rely on this visit"

    note = forms.CharField(
        label="Note (optional)", max_length=500, widget=WIDE, required=False,
        help_text="Every member reads this. For example: instead of our own visit due in May.",
    )  # fmt: skip


class StopRelyingForm(PageForm):
    button = "No longer rely on it"

    why = forms.CharField(
        label="Why", max_length=500, widget=WIDE, help_text="Kept in the history.",
        error_messages={"required": "Say why you no longer rely on it"},
    )  # fmt: skip
