"""A provider, a home or a place on a lot suspended, and the suspension extended, lifted, and decided on.

A suspension is the partnership's own. It is no restriction by the regulator, and closes nothing.
"""

from datetime import date, datetime
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone

from commissioning.kernel import wording
from commissioning.kernel.tenancy.viewer import acting_as, current_viewer
from commissioning.partnership.actions.announce import announce
from commissioning.partnership.actions.leading import save_unchanged
from commissioning.partnership.models import Framework

from ..models import Award, Establishment, Provider, Suspension, SuspensionDecision
from ..rules import codes
from ..rules.suspensions import state


@transaction.atomic
def suspend(
    *, authority_id: int, provider: Provider, reason: str, words: str, lifts_when: str, starts_on: date, by: Any,
    now: datetime, expires_on: date | None = None, establishment: Establishment | None = None,
    award: Award | None = None,
) -> Suspension:  # fmt: skip
    """The flag that every member reads, with the authority's own decision to follow it.

    ValidationError (by field) for a thing that is not the provider's, a place on a lot of a framework in which the
    authority takes no part, a day of expiry that is past or before the start, an empty reason or condition, and where
    this authority has suspended the same thing already.
    """
    today = timezone.localdate(now)
    if establishment is not None and award is not None:
        raise ValidationError("Suspend the home or the place on the lot: one at a time.")
    if establishment is not None and establishment.provider_id != provider.pk:
        raise ValidationError("That home is another provider's.")
    if award is not None and award.provider_id != provider.pk:
        raise ValidationError("That place on the lot is another provider's.")
    if award is not None and not Framework.objects.joined_by(authority_id, today).filter(pk=award.framework_id):
        raise ValidationError("Your authority takes no part in that framework: suspend the provider or the home.")
    if reason not in codes.SUSPENSION_REASONS:
        raise ValidationError({"reason": "Choose why it is suspended."})
    for name, value, says in (
        ("words", words, "Say what happened: every member and the provider read it."),
        ("lifts_when", lifts_when, "Say what has to be seen before it is lifted."),
    ):
        if not value.strip():
            raise ValidationError({name: says})
    _check_expiry(starts_on, expires_on, today)
    same = Suspension.objects.filter(
        authority=authority_id, provider=provider, establishment=establishment, award=award, lifted_on=None
    ).exclude(expires_on__lte=max(starts_on, today))
    if same.exists():
        raise ValidationError("Your authority has suspended this already: extend that suspension, or lift it first.")
    with acting_as(current_viewer(), by=by):
        made = Suspension.objects.create(
            authority_id=authority_id, provider=provider, establishment=establishment, award=award, reason=reason,
            words=words.strip(), lifts_when=lifts_when.strip(), starts_on=starts_on, expires_on=expires_on,
            suspended_by=by if hasattr(by, "uuid") else None,
        )  # fmt: skip
        _decide(made, authority_id, "follow", "", by, now)
        _announce(made, now)
    return made


@transaction.atomic
def extend(
    *, suspension: Suspension, version: int, expires_on: date | None, why: str, by: Any, now: datetime
) -> Suspension:
    """Another day of expiry, or none. Raises ChangedMeanwhile; ValidationError for one that is over, a day that is
    past, and without a reason; PermissionDenied for another authority's."""
    today = timezone.localdate(now)
    _must_own(suspension)
    _must_stand(suspension, today)
    _check_expiry(suspension.starts_on, expires_on, today)
    if not why.strip():
        raise ValidationError({"why": "Say why: it stays on the record."})
    with acting_as(current_viewer(), by=by, reason=why.strip()):
        saved = save_unchanged(suspension, version, expires_on=expires_on)
        _announce(saved, now)
    return saved


@transaction.atomic
def lift(*, suspension: Suspension, version: int, why: str, by: Any, now: datetime) -> Suspension:
    """Ends it today. Raises ChangedMeanwhile; ValidationError for one that is over, and without what was seen;
    PermissionDenied for another authority's."""
    today = timezone.localdate(now)
    _must_own(suspension)
    _must_stand(suspension, today)
    if not why.strip():
        raise ValidationError({"why": "Say what was seen: it stays on the record."})
    with acting_as(current_viewer(), by=by, reason=why.strip()):
        saved = save_unchanged(
            suspension, version, lifted_on=max(today, suspension.starts_on), lifted_why=why.strip()
        )  # fmt: skip
        _announce(saved, now)
    return saved


@transaction.atomic
def decide(
    *, suspension: Suspension, authority_id: int, decision: str, by: Any, now: datetime, words: str = ""
) -> SuspensionDecision:
    """What the authority does about a suspension, its own or another's; a later decision takes the place of an
    earlier one. ValidationError (by field) for one that is over, and for not following it without saying why."""
    _must_stand(suspension, timezone.localdate(now))
    if decision not in codes.SUSPENSION_DECISIONS:
        raise ValidationError({"decision": "Choose what your authority does."})
    if decision != "follow" and not words.strip():
        raise ValidationError({"words": "Say why: every member reads it."})
    with acting_as(current_viewer(), by=by, reason=words.strip()):
        decided = _decide(suspension, authority_id, decision, words.strip(), by, now)
        _announce(suspension, now)
    return decided


def _announce(suspension: Suspension, now: datetime) -> None:
    """To every member: flag and decisions are all of theirs to read, and part of one row of the API."""
    announce(kind="suspension.changed", resource="suspensions", about=[suspension.uuid], at=now)


def _decide(
    suspension: Suspension, authority_id: int, decision: str, words: str, by: Any, now: datetime
) -> SuspensionDecision:
    who = by if hasattr(by, "uuid") else None
    row, _ = SuspensionDecision.objects.update_or_create(
        authority_id=authority_id, suspension=suspension,
        defaults={"decision": decision, "words": words, "decided_by": who, "decided_at": now},
    )  # fmt: skip
    return row


def _must_own(suspension: Suspension) -> None:
    viewer = current_viewer()
    if viewer.kind != "authority" or viewer.authority_id != suspension.authority_id:
        raise PermissionDenied("Only the authority that suspended it extends or lifts it.")


def _must_stand(suspension: Suspension, today: date) -> None:
    now = state(suspension.starts_on, suspension.expires_on, suspension.lifted_on, today)
    if now in ("lifted", "expired"):
        raise ValidationError("This suspension is over: suspend again if it is needed.")


def _check_expiry(starts_on: date, expires_on: date | None, today: date) -> None:
    if expires_on is None:
        return
    if expires_on <= starts_on:
        raise ValidationError({"expires_on": "It would expire before it starts: check both days."})
    if expires_on <= today:
        raise ValidationError({"expires_on": f"{wording.day(expires_on)} is past: enter a day to come, or none."})
