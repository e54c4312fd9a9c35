"""What the visiting authority does with a visit: moved, called off, rated, sent, a dispute decided, published."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone

from commissioning.kernel import wording
from commissioning.kernel.pages.allowed import allowed
from commissioning.partnership.models import User
from commissioning.partnership.rules.roles import may

from ..actions.plan_visit import cancel_visit, move_visit
from ..actions.share_visit import (
    decide_dispute,
    is_involved,
    not_yet,
    publish,
    rate_visit,
    rule_rating,
    send_to_provider,
    shareable_answers,
    shareable_evidence,
    shareable_findings,
)
from ..forms_visits import CancelForm, ConfirmForm, DisputeForm, MoveForm, RateForm
from ..models import Finding, FindingReply, Visit, VisitReport
from ..rules import clocks, codes
from .saving import saved, state_meanwhile
from .visit_words import crumbs_of, own_visit, where


def _answer(
    request: HttpRequest,
    visit: Visit,
    form: Any,
    save: Any,
    heading: str,
    meanwhile: Any = state_meanwhile,
    **more: Any,
) -> HttpResponse:
    return saved(
        request, form, save, heading=heading, crumbs=crumbs_of(visit), back=reverse("visit", args=[visit.uuid]),
        meanwhile=meanwhile, **more,
    )  # fmt: skip


def people_of(authority_id: int | None) -> list[tuple[str, str]]:
    """Who may lead a visit: those whose role records visits."""
    people = User.objects.filter(authority=authority_id, is_active=True).order_by("name", "email")
    return [(str(each.uuid), each.name or each.email) for each in people if may(each.role, "change", "visits")]


def person(uuid: str) -> User:
    return User.objects.get(uuid=uuid)


@allowed("visits", "change")
def visit_move(request: HttpRequest, uuid: UUID) -> HttpResponse:
    found = own_visit(request, uuid)
    people = people_of(found.authority_id)
    form = MoveForm(
        request.POST or None, people=people, told=found.to_provider,
        initial={"planned_on": found.planned_on, "version": found.version,
                 "lead": str(found.lead.uuid) if found.lead else ""},
    )  # fmt: skip

    def save() -> str:
        given = form.cleaned_data
        told = found.announced or bool(given.get("announced"))
        moved = move_visit(
            visit=found, version=given["version"], planned_on=given["planned_on"], lead=person(given["lead"]),
            announced=told, by=request.user, today=timezone.localdate(),
        )  # fmt: skip
        return f"The visit is planned for {wording.day(moved.planned_on)}."

    return _answer(request, found, form, save, f"Move the visit to {where(found)}",
                   answer=f"It is planned for {wording.day(found.planned_on)}.")  # fmt: skip


@allowed("visits", "change")
def visit_cancel(request: HttpRequest, uuid: UUID) -> HttpResponse:
    found = own_visit(request, uuid)
    form = CancelForm(request.POST or None, initial={"version": found.version})

    def save() -> str:
        cancel_visit(visit=found, by=request.user, **form.cleaned_data)
        return "The visit is called off."

    said = f"It is planned for {wording.day(found.planned_on)}. It stays on the list, with the reason."
    return _answer(request, found, form, save, f"Call off the visit to {where(found)}", answer=said)


@allowed("visits", "change")
def visit_rate(request: HttpRequest, uuid: UUID) -> HttpResponse:
    found = own_visit(request, uuid)
    by_rule = rule_rating(found)
    report = VisitReport.objects.filter(visit=found).first()
    form = RateForm(request.POST or None, initial={
        "rating": (report.rating if report else "") or by_rule, "why": report.rating_why if report else "",
        "version": report.version if report else 0,
    })  # fmt: skip

    def save() -> str:
        made = rate_visit(visit=found, by=request.user, **form.cleaned_data)
        return f"The visit came to: {made.get_rating_display()}."

    gives = f"By the template’s rule it comes to: {codes.RATINGS[by_rule]}." if by_rule else (
        "Too little was answered for the template’s rule to give a rating."
    )  # fmt: skip
    return _answer(request, found, form, save, f"What the visit to {where(found)} came to", meanwhile=None,
                   answer=f"{gives} {found.template.rule}")  # fmt: skip


@allowed("visits", "change")
def visit_send(request: HttpRequest, uuid: UUID) -> HttpResponse:
    found = own_visit(request, uuid)
    form = ConfirmForm(request.POST or None, button="Send to the provider", initial={"version": found.version})

    def save() -> str:
        sent = send_to_provider(visit=found, version=form.cleaned_data["version"], by=request.user, now=timezone.now())
        return f"The draft is with {found.provider.name}. Its reply is due by {wording.day(sent.reply_due_on)}."

    shared = shareable_findings(found).count()
    kept = Finding.objects.filter(visit=found).exclude(marking="shareable").count()
    moves = [
        ("Findings that go", f"{shared:,}"),
        ("Findings that stay with us", f"{kept:,}"),
        ("Answers that go, with their notes", f"{shareable_answers(found).count():,}"),
        ("Photographs and papers that go", f"{shareable_evidence(found).count():,}"),
        ("Reply due by", wording.day(clocks.reply_due(timezone.localdate()))),
    ]
    return _answer(
        request, found, form, save, f"Send the draft on {where(found)} to {found.provider.name}", moves=moves,
        answer="The provider says within 14 days whether each finding is accurate. It reads the summary, the rating "
        "and the notes too: check that none speaks of a child.",
    )  # fmt: skip


@allowed("visits", "change")
def visit_publish(request: HttpRequest, uuid: UUID) -> HttpResponse:
    found = own_visit(request, uuid)
    form = ConfirmForm(request.POST or None, button="Publish to every member", initial={"version": found.version})

    def save() -> str:
        publish(visit=found, version=form.cleaned_data["version"], by=request.user, now=timezone.now())
        return "The visit is published: every member reads the part that may be shared."

    shared = shareable_findings(found)
    moves = [
        ("Findings that every member reads", f"{shared.count():,}"),
        ("Of them, findings that ask for an action", f"{shared.filter(asks_action=True).count():,}"),
        ("Findings that stay with us", f"{Finding.objects.filter(visit=found).exclude(marking='shareable').count():,}"),
    ]
    return _answer(
        request, found, form, save, f"Publish the visit to {where(found)}", moves=moves,
        answer=not_yet(found, timezone.now()) if found.state == "with_provider" and request.method != "POST" else
        "Earlier wordings of a finding stay with us. This cannot be undone.",
    )  # fmt: skip


@allowed("visits", "change")
def visit_dispute(request: HttpRequest, uuid: UUID, reply: UUID) -> HttpResponse:
    found = own_visit(request, uuid)
    rows = FindingReply.objects.select_related("finding", "visit").filter(visit=found, says="disputed")
    disputed = get_object_or_404(rows, uuid=reply)
    form = DisputeForm(request.POST or None, initial={"new_words": disputed.finding.words})

    def save() -> str:
        decided = decide_dispute(reply=disputed, by=request.user, now=timezone.now(), **form.cleaned_data)
        return f"{decided.get_outcome_display()}."

    return _answer(
        request, found, form, save, "Decide a dispute",
        answer="You made this visit: ask a colleague who was not there to decide."
        if is_involved(found, request.user) else "You were not there: read both sides, and say what becomes of it.",
        moves=[("The finding", disputed.finding.words), ("The provider says", disputed.words),
               ("Said on", wording.instant(disputed.replied_at))],
    )  # fmt: skip
