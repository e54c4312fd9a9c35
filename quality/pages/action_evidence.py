"""A file that shows that an action is done: sent by the provider, or by the authority whose action it is."""

from uuid import UUID

from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone

from commissioning.kernel.pages.allowed import allowed

from ..actions.keep_evidence import keep_evidence
from ..forms_replies import EvidenceForm
from .action_words import came_from
from .actions import seen_action
from .saving import saved

CLOSED = "This action is checked and closed: nothing more is added to it."


@allowed("evidence", "create")
def action_evidence(request: HttpRequest, uuid: UUID) -> HttpResponse:
    found = seen_action(uuid)
    if not request.user.provider_id and request.user.authority_id != found.authority_id:
        raise PermissionDenied("Only the provider and the authority whose action it is add to it.")
    form = EvidenceForm(request.POST or None, request.FILES or None)

    def save() -> str:
        if found.state == "verified":
            raise ValidationError(CLOSED)
        told = form.cleaned_data
        row = keep_evidence(
            content=told["file"].read(), name=told["file"].name, kind=told["kind"], caption=told["caption"],
            consent=told["consent"], visit=found.visit, finding=found.finding, action=found, by=request.user,
            now=timezone.now(),
        )  # fmt: skip
        return f"{row.name} is kept with the action."

    back = reverse("improvement-action", args=[found.uuid])
    return saved(
        request, form, save, heading="Add a photograph or a paper", back=back,
        crumbs=[("Actions", reverse("improvement-actions")), (came_from(found), back)],
        answer=f"It shows that this is done: {found.words}",
    )  # fmt: skip
