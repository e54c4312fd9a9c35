"""A file that came in: its run, its sheets, the rows that were corrected or rejected, and what it changed."""

from django.conf import settings
from django.db import models
from django.db.models.functions import Now

from ..tenancy.visibility import Own
from .base import Fact, VisibleManager, VisibleQuerySet


class ImportState(models.TextChoices):
    RECEIVED = "received", "Received"
    CHECKING = "checking", "Being checked"
    CHECKED = "checked", "Checked, not loaded"
    LOADING = "loading", "Being loaded"
    LOADED = "loaded", "Loaded"
    UNREADABLE = "unreadable", "Could not be read"
    INTERRUPTED = "interrupted", "Interrupted, nothing loaded"
    TAKEN_BACK = "taken_back", "Taken back"


IN_PROGRESS = (ImportState.RECEIVED, ImportState.CHECKING, ImportState.LOADING)


class ImportRunQuerySet(VisibleQuerySet):
    def in_progress(self) -> "ImportRunQuerySet":
        return self.filter(state__in=IN_PROGRESS)

    def loaded(self) -> "ImportRunQuerySet":
        return self.filter(state=ImportState.LOADED)


class ImportRun(Fact):
    """One file by one road. read = accepted + rejected; corrected rows are among the accepted."""

    visibility = Own("authority_id", shared_when_empty=True)

    source = models.TextField()
    file_name = models.TextField()
    sha256 = models.TextField(db_index=True)
    size = models.BigIntegerField(default=0)
    # Empty where the file belongs to the whole partnership (Ofsted's published list).
    authority = models.ForeignKey("partnership.Authority", on_delete=models.PROTECT, null=True, related_name="+")
    received_at = models.DateTimeField(db_default=Now(), editable=False)
    received_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    state = models.TextField(choices=ImportState, default=ImportState.RECEIVED)
    stage = models.TextField(default="", blank=True)
    done = models.IntegerField(default=0)
    total = models.IntegerField(default=0)
    message = models.TextField(default="", blank=True)
    rows_read = models.IntegerField(default=0)
    rows_accepted = models.IntegerField(default=0)
    rows_corrected = models.IntegerField(default=0)
    rows_rejected = models.IntegerField(default=0)
    facts_added = models.IntegerField(default=0)
    facts_changed = models.IntegerField(default=0)
    facts_removed = models.IntegerField(default=0)
    loaded_at = models.DateTimeField(null=True)
    loaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    taken_back_at = models.DateTimeField(null=True)
    taken_back_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")

    objects = VisibleManager.from_queryset(ImportRunQuerySet)()

    class Meta:
        verbose_name = "file"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(rows_read=models.F("rows_accepted") + models.F("rows_rejected")),
                name="import_every_row_accounted_for",
            ),
            models.CheckConstraint(
                condition=models.Q(taken_back_at=None, taken_back_by=None) | models.Q(taken_back_at__isnull=False),
                name="import_taken_back_at_and_by",
            ),
        ]

    def __str__(self) -> str:
        return f"import {self.pk}: {self.file_name}"

    @property
    def is_in_progress(self) -> bool:
        return self.state in IN_PROGRESS


class ImportPart(models.Model):
    """Something inside a run that belongs to it and is seen with it."""

    visibility = Own("authority_id", shared_when_empty=True)
    composite_keys = ((("run_id", "authority_id"), "kernel_importrun", ("id", "authority_id")),)
    no_history = "written once, with the run whose record it is"

    id = models.BigAutoField(primary_key=True)
    run = models.ForeignKey(ImportRun, on_delete=models.CASCADE, related_name="%(class)ss")
    authority = models.ForeignKey("partnership.Authority", on_delete=models.PROTECT, null=True, related_name="+")

    objects = VisibleManager()

    class Meta:
        abstract = True


class ImportSheet(ImportPart):
    """What one sheet of the file held."""

    name = models.TextField()
    holds = models.TextField()  # "providers and their judgements"
    header_row = models.IntegerField()
    rows_read = models.IntegerField()
    rows_accepted = models.IntegerField()
    rows_corrected = models.IntegerField()
    rows_rejected = models.IntegerField()
    not_understood = models.TextField(default="", blank=True)  # headings that were not used


class ImportRemark(ImportPart):
    """A row that was corrected or rejected, with the sentence its sender can act on. `cells` is the row as sent,
    without what nobody may be shown (ingest/restricted.py)."""

    class Outcome(models.TextChoices):
        CORRECTED = "corrected"
        REJECTED = "rejected"
        NOTED = "noted"  # accepted as it is, but somebody should look: an authority's name without a code

    outcome = models.TextField(choices=Outcome)
    sheet = models.TextField()
    row = models.IntegerField()
    column = models.TextField(default="", blank=True)
    says = models.TextField()
    cells = models.JSONField(default=dict)


class ImportChange(ImportPart):
    """One fact the run adds, changes or removes, as history saw it: the dry run's difference."""

    noun = models.TextField()
    operation = models.TextField()
    what = models.TextField()
    detail = models.TextField(default="", blank=True)
