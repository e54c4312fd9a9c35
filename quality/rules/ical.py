"""A calendar as RFC 5545 has it: whole days, escaped and folded. No Django."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

OCTETS = 75  # of a line, its end not counted (section 3.1)
PRODUCT = "-//Commissioning partnership//Visits//EN"
CONTENT_TYPE = "text/calendar; charset=utf-8"


@dataclass(frozen=True)
class Entry:
    """Something on one day. `key` stays the same when it moves, `version` grows, so that calendars replace it."""

    key: str
    day: date
    says: str
    changed_at: datetime
    version: int = 0
    where: str = ""
    link: str = ""
    cancelled: bool = False


def calendar_text(name: str, entries: Iterable[Entry]) -> str:
    lines = [
        "BEGIN:VCALENDAR", "VERSION:2.0", f"PRODID:{PRODUCT}", "CALSCALE:GREGORIAN", "METHOD:PUBLISH",
        f"X-WR-CALNAME:{escaped(name)}", "REFRESH-INTERVAL;VALUE=DURATION:PT12H",
    ]  # fmt: skip
    for entry in entries:
        lines += _event(entry)
    lines.append("END:VCALENDAR")
    return "".join(f"{folded(line)}\r\n" for line in lines)


def _event(entry: Entry) -> list[str]:
    lines = [
        "BEGIN:VEVENT",
        f"UID:{entry.key}",
        f"DTSTAMP:{entry.changed_at.astimezone(UTC):%Y%m%dT%H%M%SZ}",
        f"SEQUENCE:{entry.version}",
        f"DTSTART;VALUE=DATE:{entry.day:%Y%m%d}",
        f"DTEND;VALUE=DATE:{entry.day + timedelta(days=1):%Y%m%d}",
        f"SUMMARY:{escaped(entry.says)}",
        "TRANSP:TRANSPARENT",
    ]
    if entry.where:
        lines.append(f"LOCATION:{escaped(entry.where)}")
    if entry.link:
        lines.append(f"URL:{entry.link}")
    if entry.cancelled:
        lines.append("STATUS:CANCELLED")
    return [*lines, "END:VEVENT"]


def escaped(text: str) -> str:
    """Section 3.3.11: backslash, semicolon, comma and line end; other control characters are left out."""
    plain = text.replace("\r\n", "\n").replace("\r", "\n")
    plain = plain.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,").replace("\n", "\\n")
    return "".join(letter for letter in plain if letter >= " " and letter != "\x7f")


def folded(line: str) -> str:
    """Lines of at most 75 octets; no letter is cut in two, and each further line begins with a space."""
    parts, part, size = [], "", 0
    for letter in line:
        octets = len(letter.encode())
        if size + octets > OCTETS:
            parts.append(part)
            part, size = " ", 1
        part += letter
        size += octets
    return "\r\n".join([*parts, part])
