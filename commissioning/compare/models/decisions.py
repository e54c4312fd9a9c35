"""What an authority decided about a provider's price that lies above the partnership's."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from commissioning.kernel.models import Fact, VisibleManager
from commissioning.kernel.tenancy.visibility import Own


class PriceOutcome(models.TextChoices):
    TALK = "talk", "Talk to the provider"
    ACCEPTED = "accepted", "Price accepted"
    AGREED = "agreed", "New price agreed"


class PriceDecision(Fact):
    """One decision on one provider's prices on one lot, or for one kind of home bought outside the lots. The newest is
    the one that stands. A new price is an amended agreement's: the benefits register takes it from there."""

    visibility = Own("authority_id")
    composite_keys = ((("authority_id", "agreement_id"), "contracts_agreementversion", ("authority_id", "id")),)

    authority = models.ForeignKey("partnership.Authority", on_delete=models.PROTECT, related_name="+")
    provider = models.ForeignKey("providers.Provider", on_delete=models.PROTECT, related_name="+")
    lot = models.ForeignKey("partnership.Lot", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    route = models.TextField(blank=True, default="")
    service_type = models.TextField(blank=True, default="")
    outcome = models.TextField(choices=PriceOutcome)
    reason = models.TextField()
    decided_on = models.DateField()
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    agreement = models.ForeignKey(
        "contracts.AgreementVersion", on_delete=models.PROTECT, null=True, blank=True, db_constraint=False,
        related_name="+",
    )  # fmt: skip
    # What was known: pounds a week, as the release and the authority's own homes had it.
    release = models.ForeignKey("compare.Release", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    own_median = models.DecimalField(max_digits=12, decimal_places=4, null=True, blank=True)
    partnership_median = models.DecimalField(max_digits=12, decimal_places=2, null=True, blank=True)

    objects = VisibleManager()

    class Meta:
        indexes = [models.Index(fields=["authority", "provider"], name="price_decision_by_provider")]
        constraints = [
            models.CheckConstraint(
                condition=Q(lot__isnull=False, route="", service_type="")
                | (Q(lot=None) & ~Q(route="") & ~Q(service_type="")),
                name="price_decision_is_of_a_lot_or_outside",
            ),
            models.CheckConstraint(
                condition=Q(outcome="agreed", agreement__isnull=False) | (~Q(outcome="agreed") & Q(agreement=None)),
                name="price_decision_agreed_names_its_agreement",
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="price_decision_has_a_reason"),
            models.UniqueConstraint(fields=["authority", "agreement"], name="agreement_decided_once"),
        ]

    @property
    def market(self) -> tuple[str, object, str]:
        """As rules/catalogue.py has the dimension: a lot, or what was bought outside."""
        return ("lot", self.lot_id, "") if self.lot_id else ("outside", self.route, self.service_type)
