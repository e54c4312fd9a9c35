"""The providers of a lot or of an owner's group side by side, each with its own figures: never one score, no rank."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from django.db.models import Count, F, Q
from django.db.models.functions import Coalesce

from commissioning.kernel.statistics import spread
from commissioning.partnership.rules.terms import add_months
from providers.models import Provider
from providers.rules.codes import ESTABLISHMENT_KINDS
from quality.measures.judgements import Standing, standings
from quality.measures.scorecard_care import NOT_DONE
from quality.measures.scorecard_voice import MONTHS
from quality.models import ImprovementAction, SurveyResponse, Visit
from quality.rules.codes import OPEN_ACTION_STATES

from .scorecard import Scope, Scorecard, bought


@dataclass
class Side:
    """One provider. `answered`: own young people who answered in 24 months."""

    provider: Provider
    standing: Standing | None = None
    prices: list[Decimal] = field(default_factory=list)
    homes: int = 0
    visits: int = 0
    opened: int = 0
    late: int = 0
    kpis: Counter[str] = field(default_factory=Counter)
    missing: int = 0
    answered: int = 0
    suspended: bool = False

    @property
    def median(self) -> Decimal | None:
        return spread(self.prices).median


def side_by_side(card: Scorecard) -> list[Side]:
    """By name. Eight queries."""
    scope, today = card.scope, card.today
    rows = {row.pk: Side(row) for row in Provider.objects.filter(pk__in=scope.providers).order_by("name")}
    for pk, standing in standings(list(rows), scope.kinds or tuple(ESTABLISHMENT_KINDS)).items():
        rows[pk].standing = standing
    if card.own:
        for pk, weekly in bought(scope, today).values_list("provider_id", "weekly"):
            rows[pk].homes += 1
            if weekly is not None:
                rows[pk].prices.append(weekly)
        _answered(rows, scope, today)
    _worked(rows, scope, today)
    for each in card.kpis:
        side = rows[each.award.provider_id]
        side.missing += each.missing
        if each.newest is not None:
            side.kpis[each.newest.rating] += 1
    for each in card.suspensions:
        if each.provider_id in rows and each.lifted_on is None and (each.expires_on is None or each.expires_on > today):
            rows[each.provider_id].suspended = True
    return list(rows.values())


def _answered(rows: dict[int, Side], scope: Scope, today: date) -> None:
    told = SurveyResponse.objects.filter(
        answered_on__gt=add_months(today, -MONTHS), answered_on__lte=today, provider__in=list(rows)
    )
    if scope.lot_id is not None:
        told = told.filter(lot=scope.lot_id)
    people = Count(Coalesce(F("placement__child_id"), -F("id")), distinct=True)
    for pk, n in told.order_by().values("provider_id").annotate(people=people).values_list("provider_id", "people"):
        rows[pk].answered = n


def _worked(rows: dict[int, Side], scope: Scope, today: date) -> None:
    seen = Visit.objects.done().filter(provider__in=list(rows), visited_on__gt=add_months(today, -12))
    acts = ImprovementAction.objects.filter(provider__in=list(rows), state__in=OPEN_ACTION_STATES)
    if scope.kinds:
        seen = seen.filter(establishment__kind__in=scope.kinds)
        acts = acts.filter(Q(visit__establishment__kind__in=scope.kinds) | Q(meeting__isnull=False))
    for pk, n in seen.order_by().values_list("provider_id").annotate(Count("pk")):
        rows[pk].visits = n
    counted: dict[int, Counter[bool]] = defaultdict(Counter)
    for pk, state, due_on in acts.values_list("provider_id", "state", "due_on"):
        counted[pk][state in NOT_DONE and due_on < today] += 1
    for pk, counts in counted.items():
        rows[pk].opened, rows[pk].late = sum(counts.values()), counts[True]
