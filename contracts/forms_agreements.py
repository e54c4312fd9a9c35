"""The forms of agreements, additional services, who pays, and reviews of outcomes."""

from collections.abc import Iterator, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from crispy_forms_gds.choices import Choice
from crispy_forms_gds.layout import HTML, Button, Fieldset, Layout
from django import forms

from commissioning.kernel.forms import DayField, LastDayField, PageForm

from .actions.agreements import Sought
from .forms_placements import WIDE, PoundsField, chosen
from .rules import codes

NEW_OUTCOMES = 4  # asked at once; an amendment adds more
SHORT_TEXT = forms.Textarea({"rows": 3})
FUNDER_CHOICES = list(codes.FUNDERS.items())


def _text(label: str, required_says: str = "", hint: str = "", longest: int = 300) -> forms.CharField:
    return forms.CharField(
        label=label, help_text=hint, required=bool(required_says), max_length=longest, widget=WIDE,
        error_messages={"required": required_says},
    )  # fmt: skip


def _long(label: str, required_says: str = "", hint: str = "") -> forms.CharField:
    return forms.CharField(
        label=label, help_text=hint, required=bool(required_says), max_length=4000, widget=SHORT_TEXT,
        error_messages={"required": required_says},
    )  # fmt: skip


def _many(label: str, hint: str = "", choices: Sequence[Any] = ()) -> forms.MultipleChoiceField:
    return forms.MultipleChoiceField(
        label=label, help_text=hint, required=False, choices=choices, widget=forms.CheckboxSelectMultiple,
        error_messages={"invalid_choice": "Choose from the list: it has changed since you opened the page"},
    )  # fmt: skip


class AgreementForm(PageForm):
    """One version of an agreement. `lines`, `going_on` and `statements` are choices; `base` is the version it follows.

    With `amends` it says why, and which outcomes go on; with `fostered` it asks about staying put.
    """

    button = "Make the agreement"

    base = forms.IntegerField(widget=forms.HiddenInput)
    changes = _long("Why does the agreement change?", "Say why the agreement changes: it stays on the record")
    agreed_on = DayField(label="Agreed on", required_says="Enter the day it was agreed")
    starts_on = DayField(label="Applies from", required_says="Enter the day from which it applies")
    planned_end_on = DayField(label="Planned to end on (optional)", required=False, help_text="The day of leaving.")
    notice_days = forms.IntegerField(
        label="Notice, in days", min_value=0, max_value=366,
        widget=forms.TextInput(attrs={"class": "govuk-input--width-3", "inputmode": "numeric"}),
        error_messages={"required": "Enter how many days of notice", "invalid": "Enter days as a whole number"},
    )  # fmt: skip
    provider_signatory = _text("Signs for the provider (optional)", hint="Name and post.")
    authority_signatory = _text("Signs for the authority (optional)", hint="Name and post.")
    lines = _many("What is paid", "The price agreed is the sum of what you choose, by the week.")
    price_asked = PoundsField(
        label="Price asked, a week (optional)", required=False, help_text="By the provider, before negotiation."
    )
    price_agreed = PoundsField(
        label="Price agreed, a week", error_messages={"required": "Enter the price agreed, a week"},
        help_text="Additional services included, discounts taken off.",
    )  # fmt: skip
    negotiated_by = _text("Who negotiated (needed where the two prices differ)")
    negotiation = _long("Why the price agreed is not the price asked (needed where they differ)")
    included = _many(
        "Included in the core price", "What you do not choose is not included.", list(codes.INCLUDED.items())
    )
    included_note = _long("About what is included (optional)")
    staying_put_terms = _long("Staying-put terms", hint="What has been agreed for when the young person turns 18.")
    staying_put_absence = _long("Or why there are none")
    kept = _many("Outcomes that go on", "What you do not choose is no longer sought.")

    def __init__(
        self, *args: Any, lines: Sequence[Any], statements: Sequence[Any], going_on: Sequence[Any] = (),
        amends: bool = False, fostered: bool = False, **kwargs: Any,
    ) -> None:  # fmt: skip
        super().__init__(*args, **kwargs)
        self.fields["lines"].choices = lines
        self.fields["kept"].choices = going_on
        unasked = set() if amends else {"changes"}
        unasked |= set() if going_on else {"kept"}
        unasked |= set() if lines else {"lines"}
        unasked |= set() if fostered else {"staying_put_terms", "staying_put_absence"}
        for name in unasked:
            del self.fields[name]
        for number in range(1, NEW_OUTCOMES + 1):
            self.fields[f"sought_{number}"] = _long("What is sought?", hint="In words the young person would use.")
            self.fields[f"statements_{number}"] = _many("I statements it serves", choices=statements)
            self.fields[f"baseline_{number}"] = forms.ChoiceField(
                label="Where do things stand now?", required=False, choices=list(codes.PROGRESS.items()),
                widget=forms.RadioSelect,
            )  # fmt: skip
        self.helper.layout = Layout(*self._groups(amends), Button("save", self._words(amends)))

    def _words(self, amends: bool) -> str:
        return "Make the new version" if amends else self.button

    def _groups(self, amends: bool) -> Iterator[Any]:
        """The questions in groups, each under its heading; new outcomes after the first are folded away."""
        asked = {
            "Why it changes": ("changes",),
            "Dates and notice": ("agreed_on", "starts_on", "planned_end_on", "notice_days"),
            "What it costs": ("lines", "price_asked", "price_agreed", "negotiated_by", "negotiation"),
            "What is included": ("included", "included_note"),
            "Staying put": ("staying_put_terms", "staying_put_absence"),
            "Outcomes so far": ("kept",),
        }
        yield "base"
        for heading, names in asked.items():
            if present := [name for name in names if name in self.fields]:
                yield Fieldset(*present, legend=heading, legend_size="m")
        for number in range(1, NEW_OUTCOMES + 1):
            names = [f"{name}_{number}" for name in ("sought", "statements", "baseline")]
            word = "Another outcome" if number > 1 else "A new outcome" if amends else "Outcome sought"
            opened = number == 1 or any(self.data.get(name) for name in names)
            if number > 1:
                yield HTML(
                    f'<details class="govuk-details"{" open" if opened else ""}>'
                    '<summary class="govuk-details__summary">'
                    f'<span class="govuk-details__summary-text">{word} ({number} of {NEW_OUTCOMES})</span></summary>'
                    '<div class="govuk-details__text">'
                )
            yield Fieldset(*names, legend=f"{word} ({number} of {NEW_OUTCOMES})", legend_size="m")
            if number > 1:
                yield HTML("</div></details>")
        yield Fieldset("provider_signatory", "authority_signatory", legend="Signatures", legend_size="m")

    def clean(self) -> dict[str, Any]:
        """Adds `sought`: the new outcomes that were filled in, each whole."""
        cleaned = super().clean()
        cleaned["sought"] = []
        for number in range(1, NEW_OUTCOMES + 1):
            names = {name: f"{name}_{number}" for name in ("sought", "statements", "baseline")}
            given = {name: cleaned.pop(field, None) for name, field in names.items()}
            if not any(given.values()):
                continue
            says = {
                "sought": "Enter what is sought", "statements": "Choose at least one I statement",
                "baseline": "Choose where things stand now",
            }  # fmt: skip
            for name in (name for name in says if not given[name] and names[name] not in self.errors):
                self.add_error(names[name], says[name])
            if all(given.values()):
                numbers = [int(each) for each in given["statements"]]
                cleaned["sought"].append(Sought(given["sought"].strip(), numbers, int(given["baseline"])))
        return cleaned


class QuantityField(forms.CharField):
    """How many units, with up to two decimal places; Decimal."""

    def clean(self, value: Any) -> Decimal | None:
        text = super().clean(value).replace(",", "").strip()
        if not text:
            return None
        try:
            number = Decimal(text)
        except InvalidOperation:
            raise forms.ValidationError("Enter how many as a number, such as 10 or 7.5") from None
        if not number.is_finite() or not 0 < number < 100_000 or number != round(number, 2):
            raise forms.ValidationError("Enter how many, more than nought, with at most two decimal places")
        return number


def _quantity() -> QuantityField:
    return QuantityField(
        label="How many", help_text="Units a week: 10 for ten hours a week. For what is paid once, how many in all.",
        widget=forms.TextInput(attrs={"class": "govuk-input--width-5", "inputmode": "decimal"}), initial="1",
        error_messages={"required": "Enter how many"},
    )  # fmt: skip


class ServiceForm(PageForm):
    """An additional service: what, how much, who approved it, how long, who pays."""

    button = "Add the service"

    service = chosen("Service", codes.SERVICES, "Choose the service")
    description = _text("Description (optional)", hint="For example: two-to-one at mealtimes. Never a name.")
    amount = PoundsField(label="Price of one unit", error_messages={"required": "Enter the price"})
    unit = chosen("Unit", {key: words for key, words in codes.COST_UNITS.items()}, "Choose the unit")
    quantity = _quantity()
    starts_on = DayField(label="First day", required_says="Enter the first day")
    ends_before = LastDayField(
        label="Last day", required_says="Enter the last day", help_text="Every additional service has one."
    )
    review_on = DayField(label="Review due on", required_says="Enter the day on which the review is due")
    approved_by = _text("Approved by", "Say who approved it", "Name and post.")
    approved_on = DayField(label="Approved on", required_says="Enter the day it was approved")
    funder = chosen(
        "Who pays?", codes.FUNDERS, "Choose who pays", help_text="For several, choose one and share it out afterwards."
    )


class LineForm(PageForm):
    """A core price or a discount."""

    button = "Add the line"

    category = forms.ChoiceField(
        label="What is it?", widget=forms.RadioSelect, choices=[("core", "Core price"), ("discount", "Discount")],
        error_messages={"required": "Choose core price or discount"},
    )  # fmt: skip
    description = _text("Description (optional)", hint="Never a name.")
    amount = PoundsField(label="Price of one unit", error_messages={"required": "Enter the price"})
    unit = chosen("Unit", {key: words for key, words in codes.COST_UNITS.items()}, "Choose the unit")
    quantity = _quantity()
    starts_on = DayField(label="First day", required_says="Enter the first day")
    ends_before = LastDayField(
        label="Last day (optional)", required=False, help_text="Empty: it runs as long as the home."
    )


AT_ANOTHER_PRICE = (
    "The line goes on at the new price from the day after. If the price was wrong from the first day on, enter the day "
    "before that"
)


class EndLineForm(PageForm):
    """Ends a line early, or goes on with it at another price."""

    button = "Continue"

    version = forms.IntegerField(widget=forms.HiddenInput)
    what = forms.ChoiceField(
        label="What changes?", widget=forms.RadioSelect, error_messages={"required": "Choose what changes"},
        choices=[
            Choice("end", "It ends", hint="After the day below, nothing is paid for it"),
            Choice("price", "Its price", hint=AT_ANOTHER_PRICE),
        ],
    )  # fmt: skip
    ends_before = LastDayField(label="Last day as it is now", required_says="Enter the last day")
    amount = PoundsField(
        label="New price of one unit (where the price changes)", required=False, help_text="The unit stays the same."
    )
    reason = _text("Why?", "Say why: it stays on the record", "It stays on the record.")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if cleaned.get("what") == "price" and cleaned.get("amount") is None and "amount" not in self.errors:
            self.add_error("amount", "Enter the new price")
        return cleaned


class BulkReviewForm(PageForm):
    """Several services reviewed together, for one reason."""

    button = "See what will change"

    decision = forms.ChoiceField(
        label="What was decided?", widget=forms.RadioSelect, error_messages={"required": "Choose what was decided"},
        choices=[
            Choice("continue", "They go on", hint="Until the next review, or until the last day that you enter"),
            Choice("end", "They end", hint="On the last day that you enter"),
        ],
    )  # fmt: skip
    next_review_on = DayField(label="Next review on (where they go on)", required=False)
    until = LastDayField(
        label="Last day", required=False,
        help_text="Needed where they end. Where they go on, those that would end before it are prolonged.",
    )  # fmt: skip
    reason = _text("Why?", "Say why: it stays on the record", "One reason for all. It stays on the record.")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper.form_tag = False  # the page's own form also carries what was ticked
        self.helper.disable_csrf = True

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        decided = cleaned.get("decision")
        if decided == "end" and not cleaned.get("until") and "until" not in self.errors:
            self.add_error("until", "Enter the last day")
        if decided == "continue" and not cleaned.get("next_review_on") and "next_review_on" not in self.errors:
            self.add_error("next_review_on", "Enter the day of the next review")
        return cleaned


class FundingForm(PageForm):
    """Who pays one line: pounds a week each, or pounds in all for a line paid once."""

    button = "Save who pays"

    known = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, once: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for funder, label in codes.FUNDERS.items():
            self.fields[funder] = PoundsField(label=f"{label}{'' if once else ', a week'}", required=False)
        self.helper.layout = Layout(*self.fields, Button("save", self.button))

    def parts(self) -> dict[str, Decimal]:
        return {funder: self.cleaned_data.get(funder) or Decimal(0) for funder in codes.FUNDERS}


class OutcomeReviewForm(PageForm):
    """How far an outcome has come, and what the child says."""

    button = "Save the review"

    kind = forms.ChoiceField(
        label="Which review is it?", widget=forms.RadioSelect, choices=list(codes.REVIEW_KINDS.items()),
        error_messages={"required": "Choose which review it is"},
    )  # fmt: skip
    reviewed_on = DayField(label="Reviewed on", required_says="Enter the day of the review")
    now = forms.TypedChoiceField(
        label="Where do things stand now?", widget=forms.RadioSelect, choices=list(codes.PROGRESS.items()), coerce=int,
        error_messages={"required": "Choose where things stand now, from 1 to 5"},
    )  # fmt: skip
    evidence = _long("What shows it?", "Say what shows it")
    child_view = _long(
        "What does the young person say? (optional)", hint="In their own words. Never a name or an address."
    )
    reviewer = _text("Reviewed by", "Say who reviewed it", "Name and post.")
