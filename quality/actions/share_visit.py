"""From draft to published: sent to the provider, answered by it, disputes decided, and shared with every member."""

from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from commissioning.kernel.tenancy.viewer import acting_as, current_viewer
from commissioning.partnership.actions.leading import save_unchanged

from ..models import Answer, Evidence, Finding, FindingReply, ImprovementAction, Visit, VisitReport
from ..rules import clocks, codes
from ..rules.ratings import Answered, rating


def rule_rating(visit: Visit) -> str:
    """What the template's rule makes of the answers recorded so far; "" where too little was answered."""
    given = dict(Answer.objects.filter(visit=visit).values_list("question", "value"))
    return rating(
        Answered(question.scale, given.get(question.pk, ""), question.weight, question.vital)
        for question in visit.template.questions.all()
    )


@transaction.atomic
def rate_visit(*, visit: Visit, rating: str, why: str, by: Any) -> VisitReport:
    """The rating that stands: the rule's, or another one with its reason. ValidationError (by field) without one."""
    by_rule = rule_rating(visit)
    if rating != by_rule and not why.strip():
        raise ValidationError({"why": "Say why the rating differs from the one that the template's rule gives."})
    report = VisitReport.objects.get(visit=visit)
    report.rule_rating, report.rating, report.rating_why = by_rule, rating, why if rating != by_rule else ""
    report.save(update_fields=["rule_rating", "rating", "rating_why"])
    return report


@transaction.atomic
def send_to_provider(*, visit: Visit, version: int, by: Any, now: datetime) -> Visit:
    """The draft goes to the provider for factual accuracy: what may be shared, and nothing else. The clock starts.

    Raises ChangedMeanwhile. ValidationError for a visit that is no draft, and one with nothing recorded.
    """
    if visit.state != "draft":
        raise ValidationError("Only a draft is sent to the provider.")
    if not Answer.objects.filter(visit=visit).exists() and not Finding.objects.filter(visit=visit).exists():
        raise ValidationError("Nothing was recorded on this visit yet: record its answers first.")
    with acting_as(current_viewer(), by=by):
        report, _ = VisitReport.objects.get_or_create(
            visit=visit, defaults={"authority_id": visit.authority_id, "provider_id": visit.provider_id}
        )
        if not report.rating_why:
            report.rule_rating = report.rating = rule_rating(visit)
        report.to_provider = True
        report.save(update_fields=["rule_rating", "rating", "to_provider"])
        Answer.objects.filter(visit=visit).update(to_provider=True)
        Finding.objects.filter(visit=visit, marking="shareable").update(to_provider=True)
        _shareable_evidence(visit).update(to_provider=True)
        return save_unchanged(
            visit, version, state="with_provider", to_provider=True, sent_at=now,
            reply_due_on=clocks.reply_due(timezone.localdate(now)),
        )  # fmt: skip


def _shareable_evidence(visit: Visit) -> Any:
    """Photographs and papers of findings that are not to be shared stay; a signature always does."""
    kept = Finding.objects.filter(visit=visit).exclude(marking="shareable").values("pk")
    return Evidence.objects.filter(visit=visit, action=None).exclude(finding__in=kept).exclude(kind="signature")


@transaction.atomic
def reply(*, visit: Visit, replies: dict[Finding, tuple[str, str]], by: Any, now: datetime) -> list[FindingReply]:
    """The provider's word on findings: {finding: (accurate or disputed, in words)}. A later reply takes the place of
    an earlier one until the visit is published.

    ValidationError (by the finding's uuid) for a dispute that does not say what is not accurate, and for a visit that
    does not wait for a reply.
    """
    if visit.state != "with_provider":
        raise ValidationError("This visit does not wait for a reply.")
    wrong = {
        str(finding.uuid): "Say what is not accurate, and what would be."
        for finding, (says, words) in replies.items()
        if says == "disputed" and not words.strip()
    }
    if wrong:
        raise ValidationError(wrong)
    kept = []
    with acting_as(current_viewer(), by=by):
        for finding, (says, words) in replies.items():
            row, _ = FindingReply.objects.update_or_create(
                finding=finding,
                defaults={"says": says, "words": words, "replied_by": by, "replied_at": now},
                create_defaults={
                    "authority_id": visit.authority_id, "provider_id": visit.provider_id, "visit": visit,
                    "to_provider": True, "says": says, "words": words, "replied_by": by, "replied_at": now,
                },
            )  # fmt: skip
            kept.append(row)
    return kept


@transaction.atomic
def decide_dispute(
    *, reply: FindingReply, outcome: str, words: str, by: Any, now: datetime, new_words: str = ""
) -> FindingReply:
    """What somebody uninvolved decided of a dispute. ValidationError (by field) where the visitor decides it, without
    a reason, and for a changed finding without its new words."""
    visit = reply.visit
    if visit.state != "with_provider":
        raise ValidationError("A dispute is decided before the visit is published.")
    if by.pk == visit.lead_id:
        raise ValidationError("You made this visit: ask a colleague who was not there to decide.")
    if outcome not in codes.DISPUTE_OUTCOMES:
        raise ValidationError({"outcome": "Choose what becomes of the finding."})
    if not words.strip():
        raise ValidationError({"words": "Say why."})
    if outcome == "changed" and not new_words.strip():
        raise ValidationError({"new_words": "Enter the finding as it shall read."})
    finding = reply.finding
    with acting_as(current_viewer(), by=by, reason=words):
        if outcome == "changed":
            finding.words = new_words
            finding.save(update_fields=["words"])
        if outcome == "removed":
            finding.taken_out_on = timezone.localdate(now)
            finding.save(update_fields=["taken_out_on"])
        reply.outcome, reply.outcome_words, reply.decided_by, reply.decided_at = outcome, words, by, now
        reply.save(update_fields=["outcome", "outcome_words", "decided_by", "decided_at"])
    return reply


@transaction.atomic
def publish(*, visit: Visit, version: int, by: Any, now: datetime) -> Visit:
    """The shareable part becomes every member's to read, the provider's replies with it.

    Raises ChangedMeanwhile. ValidationError for a visit that is not with the provider, one whose provider has neither
    answered nor let its time pass, and one with a dispute that nobody has decided.
    """
    today = timezone.localdate(now)
    if visit.state != "with_provider":
        raise ValidationError("Send the draft to the provider first.")
    shared = Finding.objects.filter(visit=visit, marking="shareable")
    answered = set(FindingReply.objects.filter(visit=visit).values_list("finding", flat=True))
    if shared.exclude(pk__in=answered).exists() and clocks.days_left(visit.reply_due_on, today) >= 0:
        raise ValidationError("The provider has not answered every finding, and still has time to.")
    if FindingReply.objects.filter(visit=visit, says="disputed", outcome="").exists():
        raise ValidationError("A dispute has not been decided: somebody uninvolved decides it first.")
    with acting_as(current_viewer(), by=by):
        for rows in (
            VisitReport.objects.filter(visit=visit), Answer.objects.filter(visit=visit),
            shared.filter(taken_out_on=None), _shareable_evidence(visit),
            FindingReply.objects.filter(visit=visit, finding__taken_out_on=None),
        ):  # fmt: skip
            rows.update(to_members=True)
        asked = shared.filter(asks_action=True, taken_out_on=None).exists()
        return save_unchanged(
            visit, version, state="published", published_at=now, to_members=True,
            plan_due_on=clocks.plan_due(today) if asked else None,
            revisit_due_on=clocks.revisit_due(visit.visited_on) if asked else None,
        )  # fmt: skip


def plan_is_whole(visit: Visit) -> bool:
    """At least one action for each finding that asks for one."""
    wanted = Finding.objects.filter(visit=visit, marking="shareable", asks_action=True, taken_out_on=None)
    covered = ImprovementAction.objects.filter(visit=visit).values("finding")
    return not wanted.exclude(pk__in=covered).exists()
