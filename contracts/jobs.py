"""Jobs of contracts. A job starts with no context, and acts for one authority after another."""

from django.contrib.auth import get_user_model
from django.utils import timezone
from procrastinate.contrib.django import app

from commissioning.kernel.tenancy.viewer import Viewer, acting_as
from commissioning.partnership.models import Authority

from .actions.presence import tell_presence

BY = "service:presence"


@app.periodic(cron="20 * * * *")
@app.task(name="contracts.tell_presence", queueing_lock="contracts.tell_presence")
def tell_presence_job(timestamp: int) -> None:
    """Placements begin and end by date, with nobody there: the first run after midnight tells where children live
    now. Each hour, so that a worker stopped over midnight catches up; where all is right nothing is written."""
    with acting_as(Viewer.of_service("presence"), by=BY):
        members = set(Authority.objects.exclude(member_from=None).values_list("pk", flat=True))
    staffed = get_user_model().objects.exclude(authority=None).values_list("authority", flat=True)
    today = timezone.localdate()
    for authority in sorted(members.union(staffed)):
        with acting_as(Viewer.of_authority(authority), by=BY):
            tell_presence(authority_id=authority, today=today)
