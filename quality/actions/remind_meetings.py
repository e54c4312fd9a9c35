"""What people are reminded of contract meetings: the day that is near or past, and minutes that are not finished."""

from datetime import date, timedelta

from django.conf import settings

from commissioning.kernel import wording

from ..measures.meetings_due import meetings_near
from ..models import ContractMeeting
from ..rules.reminders import MINUTES_DAYS, SOON_DAYS


def lines_of_authority(authority: int, today: date) -> list[str]:
    """Inside its door."""
    held = ContractMeeting.objects.filter(
        authority=authority, state="held", held_on__lt=today - timedelta(days=MINUTES_DAYS)
    )
    return [
        *(_line(row, row.provider.name, _when(row.planned_on, today)) for row in meetings_near(authority, today)),
        *(_line(row, row.provider.name, f"held on {wording.day(row.held_on)}, its minutes are not finished")
          for row in held.select_related("provider").order_by("held_on", "pk")),
    ]  # fmt: skip


def lines_of_provider(today: date) -> list[str]:
    """Those that it was told of. Inside its door."""
    rows = ContractMeeting.objects.filter(state="planned", planned_on__gte=today)
    rows = rows.filter(planned_on__lte=today + timedelta(days=SOON_DAYS)).select_related("authority")
    return [_line(row, row.authority.name, _when(row.planned_on, today)) for row in rows.order_by("planned_on", "pk")]


def _when(day: date, today: date) -> str:
    if day < today:
        return f"planned for {wording.day(day)}: say that it was held, or move it"
    return "today" if day == today else f"on {wording.day(day)}"


def _line(row: ContractMeeting, whom: str, words: str) -> str:
    """ "Contract meeting with Alder: on 4 May 2026" and its page. Nothing of its agenda."""
    return f"Contract meeting with {whom}: {words}\n  {settings.SITE_URL}/providers/contract-meetings/{row.uuid}/"
