"""Outcomes: what your authority's young people answered, by statement, provider and quarter, as its pages count them
(quality/measures/voice.py). Nothing that anybody wrote."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from itertools import groupby
from typing import Any
from uuid import UUID, uuid5

from django.db.models import Min
from rest_framework import serializers
from rest_framework.request import Request

from commissioning.kernel.tenancy.viewer import acting
from commissioning.partnership.models import Authority, Statement
from commissioning.partnership.rules.terms import add_months
from providers.models import Provider
from quality.filters_voice import VoiceSelection
from quality.measures.voice import Response, Selection, response_rates, results
from quality.models import SurveyAnswer, SurveyResponse
from quality.rules.codes import SURVEY_SCALE

from .fields import Field, text, whole
from .resources import Declared, Takes
from .spend import PARAMETERS, SpendView
from .views import selected

NAMESPACE = UUID("b8f3b0a4-8f6e-5f0b-9d0c-2f1f6a1f0c55")  # a row's id is made of what it is of, and never changes
NOBODY = "null: nobody answered on the scale"


def _share(name: str, says: str) -> Field:
    return Field(name, name, serializers.DecimalField(max_digits=5, decimal_places=1, help_text=says, allow_null=True))


def _id(name: str, says: str = "", *, null: bool = True) -> Field:
    return Field(name, name, serializers.UUIDField(help_text=says, allow_null=null))


def _day(name: str, says: str) -> Field:
    return Field(name, name, serializers.DateField(help_text=says))


OUTCOMES = Declared(
    name="outcomes",
    component="Outcome",
    says="What your authority’s young people answer, counted by statement, provider and quarter: the figures of the "
    "outcomes pages. A row may be of one young person: it is for your authority alone. Nothing that anybody wrote is "
    "here. They are worked out when you ask, so there is no updated_since: read the quarters that you keep again. "
    "Shared figures of the partnership are in benchmarks.",
    own_fields=(
        _id("id", "made of what the row is of: the same whenever you ask", null=False),
        _day("starts_on", "the quarter’s first day"),
        _day("ends_before", "the first day of the next"),
        _id("statement", null=False),
        whole("statement_number", required=True),
        text("statement_words", required=True),
        _id("provider", "null: a home of your own, or no provider is recorded"),
        text("provider_name"),
        whole("n", says="answers on the five words", required=True),
        whole("young_people", says="who gave them; the interval counts each once", required=True),
        whole("agree", says="answers that say mostly or always", required=True),
        _share("percent", f"of n. {NOBODY}"),
        _share("interval_low", "Wilson, 95%"),
        _share("interval_high", "Wilson, 95%"),
        *(whole(f"said_{value}", says=f"“{word}”", required=True) for value, word in SURVEY_SCALE.items()),
        whole("unsaid", says="did not want to say; not in n", required=True),
        whole("answered_for", says="given by somebody for a young person; in n", required=True),
        whole("links_due", says="links to a survey about the statement that were due", required=True),
        whole("links_answered", required=True),
    ),
    selection=VoiceSelection,
    takes=Takes(source="surveys", tables=("surveys",), scope="outcomes:write"),
)


@dataclass(frozen=True)
class Asked:
    """`service`, `who` and the rest as the filters have them; quarters from `first` up to, and without, `until`."""

    first: date
    until: date
    selection: Selection
    sets: tuple[int, ...]
    statement: Statement | None

    def rows(self, after: tuple[date, str] | None = None) -> Iterator[tuple[date, str, dict[str, Any]]]:
        """(quarter, id, row) in their order, beyond `after`."""
        own = Authority.objects.values_list("uuid", flat=True).get(pk=acting().viewer.authority_id)
        found = []
        for of in self.sets:
            selection = replace(
                self.selection, statement_set=of, first=max(self.first, after[0] if after else self.first)
            )
            statements = {each.number: each for each in Statement.objects.filter(statement_set=of)}
            answered = results(selection, ("quarter", "provider"), self.statement.number if self.statement else None)
            rates = response_rates(selection, ("quarter", "provider"))
            providers = Provider.objects.in_bulk({row.key[1] for row in answered if row.key[1]})
            for row in answered:
                quarter, provider = row.key
                if row.statement in statements:
                    found.append(_told(own, statements[row.statement], quarter, providers.get(provider), row,
                                       rates.get((row.statement, *row.key), Response())))  # fmt: skip
        found.sort(key=lambda each: each[:2])
        for _, of_quarter in groupby(found, key=lambda each: each[0]):
            yield from (each for each in of_quarter if after is None or each[:2] > after)


def _told(
    own: UUID, statement: Statement, quarter: date, provider: Provider | None, row: Any, rate: Response
) -> tuple[date, str, dict[str, Any]]:
    identity = str(uuid5(NAMESPACE, "|".join(map(str, (own, statement.uuid, quarter, provider and provider.uuid)))))
    band = row.interval
    return quarter, identity, {
        "id": identity, "starts_on": quarter.isoformat(), "ends_before": add_months(quarter, 3).isoformat(),
        "statement": str(statement.uuid), "statement_number": statement.number, "statement_words": statement.words,
        "provider": str(provider.uuid) if provider else None, "provider_name": provider.name if provider else None,
        "n": row.n, "young_people": row.people, "agree": row.agree,
        "percent": f"{row.percent:.1f}" if row.percent is not None else None,
        "interval_low": f"{band.low:.1f}" if band else None, "interval_high": f"{band.high:.1f}" if band else None,
        **{f"said_{value}": row.said[value] for value in SURVEY_SCALE},
        "unsaid": row.unsaid, "answered_for": row.behalf, "links_due": rate.asked, "links_answered": rate.answered,
    }  # fmt: skip


class OutcomesView(SpendView):
    """As spend: a page of rows, or all of them as a file; here the place in a walk is a quarter."""

    no_delta = (
        "outcomes has no updated_since: it is worked out when it is asked, and no list of changes is kept of it.",
        "Ask for the quarters you keep, as answered_from=2026-01-01, and put them in place of those you hold.",
    )

    def _asked(self, request: Request, given: dict[str, str]) -> Asked:  # type: ignore[override]
        filters = {name: value for name, value in given.items() if name not in PARAMETERS and value != ""}
        selected(self.declared, SurveyAnswer.objects.none(), filters)  # says what is wrong with a filter
        today = request.auth.today
        begins = SurveyResponse.objects.aggregate(day=Min("answered_on"))["day"] or today
        first, last = filters.get("answered_from"), filters.get("answered_before")
        first_on = _quarter_from(date.fromisoformat(first)) if first else _quarter_of(begins)
        until = _quarter_from(date.fromisoformat(last)) if last else add_months(_quarter_of(today), 3)
        statement = provider = None
        nobody = False
        if "statement" in filters:
            statement = Statement.objects.filter(uuid=filters["statement"]).first()
            nobody = statement is None
        if "provider" in filters:
            provider = Provider.objects.filter(uuid=filters["provider"]).values_list("pk", flat=True).first()
            nobody = nobody or provider is None
        used = SurveyAnswer.objects.order_by().values_list("question__survey__statement_set", flat=True).distinct()
        sets = (statement.statement_set_id,) if statement else tuple(sorted(used))
        if nobody or first_on >= until:
            sets = ()
        selection = Selection(0, first_on, until, filters.get("service_type", ""), provider, None,
                              filters.get("answered_by", ""))  # fmt: skip
        return Asked(first_on, until, selection, sets, statement)


def _quarter_of(day: date) -> date:
    return date(day.year, (day.month - 1) // 3 * 3 + 1, 1)


def _quarter_from(day: date) -> date:
    """The first quarter that begins on the day or later."""
    begins = _quarter_of(day)
    return begins if begins == day else add_months(begins, 3)
