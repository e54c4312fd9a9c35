"""A notifiable event told: once for the partnership, without a word about a child, and to each placing authority with
what concerns its own child. Whoever has children at the home is told, whether or not the provider named it."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from commissioning.kernel.tenancy.viewer import Viewer, acting_as, current_viewer, someone_is_acting
from commissioning.partnership.models import Authority
from contracts.models import Presence
from providers.models import Establishment, Premises, Provider

from ..models import Alert, EventNotice, NotifiableEvent
from ..rules import codes
from .alerts import BY, acknowledge_alerts, raise_alert


@transaction.atomic
def notify_event(
    *, establishment: Establishment, rule: str, theme: str, happened_at: datetime, received_at: datetime, by: Any,
    now: datetime, premises: Premises | None = None, reference: str = "", regulator_told_at: datetime | None = None,
    told: Mapping[Authority, str] | None = None,
) -> NotifiableEvent:  # fmt: skip
    """`told`: each placing authority that is told, with the words that only it reads. An officer's own alone: what
    another authority's child is about is never its to write.

    ValidationError (by field) for times to come or out of order, a home whose provider is not recorded, premises of
    another registration, a regulation that is not the home's, and a reference that another event has.
    """
    provider = establishment.provider
    if provider is None:
        raise ValidationError({"home": "Nobody is recorded as running that home: record its provider first."})
    if premises is not None and premises.establishment_id != establishment.pk:
        raise ValidationError({"premises": "Those premises belong to another registration."})
    if establishment.kind not in codes.KINDS_FOR_RULE.get(rule, ()):
        raise ValidationError(
            {"rule": f"That regulation is not for this home ({establishment.get_kind_display().lower()})."}
        )
    _check_times(happened_at, received_at, regulator_told_at, now)
    reference = reference.strip()
    if reference and NotifiableEvent.objects.filter(provider=provider, reference=reference).exists():
        raise ValidationError({"reference": f"An event is recorded with the reference {reference} already."})
    with acting_as(current_viewer(), by=by):
        event = NotifiableEvent.objects.create(
            provider=provider, establishment=establishment, premises=premises, reference=reference, rule=rule,
            theme=theme, happened_at=happened_at, received_at=received_at, regulator_told_at=regulator_told_at,
        )  # fmt: skip
        for authority, words in (told or {}).items():
            _notice(event, provider, authority.pk, words, now)
    tell_soon(event=event, named=[authority.pk for authority in told or ()])
    return event


@transaction.atomic
def tell_authority(*, event: NotifiableEvent, authority: Authority, words: str, by: Any, now: datetime) -> EventNotice:
    """One more authority told of an event, or more words to one that was: those wait to be acknowledged again.
    ValidationError for nothing said to one that was told before."""
    words = words.strip()
    with acting_as(current_viewer(), by=by):
        before = EventNotice.objects.filter(event=event, authority=authority).first()
        if before is None:
            notice = _notice(event, event.provider, authority.pk, words, now)
        elif not words:
            raise ValidationError({"words": f"{authority.name} was told already: enter what is to be added."})
        else:
            before.words = f"{before.words}\n\n{words}".strip()
            before.acknowledged_by = before.acknowledged_at = None  # what was added has not been read
            before.save(update_fields=["words", "acknowledged_by", "acknowledged_at"])
            notice = before
    tell_soon(event=event, named=[authority.pk], others=False, more=f"{authority.pk}:{len(notice.words)}")
    return notice


@transaction.atomic
def acknowledge_event(
    *, event: NotifiableEvent, authority_id: int, by: Any, now: datetime, words: str = ""
) -> EventNotice:
    """The authority has read it. One that the provider did not name may, where it has children there.
    ValidationError for any other, and for one that has acknowledged it already."""
    notice = EventNotice.objects.select_for_update(of=("self",)).filter(event=event, authority=authority_id).first()
    if notice is None and not may_know(event, authority_id):
        raise ValidationError("Your authority was not told of this event, and has no child at this home.")
    if notice is not None and notice.acknowledged_at is not None:
        raise ValidationError("Your authority has acknowledged this event already.")
    who = by if hasattr(by, "uuid") else None
    with acting_as(current_viewer(), by=by):
        if notice is None:
            notice = _notice(event, event.provider, authority_id, "", now)
        notice.acknowledged_by, notice.acknowledged_at, notice.acknowledged_words = who, now, words.strip()
        notice.save(update_fields=["acknowledged_by", "acknowledged_at", "acknowledged_words"])
        acknowledge_alerts(Alert.objects.filter(kind="event", link=_page(event)), by=by, now=now)
    return notice


@transaction.atomic
def close_event(*, event: NotifiableEvent, authority_id: int, by: Any, now: datetime) -> NotifiableEvent:
    """Nothing more is expected of it. ValidationError where it is closed, and for an authority that was not told."""
    if event.closed_on is not None:
        raise ValidationError("This event is closed already.")
    told = EventNotice.objects.filter(event=event, authority=authority_id).exists()
    if not told and not may_know(event, authority_id):
        raise ValidationError("Your authority was not told of this event, and has no child at this home.")
    with acting_as(current_viewer(), by=by):
        event.closed_on = timezone.localdate(now)
        event.save(update_fields=["closed_on"])
    return event


def may_know(event: NotifiableEvent, authority_id: int) -> bool:
    """Whether it has children at the home now, or was told of the event because it had."""
    return (
        Presence.objects.filter(establishment=event.establishment_id, authority=authority_id).exists()
        or Alert.objects.filter(kind="event", about=event.uuid, authority=authority_id).exists()
    )


def _notice(event: NotifiableEvent, provider: Provider, authority_id: int, words: str, now: datetime) -> EventNotice:
    return EventNotice.objects.create(
        authority_id=authority_id, provider=provider, event=event, words=words.strip(), told_at=now
    )


def _check_times(
    happened_at: datetime, received_at: datetime, regulator_told_at: datetime | None, now: datetime
) -> None:
    if happened_at > now:
        raise ValidationError({"happened_on": "That time has not come: check the day and the time."})
    if received_at > now:
        raise ValidationError({"received_on": "That time has not come: check the day and the time."})
    if received_at < happened_at:
        raise ValidationError({"received_on": "It was received before it happened: check both."})
    if regulator_told_at is not None and regulator_told_at > now:
        raise ValidationError({"regulator_told_on": "That time has not come: check the day and the time."})
    if regulator_told_at is not None and regulator_told_at < happened_at:
        raise ValidationError({"regulator_told_on": "The regulator was told before it happened: check both."})


def tell_soon(*, event: NotifiableEvent, named: Sequence[int], others: bool = True, more: str = "") -> None:
    """As soon as the caller's work is saved, and again by a job: a provider's contact may not write an authority's
    alert, so each is written as the authority itself."""
    from ..jobs import tell_of_event_job

    tell_of_event_job.defer(event=str(event.uuid), named=list(named), others=others, more=more)
    transaction.on_commit(lambda: _at_once(event.uuid, list(named), others, more), robust=True)


def _at_once(event: UUID, named: list[int], others: bool, more: str) -> None:
    if not someone_is_acting():  # else the job does it
        tell_of_event(event=event, named=named, others=others, more=more)


def _page(event: NotifiableEvent) -> str:
    return f"/concerns/events/{event.uuid}/"


def tell_of_event(*, event: UUID, named: Iterable[int], others: bool = True, more: str = "") -> None:
    """An alert for each authority that was named and, with `others`, each that has children at the home. Done again,
    it tells nobody twice; but each time that `more` was said, which names it. Opens its own viewers: nobody may be
    acting."""
    with acting_as(Viewer.of_service("alerts"), by=BY):
        found = NotifiableEvent.objects.select_related("establishment").filter(uuid=event).first()
        if found is None:
            return
        placing = Presence.objects.filter(establishment=found.establishment_id) if others else Presence.objects.none()
        authorities = sorted({*named, *placing.values_list("authority", flat=True)})
        about = uuid5(found.uuid, more) if more else found.uuid
        title = f"{found.get_theme_display()}: {'more ' if more else ''}notified by {found.establishment.shown_name}"
    for authority in authorities:
        with acting_as(Viewer.of_authority(authority), by=BY):
            raise_alert(
                authority_id=authority, kind="event", about=about, title=title, link=_page(found),
                establishment=found.establishment, others=False,
            )  # fmt: skip
