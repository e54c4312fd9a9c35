"""Who hands out rights, or sends what is kept here elsewhere, proves who they are again where that was a while ago.

A session that was left open, or whose cookie was taken, does no more than its person did in its first quarter of an
hour. Taking rights away never waits for this.
"""

import time
from typing import Any
from urllib.parse import urlencode

from allauth.account.authentication import get_authentication_records
from allauth.core import ratelimit
from crispy_forms_gds.layout import Field, Fixed
from django import forms
from django.contrib import messages
from django.contrib.auth.hashers import check_password
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.html import format_html

from .gate import SIGNED_IN

LASTS = 15 * 60  # seconds
PROVED = "proved_at"  # in the session, seconds since the epoch
NAME = "own_password"


class OwnPassword(forms.CharField):
    """Stands in a form only while the answer is not right: `why` says what is wrong with it."""

    def __init__(self, why: str, here: str) -> None:
        super().__init__(
            label="Your own password", required=False, strip=False, max_length=200,
            help_text=format_html(
                "It is more than {} minutes since you proved who you are, so we ask once more. If you sign in by a "
                'passkey, <a class="govuk-link" href="{}">confirm that it is you</a> before you fill this in.',
                LASTS // 60, _asks(here),
            ),
            widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
        )  # fmt: skip
        self.why = why

    def clean(self, value: str) -> str:
        raise ValidationError(self.why)


def with_proof(form: Any, request: Any) -> Any:
    """The form, which asks for the person's own password as well where they have not proved lately who they are. What
    else was typed stays, and nothing is done, until it is right."""
    request.sensitive_post_parameters = "__ALL__"  # no report of an error tells what was typed
    if proved_lately(request):
        return form
    why = _wrong_with(request) if form.is_bound else ""
    if form.is_bound and not why:
        request.session[PROVED] = int(time.time())
        return form
    form.fields[NAME] = OwnPassword(why, request.get_full_path())
    form.helper.layout.fields.insert(-1, Field.text(NAME, field_width=Fixed.TWENTY))  # before the button
    return form


def proof_first(request: HttpRequest, back: str) -> HttpResponse | None:
    """For a button with nothing typed: the page that asks, and from it `back`. None: they proved it lately."""
    if proved_lately(request):
        return None
    messages.info(request, "Nothing is changed yet. Confirm that it is you, then choose again.")
    return redirect(_asks(back))


def _asks(back: str) -> str:
    return f"{reverse('account_reauthenticate')}?{urlencode({'next': back})}"


def proved_lately(request: HttpRequest) -> bool:
    """By signing in, by a second factor, or by the password since."""
    proofs = [each["at"] for each in get_authentication_records(request, request.user)]
    proofs += [request.session.get(name, 0) for name in (SIGNED_IN, PROVED)]
    return time.time() - max(proofs) < LASTS


def _wrong_with(request: HttpRequest) -> str:
    typed = request.POST.get(NAME, "")
    if not typed:
        return "Enter your own password, with which you sign in."
    if not ratelimit.consume(request, action="reauthenticate", user=request.user):
        return "Too many attempts. Wait five minutes, or sign out and in again."
    return "" if check_password(typed, request.user.password) else "That is not the password with which you sign in."
