"""Quality assurance visits: planned for every member to see, with what was published of each."""

from django.db.models import OuterRef, Subquery
from rest_framework import serializers

from providers.models import Establishment, Premises, Provider
from quality.filters import VisitSelection
from quality.models import Answer, Finding, Reliance, Visit, VisitReport
from quality.rules import codes

from .fields import Field, choice, day, instant, parts, ref, seen, seen_ref, text, whole, yesno
from .resources import Part, Resource


def _report(column: str):
    return lambda: Subquery(VisitReport.objects.filter(visit_id=OuterRef("pk")).values(column)[:1])


ANSWERS: tuple[Field, ...] = (
    Field("id", "uuid", serializers.UUIDField(help_text="public id of the answer")),
    ref("question", says="public id of the template's question", required=True),
    text("question_words", "question__words", required=True),
    choice("scale", codes.SCALE_NAMES, "what may be answered", required=True, source="question__scale"),
    text("value", says="a code of the scale, or what was written"),
    text("note"),
)
FINDINGS: tuple[Field, ...] = (
    Field("id", "uuid", serializers.UUIDField(help_text="public id of the finding")),
    ref("question", says="null: tied to none"),
    text("words", required=True),
    choice("marking", codes.MARKINGS, "who may know of it", required=True),
    yesno("asks_action", "the provider's plan must hold an action for it"),
    day("taken_out_on", "after a dispute"),
)
RELIANCES: tuple[Field, ...] = (
    ref("authority", says="who relies on it", required=True),
    instant("relied_at", required=True),
)

VISITS = Resource(
    name="visits",
    component="Visit",
    says="Visits, desktop reviews and monitoring reports of every member, from the day they are planned. What was "
    "found on another authority's visit is here once it is published, and only what may be shared; your own are whole. "
    "No visit here is a regulation 44 visit.",
    model=Visit,
    own_fields=(
        whole("number", says="counts within the authority", required=True),
        ref("authority", says="who leads it", required=True),
        seen_ref("establishment", Establishment, "establishment_id", "the registration visited"),
        text("urn", seen(Establishment, "establishment_id", "urn")),
        seen_ref("premises", Premises, "premises_id", "null: the registration's only address, or not told apart"),
        seen_ref("provider", Provider, "provider_id", "who ran it when the visit was planned"),
        text("template", "template__code", "code of the template", required=True),
        whole("template_version", "template__number", required=True),
        choice("kind", codes.VISIT_KINDS, required=True),
        yesno("announced"),
        yesno("young_inspectors", "young people took part"),
        choice("state", codes.VISIT_STATES, required=True),
        day("planned_on", required=True),
        day("visited_on", "null: not yet"),
        instant("sent_at", "when the draft went to the provider"),
        day("reply_due_on"),
        instant("published_at"),
        day("plan_due_on", "by when the provider's action plan is due"),
        day("revisit_due_on"),
        choice("rating", codes.RATINGS, "no grade of the regulator's", source=_report("rating")),
        choice("rule_rating", codes.RATINGS, "what the template's rule gave", source=_report("rule_rating")),
        text("rating_why", _report("rating_why"), "why the rating differs from the rule's"),
        text("summary", _report("summary")),
        parts(
            "answers",
            lambda: Answer.objects.filter(visit_id=OuterRef("pk")).order_by("question__section", "question__number"),
            ANSWERS,
            "in the template's order",
            component="VisitAnswer",
        ),
        parts(
            "findings",
            lambda: Finding.objects.filter(visit_id=OuterRef("pk")).order_by("found_at", "id"),
            FINDINGS,
            "in the order they were made",
            component="VisitFinding",
        ),
        parts(
            "reliances",
            lambda: Reliance.objects.filter(visit_id=OuterRef("pk")).order_by("relied_at", "id"),
            RELIANCES,
            "authorities that rely on it instead of going themselves",
            component="VisitReliance",
        ),
    ),
    selection=VisitSelection,
    parts=(
        Part(Answer, "visit_id"), Part(Finding, "visit_id"), Part(VisitReport, "visit_id"), Part(Reliance, "visit_id"),
    ),
)  # fmt: skip
