"""Where a request came from."""

from django.conf import settings
from django.http import HttpRequest


def client_address(request: HttpRequest) -> str:
    """The address that called, as the nearest machine that we trust saw it: the connection's own, or behind a proxy
    (BEHIND_PROXY) the last that X-Forwarded-For names, which our proxy wrote. What stands before it anybody may write.
    Empty where it is not known.
    """
    if settings.SECURE_PROXY_SSL_HEADER:
        return request.META.get("HTTP_X_FORWARDED_FOR", "").rpartition(",")[2].strip()
    return request.META.get("REMOTE_ADDR", "")
