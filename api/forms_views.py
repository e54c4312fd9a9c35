"""Forms of saved views: a list's own filters under a name, and when it is sent."""

from typing import Any
from urllib.parse import urlencode

import django_filters
from crispy_forms_gds.choices import Choice
from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet

from commissioning.kernel.forms import PageForm
from commissioning.kernel.wording import capital
from commissioning.partnership.models import Authority, Framework, Lot, SftpTarget
from commissioning.partnership.rules import exports as rules
from providers.models import Provider

from .resources import Declared

MOST_OFFERED = 300  # in a list to choose from; beyond that an id is asked for
HOURS = [(str(hour), f"{hour:02d}:00") for hour in range(24)]


def _offered(name: str) -> QuerySet | None:
    """What an id of this name may be chosen from, as the viewer sees it."""
    match name:
        case "framework":
            return Framework.objects.order_by("name")
        case "lot":
            return Lot.objects.select_related("framework").order_by("framework__name", "number")
        case "provider":
            return Provider.objects.order_by("name")
        case "authority" | "area":
            return Authority.objects.exclude(member_from=None).order_by("name")
    return None


def _said(row: Any) -> str:
    return f"{row.framework.name}, lot {row.number}: {row.name}" if isinstance(row, Lot) else row.name


def said_of(name: str, value: str) -> str:
    """What a filter asks for, as a person reads it: a name for an id that the viewer sees, else as it stands."""
    rows = _offered(name)
    try:
        row = rows.filter(uuid=value).first() if rows is not None else None
    except ValidationError:
        row = None
    return value if row is None else _said(row)


class SaveViewForm(PageForm):
    """The filters of one list. What is typed goes into the address as it is: the API says whether it will do."""

    button = "Save view"

    def __init__(self, *args: Any, declared: Declared, **kwargs: Any) -> None:
        self.base_fields = {
            "name": forms.CharField(
                label="Name of the view", max_length=100, help_text="For example: residential rates in force.",
                error_messages={"required": "Give the view a name, so that you find it again."},
            ),
            **{f"f_{name}": _field(name, each) for name, each in declared.selection.base_filters.items()},
            "shared": forms.ChoiceField(
                label="Who sees it in their list of views?", widget=forms.RadioSelect, initial="",
                required=False,
                choices=[
                    Choice("", "Only you"),
                    Choice("yes", "Your colleagues too",
                           hint="Each of them sees only what their own role may see of it."),
                ],
            ),
        }  # fmt: skip
        super().__init__(*args, **kwargs)

    @property
    def query(self) -> str:
        """The filters as they stand in an address; what is left open is left out."""
        given = [(name[2:], value) for name, value in self.cleaned_data.items() if name.startswith("f_") and value]
        return urlencode(given)


def _field(name: str, asked: django_filters.Filter) -> forms.Field:
    label = capital(name.replace("_", " "))
    says = capital(str(asked.label or "")) + "."
    field = asked.field
    found: list[tuple[str, str]] | None = None
    if isinstance(field, forms.NullBooleanField):
        found = [("true", "Yes"), ("false", "No")]
    elif getattr(field, "choices", None):
        found = [(str(key), str(words)) for key, words in asked.extra.get("choices", ())]
    elif isinstance(field, forms.UUIDField):
        rows = _offered(name)
        chosen = list(rows[: MOST_OFFERED + 1]) if rows is not None else []
        if chosen and len(chosen) <= MOST_OFFERED:
            found = [(str(row.uuid), _said(row)) for row in chosen]
    if found is not None:
        says = "" if says.startswith("Id of") else says
        return forms.ChoiceField(label=label, help_text=says, required=False, choices=[("", "Any"), *found])
    if isinstance(field, forms.DateField):
        says += " Written as 2026-04-01."
    return forms.CharField(
        label=label, help_text=says, required=False, max_length=200,
        widget=forms.TextInput(attrs={"class": "govuk-input--width-20", "autocomplete": "off"}),
    )  # fmt: skip


class ScheduleForm(PageForm):
    button = "Schedule it"

    format = forms.ChoiceField(
        label="What kind of file?", widget=forms.RadioSelect,
        error_messages={"required": "Choose what kind of file it is."},
    )  # fmt: skip
    every = forms.ChoiceField(
        label="How often?", widget=forms.RadioSelect,
        choices=[Choice(key, words) for key, words in rules.EVERY.items()],
        error_messages={"required": "Choose how often it is sent."},
    )  # fmt: skip
    weekday = forms.ChoiceField(
        label="On which day of the week?", required=False, help_text="For once a week alone.",
        choices=[("", "Not weekly"), *((str(n), name) for n, name in enumerate(rules.WEEKDAYS))],
    )  # fmt: skip
    day = forms.ChoiceField(
        label="On which day of the month?", required=False, help_text="For once a month alone.",
        choices=[("", "Not monthly"), *((str(n), str(n)) for n in range(1, rules.LAST_DAY + 1))],
    )  # fmt: skip
    hour = forms.ChoiceField(label="From what hour on?", choices=HOURS, initial="6")

    to = forms.ChoiceField(label="Where to?", widget=forms.RadioSelect, initial="link")

    def __init__(self, *args: Any, formats: tuple[str, ...], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["to"].choices = [
            Choice("link", "To you, as a link by e-mail", hint="Only you can open it, signed in."),
            *(
                Choice(
                    str(each.uuid), f"To the server {each.name}", hint="Whoever reads that server can read the file."
                )
                for each in SftpTarget.objects.filter(removed_at=None).order_by("name")
            ),
        ]
        self.fields["format"].choices = [
            Choice(key, words) for key, words in rules.FORMATS.items() if key in formats
        ]  # fmt: skip

    def clean(self) -> dict[str, Any]:
        told = super().clean() or {}
        to = told.pop("to", "link")
        told["sftp"] = None if to == "link" else SftpTarget.objects.filter(uuid=to).first()
        return {
            name: (int(value) if value else None) if name in ("weekday", "day", "hour") else value
            for name, value in told.items()
        }
