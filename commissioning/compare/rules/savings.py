"""What the partnership's prices would save: "possible" and "realistic", defined here and nowhere else.

Possible: over open homes priced above what the partnership pays the same provider on the same lot, (price - median) x
weeks. A provider's median is over all levels; so where the release shows the lot's median for the home's own age and
level too, a home counts as above only by what lies above both, and as below by what lies below both. Weeks run from
today for twelve months, or to the planned end where that comes sooner: nobody saves on a home that is over. Pounds
follow the accrual rule (kernel/money.py): difference x days / 7, rounded once for each home.

Realistic: the part of it where a price can be talked about and no child pays for it with a move. Nobody moves a child
for a price: the saving is got by talking to the provider, and a provider that is pressed may give notice. So a home is
left out where the recorded facts say that the child's stability is at stake already (LEFT_OUT). Additional services are
bought for the child's own need and looked at one by one where they are approved, so only what the price without them
lies above the median counts. Sources of the rules: three homes in twelve months and more is the stability measure that
councils return to the DfE; stability and disruption meetings are called when a home may break down; the other rules are
ours, and stand on the page.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from commissioning.kernel.money import ZERO, accrued
from commissioning.partnership.rules.terms import add_months

COUNTED_MONTHS = 12
LAST_MONTHS = 3
MANY_HOMES, HOMES_MONTHS = 3, 12
MEETING_MONTHS = 6
ACCEPTED_MONTHS = 12
AT_RISK = ("stability", "disruption")  # kinds of meeting

# Why a home is left out of the realistic saving, in the order in which pages list them. The first six are about the
# child; then the authority's own decision; the last follows from the price itself.
LEFT_OUT = {
    "notice": "notice was given",
    "ending": f"the planned end is within {LAST_MONTHS} months, or has passed",
    "moves": f"the child has had {MANY_HOMES} homes or more in {HOMES_MONTHS} months",
    "meeting": f"a stability or disruption meeting is due, or was held in the last {MEETING_MONTHS} months",
    "order": "a deprivation of liberty order is in force",
    "staying_put": "the young person is staying put with former carers",
    "accepted": f"the price was accepted for a reason in the last {ACCEPTED_MONTHS} months",
    "additional": "without its additional services the price is not above",
}
OF_CHILD = tuple(LEFT_OUT)[:6]


@dataclass(frozen=True)
class Facts:
    """What is recorded of one open home. `homes`: how many the child had in the twelve months, this one included;
    `meetings`: (kind, due on, held on); `accepted_on`: when the authority last accepted the provider's price."""

    service_type: str
    planned_end_on: date | None = None
    notice_given_on: date | None = None
    homes: int = 1
    meetings: Sequence[tuple[str, date, date | None]] = ()
    under_order: bool = False
    accepted_on: date | None = None


def left_out(facts: Facts, today: date) -> tuple[str, ...]:
    """Every recorded reason, of LEFT_OUT, for which the home is no part of the realistic saving; empty where none."""
    held_since = add_months(today, -MEETING_MONTHS)
    found = {
        "notice": facts.notice_given_on is not None,
        "ending": facts.planned_end_on is not None and facts.planned_end_on <= add_months(today, LAST_MONTHS),
        "moves": facts.homes >= MANY_HOMES,
        "meeting": any(
            kind in AT_RISK and (held_on is None or held_on >= held_since) for kind, _, held_on in facts.meetings
        ),
        "order": facts.under_order,
        "staying_put": facts.service_type == "staying_put",
        "accepted": facts.accepted_on is not None and facts.accepted_on > add_months(today, -ACCEPTED_MONTHS),
    }
    return tuple(reason for reason, holds in found.items() if holds)


def days_counted(planned_end_on: date | None, today: date) -> int:
    """Nights from today that a difference counts for. A planned end that has passed says nothing of what is to come."""
    until = add_months(today, COUNTED_MONTHS)
    if planned_end_on is not None and planned_end_on > today:
        until = min(until, planned_end_on)
    return (until - today).days


def pounds_over(price: Decimal, median: Decimal, days: int) -> Decimal:
    """Pounds by which `price` a week lies above `median` a week over so many nights; nought where it does not."""
    return accrued(price - median, days) if price > median else ZERO


@dataclass(frozen=True)
class Counted:
    """One open home with its comparators, pounds a week: `median` of provider and lot, `level_median` of the lot for
    the same age and level where it is shown. `additional` is the part of the price that is for additional services;
    `reasons` as left_out() has them."""

    price: Decimal
    median: Decimal
    days: int
    reasons: tuple[str, ...] = ()
    additional: Decimal = ZERO
    level_median: Decimal | None = None

    @property
    def _medians(self) -> list[Decimal]:
        return [self.median] if self.level_median is None else [self.median, self.level_median]

    @property
    def difference(self) -> Decimal:
        """Pounds a week above every median that it is compared with; below every one with a minus; else nought."""
        if self.price > max(self._medians):
            return self.price - max(self._medians)
        return min(ZERO, self.price - min(self._medians))

    @property
    def why(self) -> tuple[str, ...]:
        """Every reason for which nothing of it is realistic, where something is possible."""
        if not self.possible:
            return ()
        return self.reasons if self._above(self.price - self.additional) else (*self.reasons, "additional")

    def _above(self, price: Decimal) -> Decimal:
        return pounds_over(price, max(self._medians), self.days)

    @property
    def possible(self) -> Decimal:
        return self._above(self.price)

    @property
    def realistic(self) -> Decimal:
        return ZERO if self.why else self._above(self.price - self.additional)

    @property
    def below(self) -> Decimal:
        """What the home would cost more at the partnership's median: a provider's reason to ask."""
        return pounds_over(min(self._medians), self.price, self.days)


@dataclass(frozen=True)
class Savings:
    """Pounds in the twelve months from today. `above`: homes with something to save; `realistic_homes` of them count
    as realistic. `reasons`: how many of the others for each reason; one home may have several."""

    possible: Decimal = ZERO
    realistic: Decimal = ZERO
    below: Decimal = ZERO
    homes: int = 0
    above: int = 0
    realistic_homes: int = 0
    for_the_child: int = 0  # left out because the child's stability would suffer
    reasons: dict[str, int] = field(default_factory=dict)

    @property
    def left_out(self) -> int:
        return self.above - self.realistic_homes


def savings(homes: Iterable[Counted]) -> Savings:
    """Of these homes together. Parts add up: the savings of two sets are those of both."""
    homes = list(homes)
    above = [home for home in homes if home.possible]
    counted = Counter(reason for home in above for reason in home.why)
    return Savings(
        possible=sum((home.possible for home in above), ZERO),
        realistic=sum((home.realistic for home in above), ZERO),
        below=sum((home.below for home in homes), ZERO),
        homes=len(homes),
        above=len(above),
        realistic_homes=sum(not home.why for home in above),
        for_the_child=sum(bool(set(home.reasons) & set(OF_CHILD)) for home in above),
        reasons={reason: counted[reason] for reason in LEFT_OUT if counted[reason]},
    )
