"""Recording a visit where there is no network: the page that a tablet keeps, what it is opened with, and its sync."""

import json
from functools import wraps
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string
from django.utils import timezone
from django.views.decorators.http import require_POST

from commissioning.kernel.pages.allowed import View, allowed, open_to_all
from commissioning.kernel.tenancy.viewer import Viewer, current_viewer

from ..actions.keep_evidence import keep_evidence
from ..actions.record_visit import sync_draft
from ..models import Finding, TemplateQuestion, Visit
from ..rules import codes, evidence
from ..rules.drafts import NoDraft, read_draft
from .record_data import data_for

CAMERA = "camera=(self), geolocation=(), microphone=()"
SCRIPTS = (
    "device.js", "quality/record_parts.js", "quality/record_draft.js", "quality/record_pictures.js",
    "quality/record_sync.js", "quality/record_sides.js", "quality/record_steps.js", "quality/record.js",
)  # fmt: skip
NOT_OPEN = "This visit takes no more files. Only what belongs to a safeguarding finding can be added now."


def own_visit(uuid: UUID) -> Visit:
    """The viewer's own: others read a visit, and record nothing on it."""
    visit = Visit.objects.filter(uuid=uuid).select_related("template", "establishment", "premises", "lead").first()
    if visit is None or current_viewer() != Viewer.of_authority(visit.authority_id):
        raise Http404
    return visit


def shell() -> str:
    """The same for everybody and every visit: it holds nothing of either, so that a device may keep it."""
    return render_to_string("quality/record.html", {"scripts": SCRIPTS})


def _shell_response() -> HttpResponse:
    response = HttpResponse(shell())
    response["Permissions-Policy"] = CAMERA
    return response


def _as_json(view: View) -> View:
    """What a device asks is answered as JSON, a refusal too."""

    @wraps(view)
    def answered(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except (NoDraft, json.JSONDecodeError, UnicodeDecodeError, RecursionError) as problem:
            said = str(problem) if isinstance(problem, NoDraft) else "This is not a visit as a tablet keeps it."
            return JsonResponse({"problem": said}, status=400)
        except ValidationError as problem:
            return JsonResponse({"problem": " ".join(problem.messages)}, status=409)

    return answered


@allowed("visits", "change")
def record(request: HttpRequest, uuid: UUID) -> HttpResponse:
    own_visit(uuid)
    return _shell_response()


@open_to_all
def kept(request: HttpRequest) -> HttpResponse:
    """The visits that this device keeps: the device alone knows them."""
    return _shell_response()


@allowed("visits", "change")
def data(request: HttpRequest, uuid: UUID) -> HttpResponse:
    return JsonResponse(data_for(request, own_visit(uuid)))


@allowed("visits", "change")
@require_POST
@_as_json
def sync(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Answered with 200 whatever is left to choose: an error would take back the safeguarding findings as well."""
    visit = own_visit(uuid)
    answer = sync_draft(visit=visit, draft=read_draft(json.loads(request.body)), by=request.user, now=timezone.now())
    return JsonResponse(answer)


@allowed("visits", "change")
@require_POST
@_as_json
def file(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """One photograph, paper or signature. The device's own key names it, so that it comes in once."""
    visit = own_visit(uuid)
    sent, asked = request.FILES.get("file"), request.POST
    if sent is None:
        raise ValidationError("No file came with this. Choose it again.")
    if sent.size > evidence.LARGEST:
        raise ValidationError(evidence.TOO_LARGE)
    if asked.get("kind") not in codes.EVIDENCE_KINDS:
        raise ValidationError("Say what the file is: a photograph, a document or a signature.")
    finding = _finding(visit, asked.get("finding", ""))
    if visit.state != "draft" and (finding is None or finding.marking != "safeguarding"):
        raise ValidationError(NOT_OPEN)
    question = TemplateQuestion.objects.filter(template=visit.template, uuid=_uuid(asked.get("question", ""))).first()
    row = keep_evidence(
        content=sent.read(), name=sent.name or "", kind=asked["kind"], by=request.user, now=timezone.now(),
        visit=visit, question=question, finding=finding, caption=asked.get("caption", "")[:500],
        consent=asked.get("consent") == "yes", redacted=asked.get("redacted") == "yes",
        device_key=_uuid(asked.get("device_key", "")),
    )  # fmt: skip
    return JsonResponse({"uuid": str(row.uuid), "name": row.name, "size": row.size})


def _finding(visit: Visit, key: str) -> Finding | None:
    """ValidationError where the finding that the file belongs to is not there: it must not become everybody's."""
    if not key:
        return None
    found = Finding.objects.filter(visit=visit, device_key=_uuid(key)).first() if _uuid(key) else None
    if found is None:
        raise ValidationError("The finding that this belongs to has not been kept yet. Send the visit first.")
    return found


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
