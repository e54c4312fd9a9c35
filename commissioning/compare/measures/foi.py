"""What is asked of every council each year under the Freedom of Information Act, of one's own authority alone.

Fees are those of the last night in the period of each home that was lived in; spend is that of the spend page
(contracts/measures/spend.py). Figures of 1 to 7 children are withheld, and those from which they could be worked out
(rules/small_numbers.py): so a lowest or a highest fee is never over fewer than 8 children.
"""

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from commissioning.kernel.money import ZERO, round_half_up
from commissioning.kernel.periods import FinancialYear
from commissioning.partnership.rules.codes import LEVELS
from contracts.measures.spend import SpendRow, spend_rows
from contracts.models import Placement
from contracts.rules import codes
from contracts.rules.ages import age_on
from providers.models import Provider

from ..rules.small_numbers import hidden, small
from .contributions import Window, last_prices

DAY = timedelta(days=1)
BANDS = ((0, 4), (5, 10), (11, 15), (16, 18))  # as requests ask (FIELD.md 3.1)
PARENT_AND_CHILD = "Parent and child"
ALL = "All"
FEW = "few children each"
OWN = "The authority’s own homes"
UNREGISTERED = "Providers not on the register, together"
SUPPORTED = ("supported", "lodgings")
Figure = int | Decimal | None  # None: withheld


@dataclass(frozen=True)
class Line:
    """One line of an answer: its labels, and its figures by name; None for one that is withheld."""

    labels: tuple[str, ...]
    figures: Mapping[str, Figure]

    @property
    def withheld(self) -> bool:
        return None in self.figures.values()


@dataclass(frozen=True)
class Answer:
    """`whole` is the line of all; no lines where there was nothing of the kind."""

    key: str
    lines: Sequence[Line]
    whole: Line


@dataclass(frozen=True)
class Answers:
    """Half-open; `cut`: the year is not over."""

    year: FinancialYear
    until: date
    named: bool
    answers: Mapping[str, Answer]

    @property
    def cut(self) -> bool:
        return self.until < self.year.ends_before

    @property
    def last_day(self) -> date:
        return self.until - DAY


@dataclass(frozen=True)
class _Home:
    child: int
    provider: int | None
    route: str
    service: str
    level: str
    lot: str
    respite: bool
    began: bool
    stays: bool
    age: int | None
    price: Decimal | None

    @property
    def bought(self) -> bool:
        return self.route != "in_house"


def foi(year: FinancialYear, today: date, *, named: bool) -> Answers:
    """Of the authority that is looking. Seven queries. `named`: providers by their names, otherwise by numbers."""
    until = min(year.ends_before, today + DAY)
    homes = _homes(year.starts_on, until)
    own = [home for home in homes if not home.respite]
    fostering = [home for home in own if home.service == "fostering" and home.bought]
    rows = spend_rows(first=year.starts_on, until=until, by=("provider", "route", "service"))
    found = [
        _fees("fostering", fostering),
        _fees("residential", [home for home in own if home.service == "residential" and home.bought]),
        _fees("supported", [home for home in own if home.service in SUPPORTED and home.bought]),
        _placements(own),
        _by_route(rows, homes),
        _by_provider(rows, homes, named),
        _supported(rows, homes),
    ]
    return Answers(year, until, named, {answer.key: answer for answer in found})


def _homes(first: date, until: date) -> list[_Home]:
    prices = last_prices(Window(first, until))
    there = Placement.objects.filter(starts_on__lt=until).exclude(ends_before__lte=first)
    return [
        _Home(
            child, provider, route, service, level, lot or "", respite, starts_on >= first,
            ends_before is None or ends_before >= until,
            age_on(min(ends_before or until, until) - DAY, born_on, age, age_day), prices.get(pk, (None, None))[0],
        )
        for pk, child, provider, route, service, level, lot, respite, starts_on, ends_before, born_on, age, age_day
        in there.values_list(
            "pk", "child_id", "provider_id", "route", "service_type", "level", "lot__name", "respite", "starts_on",
            "ends_before", "child__born_on", "child__age_recorded", "child__age_recorded_on",
        )
    ]  # fmt: skip


def _children(homes: Iterable[_Home]) -> int:
    return len({home.child for home in homes})


def _grouped(homes: Iterable[_Home], key: Callable[[_Home], Hashable]) -> dict[Hashable, list[_Home]]:
    found: dict[Hashable, list[_Home]] = {}
    for home in homes:
        found.setdefault(key(home), []).append(home)
    return found


# Fees


def band(age: int | None) -> str:
    if age is None:
        return "Age not recorded"
    return next((f"{low} to {high}" for low, high in BANDS if low <= age <= high), "19 and over")


def _cell(home: _Home) -> tuple[str, str]:
    """Parents with their children are priced together, whatever the age."""
    if home.service == "fostering" and PARENT_AND_CHILD.lower() in home.lot.lower():
        return "All ages", PARENT_AND_CHILD
    return band(home.age), LEVELS.get(home.level, home.level) or "Level not recorded"


def _fees(key: str, homes: Iterable[_Home]) -> Answer:
    priced = [home for home in homes if home.price is not None]
    cells = _grouped(priced, _cell)
    away = hidden({cell: _children(mine) for cell, mine in cells.items()})
    order = [f"{low} to {high}" for low, high in BANDS]
    levels = list(LEVELS.values())

    def place(cell: Hashable) -> tuple[int, int]:
        age, level = cell  # type: ignore[misc]
        return (
            order.index(age) if age in order else len(order) + (age == "All ages"),
            levels.index(level) if level in levels else len(levels),
        )

    lines = [
        Line(cell, _fee(cells[cell], away=cell in away))  # type: ignore[arg-type]
        for cell in sorted(cells, key=place)
    ]
    return Answer(key, lines, Line((ALL, ""), _fee(priced, away=small(_children(priced)))))


def _fee(homes: Sequence[_Home], *, away: bool) -> dict[str, Figure]:
    prices = [home.price for home in homes if home.price is not None]
    names = ("homes", "lowest", "highest", "mean")
    if away or not prices:
        return dict.fromkeys(names, None if away else 0)
    mean = round_half_up(sum(prices, ZERO) / len(prices))
    return dict(zip(names, (len(prices), *map(round_half_up, (min(prices), max(prices))), mean), strict=True))


# Homes


def _placements(homes: Sequence[_Home]) -> Answer:
    """Homes bought and homes of the authority's own apart, as fees are of those that were bought. Each column is
    withheld by itself, as each has its own total."""
    by_kind = _grouped(homes, lambda home: (home.service, home.bought))
    kinds = [(service, bought) for service in codes.SERVICE_TYPES for bought in (True, False)]
    kinds = [kind for kind in kinds if kind in by_kind]
    columns: dict[str, Callable[[_Home], bool]] = {
        "lived": lambda home: True, "began": lambda home: home.began, "there": lambda home: home.stays,
    }  # fmt: skip
    told: dict[Hashable, dict[str, Figure]] = {kind: {} for kind in kinds}
    whole: dict[str, Figure] = {}
    for name, counts in columns.items():
        counted = {kind: [home for home in by_kind[kind] if counts(home)] for kind in kinds}
        away = hidden({kind: _children(mine) for kind, mine in counted.items()})
        for kind, mine in counted.items():
            told[kind][name] = None if kind in away else len(mine)
        everything = [home for mine in counted.values() for home in mine]
        whole[name] = None if small(_children(everything)) else len(everything)
    lines = [
        Line((codes.SERVICE_TYPES[service] if bought else f"{codes.SERVICE_TYPES[service]} (in house)",),
             told[service, bought])
        for service, bought in kinds
    ]  # fmt: skip
    return Answer("placements", lines, Line((ALL,), whole))


# Spend


def _spent(rows: Iterable[SpendRow], children: int, *, away: bool) -> dict[str, Figure]:
    mine = list(rows)
    if away:
        return {"children": None, "nights": None, "gross": None}
    return {"children": children, "nights": sum(row.nights for row in mine),
            "gross": sum((row.gross for row in mine), ZERO)}  # fmt: skip


def _whole(rows: Sequence[SpendRow], homes: Sequence[_Home]) -> Line:
    children = _children(homes)
    return Line((ALL,), _spent(rows, children, away=small(children)))


def _by_route(rows: Sequence[SpendRow], homes: Sequence[_Home]) -> Answer:
    by_route = _grouped(homes, lambda home: home.route)
    counts = {route: _children(by_route[route]) for route in codes.ROUTES if route in by_route}
    away = hidden(counts)
    lines = [
        Line((codes.ROUTES[route],), _spent((r for r in rows if r.key[1] == route), n, away=route in away))
        for route, n in counts.items()
    ]
    return Answer("route", lines, _whole(rows, homes))


def _by_provider(rows: Sequence[SpendRow], homes: Sequence[_Home], named: bool) -> Answer:
    """The dearest first, then the authority's own homes, then those that are withheld, together. The table comes to
    the same whole as the one by route: two wholes could be subtracted."""

    def who(provider: int | None, route: str) -> Hashable:
        return OWN if route == "in_house" else provider

    by_provider = _grouped(homes, lambda home: who(home.provider, home.route))
    counts = {key: _children(mine) for key, mine in by_provider.items()}
    away = hidden(counts)
    spent: dict[Hashable, list[SpendRow]] = {key: [] for key in counts}
    for row in rows:
        spent.setdefault(who(row.key[0], row.key[1]), []).append(row)
    names = dict(
        Provider.objects.filter(pk__in=[key for key in counts if key and key != OWN]).values_list("pk", "name")
    )
    shown = sorted(
        (key for key in counts if key not in away),
        key=lambda key: (key == OWN, -sum((row.gross for row in spent[key]), ZERO), str(names.get(key, ""))),
    )
    lines = []
    for number, key in enumerate(shown, 1):
        label = OWN if key == OWN else UNREGISTERED if not key else names.get(key, UNREGISTERED) if named else (
            f"Provider {number}"
        )  # fmt: skip
        lines.append(Line((label,), _spent(spent[key], counts[key], away=False)))
    if away:
        few = _children(home for key in away for home in by_provider[key])
        together = [row for key in away for row in spent[key]]
        label = "1 other" if len(away) == 1 else f"{len(away)} others together"
        lines.append(Line((f"{label}, {FEW}",), _spent(together, few, away=small(few))))
    return Answer("provider", lines, _whole(rows, homes))


def _supported(rows: Sequence[SpendRow], homes: Sequence[_Home]) -> Answer:
    """Gross, what was recovered, and net, of homes bought and of the authority's own alike."""
    there = _grouped((home for home in homes if home.service in SUPPORTED), lambda home: home.service)
    counts = {service: _children(there[service]) for service in SUPPORTED if service in there}
    away = hidden(counts)

    def line(label: str, mine: list[SpendRow], children: int, *, gone: bool) -> Line:
        if gone:
            return Line((label,), dict.fromkeys(("children", "gross", "housing", "others", "net")))
        gross, net = (sum((getattr(row, name) for row in mine), ZERO) for name in ("gross", "own"))
        housing = sum((row.others.get("housing", ZERO) for row in mine), ZERO)
        return Line((label,), {
            "children": children, "gross": gross, "housing": housing, "others": gross - net - housing, "net": net,
        })  # fmt: skip

    lines = [
        line(codes.SERVICE_TYPES[service], [row for row in rows if row.key[2] == service], n, gone=service in away)
        for service, n in counts.items()
    ]
    children = _children(home for mine in there.values() for home in mine)
    every = [row for row in rows if row.key[2] in SUPPORTED]
    return Answer("recovered", lines, line(ALL, every, children, gone=small(children)))
