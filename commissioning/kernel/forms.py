"""Forms as every page shows them: GOV.UK components, dates in three fields, what was typed kept."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from crispy_forms_gds.fields import DateInputField
from crispy_forms_gds.helper import FormHelper
from crispy_forms_gds.layout import Button, Layout
from django import forms
from django.core.exceptions import ValidationError

EARLIEST, LATEST = 1990, 2100


class DayField(DateInputField):
    """A date asked as day, month and year. `required_says` is the sentence where all three are empty."""

    def __init__(self, *, required_says: str = "Enter the day, month and year", **options: Any) -> None:
        super().__init__(require_all_fields=False, **options)
        self.error_messages["required"] = required_says
        for part, words in zip(self.fields, ("day", "month", "year"), strict=True):
            part.error_messages["incomplete"] = f"Enter the {words}"
            for check in part.validators:
                if hasattr(check, "regex"):
                    check.message = f"Enter the {words} in figures"

    @property
    def _name(self) -> str:
        """The label, as a sentence begins with it."""
        return str(self.label).rstrip("?")

    def compress(self, data_list: Any) -> date | None:
        if not data_list or not all(data_list):
            return None
        day, month, year = (int(part) for part in data_list)
        if not EARLIEST <= year <= LATEST:
            raise ValidationError(f"{self._name}: enter a year from {EARLIEST} to {LATEST}, in four figures")
        try:
            return date(year, month, day)
        except ValueError:
            raise ValidationError(f"{self._name}: that date does not exist. Check the day and the month") from None


class LastDayField(DayField):
    """The end of a period, asked as its last day and given as the day before which it ends."""

    def clean(self, value: Any) -> date | None:
        day = super().clean(value)
        return day + timedelta(days=1) if day else None

    def prepare_value(self, value: Any) -> Any:
        return value - timedelta(days=1) if isinstance(value, date) else value


class PageForm(forms.Form):
    """A form with its button. `button` is its words."""

    button = "Save"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, label_suffix="", **kwargs)
        self.helper = FormHelper()
        self.helper.attrs = {"novalidate": ""}
        self.helper.label_size = self.helper.legend_size = "s"
        self.helper.layout = Layout(*self.fields, Button("save", self.button, data_prevent_double_click="true"))

    def add_problems(self, problems: ValidationError) -> None:
        """What an action refused, beside the fields it is about; what has no field here stands above them."""
        if not hasattr(problems, "error_dict"):
            self.add_error(None, problems)
            return
        for name, errors in problems.error_dict.items():
            self.add_error(name if name in self.fields else None, errors)


class Versioned(PageForm):
    """Carries the version that was read, so that the second of two people saving at once is told."""

    version = forms.IntegerField(widget=forms.HiddenInput)


class SureForm(PageForm):
    """Nothing but the button of a step that is asked about once more."""

    def __init__(self, *args: Any, button: str, **kwargs: Any) -> None:
        self.button = button
        super().__init__(*args, **kwargs)


@dataclass(frozen=True)
class Step:
    """A step that a page asks about before it is taken. `{name}` in the words is the row's; `do` has the row, the
    moment and the person."""

    heading: str
    says: str
    button: str
    done: str
    do: Callable[[Any, datetime, Any], Any]
