"""Webhooks: addresses of an authority's own systems that are told what happened, what there is to tell, and the log."""

from datetime import datetime

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from commissioning.kernel.models import Fact, VisibleManager, VisibleQuerySet
from commissioning.kernel.tenancy.visibility import Own

from ..rules import webhooks as rules
from .people import User


class Webhook(Fact):
    """Where messages go. `secret` signs them and is sealed with the installation's own key; for a time after it was
    changed, `older_secret` signs as well."""

    visibility = Own("authority_id")
    unaudited = ("secret", "older_secret")

    authority = models.ForeignKey("Authority", on_delete=models.PROTECT, related_name="webhooks")
    name = models.TextField()
    address = models.TextField()
    kinds = ArrayField(models.TextField())
    secret = models.TextField()
    older_secret = models.TextField(blank=True, default="")
    older_until = models.DateTimeField(null=True, blank=True)
    made_at = models.DateTimeField(db_default=Now(), editable=False)
    made_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    paused_at = models.DateTimeField(null=True, blank=True)
    paused_why = models.TextField(blank=True, default="")
    revoked_at = models.DateTimeField(null=True, blank=True)

    objects = VisibleManager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["authority", "name"], condition=Q(revoked_at=None), name="webhook_named_once"
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_open(self) -> bool:
        return self.revoked_at is None and self.paused_at is None


class WebhookEvent(Fact):
    """Something that happened, to be told: which kind, and the public id of the row to read. Of no authority: every
    member's to know. Of one: a test that it asked for. Written in the transaction of what happened (actions/announce),
    so that nothing else is told, and nothing is forgotten."""

    visibility = Own("authority_id", shared_when_empty=True)
    no_history = "what it tells of has its own history; taken away after a month"

    authority = models.ForeignKey("Authority", on_delete=models.PROTECT, null=True, related_name="+")
    kind = models.TextField()
    resource = models.TextField()
    about = models.UUIDField()
    occurred_at = models.DateTimeField()
    spread_at = models.DateTimeField(null=True)  # when it was put before every webhook that asks for it

    objects = VisibleManager()

    class Meta:
        indexes = [
            models.Index(fields=["id"], condition=Q(spread_at=None), name="webhook_event_unspread"),
            models.Index(fields=["occurred_at"], name="webhook_event_by_day"),
        ]


class DeliveryQuerySet(VisibleQuerySet):
    def due(self, at: datetime) -> "DeliveryQuerySet":
        return self.filter(state="waiting", due_at__lte=at, webhook__paused_at=None, webhook__revoked_at=None)


class WebhookDelivery(Fact):
    """One sending of one event to one webhook, to come or done. A failed one is followed by its next `attempt`; sent
    again by somebody's wish, the attempts begin anew under the next `replay`."""

    visibility = Own("authority_id")
    composite_keys = ((("authority_id", "webhook_id"), "partnership_webhook", ("authority_id", "id")),)
    no_history = "a log itself; taken away after a month"

    authority = models.ForeignKey("Authority", on_delete=models.PROTECT, related_name="+")
    webhook = models.ForeignKey(Webhook, on_delete=models.CASCADE, db_constraint=False, related_name="deliveries")
    event = models.ForeignKey(WebhookEvent, on_delete=models.CASCADE, related_name="+")
    replay = models.IntegerField(default=0)
    attempt = models.IntegerField(default=1)
    due_at = models.DateTimeField()
    state = models.TextField(choices=rules.STATES, default="waiting")
    at = models.DateTimeField(null=True)
    status = models.IntegerField(null=True)
    error = models.TextField(blank=True, default="")
    told_at = models.DateTimeField(null=True)  # when somebody was written to about it

    objects = VisibleManager.from_queryset(DeliveryQuerySet)()

    class Meta:
        verbose_name_plural = "webhook deliveries"
        constraints = [
            models.UniqueConstraint(
                fields=["authority", "webhook", "event", "replay", "attempt"], name="webhook_sent_once"
            )
        ]
        indexes = [
            models.Index(fields=["authority", "due_at"], condition=Q(state="waiting"), name="webhook_due"),
            models.Index(fields=["webhook", "-id"], name="webhook_log"),
        ]
