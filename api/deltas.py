"""The phases of a walk: all rows once, or what has changed since.

A delta tells removals before rows, so that a row taken away and put back ends up held. In order:

    withdrawn   frameworks whose participation changed for this authority: what was seen there may be seen no more
    removed     rows deleted, from history
    lost        rows that this authority was once shown and whose dates have moved out of its participation
    changed     rows changed; one that no longer answers the filters is told as a removal
    again       rows that are told although they did not change: a part of them did, or they are of a framework
                that was withdrawn above
"""

from django.db import models
from django.db.models import BigIntegerField, Case, Exists, F, OuterRef, Q, QuerySet, When
from django.db.models.fields.json import KeyTextTransform, KeyTransform
from django.db.models.functions import Cast, Now

from commissioning.kernel.audit.events import events_of
from commissioning.kernel.tenancy.viewer import acting
from commissioning.partnership.models import Framework, Participation

from .paging import Phase, Span
from .resources import Resource, removal_json

FOREVER = 2**63 - 1  # beyond every transaction


def full_walk(resource: Resource, selected: QuerySet) -> list[Phase]:
    """Every selected row, by id."""
    return [Phase(selected, ("id",), resource.json())]


def delta(resource: Resource, selected: QuerySet, span: Span, *, filtered: bool) -> list[Phase]:
    """What was changed within `span`, as the current viewer may see it now. The same phases on every page."""
    phases = [removed(resource, span)]
    again = Q()
    if resource.for_participants:
        frameworks = frameworks_rejoined(span)
        phases = [withdrawn(frameworks), *phases, _lost(resource)]
        again = Q(framework_id__in=frameworks)
    again |= called_otherwise(resource, span)
    for part in (each for each in resource.parts if not each.only):
        for side in ("before", "after"):
            again |= Q(**{f"{part.of}__in": _parents(part.model, part.column, side, span)})
        # Shared just now: the change that shared it shows what it was before, so that it is not this viewer's to see.
        shared = part.model._default_manager.filter(span.of("changed_xid", "changed_at"))
        again |= Q(**{f"{part.of}__in": shared.values(part.column)})
    phases.append(changed(resource, selected, span, filtered=filtered))
    if again:
        untold = selected.filter(again).exclude(span.of("changed_xid", "changed_at"))
        phases.append(Phase(untold, ("id",), resource.json()))
    return phases


def unsettled(resource: Resource, until: int) -> int:
    """How many changes a walk up to the watermark `until` leaves: of rows, whether or not they answer filters, of
    removals, and of frameworks that the viewer sees otherwise."""
    span = Span(FOREVER, since=until)
    rows = resource.rows().filter(span.of("changed_xid", "changed_at")).count()
    joined = len(frameworks_rejoined(span)) if resource.for_participants else 0
    return rows + removed(resource, span).rows.count() + joined


def removed(resource: Resource, span: Span) -> Phase:
    events = events_of(resource.model).filter(span.of("xid", "at"), operation="delete")
    return Phase(events, ("event_id",), removal_json("row_uuid", F("at")))


def changed(resource: Resource, selected: QuerySet, span: Span, *, filtered: bool) -> Phase:
    told: models.Expression = resource.json()
    rows = selected
    if filtered:
        answers = Exists(selected.filter(pk=OuterRef("pk")))
        gone = removal_json("uuid", F("changed_at"))
        rows, told = resource.rows(), Case(When(answers, then=told), default=gone)
    rows = rows.filter(span.of("changed_xid", "changed_at"))
    return Phase(rows, ("changed_xid", "id"), told)


def _parents(part: type[models.Model], column: str, side: str, span: Span) -> QuerySet:
    """Ids of the rows whose parts were added, changed, moved or removed."""
    parent = Cast(KeyTextTransform(column, side), BigIntegerField())
    events = events_of(part).filter(span.of("xid", "at"), **{f"{side}__isnull": False})
    return events.annotate(parent=parent).values("parent")


def called_otherwise(resource: Resource, span: Span) -> Q:
    """Rows that show something of another row, which was changed. That is seldom, so it is asked beforehand: most
    deltas then need not look for it through all rows."""
    found = Q()
    for part in (each for each in resource.parts if each.only):
        same = Q(**{f"before__{name}": KeyTransform(name, "after") for name in part.only})
        events = (
            events_of(part.model)
            .filter(span.of("xid", "at"))
            .exclude(
                operation="update",
                event_id__in=(events_of(part.model).filter(span.of("xid", "at"), same).values("event_id")),
            )
        )
        if part.column == "id":
            events = events.filter(operation="update")  # what came just now was shown nowhere, nor is what has gone
        changed_ids = set()
        for sides in events.values_list(f"before__{part.column}", f"after__{part.column}"):
            changed_ids.update(each for each in sides if each is not None)
        if changed_ids:
            rows = resource.rows().filter(part.among, **{f"{part.of}__in": sorted(changed_ids)})
            found |= Q(pk__in=rows.order_by().values("pk"))
    return found


def frameworks_rejoined(span: Span) -> list[int]:
    """Frameworks where what this authority may see has changed without the rows: its participation was added, moved
    or removed, or the framework's own beginning was."""
    viewer = acting().viewer
    if viewer.kind != "authority":
        return []
    mine = Q(before__authority_id=viewer.authority_id) | Q(after__authority_id=viewer.authority_id)
    joined = events_of(Participation).filter(mine, span.of("xid", "at")).values_list("framework_id", flat=True)
    begun = (
        events_of(Framework)
        .filter(span.of("xid", "at"), operation="update")
        .exclude(before__starts_on=F("after__starts_on"))
        .values_list("row_id", flat=True)
    )
    return sorted({*joined, *begun})


def withdrawn(frameworks: list[int]) -> Phase:
    rows = Framework.objects.filter(pk__in=frameworks)
    return Phase(rows, ("id",), removal_json("uuid", Now(), "framework"))


def _lost(resource: Resource) -> Phase:
    """Rows that history shows this authority and that it may see no more, of frameworks in which it takes part for a
    time only. The change that took them away is not its to see, so when it happened cannot be asked: every delta
    names them."""
    viewer = acting().viewer
    for_a_time = (
        Participation.objects.filter(authority_id=viewer.authority_id)
        .exclude(ends_before=None, starts_on__lte=F("framework__starts_on"))
        .values_list("framework_id", flat=True)
    )
    shown = events_of(resource.model).filter(framework_id__in=list(for_a_time))
    gone = (
        shown.exclude(operation="delete")
        .exclude(Exists(resource.rows().filter(pk=OuterRef("row_id"))))
        .exclude(Exists(shown.filter(operation="delete", row_id=OuterRef("row_id"))))
    )
    first = gone.filter(~Exists(gone.filter(row_id=OuterRef("row_id"), event_id__lt=OuterRef("event_id"))))
    return Phase(first, ("event_id",), removal_json("row_uuid", F("at")))
