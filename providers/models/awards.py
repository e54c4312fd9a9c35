"""A provider's place on a lot, and what it charges there."""

from datetime import date

from django.db import models
from django.db.models import F, Q

from commissioning.kernel.models import Fact, FromFile, VisibleManager, VisibleQuerySet
from commissioning.kernel.tenancy.visibility import Participants, Partnership

from .organisations import Provider


class DatedQuerySet(VisibleQuerySet):
    def in_force_on(self, day: date) -> "DatedQuerySet":
        return self.filter(starts_on__lte=day).filter(Q(ends_before=None) | Q(ends_before__gt=day))


class Award(Fact, FromFile):
    """A framework award: a provider's place on a lot, its tier and rank, with how it came and went."""

    visibility = Partnership(writer="lead", framework="framework_id", providers="provider_id")
    composite_keys = ((("lot_id", "framework_id"), "partnership_lot", ("id", "framework_id")),)
    no_overlap = ((("lot_id", "provider_id"), "one_place_at_a_time"),)
    contributes = True

    framework = models.ForeignKey("partnership.Framework", on_delete=models.PROTECT, related_name="awards")
    lot = models.ForeignKey("partnership.Lot", on_delete=models.PROTECT, related_name="awards")
    provider = models.ForeignKey(Provider, on_delete=models.PROTECT, related_name="awards")
    tier = models.IntegerField(null=True, blank=True)
    rank = models.IntegerField(null=True, blank=True)
    starts_on = models.DateField()
    ends_before = models.DateField(null=True, blank=True)
    admission_reason = models.TextField(blank=True, default="")
    removal_reason = models.TextField(blank=True, default="")

    objects = VisibleManager.from_queryset(DatedQuerySet)()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_before=None) | Q(ends_before__gt=F("starts_on")), name="award_ends_after_it_starts"
            )
        ]


class RateQuerySet(DatedQuerySet):
    def charged_to(self, authority_id: int) -> "RateQuerySet":
        """An authority's own rates beside those for every participant."""
        return self.filter(Q(authority=None) | Q(authority=authority_id))


class Rate(Fact, FromFile):
    """What an award charges for a price line over a period: for one authority, or (empty) for every participant."""

    visibility = Participants()
    composite_keys = (
        (
            ("award_id", "lot_id", "framework_id", "provider_id"),
            "providers_award",
            ("id", "lot_id", "framework_id", "provider_id"),
        ),
        (("price_line_id", "lot_id"), "partnership_priceline", ("id", "lot_id")),
    )
    no_overlap = ((("award_id", "price_line_id", "authority_id"), "one_rate_at_a_time"),)

    # Keys that the composite ones imply are not checked a second time.
    award = models.ForeignKey(Award, on_delete=models.PROTECT, db_constraint=False, related_name="rates")
    price_line = models.ForeignKey(
        "partnership.PriceLine", on_delete=models.PROTECT, db_constraint=False, related_name="rates"
    )
    authority = models.ForeignKey(
        "partnership.Authority", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    # Copies of the award's, held true by composite keys: policies and pages read them without a join.
    framework = models.ForeignKey(
        "partnership.Framework", on_delete=models.PROTECT, db_constraint=False, related_name="+"
    )
    lot = models.ForeignKey("partnership.Lot", on_delete=models.PROTECT, db_constraint=False, related_name="+")
    provider = models.ForeignKey(Provider, on_delete=models.PROTECT, db_constraint=False, related_name="rates")
    amount = models.DecimalField(max_digits=12, decimal_places=4)
    starts_on = models.DateField()
    ends_before = models.DateField(null=True, blank=True)

    objects = VisibleManager.from_queryset(RateQuerySet)()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_before=None) | Q(ends_before__gt=F("starts_on")), name="rate_ends_after_it_starts"
            ),
            models.CheckConstraint(condition=Q(amount__gte=0), name="rate_is_not_negative"),
        ]
