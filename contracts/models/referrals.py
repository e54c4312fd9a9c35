"""The referral log: what was looked for, who was asked, what they answered and when, and what was chosen and why."""

from django.db import models
from django.db.models import F, Q

from commissioning.kernel.models import FromFile
from commissioning.kernel.tenancy.visibility import Own
from commissioning.partnership.rules.codes import LEVELS

from ..rules import codes
from .children import Child, OwnFact, of_same_authority


class Referral(OwnFact, FromFile):
    """A search for a home for one child. Open while `outcome` is empty."""

    composite_keys = (of_same_authority("child_id", "contracts_child"),)
    contributes = ("id", "authority_id", "child_id")

    number = models.IntegerField()
    reference = models.TextField(blank=True, default="")  # the authority's own number of this search
    child = models.ForeignKey(Child, on_delete=models.PROTECT, db_constraint=False, related_name="referrals")
    opened_at = models.DateTimeField()
    needed_by = models.DateField()
    urgency = models.TextField(choices=codes.URGENCIES)
    in_house_tried = models.TextField(choices=codes.IN_HOUSE_TRIED)
    service_type = models.TextField(choices=codes.SERVICE_TYPES)
    level = models.TextField(choices=LEVELS, blank=True, default="")
    wanted_area = models.TextField(blank=True, default="")
    siblings = models.IntegerField(default=0)  # brothers and sisters to live with
    needs = models.TextField(blank=True, default="")  # free text about a child: never released, never logged
    child_view = models.TextField(blank=True, default="")
    visited_first = models.TextField(choices=codes.VISITED_FIRST, blank=True, default="")
    outcome = models.TextField(choices=codes.REFERRAL_OUTCOMES, blank=True, default="")
    chosen_why = models.TextField(blank=True, default="")
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["authority", "number"], name="referral_number_once"),
            models.UniqueConstraint(
                fields=["authority", "reference"], condition=~Q(reference=""), name="referral_reference_once"
            ),
            models.CheckConstraint(condition=Q(siblings__gte=0), name="referral_siblings_counted"),
            models.CheckConstraint(
                condition=Q(outcome="", closed_at=None) | (~Q(outcome="") & Q(closed_at__gte=F("opened_at"))),
                name="referral_closes_with_an_outcome",
            ),
        ]

    def __str__(self) -> str:
        return f"Referral {self.number}"


class Offer(OwnFact, FromFile):
    """One provider asked within a referral, and what it is recorded as having answered.

    Its provider's contact reads the row, so it holds nothing about the child: what was sought is copied here.
    """

    visibility = Own("authority_id", provider="provider_id")
    composite_keys = (of_same_authority("referral_id", "contracts_referral"),)
    contributes = (
        "id", "authority_id", "referral_id", "provider_id", "lot_id", "service_type", "asked_at", "answered_at",
        "answer", "chosen",
    )  # fmt: skip

    referral = models.ForeignKey(Referral, on_delete=models.CASCADE, db_constraint=False, related_name="offers")
    provider = models.ForeignKey("providers.Provider", on_delete=models.PROTECT, related_name="offers")
    lot = models.ForeignKey("partnership.Lot", on_delete=models.PROTECT, null=True, blank=True, related_name="offers")
    service_type = models.TextField(choices=codes.SERVICE_TYPES)
    urgency = models.TextField(choices=codes.URGENCIES)
    needed_by = models.DateField()
    asked_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True, blank=True)
    answer = models.TextField(choices=codes.ANSWERS, blank=True, default="")
    decline_reason = models.TextField(choices=codes.DECLINE_REASONS, blank=True, default="")
    weekly_amount = models.DecimalField(max_digits=12, decimal_places=4, null=True, blank=True)
    available_on = models.DateField(null=True, blank=True)
    establishment = models.ForeignKey(
        "providers.Establishment", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    suitable = models.BooleanField(null=True, blank=True)  # in the authority's judgement
    chosen = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["authority", "referral", "provider", "lot"], nulls_distinct=False, name="provider_asked_once"
            ),
            models.UniqueConstraint(
                fields=["authority", "referral"], condition=Q(chosen=True), name="one_offer_chosen"
            ),
            models.CheckConstraint(
                condition=Q(answer="", answered_at=None) | (~Q(answer="") & Q(answered_at__gte=F("asked_at"))),
                name="offer_is_answered_after_it_is_asked",
            ),
            models.CheckConstraint(condition=Q(decline_reason="") | Q(answer="declined"), name="decline_has_declined"),
            models.CheckConstraint(
                condition=Q(weekly_amount=None) | Q(weekly_amount__gte=0), name="offer_is_not_negative"
            ),
        ]
