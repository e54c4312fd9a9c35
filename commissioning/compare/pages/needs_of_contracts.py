"""What contracts ask for: meetings that are near, past or due, and returns of KPIs that have not come."""

from datetime import date, timedelta

from django.urls import reverse

from commissioning.kernel import wording
from commissioning.partnership.models import Lot
from quality.measures.contract_kpis import asking_lots
from quality.measures.kpi_returns import slots
from quality.measures.meetings_due import meetings_near, surely_due
from quality.rules import kpi_periods

from .needs import Need

SHOWN = 5
QUARTERS = 2  # what the page of returns shows first


def needs_of_contracts(user, today: date) -> list[Need]:
    """For who may act on them: the lead chases returns, a provider sends them, and each authority meets its own."""
    if user.provider_id:
        return _to_return(user, today) if user.may("create", "kpi-returns") else []
    if not user.authority_id:
        return []
    return [
        *(_meetings(user, today) if user.may("change", "contract-meetings") else ()),
        *(_due(user, today) if user.may("create", "contract-meetings") else ()),
        *(_missing(user, today) if user.may("check", "kpi-returns") else ()),
    ]


def _meetings(user, today: date) -> list[Need]:
    return [
        Need(
            f"Contract meeting with {row.provider.name}, planned for {wording.day(row.planned_on)}",
            "Its day is past: say that it was held, or move it." if row.planned_on < today else "It is near.",
            "See the meeting", reverse("contract-meeting", args=[row.uuid]),
        )
        for row in meetings_near(user.authority_id, today)[:SHOWN]
    ]  # fmt: skip


def _due(user, today: date) -> list[Need]:
    """What is due by the longest interval: by spend and risk, which that page works out, more may be."""
    count = surely_due(user.authority_id, today)
    if not count:
        return []
    what = "1 contract meeting is due" if count == 1 else f"{count:,} contract meetings are due"
    why = "Never met in the first three months, or not for a year. By spend and risk more may be."
    return [Need(f"{what}, and none is planned", why, "See with whom",
                 f"{reverse('contract-meetings-due')}?which=overdue")]  # fmt: skip


def _missing(user, today: date) -> list[Need]:
    """On lots that the authority leads."""
    count = _late(asking_lots().filter(framework__lead_authority=user.authority_id), today)
    if not count:
        return []
    what = "1 KPI return is missing" if count == 1 else f"{count:,} KPI returns are missing"
    return [Need(f"{what} on lots that we lead", "Each was due before today.", "See what is missing",
                 f"{reverse('kpi-returns')}?state=missing")]  # fmt: skip


def _to_return(user, today: date) -> list[Need]:
    count = _late(Lot.objects.filter(awards__provider=user.provider_id).distinct(), today, user.provider_id)
    if not count:
        return []
    what = "1 KPI figure is overdue" if count == 1 else f"{count:,} KPI figures are overdue"
    return [Need(what, "Each was due before today.", "Return them", reverse("kpi-returns"))]


def _late(lots, today: date, provider: int | None = None) -> int:
    first = kpi_periods.last_ended("quarter", today)
    for _ in range(QUARTERS - 1):
        first = kpi_periods.before("quarter", first[0])
    found = slots(lots, after=first[0], until=today + timedelta(days=1), today=today, provider=provider)
    return sum(slot.returned is None and slot.late for slot in found)
