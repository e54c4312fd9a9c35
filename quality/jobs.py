"""Jobs of quality. Each carries ids only, and opens the viewer that it works for."""

from uuid import UUID

from django.utils import timezone
from procrastinate.contrib.django import app

from .actions.alerts import spread


@app.task(name="quality.spread_alert", queue="alerts")
def spread_alert_job(*, alert: str, authority: int) -> None:
    """The second chance of an alert: what was sent with the request is not sent again."""
    spread(alert=UUID(alert), authority_id=authority, now=timezone.now())
