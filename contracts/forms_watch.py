"""The forms of oversight, distance, meetings, moves and own places."""

from decimal import Decimal
from typing import Any

from django import forms

from commissioning.kernel.forms import DayField, LastDayField, PageForm, Versioned
from commissioning.partnership.models import Authority

from .forms_placements import SHORT, WIDE, PoundsField, chosen, lay_out
from .rules import codes

LONG = forms.Textarea(attrs={"rows": 3})
AREAS = {"SCO": "Scotland", "WAL": "Wales", "NIR": "Northern Ireland"}


def written(label: str, required_says: str = "", **options: Any) -> forms.CharField:
    """A few lines of the authority's own words."""
    return forms.CharField(
        label=label, widget=LONG, max_length=2000, required=bool(required_says),
        error_messages={"required": required_says}, **options,
    )  # fmt: skip


class OversightForm(PageForm):
    """An approval of a home that no regulator watches, or an order of a court."""

    button = "Record it"

    kind = forms.ChoiceField(
        label="What is recorded?", widget=forms.RadioSelect, choices=list(codes.OVERSIGHT_KINDS.items()),
        error_messages={"required": "Choose what is recorded"},
    )  # fmt: skip
    starts_on = DayField(label="From", required_says="Enter the first day")
    ends_before = LastDayField(
        label="Last day", required=False,
        help_text="An order always has one. When an order is extended, record the extension as a new one.",
    )  # fmt: skip
    why = written("Why does the child live there?", "Say why the child lives there")
    approved_by = forms.CharField(
        label="Approved by", max_length=120, widget=WIDE, error_messages={"required": "Say who approved it"},
        help_text="The director, or the court that made the order.",
    )  # fmt: skip
    approved_on = DayField(label="Approved on", required_says="Enter the day it was approved")
    court_reference = forms.CharField(
        label="Reference of the order (optional)", max_length=60, widget=SHORT, required=False
    )
    checks = written("What has been checked (optional)", help_text="Premises, staff, safeguarding, insurance.")
    visit_every_days = forms.IntegerField(
        label="Somebody visits every so many days (optional)", required=False, min_value=1, max_value=365,
        widget=forms.TextInput(attrs={"class": "govuk-input--width-4", "inputmode": "numeric"}),
    )  # fmt: skip
    last_visited_on = DayField(label="Last visited on (optional)", required=False)
    regulator_told_on = DayField(label="Ofsted was told on (optional)", required=False)
    exit_plan = written("How it ends: the plan for a registered home (optional)")
    exit_by = DayField(label="By when (optional)", required=False)


class ChangeOversightForm(OversightForm):
    button = "Save changes"

    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["kind"]
        lay_out(self)


class EndOversightForm(Versioned):
    button = "End it"

    ends_before = LastDayField(label="Last day on which it held", required_says="Enter the last day")


class VisitForm(Versioned):
    button = "Record the visit"

    last_visited_on = DayField(label="Visited on", required_says="Enter the day of the visit")


class RegulatorForm(Versioned):
    button = "Save"

    regulator_told_on = DayField(label="Ofsted was told on", required_says="Enter the day on which Ofsted was told")


FIELDS = (
    "home_postcode", "placed_postcode", "distance_miles", "boundary", "host_authority", "host_area", "reason", "note",
    "approved_by", "approved_on", "host_told_on", "approval_version", "version",
)  # fmt: skip


class PostcodeInput(forms.TextInput):
    """Never shows what was typed: a postcode is used once, and goes into no page, record or log."""

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        return super().get_context(name, None, attrs)


def postcode(label: str, **options: Any) -> forms.CharField:
    widget = PostcodeInput(
        attrs={"class": "govuk-input govuk-input--width-10", "autocomplete": "off", "spellcheck": "false"}
    )
    return forms.CharField(label=label, max_length=10, required=False, widget=widget, **options)


class DistanceForm(Versioned):
    """How far from home, and who agreed to it. Two postcodes stand in for all of the first part."""

    home_postcode = postcode(
        "Postcode of the child’s own home (optional)",
        help_text="With both postcodes, distance, side of the boundary and host authority are worked out. The "
        "postcodes are not kept, and are asked again if something else has to be put right.",
    )  # fmt: skip
    placed_postcode = postcode("Postcode where the child lives now (optional)")
    distance_miles = forms.DecimalField(
        label="Or the distance in miles", required=False, min_value=Decimal(0), max_value=Decimal("9999.9"),
        decimal_places=1, widget=forms.TextInput(attrs={"class": "govuk-input--width-4", "inputmode": "decimal"}),
    )  # fmt: skip
    boundary = forms.ChoiceField(
        label="Side of the boundary", choices=list(codes.BOUNDARY.items()), required=False, widget=forms.RadioSelect
    )
    host_area = forms.ChoiceField(
        label="Or the country, outside England", choices=[("", "England"), *AREAS.items()], required=False
    )
    reason = chosen("Why so far away?", codes.DISTANCE_REASONS, nothing="Not recorded")
    note = written("More about it (optional)")
    approved_by = forms.CharField(
        label="Approved by (optional)", max_length=120, widget=WIDE, required=False,
        help_text="Outside the authority, a nominated officer; beyond the adjoining authorities, the director.",
    )  # fmt: skip
    approved_on = DayField(label="Approved on (optional)", required=False)
    host_told_on = DayField(label="Host authority was told on (optional)", required=False)
    approval_version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["host_authority"] = forms.ModelChoiceField(
            label="Host authority", queryset=Authority.objects.order_by("name"), required=False, to_field_name="uuid",
            empty_label="Not recorded, or none",
        )  # fmt: skip
        self.order_fields(FIELDS)
        lay_out(self)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        home, placed = (cleaned.get(name, "").strip() for name in ("home_postcode", "placed_postcode"))
        if bool(home) != bool(placed):
            self.add_error("home_postcode" if placed else "placed_postcode", "Enter both postcodes, or neither")
        if cleaned.get("host_area") and cleaned.get("host_authority"):
            self.add_error("host_area", "Choose a host authority in England, or a country: not both")
        return cleaned


class MeetingForm(PageForm):
    button = "Save the meeting"

    kind = forms.ChoiceField(
        label="Which meeting?", widget=forms.RadioSelect, choices=list(codes.MEETING_KINDS.items()),
        error_messages={"required": "Choose which meeting"},
    )  # fmt: skip
    due_on = DayField(label="Due by", required_says="Enter the day by which it is due")
    held_on = DayField(label="Held on, if it was (optional)", required=False)
    note = written("What was agreed (optional)")


class HeldForm(Versioned):
    button = "Save"

    held_on = DayField(label="Held on", required_says="Enter the day on which it was held")
    note = written("What was agreed (optional)")


class MoveForm(Versioned):
    button = "Save the plan"

    planned_end_on = DayField(label="Planned end (optional)", required=False)
    destination = chosen("Where does the child go?", codes.DESTINATIONS, nothing="Not planned yet")


class OwnPlaceForm(PageForm):
    button = "Add the place"

    name = forms.CharField(
        label="Name of the place", max_length=120, widget=WIDE, error_messages={"required": "Enter a name"},
        help_text="A name by which your authority knows it, such as Flat 2. Not the address.",
    )  # fmt: skip
    service_type = chosen("Kind of home", codes.SERVICE_TYPES, "Choose the kind of home")
    weekly_amount = PoundsField(
        label="What it costs a week, empty or not (optional)", required=False,
        help_text="Without it, empty nights are counted and not priced.",
    )  # fmt: skip
    starts_on = DayField(label="Yours from", required_says="Enter the first day")
    ends_before = LastDayField(label="Last day, if it is given up (optional)", required=False)


class EndOwnPlaceForm(Versioned):
    button = "Give up the place"

    ends_before = LastDayField(label="Last day", required_says="Enter the last day")
