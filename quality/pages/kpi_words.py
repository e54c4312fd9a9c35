"""How KPIs, their figures and their states are worded."""

from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import Any

from commissioning.kernel import wording
from commissioning.partnership.models import Kpi, LotKpi
from commissioning.partnership.rules.codes import KPI_RATINGS

from ..models import ContractKpi
from ..rules import codes, kpi_periods
from ..rules.kpi_standing import NIL

CRUMB = ("KPIs", "kpis")
RATING_TONES = {"good": "good", "approaching": "ours", "improvement": "needs", "inadequate": "harm", "other": "plain"}
STATE_TONES = {
    "disputed": "harm", "queried": "needs", "missing": "harm", "answered": "needs", "returned": "plain",
    "due": "needs", "verified": "good", "not_yet": "plain",
}  # fmt: skip
SUFFIX = {"percent": "%", "number": "", "days": " days", "score": ""}


def figure(value: Decimal | None, kpi: Kpi, places: int = 1) -> str:
    """ "94.9%", "3 days": cut towards the worse, as it is kept; whole figures without a nought."""
    if value is None:
        return ""
    towards = ROUND_FLOOR if kpi.good == "high" else ROUND_CEILING
    cut = value.quantize(Decimal(1).scaleb(-places), rounding=towards)
    return wording.number(_trimmed(cut)) + SUFFIX[kpi.unit]


def exact(value: Decimal | None) -> str:
    return "" if value is None else wording.number(_trimmed(value))


def _trimmed(value: Decimal) -> Decimal:
    return value.quantize(Decimal(1)) if value == value.to_integral_value() else value.normalize()


def rated(value: Decimal | None, rating: str, kpi: Kpi) -> str:
    """ "94.9%: Approaching target" """
    return f"{figure(value, kpi)}: {KPI_RATINGS[rating]}" if value is not None else KPI_RATINGS["other"]


def out_of(numerator: Decimal | None, denominator: Decimal | None) -> str:
    if denominator is None:
        return ""
    if not denominator:
        return NIL
    return f"{exact(numerator)} of {exact(denominator)}"


def thresholds(expected: LotKpi | ContractKpi) -> str:
    """ "Good from 95%, Approaching target from 90%, Requires improvement from 80%" """
    kpi = expected.kpi
    word = "from" if kpi.good == "high" else "up to"
    pairs = (("good", expected.target), ("approaching", expected.approaching), ("improvement", expected.improvement))
    return ", ".join(f"{KPI_RATINGS[rating]} {word} {exact(edge)}{SUFFIX[kpi.unit]}" for rating, edge in pairs)


def whence(kpi: Kpi) -> str:
    return "Worked out here" if kpi.formula else "Returned by providers"


def state_words(slot: Any) -> str:
    """ "Verified, came late", "Missing since 21 July 2026" """
    words = codes.KPI_STATES[slot.state]
    if slot.state == "missing":
        return f"{words} since {wording.day(slot.due_on)}"
    if slot.state == "due":
        return f"{words} by {wording.day(slot.due_on)}"
    return f"{words}, came late" if slot.late and slot.returned else words


def period(slot: Any) -> str:
    return kpi_periods.name_of(slot.starts_on, slot.ends_before)
