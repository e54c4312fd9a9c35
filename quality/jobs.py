"""Jobs of quality. Each carries ids only, and opens the viewer that it works for."""

from uuid import UUID

from django.utils import timezone
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from .actions.alerts import spread


@app.task(name="quality.spread_alert", queue="alerts", retry=RetryStrategy(max_attempts=12, wait=30, linear_wait=60))
def spread_alert_job(*, alert: str, authority: int) -> None:
    """The second chance of an alert: what was sent with the request is not sent again, and what the
    post did not take is tried for about an hour and a quarter."""
    spread(alert=UUID(alert), authority_id=authority, now=timezone.now())
