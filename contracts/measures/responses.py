"""How fast providers answer, how often a question becomes a home, and how fast the authority itself asks and chooses.

What is counted stands in rules/searches.py RULE. A contact of a provider sees its own questions alone, so the same
figures of its rows are its own.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple

from django.db.models import Count, Min, Q, QuerySet
from django.utils import timezone

from commissioning.kernel.statistics import spread

from ..models import Offer, Placement, Referral
from ..rules.clocks import share
from ..rules.searches import hours_between, in_time


class Time(NamedTuple):
    """One question to one provider."""

    asked_at: datetime
    answered_at: datetime | None
    answer: str
    chosen: bool


@dataclass(frozen=True)
class Figures:
    """`median_hours` of the `answered`; `due` is how many were answered or had their time, `on_time` how many in it."""

    asked: int
    answered: int
    offered: int
    declined: int
    chosen: int
    median_hours: Decimal | None
    on_time: int
    due: int

    @property
    def on_time_share(self) -> int | None:
        return share(self.on_time, self.due)

    @property
    def offered_share(self) -> int | None:
        return share(self.offered, self.asked)

    @property
    def chosen_share(self) -> int | None:
        """Of the homes offered."""
        return share(self.chosen, self.offered)


@dataclass(frozen=True)
class Own:
    """An authority's own searches. Hours are medians; each stands beside how many searches it is the median of."""

    searches: int
    emergencies: int
    first_asked_hours: Decimal | None
    first_asked_n: int
    chosen_hours: Decimal | None
    chosen_n: int
    asked: int
    placed: int

    @property
    def emergency_share(self) -> int | None:
        return share(self.emergencies, self.searches)

    @property
    def placed_share(self) -> int | None:
        """Of the searches in which somebody was asked."""
        return share(self.placed, self.asked)


def times_of(rows: QuerySet) -> list[Time]:
    return [Time(*row) for row in rows.values_list("asked_at", "answered_at", "answer", "chosen")]


def figures(times: Sequence[Time], today: date) -> Figures:
    hours = [hours_between(each.asked_at, each.answered_at) for each in times if each.answered_at]
    judged = [found for each in times if (found := _in_time(each, today)) is not None]
    return Figures(
        asked=len(times),
        answered=len(hours),
        offered=sum(each.answer in ("offered", "withdrawn") for each in times),
        declined=sum(each.answer == "declined" for each in times),
        chosen=sum(each.chosen for each in times),
        median_hours=spread(hours).median,
        on_time=sum(judged),
        due=len(judged),
    )


def figures_by(rows: QuerySet, key: str, today: date) -> dict[Any, Figures]:
    """Figures of the rows with each value of the column `key` ("provider", "authority")."""
    grouped: dict[Any, list[Time]] = {}
    for value, *row in rows.order_by().values_list(key, "asked_at", "answered_at", "answer", "chosen"):
        grouped.setdefault(value, []).append(Time(*row))
    return {value: figures(times, today) for value, times in grouped.items()}


def own_figures(searches: QuerySet) -> Own:
    """Of the authority's searches given: how soon somebody was asked, how soon a home was chosen, how many were found.

    A search counts as placed where a placement was recorded from it.
    """
    rows = list(searches.order_by().annotate(first=Min("offers__asked_at"), n=Count("offers"), won=Count(
        "offers", filter=Q(offers__chosen=True))).values_list(
        "pk", "urgency", "opened_at", "closed_at", "first", "n", "won"))  # fmt: skip
    placed = set(Placement.objects.exclude(referral=None).values_list("referral", flat=True))
    first = [hours_between(opened, asked) for _, _, opened, _, asked, _, _ in rows if asked]
    chosen = [hours_between(opened, closed) for _, _, opened, closed, _, _, won in rows if won and closed]
    asked = [pk for pk, *_, n, _ in rows if n]
    return Own(
        searches=len(rows),
        emergencies=sum(urgency == "emergency" for _, urgency, *_ in rows),
        first_asked_hours=_median(first),
        first_asked_n=len(first),
        chosen_hours=_median(chosen),
        chosen_n=len(chosen),
        asked=len(asked),
        placed=sum(pk in placed for pk in asked),
    )


def since(first: datetime | None) -> tuple[QuerySet, QuerySet]:
    """(questions asked from then on, searches opened from then on); all of them for None."""
    offers, searches = Offer.objects.all(), Referral.objects.all()
    return (offers.filter(asked_at__gte=first), searches.filter(opened_at__gte=first)) if first else (offers, searches)


def _median(hours: Iterable[Decimal]) -> Decimal | None:
    return spread(hours).median


def _in_time(each: Time, today: date) -> bool | None:
    answered = timezone.localdate(each.answered_at) if each.answered_at else None
    return in_time(timezone.localdate(each.asked_at), answered, today)
