"""What was decided about providers' prices, and what came of it: read from the benefits register, kept nowhere else."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet

from commissioning.kernel.money import ZERO
from commissioning.kernel.periods import financial_year
from contracts.measures.benefits import Saved, saved
from contracts.models import AgreementVersion, Benefit, Placement

from ..models import PriceDecision, PriceOutcome

Market = tuple[str, Any, str]  # rules/catalogue.py: a lot, or what was bought outside
CASHABLE = "cashable"


def homes_of(provider_id: int, market: Market) -> QuerySet[Placement]:
    """The viewer's homes with the provider on the lot, or bought outside so, open or over."""
    kind, what, service = market
    where = {"lot": what} if kind == "lot" else {"lot": None, "route": what, "service_type": service}
    return Placement.objects.filter(provider=provider_id, **where)


def amendments(provider_id: int, market: Market) -> QuerySet[AgreementVersion]:
    """Amended agreements that brought a price down with the provider there, and that no decision names yet."""
    cashable = Benefit.objects.filter(agreement=OuterRef("pk"), kind=CASHABLE)
    named = PriceDecision.objects.filter(agreement=OuterRef("pk"))
    rows = AgreementVersion.objects.filter(placement__in=homes_of(provider_id, market), number__gt=1)
    rows = rows.filter(Exists(cashable)).exclude(Exists(named))
    return rows.select_related("placement__child").order_by("-agreed_on", "-pk")


def decisions() -> list[PriceDecision]:
    """Every decision of the viewer's authority, the newest first. One query."""
    rows = PriceDecision.objects.select_related("decided_by", "agreement__placement", "release")
    return list(rows.order_by("-decided_on", "-pk"))


def accepted_on(rows: Iterable[PriceDecision]) -> date | None:
    """When the price was accepted, where that is what stands: the newest decision of `rows`, which come newest first.
    A new price agreed for one home settles that home alone."""
    standing = next((row for row in rows if row.outcome != PriceOutcome.AGREED), None)
    if standing is None or standing.outcome != PriceOutcome.ACCEPTED:
        return None
    return standing.decided_on


@dataclass(frozen=True)
class Cashable:
    """What decided prices save, as the benefits register has it: pounds a week today, pounds in the financial year."""

    benefits: int = 0
    weekly: Decimal = ZERO
    in_year: Decimal = ZERO
    year: str = ""


def cashable(rows: Iterable[PriceDecision], today: date) -> Cashable:
    """Of the agreements that these decisions name. Two queries."""
    year = financial_year(today)
    named = {row.agreement_id for row in rows if row.agreement_id}
    found: list[Saved] = []
    if named:
        found = [
            each for each in saved(today, year) if each.benefit.kind == CASHABLE and each.benefit.agreement_id in named
        ]
    return Cashable(
        len(found), sum((each.weekly_now for each in found), ZERO), sum((each.in_year for each in found), ZERO),
        year.label,
    )  # fmt: skip
