"""Improvement actions: what providers do about findings."""

from providers.models import Provider
from quality.filters import ActionSelection
from quality.models import ImprovementAction
from quality.rules import codes

from .fields import choice, day, ref, seen_ref, text
from .resources import Resource

ACTIONS = Resource(
    name="actions",
    component="Action",
    says="Improvement actions of your authority's visits, and of others' that are published: what the provider will "
    "do, who there, by when, and how it was checked.",
    model=ImprovementAction,
    own_fields=(
        ref("authority", says="whose visit it was", required=True),
        seen_ref("provider", Provider, "provider_id", "who acts"),
        ref("visit", required=True),
        ref("finding", required=True),
        text("words", required=True),
        text("owner", says="who at the provider", required=True),
        day("due_on", required=True),
        choice("state", codes.ACTION_STATES, required=True),
        text("evidence_words", says="how it is known to be done"),
        day("done_on", "by the provider's word"),
        text("sent_back_why"),
        day("verified_on"),
        text("verified_how"),
    ),
    selection=ActionSelection,
)
