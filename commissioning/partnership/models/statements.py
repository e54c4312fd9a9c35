"""Statements of what young people want, written by themselves, in sets; and what a lot asks its providers to serve."""

from django.db import models

from commissioning.kernel.models import Fact, VisibleManager, VisibleQuerySet
from commissioning.kernel.tenancy.visibility import Partnership

from .frameworks import FrameworkPart, Lot


class StatementSetQuerySet(VisibleQuerySet):
    def in_use(self) -> "StatementSetQuerySet":
        """The newest version of each set, where it has not been retired."""
        newest = StatementSet.objects.filter(code=models.OuterRef("code")).order_by("-number").values("pk")[:1]
        return self.filter(pk=models.Subquery(newest), retired_on=None)


class StatementSet(Fact):
    """Who wrote them, and when: one version of a set. Words that something refers to are never changed: another version
    follows."""

    visibility = Partnership(providers="all")
    contributes = True

    code = models.TextField()
    number = models.IntegerField(default=1)
    name = models.TextField()
    source = models.TextField(blank=True, default="")
    retired_on = models.DateField(null=True, blank=True)

    objects = VisibleManager.from_queryset(StatementSetQuerySet)()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["code", "number"], name="statement_set_version_once")]
        ordering = ["code", "number"]

    def __str__(self) -> str:
        return self.name


class Statement(Fact):
    """One I statement, word for word."""

    visibility = Partnership(providers="all")
    contributes = True

    statement_set = models.ForeignKey(StatementSet, on_delete=models.CASCADE, related_name="statements")
    number = models.IntegerField()
    words = models.TextField()

    objects = VisibleManager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["statement_set", "number"], name="statement_number_once")]
        ordering = ["statement_set", "number"]

    def __str__(self) -> str:
        return f"{self.number}. {self.words}"


class LotStatement(FrameworkPart):
    """A statement that a lot's specification asks its providers to serve, and how."""

    composite_keys = ((("lot_id", "framework_id"), "partnership_lot", ("id", "framework_id")),)

    framework = models.ForeignKey("Framework", on_delete=models.CASCADE, related_name="+")
    lot = models.ForeignKey(Lot, on_delete=models.CASCADE, related_name="statements")
    statement = models.ForeignKey(Statement, on_delete=models.PROTECT, related_name="lots")
    asks = models.TextField(blank=True, default="")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["lot", "statement"], name="lot_serves_a_statement_once")]
