"""Between signing in and every page: how long a session lasts, and the second factor where it is required.

The API is let through: here it only loses the signed-in person, and answers as it answers anyone without a key.
"""

import time
from collections.abc import Callable

from allauth.mfa.models import Authenticator
from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.models import AnonymousUser
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

FREE = ("/static/", "/health/")
SET_UP = ("/accounts/2fa/", "/accounts/reauthenticate/", "/accounts/logout/")
SIGNED_IN, SEEN = "signed_in_at", "seen_at"  # in the session, seconds since the epoch
SEEN_EVERY = 60  # a session is written at most once a minute for this


class RequireSecondFactor:
    """Last of the middleware: it needs to know the person, and to write the session in the person's transaction."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path.startswith(FREE) or not request.user.is_authenticated:
            return self.get_response(request)
        return self._turned_back(request) or self.get_response(request)

    def _turned_back(self, request: HttpRequest) -> HttpResponse | None:
        api = request.path.startswith("/api/")
        why = _session_over(request)
        if why:
            logout(request)
            if api:
                return None
            messages.info(request, why)
            return redirect_to_login(request.get_full_path() if request.method == "GET" else "/")
        if not settings.SECOND_FACTOR_REQUIRED or has_second_factor(request.user):
            return None
        if api:
            request.user = AnonymousUser()
            return None
        request.second_factor_missing = True
        if request.path.startswith(SET_UP):
            return None
        return redirect("mfa_index")


def has_second_factor(user: object) -> bool:
    """An authenticator app or a passkey. Recovery codes stand in for one, and are none by themselves."""
    return is_mfa_enabled(user, [Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN])


def _session_over(request: HttpRequest) -> str:
    """Why this session has ended, in a sentence; empty while it lasts, which is then noted."""
    now, session = int(time.time()), request.session
    began, seen = session.get(SIGNED_IN), session.get(SEEN)
    if began is not None and now - began >= settings.SESSION_COOKIE_AGE:
        hours = settings.SESSION_COOKIE_AGE // 3600
        return f"You were signed out because {hours} hours have passed since you signed in. Sign in to go on."
    if seen is not None and now - seen >= settings.SESSION_IDLE_SECONDS:
        minutes = settings.SESSION_IDLE_SECONDS // 60
        return f"You were signed out because nothing was opened for {minutes} minutes. Sign in to go on."
    if began is None:
        session[SIGNED_IN] = now
    if seen is None or now - seen >= SEEN_EVERY:
        session[SEEN] = now
    return ""
