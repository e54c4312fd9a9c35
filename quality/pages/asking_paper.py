"""The blank workbook for answers on paper."""

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from commissioning.kernel.exports import file_name
from commissioning.kernel.exports.workbook import CONTENT_TYPE as XLSX
from commissioning.kernel.pages.allowed import allowed

from ..exports_surveys import surveys_template


@allowed("surveys", "import")
def paper_template(request: HttpRequest) -> HttpResponse:
    viewer = request.user.body_name
    response = HttpResponse(surveys_template(viewer=viewer, made_at=timezone.now()), content_type=XLSX)
    name = file_name("answers on paper template", viewer, timezone.localdate(), "xlsx")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
