"""Every page says which resource it shows and what it does with it; the person's role answers whether it may.

A route without one of these two marks fails the tests.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse

View = Callable[..., HttpResponse]


def allowed(resource: str, verb: str = "read") -> Callable[[View], View]:
    """For a view: signed out goes to sign-in, a role that may not is refused (403), and the view is marked."""

    def mark(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if not request.user.is_authenticated:
                return redirect_to_login(request.get_full_path())
            if not request.user.may(verb, resource):
                raise PermissionDenied(f"A {request.user.get_role_display().lower()} may not {verb} {resource}.")
            return view(request, *args, **kwargs)

        guarded.allowed = (resource, verb)
        return guarded

    return mark


def open_to_all(view: View) -> View:
    """For a view that somebody signed out must reach: health, sign-in by invitation."""
    view.allowed = None
    return view
