"""What an authority hears of a home before any file tells it: a judgement, a notice. It reaches every authority with
children there as a file's would, and the file confirms it when it comes."""

from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from commissioning.kernel import wording
from commissioning.kernel.tenancy.viewer import acting_as, current_viewer
from providers.models import Establishment

from ..models import Change, Inspection, Notice
from ..models.inspections import UNNUMBERED
from ..rules.changes import worse
from ..rules.codes import NOTICE_KINDS
from ..rules.scales import GRADES, WORDS_OF, grade_limits, scale_of
from ..rules.watch_words import SUSPENDED
from .announce_judgements import announce_judgements
from .tell_authorities import tell_soon

AHEAD = timedelta(days=730)  # a closure may be announced, and no further ahead than this
_HARMFUL = ("restriction", "compliance", "suspension", "cancellation", "closure")
_AHEAD_OF_ITS_DAY = ("cancellation", "closure")
# Files tell of some of it: what is heard is then the change that a file confirms.
_KIND_OF = {"cancellation": "closure", "closure": "closure", "suspension": "registration"}


@transaction.atomic
def hear_judgement(
    *, authority_id: int, establishment: Establishment, inspected_on: date, overall: str, heard_from: str, by: Any,
    now: datetime, protection: str = "", leadership: str = "", published_on: date | None = None,
) -> tuple[Inspection, Change | None]:  # fmt: skip
    """An inspection heard of, and the change that it is; no change where the judgement is the one known already.

    ValidationError (by field) for a judgement that is none of the home's own scale or that its limiting judgements do
    not allow, an inspection that has not taken place, one that a file or a colleague told of already or that a later
    one has overtaken, and a source that is neither words nor an https address.
    """
    today = timezone.localdate(now)
    home = Establishment.objects.select_for_update().get(pk=establishment.pk)  # of two at once the second waits here
    scale = scale_of(home.kind)
    _refuse_judgement(scale, overall, protection, leadership)
    _refuse_days(inspected_on, published_on, today)
    source = _source(heard_from)
    same_day = list(Inspection.objects.filter(establishment=home, inspected_on=inspected_on))
    _refuse_known(same_day)
    earlier = _latest(home, scale)
    if earlier is not None and earlier.inspected_on > inspected_on:
        raise ValidationError({"inspected_on": (
            f"A later inspection is known, of {wording.day(earlier.inspected_on)}, judged "
            f"{earlier.get_overall_display()}: that one counts.")})  # fmt: skip
    with acting_as(current_viewer(), by=by):
        inspection, _ = Inspection.objects.update_or_create(
            establishment=home, event_number=f"{UNNUMBERED}{inspected_on}",
            defaults={
                "provider_id": home.provider_id, "event_type": "Full inspection", "inspected_on": inspected_on,
                "published_on": published_on, "scale": scale, "overall": overall, "protection": protection,
                "leadership": leadership, "as_at": inspected_on, "heard_from": source, "heard_at": now,
                "heard_by": by if hasattr(by, "uuid") else None, "heard_authority_id": authority_id,
                "withdrawn_at": None, "withdrawn_why": "",
            },
        )  # fmt: skip
        before = earlier.overall if earlier else ""
        if before == overall:
            return inspection, None
        return inspection, _fan_out(
            home, f"judgement:{inspected_on}", now, kind="judgement", happened_on=inspected_on, before=before,
            after=overall, worse=worse(before, overall), inspection=inspection,
        )  # fmt: skip


def _refuse_judgement(scale: str, overall: str, protection: str, leadership: str) -> None:
    allowed = WORDS_OF[scale]
    if overall not in allowed:
        words = ", ".join(allowed.values())
        raise ValidationError({"overall": f"This home is judged on another scale. Choose one of: {words}."})
    for name, value in (("protection", protection), ("leadership", leadership)):
        if value and (scale != "grades" or value not in GRADES):
            raise ValidationError({name: "This home is not judged so: leave it empty."})
    if problem := grade_limits(overall=overall, protection=protection, leadership=leadership):
        raise ValidationError({"overall": problem})


def _refuse_days(inspected_on: date, published_on: date | None, today: date) -> None:
    if inspected_on > today:
        raise ValidationError({"inspected_on": "That day has not come: enter the day on which it took place."})
    if published_on is not None and not inspected_on <= published_on <= today:
        raise ValidationError({"published_on": "A report comes after its inspection, and not after today."})


def _source(words: str) -> str:
    """Words, or an https address. An address of another kind is refused: pages make a link of it."""
    kept = " ".join(words.split())
    if not kept:
        raise ValidationError({"heard_from": "Say from whom or from where you know it."})
    if "://" in kept:
        parts = urlsplit(kept)
        if parts.scheme != "https" or not parts.hostname or " " in kept:
            raise ValidationError({"heard_from": "Enter the whole address, beginning with https://, or say it so."})
    return kept


def _refuse_known(same_day: list[Inspection]) -> None:
    for row in sorted(same_day, key=lambda row: row.event_number.startswith(UNNUMBERED)):
        if not row.event_number.startswith(UNNUMBERED):
            raise ValidationError({"inspected_on": (
                f"Ofsted’s list tells of that inspection already: {row.get_overall_display() or 'no judgement given'}."
            )})  # fmt: skip
        if row.withdrawn_at is None:
            raise ValidationError({"inspected_on": (
                f"That inspection is recorded already: {row.get_overall_display() or 'no judgement given'}. Where "
                "it is wrong, the authority that heard it withdraws it first.")})  # fmt: skip


def _latest(home: Establishment, scale: str) -> Inspection | None:
    rows = Inspection.objects.judged().told_once().filter(establishment=home, scale=scale)
    return rows.newest_first().first()


@transaction.atomic
def hear_notice(
    *, authority_id: int, establishment: Establishment, kind: str, starts_on: date, heard_from: str, by: Any,
    now: datetime, ends_before: date | None = None, words: str = "",
) -> Change:  # fmt: skip
    """A restriction, a notice, a cancellation or a closure heard of. ValidationError (by field) for a day that has not
    come, but for a closure that is announced; an end before the start; a notice of that kind and day that is recorded
    already; and a source that is neither words nor an https address."""
    today = timezone.localdate(now)
    home = Establishment.objects.select_for_update().get(pk=establishment.pk)
    if kind not in NOTICE_KINDS:
        raise ValidationError({"kind": "Choose what was heard."})
    latest = today + AHEAD if kind in _AHEAD_OF_ITS_DAY else today
    if starts_on > latest:
        raise ValidationError({"starts_on": "That day has not come: enter the day from which it holds."})
    if ends_before is not None and ends_before <= starts_on:
        raise ValidationError({"ends_before": "It cannot end before it begins: check both days."})
    source = _source(heard_from)
    stands = Notice.objects.filter(establishment=home, kind=kind, starts_on=starts_on, withdrawn_at=None)
    if stands.exists():
        raise ValidationError({"starts_on": "That is recorded already."})
    with acting_as(current_viewer(), by=by):
        notice = Notice.objects.create(
            establishment=home, provider_id=home.provider_id, kind=kind, starts_on=starts_on, ends_before=ends_before,
            words=words.strip(), heard_from=source, heard_at=now, heard_by=by if hasattr(by, "uuid") else None,
            heard_authority_id=authority_id,
        )  # fmt: skip
        after = SUSPENDED if kind == "suspension" else NOTICE_KINDS[kind]
        return _fan_out(
            home, f"notice:{notice.uuid}", now, kind=_KIND_OF.get(kind, "notice"), happened_on=starts_on,
            before=home.status, after=after, worse=kind in _HARMFUL, notice=notice,
        )  # fmt: skip


def _fan_out(home: Establishment, key: str, now: datetime, **facts: Any) -> Change:
    change, _ = Change.objects.update_or_create(
        establishment=home, key=key,
        defaults={"provider_id": home.provider_id, "known_at": now, "confirmed_at": None, **facts},
    )  # fmt: skip
    announce_judgements([change], now=now)
    tell_soon(change, now)
    return change


@transaction.atomic
def end_notice(*, notice: Notice, ends_before: date, by: Any, today: date) -> Notice:
    """It holds no longer. ValidationError for an end before its start, and one that has not come."""
    if notice.withdrawn_at is not None:
        raise ValidationError("This was heard in error: there is nothing to end.")
    if ends_before <= notice.starts_on:
        raise ValidationError({"ends_before": "It cannot end before it begins."})
    if ends_before > today + timedelta(days=1):
        raise ValidationError({"ends_before": "That day has not come."})
    with acting_as(current_viewer(), by=by):
        notice.ends_before = ends_before
        notice.save(update_fields=["ends_before"])
    return notice


@transaction.atomic
def withdraw(*, change: Change, authority_id: int, why: str, by: Any, now: datetime) -> Change:
    """What was heard was wrong. It counts no longer and stays in history; whoever was told is told that it was wrong.
    ValidationError for what a file said, what another authority heard, what is withdrawn already; without a reason."""
    change = Change.objects.select_for_update().get(pk=change.pk)
    heard = change.notice or change.inspection
    if change.confirmed_at is not None or heard is None or heard.heard_at is None:
        raise ValidationError("A file of the regulator says so: it stands until another file says otherwise.")
    if heard.withdrawn_at is not None:
        raise ValidationError("This is withdrawn already.")
    if heard.heard_authority_id != authority_id:
        raise ValidationError(f"{heard.heard_authority} heard this: only it can withdraw it.")
    if not why.strip():
        raise ValidationError({"why": "Say how you know that it was wrong."})
    with acting_as(current_viewer(), by=by, reason=why):
        heard.withdrawn_at, heard.withdrawn_why = now, why.strip()
        if change.notice is None:
            heard.overall = heard.protection = heard.leadership = ""
        heard.save()
        change.worse = False
        change.save(update_fields=["worse"])
        announce_judgements([change], now=now)
    tell_soon(change, now)
    return change
