"""Whose turn it is to be asked, and how many of those who were asked answered."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Q

from contracts.models import Placement
from contracts.rules.codes import SERVICE_TYPES

from ..models import Survey, SurveyInvitation, SurveyResponse
from ..rules.occasions import LEAVING, Turn, taken, turn_of

YEAR = timedelta(days=365)
OURS = "Our own, or not recorded"
# state -> words
STATES = {
    "ask": "to ask", "late": "late", "again": "did not answer", "open": "link open",
    "done": "answered",
}  # fmt: skip
TO_ASK = ("ask", "late", "again")


@dataclass(frozen=True)
class Asked:
    """One home and the turn that has come for it."""

    placement: Placement
    turn: Turn
    state: str
    until: date | None  # the day before which an open link ends
    age: int | None = None  # today, as the questions are chosen by it


@dataclass(frozen=True)
class Rate:
    label: str
    uuid: UUID | None
    asked: int  # links that were answered, or have ended
    answered: int
    open: int
    n: int  # responses, by whichever road

    @property
    def percent(self) -> int | None:
        return round(100 * self.answered / self.asked) if self.asked else None


def turns(today: date, placements: Any = None) -> list[Asked]:
    """Of the authority's homes where somebody lives, or left within the weeks after; the longest due first. Short stays
    are not asked, nor are children too young for every survey. Four queries."""
    rows = Placement.objects.all() if placements is None else placements
    rows = rows.filter(respite=False, starts_on__lte=today).filter(
        Q(ends_before=None) | Q(ends_before__gt=today - LEAVING)
    )
    homes = list(rows.select_related("child", "provider", "establishment", "pathway_place").order_by("number"))
    links: dict[int, list[SurveyInvitation]] = defaultdict(list)
    for link in SurveyInvitation.objects.filter(placement__in=rows).order_by("pk"):
        links[link.placement_id].append(link)
    said: dict[int, list[date]] = defaultdict(list)
    for home, day in SurveyResponse.objects.filter(placement__in=rows).values_list("placement", "answered_on"):
        said[home].append(day)
    youngest = min((survey.age_from for survey in Survey.objects.in_use()), default=0)
    found = []
    for home in homes:
        turn = turn_of(home.starts_on, home.ends_before, today)
        age = home.child.age_on(today)
        if turn is not None and (age is None or age >= youngest):
            found.append(replace(_asked(home, turn, links[home.pk], said[home.pk], today), age=age))
    return sorted(found, key=lambda each: (each.turn.due_on, each.placement.number))


def _asked(home: Placement, turn: Turn, links: list[SurveyInvitation], said: list[date], today: date) -> Asked:
    if taken(turn, said):
        return Asked(home, turn, "done", None)
    open_ = [link for link in links if is_open(link, today)]
    if open_:
        return Asked(home, turn, "open", open_[-1].ends_before)
    if taken(turn, [link.made_on for link in links]):
        return Asked(home, turn, "again", None)
    return Asked(home, turn, "late" if turn.late_on(today) else "ask", None)


def is_open(link: SurveyInvitation, today: date) -> bool:
    return link.answered_on is None and link.withdrawn_on is None and link.ends_before > today


def rates(today: date, by: str) -> list[Rate]:
    """Of the last twelve months, by "provider" or "kind": links made meanwhile, and responses of those days. Two
    queries. A link that was withdrawn asked nobody; one that is open has not been answered yet, and counts apart."""
    since = today - YEAR
    links = SurveyInvitation.objects.filter(made_on__gt=since, withdrawn_on=None).values_list(
        "placement__provider__uuid",
        "placement__provider__name",
        "placement__service_type",
        "answered_on",
        "ends_before",
    )
    said = SurveyResponse.objects.filter(answered_on__gt=since).values_list(
        "provider__uuid", "provider__name", "service_type"
    )
    counted: dict[tuple[UUID | None, str], list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    for uuid, name, kind, answered_on, ends_before in links:
        line = counted[_group(by, uuid, name, kind)]
        if answered_on is None and ends_before > today:
            line[2] += 1
        else:
            line[0] += 1
            line[1] += answered_on is not None
    for uuid, name, kind in said:
        counted[_group(by, uuid, name, kind)][3] += 1
    found = [Rate(label, uuid, *numbers) for (uuid, label), numbers in counted.items()]
    return sorted(found, key=lambda each: (-each.n, -each.asked, each.label))


def _group(by: str, uuid: UUID | None, name: str | None, kind: str) -> tuple[UUID | None, str]:
    return (uuid, name or OURS) if by == "provider" else (None, SERVICE_TYPES[kind])


def survey_for(age: int | None, surveys: Iterable[Survey]) -> Survey | None:
    """The one for that age; for somebody whose age is not known none is chosen."""
    return next((each for each in surveys if age is not None and each.age_from <= age <= each.age_to), None)
