"""Exports that fall due, are claimed, and come to something; and their files, which go after a week. How a file is
made is the API's (api/exporting.py)."""

import logging
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.core.files.storage import storages
from django.core.mail import send_mail
from django.urls import reverse
from django.utils import timezone

from commissioning.kernel.exports.notice import file_name
from commissioning.kernel.sftp import Target
from commissioning.kernel.tenancy.viewer import Viewer, acting_as
from commissioning.kernel.wording import instant

from ..models import Authority, ScheduledExport, SentExport, User
from ..rules import exports as rules
from ..rules.roles import may
from .saved_views import next_of, pause_export
from .sftp_targets import secret_of

BY = "service:exports"
STORAGE = "evidence"
CLAIMED_FOR = timedelta(minutes=15)  # then whoever claimed it is thought dead; rounds never run side by side
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Came:
    """What became of a try. `error`: why nothing went; `for_good`: and why trying again would not help."""

    rows: int | None = None
    bytes: int = 0
    error: str = ""
    for_good: bool = False


def authorities_with_exports() -> list[int]:
    """Every authority that ever was a member: what nobody there may read is refused one by one."""
    with acting_as(Viewer.of_service("exports"), by=BY):
        return list(Authority.objects.exclude(member_from=None).order_by("pk").values_list("pk", flat=True))


def as_authority(authority_id: int) -> AbstractContextManager:
    return acting_as(Viewer.of_authority(authority_id), by=BY)


def fall_due(authority_id: int, now: datetime) -> None:
    """A sending for each schedule whose time has come. However late, it is one: what was missed is not made up for."""
    with as_authority(authority_id):
        due = ScheduledExport.objects.due(now).select_related("view", "authority").order_by("pk")
        for row in due.select_for_update(of=("self",), skip_locked=True):
            day = timezone.localdate(row.next_at)
            SentExport.objects.get_or_create(
                authority_id=authority_id, export=row, due_at=row.next_at,
                defaults={
                    "owner_id": row.owner_id, "try_at": now,
                    "name": file_name(_title(row), str(row.authority), day, row.format),
                },
            )  # fmt: skip
            row.next_at = next_of(row, now)
            row.save(update_fields=["next_at"])


def claim(authority_id: int, now: datetime) -> SentExport | None:
    """The next sending to try; nobody else takes it for a quarter of an hour. Its file's place is noted before there
    is a file, so that none is ever without a row. One whose export was removed or paused meanwhile is not sent."""
    with as_authority(authority_id):
        waiting = SentExport.objects.filter(state="waiting", try_at__lte=now).order_by("try_at", "pk")
        for row in waiting.select_for_update(of=("self",), skip_locked=True).select_related(
            "export__view", "export__sftp", "owner"
        ):
            row.attempt += 1
            row.started_at, row.try_at = now, now + CLAIMED_FOR
            if row.export.removed_at is not None or row.export.paused_at is not None:
                _end(row, "refused", now, "It was paused or removed before it was sent.")
            elif row.attempt > rules.TRIES:
                _end(row, "failed", now, "It was begun several times and never came to its end. Ask for fewer rows.")
            else:
                row.role = row.owner.role
                if row.export.target == "link":
                    row.stored_as = f"exports/{authority_id}/{row.uuid}.{row.export.format}"
                row.save()
                return row
    return None


def barred(row: SentExport) -> str:
    """Why the export's owner may not have it now; "" where they may. Asked when it is sent, of the person as they are
    then."""
    person, view = User.objects.select_related("authority").get(pk=row.owner_id), row.export.view
    if not person.is_active or person.authority_id != row.authority_id:
        return "Whoever scheduled it is not here any more."
    if view.removed_at is not None or (view.owner_id != person.pk and not view.shared):
        return "The view is not shared with whoever scheduled it any more."
    if not person.may("create", "saved-views") or not may(person.role, "read", view.resource):
        return f"A {person.get_role_display().lower()} may not read this list."
    if row.export.sftp is not None and row.export.sftp.removed_at is not None:
        return "The server that it went to was removed."
    return ""


def target_of(row: SentExport) -> Target | None:
    """The server that it goes to, with its secret; None for a link."""
    sftp = row.export.sftp
    if sftp is None:
        return None
    return Target(sftp.host, sftp.port, sftp.user, sftp.folder, sftp.fingerprint, secret_of(sftp), sftp.by_key)


def note(row: SentExport, came: Came, now: datetime) -> None:
    """What came of a try. What cannot be sent pauses its export, and somebody is written to."""
    with as_authority(row.authority_id):
        found = SentExport.objects.select_for_update(of=("self",)).select_related("export").get(pk=row.pk)
        if found.state != "waiting":
            return
        found.role, found.rows, found.bytes = row.role, came.rows, came.bytes or None
        if not came.error:
            found.expires_at = now + timedelta(days=rules.FILE_DAYS) if found.stored_as else None
            _end(found, "sent", now)
        elif came.for_good:
            _end(found, "refused", now, came.error)
            pause_export(export=found.export, at=now, by=BY, why=came.error)
        elif found.attempt < rules.TRIES:
            found.error, found.try_at = came.error, now + rules.WAITS[found.attempt - 1]
            found.save()
            return
        else:
            _end(found, "failed", now, came.error)
    if came.error:
        _tell_of_trouble(found, came)


def tell_owner(row: SentExport, now: datetime) -> None:
    """The link, by e-mail. It opens nothing by itself: its owner signs in first. OSError where the post fails."""
    view = row.export.view
    until = instant(now + timedelta(days=rules.FILE_DAYS))
    address = settings.SITE_URL + reverse("saved-view-file", args=[row.uuid])
    text = (
        f"Your export {view.name} is ready. Sign in to take the file; nobody else can open it:\n{address}\n\n"
        f"It is there until {until}.\n"
    )
    send_mail(f"Export ready: {view.name}", text, settings.DEFAULT_FROM_EMAIL, [row.owner.email])


def may_open(row: SentExport, person: User, now: datetime) -> str:
    """Why the person may not open the file now; "" where they may. Of another person's: "not found", which nobody is
    told more about."""
    if row.owner_id != person.pk or row.authority_id != person.authority_id or row.state != "sent":
        return "not found"
    if not row.stored_as or row.expires_at is None or row.expires_at <= now:
        return f"The file was kept for {rules.FILE_DAYS} days, and is gone."
    if row.role != person.role or not may(person.role, "read", row.export.view.resource):
        return "Your role has changed since this file was made. The next one holds what you may read now."
    return ""


def sweep_exports(*, now: datetime) -> int:
    """Takes away files whose week is over, those of tries that came to nothing, and the log of more than a year ago;
    returns how many files went."""
    storage, gone = storages[STORAGE], 0
    over = now - timedelta(days=rules.FILE_DAYS + 1)
    for authority_id in authorities_with_exports():
        with as_authority(authority_id):
            kept = SentExport.objects.exclude(stored_as="").exclude(state="waiting")
            for row in kept.exclude(expires_at__gt=now).exclude(expires_at=None, ended_at__gt=over):
                storage.delete(row.stored_as)
                row.stored_as = ""
                row.save(update_fields=["stored_as"])
                gone += 1
            SentExport.objects.filter(stored_as="", ended_at__lt=now - timedelta(days=rules.LOG_DAYS)).delete()
    return gone


def _title(row: ScheduledExport) -> str:
    """On a server, where several exports may share a folder, the file's name tells them apart."""
    return row.view.name if row.target == "link" else f"{row.view.name} {row.uuid.hex[:8]}"


def _end(row: SentExport, state: str, now: datetime, error: str = "") -> None:
    row.state, row.ended_at, row.error = state, now, error
    row.save()


def _tell_of_trouble(row: SentExport, came: Came) -> None:
    """To the owner, where they are still here; else to who looks after the authority's people."""
    with as_authority(row.authority_id):
        row = SentExport.objects.select_related("export__view", "owner").get(pk=row.pk)
        people = User.objects.filter(authority=row.authority_id, is_active=True)
        to = [row.owner.email] if people.filter(pk=row.owner_id).exists() else [
            person.email for person in people.order_by("pk") if person.may("change", "people")
        ]  # fmt: skip
        view = row.export.view
    paused = "The export is paused." if came.for_good else "It is tried again at its next time."
    page = settings.SITE_URL + reverse("saved-views")
    text = f"The export {view.name} was not sent. {came.error} {paused}\n\nSign in to see it:\n{page}\n"
    try:
        if to:
            send_mail(f"Export not sent: {view.name}", text, settings.DEFAULT_FROM_EMAIL, to)
    except OSError:
        log.exception("nobody could be told of an export that was not sent")
