"""Rows on which the kernel's routes with arguments are tried (tests/permissions.py)."""

from tests.permissions import Sample
from tests.world import card, row, send


def _run(cast):
    """A rate card of Southwark's with a row that needs somebody, checked and not loaded."""
    filled = card(row(cast.world.shared, "No such provider", "712.00"))
    return {"uuid": send("rates", filled, cast.authority, load=False).uuid}


def _loaded(cast):
    known = next(iter(cast.world.providers))
    return {"uuid": send("rates", card(row(cast.world.shared, known, "712.00")), cast.authority).uuid}


SAMPLES = {
    "import": Sample(_run, hidden_from="stranger"),
    "import-progress": Sample(_run, hidden_from="stranger"),
    "import-rejects": Sample(_run, hidden_from="stranger"),
    "import-load": Sample(_run, hidden_from="stranger"),
    "import-again": Sample(_run, hidden_from="stranger"),
    "import-take-back": Sample(_loaded, hidden_from="stranger", needs=("rates", "import")),
    "audit-record": Sample(lambda cast: _run(cast) | {"table": "kernel_importrun"}, hidden_from="stranger"),
}
