"""What an authority's sufficiency strategy says it will do, by when, and which statements it serves."""

from django.contrib.postgres.fields import ArrayField
from django.db import models

from commissioning.kernel.models import Fact, FromFile, VisibleManager
from commissioning.kernel.tenancy.visibility import Partnership

from ..rules import codes


class PlannedAction(Fact, FromFile):
    """One action of a published plan, in its own words. `statements` are numbers within the set."""

    visibility = Partnership(writer="owner", owner="authority_id")

    authority = models.ForeignKey("partnership.Authority", on_delete=models.PROTECT, related_name="planned_actions")
    number = models.IntegerField()
    area = models.TextField()
    words = models.TextField()
    lead_roles = ArrayField(models.TextField(), default=list, blank=True)
    indicators = models.TextField(blank=True, default="")
    statement_set = models.ForeignKey(
        "partnership.StatementSet", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    statements = ArrayField(models.IntegerField(), default=list, blank=True)
    state = models.TextField(choices=codes.PLAN_STATES, default="planned")
    progress = models.TextField(blank=True, default="")

    objects = VisibleManager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["authority", "number"], name="planned_action_number_once")]
        ordering = ["authority", "number"]

    def __str__(self) -> str:
        return self.words


class Milestone(Fact):
    """A month by which something of an action is to be done (its first day), and when it was."""

    visibility = Partnership(writer="owner", owner="authority_id")
    composite_keys = (
        (("authority_id", "planned_action_id"), "need_plannedaction", ("authority_id", "id")),
    )  # fmt: skip

    authority = models.ForeignKey("partnership.Authority", on_delete=models.PROTECT, related_name="+")
    planned_action = models.ForeignKey(
        PlannedAction, on_delete=models.CASCADE, db_constraint=False, related_name="milestones"
    )
    due_on = models.DateField()
    words = models.TextField(blank=True, default="")
    met_on = models.DateField(null=True, blank=True)

    objects = VisibleManager()

    class Meta:
        ordering = ["planned_action", "due_on"]
