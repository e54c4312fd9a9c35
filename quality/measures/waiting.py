"""What each visit waits for, and for whom: worked out in the database, so that a list of thousands can be asked for
what needs the viewer."""

from datetime import date, timedelta
from typing import Any

from django.db.models import (
    Case,
    CharField,
    Count,
    DateField,
    Exists,
    F,
    IntegerField,
    Min,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.functions import Coalesce

from ..models import Finding, FindingReply, ImprovementAction, Visit
from ..rules.reminders import REVISIT_SOON_DAYS

# What the visiting authority does next, and what the provider does.
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
}


def _count(rows: QuerySet) -> Coalesce:
    counted = rows.filter(visit=OuterRef("pk")).order_by().values("visit").annotate(n=Count("pk")).values("n")
    return Coalesce(Subquery(counted, output_field=IntegerField()), 0)


def with_steps(rows: QuerySet, *, of_provider: bool, today: date) -> QuerySet:
    """Visits with `step` (a key of OURS or THEIRS, "" where nothing is to be done) and `step_due` (a day or None).
    Where both sides have something to do, the viewer's comes first."""
    shared = Finding.objects.filter(marking="shareable", taken_out_on=None)
    replied = FindingReply.objects.filter(finding=OuterRef("pk"))
    acted = ImprovementAction.objects.filter(finding=OuterRef("pk"))
    actions = ImprovementAction.objects.filter(visit=OuterRef("pk"))
    disputes = FindingReply.objects.filter(says="disputed", outcome="")
    rows = rows.annotate(
        unanswered=_count(shared.exclude(Exists(replied))),
        disputed=_count(disputes),
        unplanned=_count(shared.filter(asks_action=True).exclude(Exists(acted))),
        has_proposed=Exists(actions.filter(state="proposed")),
        has_done=Exists(actions.filter(state="done")),
        has_open=Exists(actions.filter(state__in=("agreed", "sent_back"))),
        next_action_on=Subquery(
            actions.filter(state__in=("agreed", "sent_back")).order_by().values("visit").annotate(
                day=Min("due_on")).values("day"), output_field=DateField(),
        ),
        followed=Exists(Visit.objects.filter(follows=OuterRef("pk")).exclude(state="cancelled")),
    )  # fmt: skip
    out = Q(state="with_provider")
    done = Q(state="published")
    ours = {
        "record": Q(state="planned", planned_on__lt=today),
        "send": Q(state="draft"),
        "decide": out & Q(disputed__gt=0),
        "publish": out & Q(disputed=0) & (Q(unanswered=0) | Q(reply_due_on__lt=today)),
        "agree": done & Q(has_proposed=True),
        "check": done & Q(has_done=True),
        "revisit": done & Q(followed=False, revisit_due_on__lte=today + timedelta(days=REVISIT_SOON_DAYS)),
    }
    theirs = {
        "reply": out & Q(unanswered__gt=0),
        "plan": done & Q(unplanned__gt=0),
        "act": done & Q(has_open=True),
    }
    order = {**theirs, **ours} if of_provider else {**ours, **theirs}
    steps = [When(condition, then=Value(step)) for step, condition in order.items()]
    days: dict[str, Any] = {
        "record": F("planned_on"), "reply": F("reply_due_on"), "plan": F("plan_due_on"),
        "act": F("next_action_on"), "revisit": F("revisit_due_on"),
    }  # fmt: skip
    return rows.annotate(step=Case(*steps, default=Value(""), output_field=CharField())).annotate(
        step_due=Case(
            *(When(step=step, then=day) for step, day in days.items()), default=None, output_field=DateField()
        )
    )


def waiting(rows: QuerySet, *, of_provider: bool, authority_id: int | None) -> QuerySet:
    """Of visits with steps, those that wait for the viewer."""
    if of_provider:
        return rows.filter(step__in=THEIRS)
    return rows.filter(step__in=OURS, authority=authority_id)


def overdue(rows: QuerySet, today: date) -> QuerySet:
    return rows.filter(step_due__lt=today)
