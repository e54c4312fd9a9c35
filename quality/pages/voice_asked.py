"""What may be asked of results: which statements, how long back, which homes, and who answered."""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from django.http import HttpRequest

from commissioning.kernel import wording
from commissioning.kernel.pages.questions import Asked, Question, ask, by_words
from commissioning.partnership.models import StatementSet
from commissioning.partnership.rules.terms import add_months
from contracts.rules.codes import SERVICE_TYPES
from providers.models import Provider

from ..measures.voice import THEIRS, Selection
from ..models import Survey, SurveyResponse
from ..rules.codes import ANSWERED_BY

PERIODS = {"12": "the last 12 months", "24": "the last 24 months", "all": "all the time"}
WHO = {THEIRS: "without those answered for them", **ANSWERED_BY}


@dataclass(frozen=True)
class Wanted:
    """A selection, the same length of time before it, and the questions that led to it."""

    of: StatementSet
    selection: Selection
    asked: Asked
    months: int
    today: date
    provider: Provider | None

    @property
    def before(self) -> Selection | None:
        first = self.selection.first
        return replace(self.selection, first=add_months(first, -self.months), until=first) if first else None

    @property
    def when(self) -> str:
        if self.selection.first is None:
            return f"until {wording.day(self.today)}"
        return f"{wording.day(self.selection.first)} to {wording.day(self.today)}"

    @property
    def recorded_from(self) -> date:
        """Our own records are of the days asked; of all the time, those of two years."""
        return self.selection.first or add_months(self.selection.until, -24)


def wanted(request: HttpRequest, today: date, *, of: StatementSet | None = None, providers: bool = True) -> Wanted:
    """About six queries. `of`: the set of the statement that is looked at. StatementSet.DoesNotExist where there is
    none at all."""
    until = today + timedelta(days=1)
    sets = _sets()
    known = list(Provider.objects.filter(pk__in=_answered("provider")).order_by("name"))
    kinds = {code: SERVICE_TYPES[code] for code in _answered("service_type") if code in SERVICE_TYPES}
    questions = [
        Question("period", "Answered in", PERIODS, default="12", always=True),
        Question("service", "Kind of home", by_words(kinds)),
        *([Question("provider", "Provider", {str(p.uuid): p.name for p in known})] if providers else []),
        Question("who", "Answered by", WHO),
    ]
    if of is None and len(sets) > 1:
        questions.insert(0, Question("set", "Statements", {str(s.uuid): s.name for s in sets},
                                     default=str(sets[0].uuid), always=True))  # fmt: skip
    asked = ask(request.GET, questions, ())
    answers = asked.answers
    if of is None:
        of = next((each for each in sets if str(each.uuid) == answers.get("set")), sets[0] if sets else None)
    if of is None:
        raise StatementSet.DoesNotExist
    months = int(answers["period"]) if answers["period"] != "all" else 0
    provider = next((p for p in known if str(p.uuid) == answers.get("provider")), None)
    selection = Selection(
        of.pk, add_months(until, -months) if months else None, until, answers["service"],
        provider.pk if provider else None, None, answers["who"],
    )  # fmt: skip
    return Wanted(of, selection, asked, months, today, provider)


def _sets() -> list[StatementSet]:
    """Those that something is asked about first, the newest of them before older versions."""
    used = set(Survey.objects.values_list("statement_set", flat=True).distinct())
    in_use = set(StatementSet.objects.in_use().values_list("pk", flat=True))
    found = [each for each in StatementSet.objects.all() if each.pk in used or each.pk in in_use]
    return sorted(found, key=lambda s: (s.pk not in used, s.pk not in in_use, s.name, -s.number))


def _answered(column: str) -> list[Any]:
    """Providers, or kinds of home, from which the viewer's authority has an answer."""
    return list(SurveyResponse.objects.exclude(**{column: None}).order_by().values_list(column, flat=True).distinct())
