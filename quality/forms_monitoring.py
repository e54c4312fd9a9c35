"""The forms of monitoring: a day to ask about, the authority's own intervals."""

from typing import Any

from django import forms

from commissioning.kernel.forms import DayField, PageForm

from .rules.intervals import LONGEST

SHORT = forms.NumberInput(attrs={"class": "govuk-input--width-4", "inputmode": "numeric"})


class OnForm(PageForm):
    button = "Show that day"

    on = DayField(label="On which day?", required_says="Enter the day", help_text="For example, 31 3 2026")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper.form_method = "get"
        self.helper.disable_csrf = True


class IntervalForm(PageForm):
    """Days of one service: what is left empty follows the partnership's usual."""

    def __init__(self, *args: Any, asks: list[tuple[str, str, str]], **kwargs: Any) -> None:
        """`asks`: (name, label, help)."""
        super().__init__(*args, **kwargs)
        for name, label, words in asks:
            self.fields[name] = forms.IntegerField(
                label=label, required=False, min_value=1, max_value=LONGEST, widget=SHORT, help_text=words,
                error_messages={
                    "invalid": "Enter days as a whole number, such as 92",
                    "min_value": "Enter at least one day, or leave it empty",
                    "max_value": f"Enter at most {LONGEST} days: three years",
                },
            )  # fmt: skip
        self.helper.layout.fields[:-1] = list(self.fields)
