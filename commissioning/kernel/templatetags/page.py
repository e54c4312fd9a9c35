"""Words and small components for templates: `{% load page %}`. A missing value reads "not recorded"."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import template
from django.utils.safestring import SafeString

from commissioning.kernel import wording

register = template.Library()


def _or_missing(write: Callable[..., str], value: Any, **options: Any) -> str:
    if isinstance(value, wording.Withheld):
        return str(value)
    return wording.missing() if wording.is_missing(value) else write(value, **options)


@register.filter
def pounds(value: Any) -> str:
    """1234.5 -> £1,234.50"""
    return _or_missing(wording.pounds, value)


@register.filter
def pounds_whole(value: Any) -> str:
    """1234.5 -> £1,235"""
    return _or_missing(wording.pounds, value, whole=True)


@register.filter
def change(value: Any) -> str:
    """15 -> up +£15.00; 0 -> no change"""
    return _or_missing(wording.change, value)


@register.filter
def number(value: Any) -> str:
    """12345 -> 12,345"""
    return _or_missing(wording.number, value)


@register.filter
def percent(value: Any) -> str:
    """61.4 -> 61%"""
    return _or_missing(wording.percent, value)


@register.filter
def day(value: Any) -> str:
    """A date -> 3 March 2026"""
    return _or_missing(wording.day, value)


@register.filter
def instant(value: Any) -> str:
    """A moment -> 3 March 2026 at 2:05pm, in local time"""
    return _or_missing(wording.instant, value)


@register.filter
def yesno_words(value: Any) -> str:
    """True -> Yes, False -> No"""
    return _or_missing(lambda known: "Yes" if known else "No", value)


@register.filter
def recorded(value: Any) -> Any:
    """The value itself, or "not recorded"."""
    return wording.missing() if wording.is_missing(value) else value


@register.filter
def tag(value: Any, tone: str = "") -> str:
    """A tag with the word in full; its tone follows the word: `{{ judgement|tag }}`, `{{ "Draft"|tag:"needs" }}`."""
    return _or_missing(lambda known: wording.tag(str(known), tone), value)


@register.simple_tag
def withheld(why: str, instead: str = "") -> SafeString:
    """The letter c whose reason shows on focus or tap: `{% withheld "Fewer than 5 children." "..." %}`."""
    return wording.withheld(why, instead)


@register.inclusion_tag("components/breadcrumbs.html")
def crumbs(*parts: str) -> dict[str, Any]:
    """`{% crumbs "Lots" "/lots/" "General fostering" %}`: text and address in turn; the last may have none."""
    pairs = [parts[index : index + 2] for index in range(0, len(parts), 2)]
    return {"crumbs": [{"text": pair[0], "href": pair[1] if len(pair) > 1 else ""} for pair in pairs]}


@register.inclusion_tag("components/summary_list.html")
def summary_list(rows: list[tuple[Any, ...]]) -> dict[str, Any]:
    """A summary list of (label, value) or (label, value, href of the change, its words)."""
    shown = [(row[0], wording.missing() if wording.is_missing(row[1]) else row[1], *row[2:]) for row in rows]
    return {"rows": shown}


@register.inclusion_tag("components/empty.html")
def empty_state(heading: str, why: str, action: str = "", href: str = "") -> dict[str, Any]:
    """An empty state: what will appear, why it is empty, the one thing to do."""
    return {"empty": {"heading": heading, "why": why, "action": action, "href": href}}
