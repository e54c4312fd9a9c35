"""The provider's right of reply: each finding accurate or not, in its own words."""

from uuid import UUID

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone

from commissioning.kernel.pages.allowed import allowed
from contracts.pages.referral_words import plural

from ..actions.share_visit import reply, shareable_findings
from ..forms_replies import ReplyForm
from ..models import FindingReply
from .saving import saved
from .visit_words import crumbs_of, due_words, seen_visit, where


@allowed("visits", "reply")
def visit_reply(request: HttpRequest, uuid: UUID) -> HttpResponse:
    found = seen_visit(uuid)
    decided = FindingReply.objects.filter(visit=found).exclude(outcome="").values("finding")
    findings = list(shareable_findings(found).exclude(pk__in=decided).order_by("question", "found_at", "pk"))
    given = FindingReply.objects.filter(visit=found).select_related("finding")
    form = ReplyForm(request.POST or None, findings=findings, initial=ReplyForm.initial_of(given))

    def save() -> str:
        replies = form.replies()
        if not replies:
            raise ValidationError("Say of at least one finding whether it is accurate.")
        kept = reply(visit=found, replies=replies, by=request.user, now=timezone.now())
        left = len(findings) - len(kept)
        rest = f" {plural(left, 'finding is', 'findings are')} still to be answered." if left else ""
        return f"Your reply to {plural(len(kept), 'finding', 'findings')} is with {found.authority.name}.{rest}"

    if found.state == "with_provider":
        due = due_words(found.reply_due_on, timezone.localdate())
        said = f"Your reply {due}." if due.startswith("was") else f"Your reply is due {due}."
        said += " Somebody who was not on the visit decides what you dispute."
    else:
        said = "This visit does not wait for a reply."
    return saved(
        request, form, save, heading=f"Is the draft on {where(found)} accurate?", crumbs=crumbs_of(found),
        back=reverse("visit", args=[uuid]), answer=said,
    )  # fmt: skip
