"""Rows on which the providers room's routes with arguments are tried (tests/permissions.py). Add, do not replace."""

from providers.models import Award
from tests.permissions import Sample


def _lot(cast):
    return {"uuid": cast.world.lot(cast.world.shared).uuid}


def _place(cast):
    lot = _lot(cast)
    with cast.acting("commissioning_officer"):
        return lot | {"award": Award.objects.filter(framework=cast.world.shared).first().uuid}


SAMPLES = {
    "places": Sample(_lot, refused_to="stranger"),
    "place-new": Sample(_lot, refused_to="stranger"),
    "place-end": Sample(_place, refused_to="stranger"),
}
