"""Key performance indicators as data: what each counts, and what a lot expects of it."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from commissioning.kernel.models import Fact, VisibleManager, VisibleQuerySet
from commissioning.kernel.tenancy.visibility import Partnership

from ..rules import codes
from .frameworks import FrameworkPart, Lot
from .statements import StatementSet


class KpiQuerySet(VisibleQuerySet):
    def in_use(self) -> "KpiQuerySet":
        """The newest version of each, where it has not been retired."""
        newest = Kpi.objects.filter(code=models.OuterRef("code")).order_by("-number").values("pk")[:1]
        return self.filter(pk=models.Subquery(newest), retired_on=None)


class Kpi(Fact):
    """One version of a definition. `formula` names what the platform works out from its own records; empty: the
    provider returns `numerator` and `denominator`, or the value alone where `denominator` is empty. `statements` are
    numbers within the set. `source` says where the definition is from."""

    visibility = Partnership(writer="members", providers="all")

    code = models.TextField()
    number = models.IntegerField(default=1)
    name = models.TextField()
    why = models.TextField(blank=True, default="")
    how = models.TextField(blank=True, default="")
    numerator = models.TextField()
    denominator = models.TextField(blank=True, default="")
    unit = models.TextField(choices=codes.KPI_UNITS, default="percent")
    good = models.TextField(choices=codes.KPI_GOOD, default="high")
    formula = models.TextField(blank=True, default="")
    period = models.TextField(choices=codes.KPI_PERIODS, default="quarter")
    service_types = ArrayField(models.TextField(), default=list, blank=True)  # codes.SERVICE_TYPES; empty = all
    statement_set = models.ForeignKey(StatementSet, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    statements = ArrayField(models.IntegerField(), default=list, blank=True)
    source = models.TextField(blank=True, default="")
    retired_on = models.DateField(null=True, blank=True)

    objects = VisibleManager.from_queryset(KpiQuerySet)()

    class Meta:
        verbose_name = "KPI"
        constraints = [
            models.UniqueConstraint(fields=["code", "number"], name="kpi_version_once"),
            models.CheckConstraint(condition=Q(statements=[]) | Q(statement_set__isnull=False), name="kpi_of_a_set"),
        ]
        ordering = ["code", "number"]

    def __str__(self) -> str:
        return self.name


class LotKpi(FrameworkPart):
    """What a lot expects of a KPI over a period: the target, and from which value on a figure is Good, Approaching
    target or Requires improvement; what is worse is Inadequate. Where low is good they are upper ends."""

    composite_keys = ((("lot_id", "framework_id"), "partnership_lot", ("id", "framework_id")),)
    no_overlap = ((("lot_id", "kpi_id"), "one_expectation_at_a_time"),)

    framework = models.ForeignKey("Framework", on_delete=models.CASCADE, related_name="+")
    lot = models.ForeignKey(Lot, on_delete=models.CASCADE, related_name="kpis")
    kpi = models.ForeignKey(Kpi, on_delete=models.PROTECT, related_name="lots")
    target = models.DecimalField(max_digits=12, decimal_places=2)
    approaching = models.DecimalField(max_digits=12, decimal_places=2)
    improvement = models.DecimalField(max_digits=12, decimal_places=2)
    due_days = models.IntegerField(default=21)  # after the period's end
    starts_on = models.DateField()
    ends_before = models.DateField(null=True, blank=True)

    class Meta:
        verbose_name = "expectation of a KPI"
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_before=None) | Q(ends_before__gt=F("starts_on")), name="lot_kpi_ends_after_it_starts"
            ),
            models.CheckConstraint(condition=Q(due_days__gte=0), name="lot_kpi_due_after_the_period"),
            models.CheckConstraint(
                condition=Q(target__gte=F("approaching"), approaching__gte=F("improvement"))
                | Q(target__lte=F("approaching"), approaching__lte=F("improvement")),
                name="lot_kpi_thresholds_in_order",
            ),
        ]
