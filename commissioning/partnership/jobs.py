"""Jobs of the partnership room: webhooks, and answers kept for a day. They carry nothing, and open the viewers that
they work for one by one."""

from django.utils import timezone
from procrastinate.contrib.django import app

from .actions.sweep_answers import sweep_answers
from .actions.tell_webhooks import sweep_webhooks, tell_webhooks

# One at a time: a receiver that does not answer must not take every place that the worker has.
LOCK = "partnership.tell_webhooks"


@app.task(name="partnership.tell_webhooks", queue="webhooks", lock=LOCK)
def tell_webhooks_job() -> None:
    """As soon as something happened that webhooks may be told of."""
    if tell_webhooks(clock=timezone.now):
        tell_webhooks_job.defer()


@app.periodic(cron="* * * * *")
@app.task(name="partnership.tell_webhooks_again", queue="webhooks", lock=LOCK, queueing_lock=LOCK)
def tell_webhooks_again_job(timestamp: int) -> None:
    """Each minute: what is to be tried again, and what a worker that died has left."""
    if tell_webhooks(clock=timezone.now):
        tell_webhooks_job.defer()


@app.periodic(cron="45 3 * * *")
@app.task(name="partnership.sweep_webhooks", queue="webhooks", queueing_lock="partnership.sweep_webhooks")
def sweep_webhooks_job(timestamp: int) -> None:
    """At night: what happened more than a month ago."""
    sweep_webhooks(now=timezone.now())


@app.periodic(cron="15 * * * *")
@app.task(name="partnership.sweep_answers", queue="imports", queueing_lock="partnership.sweep_answers")
def sweep_answers_job(timestamp: int) -> None:
    """Each hour: answers kept for a day or longer."""
    sweep_answers(now=timezone.now())
