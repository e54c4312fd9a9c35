"""What a negotiation saved: cashable, where less is paid than was being paid; avoided, where less than was asked."""

from decimal import Decimal

ZERO = Decimal("0.0000")


def benefits(asked: Decimal | None, agreed: Decimal, paid_before: Decimal | None) -> tuple[Decimal, Decimal]:
    """(cashable, avoided) in pounds a week. `paid_before` is the price of the version before; None for the first.

    Cashable is what the budget gets back: the price before less the price agreed. Avoided is what never became
    spending: the price asked less the higher of the price agreed and the price before. Never negative.
    """
    cashable = max(ZERO, paid_before - agreed) if paid_before is not None else ZERO
    if asked is None:
        return cashable, ZERO
    floor = max(agreed, paid_before) if paid_before is not None else agreed
    return cashable, max(ZERO, asked - floor)
