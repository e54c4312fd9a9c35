"""Whose children a change at a home affects: the viewer's own placements, and which of them wait for a decision."""

from datetime import date
from typing import Any

from django.db.models import Count, Exists, IntegerField, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from contracts.models import Placement, Presence

from ..models import Change, ChangeDecision, Inspection


def affected(change: Change, today: date) -> QuerySet:
    """Own placements at the home on the day on which the change became known, or today."""
    there = Placement.objects.filter(establishment=change.establishment_id)
    known_on = timezone.localdate(change.known_at)
    return there.filter(_open(known_on) | _open(today))


def _open(day: date) -> Q:
    return Q(starts_on__lte=day) & (Q(ends_before=None) | Q(ends_before__gt=day))


def standing(rows: QuerySet, today: date) -> QuerySet:
    """Changes for the worse that stand: no later judgement has come, and a notice holds still."""
    later = Inspection.objects.judged().told_once()
    later = later.filter(establishment=OuterRef("establishment"), inspected_on__gt=OuterRef("happened_on"))
    rows = rows.filter(worse=True).exclude(Q(kind="judgement") & Exists(later))
    return rows.exclude(notice__ends_before__lte=today)


def at_homes_of_ours(rows: QuerySet, today: date) -> QuerySet:
    """At homes where a child of the viewer's authority lives today."""
    return rows.filter(
        establishment__in=Placement.objects.on(today).exclude(establishment=None).values("establishment")
    )


def with_ours(rows: QuerySet, today: date) -> QuerySet:
    """Adds `ours`, own placements open at the home today, and `undecided`, those of them without a decision."""
    here = Placement.objects.on(today).filter(establishment=OuterRef("establishment"))
    decided = ChangeDecision.objects.filter(change=OuterRef(OuterRef("pk")), placement=OuterRef("pk"))
    return rows.annotate(ours=_count(here), undecided=_count(here.exclude(Exists(decided))))


def _count(placements: QuerySet) -> Any:
    counted = placements.order_by().values("establishment").annotate(n=Count("pk")).values("n")
    return Coalesce(Subquery(counted, output_field=IntegerField()), 0)


def awaiting(today: date) -> QuerySet:
    """Changes that stand at homes where own children live without a decision, the newest known first, and of those that
    became known together the newest."""
    rows = with_ours(standing(at_homes_of_ours(Change.objects.all(), today), today), today).filter(undecided__gt=0)
    return rows.select_related("establishment", "notice", "inspection").order_by("-known_at", "-happened_on", "pk")


def others_there(establishment_id: int, authority_id: int) -> list[tuple[str, str]]:
    """(another authority, how many children it has at the home, as a band), by name. Where it has children at several
    premises of one registration, the highest band counts."""
    rows = Presence.objects.filter(establishment=establishment_id).exclude(authority=authority_id)
    found: dict[str, Presence] = {}
    for row in rows.select_related("authority").order_by("authority__name"):
        if row.authority.name not in found or row.band == "many":
            found[row.authority.name] = row
    return [(name, row.get_band_display().lower()) for name, row in found.items()]
