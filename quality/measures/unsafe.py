"""Answers of not being safe, and how far each has been followed."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import QuerySet

from ..models import Alert, SurveyAnswer, SurveyResponse
from ..rules import codes

STATES = {"new": "not read yet", "open": "being followed", "closed": "closed"}


@dataclass(frozen=True)
class NotSafe:
    response: SurveyResponse
    alert: Alert | None

    @property
    def closed_on(self) -> date | None:
        concern = self.response.concern
        return concern.closed_on if concern is not None else self.response.followed_on

    @property
    def outcome(self) -> str:
        concern = self.response.concern
        return concern.outcome if concern is not None else self.response.followed_how

    @property
    def known_on(self) -> date:
        """The day we knew: an answer on paper may be older."""
        concern = self.response.concern
        return concern.raised_on if concern is not None else self.response.answered_on

    @property
    def state(self) -> str:
        if self.closed_on is not None:
            return "closed"
        return "open" if self.alert is not None and self.alert.acknowledged_at else "new"

    @property
    def who(self) -> str | None:
        """Who looks after it: whoever read the alert; before that nobody does."""
        read_by = self.alert.acknowledged_by if self.alert is not None else None
        return read_by.name if read_by is not None else None

    def days_open(self, today: date) -> int:
        return ((self.closed_on or today) - self.known_on).days


def not_safe() -> QuerySet:
    """The authority's own responses in which somebody is not safe."""
    said = SurveyAnswer.objects.filter(question__unsafe=True, value__in=codes.NOT_SAFE)
    rows = SurveyResponse.objects.filter(pk__in=said.values("response"))
    return rows.select_related("concern", "establishment", "provider", "placement__child", "survey")


def followed(responses: Iterable[SurveyResponse]) -> list[NotSafe]:
    """Each with its alert. One query beside that of the responses."""
    rows = list(responses)
    alerts = {
        alert.about: alert
        for alert in Alert.objects.filter(kind="answer", about__in=[row.uuid for row in rows]).select_related(
            "acknowledged_by"
        )
    }
    return [NotSafe(row, alerts.get(row.uuid)) for row in rows]
