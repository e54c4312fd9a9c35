"""What people are reminded of KPI returns: a line for each lot, never one for each figure."""

from collections.abc import Callable, Sequence
from datetime import date, timedelta

from django.conf import settings

from commissioning.kernel import wording
from commissioning.partnership.models import Lot

from ..measures.contract_kpis import asking_lots
from ..measures.kpi_returns import Slot, slots
from ..rules import kpi_periods
from ..rules.kpi_standing import REMIND_DAYS, TO_CHECK

QUARTERS = 4  # what is older is on the page, and nobody is told of it again
PAGE = "/kpis/returns/"


def _slots(lots: object, today: date, provider: int | None = None) -> list[Slot]:
    first = kpi_periods.last_ended("quarter", today)
    for _ in range(QUARTERS - 1):
        first = kpi_periods.before("quarter", first[0])
    return slots(lots, after=first[0], until=today + timedelta(days=1), today=today, provider=provider)


def lines_of_provider(provider: int, today: date) -> list[str]:
    """By lot and day: what is due within seven days or overdue; and what was queried or disputed. Inside its door."""
    found = _slots(Lot.objects.filter(awards__provider=provider).distinct(), today, provider)
    soon = today + timedelta(days=REMIND_DAYS)
    return [
        *_lines(found, lambda slot: slot.state == "due" and slot.due_on <= soon, "to return by {}"),
        *_lines(found, lambda slot: slot.returned is None and slot.state == "missing", "overdue since {}"),
        *_lines(found, lambda slot: slot.state in ("queried", "disputed"), "queried or disputed"),
    ]


def lines_of_lead(authority: int, today: date) -> list[str]:
    """By lot: what waits to be checked, and what is missing. Inside its door."""
    found = _slots(asking_lots().filter(framework__lead_authority=authority), today)
    return [
        *_lines(found, lambda slot: slot.state in TO_CHECK, "to be checked", dated=False),
        *_lines(found, lambda slot: slot.state == "missing", "missing", dated=False),
    ]


def _lines(
    found: Sequence[Slot], wanted: Callable[[Slot], bool], words: str, *, dated: bool = True
) -> list[str]:  # fmt: skip
    """ "General fostering: 3 KPI figures to return by 21 July 2026" and the page."""
    counted: dict[tuple[str, date | None], int] = {}
    for slot in found:
        if wanted(slot):
            key = (f"{slot.award.lot.framework.name}, {slot.award.lot}", slot.due_on if dated else None)
            counted[key] = counted.get(key, 0) + 1
    return [
        f"{lot}: {n:,} KPI {'figure' if n == 1 else 'figures'} {words.format(wording.day(due) if due else '')}\n"
        f"  {settings.SITE_URL}{PAGE}"
        for (lot, due), n in sorted(counted.items(), key=lambda each: (each[0][1] or date.max, each[0][0]))
    ]
