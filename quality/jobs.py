"""Jobs of quality. Each carries ids only, and opens the viewer that it works for."""

from uuid import UUID

from django.utils import timezone
from procrastinate.contrib.django import app

from .actions.alerts import spread
from .actions.remind import send_reminders


@app.task(name="quality.spread_alert", queue="alerts")
def spread_alert_job(*, alert: str, authority: int) -> None:
    """The second chance of an alert: what was sent with the request is not sent again."""
    spread(alert=UUID(alert), authority_id=authority, now=timezone.now())


@app.periodic(cron="0 6-9 * * *")
@app.task(name="quality.send_reminders", queue="alerts", queueing_lock="quality.send_reminders")
def send_reminders_job(timestamp: int) -> None:
    """In the morning, each hour until nine, for what the post did not take: nobody is written to twice a day."""
    send_reminders(today=timezone.localdate())
