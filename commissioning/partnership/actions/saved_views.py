"""Views saved and taken away; their exports scheduled, paused, resumed, taken away."""

from datetime import datetime
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone

from commissioning.kernel.tenancy.viewer import acting_as, current_viewer

from ..models import SavedView, ScheduledExport, SftpTarget, User
from ..rules import exports as rules


@transaction.atomic
def save_view(*, name: str, resource: str, query: str, shared: bool, by: User) -> SavedView:
    """`resource` and `query` are the API's, who has said that it answers them. ValidationError (by field) without a
    name, for one that the person has in use, and where they have too many."""
    name = " ".join(name.split())
    own = SavedView.objects.filter(authority=_authority_of(by), owner=by, removed_at=None)
    if not name:
        raise ValidationError({"name": "Give the view a name, so that you find it again."})
    if own.filter(name=name).exists():
        raise ValidationError(
            {"name": f"You have a view called {name}. Choose another name, or remove that one first."}
        )
    if own.count() >= rules.MOST_VIEWS:
        raise ValidationError(f"You have {rules.MOST_VIEWS} views already. Remove one that you do not use.")
    with acting_as(current_viewer(), by=by):
        return SavedView.objects.create(
            authority_id=by.authority_id, owner=by, name=name, resource=resource, query=query, shared=shared
        )


@transaction.atomic
def remove_view(*, view: SavedView, at: datetime, by: User) -> SavedView:
    """Its exports end with it, colleagues' too. PermissionDenied for another person's."""
    row = SavedView.objects.select_for_update().get(pk=view.pk)
    if row.owner_id != by.pk or row.authority_id != by.authority_id:
        raise PermissionDenied("Only who saved a view removes it.")
    if row.removed_at is None:
        with acting_as(current_viewer(), by=by):
            row.removed_at = at
            row.save(update_fields=["removed_at"])
            ScheduledExport.objects.filter(view=row, removed_at=None).update(removed_at=at)
    return row


@transaction.atomic
def schedule_export(
    *, view: SavedView, format: str, every: str, hour: int, weekday: int | None = None, day: int | None = None,  # noqa: A002
    sftp: SftpTarget | None = None, at: datetime, by: User,
) -> ScheduledExport:  # fmt: skip
    """Sent from the next such hour on, to the person `by` as a link, or to the server `sftp` of
    their authority, with the rights they have then. A weekday counts for
    once a week alone, and a day for once a month. ValidationError (by field) where something is not chosen."""
    _authority_of(by)
    if not SavedView.objects.open_to(by).filter(pk=view.pk).exists():
        raise PermissionDenied("That view is not yours, and nobody shares it with you.")
    weekday, day = weekday if every == "week" else None, day if every == "month" else None
    problems = {}
    if format not in rules.FORMATS:
        problems["format"] = "Choose what kind of file it is."
    if every not in rules.EVERY:
        problems["every"] = "Choose how often it is sent."
    if not 0 <= hour <= 23:
        problems["hour"] = "Choose an hour of the day."
    if every == "week" and weekday not in range(7):
        problems["weekday"] = "Choose on which day of the week it is sent."
    if every == "month" and day not in range(1, rules.LAST_DAY + 1):
        problems["day"] = f"Choose a day of the month, from 1 to {rules.LAST_DAY}."
    if sftp is not None and not SftpTarget.objects.filter(pk=sftp.pk, removed_at=None).exists():
        problems["to"] = "That server was removed. Choose another one, or a link."
    if problems:
        raise ValidationError(problems)
    if ScheduledExport.objects.filter(owner=by, removed_at=None).count() >= rules.MOST_EXPORTS:
        raise ValidationError(f"You have {rules.MOST_EXPORTS} exports already. Remove one that you do not need.")
    when = {"every": every, "hour": hour, "weekday": weekday, "day": day}
    with acting_as(current_viewer(), by=by):
        return ScheduledExport.objects.create(
            authority_id=by.authority_id, view=view, owner=by, format=format, sftp=sftp,
            target="sftp" if sftp else "link",
            next_at=rules.next_due(**when, after=at, zone=timezone.get_default_timezone()), **when,
        )  # fmt: skip


@transaction.atomic
def pause_export(*, export: ScheduledExport, at: datetime, by: Any, why: str = "") -> ScheduledExport:
    """Nothing is sent until it is resumed. Done again, the first time stands. `why`: a sentence, where it was not its
    owner's wish."""
    row = ScheduledExport.objects.select_for_update().get(pk=export.pk)
    if row.paused_at is None:
        row.paused_at, row.paused_why = at, why
        _save(row, by, "paused_at", "paused_why")
    return row


@transaction.atomic
def resume_export(*, export: ScheduledExport, at: datetime, by: User) -> ScheduledExport:
    """Sent again from the next time on that its schedule names."""
    row = _own(export, by)
    row.paused_at, row.paused_why, row.next_at = None, "", next_of(row, at)
    return _save(row, by, "paused_at", "paused_why", "next_at")


@transaction.atomic
def remove_export(*, export: ScheduledExport, at: datetime, by: User) -> ScheduledExport:
    """Ended for good; what was sent stays in the log."""
    row = _own(export, by)
    row.removed_at = at
    return _save(row, by, "removed_at")


@transaction.atomic
def send_now(*, export: ScheduledExport, at: datetime, by: User) -> ScheduledExport:
    """Falls due at once, besides its schedule. ValidationError while it is paused."""
    row = _own(export, by)
    if row.paused_at is not None:
        raise ValidationError("It is paused: resume it first.")
    row.next_at = at
    return _save(row, by, "next_at")


def next_of(row: ScheduledExport, after: datetime) -> datetime:
    return rules.next_due(
        every=row.every, hour=row.hour, weekday=row.weekday, day=row.day, after=after,
        zone=timezone.get_default_timezone(),
    )  # fmt: skip


def _authority_of(by: User) -> int:
    viewer = current_viewer()
    if viewer.kind != "authority" or viewer.authority_id != by.authority_id:
        raise PermissionDenied("Views are saved by people of an authority.")
    return viewer.authority_id


def _own(export: ScheduledExport, by: User) -> ScheduledExport:
    """The row as it is now. PermissionDenied for another person's; ValidationError for one that was removed."""
    row = ScheduledExport.objects.select_for_update().get(pk=export.pk)
    if row.owner_id != by.pk or row.authority_id != by.authority_id:
        raise PermissionDenied("Only who scheduled an export changes it.")
    if row.removed_at is not None:
        raise ValidationError("This export was removed. Schedule it anew.")
    return row


def _save(row: ScheduledExport, by: Any, *columns: str) -> ScheduledExport:
    with acting_as(current_viewer(), by=by):
        row.save(update_fields=list(columns))
    return row
