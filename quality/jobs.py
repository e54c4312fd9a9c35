"""Jobs of quality. Each carries ids only, and opens the viewer that it works for."""

from uuid import UUID

from django.db.models import Q
from django.utils import timezone
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from .actions.alerts import send_unsent, spread
from .actions.notify_event import tell_of_event
from .actions.remind import send_reminders
from .actions.sweep_evidence import sweep_evidence
from .actions.tell_authorities import tell_authorities

AGAIN = RetryStrategy(max_attempts=60, wait=60)  # an hour long, each minute


@app.task(name="quality.spread_alert", queue="alerts", retry=AGAIN)
def spread_alert_job(*, alert: str, authority: int, also: list[int] | None = None) -> None:
    """The second chance of an alert: what was sent with the request is not sent again."""
    spread(alert=UUID(alert), authority_id=authority, also=also or (), now=timezone.now())


@app.task(name="quality.tell_of_file", queue="alerts")
def tell_of_file_job(*, run: int) -> None:
    """Whoever has children at a home that a file told a change of. `run` is the import."""
    tell_authorities(Q(source_import=run), now=timezone.now())


@app.task(name="quality.tell_of_change", queue="alerts")
def tell_of_change_job(*, change: str) -> None:
    """The second chance of a change entered by hand: who was told with the request is not told again."""
    tell_authorities(Q(uuid=UUID(change)), now=timezone.now())


@app.task(name="quality.tell_of_event", queue="alerts", retry=AGAIN)
def tell_of_event_job(*, event: str, named: list[int], others: bool = True, more: str = "") -> None:
    """The second chance of the alerts of an event, and the first where it came in a file."""
    tell_of_event(event=UUID(event), named=named, others=others, more=more)


@app.periodic(cron="* * * * *")
@app.task(name="quality.send_unsent_alerts", queue="alerts", queueing_lock="quality.send_unsent_alerts")
def send_unsent_alerts_job(timestamp: int) -> None:
    """Each minute: alerts that the post did not take, or for which nobody was named yet, are tried again."""
    send_unsent(now=timezone.now())


@app.periodic(cron="0 6-9 * * *")
@app.task(name="quality.send_reminders", queue="alerts", queueing_lock="quality.send_reminders")
def send_reminders_job(timestamp: int) -> None:
    """In the morning, each hour until nine, for what the post did not take: nobody is written to twice a day."""
    send_reminders(today=timezone.localdate())


@app.periodic(cron="30 3 * * *")
@app.task(name="quality.sweep_evidence", queue="alerts", queueing_lock="quality.sweep_evidence")
def sweep_evidence_job(timestamp: int) -> None:
    """At night: files of evidence that no row names."""
    sweep_evidence(now=timezone.now())
