"""Own figures beside the partnership's, cell by cell, with the wider figure that stands in where one is withheld.

Page, workbook and API read a release's figures through `shown()`; nothing of other authorities comes from elsewhere.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Any

from django.db.models import QuerySet

from commissioning.partnership.models import Lot, PriceLine, Statement
from commissioning.partnership.rules.codes import LEVELS
from commissioning.partnership.rules.terms import add_months
from contracts.rules import codes
from providers.models import Provider
from quality.measures.exposure import tops
from quality.rules.scales import ALL_JUDGEMENTS, NOT_YET_INSPECTED

from ..models import PublishedFigure, Release
from ..rules.catalogue import CUTS, MEASURES, Measure
from ..rules.disclosure import LADDER, RUNGS
from .own import Own, OwnFigures

Values = tuple[Any, ...]
COLUMNS = {
    "service": "service_type", "route": "route", "age": "age_band", "level": "level", "provider": "provider_id",
    "judgement": "judgement", "price_line": "price_line_id", "statement": "statement_id", "owner": "owner_id",
}  # fmt: skip


def values_of(figure: PublishedFigure) -> Values:
    """The values of the cut's dimensions, as rules/figures.py has them."""
    return tuple(
        (("lot", figure.lot_id, "") if figure.lot_id else ("outside", figure.route, figure.service_type))
        if name == "market"
        else getattr(figure, COLUMNS[name])
        for name in CUTS[figure.cut].dimensions
    )


def shown(release: Release, measure: str = "", cut: str = "", group: int | None = None) -> QuerySet[PublishedFigure]:
    """A release's figures, as far as the viewer may see them, in fixed order. For a release that is published; those
    who approve one look at it before."""
    rows = PublishedFigure.objects.filter(release=release, group=group)
    if measure:
        rows = rows.filter(measure=measure)
    if cut:
        rows = rows.filter(cut=cut)
    return rows.order_by("measure", "cut", "pk")


def newest_release() -> Release | None:
    return Release.objects.published().first()


def release_of(day: date) -> Release | None:
    """The newest whose twelve months had begun by the day: a later one tells of other prices."""
    return Release.objects.published().filter(as_at__lt=add_months(day, 12)).first()


class Figures:
    """The figures of one measure of one release, found by cell. One query."""

    def __init__(self, release: Release | None, measure: str, group: int | None = None) -> None:
        self.release, self.measure = release, measure
        rows = shown(release, measure, group=group) if release is not None else []
        self.found: dict[tuple[str, Values], PublishedFigure] = {(row.cut, values_of(row)): row for row in rows}

    def of(self, cut: str, values: Values) -> PublishedFigure | None:
        return self.found.get((cut, values))

    def cut(self, cut: str) -> dict[Values, PublishedFigure]:
        return {values: row for (name, values), row in self.found.items() if name == cut}


@dataclass(frozen=True)
class Comparator:
    """What a figure is compared with: which rung of the ladder it stands on, and the figure; None on the rate card."""

    rung: str
    figure: PublishedFigure | None

    @property
    def words(self) -> str:
        said = RUNGS[self.rung]
        if self.figure is None or self.figure.lot_id or "market" not in CUTS[self.rung].dimensions:
            return said
        bought = codes.ROUTES[self.figure.route].lower()  # bought outside every lot
        return said.replace("this lot", f"this kind of home bought {bought}")


def known(
    values: Mapping[str, Any], services: Mapping[int, str], owners: Mapping[int, int] | None = None
) -> dict[str, Any]:
    """The dimensions of a cell with what follows from them: a lot's kind of home, and who owns the provider.
    `services`: lot -> kind; `owners`: provider -> owner."""
    found = dict(values)
    if "market" in found and "service" not in found:
        kind, what, service = found["market"]
        found["service"] = services.get(what, "") if kind == "lot" else service
    if owners and found.get("provider") in owners:
        found["owner"] = owners[found["provider"]]
    return found


def rungs(values: Mapping[str, Any], below: str = "") -> Iterator[tuple[str, Values]]:
    """(cut, values) from the narrowest that these dimensions name to the widest; `below`: only those after it."""
    passed = not below or below not in LADDER
    for rung in LADDER:
        if passed and all(name in values for name in CUTS[rung].dimensions):
            yield rung, tuple(values[name] for name in CUTS[rung].dimensions)
        passed = passed or rung == below


def comparator(figures: Figures, values: Mapping[str, Any], below: str = "") -> Comparator:
    """The nearest figure with a median, or a share, that may be shown for these dimensions."""
    for rung, cell in rungs(values, below):
        figure = figures.of(rung, cell)
        if figure is not None and (figure.median is not None or figure.percent is not None):
            return Comparator(rung, figure)
    return Comparator("own" if "statement" in values else "rate_card", None)


def instead_of(
    figures: Figures, measure: Measure, cut: str, values: Values, services: Mapping[int, str],
    owners: Mapping[int, int] | None = None,
) -> Comparator | None:  # fmt: skip
    """What stands in for a cell's figure; None where that is shown. `services`: lot -> kind of home; `owners`: provider
    -> owner."""
    shared = figures.of(cut, values)
    if shared is not None and (shared.sign or measure.kind == "share" or shared.median is not None):
        return None
    told = dict(zip(CUTS[cut].dimensions, values, strict=True))
    return comparator(figures, known(told, services, owners), below=cut)


@dataclass(frozen=True)
class Row:
    """One cell: our own figure, the partnership's, and what stands in where the partnership's is withheld."""

    values: Values
    label: str
    own: Own | None
    shared: PublishedFigure | None
    instead: Comparator | None

    @property
    def difference(self) -> Decimal | None:
        """Own median less the partnership's, of the same cell alone."""
        if self.own is None or self.own.median is None or self.shared is None or self.shared.median is None:
            return None
        return self.own.median - self.shared.median


@dataclass
class Benchmark:
    measure: Measure
    cut: str
    release: Release | None
    rows: list[Row]
    names: "Names"

    @property
    def withheld(self) -> int:
        return sum(row.shared is None for row in self.rows)


def benchmark(
    measure_key: str, cut: str, release: Release | None, own: OwnFigures, group: int | None = None
) -> Benchmark:
    """Every cell that the authority has something in, or the release shows. KeyError for a measure that is not in the
    catalogue; ValueError for a cut that the measure is not shown by: dimensions are closed."""
    measure = MEASURES[measure_key]
    if cut not in measure.cuts:
        raise ValueError(f"{measure.title} is not shown by {cut}")
    figures = Figures(release, measure_key, group)
    ours, theirs = own.of(measure, cut), figures.cut(cut)
    names = Names([*ours, *theirs], cut)
    services = names.services
    owners = tops(release.as_at) if release is not None and {"statement", "provider"} <= set(names.dimensions) else {}
    rows = []
    for values in {**ours, **theirs}:
        shared, mine = theirs.get(values), ours.get(values)
        if measure.kind == "share" and shared is None and (mine is None or mine.percent is None):
            continue  # of no share at all: homes of our own have none by route
        instead = instead_of(figures, measure, cut, values, services, owners)
        rows.append(Row(values, names.of(values), mine, shared, instead))
    rows.sort(key=lambda row: (-(row.own.weekly if row.own else 0), -(row.own.n if row.own else 0), row.label))
    return Benchmark(measure, cut, release, rows, names)


class Names:
    """What the values of cells are called. A query for each kind of thing named."""

    def __init__(self, cells: Sequence[Values], cut: str) -> None:
        self.dimensions = CUTS[cut].dimensions
        wanted: dict[str, set[Any]] = {name: set() for name in self.dimensions}
        for values in cells:
            for name, value in zip(self.dimensions, values, strict=True):
                wanted[name].add(value)
        lots = {what for kind, what, _ in wanted.get("market", ()) if kind == "lot"}
        self.lots = {lot.pk: lot for lot in Lot.objects.filter(pk__in=lots).select_related("framework")} if lots else {}
        providers = wanted.get("provider", set()) | wanted.get("owner", set())
        found = Provider.objects.filter(pk__in=providers).values_list("pk", "name", "uuid") if providers else ()
        told = list(found)
        self.providers = {pk: name for pk, name, _ in told}
        self.provider_ids = {pk: uuid for pk, _, uuid in told}
        lines = wanted.get("price_line")
        statements = wanted.get("statement")
        told_statements = Statement.objects.filter(pk__in=statements) if statements else ()
        self.statements = {each.pk: each for each in told_statements}
        self.lines = (
            {line.pk: line for line in PriceLine.objects.filter(pk__in=lines).select_related("lot")} if lines else {}
        )

    @cached_property
    def services(self) -> dict[int, str]:
        return {pk: lot.service_type for pk, lot in self.lots.items()}

    def each(self, values: Values) -> list[str]:
        """The words of each dimension, in order."""
        return [self._word(name, value) for name, value in zip(self.dimensions, values, strict=True)]

    def of(self, values: Values) -> str:
        return ", ".join(filter(None, self.each(values)))

    def _word(self, name: str, value: Any) -> str:
        match name:
            case "market":
                kind, what, service = value
                if kind == "lot":
                    lot = self.lots.get(what)
                    return f"{lot.framework.reference} {lot}" if lot else "a lot"
                return f"{codes.ROUTES.get(what, what)}: {codes.SERVICE_TYPES.get(service, service).lower()}"
            case "service":
                return codes.SERVICE_TYPES.get(value, value)
            case "route":
                return codes.ROUTES.get(value, value)
            case "level":
                return LEVELS.get(value, value) or "No level"
            case "age":
                return value
            case "statement":
                return str(self.statements.get(value, "a statement"))
            case "provider" | "owner":
                return self.providers.get(value, "a provider")
            case "judgement":
                return ALL_JUDGEMENTS.get(value, NOT_YET_INSPECTED)
            case _:
                line = self.lines.get(value)
                return f"{line.lot}: {line.title}" if line else "a price line"


@dataclass(frozen=True)
class Cover:
    """Of what an authority pays others a week: how much has a visible comparator, by rung. Pounds a week."""

    whole: Decimal
    by_rung: Mapping[str, Decimal]

    def share(self, *rungs_: str) -> Decimal | None:
        if not self.whole:
            return None
        return sum((self.by_rung.get(rung, Decimal(0)) for rung in rungs_), Decimal(0)) * 100 / self.whole


def cover(release: Release | None, own: OwnFigures) -> Cover:
    """Each home bought from others, by the first rung whose figure is shown for it."""
    figures = Figures(release, "weekly_price")
    homes = [row for row in own.rows if row.population == "homes" and row.route != "in_house"]
    by_rung: dict[str, Decimal] = {}
    for row in homes:
        values: dict[str, Any] = {
            "market": ("lot", row.lot_id, "") if row.lot_id else ("outside", row.route, row.service_type),
            "service": row.service_type, "level": row.level,
        }  # fmt: skip
        if row.age_band:
            values["age"] = row.age_band
        if row.provider_id:
            values["provider"] = row.provider_id
        rung = comparator(figures, values).rung
        by_rung[rung] = by_rung.get(rung, Decimal(0)) + (row.amount or Decimal(0))
    return Cover(sum(by_rung.values(), Decimal(0)), by_rung)
