"""Everything known of one home in one list by date: judgements, notices, changes, visits published, suspensions."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db.models import Q
from django.urls import reverse

from commissioning.partnership.rules.terms import last_day
from providers.models import Establishment, Suspension

from ..actions.tell_authorities import title_of
from ..models import Change, Inspection, Notice, Visit
from ..rules import scales
from ..rules.changes import change as step
from ..rules.changes import limiting
from .timeline import before_each


@dataclass(frozen=True)
class Line:
    """`tone` of wording.tag, or "" for plain words; `more` says what limited it, where it is known from."""

    on: date
    kind: str
    says: str
    tone: str = ""
    more: str = ""
    href: str = ""


def timeline(home: Establishment) -> list[Line]:
    """Newest first. Six queries, whatever the number of lines."""
    lines = [*_inspections(home), *_changes(home), *_notices(home), *_visits(home), *_suspensions(home)]
    return sorted(lines, key=lambda line: (line.on, line.kind, line.says), reverse=True)


def _inspections(home: Establishment) -> Iterator[Line]:
    rows = list(Inspection.objects.filter(establishment=home).told_once().select_related("heard_authority"))
    before = before_each(rows)
    for row in rows:
        said = [step(before.get(row.pk), row.overall)]
        said.append(limiting(overall=row.overall, protection=row.protection, leadership=row.leadership))
        if row.heard_at is not None and row.source_import_id is None:
            said.append("Heard in error and withdrawn" if row.withdrawn_at else "Heard, and not yet in a file")
        yield Line(
            row.inspected_on, scales.SCALES[row.scale], row.get_overall_display() or "No judgement given",
            row.overall, ". ".join(each.rstrip(".") for each in said if each),
        )  # fmt: skip


def _changes(home: Establishment) -> Iterator[Line]:
    """Those that are no judgement and no notice: these two stand here by themselves."""
    rows = Change.objects.filter(establishment=home, notice=None).exclude(kind="judgement")
    for row in rows.select_related("establishment", "notice", "inspection"):
        yield Line(
            row.happened_on, row.get_kind_display(), title_of(row), more="For the worse" if row.worse else "",
            href=reverse("change", args=[row.uuid]),
        )  # fmt: skip


def _notices(home: Establishment) -> Iterator[Line]:
    changes: dict[int, UUID] = {}
    confirmed: dict[int, bool] = {}
    for row in Change.objects.filter(establishment=home).exclude(notice=None):
        changes[row.notice_id], confirmed[row.notice_id] = row.uuid, row.confirmed_at is not None
    for row in Notice.objects.filter(establishment=home).select_related("heard_authority"):
        said = [row.words]
        if row.ends_before:
            said.append(f"Held until {last_day(row.ends_before):%-d %B %Y}")
        if row.withdrawn_at:
            said.append("Heard in error and withdrawn")
        elif confirmed.get(row.pk):
            said.append("Confirmed by a file")
        yield Line(
            row.starts_on, "Notice", row.get_kind_display(), more=". ".join(each.rstrip(".") for each in said if each),
            href=reverse("change", args=[changes[row.pk]]) if row.pk in changes else "",
        )  # fmt: skip


def _visits(home: Establishment) -> Iterator[Line]:
    for row in Visit.objects.filter(establishment=home, state="published").select_related("authority", "template"):
        yield Line(row.visited_on, row.get_kind_display(), f"Visited by {row.authority}", more=str(row.template))


def _suspensions(home: Establishment) -> Iterator[Line]:
    of_home = Q(establishment=home) | Q(provider=home.provider_id, establishment=None, award=None)
    for row in Suspension.objects.filter(of_home).select_related("authority"):
        whole = "" if row.establishment_id else " of the provider as a whole"
        lifted = f"Lifted on {row.lifted_on:%-d %B %Y}" if row.lifted_on else ""
        yield Line(row.starts_on, "Suspension", f"Suspended{whole} by {row.authority}: {row.get_reason_display()}",
                   more=lifted)  # fmt: skip
