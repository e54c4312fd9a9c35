"""What was bought, added up; shares by route, with and without the later states; and how much more spot cost."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal, Protocol

from commissioning.kernel.money import ZERO, round_half_up

from .codes import LATER_STATES, ROUTES

LATER = tuple(state for state in LATER_STATES if state != "in_force")  # the classes that may be left out


class Counted(Protocol):
    @property
    def nights(self) -> int: ...
    @property
    def gross(self) -> Decimal: ...
    @property
    def others(self) -> Mapping[str, Decimal]: ...


@dataclass(frozen=True)
class Bought:
    """Nights; pounds in all; and what each other funder pays of them. `own` is the rest, so the parts come to gross."""

    nights: int = 0
    gross: Decimal = ZERO
    others: Mapping[str, Decimal] = field(default_factory=dict)

    @property
    def from_others(self) -> Decimal:
        return sum(self.others.values(), ZERO)

    @property
    def own(self) -> Decimal:
        return self.gross - self.from_others

    @property
    def a_week(self) -> Decimal | None:
        """Pounds for seven nights, to pence; None where there was no night."""
        return round_half_up(self.gross * 7 / self.nights) if self.nights else None


def total(rows: Iterable[Counted]) -> Bought:
    nights, gross = 0, ZERO
    others: dict[str, Decimal] = {}
    for row in rows:
        nights += row.nights
        gross += row.gross
        for funder, pounds in row.others.items():
            others[funder] = others.get(funder, ZERO) + pounds
    return Bought(nights, gross, others)


def per_cent(part: Decimal | int, whole: Decimal | int) -> Decimal | None:
    """Not rounded: whoever shows it rounds it, once. To tenths first and then to whole per cents, 70.46 would be 71.
    None where the whole is nought or less."""
    return Decimal(part) * 100 / Decimal(whole) if whole > 0 else None


@dataclass(frozen=True)
class RouteShare:
    """One route's part of the whole, in per cent. `without` leaves the nights of one later class out of what counts as
    bought by the route, and `firm` those of all three; the whole stays what it is, so the figures can be compared."""

    route: str
    bought: Bought
    share: Decimal | None
    without: Mapping[str, Decimal | None]
    firm: Decimal | None


def route_shares(
    parts: Mapping[tuple[str, str], Bought], of: Literal["nights", "gross"] = "nights"
) -> dict[str, RouteShare]:
    """(route, later state or "") -> what was bought, to each route's share of nights or of pounds, in fixed order."""
    whole = getattr(total(parts.values()), of)
    found = {}
    for route in ROUTES:
        mine = {state: bought for (name, state), bought in parts.items() if name == route}
        amounts = {state: getattr(bought, of) for state, bought in mine.items()}
        everything = sum(amounts.values(), Decimal(0))
        later = sum((amounts.get(state, 0) for state in LATER), Decimal(0))
        found[route] = RouteShare(
            route, total(mine.values()), per_cent(everything, whole),
            {state: per_cent(everything - amounts.get(state, 0), whole) for state in LATER},
            per_cent(everything - later, whole),
        )  # fmt: skip
    return found


def spot_costs_more(by_service: Mapping[str, Mapping[str, Bought]]) -> Decimal | None:
    """Pounds a week that spot cost above framework purchases for the same kind of home; negative where less.

    `by_service`: kind of home -> route -> what was bought. Each kind counts by its spot nights. None where no kind of
    home was bought both ways.
    """
    nights, difference = 0, Decimal(0)
    for routes in by_service.values():
        spot, framework = routes.get("spot", Bought()), routes.get("framework", Bought())
        if spot.nights and framework.nights:
            nights += spot.nights
            difference += spot.gross - framework.gross * spot.nights / framework.nights
    return round_half_up(difference * 7 / nights) if nights else None
