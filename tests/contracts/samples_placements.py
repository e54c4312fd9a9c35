"""Rows on which the routes of placements and children are tried (tests/permissions.py)."""

from datetime import date

from commissioning.kernel.tenancy.viewer import Viewer, acting_as
from contracts.actions.change_child import add_care_status
from contracts.actions.children import find_child
from contracts.models import Child, Placement
from tests.contracts.bought import BY, child_of, spot_placement, weekly
from tests.permissions import Sample

REFERENCE = "SAMPLE-7731"


def child_in(cast) -> Child:
    """Southwark's child with a reference, a care status and an open home, made once."""
    with acting_as(Viewer.of_authority(cast.authority.pk), by=BY):
        found = find_child(authority=cast.authority, reference=REFERENCE)
        if found is None:
            found = child_of(cast.authority, REFERENCE)
            weekly(spot_placement(found), "4200.00")
            add_care_status(child=found, status="looked_after", starts_on=date(2025, 6, 2), by=BY)
        return found


def _child(cast):
    return {"uuid": child_in(cast).uuid}


def _placement(cast):
    child = child_in(cast)
    with acting_as(Viewer.of_authority(cast.authority.pk), by=BY):
        return {"uuid": Placement.objects.get(child=child).uuid}


def _status(cast):
    child = child_in(cast)
    with acting_as(Viewer.of_authority(cast.authority.pk), by=BY):
        return {"uuid": child.uuid, "status": child.care_statuses.get().uuid}


def _provider(cast):
    return {"uuid": cast.provider.uuid}


SAMPLES = {
    **{
        name: Sample(_placement, hidden_from="stranger")
        for name in ("placement", "placement-change", "placement-end", "placement-history")
    },
    **{
        name: Sample(_child, hidden_from="stranger")
        for name in (
            "child", "child-change", "child-reference-new", "child-status-new", "child-sibling-new", "child-join",
            "child-split",
        )
    },
    "child-status-end": Sample(_status, hidden_from="stranger"),
    "provider-placements": Sample(_provider, why="every authority sees its own placements there, and no other's"),
}  # fmt: skip
