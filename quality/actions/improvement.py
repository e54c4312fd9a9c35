"""The provider's plan after a published visit: actions proposed, agreed, done, and checked. One that was agreed at a
contract meeting (actions/meetings.py) goes on here, between the authority that held it and the provider alone."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet

from commissioning.kernel.tenancy.viewer import acting_as, current_viewer
from commissioning.partnership.actions.leading import save_unchanged

from ..models import Finding, ImprovementAction, Visit

PAST = "That day is past: enter the day by which it will be done."


@dataclass(frozen=True)
class Proposal:
    """One action for one finding, as the provider wrote it. `key` names its form."""

    finding: Finding
    words: str
    owner: str
    due_on: date | None
    key: str = ""


def asked_for(visit: Visit) -> QuerySet:
    """Findings that stand and ask for at least one action."""
    return Finding.objects.filter(visit=visit, marking="shareable", asks_action=True, taken_out_on=None)


def without_action(visit: Visit) -> QuerySet:
    """Of those, the ones that no action is about yet."""
    return asked_for(visit).exclude(pk__in=ImprovementAction.objects.filter(visit=visit).values("finding"))


def plan_is_whole(visit: Visit) -> bool:
    """At least one action for each finding that asks for one."""
    return not without_action(visit).exists()


@transaction.atomic
def propose_plan(*, visit: Visit, proposals: Sequence[Proposal], by: Any, today: date) -> list[ImprovementAction]:
    """The provider's plan, or more of it. ValidationError (by a proposal's key, and the field after a colon) where
    one says not what, who or by when; by the finding's uuid where one that asks for an action has none."""
    if visit.state != "published":
        raise ValidationError("The plan follows once the visit is published.")
    may_have = set(Finding.objects.filter(visit=visit, taken_out_on=None).values_list("pk", flat=True))
    wrong: dict[str, str] = {}
    for each in proposals:
        wrong |= {f"{each.key}:{name}": says for name, says in lacking(each.words, each.owner, each.due_on, today)}
        if each.finding.pk not in may_have:
            wrong[each.key] = "That finding is not of this visit."
    covered = {each.finding.pk for each in proposals}
    for finding in without_action(visit).exclude(pk__in=covered):
        wrong[str(finding.uuid)] = "Say what you will do about this finding."
    if wrong:
        raise ValidationError(wrong)
    if not proposals:
        raise ValidationError("Enter at least one action.")
    stands = ImprovementAction.objects.filter(visit=visit).values_list("finding", "words", "owner", "due_on")
    sent = set(stands)  # the same plan once more, by a page sent twice, adds nothing
    proposals = [
        each for each in proposals
        if (each.finding.pk, each.words.strip(), each.owner.strip(), each.due_on) not in sent
    ]  # fmt: skip
    with acting_as(current_viewer(), by=by):
        return [
            ImprovementAction.objects.create(
                authority_id=visit.authority_id, provider_id=visit.provider_id, visit=visit, finding=each.finding,
                words=each.words.strip(), owner=each.owner.strip(), due_on=each.due_on, to_provider=True,
            )
            for each in proposals
        ]  # fmt: skip


def lacking(words: str, owner: str, due_on: date | None, today: date) -> list[tuple[str, str]]:
    found = []
    if not words.strip():
        found.append(("words", "Say what will be done."))
    if not owner.strip():
        found.append(("owner", "Say who will see to it: a post rather than a name."))
    if due_on is None:
        found.append(("due_on", "Enter the day by which it will be done."))
    elif due_on < today:
        found.append(("due_on", PAST))
    return found


@transaction.atomic
def change_proposal(
    *, action: ImprovementAction, version: int, words: str, owner: str, due_on: date, by: Any, today: date
) -> ImprovementAction:
    """The provider's action put differently, before it is agreed or after it was sent back. Raises ChangedMeanwhile;
    ValidationError (by field)."""
    if not may_propose_again(action):
        raise ValidationError("This action is agreed: say when it is done, or speak with the authority.")
    if wrong := lacking(words, owner, due_on, today):
        raise ValidationError(dict(wrong))
    with acting_as(current_viewer(), by=by):
        return save_unchanged(action, version, words=words, owner=owner, due_on=due_on, state="proposed")


def may_propose_again(action: ImprovementAction) -> bool:
    return action.state == "proposed" or (action.state == "sent_back" and not action.evidence_words)


def may_be_done(action: ImprovementAction) -> bool:
    return action.state == "agreed" or (action.state == "sent_back" and bool(action.evidence_words))


@transaction.atomic
def agree_action(*, action: ImprovementAction, version: int, by: Any) -> ImprovementAction:
    """The authority whose it is agrees: from then on every member reads the action of a visit. Raises
    ChangedMeanwhile."""
    if action.state != "proposed":
        raise ValidationError("Only an action that the provider proposes can be agreed.")
    with acting_as(current_viewer(), by=by):
        return save_unchanged(action, version, state="agreed", sent_back_why="", to_members=action.visit_id is not None)


@transaction.atomic
def send_back(*, action: ImprovementAction, version: int, why: str, by: Any) -> ImprovementAction:
    """Back to the provider: the action is not enough, or not done. Raises ChangedMeanwhile; ValidationError without a
    reason."""
    if action.state not in ("proposed", "done"):
        raise ValidationError("Only what the provider proposes, or says is done, can be sent back.")
    if not why.strip():
        raise ValidationError({"why": "Say what is missing."})
    with acting_as(current_viewer(), by=by, reason=why):
        return save_unchanged(action, version, state="sent_back", sent_back_why=why, done_on=None)


@transaction.atomic
def say_done(
    *, action: ImprovementAction, version: int, evidence_words: str, done_on: date, by: Any, today: date
) -> ImprovementAction:
    """The provider says that it is done, and how that can be seen. Raises ChangedMeanwhile; ValidationError (by
    field)."""
    if not may_be_done(action):
        raise ValidationError("This action does not wait to be done.")
    if not evidence_words.strip():
        raise ValidationError({"evidence_words": "Say how somebody can see that it is done."})
    if done_on > today:
        raise ValidationError({"done_on": "That day has not come: enter the day on which it was done."})
    with acting_as(current_viewer(), by=by):
        return save_unchanged(
            action, version, state="done", evidence_words=evidence_words, done_on=done_on, sent_back_why=""
        )


@transaction.atomic
def verify_action(*, action: ImprovementAction, version: int, how: str, by: Any, today: date) -> ImprovementAction:
    """The authority whose it is has checked it: closed. Raises ChangedMeanwhile; ValidationError without saying how."""
    if action.state != "done":
        raise ValidationError("Only an action that the provider says is done can be checked.")
    if not how.strip():
        raise ValidationError({"how": "Say how you checked it."})
    with acting_as(current_viewer(), by=by):
        return save_unchanged(
            action, version, state="verified", verified_on=today, verified_by=by, verified_how=how
        )  # fmt: skip
