"""What an authority's officers call a home whose published name is withheld. Theirs alone to see."""

from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError

from commissioning.kernel.tenancy.viewer import acting_as, current_viewer

from ..models import Establishment, WorkingName

LONGEST = 120


def name_home(*, establishment: Establishment, name: str, by: Any) -> WorkingName | None:
    """Gives, changes or (with an empty name) takes away the viewer's authority's working name.

    Raises ValidationError where the regulator publishes the name, PermissionDenied for a viewer of no authority.
    """
    viewer = current_viewer()
    if viewer.kind != "authority":
        raise PermissionDenied("Only an authority gives a home a working name.")
    name = " ".join(name.split())
    if establishment.name and name:
        raise ValidationError({"name": f"Its published name is {establishment.name}: use that."})
    if len(name) > LONGEST:
        raise ValidationError({"name": f"Shorten the name to {LONGEST} characters."})
    with acting_as(viewer, by=by):
        given = WorkingName.objects.filter(establishment=establishment).first()
        if given is None:
            return (
                WorkingName.objects.create(establishment=establishment, authority_id=viewer.authority_id, name=name)
                if name
                else None
            )
        if not name:
            given.delete()
            return None
        if given.name != name:
            given.name = name
            given.save(update_fields=["name"])
        return given
