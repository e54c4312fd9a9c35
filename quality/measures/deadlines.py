"""Days on which something of a visit or a contract meeting is planned or due, for the current viewer: its own
authority's, or its own as a provider. Homes, providers and days alone: no word that anybody typed."""

from collections.abc import Iterator
from datetime import date, datetime, time

from django.db.models import Q, QuerySet
from django.utils import timezone

from commissioning.kernel.tenancy.viewer import current_viewer

from ..models import ContractMeeting, ImprovementAction, Visit
from ..rules.ical import Entry
from .meetings_due import meetings_due
from .waiting import with_steps

ENDING = "@visits.commissioning"


def deadlines(*, site: str, today: date) -> list[Entry]:
    """A provider finds nothing of an unannounced visit here: it does not see the row."""
    viewer = current_viewer()
    of_provider = viewer.kind == "provider"
    rows = Visit.objects.select_related("establishment", "premises", "authority").exclude(state="draft")
    actions = ImprovementAction.objects.select_related(
        "visit__establishment", "visit__premises", "visit__authority", "provider"
    ).filter(state__in=("proposed", "agreed", "sent_back"))  # fmt: skip
    meetings = ContractMeeting.objects.filter(state__in=("planned", "cancelled")).select_related(
        "provider", "authority"
    )
    if not of_provider:
        mine = viewer.authority_id
        rows, actions, meetings = rows.filter(authority=mine), actions.filter(authority=mine), meetings.filter(
            authority=mine
        )  # fmt: skip
    found = [
        *_visits(rows, site, of_provider, today),
        *_actions(actions, site),
        *_meetings(meetings, site, of_provider),
    ]
    if viewer.kind == "authority":
        found += _meetings_due(viewer.authority_id, site, today)
    return sorted(found, key=lambda entry: (entry.day, entry.key))


def _visits(rows: QuerySet, site: str, of_provider: bool, today: date) -> Iterator[Entry]:
    wanted = Q(state__in=("planned", "cancelled", "with_provider")) | Q(state="published", revisit_due_on__isnull=False)
    wanted |= Q(state="published", plan_due_on__isnull=False)
    for row in with_steps(rows.filter(wanted), of_provider=of_provider, today=today):
        home = _home(row)
        whose = f" by {row.authority.name}" if of_provider else ""
        days = []
        if row.state in ("planned", "cancelled"):
            days.append(("visit", row.planned_on, f"{row.get_kind_display()}{whose}: {home}"))
        if row.state == "with_provider" and row.unanswered:
            days.append(("reply", row.reply_due_on, f"Reply due on the visit to {home}"))
        if row.state == "published" and row.plan_due_on and row.unplanned:
            days.append(("plan", row.plan_due_on, f"Plan of action due: {home}"))
        if row.state == "published" and row.revisit_due_on and not row.followed and not of_provider:
            days.append(("revisit", row.revisit_due_on, f"Re-visit due: {home}"))
        for kind, day, says in days:
            yield Entry(
                f"{row.uuid}-{kind}{ENDING}", day, says, row.changed_at, row.version, home,
                f"{site}/visits/{row.uuid}/", cancelled=row.state == "cancelled",
            )  # fmt: skip


def _actions(rows: QuerySet, site: str) -> Iterator[Entry]:
    for row in rows:
        home = _home(row.visit) if row.visit_id else row.provider.name
        yield Entry(
            f"{row.uuid}-action{ENDING}", row.due_on, f"Action due: {home}", row.changed_at, row.version, home,
            f"{site}/visits/actions/{row.uuid}/",
        )  # fmt: skip


def _meetings(rows: QuerySet, site: str, of_provider: bool) -> Iterator[Entry]:
    for row in rows:
        whom = row.authority.name if of_provider else row.provider.name
        yield Entry(
            f"{row.uuid}-meeting{ENDING}", row.planned_on, f"Contract meeting with {whom}", row.changed_at, row.version,
            whom, f"{site}/providers/contract-meetings/{row.uuid}/", cancelled=row.state == "cancelled",
        )  # fmt: skip


def _meetings_due(authority_id: int, site: str, today: date) -> Iterator[Entry]:
    """By when each provider is to be met that no meeting is planned with. One that is overdue stands on today."""
    for due in meetings_due(authority_id, today):
        if due.next_on is None:
            day = max(due.due_on, today)
            yield Entry(
                f"{due.provider.uuid}-meeting-due{ENDING}", day, f"Contract meeting due: {due.provider.name}",
                timezone.make_aware(datetime.combine(day, time.min)), day.toordinal(), due.provider.name,
                f"{site}/providers/contract-meetings/new/?provider={due.provider.uuid}",
            )  # fmt: skip


def _home(visit: Visit) -> str:
    place = f", {visit.premises.shown_name}" if visit.premises_id else ""
    return f"{visit.establishment.shown_name}{place}"
