"""What is asked on a visit: templates in versions, and their questions."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from commissioning.kernel.models import Fact, VisibleManager, VisibleQuerySet
from commissioning.kernel.tenancy.visibility import Partnership

from ..rules import codes


class VisitTemplateQuerySet(VisibleQuerySet):
    def in_use(self) -> "VisitTemplateQuerySet":
        """The newest version of each, where it has not been retired."""
        newest = VisitTemplate.objects.filter(code=models.OuterRef("code")).order_by("-number").values("pk")[:1]
        return self.filter(pk=models.Subquery(newest), retired_on=None)


class VisitTemplate(Fact):
    """One version of a template. A version on which something was recorded is never changed: another one follows."""

    visibility = Partnership(writer="members", providers="all")

    code = models.TextField()
    number = models.IntegerField(default=1)
    name = models.TextField()
    kind = models.TextField(choices=codes.VISIT_KINDS)
    service_types = ArrayField(
        models.TextField(), default=list
    )  # as providers.rules.codes.KINDS_FOR_SERVICE; empty = all
    young_inspectors = models.BooleanField(default=False)
    says = models.TextField(blank=True, default="")
    rule = models.TextField()  # in words: how a rating follows from the answers
    retired_on = models.DateField(null=True, blank=True)

    objects = VisibleManager.from_queryset(VisitTemplateQuerySet)()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["code", "number"], name="visit_template_version_once")]
        ordering = ["name", "number"]

    def __str__(self) -> str:
        return self.name


class TemplateQuestion(Fact):
    """One question. `statements` are numbers of I statements; `standards`, names of the quality standards it serves.
    `weight` 0: it does not count towards the rating. `vital`: its worst answer alone caps the rating."""

    visibility = Partnership(writer="members", providers="all")

    template = models.ForeignKey(VisitTemplate, on_delete=models.CASCADE, related_name="questions")
    section = models.IntegerField()
    section_name = models.TextField()
    number = models.IntegerField()
    words = models.TextField()
    guidance = models.TextField(blank=True, default="")
    scale = models.TextField(choices=codes.SCALE_NAMES)
    evidence = models.TextField(blank=True, default="")
    weight = models.IntegerField(default=1)
    vital = models.BooleanField(default=False)
    statements = ArrayField(models.IntegerField(), default=list, blank=True)
    standards = ArrayField(models.TextField(), default=list, blank=True)

    objects = VisibleManager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["template", "section", "number"], name="template_question_once"),
            models.CheckConstraint(condition=Q(weight__gte=0), name="template_question_weight_counts"),
        ]
        ordering = ["template", "section", "number"]

    def __str__(self) -> str:
        return f"{self.label} {self.words}"

    @property
    def label(self) -> str:
        return f"{self.section}.{self.number}"
