"""How often a provider is met about its contracts, by what is spent with it and by risk. Ours, to be agreed in the
partnership: no statute says it. The shorter of the two stands."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

MONTHS = {"high": 3, "middle": 6, "low": 12}  # between two meetings, by the higher band of spend and risk
BANDS = {"high": "every 3 months", "middle": "every 6 months", "low": "every 12 months"}
FIRST_WITHIN_MONTHS = 3  # of the first home bought, or of the day that is looked at where a provider was never met
# Pounds in twelve months from which on spend puts a provider in a band.
SPEND_FROM: Sequence[tuple[Decimal, str]] = ((Decimal(500_000), "high"), (Decimal(150_000), "middle"))
HIGH_RISK = {
    "inadequate": "judged Inadequate, or with serious or widespread weaknesses",
    "suspended": "suspended",
    "overdue": "three or more actions overdue",
}
MIDDLE_RISK = {
    "improvement": "judged to require improvement, or inconsistent",
    "late": "a return of a KPI is late",
    "concern": "a concern is open",
    "some_overdue": "an action is overdue",
}
MANY_OVERDUE = 3
RULE = (
    "Every 3 months with £500,000 or more in twelve months, or where a home is judged Inadequate or with serious "
    "weaknesses, something is suspended, or three actions are overdue; every 6 months with £150,000 or more, or where "
    "a home requires improvement or is inconsistent, a return of a KPI is late, a concern is open or an action is "
    "overdue; every 12 months with everybody else of whom we buy. One never met is met within three months."
)
ORDER = ("high", "middle", "low")


@dataclass(frozen=True)
class Risk:
    judgements: Sequence[str] = ()
    suspended: int = 0
    overdue: int = 0
    late_kpis: int = 0
    concerns: int = 0


def spend_band(spent: Decimal) -> str:
    return next((band for least, band in SPEND_FROM if spent >= least), "low")


def risk_band(risk: Risk) -> tuple[str, list[str]]:
    """The band, and each reason in words."""
    high: Mapping[str, bool] = {
        "inadequate": any(each in ("inadequate", "serious_weaknesses") for each in risk.judgements),
        "suspended": risk.suspended > 0,
        "overdue": risk.overdue >= MANY_OVERDUE,
    }
    middle: Mapping[str, bool] = {
        "improvement": any(each in ("requires_improvement", "inconsistent") for each in risk.judgements),
        "late": risk.late_kpis > 0,
        "concern": risk.concerns > 0,
        "some_overdue": 0 < risk.overdue < MANY_OVERDUE,
    }
    why = [words for key, words in HIGH_RISK.items() if high[key]]
    also = [words for key, words in MIDDLE_RISK.items() if middle[key]]
    return ("high" if why else "middle" if also else "low"), why + also


def higher(one: str, other: str) -> str:
    return min(one, other, key=ORDER.index)
