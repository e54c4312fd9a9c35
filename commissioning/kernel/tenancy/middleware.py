"""Round every request: its number, and the transaction in which it acts as its viewer.

The transaction is opened round the whole response, not inside the view: a template rendered afterwards still asks
the database. A request that ends in an error leaves nothing behind.
"""

import uuid
from collections.abc import Callable

from django.conf import settings
from django.db import transaction
from django.http import HttpRequest, HttpResponse

from .viewer import Viewer, acting_as

GetResponse = Callable[[HttpRequest], HttpResponse]


def request_number(get_response: GetResponse) -> GetResponse:
    def middleware(request: HttpRequest) -> HttpResponse:
        request.number = str(uuid.uuid4())
        response = get_response(request)
        response["X-Request-Id"] = request.number
        if "Cache-Control" not in response:
            response["Cache-Control"] = "no-store"
        if "Permissions-Policy" not in response:  # the page that records a visit asks for the camera itself
            response["Permissions-Policy"] = "camera=(), geolocation=(), microphone=()"
        return response

    return middleware


class ActAsRequest:
    """Signed in: as the person's authority, provider or service. Signed out: as nobody, who sees nothing."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path.startswith("/health/"):
            return self.get_response(request)  # must answer when the database does not
        user = request.user
        known = user.is_authenticated
        viewer = user.viewer if known else Viewer.nobody()
        if request.path.startswith(settings.OPENS_OWN_DOOR):
            return self.get_response(request)  # a key says who is looking: api/keys.py, or the page, opens the door
        with acting_as(viewer, by=user if known else "service:sign-in", request_id=request.number):
            response = self.get_response(request)
            if response.status_code >= 400 or getattr(request, "failed", False):
                transaction.set_rollback(True)
            return response

    def process_exception(self, request: HttpRequest, exception: Exception) -> None:
        request.failed = True
