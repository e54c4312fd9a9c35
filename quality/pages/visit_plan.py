"""The provider's plan of action after a published visit."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone

from commissioning.kernel.pages.allowed import allowed
from contracts.pages.referral_words import plural

from ..actions.improvement import asked_for, propose_plan, without_action
from ..forms_replies import PlanOfActionForm
from .saving import saved
from .visit_words import crumbs_of, due_words, seen_visit, where


@allowed("actions", "create")
def visit_plan(request: HttpRequest, uuid: UUID) -> HttpResponse:
    found, today = seen_visit(uuid), timezone.localdate()
    open_ = set(without_action(found).values_list("pk", flat=True))
    findings = [(each, each.pk not in open_) for each in asked_for(found).order_by("question", "found_at", "pk")]
    form = PlanOfActionForm(request.POST or None, findings=findings)

    def save() -> str:
        made = propose_plan(visit=found, proposals=form.proposals(), by=request.user, today=today)
        return f"{plural(len(made), 'action is', 'actions are')} with {found.authority.name}, which agrees them or not."

    if found.state != "published":
        said = "The plan follows once the visit is published."
    elif open_:
        due = due_words(found.plan_due_on, today)
        wants = plural(len(open_), "finding asks", "findings ask")
        said = f"{wants} for at least one action each. Your plan {due if due.startswith('was') else f'is due {due}'}."
    else:
        said = "Every finding that asks for an action has one. Add another where you wish."
    return saved(
        request, form, save, heading=f"What you will do at {where(found)}", crumbs=crumbs_of(found),
        back=reverse("visit", args=[uuid]), answer=said,
    )  # fmt: skip
