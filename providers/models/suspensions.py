"""The partnership's own suspension of a provider, a home or a place on a lot, and what each authority decided of it.
Distinct from a restriction by the regulator (quality.Notice) and from a closure."""

from datetime import date

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from commissioning.kernel.models import Fact, VisibleManager, VisibleQuerySet
from commissioning.kernel.tenancy.visibility import Partnership

from ..rules import codes
from .awards import Award
from .establishments import Establishment
from .organisations import Provider


class SuspensionQuerySet(VisibleQuerySet):
    def in_force_on(self, day: date) -> "SuspensionQuerySet":
        return (
            self.filter(starts_on__lte=day)
            .filter(Q(expires_on=None) | Q(expires_on__gt=day))
            .filter(Q(lifted_on=None) | Q(lifted_on__gt=day))
        )


class Suspension(Fact):
    """A flag that every member sees: no new framework placement in its scope while it is in force. Of the provider as
    a whole, of one `establishment`, or of one `award`; `lifts_when` is what has to be seen before it is lifted."""

    visibility = Partnership(writer="owner", owner="authority_id", providers="provider_id")

    authority = models.ForeignKey("partnership.Authority", on_delete=models.PROTECT, related_name="+")
    provider = models.ForeignKey(Provider, on_delete=models.PROTECT, related_name="suspensions")
    establishment = models.ForeignKey(
        Establishment, on_delete=models.PROTECT, null=True, blank=True, related_name="suspensions"
    )
    award = models.ForeignKey(Award, on_delete=models.PROTECT, null=True, blank=True, related_name="suspensions")
    reason = models.TextField(choices=codes.SUSPENSION_REASONS)
    words = models.TextField()
    lifts_when = models.TextField()
    starts_on = models.DateField()
    expires_on = models.DateField(null=True, blank=True)  # the first day on which it no longer holds
    lifted_on = models.DateField(null=True, blank=True)
    lifted_why = models.TextField(blank=True, default="")
    suspended_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")

    objects = VisibleManager.from_queryset(SuspensionQuerySet)()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(establishment=None) | Q(award=None), name="suspension_is_of_one_thing"),
            models.CheckConstraint(
                condition=Q(expires_on=None) | Q(expires_on__gt=F("starts_on")), name="suspension_ends_after_it_starts"
            ),
            models.CheckConstraint(
                condition=Q(lifted_on=None) | (Q(lifted_on__gte=F("starts_on")) & ~Q(lifted_why="")),
                name="suspension_lifted_says_why",
            ),
        ]


class SuspensionDecision(Fact):
    """What one authority decided of a suspension, for its own placements: every member reads it."""

    visibility = Partnership(writer="owner", owner="authority_id")

    authority = models.ForeignKey("partnership.Authority", on_delete=models.PROTECT, related_name="+")
    suspension = models.ForeignKey(Suspension, on_delete=models.CASCADE, related_name="decisions")
    decision = models.TextField(choices=codes.SUSPENSION_DECISIONS)
    words = models.TextField(blank=True, default="")
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField()

    objects = VisibleManager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["authority", "suspension"], name="suspension_decided_once")]
