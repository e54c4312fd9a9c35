"""Days on which something of a visit is planned or due, for the current viewer: its own authority's, or its own as a
provider. Homes and days alone: no word that anybody typed."""

from collections.abc import Iterator
from datetime import date

from django.db.models import Q, QuerySet

from commissioning.kernel.tenancy.viewer import current_viewer

from ..models import ImprovementAction, Visit
from ..rules.ical import Entry
from .waiting import with_steps

ENDING = "@visits.commissioning"


def deadlines(*, site: str, today: date) -> list[Entry]:
    """A provider finds nothing of an unannounced visit here: it does not see the row."""
    viewer = current_viewer()
    of_provider = viewer.kind == "provider"
    rows = Visit.objects.select_related("establishment", "premises", "authority").exclude(state="draft")
    actions = ImprovementAction.objects.select_related(
        "visit__establishment", "visit__premises", "visit__authority"
    ).filter(state__in=("proposed", "agreed", "sent_back"))  # fmt: skip
    if not of_provider:
        rows, actions = rows.filter(authority=viewer.authority_id), actions.filter(authority=viewer.authority_id)
    found = [*_visits(rows, site, of_provider, today), *_actions(actions, site)]
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
        home = _home(row.visit)
        yield Entry(
            f"{row.uuid}-action{ENDING}", row.due_on, f"Action due: {home}", row.changed_at, row.version, home,
            f"{site}/visits/actions/{row.uuid}/",
        )  # fmt: skip


def _home(visit: Visit) -> str:
    place = f", {visit.premises.shown_name}" if visit.premises_id else ""
    return f"{visit.establishment.shown_name}{place}"
