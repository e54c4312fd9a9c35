"""A visit as a device holds it while nobody else sees it: items by name, each with what the device last knew to
stand. From that alone follows whether an item is saved, stands already, or is for the officer to choose.

Items: "visited_on", "summary", "people_seen", "signed", "answer/<question>", "finding/<the device's own name of it>".
"""

import hashlib
import json
import re
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from .codes import ANSWER_SCALES, MARKINGS

LONGEST = 4000
MOST_ITEMS = 2000
TEXTS = ("summary", "people_seen")
SINGLE = ("visited_on", "signed", *TEXTS)
HALF = re.compile("[\ud800-\udfff]")  # of a letter that a device cut in two: no database keeps it
WHEN = ("answered_at", "found_at", "at")  # by the device's clock: two items that differ in nothing else are the same


class NoDraft(ValueError):
    """What came is no draft of a visit; says why."""


@dataclass(frozen=True)
class Item:
    """`mine`: as the device has it, None where it was taken out there. `was`: as the device last knew it to stand."""

    mine: Any
    was: Any


@dataclass(frozen=True)
class Draft:
    """`saw`: the visit as the device last knew it: its template, its state, the day it was planned for."""

    key: UUID
    device: str
    template: str
    state: str
    planned_on: str
    items: dict[str, Item]
    digest: str


def read_draft(told: Any) -> Draft:
    """From the JSON that a device sends. Raises NoDraft."""
    try:
        saw = told["saw"]
        items = {str(name): Item(each["mine"], each["was"]) for name, each in told["items"].items()}
        draft = Draft(
            UUID(told["key"]), str(told["device"])[:100], str(saw["template"]), str(saw["state"]),
            str(saw["planned_on"]), items, _digest(told),
        )  # fmt: skip
    except (KeyError, TypeError, ValueError, AttributeError) as problem:
        raise NoDraft("This is not a visit as a tablet keeps it.") from problem
    if len(items) > MOST_ITEMS:
        raise NoDraft(f"A visit has at most {MOST_ITEMS} answers and findings.")
    for name in items:
        kind, _, rest = name.partition("/")
        if name not in SINGLE and (kind not in ("answer", "finding") or not _is_uuid(rest)):
            raise NoDraft(f"“{name[:60]}” is nothing that a visit has.")
    return draft


def _digest(told: Any) -> str:
    return hashlib.sha256(json.dumps(told, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def _is_uuid(text: str) -> bool:
    try:
        return str(UUID(text)) == text
    except ValueError:
        return False


def bare(content: Any) -> Any:
    """Without the device's clock, and None for what says nothing."""
    if isinstance(content, dict):
        kept = {name: value for name, value in content.items() if name not in WHEN}
        return kept if any(kept.values()) else None
    return content or None


def meets(item: Item, stands: Any) -> str:
    """ "same": it stands already. "take": nobody touched it since the device read it. "ask": somebody did."""
    mine, was, now = bare(item.mine), bare(item.was), bare(stands)
    if mine == now:
        return "same"
    return "take" if was == now else "ask"


def why_not(name: str, mine: Any, *, scale: str = "", today: date) -> str:
    """Why an item cannot be kept as it is, in words; empty where it can. `scale`: of the question it answers."""
    if mine is None:
        return ""
    if name == "visited_on":
        return _why_not_day(mine, today)
    if name in TEXTS:
        return _why_not_text(mine)
    if not isinstance(mine, dict):
        return "This was not sent whole: open it, and save it again."
    if name == "signed":
        return _why_not_text(mine.get("name"), 200) or _why_not_instant(mine.get("at"))
    if name.startswith("answer/"):
        return (
            _why_not_value(mine.get("value"), scale)
            or _why_not_text(mine.get("note"))
            or _why_not_instant(mine.get("answered_at"))
        )
    if not str(mine.get("words") or "").strip():
        return "Say what you found."
    if mine.get("marking") not in MARKINGS:
        return "Choose who may read the finding."
    return _why_not_text(mine["words"]) or _why_not_instant(mine.get("found_at"))


def _why_not_day(mine: Any, today: date) -> str:
    try:
        day = date.fromisoformat(mine)
    except (TypeError, ValueError):
        return "Enter the day of the visit."
    return "That day has not come yet: enter the day of the visit." if day > today else ""


def _why_not_text(mine: Any, longest: int = LONGEST) -> str:
    if not isinstance(mine, str) or "\0" in mine or HALF.search(mine):
        return "This was not sent whole: open it, and save it again."
    return f"Shorten this to {longest:,} characters." if len(mine) > longest else ""


def _why_not_instant(mine: Any) -> str:
    try:
        aware = datetime.fromisoformat(mine).tzinfo is not None
    except (TypeError, ValueError):
        aware = False
    return "" if aware else "This was not sent whole: open it, and save it again."


def _why_not_value(value: Any, scale: str) -> str:
    if not isinstance(value, str):
        return "Choose one of the answers."
    if scale == "number":
        return "" if not value or _is_number(value) else "Enter the number in figures, for example 4."
    if scale == "words":
        return _why_not_text(value)
    return "" if not value or value in ANSWER_SCALES.get(scale, {}) else "Choose one of the answers."


def _is_number(value: str) -> bool:
    whole, dot, part = value.partition(".")
    return len(value) < 12 and whole.isascii() and whole.isdigit() and (not dot or (part.isascii() and part.isdigit()))
