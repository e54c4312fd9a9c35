"""One authority's formal word that it relies on another's visit, and that it no longer does."""

from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from commissioning.kernel.tenancy.viewer import acting_as, current_viewer

from ..models import Reliance, Visit


@transaction.atomic
def rely(*, visit: Visit, authority_id: int, by: Any, now: datetime, note: str = "") -> Reliance:
    """Said twice it stays as it was said first. ValidationError for a visit that is not published, and for the
    authority's own."""
    if visit.authority_id == authority_id:
        raise ValidationError("This visit is your authority’s own: it counts for you already.")
    if visit.state != "published":
        raise ValidationError("Only a published visit can be relied on: its findings are not agreed yet.")
    with acting_as(current_viewer(), by=by):
        said, _ = Reliance.objects.get_or_create(
            authority_id=authority_id, visit=visit,
            defaults={"relied_by": by if hasattr(by, "uuid") else None, "relied_at": now, "note": note},
        )  # fmt: skip
    return said


@transaction.atomic
def stop_relying(*, visit: Visit, authority_id: int, by: Any, now: datetime) -> bool:
    """Whether the authority had relied on it."""
    with acting_as(current_viewer(), by=by):
        deleted, _ = Reliance.objects.filter(authority=authority_id, visit=visit).delete()
    return bool(deleted)
