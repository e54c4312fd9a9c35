"""Columns and words of changes at homes, the same on every page that lists them."""

from typing import Any

from django.urls import reverse

from commissioning.kernel import wording
from commissioning.kernel.tables import Column
from providers.pages.tones import ToneColumn

from ..actions.tell_authorities import title_of, withdrawn_at
from ..models import Change
from ..rules import scales
from ..rules.watch_words import word_of
from .columns import TONES

HEARD = "Heard, and not yet in a file"


def home() -> Column:
    return Column(
        "home", "Home", value=lambda row: row.establishment.shown_name,
        link=lambda row: reverse("change", args=[row.uuid]),
    )  # fmt: skip


def side(key: str, label: str) -> Column:
    """What stood before or after: a judgement as a tag, anything else in words."""
    return ToneColumn(
        key, label, value=lambda row: word_of(row.kind, getattr(row, key)) or None,
        tone=lambda row: TONES.get(getattr(row, key), "plain") if row.kind == "judgement" else None,
        missing="not yet inspected" if key == "before" else "",
    )  # fmt: skip


def direction(change: Change) -> str:
    """In words, as no colour alone may say it."""
    if withdrawn_at(change):
        return "Withdrawn"
    if change.worse:
        return "For the worse"
    return "Better" if change.kind == "judgement" and change.before in scales.ALL_JUDGEMENTS else "Changed"


def source(change: Change) -> str:
    """Where it is known from: the file, or who heard it and whether a file has said so since."""
    if withdrawn_at(change):
        return "Heard in error"
    if change.confirmed_at is None:
        return HEARD
    known_first = change.known_at != change.confirmed_at
    return "Heard, then confirmed by Ofsted’s list" if known_first else "Ofsted’s list"


def heard_of(change: Change) -> Any:
    """The notice or the judgement that was entered by hand; None for what only a file said."""
    told = change.notice or change.inspection
    return told if told is not None and told.heard_at is not None else None


def to_decide(row: Any) -> str | None:
    if not row.undecided or not row.stands:
        return None
    return f"{wording.number(row.undecided)} to decide"


__all__ = ["direction", "heard_of", "home", "side", "source", "title_of", "to_decide", "withdrawn_at"]
