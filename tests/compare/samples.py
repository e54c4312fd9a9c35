"""Rows on which the comparison pages are tried (tests/permissions.py)."""

from contracts.models import Placement
from providers.models import Award
from tests.contracts.bought import child_of, framework_placement
from tests.permissions import Sample


def _lot(cast):
    return {"uuid": cast.world.lot(cast.world.shared).uuid}


def _bought(cast):
    """A provider and a lot from which Southwark has called off a home, and Lewisham none."""
    lot = cast.world.lot(cast.world.shared)
    with cast.acting("commissioning_officer"):
        award = Award.objects.filter(lot=lot).order_by("pk").first()
        if not Placement.objects.filter(award=award).exists():
            framework_placement(child_of(cast.authority), award)
        return {"provider": award.provider.uuid, "market": str(lot.uuid)}


WHY = "every member and provider reads lots; whose rates it holds is tried in test_lot_rates"
SAMPLES = {
    "lot": Sample(_lot, why=WHY),
    "lot-workbook": Sample(_lot, why=WHY),
    "lot-card": Sample(_lot, why=WHY),
    "benchmarks-prices-decide": Sample(_bought, hidden_from="stranger"),
}
