"""Homes with children of three authorities, lists of Ofsted's that differ, and an oracle that reads rows one by one."""

import json
from contextlib import contextmanager
from datetime import date, datetime

from django.core import mail
from django.db import connection
from django.utils import timezone
from procrastinate.contrib.django import app

from commissioning.kernel.tenancy.viewer import Viewer, acting_as
from commissioning.partnership.models import NamedRole, User
from contracts.actions.children import add_child
from contracts.actions.placements import end_placement, record_placement
from contracts.actions.presence import tell_presence
from contracts.models import Placement
from providers.models import Establishment
from quality.models import Alert, Change
from tests.conftest import SERVICE

from .books import FILES

BY = "service:tests"
HOME, AGENCY, SHARED, OTHER = "SC100001", "SC100002", "2600005", "2600006"
LAST = (FILES / "provider_level_at_31_march_2025.csv").read_bytes()
# One row of the list of 2025, and what a later list may say instead.
GOOD = b"Full inspection,08/10/2024,12/11/2024,10090001,Good,,,Good,Good"
INADEQUATE = b"Full inspection,12/03/2026,31/03/2026,10100001,Inadequate,,,Inadequate,Requires improvement to be good"
REQUIRES = b"Full inspection,12/03/2026,31/03/2026,10100001,Requires improvement to be good,,,Good,Good"
DAY = date(2026, 3, 12)
assert GOOD in LAST


def listing(folder, year, *swaps):
    """A list as at 31 March of the year: that of 2025 with these words swapped."""
    text = LAST
    for old, new in swaps:
        assert old in text
        text = text.replace(old, new)
    path = folder / f"provider_level_at_31_march_{year}.csv"
    path.write_bytes(text)
    return path


@contextmanager
def own(authority):
    with acting_as(Viewer.of_authority(authority.pk), by=BY):
        yield


def home(urn=HOME):
    with acting_as(SERVICE, by=BY):
        return Establishment.objects.select_related("provider").get(urn=urn)


def live(authority, urn, count=1, *, starts_on=date(2025, 9, 1), left_on=None, **facts):
    """Children of the authority at the home, through the actions."""
    today = timezone.localdate()
    place = home(urn)
    made = []
    with own(authority):
        for _ in range(count):
            child = add_child(authority=authority, by=BY, today=today, born_on=date(2012, 5, 17))
            placement = record_placement(
                child=child, service_type="residential", starts_on=starts_on, by=BY, today=today,
                spot_reason="specialist", registration="registered", establishment=place, provider=place.provider,
                **facts,
            )  # fmt: skip
            if left_on:
                end_placement(
                    placement=placement, ends_before=left_on, end_reason="CREQB", ended_by="provider",
                    ended_as_planned=False, destination="another_home", by=BY, today=today,
                )  # fmt: skip
            made.append(placement)
        tell_presence(authority_id=authority.pk, today=today)
    return made


def officer(authority, role="quality_officer"):
    email = f"{role}@{authority.slug}.test"
    with acting_as(SERVICE, by=BY):
        return User.objects.filter(email=email).first() or User.objects.create_user(
            email, None, role=role, authority=authority
        )


def inbox_of(authority):
    """Names the quality lead's inbox; mails to it are those of `told`."""
    email = f"lead@{authority.slug}.test"
    with own(authority):
        NamedRole.objects.get_or_create(authority=authority, role="quality", email=email, defaults={"name": "Lead"})
    return email


def mails_to(authority):
    return [message.body.split(".\n")[0] for message in mail.outbox if f"lead@{authority.slug}.test" in message.to]


def alerts_of(authority):
    with own(authority):
        return sorted(Alert.objects.values_list("title", flat=True))


def changes(**which):
    with acting_as(SERVICE, by=BY):
        return list(
            Change.objects.filter(**which).select_related("establishment", "inspection", "notice").order_by("pk")
        )


def affected_by_hand(authority, urn, days):
    """The slow oracle: every placement of the authority, looked at one by one with plain comparisons of days."""
    found = set()
    with own(authority):
        rows = list(Placement.objects.values_list("number", "establishment__urn", "starts_on", "ends_before"))
    for number, there, starts_on, ends_before in rows:
        for day in days:
            if there == urn and starts_on <= day and not (ends_before is not None and day >= ends_before):
                found.add(number)
    return found


def local_day(instant: datetime) -> date:
    return timezone.localtime(instant).date()


def work():
    """Does what waits in the queue of alerts, as the worker would, until nothing does. Returns the tasks' names."""
    done = []
    while True:
        with acting_as(SERVICE, by=BY), connection.cursor() as cursor:
            cursor.execute("SELECT task_name, args FROM procrastinate_jobs WHERE queue_name = 'alerts' ORDER BY id")
            waiting = cursor.fetchall()
            cursor.execute("DELETE FROM procrastinate_jobs WHERE queue_name = 'alerts'")
        if not waiting:
            return done
        for name, args in waiting:
            app.tasks[name](**(json.loads(args) if isinstance(args, str) else args))
            done.append(name)
