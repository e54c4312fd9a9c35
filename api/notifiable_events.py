"""Notifiable events: serious events at homes, without a word about a child."""

from django.db.models import OuterRef, Subquery

from commissioning.kernel.tenancy.viewer import current_viewer
from providers.models import Establishment, Premises, Provider
from quality.filters import EventSelection
from quality.models import EventNotice, NotifiableEvent
from quality.rules import codes

from .fields import Field, choice, day, instant, seen, seen_ref, text
from .resources import Part, Resource


def _own(column: str):
    """Of the authority's own notice. (A provider's contact reads several, and none of them is its own.)"""

    def of_caller() -> Subquery:
        notices = EventNotice.objects.filter(event_id=OuterRef("pk"), authority=current_viewer().authority_id)
        return Subquery(notices.values(column)[:1])

    return of_caller


NOTIFIABLE_EVENTS = Resource(
    name="notifiable-events",
    component="NotifiableEvent",
    says="Serious events that providers must notify, as their regulations name them. What concerns a child is told to "
    "the child's own authority, on its page, and is not here.",
    model=NotifiableEvent,
    own_fields=(
        seen_ref("provider", Provider, "provider_id"),
        seen_ref("establishment", Establishment, "establishment_id"),
        text("urn", seen(Establishment, "establishment_id", "urn")),
        seen_ref("premises", Premises, "premises_id"),
        text("reference", says="the provider's own"),
        choice("rule", codes.EVENT_RULES, "by which regulations", required=True),
        choice("theme", codes.EVENT_THEMES, required=True),
        instant("happened_at", required=True),
        instant("received_at", required=True),
        instant("regulator_told_at"),
        day("closed_on"),
        Field("told_at", _own("told_at"), instant("told_at", "when your authority was told; null: it was not").schema),
        Field("acknowledged_at", _own("acknowledged_at"), instant("acknowledged_at", "by your authority").schema),
    ),
    selection=EventSelection,
    parts=(Part(EventNotice, "event_id"),),
)
