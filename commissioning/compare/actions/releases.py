"""A release from request to withdrawal. Building is another role's work (build_release.py); publishing takes two."""

from datetime import date, datetime, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Max

from commissioning.kernel.periods import Period
from commissioning.partnership.actions.announce import announce
from commissioning.partnership.rules.terms import add_months

from ..models import Release, ReleaseState

STALLED_AFTER = timedelta(minutes=30)
WAITING = "Waiting its turn"
NOT_NOW = "not_now"  # code of a refusal because of the state that things are in
SECOND_PERSON = "second_person"


def quarter_ends(today: date, how_many: int = 8) -> list[date]:
    """The last days of the quarters that are over, newest first: what a release may tell of."""
    first_of_quarter = date(today.year, (today.month - 1) // 3 * 3 + 1, 1)
    return [add_months(first_of_quarter, -3 * back) - timedelta(days=1) for back in range(how_many)]


@transaction.atomic
def request_release(
    *, as_at: date, by: Any, now: datetime, today: date, note: str = "", corrects: Release | None = None
) -> Release:
    """A release waiting to be built. ValidationError (by field) for a day that is no quarter's last, and where one of
    the same day is published or under way: then only a correction, which names it and says what was wrong."""
    problems: dict[str, Any] = {}
    # Before the look at what is there: of two at once, one finds the other's row or its number.
    number = (Release.objects.aggregate(n=Max("number"))["n"] or 0) + 1
    if as_at not in quarter_ends(today):
        problems["as_at"] = "Choose the last day of a quarter that is over, of the last two years."
    alive = Release.objects.filter(as_at=as_at).exclude(state__in=(ReleaseState.WITHDRAWN, ReleaseState.FAILED))
    if corrects is not None:
        if corrects.as_at != as_at or corrects.state != ReleaseState.PUBLISHED:
            problems["corrects"] = ValidationError(
                "A correction is of a published release of the same day.", code=NOT_NOW
            )
        if not note.strip():
            problems["note"] = "Say what was wrong: readers of the old figures will look for it."
        alive = alive.exclude(state=ReleaseState.PUBLISHED)
    if alive.exists() and "as_at" not in problems:
        there = alive.order_by("-number").first()
        problems["as_at"] = ValidationError(
            f"{there} is of that day already ({there.get_state_display().lower()}). "
            + ("Correct it instead." if there.state == ReleaseState.PUBLISHED else "Finish or withdraw it first."),
            code=NOT_NOW,
        )
    if problems:
        raise ValidationError(problems)
    try:
        with transaction.atomic():
            return Release.objects.create(
                number=number, as_at=as_at, note=note.strip(), corrects=corrects, requested_by=by, requested_at=now,
                stage=WAITING,
            )  # fmt: skip
    except IntegrityError:
        raise ValidationError("Somebody else has asked for a release just now.", code=NOT_NOW) from None


@transaction.atomic
def build_again(*, release: Release, by: Any, now: datetime) -> Release:
    """Puts a release that failed, or whose worker died, back in the queue."""
    found = _locked(release)
    stalled = found.is_in_progress and now - found.changed_at > STALLED_AFTER
    if found.state != ReleaseState.FAILED and not stalled:
        raise ValidationError(
            f"{found} is {found.get_state_display().lower()}: there is nothing to build again.", code=NOT_NOW
        )
    return _set(found, state=ReleaseState.REQUESTED, stage=WAITING, message="", done=0, total=0)


@transaction.atomic
def approve_release(*, release: Release, by: Any, now: datetime) -> Release:
    """By somebody other than who asked for it. ValidationError says why not."""
    found = _locked(release)
    if found.state != ReleaseState.BUILT:
        raise ValidationError(
            f"{found} is {found.get_state_display().lower()}: only a release that is built can be approved.",
            code=NOT_NOW,
        )
    if found.requested_by_id == by.pk:
        raise ValidationError("You asked for this release, so somebody else has to approve it.", code=SECOND_PERSON)
    return _set(found, state=ReleaseState.APPROVED, approved_by=by, approved_at=now)


@transaction.atomic
def publish_release(*, release: Release, by: Any, now: datetime) -> Release:
    """Shows an approved release to every member. What it corrects is withdrawn in the same step."""
    # Of two published at once, the second finds the first.
    list(
        Release.objects.filter(state__in=(ReleaseState.APPROVED, ReleaseState.PUBLISHED))
        .order_by("pk")
        .select_for_update()
    )
    found = _locked(release)
    if found.state != ReleaseState.APPROVED:
        raise ValidationError(
            f"{found} is {found.get_state_display().lower()}: "
            + ("it is on every page already." if found.state == ReleaseState.PUBLISHED
               else "a second person approves it before it is published."),
            code=NOT_NOW,
        )  # fmt: skip
    unseen = [each for each in bases_of(found, now.date()) if each.number not in found.report.get("against", ())]
    if unseen:
        raise ValidationError(
            f"{unseen[0]} was published after {str(found).lower()} was built, and the two were not held against each "
            "other. Withdraw this one and ask for it again.",
            code=NOT_NOW,
        )
    if found.corrects_id:
        old = _locked(found.corrects)
        if old.state == ReleaseState.PUBLISHED:
            _set(old, state=ReleaseState.WITHDRAWN, withdrawn_by=by, withdrawn_at=now,
                 withdrawn_why=f"Corrected by {found}: {found.note}")  # fmt: skip
            _announce("release.withdrawn", old, now)
    _announce("release.published", found, now)
    return _set(found, state=ReleaseState.PUBLISHED, published_by=by, published_at=now)


@transaction.atomic
def withdraw_release(*, release: Release, by: Any, now: datetime, why: str) -> Release:
    """Takes a release off every page, for a reason; its figures stay on record."""
    found = _locked(release)
    if found.state == ReleaseState.WITHDRAWN:
        raise ValidationError(f"{found} is withdrawn already.", code=NOT_NOW)
    if found.is_in_progress and now - found.changed_at <= STALLED_AFTER:
        raise ValidationError(f"{found} is being built: wait until it is done.", code=NOT_NOW)
    if not why.strip():
        raise ValidationError({"why": "Say why: whoever used the figures will ask."})
    if found.state == ReleaseState.PUBLISHED:  # of one that nobody saw there is nothing to tell
        _announce("release.withdrawn", found, now)
    return _set(found, state=ReleaseState.WITHDRAWN, withdrawn_by=by, withdrawn_at=now, withdrawn_why=why.strip())


def once_seen(today: date) -> list[Release]:
    """Every release that was published, and withdrawn since or not: what was once seen stays known. Of days that may
    still be told of, and the last before those: of that day all, and the last that is still published."""
    since = quarter_ends(today)[-1]
    seen = list(Release.objects.exclude(published_at=None).order_by("-as_at", "-number"))
    older = [each for each in seen if each.as_at < since]
    still = [each for each in older if each.state == ReleaseState.PUBLISHED]
    last = [each for each in older if each.as_at == older[0].as_at]
    return [each for each in seen if each.as_at >= since] + last + [each for each in still[:1] if each not in last]


def bases_of(release: Release, today: date) -> list[Release]:
    """What a reader could subtract this release from, or from this release: all that was once seen, before its day, on
    it and after it. What is published comes first, and the nearest day before a later one."""
    return sorted(
        (each for each in once_seen(today) if each.pk != release.pk),
        key=lambda each: (
            each.state != ReleaseState.PUBLISHED, each.as_at > release.as_at, abs(each.as_at - release.as_at),
            -each.number,
        ),
    )  # fmt: skip


def window(release: Release) -> Period:
    """The twelve months that a release tells of."""
    until = release.as_at + timedelta(days=1)
    return Period(add_months(until, -12), until)


def _announce(kind: str, release: Release, now: datetime) -> None:
    announce(kind=kind, resource="releases", about=[release.uuid], at=now)


def _locked(release: Release) -> Release:
    """The row as it is now: two people may press at once."""
    return Release.objects.select_for_update().get(pk=release.pk)


def _set(release: Release, **changes: Any) -> Release:
    for name, value in changes.items():
        setattr(release, name, value)
    release.save(update_fields=list(changes))
    return release
