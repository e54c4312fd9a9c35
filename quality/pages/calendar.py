"""Visits and deadlines as a calendar reads them: without signing in, by a link that its owner may revoke."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from commissioning.kernel.pages.allowed import open_to_all
from commissioning.kernel.tenancy.viewer import acting_as

from ..actions.calendar_links import person_of
from ..measures.deadlines import deadlines
from ..rules.ical import CONTENT_TYPE, calendar_text

BY = "service:calendar"
GONE = "This link no longer works. Take the new one from your reminders, on the page of visits.\n"


@open_to_all
def calendar(request: HttpRequest) -> HttpResponse:
    """Opens the door itself (settings.OPENS_OWN_DOOR): the key says who looks. Without a key the calendar is empty."""
    key = request.GET.get("key", "")
    if not key:
        return HttpResponse(calendar_text("Visits", []), content_type=CONTENT_TYPE)
    person = person_of(key)
    if person is None or not person.may("read", "visits"):
        return HttpResponse(GONE, status=404, content_type="text/plain; charset=utf-8")
    with acting_as(person.viewer, by=BY):
        entries = deadlines(site=settings.SITE_URL, today=timezone.localdate())
        name = f"Visits: {person.body_name}"
    return HttpResponse(
        calendar_text(name, entries), content_type=CONTENT_TYPE,
        headers={"Content-Disposition": 'inline; filename="visits.ics"'},
    )  # fmt: skip
