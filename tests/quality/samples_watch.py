"""Rows on which the routes of the watch are tried (tests/permissions.py)."""

from datetime import date

from commissioning.kernel.tenancy.viewer import Viewer, acting_as
from contracts.models import Placement
from providers.models import Establishment
from quality.actions.hear import hear_notice
from quality.models import Change
from tests.contracts.bought import BY
from tests.contracts.samples_placements import child_in
from tests.permissions import Sample

URN = "SC990001"


def _home(cast) -> Establishment:
    """Alder's home, where Southwark's child lives; a restriction was heard of. Inside acting_as."""
    child = child_in(cast)
    with acting_as(Viewer.of_authority(cast.authority.pk), by=BY):
        home, made = Establishment.objects.get_or_create(
            urn=URN, defaults={"kind": "childrens_home", "provider": cast.provider, "name": "Elm House"}
        )
        if made:
            Placement.objects.filter(child=child).update(establishment=home)
            hear_notice(
                authority_id=cast.authority.pk, establishment=home, kind="restriction", starts_on=date(2026, 3, 2),
                heard_from="The provider", by=BY, now=cast.now,
            )  # fmt: skip
        return home


def _of_home(cast):
    return {"uuid": _home(cast).uuid}


def _change(cast):
    home = _home(cast)
    with acting_as(Viewer.of_authority(cast.authority.pk), by=BY):
        return {"uuid": Change.objects.get(establishment=home).uuid}


def _decision(cast):
    of = _change(cast)
    with acting_as(Viewer.of_authority(cast.authority.pk), by=BY):
        return of | {"placement": Placement.objects.get(establishment__urn=URN).uuid}


EVERY = "every member reads it; whose children live there, each sees of its own"

SAMPLES = {
    "change": Sample(_change, why=EVERY),
    "change-withdraw": Sample(_change, why="whose it was is asked when it is withdrawn"),
    "change-end": Sample(_change, why=EVERY),
    "change-decide": Sample(_decision, hidden_from="stranger"),
    "timeline": Sample(_of_home, why=EVERY),
    "hear-judgement": Sample(_of_home, why="any member may hear of it"),
    "hear-notice": Sample(_of_home, why="any member may hear of it"),
    "exposure-owner": Sample(lambda cast: {"uuid": cast.provider.uuid}, why="each sees its own children there"),
}
