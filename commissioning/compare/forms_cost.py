"""The form by which a page is asked for another day."""

from datetime import date
from typing import Any

from django.core.exceptions import ValidationError

from commissioning.kernel.forms import DayField, PageForm


class DayForm(PageForm):
    """A day up to today, asked in the address, so that the page can be sent to a colleague."""

    button = "Show"

    on = DayField(label="On which day?", required_says="Enter the day, month and year")

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, initial={"on": today}, **kwargs)
        self.today = today
        self.helper.form_method, self.helper.disable_csrf = "get", True

    def clean_on(self) -> date:
        day: date = self.cleaned_data["on"]
        if day > self.today:
            raise ValidationError("The day is after today: nobody knows yet who will live where")
        return day
