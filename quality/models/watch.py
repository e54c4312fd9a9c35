"""What is heard of a home: notices by hand, changes from files and hands, and what each authority decided of them."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from commissioning.kernel.models import Fact, FromFile, VisibleManager
from commissioning.kernel.tenancy.visibility import Own, Partnership
from commissioning.partnership.rules.codes import NAMED_ROLES

from ..rules import codes
from .inspections import Heard, Inspection


class Notice(Fact, Heard):
    """A restriction, a notice or a closure that the regulator or the provider made known. A restriction is not a
    closure, and neither is the partnership's own suspension (providers.Suspension)."""

    visibility = Partnership(writer="members", providers="provider_id")

    establishment = models.ForeignKey("providers.Establishment", on_delete=models.CASCADE, related_name="notices")
    provider = models.ForeignKey(
        "providers.Provider", on_delete=models.PROTECT, null=True, blank=True, related_name="notices"
    )
    kind = models.TextField(choices=codes.NOTICE_KINDS)
    starts_on = models.DateField()
    ends_before = models.DateField(null=True, blank=True)
    words = models.TextField(blank=True, default="")

    objects = VisibleManager()


class Change(Fact, FromFile):
    """Something about a home that became known: from a file, or from a notice or judgement entered by hand. `key`
    names it once, whichever way it came: a file that tells what was heard confirms the same change."""

    visibility = Partnership(writer="members", providers="provider_id")

    establishment = models.ForeignKey("providers.Establishment", on_delete=models.CASCADE, related_name="changes")
    provider = models.ForeignKey(
        "providers.Provider", on_delete=models.PROTECT, null=True, blank=True, related_name="changes"
    )
    kind = models.TextField(choices=codes.CHANGE_KINDS)
    key = models.TextField()
    happened_on = models.DateField()
    before = models.TextField(blank=True, default="")
    after = models.TextField(blank=True, default="")
    worse = models.BooleanField(default=False)
    known_at = models.DateTimeField()
    inspection = models.ForeignKey(Inspection, on_delete=models.SET_NULL, null=True, blank=True, related_name="changes")
    notice = models.ForeignKey(Notice, on_delete=models.CASCADE, null=True, blank=True, related_name="changes")
    confirmed_at = models.DateTimeField(null=True, blank=True)  # a file said so; from a file: at once

    objects = VisibleManager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["establishment", "key"], name="change_known_once")]
        indexes = [models.Index(fields=["known_at"], name="change_by_when_known")]


class ChangeDecision(Fact):
    """What an authority decided for one of its own placements after a change."""

    visibility = Own("authority_id")
    composite_keys = ((("authority_id", "placement_id"), "contracts_placement", ("authority_id", "id")),)

    authority = models.ForeignKey("partnership.Authority", on_delete=models.PROTECT, related_name="+")
    change = models.ForeignKey(Change, on_delete=models.CASCADE, related_name="decisions")
    placement = models.ForeignKey(
        "contracts.Placement", on_delete=models.CASCADE, db_constraint=False, related_name="change_decisions"
    )
    decision = models.TextField(choices=codes.CHANGE_DECISIONS)
    why = models.TextField(blank=True, default="")
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField()

    objects = VisibleManager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["authority", "change", "placement"], name="change_decided_once"),
            models.CheckConstraint(condition=Q(decision="stay") | ~Q(why=""), name="change_decision_says_why"),
        ]


class Alert(Fact):
    """Somebody of an authority was told, at once, of something that cannot wait. `about` is what of, as its uuid."""

    visibility = Own("authority_id")

    authority = models.ForeignKey("partnership.Authority", on_delete=models.PROTECT, related_name="+")
    kind = models.TextField(choices=codes.ALERT_KINDS)
    about = models.UUIDField()
    title = models.TextField()
    link = models.TextField()
    establishment = models.ForeignKey(
        "providers.Establishment", on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    role = models.TextField(choices=NAMED_ROLES, default="safeguarding")
    others = models.BooleanField(default=False)  # every authority with children there is told too
    sent_to = models.TextField(blank=True, default="")
    sent_at = models.DateTimeField(null=True, blank=True)
    acknowledged_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    acknowledged_at = models.DateTimeField(null=True, blank=True)

    objects = VisibleManager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["authority", "kind", "about"], name="alert_once")]
