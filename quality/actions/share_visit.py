"""From draft to published: sent to the provider, answered by it, disputes decided, and shared with every member."""

from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max, QuerySet
from django.utils import timezone

from commissioning.kernel.tenancy.viewer import acting_as, current_viewer
from commissioning.partnership.actions.announce import announce
from commissioning.partnership.actions.leading import ChangedMeanwhile, save_unchanged

from ..models import Answer, Evidence, Finding, FindingReply, Visit, VisitReport, VisitSync
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
def rate_visit(*, visit: Visit, version: int, rating: str, why: str, by: Any) -> VisitReport:
    """The rating that stands: the rule's, or another one with its reason. `version` is that of the report that was
    read, 0 where there was none. ValidationError (by field) without one, for a rating that is none of ours, and once
    the visit is published; ChangedMeanwhile."""
    if visit.state not in ("draft", "with_provider"):
        raise ValidationError("The rating is settled before the visit is published.")
    by_rule = rule_rating(visit)
    if rating not in codes.RATINGS and rating != by_rule:
        raise ValidationError({"rating": "Choose a rating."})
    if rating != by_rule and not why.strip():
        raise ValidationError({"why": "Say why the rating differs from the one that the template's rule gives."})
    stands = VisitReport.objects.select_for_update().filter(visit=visit).first()
    if stands is not None and stands.version != version:
        raise ChangedMeanwhile(stands)
    with acting_as(current_viewer(), by=by, reason=why):
        report = report_of(visit)
        report.rule_rating, report.rating, report.rating_why = by_rule, rating, why if rating != by_rule else ""
        report.save(update_fields=["rule_rating", "rating", "rating_why"])
    return report


def report_of(visit: Visit) -> VisitReport:
    """What the visit came to, begun where nothing is written yet. Told to the provider where the visit is with it."""
    report, _ = VisitReport.objects.get_or_create(
        visit=visit,
        defaults={
            "authority_id": visit.authority_id, "provider_id": visit.provider_id,
            "to_provider": visit.state == "with_provider",
        },
    )  # fmt: skip
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
        report = report_of(visit)
        report.rule_rating = rule_rating(visit)
        if not report.rating_why:
            report.rating = report.rule_rating
        report.to_provider = True
        report.save(update_fields=["rule_rating", "rating", "to_provider"])
        for rows in (shareable_answers(visit), shareable_findings(visit), shareable_evidence(visit)):
            rows.update(to_provider=True)
        return save_unchanged(
            visit, version, state="with_provider", to_provider=True, sent_at=now,
            reply_due_on=clocks.reply_due(timezone.localdate(now)),
        )  # fmt: skip


def shareable_findings(visit: Visit) -> QuerySet:
    return Finding.objects.filter(visit=visit, marking="shareable", taken_out_on=None)


def shareable_answers(visit: Visit) -> QuerySet:
    """An answer under which somebody found what must not be shared stays as well: its note may speak of the same."""
    return Answer.objects.filter(visit=visit).exclude(question__in=_kept_questions(visit))


def shareable_evidence(visit: Visit) -> QuerySet:
    """Photographs and papers of findings that are not shared stay, and so do those that stand loose beside one; a
    signature always does."""
    kept = Finding.objects.filter(visit=visit).exclude(pk__in=shareable_findings(visit).values("pk")).values("pk")
    rows = Evidence.objects.filter(visit=visit, action=None).exclude(finding__in=kept).exclude(kind="signature")
    return rows.exclude(finding=None, question__in=_kept_questions(visit))


def _kept_questions(visit: Visit) -> QuerySet:
    kept = Finding.objects.filter(visit=visit).exclude(marking="shareable")
    return kept.exclude(question=None).values("question")


@transaction.atomic
def reply(*, visit: Visit, replies: dict[Finding, tuple[str, str]], by: Any, now: datetime) -> list[FindingReply]:
    """The provider's word on findings: {finding: (accurate or disputed, in words)}. A later reply takes the place of
    an earlier one until its dispute is decided or the visit is published.

    ValidationError by the finding's uuid, with ":words" where a dispute does not say what is not accurate; for one
    that was decided, and for a visit that does not wait for a reply.
    """
    if not Visit.objects.filter(pk=visit.pk, state="with_provider").exists():
        raise ValidationError("This visit does not wait for a reply.")
    open_to_reply = set(shareable_findings(visit).values_list("pk", flat=True))
    decided = set(FindingReply.objects.filter(visit=visit).exclude(outcome="").values_list("finding", flat=True))
    wrong = {}
    for finding, (says, words) in replies.items():
        if finding.pk in decided:
            wrong[str(finding.uuid)] = "What you said of this finding has been decided: it can no longer change."
        elif finding.pk not in open_to_reply or says not in codes.REPLIES:
            wrong[str(finding.uuid)] = "Say whether this finding is accurate."
        elif says == "disputed" and not words.strip():
            wrong[f"{finding.uuid}:words"] = "Say what is not accurate, and what would be."
    if wrong:
        raise ValidationError(wrong)
    kept, who = [], by if hasattr(by, "uuid") else None
    with acting_as(current_viewer(), by=by):
        for finding, (says, words) in replies.items():
            row, _ = FindingReply.objects.update_or_create(
                finding=finding,
                defaults={"says": says, "words": words, "replied_by": who, "replied_at": now},
                create_defaults={
                    "authority_id": visit.authority_id, "provider_id": visit.provider_id, "visit": visit,
                    "to_provider": True, "says": says, "words": words, "replied_by": who, "replied_at": now,
                },
            )  # fmt: skip
            kept.append(row)
    return kept


def is_involved(visit: Visit, person: Any) -> bool:
    """Who led the visit or recorded any of it does not decide a dispute about it."""
    return person.pk == visit.lead_id or VisitSync.objects.filter(visit=visit, sent_by=person).exists()


@transaction.atomic
def decide_dispute(
    *, reply: FindingReply, outcome: str, words: str, by: Any, now: datetime, new_words: str = ""
) -> FindingReply:
    """What somebody uninvolved decided of a dispute. ValidationError (by field) where the visitor decides it, without
    a reason, for a changed finding without its new words, and for what is no dispute or was decided."""
    visit = reply.visit
    if visit.state != "with_provider":
        raise ValidationError("A dispute is decided before the visit is published.")
    if is_involved(visit, by):
        raise ValidationError("You made this visit: ask a colleague who was not there to decide.")
    reply = FindingReply.objects.select_for_update(of=("self",)).select_related("finding").get(pk=reply.pk)
    if reply.says != "disputed":
        raise ValidationError("The provider says that this finding is accurate: there is nothing to decide.")
    if reply.outcome:
        raise ValidationError("This dispute has been decided.")
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


def not_yet(visit: Visit, now: datetime) -> str:
    """Why the visit cannot be published yet; "" where it can."""
    if visit.state != "with_provider":
        return "Send the draft to the provider first."
    answered = FindingReply.objects.filter(visit=visit).values("finding")
    in_time = clocks.days_left(visit.reply_due_on, timezone.localdate(now)) >= 0
    if in_time and shareable_findings(visit).exclude(pk__in=answered).exists():
        return "The provider has not answered every finding, and still has time to."
    if FindingReply.objects.filter(visit=visit, says="disputed", outcome="").exists():
        return "A dispute has not been decided: somebody uninvolved decides it first."
    return ""


@transaction.atomic
def publish(*, visit: Visit, version: int, by: Any, now: datetime) -> Visit:
    """The shareable part becomes every member's to read, the provider's replies with it. A reply that led to a
    changed or removed finding stays between the two: it quotes words that no longer stand.

    Raises ChangedMeanwhile. ValidationError for a visit that is not with the provider, one whose provider has neither
    answered nor let its time pass, and one with a dispute that nobody has decided.
    """
    if why := not_yet(visit, now):
        raise ValidationError(why)
    shared = shareable_findings(visit)
    replies = FindingReply.objects.filter(visit=visit, finding__in=shared.values("pk"))
    with acting_as(current_viewer(), by=by):
        for rows in (
            VisitReport.objects.filter(visit=visit), shareable_answers(visit), shared, shareable_evidence(visit),
            replies.exclude(outcome__in=("changed", "removed")),
        ):  # fmt: skip
            rows.update(to_members=True)
        asked = shared.filter(asks_action=True).exists()
        announce(kind="visit.published", resource="visits", about=[visit.uuid], at=now)
        return save_unchanged(
            visit, version, state="published", published_at=now, to_members=True,
            replied_at=FindingReply.objects.filter(visit=visit).aggregate(at=Max("replied_at"))["at"],
            plan_due_on=clocks.plan_due(timezone.localdate(now)) if asked else None,
            revisit_due_on=clocks.revisit_due(visit.visited_on) if asked else None,
        )  # fmt: skip
