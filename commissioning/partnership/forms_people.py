"""Forms about people and keys."""

from datetime import date
from typing import Any

from crispy_forms_gds.choices import Choice
from crispy_forms_gds.helper import FormHelper
from crispy_forms_gds.layout import Button, Field, Fixed, Layout, Size
from django import forms

from commissioning.kernel.wording import capital

from .actions.make_key import ADMINISTRATOR, SCOPES, WRITE_SCOPES
from .models import Authority, Invitation, User
from .rules.networks import read_networks
from .rules.roles import AUTHORITY_ROLES, ROLES
from .rules.roles_in_words import thing

EVERYTHING = "*"
BESIDE = {"0": "It ends now", "1": "1 day", "7": "7 days", "30": "30 days"}
# What a key may send or do, in words.
SENDS = {
    "releases:write": "take the steps of releases",
    "referrals:write": "send and change referrals",
    "placements:write": "send and change placements",
    "cost-lines:write": "send and change cost lines",
    "outcomes:write": "send what young people answered",
}
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
    """An administrator's key reads. Whoever may send files makes one of their own, which may send as well."""

    name = forms.CharField(
        label="What the key is for",
        max_length=120,
        help_text="For example: nightly load into the data warehouse.",
        error_messages={"required": "Say what the key is for, so that you know later which one to revoke."},
    )
    scopes = forms.MultipleChoiceField(
        label="What it may do",
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Choose what the key may read or send."},
    )
    networks = forms.CharField(
        required=False,
        label="From which networks (optional)",
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Addresses such as 192.0.2.7 or 198.51.100.0/24, one on each line. Your network team knows them. "
        "Left empty, the key is taken from anywhere.",
    )
    days = forms.ChoiceField(
        label="How long it lasts",
        widget=forms.RadioSelect,
        choices=[Choice(days, words) for days, words in LIFETIMES.items()],
        error_messages={"required": "Choose how long the key lasts."},
    )

    def __init__(self, *args: Any, by: User, taken: set[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.taken = taken
        system = by.role == ADMINISTRATOR
        sends = [(scope, words) for scope, words in SENDS.items() if any(by.may(*g) for g in WRITE_SCOPES[scope])]
        self.fields["scopes"].choices = [
            *([Choice(EVERYTHING, "Read everything the authority may see")] if system else []),
            *(Choice(scope, capital(words)) for scope, words in sends),
            *(Choice(scope, f"Read {thing(scope)}") for scope in SCOPES if system or by.may("read", scope)),
        ]
        self.helper = FormHelper()
        self.helper.attrs = {"novalidate": ""}
        self.helper.layout = Layout(
            Field.text("name", field_width=Fixed.THIRTY),
            Field.checkboxes("scopes", legend_size=Size.SMALL, small=True),
            Field.textarea("networks", rows=3),
            Field.radios("days", legend_size=Size.SMALL, inline=True),
            Button("submit", "Make key"),
        )

    def clean_name(self) -> str:
        name = " ".join(self.cleaned_data["name"].split())
        if name in self.taken:
            raise forms.ValidationError(f"A key called {name} is in use. Revoke it first, or choose another name.")
        return name

    def clean_networks(self) -> str:
        try:
            return " ".join(map(str, read_networks(self.cleaned_data["networks"])))
        except ValueError as problem:
            raise forms.ValidationError(str(problem)) from None


class ReplaceKeyForm(forms.Form):
    days = forms.ChoiceField(
        label="How long the new key lasts",
        widget=forms.RadioSelect,
        choices=[Choice(days, words) for days, words in LIFETIMES.items()],
        error_messages={"required": "Choose how long the new key lasts."},
    )
    beside = forms.ChoiceField(
        label="How long the old key goes on",
        widget=forms.RadioSelect,
        choices=[Choice(days, words) for days, words in BESIDE.items()],
        help_text="Both work until then, so that your system changes over without a gap.",
        error_messages={"required": "Choose how long the old key goes on."},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = FormHelper()
        self.helper.attrs = {"novalidate": ""}
        self.helper.layout = Layout(
            Field.radios("days", legend_size=Size.SMALL, inline=True),
            Field.radios("beside", legend_size=Size.SMALL, inline=True),
            Button("submit", "Make the new key"),
        )
