"""A list of changes as a table, 50 a page: the same columns for one record's history and for everybody's."""

from collections.abc import Mapping
from typing import Any

from django.db import models
from django.db.models import Q
from django.http import HttpRequest
from django.urls import reverse

from .. import wording
from ..audit.history import Event, count_events, read_events
from ..tables import PER_PAGE, Column, Table

MOST = 10_000  # counted no further: the page says so


def _record(event: Event) -> str | None:
    return reverse("audit-record", args=[event.table, event.row_uuid]) if event.row_uuid else None


def _why(event: Event) -> str:
    return "; ".join(part for part in (event.reason, event.file.says if event.file else "") if part)


def event_columns(*, linked: bool = False) -> list[Column]:
    return [
        Column(
            "what", "Record", value=lambda e: f"{wording.capital(e.noun)}: {e.title}", link=_record if linked else None
        ),
        Column("change", "What changed", value=lambda e: e.says),
        Column("who", "By", value=lambda e: e.who),
        Column("at", "When", kind="instant"),
        Column("why", "Why, or from which file", value=_why, missing=""),
    ]


def event_table(
    request: HttpRequest,
    selections: Mapping[type[models.Model], Q],
    caption: str,
    *,
    linked: bool = False,
    **more: Any,
) -> Table:
    """One page of events, newest first. Queries: the count, the events, one for each kind of record named."""
    total = count_events(selections, most=MOST)
    asked = request.GET.copy()
    wanted = asked.pop("page", ["1"])[-1]
    page = min(max(1, int(wanted)) if wanted.isdecimal() else 1, max(1, -(-total // PER_PAGE)))
    start = (page - 1) * PER_PAGE
    events = read_events(selections, start=start, stop=start + PER_PAGE) if total else []
    return Table(
        event_columns(linked=linked), events, caption, total=total, page=page, query=asked.urlencode(),
        noun=("change", "changes"), **more,
    )  # fmt: skip
