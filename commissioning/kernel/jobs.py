"""Jobs of the kernel. A job starts with no context and carries ids only: it looks up who asked, and asks again
whether they may."""

from django.contrib.auth import get_user_model
from django.utils import timezone
from procrastinate.contrib.django import app

from .ingest.road import NotNow, bring_in
from .ingest.source import source_named
from .models import ImportRun
from .tenancy.viewer import acting_as


@app.task(name="kernel.bring_in", queue="imports")
def bring_in_job(*, run: str, user: int, load: bool) -> None:
    """Checks or loads the file of import `run` (public id) as the user who asked for it."""
    who = get_user_model().objects.filter(pk=user, is_active=True).first()
    if who is None:
        return
    with acting_as(who.viewer, by=who):
        found = ImportRun.objects.filter(uuid=run).first()
    if found is None or not who.may(source_named(found.source).may[1], source_named(found.source).may[0]):
        return
    try:
        bring_in(found, viewer=who.viewer, by=who, now=timezone.now(), load=load)
    except NotNow:
        return  # asked twice: the first one did it
