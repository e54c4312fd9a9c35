"""The tables, charts and sentences of spend: the same columns for page, csv and workbook."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

from commissioning.kernel import wording
from commissioning.kernel.charts import Chart
from commissioning.kernel.periods import Period
from commissioning.kernel.tables import Column, Table

from ..measures.spend_parts import GROUPS, Part, Summary
from ..rules import codes
from ..rules.shares import LATER, Bought, RouteShare, per_cent, route_shares
from .spend_asked import SPLITS, AskedSpend

NOTHING = "nothing bought"
NOT_BOTH = "not bought both ways"
WITHOUT = {
    "extension": "without nights in an extension",
    "provider_left": "without nights after the provider left the lot",
    "framework_ended": "without nights after the framework ended",
}
LEADS = "spend-placements"
Leads = Callable[[Any, str], str | None]  # (row, route) -> where a figure leads


def nowhere(row: Any, route: str) -> None:
    return None


def money(key: str, label: str, value: Callable[[Any], Any], **more: Any) -> Column:
    return Column(key, label, value=value, kind="money", unit="£", **more)


def figures(leads: Leads = nowhere, *, sortable: bool = False) -> list[Column]:
    """What every table of parts says of each part, behind its name."""
    columns = [
        Column("nights", "Nights", value=lambda part: part.bought.nights, kind="number", sort="nights",
               link=lambda part: leads(part, "")),
        _share("framework", "Framework", leads),
        _share("spot", "Spot", leads),
        money("gross", "Cost", lambda part: part.bought.gross, sort="gross"),
        money("from_others", "Paid by other funders", lambda part: part.bought.from_others, sort="from_others"),
        money("own", "Own cost", lambda part: part.bought.own, sort="own"),
        Column("a_week", "Average", value=lambda part: part.bought.a_week, kind="money", unit="£ a week",
               missing=NOTHING, sort="a_week"),
    ]  # fmt: skip
    columns.append(
        Column("costs_more", "Spot above framework", value=lambda part: part.costs_more, kind="money", unit="£ a week",
               signed=True, missing=NOT_BOTH, sort="costs_more")
    )  # fmt: skip
    return columns if sortable else [replace(column, sort=None) for column in columns]


def _share(route: str, label: str, leads: Leads) -> Column:
    return Column(
        f"{route}_share", label, value=lambda part: part.share(route), kind="percent", unit="% of nights",
        missing=NOTHING, sort=f"{route}_share",
        link=lambda part: leads(part, route) if part.of(route).nights else None,
    )  # fmt: skip


# By month


def month_called(days: Period) -> str:
    """ "March 2026", or what there is of it: "April 2026, to 20 April"."""
    first, after = days.bounds
    last = after - timedelta(days=1)
    if after.day == 1 and first.day == 1:
        return f"{first:%B %Y}"
    return f"{first:%B %Y}, to {last.day} {last:%B}"


def month_columns(leads: Leads = nowhere) -> list[Column]:
    def cost(route: str) -> Column:
        return money(route, codes.ROUTES[route], lambda part: part.of(route).gross,
                     link=lambda part: leads(part, route) if part.of(route).nights else None)  # fmt: skip

    return [
        Column("month", "Month", value=lambda part: part.value if isinstance(part.value, str)
               else month_called(part.value)),
        Column("nights", "Nights", value=lambda part: part.bought.nights, kind="number",
               link=lambda part: leads(part, "")),
        *(cost(route) for route in codes.ROUTES),
        money("gross", "All routes", lambda part: part.bought.gross),
        money("from_others", "Paid by other funders", lambda part: part.bought.from_others),
        money("own", "Own cost", lambda part: part.bought.own),
        Column("framework_share", "Framework", value=lambda part: part.share("framework"), kind="percent",
               unit="% of nights", missing=NOTHING),
        Column("spot_share", "Spot", value=lambda part: part.share("spot"), kind="percent", unit="% of nights",
               missing=NOTHING),
    ]  # fmt: skip


def month_chart(found: Summary) -> Chart:
    columns = [each for each in month_columns() if each.key == "month" or each.key in codes.ROUTES]
    whole = [columns[0], *(replace(column, whole=True) for column in columns[1:])]
    return Chart(
        f"Cost by month and route {found.span.words}", "columns", whole, found.months, unit="£", own_table=False,
        slug="chart-spend-months",
    )  # fmt: skip


def month_table(found: Summary, leads: Leads, **more: Any) -> Table:
    return Table(
        month_columns(leads), found.months, "By month", per_page=None, cards=False, noun=("month", "months"),
        footer=replace(found.whole, value="All months"), **more,
    )  # fmt: skip


# By what was bought


def split_columns(asked: AskedSpend, by: str, leads: Leads = nowhere) -> list[Column]:
    return [
        Column(by, wording.capital(SPLITS[by]), sort=by,
               value=lambda part: "All" if part.value == "all" else asked.called(by, part.value)),
        *figures(leads, sortable=True),
    ]  # fmt: skip


# Shares


def share_columns(of: str) -> list[Column]:
    """`of`: "nights" or "gross". One route a row: its share, and what is left of it without each later class."""
    amount = (
        Column("amount", "Nights", value=lambda row: row.bought.nights, kind="number")
        if of == "nights"
        else money("amount", "Cost", lambda row: row.bought.gross)
    )
    unit = "% of nights" if of == "nights" else "% of cost"

    def share(key: str, label: str, value: Callable[[RouteShare], Any]) -> Column:
        return Column(key, label, value=value, kind="percent", unit=unit, missing=NOTHING)

    return [
        Column("route", "Bought by", value=lambda row: codes.ROUTES[row.route]),
        amount,
        share("share", "Share", lambda row: row.share),
        *(share(f"without_{state}", wording.capital(WITHOUT[state]), lambda row, state=state: row.without[state])
          for state in LATER),
        share("firm", "Without any of the three", lambda row: row.firm),
    ]  # fmt: skip


def share_rows(found: Summary, of: Any) -> list[RouteShare]:
    return list(route_shares(found.states, of).values())


def share_table(found: Summary, of: str) -> Table:
    words = "nights" if of == "nights" else "cost"
    return Table(
        share_columns(of), share_rows(found, of), f"Shares of {words}", per_page=None, noun=("route", "routes"),
        cards=False,
    )  # fmt: skip


# Who pays


def funder_columns() -> list[Column]:
    return [
        Column("funder", "Paid by", value=lambda row: row[0]),
        money("pounds", "Pounds", lambda row: row[1]),
        Column("share", "Share", value=lambda row: row[2], kind="percent", unit="% of cost", missing=NOTHING),
    ]


def funder_rows(bought: Bought) -> list[tuple[str, Decimal, Decimal | None]]:
    """Social care pays what is left, so the rows come to the whole."""
    rows = [(codes.FUNDERS["social_care"], bought.own)]
    rows += [(codes.FUNDERS[name], pounds) for name, pounds in sorted(bought.others.items())]
    return [(words, pounds, per_cent(pounds, bought.gross)) for words, pounds in rows]


# Over the years


def year_columns(link: Callable[[Part], str | None] = lambda part: None) -> list[Column]:
    return [
        Column("year", "Financial year", value=lambda part: getattr(part.value, "label", part.value), link=link),
        *figures(),
    ]


def year_chart(parts: list[Part]) -> Chart | None:
    """The shares of framework and spot over the years; nothing where there is but one."""
    if sum(part.bought.nights > 0 for part in parts) < 2:
        return None
    columns = [
        Column("year", "Financial year", value=lambda part: part.value.label),
        *(Column(route, label, value=lambda part, route=route: part.share(route), kind="percent")
          for route, label in (("framework", "Framework"), ("spot", "Spot"))),
    ]  # fmt: skip
    return Chart("Framework and spot, share of nights by financial year", "line", columns, parts, unit="% of nights",
                 own_table=False, slug="chart-spend-years")  # fmt: skip


# Groups of children

UNKNOWN = "Not recorded"
_WORDS: dict[str, dict[str, str]] = {
    "ethnicity": codes.ETHNICITIES,
    "disability": {"yes": "Disabled", "no": "No disability"},
    "care_status": codes.CARE_STATUSES,
    "sex": codes.SEXES,
}


def group_columns(name: str, leads: Leads = nowhere) -> list[Column]:
    words = _WORDS.get(name, {})
    return [
        Column(name, GROUPS[name], value=lambda part: words.get(part.value) or part.value or UNKNOWN),
        *figures(leads),
    ]


def group_rows(name: str, found: list[Part]) -> list[Part]:
    """In the order of the code list, which ends with what nobody said; where there is none, as they are."""
    order = {value: place for place, value in enumerate(value for value in _WORDS.get(name, {}) if value)}
    return sorted(found, key=lambda part: order.get(part.value, len(order))) if order else found


# Sentences


def answer(found: Summary, whose: str, *, narrowed: bool) -> str:
    """The page in one line: the framework share and how it moved, and what spot costs more."""
    whole, before = found.whole, found.before
    if not whole.bought.nights:
        return f"{whose} bought no night {found.span.words}" + (" that answers to this." if narrowed else ".")
    share = whole.share("framework")
    assert share is not None
    said = f"{whose} bought {wording.percent(share)} of nights through frameworks {found.span.words}"
    if narrowed:
        said = f"{whose} bought {whole.bought.nights:,} such nights {found.span.words}, for "
        said += wording.pounds(whole.bought.gross, whole=True)
        routes = [route for route in codes.ROUTES if whole.of(route).nights]
        if len(routes) == 1:  # a share would say nothing
            return f"{said}, all of them {codes.ROUTES[routes[0]].lower()}."
        said += f", {wording.percent(share)} of them through frameworks"
    earlier = before.share("framework")
    if earlier is not None:
        said += f", {_moved(share, earlier)}"
    said += "."
    if whole.costs_more:
        more = "more" if whole.costs_more > 0 else "less"
        said += (
            f" Spot cost {wording.pounds(abs(whole.costs_more), whole=True)} a week {more} for the same kinds of home."
        )
    return said


def _moved(now: Decimal, before: Decimal) -> str:
    now_said, before_said = wording.percent(now), wording.percent(before)
    if now_said == before_said:
        return "as in the same days a year before"
    return f"{'up' if now > before else 'down'} from {before_said}"


def cost_sentence(found: Summary) -> str:
    """ "It cost £12,345,678.90, of which other funders pay £1,234.50." """
    bought = found.whole.bought
    said = f"All {bought.nights:,} nights cost {wording.pounds(bought.gross)}"
    if bought.from_others:
        said += f", of which other funders pay {wording.pounds(bought.from_others)} and social care "
        said += wording.pounds(bought.own)
    return said + "."
