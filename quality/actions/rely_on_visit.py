"""One borough relies on another's visit instead of making its own: its formal word, and that word taken back."""

from datetime import datetime
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction

from commissioning.kernel.tenancy.viewer import acting_as, current_viewer

from ..models import Reliance, Visit


@transaction.atomic
def rely_on_visit(*, visit: Visit, by: Any, now: datetime, note: str = "") -> Reliance:
    """The viewer's authority relies on what the visit's authority published. Said twice, it is said once.

    ValidationError for its own visit, and for one that is not published.
    """
    viewer = current_viewer()
    if viewer.kind != "authority":
        raise PermissionDenied("Only an authority relies on a visit.")
    if visit.authority_id == viewer.authority_id:
        raise ValidationError("This visit is your own.")
    if visit.state != "published":
        raise ValidationError("Only a published visit can be relied on: until then nobody else knows what it found.")
    with acting_as(viewer, by=by):
        made, _ = Reliance.objects.get_or_create(
            authority_id=viewer.authority_id, visit=visit, defaults={"relied_by": by, "relied_at": now, "note": note}
        )
    return made


@transaction.atomic
def stop_relying(*, visit: Visit, by: Any, why: str = "") -> bool:
    """Takes the viewer's authority's word back; False where it had given none. History keeps both."""
    viewer = current_viewer()
    with acting_as(viewer, by=by, reason=why):
        gone, _ = Reliance.objects.filter(authority=viewer.authority_id, visit=visit).delete()
    return bool(gone)
