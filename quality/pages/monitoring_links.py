"""Pages of monitoring that belong together."""

from typing import Any

from contracts.pages.links import Link, links

OF_MONITORING = (
    ("rota", "Rota", "monitoring"),
    ("coverage", "Coverage", "monitoring"),
    ("intervals", "How often", "monitoring"),
    ("placements-premises", "Premises not recorded", "placements"),
)


def monitoring_links(user: Any, here: str) -> list[Link]:
    return links(user, OF_MONITORING, here)
