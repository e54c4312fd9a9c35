"""What a provider returned of a KPI for a period, and what became of the return."""

from collections.abc import Iterable

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from commissioning.kernel.models import Fact, FromFile, VisibleManager, VisibleQuerySet
from commissioning.kernel.tenancy.visibility import Participants, Partnership, ProviderSets
from commissioning.partnership.models import LotKpi
from commissioning.partnership.rules.codes import KPI_RATINGS

from ..rules import codes

OF_AWARD = (
    ("award_id", "lot_id", "framework_id", "provider_id"),
    "providers_award",
    ("id", "lot_id", "framework_id", "provider_id"),
)
AGAIN = ("numerator", "denominator", "value", "rating", "narrative", "sent_by_id")
RETURNED = (*AGAIN, "sent_at")
AskedBy = tuple[int | None, int | None]  # what a lot expects, or what one contract alone does


class ContractKpi(Fact):
    """What one contract, a provider's place on a lot, is held to of a KPI. Without `due_days`: of one that its lot
    expects, instead of the lot's own target and thresholds; when a return is due stays the lot's to say, and ended, the
    lot's hold again. With `due_days`: of one that its lot does not expect, agreed with this contract alone, and
    returned so many days after a period's end. Neither outlasts the contract."""

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
    due_days = models.IntegerField(null=True, blank=True)
    starts_on = models.DateField()
    ends_before = models.DateField(null=True, blank=True)

    objects = VisibleManager()

    class Meta:
        verbose_name = "contract's own target"
        constraints = [
            models.CheckConstraint(
                condition=Q(due_days=None) | Q(due_days__gte=0), name="contract_kpi_due_after_the_period"
            ),
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

    @property
    def alone(self) -> bool:
        """Its lot does not expect the KPI: this contract alone returns it."""
        return self.due_days is not None


Expected = LotKpi | ContractKpi


def asked_by(expected: Expected) -> AskedBy:
    return (None, expected.pk) if isinstance(expected, ContractKpi) else (expected.pk, None)


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


class KpiReturnQuerySet(VisibleQuerySet):
    def of_kpi(self, code: str) -> "KpiReturnQuerySet":
        """In whichever version of the definition, and whoever expects it."""
        return self.filter(Q(lot_kpi__kpi__code=code) | Q(contract_kpi__kpi__code=code))

    def of_expected(self, lots: Iterable[int], contracts: Iterable[int]) -> "KpiReturnQuerySet":
        return self.filter(Q(lot_kpi__in=list(lots)) | Q(contract_kpi__in=list(contracts)))

    def with_kpi(self) -> "KpiReturnQuerySet":
        return self.select_related("lot_kpi__kpi", "contract_kpi__kpi")


class KpiReturn(OfContract, FromFile):
    """What the provider returned, for the whole of it or one establishment: of a KPI that its lot expects, or that was
    agreed with its contract alone. Sent again, it is another version of the same row: history keeps the one before."""

    visibility = Participants(provider_writes=ProviderSets(
        adds=(
            "award_id", "framework_id", "lot_id", "provider_id", "starts_on", "ends_before", "lot_kpi_id",
            "contract_kpi_id", "establishment_id", *RETURNED,
        ),
        # Sent again by hand, it is no longer what a file said; when it first came, and so whether it was late, stays.
        changes=(*AGAIN, "source_import_id", "source_sheet", "source_row"),
        while_="NEW.source_import_id IS NULL",
    ))  # fmt: skip
    composite_keys = (
        OF_AWARD,
        (("lot_kpi_id", "lot_id", "framework_id"), "partnership_lotkpi", ("id", "lot_id", "framework_id")),
        (
            ("contract_kpi_id", "award_id", "lot_id", "framework_id", "provider_id"),
            "quality_contractkpi",
            ("id", "award_id", "lot_id", "framework_id", "provider_id"),
        ),
    )

    lot_kpi = models.ForeignKey(
        LotKpi, on_delete=models.PROTECT, db_constraint=False, null=True, blank=True, related_name="returns"
    )
    contract_kpi = models.ForeignKey(
        ContractKpi, on_delete=models.PROTECT, db_constraint=False, null=True, blank=True, related_name="returns"
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

    objects = VisibleManager.from_queryset(KpiReturnQuerySet)()

    class Meta:
        verbose_name = "KPI return"
        constraints = [
            models.UniqueConstraint(
                fields=["provider", "award", "lot_kpi", "contract_kpi", "establishment", "starts_on"],
                nulls_distinct=False,
                name="kpi_return_once",
            ),
            models.CheckConstraint(
                condition=Q(lot_kpi=None, contract_kpi__isnull=False) | Q(lot_kpi__isnull=False, contract_kpi=None),
                name="kpi_return_of_a_lot_or_a_contract",
            ),
            models.CheckConstraint(condition=Q(ends_before__gt=F("starts_on")), name="kpi_return_is_of_a_period"),
            models.CheckConstraint(
                condition=Q(denominator=None) | Q(denominator__gte=0), name="kpi_return_denominator_counts"
            ),
            models.CheckConstraint(
                condition=Q(value__isnull=False) | Q(rating="other"), name="kpi_return_without_a_value_is_other"
            ),
        ]

    @property
    def expected(self) -> Expected:
        """Whose words ask for it: the lot's, or the contract's alone."""
        found = self.lot_kpi or self.contract_kpi
        assert found is not None  # the database holds to one of the two
        return found

    @property
    def asked_by(self) -> AskedBy:
        return self.lot_kpi_id, self.contract_kpi_id


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
