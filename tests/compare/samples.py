"""Rows on which the comparison pages are tried (tests/permissions.py)."""

from tests.permissions import Sample


def _lot(cast):
    return {"uuid": cast.world.lot(cast.world.shared).uuid}


WHY = "every member and provider reads lots; whose rates it holds is tried in test_lot_rates"
SAMPLES = {"lot": Sample(_lot, why=WHY), "lot-workbook": Sample(_lot, why=WHY), "lot-card": Sample(_lot, why=WHY)}
