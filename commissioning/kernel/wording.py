"""How values are worded on a page: pounds, days, instants, per cent, tags, withheld figures.

Templates (templatetags/page.py), tables and charts all use these, so that a value reads the same everywhere.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django.utils import timezone
from django.utils.html import format_html, html_safe
from django.utils.safestring import SafeString

NOT_RECORDED = "not recorded"
MINUS = "\N{MINUS SIGN}"

# One tone per word. The word is always shown in full: the tone only repeats it.
TONES: dict[str, str] = {
    "outstanding": "good",
    "good": "good",
    "requires improvement to be good": "needs",
    "requires improvement": "needs",
    "inadequate": "harm",
    "consistently strong service delivery": "good",
    "inconsistent quality": "needs",
    "serious or widespread weaknesses": "harm",
    "not yet inspected": "plain",
    "active": "good",
    "accepted": "good",
    "delivered": "good",
    "current": "good",
    "corrected": "needs",
    "rejected": "harm",
    "overdue": "harm",
    "given up": "harm",
    "not answering": "harm",
    "receiver gone": "harm",
    "suspended": "harm",
    "expired": "harm",
    "failed": "harm",
    "due": "needs",
    "failed, tried again": "needs",
    "paused": "needs",
    "expiring": "needs",
    "closed": "plain",
    "draft": "plain",
    "ended": "plain",
}


@html_safe
@dataclass(frozen=True)
class Withheld:
    """A figure that may not be shown: `why` says so in a sentence, `instead` names the wider figure that may. With
    another `sign`, one that is not there for another reason: it rounds to nought, or is not available."""

    why: str
    instead: str = ""
    sign: str = "c"

    def __str__(self) -> str:
        return withheld(self.why, self.instead, self.sign)


def is_missing(value: Any) -> bool:
    """True for None and for text with nothing in it."""
    return value is None or (isinstance(value, str) and not value.strip())


def decimal_text(value: Decimal | int | str, places: int, *, signed: bool = False) -> str:
    """`value` rounded half up to `places`, thousands separated: 1234.5 -> "1,234.50". Floats are refused."""
    if isinstance(value, float):
        raise TypeError("Money and measures are Decimal, never float")
    exact = Decimal(value).quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)
    sign = MINUS if exact < 0 else "+" if signed and exact > 0 else ""
    return f"{sign}{abs(exact):,.{places}f}"


def pounds(value: Decimal | int | str, *, whole: bool = False, signed: bool = False) -> str:
    """Pounds with pence, or without where `whole`: Decimal("1234.5") -> "£1,234.50"; the sign stands before £."""
    text = decimal_text(value, 0 if whole else 2, signed=signed)
    sign = text[0] if text[0] in (MINUS, "+") else ""
    return f"{sign}£{text[len(sign) :]}"


def number(value: Decimal | float | str, *, signed: bool = False) -> str:
    """A count or measure with thousands separators; decimals are kept as they are."""
    exact = Decimal(str(value))
    places = max(0, -int(exact.as_tuple().exponent))
    return decimal_text(exact, places, signed=signed)


def percent(value: Decimal | float | str, *, places: int = 0, signed: bool = False) -> str:
    """A value already in per cent (61.4 means 61.4%), whole unless `places` says otherwise: "61%"."""
    return decimal_text(Decimal(str(value)), places, signed=signed) + "%"


def change(value: Decimal | int | str, *, whole: bool = False) -> str:
    """A change in pounds with its direction as a word and as a sign: "up +£15.00", "no change"."""
    exact = Decimal(value)
    if exact == 0:
        return "no change"
    return f"{'up' if exact > 0 else 'down'} {pounds(exact, whole=whole, signed=True)}"


def day(value: dt.date) -> str:
    """A date as "3 March 2026"."""
    if isinstance(value, dt.datetime):
        value = _local(value).date()
    return f"{value.day} {value:%B %Y}"


def instant(value: dt.datetime) -> str:
    """A moment in local time as "3 March 2026 at 2:05pm"."""
    local = _local(value)
    clock = f"{local.hour % 12 or 12}:{local:%M}{'am' if local.hour < 12 else 'pm'}"
    return f"{day(local.date())} at {clock}"


def capital(text: str) -> str:
    """The first letter as a capital, the rest as it stands: "API key" stays so, "framework" is "Framework"."""
    return text[:1].upper() + text[1:]


def _local(value: dt.datetime) -> dt.datetime:
    return timezone.localtime(value) if timezone.is_aware(value) else value


def tag(text: str, tone: str = "") -> SafeString:
    """A tag with its word in full. The tone (good, needs, harm, ours, plain) follows the word unless given."""
    tone = tone or TONES.get(text.strip().lower(), "plain")
    return format_html('<strong class="govuk-tag app-tag app-tag--{}">{}</strong>', tone, text)


def missing(text: str = NOT_RECORDED) -> SafeString:
    """What stands where a value was not recorded: words, never a dash."""
    return format_html('<span class="app-missing">{}</span>', text)


def withheld(why: str, instead: str = "", sign: str = "c") -> SafeString:
    """The sign with a dotted underline; focus or tap says why and which wider figure stands in."""
    reason = f"{why} {instead}".strip()
    return format_html(
        '<button type="button" class="app-withheld" aria-label="{}{}" data-why="{}">{}</button>',
        "Withheld. " if sign == "c" else "",
        reason,
        reason,
        sign,
    )
