"""Jobs of quality. Each carries ids only, and opens the viewer that it works for."""

from uuid import UUID

from django.db.models import Q
from django.utils import timezone
from procrastinate.contrib.django import app

from .actions.alerts import spread
from .actions.tell_authorities import tell_authorities


@app.task(name="quality.spread_alert", queue="alerts")
def spread_alert_job(*, alert: str, authority: int) -> None:
    """The second chance of an alert: what was sent with the request is not sent again."""
    spread(alert=UUID(alert), authority_id=authority, now=timezone.now())


@app.task(name="quality.tell_of_file", queue="alerts")
def tell_of_file_job(*, run: int) -> None:
    """Whoever has children at a home that a file told a change of. `run` is the import."""
    tell_authorities(Q(source_import=run), now=timezone.now())


@app.task(name="quality.tell_of_change", queue="alerts")
def tell_of_change_job(*, change: str) -> None:
    """The second chance of a change entered by hand: who was told with the request is not told again."""
    tell_authorities(Q(uuid=UUID(change)), now=timezone.now())
