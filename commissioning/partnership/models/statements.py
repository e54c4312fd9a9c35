"""Statements of what young people want, written by themselves, in sets."""

from django.db import models

from commissioning.kernel.models import Fact, VisibleManager
from commissioning.kernel.tenancy.visibility import Partnership


class StatementSet(Fact):
    """Who wrote them, and when."""

    visibility = Partnership(writer="service", providers="all")

    code = models.TextField(unique=True)
    name = models.TextField()
    source = models.TextField(blank=True, default="")

    objects = VisibleManager()

    def __str__(self) -> str:
        return self.name


class Statement(Fact):
    """One I statement, word for word."""

    visibility = Partnership(writer="service", providers="all")

    statement_set = models.ForeignKey(StatementSet, on_delete=models.CASCADE, related_name="statements")
    number = models.IntegerField()
    words = models.TextField()

    objects = VisibleManager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["statement_set", "number"], name="statement_number_once")]
        ordering = ["statement_set", "number"]

    def __str__(self) -> str:
        return f"{self.number}. {self.words}"
