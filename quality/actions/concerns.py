"""A concern or a complaint: recorded, marked for who may read it, noted on, and closed."""

from datetime import date, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from commissioning.kernel.tenancy.viewer import acting_as, current_viewer
from commissioning.partnership.actions.leading import save_unchanged
from commissioning.partnership.models import Authority
from contracts.actions.numbers import next_number
from providers.models import Establishment, Provider

from ..models import Concern, ConcernNote
from ..rules import codes
from .alerts import raise_alert


@transaction.atomic
def raise_concern(
    *, authority: Authority, kind: str, source: str, theme: str, marking: str, words: str, raised_on: date, by: Any,
    now: datetime, provider: Provider | None = None, establishment: Establishment | None = None,
    about: Authority | None = None, note: str = "",
) -> Concern:  # fmt: skip
    """`words` may be read by others, as its marking says, and hold nothing about a child; what does is the `note`,
    which stays with this authority. One that is marked safeguarding tells everybody who has children there at once.

    ValidationError (by field) without a provider, for a home of another one, for a day to come, and without words.
    """
    if establishment is not None and provider is None:
        provider = establishment.provider
    if provider is None:
        raise ValidationError({"provider": "Enter the provider, or a home whose provider is recorded."})
    if establishment is not None and establishment.provider_id != provider.pk:
        raise ValidationError({"home": "That home is another provider's."})
    if raised_on > timezone.localdate(now):
        raise ValidationError({"raised_on": "That day has not come: check the date."})
    if not words.strip():
        raise ValidationError({"words": "Say what the concern is, without a word about a child."})
    if marking not in codes.MARKINGS:
        raise ValidationError({"marking": "Choose who may read it."})
    about = None if about is None or about.pk == authority.pk else about
    who = by if hasattr(by, "uuid") else None
    with acting_as(current_viewer(), by=by):
        made = Concern.objects.create(
            authority=authority, provider=provider, establishment=establishment, kind=kind, source=source, theme=theme,
            marking=marking, to_members=marking == "shareable", about=about, words=words.strip(), raised_on=raised_on,
            recorded_by=who, number=next_number(Concern, authority.pk),
        )  # fmt: skip
        if note.strip():
            add_note(concern=made, words=note, by=by, now=now)
        if marking == "safeguarding":
            _tell(made, authority)
    return made


@transaction.atomic
def mark_concern(*, concern: Concern, version: int, marking: str, by: Any) -> Concern:
    """One that our authority alone reads is shared after all, or tells everybody at once. It moves one way: what was
    shared has been read. Raises ChangedMeanwhile; ValidationError for any other move."""
    if concern.marking != "placing" or marking not in ("shareable", "safeguarding"):
        raise ValidationError("What others have read, or were told of at once, is not marked otherwise.")
    with acting_as(current_viewer(), by=by):
        saved = save_unchanged(concern, version, marking=marking, to_members=marking == "shareable")
        if marking == "safeguarding":
            _tell(concern, concern.authority)
    return saved


@transaction.atomic
def add_note(*, concern: Concern, words: str, by: Any, now: datetime) -> ConcernNote:
    """What this authority alone keeps: it may speak of a child."""
    if not words.strip():
        raise ValidationError({"words": "Enter the note."})
    who = by if hasattr(by, "uuid") else None
    with acting_as(current_viewer(), by=by):
        return ConcernNote.objects.create(
            authority_id=concern.authority_id, concern=concern, words=words.strip(), noted_by=who, noted_at=now
        )


@transaction.atomic
def close_concern(*, concern: Concern, version: int, closed_on: date, outcome: str, by: Any, today: date) -> Concern:
    """Raises ChangedMeanwhile; ValidationError (by field) for one that is closed, a day to come or before it was
    raised, and without its outcome."""
    if concern.closed_on is not None:
        raise ValidationError("This concern is closed already.")
    if closed_on > today:
        raise ValidationError({"closed_on": "That day has not come: check the date."})
    if closed_on < concern.raised_on:
        raise ValidationError({"closed_on": "It would be closed before it was raised: check the date."})
    if not outcome.strip():
        raise ValidationError({"outcome": "Say what came of it, without a word about a child."})
    with acting_as(current_viewer(), by=by):
        return save_unchanged(concern, version, closed_on=closed_on, outcome=outcome.strip())


def _tell(concern: Concern, authority: Authority) -> None:
    """Its title names the place and who raised it: those told may not read the concern, and ask that authority."""
    what = "concern" if concern.kind == "concern" else "complaint"
    where = concern.establishment.shown_name if concern.establishment_id else concern.provider.name
    raise_alert(
        authority_id=authority.pk, kind="concern", about=concern.uuid, link=f"/concerns/{concern.uuid}/",
        title=f"Safeguarding {what} about {where}, raised by {authority.name}", establishment=concern.establishment,
        also=[concern.about_id] if concern.about_id else [],
    )  # fmt: skip
