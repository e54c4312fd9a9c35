"""Jobs of the API: exports. They carry nothing, and open the viewers that they work for one by one."""

from django.utils import timezone
from procrastinate.contrib.django import app

from commissioning.partnership.actions.sent_exports import sweep_exports

from .exporting import send_exports


@app.periodic(cron="* * * * *")
@app.task(name="api.send_exports", queue="exports", lock="api.send_exports", queueing_lock="api.send_exports")
def send_exports_job(timestamp: int) -> None:
    """Each minute: what is due, what is to be tried again, and what a worker that died has left. One at a time."""
    send_exports(clock=timezone.now)


@app.periodic(cron="20 3 * * *")
@app.task(name="api.sweep_exports", queue="exports", queueing_lock="api.sweep_exports")
def sweep_exports_job(timestamp: int) -> None:
    """At night: files whose week is over."""
    sweep_exports(now=timezone.now())
