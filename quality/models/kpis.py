"""What a provider returned of a KPI for a period, and what became of the return."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from commissioning.kernel.models import Fact, FromFile, VisibleManager
from commissioning.kernel.tenancy.visibility import Participants, Partnership, ProviderSets
from commissioning.partnership.rules.codes import KPI_RATINGS

from ..rules import codes

OF_AWARD = (
    ("award_id", "lot_id", "framework_id", "provider_id"),
    "providers_award",
    ("id", "lot_id", "framework_id", "provider_id"),
)
AGAIN = ("numerator", "denominator", "value", "rating", "narrative", "sent_by_id")
RETURNED = (*AGAIN, "sent_at")


class ContractKpi(Fact):
    """What one contract, a provider's place on a lot, is held to of a KPI that its lot expects, instead of the lot's
    own target and thresholds. Ended, the lot's hold again. When a return is due stays the lot's to say."""

    visibility = Partnership(writer="lead", framework="framework_id", providers="provider_id")
    composite_keys = (OF_AWARD,)
    no_overlap = ((("award_id", "kpi_id"), "one_contract_target_at_a_time"),)

    award = models.ForeignKey("providers.Award", on_delete=models.PROTECT, db_constraint=False, related_name="+")
    framework = models.ForeignKey(
        "partnership.Framework", on_delete=models.PROTECT, db_constraint=False, related_name="+"
    )
    lot = models.ForeignKey("partnership.Lot", on_delete=models.PROTECT, db_constraint=False, related_name="+")
    provider = models.ForeignKey("providers.Provider", on_delete=models.PROTECT, db_constraint=False, related_name="+")
    kpi = models.ForeignKey("partnership.Kpi", on_delete=models.PROTECT, related_name="contracts")
    target = models.DecimalField(max_digits=12, decimal_places=2)
    approaching = models.DecimalField(max_digits=12, decimal_places=2)
    improvement = models.DecimalField(max_digits=12, decimal_places=2)
    starts_on = models.DateField()
    ends_before = models.DateField(null=True, blank=True)

    objects = VisibleManager()

    class Meta:
        verbose_name = "contract's own target"
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_before=None) | Q(ends_before__gt=F("starts_on")),
                name="contract_kpi_ends_after_it_starts",
            ),
            models.CheckConstraint(
                condition=Q(target__gte=F("approaching"), approaching__gte=F("improvement"))
                | Q(target__lte=F("approaching"), approaching__lte=F("improvement")),
                name="contract_kpi_thresholds_in_order",
            ),
        ]


class OfContract(Fact):
    """A row about a provider's place on a lot over a period: read by who takes part in the framework meanwhile."""

    award = models.ForeignKey("providers.Award", on_delete=models.PROTECT, db_constraint=False, related_name="+")
    framework = models.ForeignKey(
        "partnership.Framework", on_delete=models.PROTECT, db_constraint=False, related_name="+"
    )
    lot = models.ForeignKey("partnership.Lot", on_delete=models.PROTECT, db_constraint=False, related_name="+")
    provider = models.ForeignKey(
        "providers.Provider", on_delete=models.PROTECT, db_constraint=False, related_name="%(class)ss"
    )
    starts_on = models.DateField()
    ends_before = models.DateField()

    objects = VisibleManager()

    class Meta:
        abstract = True


class KpiReturn(OfContract, FromFile):
    """What the provider returned, for the whole of it or one establishment. Sent again, it is another version of the
    same row: history keeps the one before."""

    visibility = Participants(provider_writes=ProviderSets(
        adds=(
            "award_id", "framework_id", "lot_id", "provider_id", "starts_on", "ends_before", "lot_kpi_id",
            "establishment_id", *RETURNED,
        ),
        # Sent again by hand, it is no longer what a file said; when it first came, and so whether it was late, stays.
        changes=(*AGAIN, "source_import_id", "source_sheet", "source_row"),
        while_="NEW.source_import_id IS NULL",
    ))  # fmt: skip
    composite_keys = (
        OF_AWARD,
        (("lot_kpi_id", "lot_id", "framework_id"), "partnership_lotkpi", ("id", "lot_id", "framework_id")),
    )

    lot_kpi = models.ForeignKey(
        "partnership.LotKpi", on_delete=models.PROTECT, db_constraint=False, related_name="returns"
    )
    establishment = models.ForeignKey(
        "providers.Establishment", on_delete=models.PROTECT, null=True, blank=True, related_name="kpi_returns"
    )
    numerator = models.DecimalField(max_digits=14, decimal_places=2, null=True, blank=True)
    denominator = models.DecimalField(max_digits=14, decimal_places=2, null=True, blank=True)
    value = models.DecimalField(max_digits=14, decimal_places=2, null=True, blank=True)
    rating = models.TextField(choices=KPI_RATINGS, default="other")
    narrative = models.TextField(blank=True, default="")
    sent_at = models.DateTimeField()
    sent_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        verbose_name = "KPI return"
        constraints = [
            models.UniqueConstraint(
                fields=["provider", "award", "lot_kpi", "establishment", "starts_on"],
                nulls_distinct=False,
                name="kpi_return_once",
            ),
            models.CheckConstraint(condition=Q(ends_before__gt=F("starts_on")), name="kpi_return_is_of_a_period"),
            models.CheckConstraint(
                condition=Q(denominator=None) | Q(denominator__gte=0), name="kpi_return_denominator_counts"
            ),
            models.CheckConstraint(
                condition=Q(value__isnull=False) | Q(rating="other"), name="kpi_return_without_a_value_is_other"
            ),
        ]


class KpiCheck(OfContract):
    """What the framework's lead said of a return as it then stood (`return_version`): the newest says how it stands."""

    visibility = Participants()
    composite_keys = (
        OF_AWARD,
        (("kpi_return_id", "framework_id", "provider_id"), "quality_kpireturn", ("id", "framework_id", "provider_id")),
    )

    kpi_return = models.ForeignKey(KpiReturn, on_delete=models.CASCADE, db_constraint=False, related_name="checks")
    return_version = models.IntegerField()
    outcome = models.TextField(choices=codes.KPI_CHECKS)
    words = models.TextField(blank=True, default="")
    checked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    checked_at = models.DateTimeField()

    class Meta:
        verbose_name = "check of a KPI return"
        constraints = [
            models.CheckConstraint(condition=Q(outcome="verified") | ~Q(words=""), name="kpi_check_says_what")
        ]
