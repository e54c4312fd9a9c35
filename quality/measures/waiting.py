"""What each visit waits for, and for whom: worked out in the database, so that a list of thousands can be asked for
what needs the viewer."""

from datetime import date, timedelta
from typing import Any

from django.db.models import (
    BooleanField,
    Case,
    CharField,
    DateField,
    ExpressionWrapper,
    F,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)

from ..models import Finding, FindingReply, ImprovementAction, Visit
from ..rules.reminders import REVISIT_SOON_DAYS

# What the visiting authority does next, and what the provider does; then both as the provider reads them.
OURS = {
    "record": "Record it, or move it",
    "send": "Send the draft to the provider",
    "decide": "Somebody uninvolved decides a dispute",
    "publish": "Publish",
    "agree": "Agree the provider’s actions, or send them back",
    "check": "Check what the provider says is done",
    "revisit": "Plan the re-visit",
}
THEIRS = {
    "reply": "Provider: reply to the findings",
    "plan": "Provider: plan of action",
    "act": "Provider: carry out its actions",
}
TO_PROVIDER = {
    "reply": "Say whether the findings are accurate",
    "plan": "Say what you will do",
    "act": "Carry out the actions, and say when they are done",
    "record": "",
    "send": "The authority writes the draft",
    "decide": "The authority decides what you dispute",
    "publish": "The authority publishes",
    "agree": "The authority agrees your actions, or sends them back",
    "check": "The authority checks what you did",
    "revisit": "",
}


def _is(condition: Q) -> ExpressionWrapper:
    return ExpressionWrapper(condition, output_field=BooleanField())


def with_steps(rows: QuerySet, *, of_provider: bool, today: date) -> QuerySet:
    """Visits with `step` (a key of OURS or THEIRS, "" where nothing is to be done) and `step_due` (a day or None).
    Where both sides have something to do, the viewer's comes first.

    Each condition asks whether the visit is among those found once for the whole list: asked visit by visit, a list
    of thousands took a minute. And each is named once for the step and once for its day: asked by its name, the step
    would be worked out again for every name it may have.
    """
    shared = Finding.objects.filter(marking="shareable", taken_out_on=None)
    replies, actions = FindingReply.objects.all(), ImprovementAction.objects.filter(meeting=None)
    unanswered = Q(pk__in=shared.exclude(pk__in=replies.values("finding")).values("visit"))
    unplanned = Q(pk__in=shared.filter(asks_action=True).exclude(pk__in=actions.values("finding")).values("visit"))
    disputed = Q(pk__in=replies.filter(says="disputed", outcome="").values("visit"))
    followed = Q(pk__in=Visit.objects.exclude(follows=None).exclude(state="cancelled").values("follows"))
    acting = actions.filter(state__in=("agreed", "sent_back"))
    out, done = Q(state="with_provider"), Q(state="published")
    ours = {
        "record": Q(state="planned", planned_on__lt=today),
        "send": Q(state="draft"),
        "decide": out & disputed,
        "publish": out & ~disputed & (~unanswered | Q(reply_due_on__lt=today)),
        "agree": done & Q(pk__in=actions.filter(state="proposed").values("visit")),
        "check": done & Q(pk__in=actions.filter(state="done").values("visit")),
        "revisit": done & ~followed & Q(revisit_due_on__lte=today + timedelta(days=REVISIT_SOON_DAYS)),
    }
    theirs = {
        "reply": out & unanswered,
        "plan": done & unplanned,
        "act": done & Q(pk__in=acting.values("visit")),
    }
    order = {**theirs, **ours} if of_provider else {**ours, **theirs}
    none = Value(None, output_field=DateField())
    first = acting.filter(visit=OuterRef("pk")).order_by("due_on").values("due_on")[:1]
    days: dict[str, Any] = {
        "record": F("planned_on"), "reply": F("reply_due_on"), "plan": F("plan_due_on"), "act": Subquery(first),
        "revisit": F("revisit_due_on"),
    }  # fmt: skip
    return rows.annotate(
        unanswered=_is(unanswered), unplanned=_is(unplanned), followed=_is(followed),
        step=Case(
            *(When(condition, then=Value(step)) for step, condition in order.items()), default=Value(""),
            output_field=CharField(),
        ),
        step_due=Case(
            *(When(condition, then=days.get(step, none)) for step, condition in order.items()), default=None,
            output_field=DateField(),
        ),
    )  # fmt: skip


def waiting(rows: QuerySet, *, of_provider: bool, authority_id: int | None) -> QuerySet:
    """Of visits with steps, those that wait for the viewer."""
    if of_provider:
        return rows.filter(step__in=THEIRS)
    return rows.filter(step__in=OURS, authority=authority_id)


def overdue(rows: QuerySet, today: date) -> QuerySet:
    return rows.filter(step_due__lt=today)
