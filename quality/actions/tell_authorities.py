"""Each authority with children at a home is told of a change there: of one for the worse that still stands and is
news, at once, and again where what it was told turned out otherwise. Each is asked as itself, so that nobody learns of
another's children."""

from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid5

from django.db import transaction
from django.db.models import Min, Q
from django.urls import reverse
from django.utils import timezone

from commissioning.kernel.models import ImportRun
from commissioning.kernel.tenancy.viewer import Viewer, acting_as, someone_is_acting
from commissioning.partnership.models import Authority
from contracts.models import Placement

from ..measures.affected import standing
from ..models import Alert, Change
from ..rules.news import is_news
from ..rules.watch_words import happened
from .alerts import raise_alert

BY = "service:alerts"


def tell_soon(change: Change, now: datetime) -> None:
    """As soon as the caller's work is saved; a job behind it tells whoever could not be told then."""
    from ..jobs import tell_of_change_job

    uuid = change.uuid
    tell_of_change_job.defer(change=str(uuid))
    transaction.on_commit(lambda: _at_once(uuid, now), robust=True)


def _at_once(change: UUID, now: datetime) -> None:
    if not someone_is_acting():  # else the job does it: one viewer is not opened inside another
        tell_authorities(Q(uuid=change), now=now)


def tell_authorities(which: Q, *, now: datetime) -> None:
    """Tells every member of these changes that has a child there today, or was told of one before. Done again, it
    tells nothing twice. Opens its own viewers: nobody may be acting."""
    today = timezone.localdate(now)
    with acting_as(Viewer.of_service("alerts"), by=BY):
        if not Change.objects.filter(which).exists():
            return
        since = watched_since()
        members = list(Authority.objects.members_on(today).order_by("pk").values_list("pk", flat=True))
    for authority_id in members:
        with acting_as(Viewer.of_authority(authority_id), by=BY):
            homes = Placement.objects.on(today).exclude(establishment=None).values("establishment")
            told = dict(Alert.objects.filter(kind="change").values_list("about", "title"))
            stand = standing(Change.objects.filter(which, establishment__in=homes), today).values("pk")
            rows = Change.objects.filter(which).filter(Q(pk__in=stand) | Q(uuid__in=list(told)))
            for change in rows.select_related("establishment", "notice", "inspection").order_by("pk"):
                if change.uuid in told or news(change, since):
                    _tell(change, authority_id, told)


def watched_since() -> date | None:
    """The day on which the first of the regulator's lists was loaded."""
    first = ImportRun.objects.loaded().filter(source="ofsted").aggregate(day=Min("loaded_at"))["day"]
    return timezone.localdate(first) if first else None


def long_public(change: Change) -> bool:
    """Nobody is written to about it, whose child ever lives there: it was no news when it was heard."""
    return not news(change, watched_since())


def news(change: Change, watched_since: date | None) -> bool:
    report = change.inspection.published_on if change.inspection else None
    return is_news(
        public_on=report or change.happened_on, heard_on=timezone.localdate(change.known_at),
        watched_since=watched_since,
    )  # fmt: skip


def _tell(change: Change, authority_id: int, told: dict[UUID, str]) -> None:
    title, about = title_of(change), change.uuid
    if about in told and told[about] != title:
        about = uuid5(change.uuid, title)  # what was told before turned out otherwise
        title = f"Put right: {title}"
    raise_alert(
        authority_id=authority_id, kind="change", about=about, title=title, role="quality", others=False,
        link=reverse("change", args=[change.uuid]), establishment=change.establishment,
    )  # fmt: skip


def title_of(change: Change) -> str:
    """What the change says, in a sentence without its full stop."""
    says = happened(
        kind=change.kind, name=change.establishment.shown_name, before=change.before, after=change.after,
        day=change.happened_on, notice=change.notice.kind if change.notice else "",
    )  # fmt: skip
    return f"Heard in error and withdrawn: {says}" if withdrawn_at(change) else says


def withdrawn_at(change: Change) -> Any:
    """When what was heard was withdrawn; None where it stands, or a file said it after all."""
    heard = change.notice or change.inspection
    return heard.withdrawn_at if heard and change.confirmed_at is None else None
