"""The form in which a decision about a provider's price is recorded."""

from collections.abc import Sequence
from typing import Any

from django import forms

from commissioning.kernel import wording
from commissioning.kernel.forms import PageForm
from contracts.models import AgreementVersion

from .models import PriceOutcome


class DecisionForm(PageForm):
    """What was decided and why. `amendments`: agreements whose amendment brought a price down."""

    button = "Record the decision"

    outcome = forms.ChoiceField(
        label="What was decided?", widget=forms.RadioSelect, choices=PriceOutcome.choices,
        error_messages={"required": "Choose what was decided"},
    )  # fmt: skip
    agreement = forms.ChoiceField(
        label="Where a new price was agreed: which amended agreement has it?", required=False,
        help_text="Its benefit stands in the register already: this only points to it.",
    )  # fmt: skip
    reason = forms.CharField(
        label="Why?", max_length=2000, widget=forms.Textarea(attrs={"rows": 4}),
        help_text="What was asked or found out, and what happens next. Write nothing about a child: colleagues who "
        "work with no child read this.",
        error_messages={"required": "Say why: it stays on the record"},
    )  # fmt: skip

    def __init__(self, *args: Any, amendments: Sequence[AgreementVersion], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["agreement"].choices = [
            ("", "None"),
            *(
                (str(each.uuid), f"{each.placement}, version {each.number}, agreed {wording.day(each.agreed_on)}")
                for each in amendments
            ),
        ]
        if not amendments:
            self.fields["agreement"].help_text = (
                "None so far: no agreement with this provider there was amended to a lower price, or each is named by "
                "a decision already. Amend the agreement of the home first."
            )
