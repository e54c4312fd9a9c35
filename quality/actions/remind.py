"""Reminders of visits, KPI returns and contract meetings by e-mail: to each person at most once a day, of what they
still want to be reminded of."""

import logging
from collections import defaultdict
from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

from django.conf import settings
from django.core.mail import send_mail
from django.db.models import Q

from commissioning.kernel import wording
from commissioning.kernel.tenancy.viewer import Viewer, acting_as
from commissioning.partnership.models import User

from ..measures.waiting import OURS, THEIRS, TO_PROVIDER, with_steps
from ..models import ReminderSetting, Visit
from ..rules import reminders
from . import remind_meetings
from .calendar_links import settings_of
from .remind_kpis import lines_of_lead, lines_of_provider

BY = "service:reminders"
DRAFT_DAYS = 3  # a draft is left in peace for so long
KIND_OF = {
    "record": "draft", "send": "draft", "reply": "reply", "decide": "reply", "publish": "reply", "plan": "plan",
    "agree": "plan", "act": "action", "check": "action", "revisit": "revisit",
}  # fmt: skip
ONLY_SOON = ("reply", "plan", "act")  # the other side's turn: nobody is told before the day is near
ABOUT = {"kpis": "KPI returns", "meetings": "contract meetings"}  # the other kinds are of visits
Lines = dict[str, list[str]]
log = logging.getLogger(__name__)


def send_reminders(*, today: date) -> int:
    """To people of every authority and provider. Returns how many e-mails went. Opens its own viewers: nobody may be
    acting. Done again the same day, it sends nothing twice."""
    people = User.objects.filter(is_active=True).order_by("pk")
    sent = 0
    for authority in _ids(people, "authority"):
        with acting_as(Viewer.of_authority(authority), by=BY):
            sent += _to_authority(authority, list(people.filter(authority=authority)), today)
    for provider in _ids(people, "provider"):
        with acting_as(Viewer.of_provider(provider), by=BY):
            sent += _to_provider(provider, list(people.filter(provider=provider)), today)
    return sent


def _ids(people: Any, body: str) -> list[int]:
    return sorted(set(people.exclude(**{body: None}).values_list(body, flat=True)))


def _to_authority(authority: int, people: list[User], today: date) -> int:
    """Each visit's lead is told; where there is none that is still here, every quality officer."""
    at_work = {person.pk: person for person in people if person.may("change", "visits")}
    instead = [person.pk for person in at_work.values() if person.role == "quality_officer"]
    by_person: dict[int, Lines] = defaultdict(lambda: defaultdict(list))
    rows = Visit.objects.filter(authority=authority).select_related("establishment", "premises")
    for row in _near(with_steps(rows, of_provider=False, today=today), today):
        for person in [row.lead_id] if row.lead_id in at_work else instead:
            by_person[person][KIND_OF[row.step]].append(_line(row, {**OURS, **THEIRS}[row.step], today))
    if of_kpis := lines_of_lead(authority, today):
        for person in at_work.values():
            if person.may("check", "kpi-returns"):
                by_person[person.pk]["kpis"] += of_kpis
    if of_meetings := remind_meetings.lines_of_authority(authority, today):
        for person in at_work.values():
            if person.may("change", "contract-meetings"):
                by_person[person.pk]["meetings"] += of_meetings
    return sum(_send(at_work[person], lines, today) for person, lines in by_person.items())


def _to_provider(provider: int, people: list[User], today: date) -> int:
    lines: Lines = defaultdict(list)
    lines["kpis"] += lines_of_provider(provider, today)
    lines["meetings"] += remind_meetings.lines_of_provider(today)
    rows = Visit.objects.select_related("establishment", "premises")
    for row in _near(with_steps(rows, of_provider=True, today=today).filter(step__in=THEIRS), today):
        lines[KIND_OF[row.step]].append(_line(row, TO_PROVIDER[row.step], today))
    return sum(_send(person, lines, today) for person in people if person.may("read", "visits"))


def _near(rows: Any, today: date) -> Iterable[Visit]:
    soon = today + timedelta(days=reminders.SOON_DAYS)
    rows = rows.exclude(step="").filter(~Q(step__in=ONLY_SOON) | Q(step_due__lte=soon))
    return rows.exclude(step="send", visited_on__gt=today - timedelta(days=DRAFT_DAYS)).order_by("step_due", "pk")


def _line(row: Any, words: str, today: date) -> str:
    """ "Elm House: Send the draft to the provider (due by 4 May 2026, overdue)" and its page. No word about a child,
    nothing anybody typed of what was found."""
    place = f", {row.premises.shown_name}" if row.premises_id else ""
    due = ""
    if row.step_due:
        due = f" (due by {wording.day(row.step_due)}{', overdue' if row.step_due < today else ''})"
    return f"{row.establishment.shown_name}{place}: {words}{due}\n  {settings.SITE_URL}/visits/{row.uuid}/"


def _send(person: User, lines: Lines, today: date) -> int:
    """One e-mail, where the person wants any of it today and has had none."""
    setting = settings_of(person)
    often = {kind: getattr(setting, kind) for kind in reminders.KINDS}
    kept = reminders.kept(lines, often, today)
    unsent = ReminderSetting.objects.filter(Q(sent_on=None) | Q(sent_on__lt=today), pk=setting.pk)
    if not kept or not unsent.update(sent_on=today):
        return 0
    count = sum(map(len, kept.values()))
    parts = [f"{reminders.KINDS[kind]}:\n\n" + "\n".join(kept[kind]) for kind in reminders.KINDS if kind in kept]
    text = "\n\n".join([*parts, f"Change what you are reminded of: {settings.SITE_URL}/visits/reminders/\n"])
    about = " and ".join(ABOUT[kind] for kind in kept if kind in ABOUT) if set(kept) <= set(ABOUT) else "Visits"
    subject = f"{wording.capital(about)}: {count:,} {'thing needs' if count == 1 else 'things need'} a look"
    try:
        send_mail(subject, text, settings.DEFAULT_FROM_EMAIL, [person.email])
    except OSError:
        log.exception("a reminder could not be sent")
        ReminderSetting.objects.filter(pk=setting.pk).update(sent_on=setting.sent_on)
        return 0
    return 1
