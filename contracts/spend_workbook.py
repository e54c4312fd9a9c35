"""The tables of the spend pages as one workbook: the same rows and columns, with charts drawn from the cells."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from commissioning.kernel.exports import Notice, SheetOf, SpreadChart, file_name, workbook_bytes
from commissioning.kernel.tables import Column

from .measures.spend_parts import GROUPS, Part, groups, split, summary, years
from .pages import spend_tables as tables
from .pages.spend_asked import SPLITS, AskedSpend
from .rules import codes
from .rules.shares import LATER

SHEETS = {"service": "Kinds of home", "lot": "Lots", "provider": "Providers", "level": "Levels"}
ROUNDED = (
    "What each cost line has accrued by the last day less what it had accrued before the first: pounds a week x days / "
    "7, counted from the line's own first day and rounded half up once. What is paid once falls on the line's first "
    "day. Months add up to their year to the penny."
)
BY_ARRIVAL = (
    "Counted by arrival: the day of leaving is none. A short stay while the child's own home goes on counts its nights "
    "as well, because both are paid."
)
LIKE_FOR_LIKE = (
    "Pounds a week that spot cost above framework purchases of the same kind of home, each kind counted by its spot "
    "nights."
)
TAKEN_OUT = "The share {}: they no longer count as bought by the route, and stay among all nights."
DEFINITIONS = (
    ("Nights", BY_ARRIVAL),
    ("Cost", ROUNDED),
    ("Own cost", "The cost less what education, health, housing and other funders pay: what is left for social care."),
    ("Average", "Cost x 7 / nights. A night without a recorded price counts as a night that cost nothing."),
    ("Framework, block, dynamic market, spot, in-house", "The route fixed on the day of call-off; it never changes."),
    ("Share", "Of all nights, or of all cost. The cells hold it unrounded and show whole per cents, as the page does."),
    *((codes.LATER_STATES[state], TAKEN_OUT.format(tables.WITHOUT[state])) for state in LATER),
    ("Spot above framework", LIKE_FOR_LIKE),
    ("Care status, age", "Of the first day of each part: of a month, or of the stay where it began in it."),
    ("To come", "Nothing after today is counted: placements that go on are not forecast."),
)


def spend_workbook(
    asked: AskedSpend, *, viewer: str, made_at: datetime, today: date, equality: bool
) -> tuple[bytes, str]:
    """(the workbook, its file's name). `equality`: with the sheets about groups of children."""
    span, narrowed = asked.span, (asked.placements, asked.state)
    whole = summary(span, *narrowed)
    over_years = years(min(asked.begins, today), today, *narrowed)
    title = f"Spend {span.words}"
    sheets = [
        SheetOf("By month", tables.month_columns(), whole.months, _chart("Cost by month and route", "month",
                list(codes.ROUTES))),
        SheetOf("Shares of nights", tables.share_columns("nights"), tables.share_rows(whole, "nights"),
                _chart("Share of nights", "route", ["share", "firm"], "% of nights")),
        SheetOf("Shares of cost", tables.share_columns("gross"), tables.share_rows(whole, "gross"),
                _chart("Share of cost", "route", ["share", "firm"], "% of cost")),
        *(
            _sheet(SHEETS[by], tables.split_columns(asked, by), split(span, by, *narrowed), f"Cost by {SPLITS[by]}", by)
            for by in SPLITS
        ),
        SheetOf("Who pays", tables.funder_columns(), tables.funder_rows(whole.whole.bought),
                _chart("Who pays", "funder", ["pounds"])),
        _sheet("Financial years", tables.year_columns(), over_years, "Cost by financial year", "year"),
    ]  # fmt: skip
    if equality:
        found = groups(span, *narrowed)
        sheets += [
            _sheet(
                GROUPS[name],
                tables.group_columns(name),
                tables.group_rows(name, found[name]),
                f"Cost by {GROUPS[name].lower()}",
                name,
            )
            for name in GROUPS
        ]
    sheets.append(SheetOf("Definitions", [Column("word", "Word", value=_first), Column("means", "What it means",
                  value=lambda row: row[1])], DEFINITIONS))  # fmt: skip
    filters = "; ".join(f"{item.label}: {item.value}" for item in asked.filters if item.remove)
    notes = (tables.answer(whole, viewer, narrowed=asked.narrowed), tables.cost_sentence(whole))
    made = Notice(title, viewer, made_at, filters, notes=notes)
    return workbook_bytes(sheets, made), file_name(title, viewer, today, "xlsx")


def _sheet(title: str, columns: Sequence[Column], rows: Sequence[Part], about: str, label: str) -> SheetOf:
    return SheetOf(title, [replace(column, link=None) for column in columns], rows, _chart(about, label, ["gross"]))


def _chart(title: str, label: str, series: list[str], unit: str = "£") -> SpreadChart:
    return SpreadChart(title, label=label, series=series, unit=unit, kind="columns")


def _first(row: Any) -> Any:
    return row[0]
