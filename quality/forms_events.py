"""The forms of notifiable events: told by a provider's contact, recorded by an officer, acknowledged."""

from typing import Any

from crispy_forms_gds.layout import HTML
from django import forms

from commissioning.kernel.forms import DayField, PageForm
from commissioning.partnership.models import Authority
from providers.models import Establishment, Premises

from .forms_common import LINES, NEVER, WIDE, HomeField, clock, moment
from .rules import codes

AUTHORITIES_AT_ONCE = 4
FOLDED = (
    '<details class="govuk-details"{}><summary class="govuk-details__summary">'
    '<span class="govuk-details__summary-text">'
    'More authorities have a child there</span></summary><div class="govuk-details__text">'
)
ONLY_IT = "Only that authority reads this. Write what concerns its own child, by the reference you share: never a name."


class EventForm(PageForm):
    """What happened, and when: no word about a child. Each kind of reader adds its own fields."""

    button = "Notify"

    theme = forms.ChoiceField(
        label="What happened?", widget=forms.RadioSelect, choices=list(codes.EVENT_THEMES.items()),
        error_messages={"required": "Choose what happened"},
    )  # fmt: skip
    happened_on = DayField(label="Day on which it happened", required_says="Enter the day on which it happened")
    happened_time = clock("Time at which it happened")
    regulator_told_on = DayField(label="Day on which the regulator was told (optional)", required=False)
    regulator_told_time = clock("Time at which the regulator was told (optional)", required=False)
    reference = forms.CharField(
        label="Your own reference (optional)", max_length=60, required=False, widget=WIDE, help_text=NEVER
    )

    def facts(self) -> dict[str, Any]:
        given = self.cleaned_data
        return {
            "theme": given["theme"], "reference": given["reference"],
            "happened_at": moment(given["happened_on"], given["happened_time"]),
            "regulator_told_at": moment(given["regulator_told_on"], given["regulator_told_time"]),
        }  # fmt: skip


class NotifyForm(EventForm):
    """By a provider's contact: of its own homes, with each placing authority that is told."""

    def __init__(self, *args: Any, homes: Any, premises: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["home"] = forms.ModelChoiceField(
            label="Which home?", queryset=homes, to_field_name="uuid", empty_label="Choose",
            error_messages={"required": "Choose the home"},
        )  # fmt: skip
        self.fields["home"].label_from_instance = _home_words
        if premises is not None:
            self.fields["premises"] = forms.ModelChoiceField(
                label="Which premises of it (optional)", queryset=premises, to_field_name="uuid", required=False,
                empty_label="Not one of them alone",
            )  # fmt: skip
            self.fields["premises"].label_from_instance = _premises_words
        members = Authority.objects.exclude(member_from=None).order_by("name")
        for number in range(1, AUTHORITIES_AT_ONCE + 1):
            more = "" if number == 1 else " (optional)"
            self.fields[f"authority_{number}"] = forms.ModelChoiceField(
                label=f"Authority {number} that has a child there{more}", queryset=members, to_field_name="uuid",
                required=number == 1, empty_label="Choose" if number == 1 else "No other",
                error_messages={"required": "Choose an authority that has a child there"},
            )  # fmt: skip
            self.fields[f"words_{number}"] = forms.CharField(
                label=f"What authority {number} has to know of its child (optional)", required=False, max_length=4000,
                widget=LINES, help_text=ONLY_IT,
            )  # fmt: skip
        self.order_fields(("home", "premises"))
        self._fold()

    def _fold(self) -> None:
        """Most homes have children of one authority or two: the others stand folded, open where one is filled."""
        more = [f"{name}_{n}" for n in range(2, AUTHORITIES_AT_ONCE + 1) for name in ("authority", "words")]
        used = self.is_bound and any(self.data.get(name) for name in more)
        button = self.helper.layout.fields[-1]
        asked = [name for name in self.fields if name not in more]
        opened, closed = HTML(FOLDED.format(" open" if used else "")), HTML("</div></details>")
        self.helper.layout.fields = [*asked, opened, *more, closed, button]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        seen = set()
        for number in range(1, AUTHORITIES_AT_ONCE + 1):
            named = cleaned.get(f"authority_{number}")
            if named is None and cleaned.get(f"words_{number}"):
                self.add_error(f"authority_{number}", "Choose the authority that these words are for")
            elif named in seen:
                self.add_error(f"authority_{number}", f"{named.name} is named twice: keep one")
            elif named is not None:
                seen.add(named)
        return cleaned

    def told(self) -> dict[Authority, str]:
        given = self.cleaned_data
        numbers = range(1, AUTHORITIES_AT_ONCE + 1)
        return {given[f"authority_{n}"]: given[f"words_{n}"] for n in numbers if given.get(f"authority_{n}")}


class RecordForm(EventForm):
    """By an officer, of a notice that came another way."""

    button = "Record the notice"

    home = HomeField()
    received_on = DayField(label="Day on which the notice came", required_says="Enter the day on which the notice came")
    received_time = clock("Time at which the notice came")
    ours = forms.BooleanField(label="The notice was sent to our authority", required=False, initial=True)
    words = forms.CharField(
        label="What it says of our child (optional)", required=False, max_length=4000, widget=LINES,
        help_text="Only your authority and the provider read this. Use the reference you share: never a name.",
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reference"].label = "The provider’s reference (optional)"
        self.order_fields(("home", "theme", "happened_on", "happened_time", "received_on", "received_time"))
        self.helper.layout.fields[:-1] = list(self.fields)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if cleaned.get("words") and not cleaned.get("ours"):
            self.add_error("ours", "Tick this: what it says of our child was sent to our authority")
        return cleaned

    def facts(self) -> dict[str, Any]:
        given = self.cleaned_data
        return super().facts() | {"received_at": moment(given["received_on"], given["received_time"])}


class AcknowledgeForm(PageForm):
    button = "Acknowledge"

    words = forms.CharField(
        label="A word to the provider (optional)", required=False, max_length=2000, widget=LINES,
        help_text="The provider reads this, and no other authority.",
    )  # fmt: skip


class CloseEventForm(PageForm):
    button = "Close the event"


class TellForm(PageForm):
    button = "Tell it"

    words = forms.CharField(
        label="What it has to know of its child (optional)", required=False, max_length=4000, widget=LINES,
        help_text=ONLY_IT,
    )  # fmt: skip

    def __init__(self, *args: Any, ours: bool, **kwargs: Any) -> None:
        self.button = "Record it" if ours else self.button
        super().__init__(*args, **kwargs)
        if ours:
            self.fields["words"].label = "What the notice says of our child (optional)"
            self.fields["words"].help_text = "Only your authority and the provider read this: never a name."
            return
        members = Authority.objects.exclude(member_from=None).order_by("name")
        self.fields["authority"] = forms.ModelChoiceField(
            label="Authority", queryset=members, to_field_name="uuid", empty_label="Choose",
            error_messages={"required": "Choose the authority"},
        )  # fmt: skip
        self.order_fields(("authority", "words"))
        self.helper.layout.fields[:-1] = list(self.fields)


def _home_words(home: Establishment) -> str:
    return f"{home.shown_name} ({home.urn})" if home.urn and home.urn not in home.shown_name else home.shown_name


def _premises_words(row: Premises) -> str:
    return f"{row.shown_name} ({row.establishment.urn})"
