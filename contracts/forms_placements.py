"""The forms of placements: recorded, put right, ended."""

from collections.abc import Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from crispy_forms_gds.layout import HTML
from django import forms
from django.db.models import QuerySet
from django.utils.html import format_html

from commissioning.kernel.forms import DayField, PageForm, Versioned
from commissioning.partnership.rules.codes import LEVELS
from providers.models import Premises, Provider

from .rules import codes

SHORT = forms.TextInput(attrs={"class": "govuk-input--width-20", "autocomplete": "off", "spellcheck": "false"})
WIDE = forms.TextInput(attrs={"class": "govuk-input--width-30"})
YES_NO = [("True", "Yes"), ("False", "No"), ("", "Not recorded")]
# Who else pays a part; social care pays what is left.
OTHERS = {key: label for key, label in codes.FUNDERS.items() if key != "social_care"}
RARE = ("called_off_on", "ends_before", "respite", "solo", "reference", *(f"from_{key}" for key in OTHERS))
FOLDED = (
    '<details class="govuk-details"{}><summary class="govuk-details__summary">'
    '<span class="govuk-details__summary-text">'
    "Where it applies: a short stay, one that is over, your own reference, who else pays"
    '</span></summary><div class="govuk-details__text">'
)
MOST_SUSPENDED = 8
WAYS = {
    "lot": "From a lot of a framework, dynamic market or block contract",
    "spot": "Spot, outside all of them",
    "in_house": "Our own carers, home or pathway place",
}


class TextInput(forms.TextInput):
    """A field with its £ in front. Named like its parent: by that name the form's markup knows what to mark red."""

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__({"class": "govuk-input--width-10", "inputmode": "decimal", **(attrs or {})})

    def render(self, *args: Any, **kwargs: Any) -> str:
        field = super().render(*args, **kwargs)
        return format_html(
            '<div class="govuk-input__wrapper"><div class="govuk-input__prefix" aria-hidden="true">£</div>{}</div>',
            field,
        )


class PoundsField(forms.CharField):
    """Pounds and pence as people write them ("£1,234.50"), given as Decimal; None where nothing is typed."""

    widget = TextInput

    def clean(self, value: Any) -> Decimal | None:
        text = super().clean(value).replace("£", "").replace(",", "").strip()
        if not text:
            return None
        try:
            amount = Decimal(text)
        except InvalidOperation:
            raise forms.ValidationError("Enter an amount in pounds, such as 1,234.50") from None
        if not amount.is_finite() or amount < 0 or amount >= 1_000_000 or amount != round(amount, 2):
            raise forms.ValidationError("Enter an amount in pounds and pence, below a million, such as 1,234.50")
        return amount


class ChildField(forms.CharField):
    """A case reference or a number. What has no figure in it is likely a name, and no name is kept anywhere."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{
            "label": "Child’s case reference or number", "max_length": 60, "widget": SHORT,
            "error_messages": {"required": "Enter the child’s case reference, or the number such as Child 12"},
            "help_text": "A case reference that is not known yet adds the child. Never a name.", **options,
        })  # fmt: skip

    def clean(self, value: Any) -> str:
        typed = super().clean(value)
        if typed and not any(letter.isdigit() for letter in typed):
            raise forms.ValidationError("Enter a reference that has figures in it, such as C-10482. Never a name.")
        return typed


def yes_no(label: str, **options: Any) -> forms.TypedChoiceField:
    return forms.TypedChoiceField(
        label=label, choices=YES_NO, required=False, widget=forms.RadioSelect, empty_value=None,
        coerce=lambda text: {"True": True, "False": False}.get(text), **options,
    )  # fmt: skip


def chosen(label: str, choices: dict[str, str], required_says: str = "", nothing: str = "Choose", **options: Any):
    """A drop-down whose first line chooses nothing."""
    listed = [("", nothing), *((key, words) for key, words in choices.items() if key)]
    return forms.ChoiceField(
        label=label, choices=listed, required=bool(required_says), error_messages={"required": required_says}, **options
    )


def lay_out(form: PageForm) -> None:
    """Fields that were added or taken away after the form was made stand where they belong, before the button."""
    form.helper.layout.fields[:-1] = list(form.fields)


def override_field(label: str, suspended: Sequence[str]) -> forms.CharField:
    """Asked only while something is suspended: what is, and the reason for doing it all the same."""
    more = len(suspended) - MOST_SUSPENDED
    listed = ". ".join(suspended[:MOST_SUSPENDED]) + (f". And {more} more" if more > 0 else "")
    return forms.CharField(
        label=label, required=False, max_length=500, widget=forms.Textarea(attrs={"rows": 2}),
        help_text=f"{listed}. What you write is kept in the history.",
    )  # fmt: skip


class WayForm(PageForm):
    """How a home was bought: the first step."""

    button = "Continue"

    how = forms.ChoiceField(
        label="How is this home bought?", widget=forms.RadioSelect, choices=list(WAYS.items()),
        error_messages={"required": "Choose how this home is bought"},
    )  # fmt: skip


class PlacementForm(PageForm):
    """One home of one child. `how` decides which fields are asked; without `asks_child` the child is known."""

    button = "Record the placement"

    child = ChildField()
    born_on = DayField(
        label="Date of birth, where the child is new (optional)", required=False,
        help_text="Kept, and never shown: pages say the age. For example, 17 5 2012",
    )  # fmt: skip
    award = forms.ChoiceField(label="Place on a lot", error_messages={"required": "Choose the lot and the provider"})
    provider = forms.CharField(
        label="Provider", max_length=200, widget=WIDE, error_messages={"required": "Enter the provider"},
        help_text="The recorded name, or the company number.",
    )  # fmt: skip
    keep_name = forms.BooleanField(
        label="The provider is not recorded: keep the name as I typed it", required=False
    )  # fmt: skip
    spot_reason = chosen(
        "Why outside the frameworks?", codes.SPOT_REASONS, "Say why it was bought outside the frameworks"
    )
    pathway_place = forms.ChoiceField(label="Pathway place (optional)", required=False)
    service_type = chosen("Kind of home", codes.SERVICE_TYPES, "Choose the kind of home")
    level = chosen("Level (optional)", LEVELS, nothing="Not recorded")
    registration = chosen(
        "Registration of the home", codes.REGISTRATIONS, "Choose how the home is registered, or Not recorded"
    )
    starts_on = DayField(
        label="First night", required_says="Enter the day the child arrives", help_text="The day the child arrives."
    )
    called_off_on = DayField(
        label="Agreed on, if on another day (optional)", required=False,
        help_text="The route is judged by the facts of this day. Empty: the day of the first night.",
    )  # fmt: skip
    planned_end_on = DayField(label="Planned end (optional)", required=False)
    ends_before = DayField(
        label="Day the child left, if it is over (optional)", required=False, help_text="That night is not counted."
    )
    respite = forms.BooleanField(label="A short stay, while the child’s own home goes on", required=False)
    solo = yes_no("Is the child the only one living there?")
    reference = forms.CharField(
        label="Your own reference of this placement (optional)", max_length=60, widget=SHORT, required=False
    )
    weekly = PoundsField(
        label="Price a week (optional)",
        required=False,
        help_text="The core price. Additional services come afterwards.",
    )

    def __init__(
        self, *args: Any, how: str, asks_child: bool, awards: Any = (), places: Any = (), nearest: Any = None,
        suspended: Sequence[str] = (), **kwargs: Any,
    ) -> None:  # fmt: skip
        self._nearest = nearest
        super().__init__(*args, **kwargs)
        for key, label in OTHERS.items():
            self.fields[f"from_{key}"] = PoundsField(
                label=f"Of which a week from {label[0].lower()}{label[1:]} (optional)", required=False
            )
        if suspended and how != "in_house":
            self.fields["override_reason"] = override_field(
                "Why, if it is suspended and bought all the same (optional)", suspended
            )
        unasked = set() if asks_child else {"child", "born_on"}
        unasked |= {"award"} if how != "lot" else set()
        unasked |= {"provider", "keep_name", "spot_reason"} if how != "spot" else set()
        unasked |= {"pathway_place"} if how != "in_house" or not places else set()
        for name in unasked:
            del self.fields[name]
        if how == "lot":
            self.fields["award"].choices = [("", "Choose"), *awards]
        if "pathway_place" in self.fields:
            self.fields["pathway_place"].choices = [("", "None of them"), *places]
        lay_out(self)
        self._fold(RARE)

    def _fold(self, names: tuple[str, ...]) -> None:
        """Fields that most placements do not need stand folded away: open where one of them was filled or refused."""
        rare = [name for name in names if name in self.fields]
        used = self.is_bound and any(
            self.errors.get(name) or self.data.get(name) or self.data.get(f"{name}_0") for name in rare
        )
        *asked, button = self.helper.layout.fields
        kept = [name for name in asked if name not in rare]
        opened, closed = HTML(FOLDED.format(" open" if used else "")), HTML("</div></details>")
        self.helper.layout.fields = [*kept, opened, *rare, closed, button]

    def clean(self) -> dict[str, Any]:
        """`provider` becomes the recorded one, or the name as it was typed where that was asked for."""
        cleaned = super().clean()
        typed = cleaned.get("provider")
        if typed:
            found = Provider.objects.called(typed)
            cleaned["provider"] = found
            cleaned["provider_name"] = "" if found else typed.strip()
            if found is None and not cleaned.get("keep_name"):
                near = self._nearest(typed) if self._nearest else []
                hint = f" Nearest: {', '.join(near)}." if near else ""
                self.add_error(
                    "provider", f"No provider is recorded as “{typed}”.{hint} Or keep the name as you typed it, below."
                )
        weekly = cleaned.get("weekly")
        others = sum((cleaned.get(f"from_{key}") or Decimal(0) for key in OTHERS), Decimal(0))
        if others and weekly is None:
            self.add_error("weekly", "Enter the price a week: others pay a part of it")
        elif weekly is not None and others > weekly:
            self.add_error("weekly", f"The others pay £{others:,.2f} a week together: more than the price")
        return cleaned


class ChangePlacementForm(Versioned):
    button = "Save changes"
    field_order = (
        "planned_end_on", "level", "solo", "registration", "establishment", "premises", "reference", "reason",
        "version",
    )  # fmt: skip

    planned_end_on = DayField(label="Planned end (optional)", required=False)
    level = chosen("Level", LEVELS, nothing="Not recorded")
    solo = yes_no("Is the child the only one living there?")
    registration = chosen("Registration of the home", codes.REGISTRATIONS, "Choose how the home is registered")
    reference = forms.CharField(label="Your own reference", max_length=60, widget=SHORT, required=False)
    reason = forms.CharField(
        label="Why it changes (optional)", required=False, max_length=300, widget=WIDE,
        help_text="Kept in the history of this record.",
    )  # fmt: skip

    def __init__(
        self, *args: Any, homes: QuerySet, addresses: list[tuple[str, list[tuple[str, str]]]], **kwargs: Any
    ) -> None:
        """`homes` are the establishments of the placement's provider; `addresses` the premises of those that have
        several: (home, [(id, words)])."""
        super().__init__(*args, **kwargs)
        self.fields["establishment"] = forms.ModelChoiceField(
            label="Which of the provider’s homes or agencies", queryset=homes, required=False, to_field_name="uuid",
            empty_label="Not recorded",
        )  # fmt: skip
        if addresses:
            self.fields["premises"] = forms.ChoiceField(
                label="At which of its premises", choices=[("", "Not recorded"), *addresses], required=False,
                help_text="Only where a registration has several addresses. Visits are counted for these premises.",
            )  # fmt: skip
        self.order_fields(self.field_order)
        lay_out(self)

    def clean_premises(self) -> Premises | None:
        chosen = self.cleaned_data["premises"]
        return Premises.objects.get(uuid=chosen) if chosen else None


class HowItEndedForm(Versioned):
    """How a placement that is over ended."""

    button = "Save"
    field_order = (
        "ends_before", "end_reason", "ended_by", "ended_as_planned", "destination", "notice_given_on", "version",
    )  # fmt: skip

    end_reason = chosen("Why did it end?", codes.END_REASONS, "Choose why it ended")
    ended_by = forms.ChoiceField(
        label="Who ended it?", widget=forms.RadioSelect, choices=[pair for pair in codes.ENDED_BY.items() if pair[0]],
        error_messages={"required": "Choose who ended it"},
    )  # fmt: skip
    ended_as_planned = forms.TypedChoiceField(
        label="Did it end as planned?", widget=forms.RadioSelect, choices=YES_NO[:2],
        coerce=lambda text: text == "True", error_messages={"required": "Say whether it ended as planned"},
    )  # fmt: skip
    destination = chosen("Where did the child go?", codes.DESTINATIONS, "Choose where the child went, or Not known")
    notice_given_on = DayField(label="Notice was given on (optional)", required=False)


class EndForm(HowItEndedForm):
    """From which day a placement is over, and how it ended."""

    button = "End the placement"

    ends_before = DayField(
        label="Day the child left", required_says="Enter the day the child left", help_text="That night is not counted."
    )
