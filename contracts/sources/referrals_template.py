"""The partnership's own template of the referral log: searches, and who was asked in them."""

import re
from datetime import UTC, datetime, time
from typing import Any

from django.utils import timezone

from commissioning.kernel.ingest.cells import as_company_number, as_date, as_int, as_urn, as_yes_no
from commissioning.kernel.ingest.parsed import CellError, Parsed
from commissioning.kernel.ingest.source import DATE, Field, Table
from commissioning.partnership.rules.codes import LEVELS

from ..rules import codes
from .placements_template import coded, folded, long_words, pounds, reference, words

CLOCK = re.compile(r"(?P<day>.*?)[T\s,]+(?P<hour>\d{1,2})[:.](?P<minute>\d{2})(?::(?P<second>\d{2})(?:\.\d+)?)?")


def as_moment(cell: Any) -> Parsed:
    """A day and its time on the clock of London, as an aware datetime; the beginning of a day that has no time."""
    told = _instant(cell) if type(cell) is str else cell
    if type(told) is datetime:
        cell = told
        return Parsed(_local(cell.replace(tzinfo=None)) if cell.tzinfo is None else cell)
    found = CLOCK.fullmatch(cell.strip()) if type(cell) is str else None
    if found is None:
        parsed = as_date(cell)
        if parsed.value is None:
            return Parsed(None)
        return Parsed(
            _local(datetime.combine(parsed.value, time.min)), "no time is given: the day’s beginning was taken"
        )
    day = as_date(found["day"])
    try:
        clock = time(int(found["hour"]), int(found["minute"]), int(found["second"] or 0))
    except ValueError:
        raise CellError(
            f"“{cell.strip()}” has no such time: write day and time, for example 31/03/2026 14:05"
        ) from None
    return Parsed(_local(datetime.combine(day.value, clock)), day.note)


def _instant(text: str) -> datetime | None:
    """A moment with its time zone, as systems write it: 2026-03-31T14:05:00Z."""
    try:
        told = datetime.fromisoformat(text.strip())
        # In UTC, as the database takes fewer time zones than can be written.
        return told.astimezone(UTC) if told.tzinfo is not None else None
    except (ValueError, OverflowError):
        return None


def _local(plain: datetime) -> datetime:
    return timezone.make_aware(plain)


def _moment(key: str, heading: str, **more: Any) -> Field:
    return Field(key, heading, read=as_moment, column="timestamptz", **more)


REFERRALS = Table(
    "referrals",
    "referrals",
    (
        Field("reference", "Referral reference", needed=True, filled=True),
        Field("child", "Child reference", read=reference, needed=True, filled=True, passing=True),
        _moment("opened_at", "Opened at", needed=True, filled=True),
        Field("needed_by", "Needed by", read=DATE, column="date", needed=True, filled=True),
        Field("urgency", "Urgency", read=coded(codes.URGENCIES, "urgency", empty=None), needed=True, filled=True),
        Field(
            "in_house_tried", "In-house tried", read=coded(codes.IN_HOUSE_TRIED, "answer", empty=None), needed=True,
            filled=True,
        ),
        Field(
            "service_type", "Service type", read=coded(codes.SERVICE_TYPES, "service type", empty=None), needed=True,
            filled=True,
        ),
        Field("level", "Level", read=coded(LEVELS, "level")),
        Field("wanted_area", "Wanted area", read=words),
        Field("siblings", "Siblings", read=lambda cell: as_int(cell, 0, 12), column="int"),
        Field("child_view", "Young person’s view", read=long_words),
        Field("visited_first", "Visited first", read=coded(codes.VISITED_FIRST, "answer")),
        Field("outcome", "Outcome", read=coded(codes.REFERRAL_OUTCOMES, "outcome")),
        _moment("closed_at", "Closed at"),
        Field("chosen_why", "Why chosen", read=long_words),
    ),
    sheet="Referral",
)  # fmt: skip
OFFERS = Table(
    "offers",
    "providers asked",
    (
        Field("reference", "Referral reference", needed=True, filled=True),
        Field("provider", "Provider", ("Provider name",), read=words, needed=True),
        Field("company_number", "Company number", ("Provider company number",), read=as_company_number),
        Field("urn", "URN", ("Establishment URN",), read=as_urn),
        Field("framework", "Framework", ("Framework reference",), read=folded),
        Field("lot", "Lot", ("Lot number",), read=folded),
        _moment("asked_at", "Asked at", needed=True, filled=True),
        _moment("answered_at", "Answered at"),
        Field("answer", "Answer", read=coded(codes.ANSWERS, "answer")),
        Field("decline_reason", "Decline reason", read=coded(codes.DECLINE_REASONS, "reason")),
        Field("weekly_amount", "Weekly price", read=pounds, column="numeric(12, 4)"),
        Field("available_on", "Available on", read=DATE, column="date"),
        Field("suitable", "Suitable", read=as_yes_no, column="boolean"),
        Field("chosen", "Chosen", read=as_yes_no, column="boolean"),
    ),
    sheet="Offer",
    optional=True,
)  # fmt: skip
