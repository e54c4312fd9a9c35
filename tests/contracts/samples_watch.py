"""Rows on which the routes of oversight, distance, meetings and own places are tried (tests/permissions.py)."""

from datetime import date

from commissioning.kernel.tenancy.viewer import Viewer, acting_as
from contracts.models import Oversight, PathwayPlace, Placement, PlacementMeeting
from tests.contracts.bought import BY
from tests.contracts.samples_placements import child_in
from tests.permissions import Sample


def _home(cast) -> Placement:
    return Placement.objects.get(child=child_in(cast))


def _acting(cast):
    return acting_as(Viewer.of_authority(cast.authority.pk), by=BY)


def _placement(cast):
    with _acting(cast):
        return {"uuid": _home(cast).uuid}


def _oversight(cast):
    with _acting(cast):
        home = _home(cast)
        record = Oversight.objects.filter(placement=home).first() or Oversight.objects.create(
            authority=cast.authority, placement=home, kind="unregulated", starts_on=date(2025, 6, 2),
            why="No registered home had a place", approved_by="Director", approved_on=date(2025, 6, 1),
        )  # fmt: skip
        return {"uuid": record.uuid}


def _meeting(cast):
    with _acting(cast):
        home = _home(cast)
        meeting = PlacementMeeting.objects.filter(placement=home).first() or PlacementMeeting.objects.create(
            authority=cast.authority, placement=home, kind="stability", due_on=date(2025, 7, 1)
        )
        return {"uuid": home.uuid, "meeting": meeting.uuid}


def _own_place(cast):
    with _acting(cast):
        place = PathwayPlace.objects.filter(name="Sample flat").first() or PathwayPlace.objects.create(
            authority=cast.authority, name="Sample flat", starts_on=date(2025, 4, 1)
        )
        return {"uuid": place.uuid}


SAMPLES = {
    **{
        name: Sample(_placement, hidden_from="stranger")
        for name in ("oversight-new", "distance", "move-plan", "meeting-new")
    },
    **{
        name: Sample(_oversight, hidden_from="stranger")
        for name in ("oversight-change", "oversight-end", "oversight-visit", "oversight-regulator")
    },
    "meeting-held": Sample(_meeting, hidden_from="stranger"),
    "own-place-end": Sample(_own_place, hidden_from="stranger"),
}
