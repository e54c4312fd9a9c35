"""What is decided about a provider's price, recorded."""

from datetime import date
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from contracts.actions.numbers import lock
from contracts.models import AgreementVersion
from providers.models import Provider

from ..measures.price_decisions import Market, amendments, homes_of
from ..models import PriceDecision, PriceOutcome, Release


@transaction.atomic
def decide_price(
    *, authority: Any, provider: Provider, market: Market, outcome: str, reason: str, by: Any, today: date,
    agreement: AgreementVersion | None = None, release: Release | None = None, own_median: Decimal | None = None,
    partnership_median: Decimal | None = None,
) -> PriceDecision:  # fmt: skip
    """A decision of today, beside those before it. A new price names the amended agreement that brought it down, whose
    benefit stands in the register: nothing is saved by a decision alone.

    ValidationError (by field) without a reason, for an outcome that is none, where the authority has no home with the
    provider there, or where the agreement is another's, saved nothing, or was named before.
    """
    problems: dict[str, str] = {}
    if outcome not in PriceOutcome.values:
        problems["outcome"] = "Choose what was decided."
    if not reason.strip():
        problems["reason"] = "Say why: it stays on the record."
    if not homes_of(provider.pk, market).exists():
        problems["outcome"] = "Your authority has no home with this provider there."
    if outcome == PriceOutcome.AGREED and agreement is None:
        problems["agreement"] = "Choose the amended agreement. Where there is none, amend the agreement first."
    if outcome != PriceOutcome.AGREED and agreement is not None:
        problems["agreement"] = "Only a new price names an agreement: choose that, or no agreement."
    if outcome == PriceOutcome.AGREED and agreement is not None:
        lock(PriceDecision, authority.pk)  # two people naming one agreement at once: the second waits, and is told
        if not amendments(provider.pk, market).filter(pk=agreement.pk).exists():
            problems["agreement"] = "That agreement brought no price down here, or a decision names it already."
    if problems:
        raise ValidationError(problems)
    kind, what, service = market
    return PriceDecision.objects.create(
        authority=authority, provider=provider, lot_id=what if kind == "lot" else None,
        route="" if kind == "lot" else what, service_type="" if kind == "lot" else service, outcome=outcome,
        reason=reason.strip(), decided_on=today, decided_by=by, agreement=agreement, release=release,
        own_median=own_median, partnership_median=partnership_median,
    )  # fmt: skip
