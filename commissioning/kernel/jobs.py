"""Jobs of the kernel. A job starts with no context and carries ids only: it looks up who asked, and asks again
whether they may."""

from typing import Any

from django.apps import apps
from django.contrib.auth import get_user_model
from django.utils import timezone
from procrastinate import JobContext
from procrastinate.contrib.django import app
from procrastinate.jobs import Status

from .ingest.road import ROAD, NotNow, bring_in, mark_abandoned, stop
from .ingest.source import source_named
from .models import ImportRun, ImportState
from .tenancy.viewer import Viewer, acting_as

_NO_LONGER = "Whoever asked for this may no longer do it. Nothing was loaded: a colleague may press Try again."


WAITING = "Waiting its turn"


def hand_over(run: ImportRun, *, by: Any, load: bool) -> None:
    """Puts the run in the queue to be checked or loaded. Inside acting_as: row and job are written in the caller's
    transaction, so that a worker sees both or neither, and no job is lost between the two."""
    run.state, run.stage, run.message, run.done, run.total = ImportState.RECEIVED, WAITING, "", 0, 0
    run.save(update_fields=["state", "stage", "message", "done", "total"])
    bring_in_job.defer(run=str(run.uuid), user=by.pk, load=load)


@app.task(name="kernel.bring_in", queue="imports")
def bring_in_job(*, run: str, user: int, load: bool) -> None:
    """Checks or loads the file of import `run` (public id) as the user who asked for it."""
    who = get_user_model().objects.filter(pk=user).first()
    if who is None:
        return
    with acting_as(who.viewer, by=ROAD):
        found = ImportRun.objects.filter(uuid=run).first()
        if found is None:
            return
        resource, verb = source_named(found.source).may
        if not who.may(verb, resource):
            if found.is_in_progress:
                stop(found, _NO_LONGER)
            return
    try:
        bring_in(found, viewer=who.viewer, by=who, now=timezone.now(), load=load)
    except NotNow:
        return  # asked twice: the first one did it


@app.periodic(cron="* * * * *")
@app.task(name="kernel.mark_abandoned", queue="imports", queueing_lock="kernel.mark_abandoned")
def mark_abandoned_job(timestamp: int) -> None:
    """Each minute: imports whose worker has died are marked so. A file is its authority's alone, so this acts for
    one authority after another; the partnership's files are seen by a service."""
    service = Viewer.of_service("imports")
    with acting_as(service, by=ROAD):
        mark_abandoned(now=timezone.now())
        members = apps.get_model("partnership", "Authority").objects.exclude(member_from=None)
        authorities = set(members.values_list("pk", flat=True))
    staffed = get_user_model().objects.exclude(authority=None).values_list("authority", flat=True)
    for authority in sorted(authorities.union(staffed)):
        with acting_as(Viewer.of_authority(authority), by=ROAD):
            mark_abandoned(now=timezone.now())


@app.periodic(cron="* * * * *")
@app.task(name="kernel.end_stalled_jobs", queue="imports", queueing_lock="kernel.end_stalled_jobs", pass_context=True)
async def end_stalled_jobs(context: JobContext, timestamp: int) -> None:
    """Jobs of a worker that died end as failed. None is begun again by itself: a person sees what stopped, and
    presses Try again."""
    manager = context.app.job_manager
    for job in await manager.get_stalled_jobs():
        await manager.finish_job(job, status=Status.FAILED, delete_job=False)
