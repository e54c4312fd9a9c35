"""What every fact of the platform has: a public id, a version, a stamp of its last change, and where it came from."""

import uuid

from django.db import models
from django.db.models import Func
from django.db.models.functions import Now

from ..tenancy.viewer import acting


class VisibleQuerySet(models.QuerySet):
    """Adjectives come from each room; `visible` is laid under all of them by the manager."""


class VisibleManager(models.Manager.from_queryset(VisibleQuerySet)):
    """Every query starts from what the current viewer may see, and raises NoViewer where nobody is looking."""

    def get_queryset(self) -> models.QuerySet:
        now = acting()
        rows = super().get_queryset()
        if rows.db != now.using:
            rows = rows.using(now.using)
        if now.viewer.kind == "release":
            may = getattr(self.model, "contributes", False) or getattr(self.model, "of_release", False)
            return rows if may and now.using == "release" else rows.none()
        return rows.filter(self.model.visibility.filter(now))


class NewId(Func):
    function = "gen_random_uuid"
    template = "%(function)s()"
    output_field = models.UUIDField()


class Fact(models.Model):
    """A row that can be synchronised. The database sets version and stamps (tenancy/policies.py), whatever is sent:
    changed_xid is the transaction that last changed the row, so that readers can bound what they pull."""

    id = models.BigAutoField(primary_key=True)
    uuid = models.UUIDField(default=uuid.uuid4, db_default=NewId(), unique=True, editable=False)
    version = models.IntegerField(default=1, db_default=1, editable=False)
    changed_at = models.DateTimeField(db_default=Now(), editable=False)
    changed_xid = models.BigIntegerField(db_default=0, default=0, editable=False)

    objects = VisibleManager()

    class Meta:
        abstract = True


class FromFile(models.Model):
    """Where a fact came from: an import, its sheet and row. Empty when a person typed it in."""

    source_import = models.ForeignKey(
        "kernel.ImportRun", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    source_sheet = models.TextField(blank=True, default="", db_default="")
    source_row = models.IntegerField(null=True, blank=True)

    class Meta:
        abstract = True
