"""The workbook that an officer takes to the steering group: ten sheets, each one question, ready to send.

The rows are those of the pages (benchmark(), cost_of_care()), with their signs for what is withheld of others. Of our
own figures those of 1 to 7 children are withheld too, because the workbook leaves the authority; a copy for one's own
desk has them exactly.
"""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Any

from commissioning.kernel import wording
from commissioning.kernel.exports import Notice, SheetOf, SpreadChart, file_name, sheet_names, streamed, write_sheet
from commissioning.kernel.tables import Column

from . import steering_rows as rows_of
from .measures.benchmark import Benchmark, Row, benchmark
from .measures.cost_of_care import CostOfCare, cost_of_care
from .measures.own import OwnFigures, own_figures
from .measures.price_gaps import price_gaps
from .models import Release
from .pages import benchmark_tables as tables
from .pages import cost_tables
from .rules.disclosure import USUAL
from .steering_words import definitions, summary

WEEKLY = "£ a week"
SEARCHES = ("response_hours", "answered_share", "offer_share", "conversion_share")
SENT = "Our own figures over 1 to 7 children, and those that would give them away, are withheld in this copy."
EXACT = "Our own figures are exact in this copy, those of single children too: keep it inside the authority."
PAIRED = {"our_median": "median", "our_percent": "percent"}


@dataclass
class Steering:
    """What the sheets are made from. `exact`: own figures of 1 to 7 children too."""

    whose: str
    today: date
    release: Release | None
    own: OwnFigures
    care: CostOfCare
    exact: bool = False

    def of(self, measure: str, cut: str) -> Benchmark:
        return benchmark(measure, cut, self.release, self.own)

    @cached_property
    def kinds(self) -> Benchmark:
        return self.of("weekly_price", "service")

    @cached_property
    def cells(self) -> Benchmark:
        return self.of("weekly_price", "market_age_level")

    @cached_property
    def providers(self) -> Benchmark:
        return self.of("weekly_price", "provider_market")

    @cached_property
    def by_route(self) -> list[Benchmark]:
        return [self.of(measure, "route") for measure in ("spend_share", "night_share")]

    @cached_property
    def premiums(self) -> list[rows_of.Premium]:
        return rows_of.premiums(self.of("weekly_price", "service_route"), exact=self.exact)

    @cached_property
    def additional(self) -> Benchmark:
        return self.of("additional_share", "service")

    @cached_property
    def searches(self) -> list[Benchmark]:
        return [self.of(measure, "market") for measure in SEARCHES]

    @cached_property
    def savings(self) -> str:
        """What talking to providers could save, in the words and figures of the page of prices."""
        found = price_gaps(self.release, self.own, self.today).savings
        if not found.above:
            return "No open home of ours costs more than the partnership’s median for the same provider and lot."
        if found.above <= USUAL.hidden_up_to and not self.exact:
            return "What talking to these providers could save is withheld in this copy: few homes stand behind it."
        return (
            f"{found.above} open homes cost more than the partnership’s median for the same provider and lot: "
            f"{wording.pounds(found.possible, whole=True)} in the twelve months from today is possible, "
            f"{wording.pounds(found.realistic, whole=True)} over {found.realistic_homes} of them realistic. No child "
            "moves for a price: it is got by talking to the provider."
        )

    @property
    def copy(self) -> str:
        return EXACT if self.exact else SENT

    @property
    def notes(self) -> tuple[str, ...]:
        """What stands under the rows of every sheet."""
        release = tables.quiet_line(self.release) or "No release is published yet: only our own figures stand here."
        signs = "c: withheld, so that nobody’s figures can be worked out. Counts of the partnership to the nearest 5."
        return (f"{release} Ours: live, to {wording.day(self.today)}.", signs, self.copy)


def steering(whose: str, today: date, release: Release | None, *, exact: bool = False) -> Steering:
    """Of the authority that is looking."""
    return Steering(whose, today, release, own_figures(today), cost_of_care(today, release), exact)


def steering_workbook(found: Steering, *, made_at: datetime) -> tuple[bytes, str]:
    """(the workbook, its file's name)."""
    title = f"Benchmarks for the steering group: {found.whose} beside the partnership"
    notice = Notice(title, found.whose, made_at, notes=found.notes)
    sheets = [
        SheetOf("Summary", *summary(found, notice), notes=found.notes),
        cost_sheet(found), kinds_sheet(found), cells_sheet(found), same_provider_sheet(found),
        routes_sheet(found), spot_sheet(found), additional_sheet(found), searches_sheet(found),
        SheetOf("Definitions", *definitions(found.release)),
    ]  # fmt: skip
    buffer = io.BytesIO()
    with streamed(buffer, notice) as book:
        for name, sheet in zip(sheet_names(sheet.title for sheet in sheets), sheets, strict=True):
            write_sheet(book, name, sheet)
    return buffer.getvalue(), file_name("Steering group benchmarks", found.whose, found.today, "xlsx")


def _chart(title: str, label: str, series: Sequence[str], drawn: int, *, unit: str = WEEKLY, ours: str = "",
           kind: Any = "dots") -> SpreadChart | None:  # fmt: skip
    """Only of rows that have every figure: nothing is drawn where none has."""
    return SpreadChart(title, label, series, unit, ours, kind, drawn) if drawn else None


def _sheet(found: Steering, title: str, of: Benchmark, chart: str, rows: Sequence[Row] | None = None,
           *extra: str) -> SheetOf:  # fmt: skip
    """One benchmark as its page's file has it, those rows first that can be compared."""
    away = rows_of.few(of, exact=found.exact)
    share = of.measure.kind == "share"
    ordered, drawn = rows_of.drawn_first(of.rows if rows is None else rows, away, share=share)
    columns = rows_of.guarded(tables.file_columns(of), rows_of.of_values, away)
    ours = "our_percent" if share else "our_median"
    return SheetOf(
        title, columns, ordered,
        _chart(chart, columns[0].key, [ours, PAIRED[ours]], drawn, ours=ours, kind="columns" if share else "dots",
               unit=of.measure.unit),
        (of.measure.how, of.measure.misleads, *extra, *found.notes),
    )  # fmt: skip


def cost_sheet(found: Steering) -> SheetOf:
    care = found.care
    away = rows_of.few_of_care(care, exact=found.exact)
    can = [row for row in care.rows if row.paid.mode is not None and row.kind.key not in away]
    rest = [row for row in care.rows if row not in can]
    columns = rows_of.guarded(cost_tables.file_columns(), rows_of.of_kind, away, rows_of.OURS_OF_CARE)
    note = (
        "A most usual price is an amount that at least two homes cost. One dear home lifts a mean, and neither it nor "
    )
    return SheetOf(
        "Cost of care", columns, [*can, *rest],
        _chart("What we pay: most usual price, median and mean", "kind", ["mode", "median", "mean"], len(can)),
        (f"{note}the median.", *found.notes),
    )  # fmt: skip


def kinds_sheet(found: Steering) -> SheetOf:
    return _sheet(found, "Price by kind of home", found.kinds, "Our median and the partnership’s, by kind of home")


def cells_sheet(found: Steering) -> SheetOf:
    return _sheet(found, "Lot, age and level", found.cells, "Our median and the partnership’s, by lot, age and level")


def same_provider_sheet(found: Steering) -> SheetOf:
    """Every provider that we buy from or the release shows, with what talking to them could save."""
    return _sheet(
        found, "Same provider", found.providers, "The same provider on the same lot: our median and the partnership’s",
        None, found.savings,
        "A provider’s figures are shown to authorities that take part in the framework, as its rates are.",
    )  # fmt: skip


def routes_sheet(found: Steering) -> SheetOf:
    every = rows_of.together(found.by_route, exact=found.exact, lead=("All that is bought",))
    measures = [found.of(each.measure.key, "service_route") for each in found.by_route]
    rows = [*every, *rows_of.together(measures, exact=found.exact)]
    rows = [row for row in rows if row.first.values[-1] != "in_house"]  # shares are of what is bought from others
    columns = [
        *rows_of.heads(("service", "Kind of home"), ("route", "Bought by")), *rows_of.beside(found.by_route)
    ]  # fmt: skip
    series = ["spend_share_our_percent", "spend_share_percent", "night_share_our_percent", "night_share_percent"]
    ordered, drawn = _complete(rows, columns, series)
    return SheetOf(
        "Routes", columns, ordered,
        _chart("Shares of spend and of nights by route", "route", series, _led(ordered, drawn), unit="%",
               kind="columns", ours=series[0]),
        (found.by_route[0].measure.how, found.by_route[1].measure.how, *found.notes),
    )  # fmt: skip


def _led(ordered: Sequence[rows_of.Together], drawn: int) -> int:
    """The routes of all that is bought alone are drawn where there are any: kinds of home would repeat their names."""
    whole = sum(len(row.first.values) == 1 for row in ordered[:drawn])
    return whole or drawn


def _complete(rows: Sequence[Any], columns: Sequence[Column], series: Sequence[str]) -> tuple[list[Any], int]:
    """(rows, how many can be drawn), those with a number in every series first."""
    drawn = [column for column in columns if column.key in series]

    def whole(row: Any) -> bool:
        values = [column.of(row) for column in drawn]
        return all(value is not None and not isinstance(value, str | wording.Withheld) for value in values)

    can = [row for row in rows if whole(row)]
    return [*can, *(row for row in rows if not whole(row))], min(len(can), tables.MOST_DRAWN)


def spot_sheet(found: Steering) -> SheetOf:
    measure = found.kinds.measure

    def own(pick: Any) -> Any:
        return lambda row: rows_of.OURS_WITHHELD if row.away else pick(row)

    def theirs(pick: Any) -> Any:
        def value(row: rows_of.Premium) -> Any:
            told = pick(row)
            return tables.withheld(None, measure) if told is None else told

        return value

    def money(key: str, label: str, value: Any, **more: Any) -> Column:
        return Column(key, label, value=value, kind="money", unit=WEEKLY, **more)

    columns = [
        Column("service", "Kind of home", value=lambda row: row.label),
        money("our_framework", "Our median by framework", own(lambda r: r.framework.own and r.framework.own.median),
              missing="none"),
        money("our_spot", "Our median spot", own(lambda r: r.spot.own and r.spot.own.median), missing="none"),
        money("our_premium", "Our spot above framework", own(lambda r: r.ours), missing="not bought both ways"),
        money("framework", "Partnership by framework", whole=True,
              value=theirs(lambda r: r.framework.shared and r.framework.shared.median)),
        money("spot", "Partnership spot", theirs(lambda r: r.spot.shared and r.spot.shared.median), whole=True),
        money("premium", "Partnership spot above framework", theirs(lambda r: r.shared), whole=True),
    ]  # fmt: skip
    ordered, drawn = _complete(found.premiums, columns, ["our_premium", "premium"])
    return SheetOf(
        "Spot and framework", columns, ordered,
        _chart("What spot costs above the frameworks", "service", ["our_premium", "premium"], drawn, kind="columns",
               ours="our_premium"),
        (("Spot above framework: the median of homes bought spot less that of homes bought by a framework, of the same "
         "kind. Spot is dear partly because it is bought for those who are hardest to place."), *found.notes),
    )  # fmt: skip


def additional_sheet(found: Steering) -> SheetOf:
    return _sheet(found, "Additional services", found.additional, "Additional services as a share of what is paid")


def searches_sheet(found: Steering) -> SheetOf:
    rows = rows_of.together(found.searches, exact=found.exact)
    columns = [*rows_of.heads(("market", "Lot, or bought outside")), *rows_of.beside(found.searches)]
    series = ["offer_share_our_percent", "offer_share_percent"]
    ordered, drawn = _complete(rows, columns, series)
    return SheetOf(
        "Searches", columns, ordered,
        _chart("Providers that offered, of those asked", "market", series, drawn, unit="%", kind="columns",
               ours=series[0]),
        (*(f"{each.measure.title}: {each.measure.how}" for each in found.searches), *found.notes),
    )  # fmt: skip
