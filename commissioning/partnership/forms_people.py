"""Forms about people and keys."""

from datetime import date
from typing import Any

from crispy_forms_gds.choices import Choice
from crispy_forms_gds.helper import FormHelper
from crispy_forms_gds.layout import Button, Field, Fixed, Layout, Size
from django import forms

from .actions.make_key import SCOPES
from .models import Authority, Invitation, User
from .rules.roles import AUTHORITY_ROLES, ROLES
from .rules.roles_in_words import thing

EVERYTHING = "*"
LIFETIMES = {"30": "30 days", "91": "3 months", "182": "6 months", "365": "12 months"}


def role_choices(roles: tuple[str, ...] = tuple(ROLES)) -> list[Choice]:
    return [Choice(key, ROLES[key].label, hint=ROLES[key].says) for key in roles]


class InviteForm(forms.Form):
    """An authority administrator is asked for address and role; a partnership administrator also for whom."""

    email = forms.EmailField(
        label="E-mail address",
        help_text="The link is sent here. The person signs in with this address.",
        error_messages={
            "required": "Enter the person's e-mail address.",
            "invalid": "Enter an e-mail address like name@southwark.gov.uk.",
        },
    )
    role = forms.ChoiceField(label="Role", widget=forms.RadioSelect, error_messages={"required": "Choose a role."})

    def __init__(self, *args: Any, by: User, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        everybody = by.role == "partnership_administrator"
        fields = [Field.text("email", field_width=Fixed.THIRTY), Field.radios("role", legend_size=Size.SMALL)]
        self.fields["role"].choices = role_choices() if everybody else role_choices(AUTHORITY_ROLES)
        if everybody:
            self.fields["authority"] = forms.ModelChoiceField(
                Authority.objects.members_on(today).order_by("name"),
                required=False,
                label="Authority",
                help_text="For an authority's role.",
                empty_label="No authority",
            )
            self.fields["provider"] = forms.CharField(
                required=False,
                label="Provider's name",
                help_text="For a provider's contact: the name exactly as the provider's page shows it.",
            )
            fields += [Field.select("authority"), Field.text("provider", field_width=Fixed.THIRTY)]
        self.by = by
        self.helper = FormHelper()
        self.helper.attrs = {"novalidate": ""}
        self.helper.layout = Layout(*fields, Button("submit", "Send invitation"))

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if self.by.role != "partnership_administrator":
            return cleaned | {"authority": self.by.authority, "provider": None}
        return cleaned | {"provider": self._provider(cleaned.get("provider", ""))}

    def _provider(self, name: str) -> Any:
        if not name:
            return None
        providers = Invitation._meta.get_field("provider").related_model.objects
        found = list(providers.filter(name__iexact=" ".join(name.split()))[:2])
        if len(found) == 1:
            return found[0]
        several = "More than one provider is" if found else "No provider is"
        self.add_error("provider", f"{several} called {name}. Copy the name from the provider's page.")
        return None


class AcceptForm(forms.Form):
    name = forms.CharField(
        label="Your name", max_length=200, error_messages={"required": "Enter your name, as colleagues know you."}
    )
    password = forms.CharField(
        label="Password",
        help_text="At least 12 characters. Three words that mean something to you alone make a good one.",
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        strip=False,
        error_messages={"required": "Choose a password."},
    )
    again = forms.CharField(
        label="The same password again",
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        strip=False,
        error_messages={"required": "Enter the password a second time."},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].widget.attrs["autocomplete"] = "name"
        self.helper = FormHelper()
        self.helper.attrs = {"novalidate": ""}
        self.helper.layout = Layout(
            *(Field.text(name, field_width=Fixed.TWENTY) for name in ("name", "password", "again")),
            Button("submit", "Make my account"),
        )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if "again" in cleaned and "password" in cleaned and cleaned["again"] != cleaned["password"]:
            self.add_error("again", "The two passwords are not the same. Enter both again.")
        return cleaned


class RoleForm(forms.Form):
    role = forms.ChoiceField(label="Role", widget=forms.RadioSelect, error_messages={"required": "Choose a role."})

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["role"].choices = role_choices(AUTHORITY_ROLES)
        self.helper = FormHelper()
        self.helper.attrs = {"novalidate": ""}
        self.helper.layout = Layout(Field.radios("role", legend_size=Size.MEDIUM), Button("submit", "Change role"))


class KeyForm(forms.Form):
    name = forms.CharField(
        label="What the key is for",
        max_length=120,
        help_text="For example: nightly load into the data warehouse.",
        error_messages={"required": "Say what the key is for, so that you know later which one to revoke."},
    )
    scopes = forms.MultipleChoiceField(
        label="What it may read",
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Choose what the key may read."},
    )
    days = forms.ChoiceField(
        label="How long it lasts",
        widget=forms.RadioSelect,
        choices=[Choice(days, words) for days, words in LIFETIMES.items()],
        error_messages={"required": "Choose how long the key lasts."},
    )

    def __init__(self, *args: Any, taken: set[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.taken = taken
        self.fields["scopes"].choices = [
            Choice(EVERYTHING, "Everything the authority may see"),
            *(Choice(scope, thing(scope).capitalize()) for scope in SCOPES),
        ]
        self.helper = FormHelper()
        self.helper.attrs = {"novalidate": ""}
        self.helper.layout = Layout(
            Field.text("name", field_width=Fixed.THIRTY),
            Field.checkboxes("scopes", legend_size=Size.SMALL, small=True),
            Field.radios("days", legend_size=Size.SMALL, inline=True),
            Button("submit", "Make key"),
        )

    def clean_name(self) -> str:
        name = " ".join(self.cleaned_data["name"].split())
        if name in self.taken:
            raise forms.ValidationError(f"A key called {name} is in use. Revoke it first, or choose another name.")
        return name
