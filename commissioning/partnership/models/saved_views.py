"""Saved views: a list of the API with its filters, kept under a name; when it is sent to whom, and what was sent."""

from datetime import datetime

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from commissioning.kernel.models import Fact, VisibleManager, VisibleQuerySet
from commissioning.kernel.tenancy.visibility import Own

from ..rules import exports as rules
from .people import User


class SavedViewQuerySet(VisibleQuerySet):
    def open_to(self, person: User) -> "SavedViewQuerySet":
        """The person's own, and what colleagues of the same authority share."""
        rows = self.filter(removed_at=None, authority=person.authority_id)
        return rows.filter(Q(owner=person) | Q(shared=True))


class SavedView(Fact):
    """`resource` is the list's name in the API, `query` its filters as they stand in the address. It holds no row and
    gives no right: whoever opens it reads what they themselves may."""

    visibility = Own("authority_id")

    authority = models.ForeignKey("Authority", on_delete=models.PROTECT, related_name="saved_views")
    owner = models.ForeignKey(User, on_delete=models.PROTECT, related_name="saved_views")
    name = models.TextField()
    resource = models.TextField()
    query = models.TextField(blank=True, default="")
    shared = models.BooleanField(default=False)
    made_at = models.DateTimeField(db_default=Now(), editable=False)
    removed_at = models.DateTimeField(null=True, blank=True)

    objects = VisibleManager.from_queryset(SavedViewQuerySet)()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["authority", "owner", "name"], condition=Q(removed_at=None), name="saved_view_named_once"
            )
        ]

    def __str__(self) -> str:
        return self.name


class SftpTarget(Fact):
    """A server of the authority's own that files may be laid down on. `fingerprint` is of its host key, and no other
    is spoken to. `secret`, a password or (`by_key`) a private key, is sealed with the installation's own key."""

    visibility = Own("authority_id")
    unaudited = ("secret",)

    authority = models.ForeignKey("Authority", on_delete=models.PROTECT, related_name="+")
    name = models.TextField()
    host = models.TextField()
    port = models.IntegerField(default=22)
    user = models.TextField()
    folder = models.TextField(blank=True, default="")
    fingerprint = models.TextField()
    by_key = models.BooleanField(default=False)
    secret = models.TextField()
    made_at = models.DateTimeField(db_default=Now(), editable=False)
    made_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    removed_at = models.DateTimeField(null=True, blank=True)

    objects = VisibleManager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["authority", "name"], condition=Q(removed_at=None), name="sftp_target_named_once"
            )
        ]

    def __str__(self) -> str:
        return self.name


class ExportQuerySet(VisibleQuerySet):
    def due(self, at: datetime) -> "ExportQuerySet":
        return self.filter(removed_at=None, paused_at=None, next_at__lte=at)


class ScheduledExport(Fact):
    """A view that is made into a file again and again, and sent, with the rights that its owner has that moment.
    weekday: 0 is Monday. hour, by the clocks here."""

    visibility = Own("authority_id")
    composite_keys = (
        (("authority_id", "view_id"), "partnership_savedview", ("authority_id", "id")),
        (("authority_id", "sftp_id"), "partnership_sftptarget", ("authority_id", "id")),
    )

    authority = models.ForeignKey("Authority", on_delete=models.PROTECT, related_name="+")
    view = models.ForeignKey(SavedView, on_delete=models.CASCADE, db_constraint=False, related_name="exports")
    owner = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    format = models.TextField(choices=rules.FORMATS)
    every = models.TextField(choices=rules.EVERY)
    hour = models.IntegerField()
    weekday = models.IntegerField(null=True, blank=True)
    day = models.IntegerField(null=True, blank=True)
    target = models.TextField(choices=rules.TARGETS, default="link")
    sftp = models.ForeignKey(
        SftpTarget, on_delete=models.PROTECT, db_constraint=False, null=True, blank=True, related_name="exports"
    )
    next_at = models.DateTimeField()
    made_at = models.DateTimeField(db_default=Now(), editable=False)
    paused_at = models.DateTimeField(null=True, blank=True)
    paused_why = models.TextField(blank=True, default="")
    removed_at = models.DateTimeField(null=True, blank=True)

    objects = VisibleManager.from_queryset(ExportQuerySet)()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(hour__range=(0, 23))
                & (
                    Q(every__in=("day", "weekday"), weekday=None, day=None)
                    | Q(every="week", weekday__range=(0, 6), day=None)
                    | Q(every="month", weekday=None, day__range=(1, rules.LAST_DAY))
                ),
                name="export_schedule_is_whole",
            ),
            models.CheckConstraint(
                condition=Q(target="link", sftp=None) | Q(target="sftp", sftp__isnull=False),
                name="export_goes_somewhere",
            ),
        ]
        indexes = [
            models.Index(
                fields=["authority", "next_at"], condition=Q(removed_at=None, paused_at=None), name="export_due"
            )
        ]

    @property
    def where(self) -> str:
        return f"to the server {self.sftp.name}" if self.sftp else "as a link by e-mail"

    @property
    def when(self) -> str:
        return rules.in_words(every=self.every, hour=self.hour, weekday=self.weekday, day=self.day)


class SentExport(Fact):
    """One sending, to come or done. `name` is the file's, fixed when it fell due, so that one sent twice replaces
    itself. `stored_as` is its place in the storage, empty once it is gone; `role` whose rights it was made with."""

    visibility = Own("authority_id")
    composite_keys = ((("authority_id", "export_id"), "partnership_scheduledexport", ("authority_id", "id")),)

    authority = models.ForeignKey("Authority", on_delete=models.PROTECT, related_name="+")
    export = models.ForeignKey(ScheduledExport, on_delete=models.CASCADE, db_constraint=False, related_name="sendings")
    owner = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    due_at = models.DateTimeField()
    name = models.TextField()
    state = models.TextField(choices=rules.STATES, default="waiting")
    attempt = models.IntegerField(default=0)
    try_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    rows = models.BigIntegerField(null=True)
    bytes = models.BigIntegerField(null=True)
    role = models.TextField(blank=True, default="")
    error = models.TextField(blank=True, default="")
    stored_as = models.TextField(blank=True, default="")
    expires_at = models.DateTimeField(null=True)

    objects = VisibleManager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["authority", "export", "due_at"], name="export_sent_once"),
        ]
        indexes = [
            models.Index(fields=["authority", "try_at"], condition=Q(state="waiting"), name="export_waiting"),
            models.Index(fields=["export", "-due_at"], name="export_log"),
        ]
