"""Somebody is told at once. The alert is a row of its own authority, written with what it is about; the e-mails go
the moment that is saved, and a job behind them sends what could not go then."""

import logging
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.mail import send_mail
from django.db import transaction
from django.db.models import QuerySet

from commissioning.kernel.tenancy.viewer import Viewer, acting_as, current_viewer, someone_is_acting
from commissioning.partnership.models import Authority, NamedRole, User
from commissioning.partnership.rules.codes import TOLD_INSTEAD
from contracts.actions.presence import elsewhere

from ..models import Alert, Finding
from ..rules import codes
from ..rules.codes import ALERT_KINDS

BY = "service:alerts"
log = logging.getLogger(__name__)


@transaction.atomic
def raise_alert(
    *, authority_id: int, kind: str, about: UUID, title: str, link: str, establishment: Any = None, others: bool = True,
    role: str = "safeguarding", also: Sequence[int] = (),
) -> Alert:  # fmt: skip
    """Tells the authority's named role, and with `others` that of every authority with children at the home, as soon
    as the caller's work is saved; once for each thing it is about. `title` is what the e-mail says: no word about a
    child, nothing anybody typed. `link` is the page's address, from the root. `also`: authorities that read that page
    too, whether or not they have children at the home."""
    from ..jobs import spread_alert_job

    alert, made = Alert.objects.get_or_create(
        authority_id=authority_id, kind=kind, about=about,
        defaults={"title": title, "link": link, "establishment": establishment, "role": role, "others": others},
    )  # fmt: skip
    if made or also:  # whoever was told is not told again, and one more authority may have been named
        spread_alert_job.defer(alert=str(alert.uuid), authority=authority_id, also=list(also))
        transaction.on_commit(lambda: _at_once(alert.uuid, authority_id, also), robust=True)
    return alert


def _at_once(alert: UUID, authority_id: int, also: Sequence[int]) -> None:
    """The job itself, done now; where somebody acts it comes after: one viewer is not opened inside another."""
    from ..jobs import spread_alert_job

    if not someone_is_acting():
        spread_alert_job(alert=str(alert), authority=authority_id, also=list(also))


def spread(*, alert: UUID, authority_id: int, now: datetime, also: Sequence[int] = ()) -> None:
    """Sends the alert, and makes and sends those of the other authorities. Done again, it sends nothing twice.
    Opens its own viewers: nobody may be acting. One authority's trouble keeps nobody else from being told: it is
    raised when all have been."""
    with acting_as(Viewer.of_authority(authority_id), by=BY):
        first = Alert.objects.select_related("establishment").get(uuid=alert)
        _send(first, now)
        placing = elsewhere(first.establishment_id, authority_id) if first.others and first.establishment_id else []
        whose = Finding.objects.filter(uuid=first.about).exclude(about=None).values_list("about", flat=True)
        also = [*also, *whose]
    trouble: Exception | None = None
    for other in dict.fromkeys((*also, *placing)):
        if other == authority_id:
            continue
        try:
            with acting_as(Viewer.of_authority(other), by=BY):
                told, _ = Alert.objects.get_or_create(
                    authority_id=other, kind=first.kind, about=first.about,
                    defaults={
                        "title": first.title, "link": _link(first, reads=other in also), "role": first.role,
                        "establishment_id": first.establishment_id, "others": False,
                    },
                )  # fmt: skip
                _send(told, now)
        except Exception as problem:
            log.exception("an authority could not be told")
            trouble = problem
    if trouble is not None:
        raise trouble


def _link(first: Alert, *, reads: bool) -> str:
    """What another authority may open: a finding or a concern is not its own to read, the home's page is."""
    if reads or first.kind not in codes.READ_BY_ITS_OWN or first.establishment is None:
        return first.link
    return f"/providers/establishments/{first.establishment.uuid}/"


def send_unsent(*, now: datetime) -> None:
    """Every alert that has not gone yet is tried again, of one authority after another."""
    with acting_as(Viewer.of_service("alerts"), by=BY):
        authorities = list(Authority.objects.exclude(member_from=None).order_by("pk").values_list("pk", flat=True))
    for authority in authorities:
        with acting_as(Viewer.of_authority(authority), by=BY):
            for alert in Alert.objects.filter(sent_at=None).order_by("pk"):
                _send(alert, now)


@transaction.atomic
def acknowledge_alert(*, alert: Alert, by: Any, now: datetime) -> Alert:
    """Somebody has read it. Done again, the first who did stays."""
    with acting_as(current_viewer(), by=by):
        acknowledge_alerts(Alert.objects.filter(pk=alert.pk), by=by, now=now)
    return Alert.objects.get(pk=alert.pk)


def acknowledge_alerts(alerts: QuerySet, *, by: Any, now: datetime) -> int:
    who = by if hasattr(by, "uuid") else None
    return alerts.filter(acknowledged_at=None).update(acknowledged_by=who, acknowledged_at=now)


def _send(alert: Alert, now: datetime) -> None:
    """One e-mail to each address; left unsent, and to be tried again, where the post does not take it or nobody is
    there to be told. Of two who would send it at once, one does."""
    waiting = Alert.objects.select_for_update(of=("self",), skip_locked=True).filter(pk=alert.pk, sent_at=None)
    if waiting.first() is None:
        return
    to = recipients(alert.authority_id, alert.role)
    if not to:
        return
    authority = Authority.objects.get(pk=alert.authority_id)
    text = (
        f"{alert.title}.\n\nThis is for {authority.name}. Sign in to read it and to say that you have seen it:\n"
        f"{settings.SITE_URL}{alert.link}\n"
    )
    try:
        send_mail(f"{ALERT_KINDS[alert.kind]}: please read now", text, settings.DEFAULT_FROM_EMAIL, to)
    except OSError:
        log.exception("an alert could not be sent")
        return
    alert.sent_to, alert.sent_at = ", ".join(to), now
    alert.save(update_fields=["sent_to", "sent_at"])


def recipients(authority_id: int, role: str) -> list[str]:
    """Addresses of the named role; where nobody is named, of those who look after quality."""
    named = NamedRole.objects.filter(authority=authority_id, role=role).order_by("pk").values_list("email", flat=True)
    if found := list(named):
        return found
    people = User.objects.filter(authority=authority_id, is_active=True)
    for role_ in TOLD_INSTEAD:
        if found := list(people.filter(role=role_).order_by("pk").values_list("email", flat=True)):
            return found
    return []
