"""Words, rows and look-ups that the pages of visits share."""

from collections.abc import Iterable
from datetime import date
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.urls import reverse

from commissioning.kernel import wording
from commissioning.kernel.tables import Column
from contracts.pages.referral_words import plural

from ..measures.waiting import OURS, THEIRS, TO_PROVIDER
from ..models import Visit
from ..rules import clocks

STATE_TONES = {"planned": "ours", "draft": "plain", "with_provider": "needs", "published": "good", "cancelled": "plain"}
RATING_TONES = {"meets": "good", "some": "needs", "much": "harm"}
MARKING_TONES = {"shareable": "plain", "placing": "needs", "safeguarding": "harm"}
NEVER_44 = (
    "This is the commissioners’ own visit. It is never a regulation 44 visit: whoever commissions or finances a home "
    "may not be its independent person."
)


PARTS = ("establishment", "premises", "template", "authority", "provider")


def visits() -> QuerySet:
    return Visit.objects.select_related(*PARTS, "lead")


def each_once(rows: QuerySet, parts: Iterable[str] = PARTS) -> QuerySet:
    """A whole list for a file: each home and template is read once, however many rows name it."""
    return rows.select_related(None).prefetch_related(*parts)


def seen_visit(uuid: UUID) -> Visit:
    return get_object_or_404(visits(), uuid=uuid)


def own_visit(request: HttpRequest, uuid: UUID) -> Visit:
    """A visit of the viewer's own authority; another's is refused."""
    found = seen_visit(uuid)
    if not request.user.authority_id or found.authority_id != request.user.authority_id:
        raise PermissionDenied("Only the authority whose visit this is may do that.")
    return found


def reads_as(user: Any) -> int | None:
    """The authority whose visits the person reads whole: none for somebody whose work is not with cases, who reads
    them as another borough does."""
    return user.authority_id if user.may("read", "children") else None


def is_own(request: HttpRequest, visit: Visit) -> bool:
    return reads_as(request.user) == visit.authority_id


def where(visit: Visit) -> str:
    """ "Elm House, Flat 2" """
    place = f", {visit.premises.shown_name}" if visit.premises_id else ""
    return f"{visit.establishment.shown_name}{place}"


def day_of(visit: Visit) -> date:
    """The day it took place; before that, the day it is planned for."""
    return visit.visited_on or visit.planned_on


def crumbs_of(visit: Visit) -> list[tuple[str, str]]:
    return [("Visits", reverse("visits")), (where(visit), reverse("visit", args=[visit.uuid]))]


def due_words(due_on: date, today: date) -> str:
    """ "by 4 May 2026, 3 days left", "by 4 May 2026: today is the last day", "since 4 May 2026: 2 days overdue" """
    left = clocks.days_left(due_on, today)
    if left < 0:
        return f"was due by {wording.day(due_on)}: {plural(-left, 'day', 'days')} overdue"
    if left == 0:
        return f"by {wording.day(due_on)}: today is the last day"
    return f"by {wording.day(due_on)}, {plural(left, 'day', 'days')} left"


def step_words(step: str, *, of_provider: bool) -> str:
    words = TO_PROVIDER if of_provider else {**OURS, **THEIRS}
    return words.get(step, "")


def home_column(label: str = "Home", **options: Any) -> Column:
    return Column(
        "home", label, value=where, link=lambda row: reverse("visit", args=[row.uuid]), **options
    )  # fmt: skip
