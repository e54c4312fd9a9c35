"""With which providers a contract meeting is due: everybody from whom the authority bought in twelve months, by what it
spent with them and by risk (rules/meeting_bands.py), beside when they were last met."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Min, Q

from commissioning.partnership.rules.terms import add_months
from contracts.measures.spend import spend_rows
from contracts.models import Placement
from providers.models import Establishment, Provider, Suspension

from ..models import Concern, ContractMeeting, ImprovementAction
from ..rules.meeting_bands import FIRST_WITHIN_MONTHS, MONTHS, Risk, higher, risk_band, spend_band
from ..rules.reminders import SOON_DAYS
from .judgements import latest_judgements
from .scorecard_kpis import kpi_standings, late_by_provider

NOT_DONE = ("proposed", "agreed", "sent_back")  # the provider still has to act


@dataclass
class DueMeeting:
    """One provider. `spent` is the authority's own share of twelve months; `why` the reasons of risk; `due_on` the day
    by which it is to be met; `next_on` that of a meeting that is planned."""

    provider: Provider
    spent: Decimal
    spend_band: str
    risk_band: str
    why: list[str]
    due_on: date
    last_on: date | None = None
    next_on: date | None = None
    next: ContractMeeting | None = None
    risk: Risk = field(default_factory=Risk)

    @property
    def band(self) -> str:
        return higher(self.spend_band, self.risk_band)

    def overdue(self, today: date) -> bool:
        return self.due_on < today


def meetings_near(authority: int, today: date) -> Any:
    """Of the authority's own: planned within three days, or for a day that is past; the first of them first."""
    rows = ContractMeeting.objects.filter(authority=authority, state="planned")
    rows = rows.filter(planned_on__lte=today + timedelta(days=SOON_DAYS))
    return rows.select_related("provider").order_by("planned_on", "pk")


def meetings_due(authority_id: int, today: date) -> list[DueMeeting]:
    """The earliest due first. About sixteen queries, whatever the number of providers."""
    spent = {
        row.key[0]: row.own
        for row in spend_rows(first=add_months(today, -12), until=today + timedelta(days=1), by=("provider",))
        if row.key[0] is not None and (row.nights or row.gross)
    }
    ids = list(spent)
    providers = Provider.objects.in_bulk(ids)
    firsts = dict(
        Placement.objects.filter(provider__in=ids, starts_on__lte=today).order_by()
        .values_list("provider").annotate(Min("starts_on"))
    )  # fmt: skip
    risks, last, coming = _risks(ids, today), _last(ids, authority_id), _next(ids, authority_id)
    found = []
    for pk, provider in providers.items():
        of_spend, (of_risk, why) = spend_band(spent[pk]), risk_band(risks[pk])
        met, planned = last.get(pk), coming.get(pk)
        every = MONTHS[higher(of_spend, of_risk)]
        due = add_months(met, every) if met else add_months(firsts.get(pk, today), FIRST_WITHIN_MONTHS)
        found.append(DueMeeting(
            provider, spent[pk], of_spend, of_risk, why, due, met, planned.planned_on if planned else None, planned,
            risks[pk],
        ))  # fmt: skip
    return sorted(found, key=lambda row: (row.due_on, -row.spent, row.provider.name))


def surely_due(authority_id: int, today: date) -> int:
    """Of those, how many are overdue whatever their band, with no meeting planned: never met within the first months,
    or not within the longest interval. For a page that cannot wait for spend and risk: three queries."""
    bought = Placement.objects.filter(authority=authority_id, starts_on__lte=today).exclude(provider=None)
    recent = bought.exclude(ends_before__lte=add_months(today, -12)).values("provider")
    firsts = bought.filter(provider__in=recent).order_by().values_list("provider").annotate(Min("starts_on"))
    first = dict(firsts)
    last, coming = _last(list(first), authority_id), _next(list(first), authority_id)
    longest = max(MONTHS.values())
    return sum(
        pk not in coming
        and (add_months(last[pk], longest) if pk in last else add_months(begun, FIRST_WITHIN_MONTHS)) < today
        for pk, begun in first.items()
    )


def _risks(ids: list[int], today: date) -> dict[int, Risk]:
    judged: dict[int, list[str]] = defaultdict(list)
    listed = list(Establishment.objects.listed().filter(provider__in=ids).values_list("pk", "provider"))
    latest = latest_judgements([pk for pk, _ in listed])
    for pk, provider in listed:
        if pk in latest:
            judged[provider].append(latest[pk][0])
    suspended = Counter(
        Suspension.objects.in_force_on(today).filter(provider__in=ids).values_list("provider", flat=True)
    )
    overdue = Counter(
        ImprovementAction.objects.filter(provider__in=ids, state__in=NOT_DONE, due_on__lt=today)
        .values_list("provider", flat=True)
    )  # fmt: skip
    concerns = Counter(Concern.objects.filter(provider__in=ids, closed_on=None).values_list("provider", flat=True))
    late = late_by_provider(kpi_standings(ids, today))
    return {
        pk: Risk(judged[pk], suspended[pk], overdue[pk], len(late.get(pk, ())), concerns[pk]) for pk in ids
    }  # fmt: skip


def _last(ids: list[int], authority_id: int) -> dict[int, date]:
    """When each was last met."""
    rows = ContractMeeting.objects.filter(
        ~Q(held_on=None), authority=authority_id, provider__in=ids, state__in=("held", "minuted")
    )
    return dict(rows.order_by("held_on").values_list("provider", "held_on"))  # the last of each stands


def _next(ids: list[int], authority_id: int) -> dict[int, ContractMeeting]:
    rows = ContractMeeting.objects.filter(authority=authority_id, provider__in=ids, state="planned")
    return {row.provider_id: row for row in rows.order_by("-planned_on", "-pk")}  # the first of each stands
