"""The forms of KPIs: a definition, what a lot expects, a check."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from crispy_forms_gds.choices import Choice
from django import forms

from commissioning.kernel.forms import DayField, LastDayField, PageForm
from commissioning.partnership.models import Kpi, Statement
from commissioning.partnership.rules import codes

from .forms_common import LINES, WIDE
from .rules import codes as ours

NARROW = {"class": "govuk-input--width-5", "inputmode": "decimal", "autocomplete": "off"}
RETURNED = "Returned by providers"
CHECK_HINTS = {
    "verified": "it stands as returned",
    "queried": "a question is open: the provider answers",
    "disputed": "it is not accepted: the provider answers",
}


def words(label: str, required: str = "", hint: str = "", *, long: bool = False) -> forms.CharField:
    return forms.CharField(
        label=label, required=bool(required), max_length=2000 if long else 300, help_text=hint,
        widget=LINES if long else WIDE, error_messages={"required": required},
    )  # fmt: skip


def figure(label: str, required: str = "", hint: str = "") -> forms.DecimalField:
    return forms.DecimalField(
        label=label, required=bool(required), max_digits=14, decimal_places=2, help_text=hint,
        widget=forms.TextInput(attrs=NARROW), localize=False,
        error_messages={
            "required": required, "invalid": f"{label}: enter a number, such as 95 or 12.5",
            "max_decimal_places": f"{label}: enter at most two decimal places",
            "max_digits": f"{label}: this is more than can be kept", "max_whole_digits": f"{label}: check this number",
        },
    )  # fmt: skip


class KpiForm(PageForm):
    button = "Save it as a version"

    name = words("Name", "Enter its name")
    why = words("Why it matters (optional)", long=True)
    how = words("How it is counted (optional)", hint="What is in, what is out, and on which day.", long=True)
    numerator = words("What is counted", "Say what is counted", long=True)
    denominator = words("Out of what", hint="Leave it empty where the KPI is one figure, of nothing.", long=True)
    unit = forms.ChoiceField(label="Unit", choices=list(codes.KPI_UNITS.items()))
    good = forms.ChoiceField(label="What is good", widget=forms.RadioSelect, choices=list(codes.KPI_GOOD.items()),
                             error_messages={"required": "Choose what is good"})  # fmt: skip
    period = forms.ChoiceField(label="How often", choices=list(codes.KPI_PERIODS.items()))
    formula = forms.ChoiceField(
        label="Where the figure comes from", required=False,
        choices=[("", RETURNED), *((key, f"Worked out here: {label}") for key, label in codes.KPI_FORMULAS.items())],
    )  # fmt: skip
    service_types = forms.MultipleChoiceField(
        label="For which lots (none: all)", required=False, widget=forms.CheckboxSelectMultiple,
        choices=list(codes.SERVICE_TYPES.items()),
    )  # fmt: skip
    source = words("Where the definition is from (optional)")
    reason = words("Why it is defined so", "Say why it is defined so", "Kept in its history.")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = Statement.objects.filter(statement_set__code="southwark").order_by("statement_set_id", "number")
        self.fields["statements"] = forms.TypedMultipleChoiceField(
            label="I statements that it serves (optional)", required=False, coerce=int,
            widget=forms.CheckboxSelectMultiple, choices=list({row.number: (row.number, str(row)) for row in known}
                                                              .values()),
        )  # fmt: skip
        self.order_fields((*list(self.base_fields)[:-1], "statements", "reason"))
        self.helper.layout.fields[:-1] = list(self.fields)


class RetireForm(PageForm):
    button = "Retire it"

    reason = words("Why it is retired", "Say why it is retired", "Kept in its history.")


class ExpectForm(PageForm):
    button = "Expect this"

    target = figure("Target, from which a figure is Good", "Enter the target",
                    "The figure itself is on the better side of each of these.")  # fmt: skip
    approaching = figure("From which it is Approaching target", "Enter from where it is Approaching target")
    improvement = figure(
        "From which it is Requires improvement", "Enter from where it is Requires improvement",
        "What is worse is Inadequate. Where low is good, the target is the lowest of the three.",
    )  # fmt: skip
    due_days = forms.IntegerField(
        label="Days to return it, after the period’s last day", min_value=0, max_value=366, initial=21,
        widget=forms.TextInput(attrs={"class": "govuk-input--width-3", "inputmode": "numeric"}),
        error_messages={"required": "Enter how many days", "invalid": "Enter days as a whole number, such as 21",
                        "min_value": "Enter days from 0 to 366", "max_value": "Enter days from 0 to 366"},
    )  # fmt: skip
    starts_on = DayField(
        label="From when", required_says="Enter from when",
        help_text="A period is asked for by what is expected on its last day.",
    )  # fmt: skip
    reason = words("Why (optional)", hint="Kept in its history.")

    def __init__(self, *args: Any, kpis: Sequence[Kpi], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._kpis = {str(kpi.uuid): kpi for kpi in kpis}
        self.fields["kpi"] = forms.ChoiceField(
            label="KPI", error_messages={"required": "Choose the KPI", "invalid_choice": "Choose one of the list"},
            choices=[("", "Choose"), *((key, f"{kpi.name} ({kpi.get_unit_display()}, {kpi.get_good_display()})")
                                       for key, kpi in self._kpis.items())],
        )  # fmt: skip
        self.order_fields(("kpi", *self.base_fields))
        self.helper.layout.fields[:-1] = list(self.fields)

    def clean_kpi(self) -> Kpi:
        return self._kpis[self.cleaned_data["kpi"]]


class ContractKpiForm(PageForm):
    """Of lots' expectations and places on the lot, as they stand."""

    button = "Hold this contract to it"

    target, approaching, improvement = (ExpectForm.base_fields[name] for name in ("target", "approaching",
                                                                                  "improvement"))  # fmt: skip
    starts_on = DayField(
        label="From when", required_says="Enter from when",
        help_text="A period is rated by what holds on its last day. What has been returned keeps its rating.",
    )  # fmt: skip
    reason = words("Why this contract differs", "Say why this contract differs", "Kept in its history.")

    def __init__(self, *args: Any, awards: Sequence[Any], kpis: Sequence[Kpi], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._awards = {str(award.uuid): award for award in awards}
        self._kpis = {str(kpi.uuid): kpi for kpi in kpis}
        self.fields["award"] = forms.ChoiceField(
            label="Whose contract", choices=[("", "Choose"), *((key, each.provider.name) for key, each in
                                                               self._awards.items())],
            error_messages={"required": "Choose whose contract", "invalid_choice": "Choose one of the list"},
        )  # fmt: skip
        self.fields["kpi"] = forms.ChoiceField(
            label="KPI", error_messages={"required": "Choose the KPI", "invalid_choice": "Choose one of the list"},
            choices=[("", "Choose"), *((key, f"{kpi.name} ({kpi.get_unit_display()}, {kpi.get_good_display()})")
                                       for key, kpi in self._kpis.items())],
        )  # fmt: skip
        self.order_fields(self.field_order or ("award", "kpi", *self.base_fields))
        self.helper.layout.fields[:-1] = list(self.fields)

    def clean_award(self) -> Any:
        return self._awards[self.cleaned_data["award"]]

    def clean_kpi(self) -> Kpi:
        return self._kpis[self.cleaned_data["kpi"]]


class AloneForm(ContractKpiForm):
    """Of KPIs that the lot does not expect."""

    button = "Agree it with this contract"

    due_days = ExpectForm.base_fields["due_days"]
    starts_on = DayField(
        label="From when", required_says="Enter from when",
        help_text="A period is asked for by what is agreed on its last day.",
    )  # fmt: skip
    ends_before = LastDayField(
        label="Last day (optional)", required=False, help_text="Empty: until the contract ends. It never outlasts it."
    )
    reason = words("Why it is agreed with this contract", "Say why this contract differs", "Kept in its history.")

    field_order = (
        "award", "kpi", "target", "approaching", "improvement", "due_days", "starts_on", "ends_before", "reason",
    )  # fmt: skip


class StopForm(PageForm):
    button = "End it"

    ends_before = LastDayField(label="Last day", required_says="Enter the last day",
                               help_text="Periods that end later are not asked for.")  # fmt: skip
    reason = words("Why it ends", "Say why it ends")
    version = forms.IntegerField(widget=forms.HiddenInput)


class CheckForm(PageForm):
    button = "Save the check"

    outcome = forms.ChoiceField(
        label="How it stands", widget=forms.RadioSelect, error_messages={"required": "Choose how it stands"},
        choices=[Choice(key, label, hint=CHECK_HINTS[key]) for key, label in ours.KPI_CHECKS.items()],
    )  # fmt: skip
    words = words(
        "What is asked, or not accepted", hint="The provider reads this, and so does every authority that takes part. "
        "Nothing about a child. Not needed where it is verified.", long=True,
    )  # fmt: skip
    version = forms.IntegerField(widget=forms.HiddenInput)


def plain(value: Decimal | None) -> str:
    """A stored figure as it is typed: 95.00 -> "95", 12.50 -> "12.5"."""
    return "" if value is None else f"{value:f}".rstrip("0").rstrip(".") if "." in f"{value:f}" else f"{value:f}"
