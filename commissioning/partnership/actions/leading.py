"""What every change of a framework asks first: does the viewer lead it, and is the row still as it was read?"""

from typing import Any, TypeVar

from django.core.exceptions import PermissionDenied
from django.db import models

from commissioning.kernel.tenancy.viewer import current_viewer

from ..models import Framework

Row = TypeVar("Row", bound=models.Model)


class ChangedMeanwhile(Exception):
    """Somebody else saved the row first. `now` is the row as it stands."""

    def __init__(self, now: models.Model) -> None:
        super().__init__("Somebody else changed this while you were typing. Nothing of yours has been saved.")
        self.now = now


def must_lead(framework: Framework) -> None:
    """Raises PermissionDenied for anybody but the lead authority; the database would refuse it too."""
    viewer = current_viewer()
    if viewer.kind != "authority" or viewer.authority_id != framework.lead_authority_id:
        raise PermissionDenied(f"Only the lead authority changes {framework.name}.")


def save_unchanged(row: Row, version: int, **fields: Any) -> Row:
    """Writes `fields` in one statement, provided the row still has the version that was read.

    Fields that are as they were are left alone; where none differs nothing is written. Raises ChangedMeanwhile.
    """
    changed = {name: value for name, value in fields.items() if getattr(row, name) != value}
    same = type(row).objects.filter(pk=row.pk, version=version)
    if not (same.update(**changed) if changed else same.exists()):
        raise ChangedMeanwhile(type(row).objects.get(pk=row.pk))
    for name, value in changed.items():
        setattr(row, name, value)
    return row
