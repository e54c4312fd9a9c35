"""Errors as RFC 9457 problems: what happened, and what to do. The same words for a row that is not there and for
one that the caller may not see."""

import json
import logging
from typing import Any

from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from rest_framework import exceptions, serializers

from commissioning.partnership.actions.count_call import TooMany

PROBLEM_TYPE = "application/problem+json"
EXPLAINED_AT = "/api/v1/docs/#problem-"

logger = logging.getLogger(__name__)

_GET_A_KEY = (
    "Send the header Authorization: Bearer KEY. Your authority's administrator makes keys under People; one that has "
    "expired or was revoked must be replaced."
)
_CHECK_THE_ADDRESS = (
    "Check the address and the id. A row that has been removed, or that your authority may not see, answers in the "
    "same way."
)
_END_WITH_A_SLASH = "Check the address: every one of ours ends with a slash, before a ? as well."
_TRY_AGAIN = "Nothing was changed. Try again; if it happens again, tell us the number in the X-Request-Id header."

# kind -> (status, title, what to do)
KINDS: dict[str, tuple[int, str, str]] = {
    "bad-request": (400, "The request was not understood", "Correct the parameter named here and ask again."),
    "not-signed-in": (401, "A key is needed", _GET_A_KEY),
    "not-allowed": (403, "This key may not do that", "Ask your authority's administrator for a key that may."),
    "not-found": (404, "There is nothing here", _CHECK_THE_ADDRESS),
    "method": (405, "That cannot be done here", "Use a method that the header Allow names."),
    "conflict": (409, "It cannot be done as things stand", "Read the row again to see what has happened to it."),
    "gone": (410, "That was withdrawn", "Leave out release to read the newest."),
    "changed": (
        412,
        "The row has changed since you read it",
        "Read it again, look, and send the ETag that it comes with now.",
    ),
    "too-large": (413, "The request is too large", "Send it in parts."),
    "not-possible": (422, "The request cannot be carried out", "Put right what is named here and send it again."),
    "sent-before": (
        422,
        "This Idempotency-Key was used for another request",
        "Send each request with a key of its own, and the same key only with the very same request.",
    ),
    "no-version": (
        428,
        "The version is missing",
        "Read the row, and send the ETag that it came with in the header If-Match, whole and with its quotation marks.",
    ),
    "too-many": (429, "Too many calls", "Wait for as many seconds as Retry-After says, then go on where you were."),
    "failed": (500, "Something went wrong here", _TRY_AGAIN),
}


class BadRequest(exceptions.APIException):
    """A parameter that cannot be used. `detail` is a sentence that names it; `remedy` says what to do instead."""

    status_code = 400

    def __init__(self, detail: str, remedy: str = "") -> None:
        super().__init__(detail)
        self.remedy = remedy


class Conflict(exceptions.APIException):
    status_code, kind = 409, "conflict"


class Gone(exceptions.APIException):
    status_code, kind = 410, "gone"


class Changed(exceptions.APIException):
    status_code, kind = 412, "changed"


class NoVersion(exceptions.APIException):
    status_code, kind = 428, "no-version"


class TooLarge(exceptions.APIException):
    status_code, kind = 413, "too-large"


class NotPossible(exceptions.APIException):
    status_code, kind = 422, "not-possible"


class SentBefore(exceptions.APIException):
    status_code, kind = 422, "sent-before"


class ProblemSerializer(serializers.Serializer):
    """The body of every error."""

    type = serializers.CharField(help_text="where this kind of problem is explained")
    title = serializers.CharField(help_text="the kind of problem, in words")
    status = serializers.IntegerField()
    detail = serializers.CharField(help_text="what happened")
    remedy = serializers.CharField(help_text="what to do")


def problem(kind: str, detail: str = "", remedy: str = "") -> HttpResponse:
    status, title, usual_remedy = KINDS[kind]
    body = {
        "type": EXPLAINED_AT + kind,
        "title": title,
        "status": status,
        "detail": detail or title + ".",
        "remedy": remedy or usual_remedy,
    }
    return HttpResponse(json.dumps(body, ensure_ascii=False), status=status, content_type=PROBLEM_TYPE)


def as_problem(exc: Exception, context: dict[str, Any]) -> HttpResponse:
    """REST_FRAMEWORK's EXCEPTION_HANDLER: every exception has an answer; an unforeseen one is logged whole."""
    if isinstance(exc, Http404 | exceptions.NotFound):
        return problem("not-found")
    if isinstance(exc, exceptions.NotAuthenticated | exceptions.AuthenticationFailed):
        answer = problem("not-signed-in", _words(exc) if isinstance(exc, exceptions.AuthenticationFailed) else "")
        answer["WWW-Authenticate"] = 'Bearer realm="api"'
        return answer
    if isinstance(exc, PermissionDenied | exceptions.PermissionDenied):
        return problem("not-allowed", _words(exc))
    if isinstance(exc, exceptions.MethodNotAllowed):
        answer = problem("method")
        answer["Allow"] = ", ".join(context["view"].allowed_methods)
        return answer
    if isinstance(exc, TooMany):
        return _wait(exc)
    if isinstance(exc, Conflict | Gone | Changed | NoVersion | TooLarge | NotPossible | SentBefore):
        return problem(exc.kind, _words(exc))
    if isinstance(exc, exceptions.APIException) and exc.status_code == 400:
        return problem("bad-request", _words(exc), getattr(exc, "remedy", ""))
    if isinstance(exc, SuspiciousOperation):
        return problem("bad-request", "The request has more parameters, or larger ones, than the API reads.")
    logger.error("API request failed", exc_info=exc)
    return problem("failed")


def _wait(exc: TooMany) -> HttpResponse:
    whose = "This key has" if exc.whose == "key" else "The keys of your authority have together"
    answer = problem("too-many", f"{whose} made the {exc.most} calls that a minute holds.")
    answer["Retry-After"] = str(exc.seconds)
    return answer


@csrf_exempt  # a system has no form token: nothing is done here
def nothing_here(request: HttpRequest, **path: str) -> HttpResponse:
    """Every address under /api/ that is not one of ours."""
    return problem("not-found", remedy="" if request.path.endswith("/") else _END_WITH_A_SLASH)


nothing_here.resource = ""  # for the permission tests: an address of the API that holds no row


def _words(exc: Exception) -> str:
    return str(getattr(exc, "detail", exc))
