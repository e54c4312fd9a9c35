"""Somebody is told at once. The alert is a row of its own authority, written with what it is about; the e-mails go
the moment that is saved, and a job behind them sends what could not go then."""

import logging
from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.mail import send_mail
from django.db import transaction

from commissioning.kernel.tenancy.viewer import Viewer, acting_as, someone_is_acting
from commissioning.partnership.models import Authority, NamedRole, User
from contracts.actions.presence import elsewhere

from ..models import Alert, Finding
from ..rules.codes import ALERT_KINDS

BY = "service:alerts"
# Who is told where an authority has named nobody.
INSTEAD = ("quality_officer", "commissioning_officer", "placements_officer")
log = logging.getLogger(__name__)


class AlertUnsent(Exception):
    """The post did not take an alert. The job behind it tries again."""


@transaction.atomic
def raise_alert(
    *, authority_id: int, kind: str, about: UUID, title: str, link: str, establishment: Any = None, others: bool = True,
    role: str = "safeguarding",
) -> Alert:  # fmt: skip
    """Tells the authority's named role, and with `others` that of every authority with children at the home, as soon
    as the caller's work is saved; once for each thing it is about. `title` is what the e-mail says: no word about a
    child, nothing anybody typed. `link` is the page's address, from the root."""
    from ..jobs import spread_alert_job

    alert, made = Alert.objects.get_or_create(
        authority_id=authority_id, kind=kind, about=about,
        defaults={"title": title, "link": link, "establishment": establishment, "role": role, "others": others},
    )  # fmt: skip
    if made:
        spread_alert_job.defer(alert=str(alert.uuid), authority=authority_id)
        transaction.on_commit(lambda: _at_once(alert.uuid, authority_id), robust=True)
    return alert


def _at_once(alert: UUID, authority_id: int) -> None:
    from ..jobs import spread_alert_job

    if not someone_is_acting():  # else the job does it: one viewer is not opened inside another
        spread_alert_job(alert=str(alert), authority=authority_id)


def spread(*, alert: UUID, authority_id: int, now: datetime) -> None:
    """Sends the alert, and makes and sends those of the other authorities. Done again, it sends nothing twice.
    Opens its own viewers: nobody may be acting. Raises AlertUnsent where the post did not take one, after all the
    others were tried."""
    with acting_as(Viewer.of_authority(authority_id), by=BY):
        first = Alert.objects.get(uuid=alert)
        unsent = not _send(first, now)
        others = _others(first) if first.others else set()
    for other in sorted(others):
        with acting_as(Viewer.of_authority(other), by=BY):
            told, _ = Alert.objects.get_or_create(
                authority_id=other, kind=first.kind, about=first.about,
                defaults={
                    "title": first.title, "link": first.link, "establishment_id": first.establishment_id,
                    "role": first.role, "others": False,
                },
            )  # fmt: skip
            unsent |= not _send(told, now)
    if unsent:
        raise AlertUnsent(f"alert {alert}")


def _others(first: Alert) -> set[int]:
    """Authorities with children at the home now, and the one whose child the finding is about."""
    there = elsewhere(first.establishment_id, first.authority_id) if first.establishment_id else []
    about = Finding.objects.filter(uuid=first.about).exclude(about=None).values_list("about", flat=True)
    return {*there, *about} - {first.authority_id}


def _send(alert: Alert, now: datetime) -> bool:
    """One e-mail to each address; False where the post does not take it: to be tried again. The row is held
    meanwhile, so that the request and the job behind it never send the same one twice."""
    alert = Alert.objects.select_for_update().get(pk=alert.pk)
    if alert.sent_at is not None:
        return True
    to = recipients(alert.authority_id, alert.role)
    if not to:
        log.error("an alert has nobody to go to: authority %s", alert.authority_id)
        return True
    authority = Authority.objects.get(pk=alert.authority_id)
    text = (
        f"{alert.title}.\n\nThis is for {authority.name}. Sign in to read it and to say that you have seen it:\n"
        f"{settings.SITE_URL}{alert.link}\n"
    )
    try:
        send_mail(f"{ALERT_KINDS[alert.kind]}: please read now", text, settings.DEFAULT_FROM_EMAIL, to)
    except OSError:
        log.exception("an alert could not be sent")
        return False
    alert.sent_to, alert.sent_at = ", ".join(to), now
    alert.save(update_fields=["sent_to", "sent_at"])
    return True


def recipients(authority_id: int, role: str) -> list[str]:
    """Addresses of the named role; where nobody is named, of those who look after quality."""
    named = NamedRole.objects.filter(authority=authority_id, role=role).order_by("pk").values_list("email", flat=True)
    if found := list(named):
        return found
    people = User.objects.filter(authority=authority_id, is_active=True)
    for role_ in INSTEAD:
        if found := list(people.filter(role=role_).order_by("pk").values_list("email", flat=True)):
            return found
    return []
