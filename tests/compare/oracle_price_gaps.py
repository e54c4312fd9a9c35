"""What talking about prices could save, as slowly and plainly as the rule is said: homes as they were made up, night by
night, in fractions of a penny. Knows nothing of the measure, its rules or the database."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction


@dataclass
class Made:
    """One home as a test makes it up. `earlier`: homes of the child before it, in the last twelve months."""

    provider: int
    core: Decimal
    level: str = "standard"
    additional: Decimal = Decimal(0)
    planned_end_on: date | None = None
    notice: bool = False
    earlier: int = 0
    meeting: tuple[str, date | None] | None = None
    order: bool = False


def pennies(amount: Fraction) -> Decimal:
    return Decimal(int(amount * 100 + Fraction(1, 2))) / 100


def over(home: Made, price: Decimal, beside: Decimal, today: date) -> Decimal:
    day, nights = today, 0
    while day < date(today.year + 1, today.month, today.day):
        if home.planned_end_on and home.planned_end_on > today and day >= home.planned_end_on:
            break
        day, nights = day + timedelta(days=1), nights + 1
    return pennies(Fraction(price - beside) * nights / 7) if price > beside else Decimal("0.00")


def at_risk(home: Made, today: date) -> bool:
    if home.notice or home.order or home.earlier + 1 >= 3:
        return True
    if home.planned_end_on and home.planned_end_on <= date(2026, 7, 20):  # three months after 20 April 2026
        return True
    if home.meeting and home.meeting[0] in ("stability", "disruption"):
        return home.meeting[1] is None or home.meeting[1] >= date(2025, 10, 20)
    return False


def totals(
    homes: list[Made], medians: dict[int, Decimal], levels: dict[str, Decimal], today: date
) -> dict[str, Decimal]:
    found = {"possible": Decimal(0), "realistic": Decimal(0), "below": Decimal(0)}
    for home in homes:
        if home.provider not in medians:
            continue
        price = home.core + home.additional
        beside = [medians[home.provider]]
        if home.level in levels:
            beside.append(levels[home.level])
        found["possible"] += over(home, price, max(beside), today)
        if not at_risk(home, today):
            found["realistic"] += over(home, home.core, max(beside), today)
        found["below"] += over(home, min(beside), price, today)
    return found
