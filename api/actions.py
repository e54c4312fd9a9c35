"""Improvement actions: what providers do about findings, and what was agreed at contract meetings."""

from providers.models import Provider
from quality.filters import ActionSelection
from quality.models import ContractMeeting, Finding, ImprovementAction
from quality.rules import codes

from .fields import choice, day, ref, seen_ref, text
from .resources import Part, Resource

ACTIONS = Resource(
    name="actions",
    component="Action",
    says="Improvement actions of your authority's visits and contract meetings, and of others' visits that are "
    "published: what the provider will do, who there, by when, and how it was checked.",
    model=ImprovementAction,
    own_fields=(
        ref("authority", says="whose visit or contract meeting it follows from", required=True),
        seen_ref("provider", Provider, "provider_id", "who acts"),
        ref("visit", says="null: agreed at a contract meeting"),
        ref("finding", says="null: agreed at a contract meeting"),
        seen_ref("meeting", ContractMeeting, "meeting_id", "the contract meeting; null: it follows from a finding"),
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
    parts=(Part(Finding, "id", of="finding_id"),),  # it is named once it may be seen
)
