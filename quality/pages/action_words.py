"""Columns and words of improvement actions, the same on every page that lists them. An action follows from a finding
of a visit, or was agreed at a contract meeting."""

from datetime import date
from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from commissioning.kernel.tables import Column
from providers.pages.tones import ToneColumn

from ..models import ImprovementAction
from ..rules import codes
from .visit_words import where

ACTION_TONES = {"proposed": "needs", "agreed": "ours", "sent_back": "needs", "done": "needs", "verified": "good"}


def came_from(row: ImprovementAction) -> str:
    """ "Elm House, Flat 2", "Contract meeting 4" """
    return where(row.visit) if row.visit_id else str(row.meeting or "A contract meeting")


def place_of(row: ImprovementAction) -> str | None:
    """The page of the visit, or of the meeting where the viewer may read it."""
    if row.visit_id:
        return reverse("visit", args=[row.visit.uuid])
    return reverse("contract-meeting", args=[row.meeting.uuid]) if row.meeting else None


def heading_of(row: ImprovementAction) -> str:
    return f"Action at {where(row.visit)}" if row.visit_id else f"Action of {came_from(row).lower()}"


def is_late(row: ImprovementAction, today: date) -> bool:
    return row.state in codes.OPEN_ACTION_STATES and row.state != "done" and row.due_on < today


def state_words(row: ImprovementAction, today: date) -> str:
    words = codes.ACTION_STATES[row.state]
    return f"{words}, overdue" if is_late(row, today) else words


def action_columns(request: HttpRequest, today: date, *, on_visit: bool = False) -> list[Column]:
    sorts = {} if on_visit else {"due": "due_on", "owner": "owner", "state": "state", "home": "home"}

    def address(row: Any) -> str:
        return reverse("improvement-action", args=[row.uuid])

    columns = [
        Column("words", "Action", value=lambda row: row.words, link=address),
        Column("owner", "Who", sort=sorts.get("owner")),
        Column("due_on", "By", kind="date", sort=sorts.get("due")),
        ToneColumn("state", "State", value=lambda row: state_words(row, today), sort=sorts.get("state"),
                   tone=lambda row: "harm" if is_late(row, today) else ACTION_TONES[row.state]),
        Column("done_on", "Done on", kind="date", missing=""),
        Column("verified_on", "Checked on", kind="date", missing=""),
    ]  # fmt: skip
    if not on_visit:
        columns.insert(1, Column("home", "Home or meeting", value=came_from, sort=sorts.get("home"), link=place_of))
        if not request.user.provider_id:
            columns.insert(2, Column("provider", "Provider", value=lambda row: row.provider.name))
        columns.insert(3, Column("whose", "Authority", value=lambda row: row.authority.name))
    return columns
