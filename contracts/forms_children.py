"""The forms of children: facts, references, care statuses, brothers and sisters, two records joined, one split."""

from typing import Any

from crispy_forms_gds.choices import Choice
from django import forms

from commissioning.kernel.forms import DayField, LastDayField, PageForm, Versioned

from .forms_placements import SHORT, WIDE, chosen, yes_no
from .rules import codes


def _reason() -> forms.CharField:
    return forms.CharField(
        label="Why?", max_length=300, widget=WIDE, help_text="It stays on the record.",
        error_messages={"required": "Say why: it stays on the record"},
    )  # fmt: skip


class ChildForm(Versioned):
    """Facts of a child. The date of birth is entered and never shown back: left empty, the recorded one stays."""

    button = "Save changes"
    field_order = ("born_on", "sex", "ethnicity", "disabilities", "ehcp", "unaccompanied", "reason", "version")

    born_on = DayField(label="Date of birth", required=False)
    sex = chosen("Sex", codes.SEXES, nothing="Not recorded")
    ethnicity = chosen("Ethnicity", codes.ETHNICITIES, nothing="Not recorded")
    disabilities = forms.MultipleChoiceField(
        label="Disability", widget=forms.CheckboxSelectMultiple, required=False,
        choices=[pair for pair in codes.DISABILITIES.items() if pair[0]],
        help_text="Every one that applies. Nothing chosen: not recorded.",
    )  # fmt: skip
    ehcp = yes_no("Is there an education, health and care plan?")
    unaccompanied = yes_no("Is the child an unaccompanied asylum seeker?")
    reason = forms.CharField(
        label="Why it changes (optional)", required=False, max_length=300, widget=WIDE,
        help_text="Kept in the history of this record.",
    )  # fmt: skip

    def __init__(self, *args: Any, birth_recorded: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["born_on"].help_text = (
            "Recorded, not shown. Leave it empty to keep it, or enter another."
            if birth_recorded
            else "Not recorded. Once entered it is never shown: pages say the age. For example, 17 5 2012"
        )

    def clean_disabilities(self) -> list[str]:
        given = self.cleaned_data["disabilities"]
        if "NONE" in given and len(given) > 1:
            raise forms.ValidationError("Choose No disability alone, or those that apply")
        return given


class ReferenceForm(PageForm):
    button = "Add the reference"

    scheme = forms.ChoiceField(
        label="Whose reference is it?", widget=forms.RadioSelect, choices=list(codes.REFERENCE_SCHEMES.items()),
        error_messages={"required": "Choose whose reference it is"},
    )  # fmt: skip
    case_reference = forms.CharField(
        label="Reference", max_length=60, widget=SHORT, error_messages={"required": "Enter the reference"},
        help_text="As that system writes it. Never a name.",
    )  # fmt: skip


class CareStatusForm(PageForm):
    button = "Add the status"

    status = forms.ChoiceField(
        label="Why has your authority a duty to the child?", widget=forms.RadioSelect,
        choices=list(codes.CARE_STATUSES.items()), error_messages={"required": "Choose the care status"},
    )  # fmt: skip
    legal_status = chosen("Legal status, where the child is looked after", codes.LEGAL_STATUSES, nothing="Not recorded")
    starts_on = DayField(
        label="From", required_says="Enter the first day", help_text="A status that is open ends on this day by itself."
    )
    ends_before = LastDayField(label="Last day (optional)", required=False)


class EndStatusForm(Versioned):
    button = "End the status"

    ends_before = LastDayField(label="Last day", required_says="Enter the last day of this status")


class OtherChildForm(PageForm):
    """Names another child, by reference or number."""

    button = "Continue"

    other = forms.CharField(
        label="The other child’s case reference or number", max_length=60, widget=SHORT,
        error_messages={"required": "Enter the other child’s reference, or the number such as Child 12"},
    )  # fmt: skip


class SiblingForm(OtherChildForm):
    button = "Put them together"


class JoinForm(PageForm):
    """Confirms that two records are of one child. `other` is the public id of the record that goes."""

    button = "Join the two records"

    reason = _reason()
    other = forms.UUIDField(widget=forms.HiddenInput)


class SplitForm(PageForm):
    """Which references and homes are of the other child. `references` and `homes` are (id, words)."""

    button = "Split the record"

    references = forms.MultipleChoiceField(
        label="References of the other child", widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Choose the references that are of the other child"},
    )  # fmt: skip
    placements = forms.MultipleChoiceField(
        label="Homes of the other child", widget=forms.CheckboxSelectMultiple, required=False
    )
    reason = _reason()

    def __init__(
        self, *args: Any, references: list[tuple[str, str]], homes: list[tuple[str, str]], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["references"].choices = [Choice(*pair) for pair in references]
        self.fields["placements"].choices = [Choice(*pair) for pair in homes]
        if not homes:
            del self.fields["placements"]
            self.helper.layout.fields.remove("placements")
