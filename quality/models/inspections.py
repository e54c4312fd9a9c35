"""The regulator's judgements, each on its own scale."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from commissioning.kernel.models import Fact, FromFile, VisibleManager, VisibleQuerySet
from commissioning.kernel.tenancy.visibility import Partnership

from ..rules import scales

UNNUMBERED = "on "  # and the day, for an event whose number its file does not give


class InspectionQuerySet(VisibleQuerySet):
    def judged(self) -> "InspectionQuerySet":
        """Full inspections that ended in an overall judgement."""
        return self.exclude(overall="")

    def told_once(self) -> "InspectionQuerySet":
        """Older files give a few events no number; another file's event of that day with one counts instead."""
        numbered = Inspection.objects.filter(
            establishment=models.OuterRef("establishment"), inspected_on=models.OuterRef("inspected_on")
        ).exclude(event_number__startswith=UNNUMBERED)
        return self.exclude(Q(event_number__startswith=UNNUMBERED) & models.Exists(numbered))

    def newest_first(self) -> "InspectionQuerySet":
        return self.order_by("-inspected_on", "-event_number")


class Heard(models.Model):
    """Entered by hand before any file tells of it: from whom, by which authority, when."""

    heard_from = models.TextField(blank=True, default="", db_default="")  # its source, in words or an address
    heard_at = models.DateTimeField(null=True, blank=True)
    heard_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    heard_authority = models.ForeignKey(
        "partnership.Authority", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    # Heard in error: the row stays, and what it said is in its change and in history.
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_why = models.TextField(blank=True, default="", db_default="")

    class Meta:
        abstract = True


class Inspection(Fact, FromFile, Heard):
    """One inspection of an establishment. `as_at` is the date of the file whose words stand here: where two files
    tell of the same event, the newer one's words do. One heard of before its file has no number yet: the numbered
    event of that day confirms it, and counts instead."""

    visibility = Partnership(writer="members", providers="provider_id")

    establishment = models.ForeignKey("providers.Establishment", on_delete=models.CASCADE, related_name="inspections")
    # Who ran the establishment at the file's date: its contact may read the judgement.
    provider = models.ForeignKey(
        "providers.Provider", on_delete=models.PROTECT, null=True, blank=True, related_name="inspections"
    )
    event_number = models.TextField()
    event_type = models.TextField(blank=True, default="")
    inspected_on = models.DateField()
    published_on = models.DateField(null=True, blank=True)
    scale = models.TextField(choices=scales.SCALES)
    overall = models.TextField(choices=scales.ALL_JUDGEMENTS, blank=True, default="")
    protection = models.TextField(choices=scales.ALL_JUDGEMENTS, blank=True, default="")
    leadership = models.TextField(choices=scales.ALL_JUDGEMENTS, blank=True, default="")
    outcomes = models.TextField(choices=scales.ALL_JUDGEMENTS, blank=True, default="")
    quality_of_care = models.TextField(choices=scales.ALL_JUDGEMENTS, blank=True, default="")
    education = models.TextField(choices=scales.ALL_JUDGEMENTS, blank=True, default="")
    health = models.TextField(choices=scales.ALL_JUDGEMENTS, blank=True, default="")
    as_at = models.DateField()

    objects = VisibleManager.from_queryset(InspectionQuerySet)()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["establishment", "event_number"], name="inspection_once"),
        ]
