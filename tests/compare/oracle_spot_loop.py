"""Why homes were bought spot and what it cost, as plainly as the rule is said, from purchases as they were made up.
Knows nothing of the measure, its rules or the database."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction


@dataclass
class Offered:
    """One provider asked. `place`: it had one on a lot of ours. Days are those of asking, answering and being free."""

    place: bool
    asked: date
    answer: str = ""
    answered: date | None = None
    suitable: bool | None = None
    amount: Decimal | None = None
    free: date | None = None


@dataclass
class Bought:
    called_off: date
    starts: date
    ends: date | None
    price: Decimal | None
    search: bool
    asked: list[Offered] = field(default_factory=list)


def class_of(home: Bought) -> str:
    if not home.search or len(home.asked) == 0:
        return "unknown"
    with_place = []
    for each in home.asked:
        if each.place and not each.asked > home.called_off:
            with_place.append(each)
    if len(with_place) == 0:
        return "not_asked"
    stood = []
    for each in with_place:
        late = each.answer != "offered" or each.answered > home.called_off
        if not late and (each.free is None or not each.free > home.starts):
            stood.append(each)
    if [each for each in stood if each.suitable is True]:
        return "not_taken"
    if [each for each in stood if each.suitable is None]:
        return "unknown"
    return "none_offered"


def nights(home: Bought, today: date) -> list[date]:
    found, night = [], home.starts
    while night < today and (home.ends is None or night < home.ends):
        found.append(night)
        night += timedelta(days=1)
    return found


def premium(home: Bought, today: date) -> Decimal:
    if class_of(home) != "not_taken" or home.price is None:
        return Decimal(0)
    amounts = [
        each.amount for each in home.asked
        if each.place and each.asked <= home.called_off and each.suitable and each.answer == "offered"
        and each.answered <= home.called_off and (each.free is None or each.free <= home.starts)
        and each.amount is not None
    ]  # fmt: skip
    if not amounts:
        return Decimal(0)
    more = Fraction(home.price) - Fraction(sorted(amounts)[0])
    total = Fraction(0)
    for _ in nights(home, today):
        total += more / 7
    return max(Decimal(0), Decimal(int(total * 100 + Fraction(1, 2))) / 100) if total > 0 else Decimal(0)
