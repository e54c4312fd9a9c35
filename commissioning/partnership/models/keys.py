"""Keys of an authority's own systems; how often they call; and what a call that changed something answered."""

import uuid

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from commissioning.kernel.models.base import VisibleManager
from commissioning.kernel.tenancy.visibility import Own, System

from .people import User


class ApiKey(models.Model):
    """A key for an authority's own system: shown once, kept as a digest, at most twelve months. A key that replaces
    another has the same name and rights; for some days both are live, so that a system changes over without a gap."""

    visibility = System(history_of="authority_id")
    unaudited = ("digest", "last_used_at")

    id = models.BigAutoField(primary_key=True)
    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    authority = models.ForeignKey("Authority", on_delete=models.PROTECT, related_name="api_keys")
    name = models.TextField()
    prefix = models.TextField(unique=True)
    digest = models.TextField()
    scopes = models.TextField(help_text="resources the key may read, separated by spaces; * for every one")
    networks = models.TextField(
        blank=True, default="", db_default="", help_text="networks it is taken from, separated by spaces; empty: any"
    )
    replaces = models.OneToOneField("self", on_delete=models.PROTECT, null=True, blank=True, related_name="replaced_by")
    made_at = models.DateTimeField(db_default=Now(), editable=False)
    made_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    own = models.BooleanField(
        default=False, db_default=False, help_text="its maker's own; else a system's, which an administrator made"
    )
    expires_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = "API key"


class Calls(models.Model):
    """How many calls of one minute were let through: of a key, and with none, of all keys of an authority. One row
    for each, counted up in the database by one statement (actions/count_call.py). Not logged by the database, which
    spares each call a write to disk: after a crash the minute begins anew."""

    visibility = System()
    no_history = "a count of the running minute"

    id = models.BigAutoField(primary_key=True)
    authority = models.ForeignKey("Authority", on_delete=models.CASCADE, related_name="+")
    key = models.ForeignKey(ApiKey, on_delete=models.CASCADE, null=True, related_name="+")
    began_at = models.DateTimeField()
    made = models.IntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["authority", "key"], nulls_distinct=False, name="calls_counted_once")
        ]


class KeptAnswer(models.Model):
    """What a call that changed something answered, kept for a day under its Idempotency-Key: written in the
    transaction of the change itself, so that the call may be sent again and is done once."""

    visibility = Own("authority_id")
    composite_keys = ((("key_id", "authority_id"), "partnership_apikey", ("id", "authority_id")),)
    no_history = "a copy of an answer, kept for a day"

    id = models.BigAutoField(primary_key=True)
    authority = models.ForeignKey("Authority", on_delete=models.PROTECT, related_name="+")
    key = models.ForeignKey(ApiKey, on_delete=models.CASCADE, related_name="+")
    sent_as = models.TextField(help_text="the Idempotency-Key")
    digest = models.TextField(help_text="of the method, the address and the body")
    status = models.IntegerField(default=0, help_text="0 until the call is done")
    headers = models.JSONField(default=dict)
    body = models.TextField(default="")
    kept_at = models.DateTimeField(db_default=Now(), editable=False)

    objects = VisibleManager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["authority", "key", "sent_as"], name="answer_kept_once"),
            models.CheckConstraint(condition=Q(status=0) | Q(status__range=(200, 299)), name="answer_of_what_was_done"),
        ]
        indexes = [models.Index(fields=["kept_at"])]
