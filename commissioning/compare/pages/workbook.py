"""The steering group's workbook, to download."""

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from commissioning.kernel.exports.workbook import CONTENT_TYPE
from commissioning.kernel.pages.allowed import allowed

from ..measures.benchmark import newest_release
from ..steering_workbook import steering, steering_workbook


@allowed("benchmarks")
def workbook(request: HttpRequest) -> HttpResponse:
    """Ready to send; with ?ours=exact for one's own desk, where our own small numbers stand too."""
    found = steering(
        request.user.body_name, timezone.localdate(), newest_release(), exact=request.GET.get("ours") == "exact"
    )
    content, name = steering_workbook(found, made_at=timezone.now())
    response = HttpResponse(content, content_type=CONTENT_TYPE)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
