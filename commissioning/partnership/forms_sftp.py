"""The form of a server that exports are sent to."""

from typing import Any

from django import forms

from commissioning.kernel.forms import PageForm

PLAIN = {"autocomplete": "off", "spellcheck": "false"}
NARROW = PLAIN | {"class": "govuk-input--width-20"}


class Unshown(forms.CharField):
    """Words that no page gives back, as a password's field gives none."""

    def bound_data(self, data: Any, initial: Any) -> str:
        return ""


class SftpForm(PageForm):
    button = "Add server"

    name = forms.CharField(
        label="Name", max_length=100, help_text="As your colleagues know it, for example: data warehouse.",
        widget=forms.TextInput(attrs=NARROW),
        error_messages={"required": "Give the server a name that your colleagues know."},
    )  # fmt: skip
    host = forms.CharField(
        label="Address of the server", max_length=500, help_text="For example: files.example.gov.uk",
        widget=forms.TextInput(attrs=PLAIN), error_messages={"required": "Enter the server's address."},
    )  # fmt: skip
    port = forms.IntegerField(
        label="Port", initial=22, min_value=1, max_value=65535, help_text="22 unless whoever runs the server says so.",
        widget=forms.TextInput(attrs=PLAIN | {"class": "govuk-input--width-5", "inputmode": "numeric"}),
        error_messages={"required": "Enter the port: 22 is usual.", "invalid": "Enter the port in figures."},
    )  # fmt: skip
    user = forms.CharField(
        label="User name there", max_length=100, widget=forms.TextInput(attrs=NARROW),
        error_messages={"required": "Enter the name by which the server knows you."},
    )  # fmt: skip
    folder = forms.CharField(
        label="Folder", max_length=300, required=False, widget=forms.TextInput(attrs=PLAIN),
        help_text="Leave it empty for the folder in which this user begins.",
    )  # fmt: skip
    fingerprint = forms.CharField(
        label="Fingerprint of the server’s key", max_length=60, widget=forms.TextInput(attrs=PLAIN),
        help_text="Whoever runs the server tells you: it begins with SHA256: and is what ssh-keygen -l prints. Nothing "
        "is sent to a server that shows another key.",
        error_messages={"required": "Enter the fingerprint: without it we cannot know that it is your server."},
    )  # fmt: skip
    password = forms.CharField(
        label="Password of that user there", max_length=200, required=False, strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password", "class": "govuk-input--width-20"}),
        help_text="Or leave it empty and enter a private key below. Neither is shown again: where something else is "
        "not right yet, enter it once more.",
    )  # fmt: skip
    private_key = Unshown(
        label="Private key", max_length=10_000, required=False,
        widget=forms.Textarea(attrs=PLAIN | {"rows": 5}),
        help_text="One made for this alone, without a passphrase.",
    )  # fmt: skip


class RemoveForm(PageForm):
    button = "Remove"
