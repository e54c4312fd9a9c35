"""What the viewer's authority has spent, and how many nights it bought, over any days, split as asked.

The one place where spend is worked out: page, workbook and API read it. A line's cost between two days is the
difference of two accruals counted from the line's own first day, each rounded half up once (rules/lines.py,
kernel/money.py), so any split of any period adds up to the penny. Nights are counted by arrival: a placement's day of
leaving is none. A short stay while the child's own home goes on counts its nights as well, as both are paid.

A framework purchase is cut where the framework or the place ended (rules/routes.later_states): each night is in one
state. Each dimension's words stand in DIMENSIONS.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import connections
from django.db.models import QuerySet

from commissioning.kernel.money import ZERO
from commissioning.kernel.periods import Period
from commissioning.kernel.tenancy.viewer import acting
from commissioning.partnership.models import Framework
from providers.models import Award

from ..models import CareStatus, Child, CostLine, FundingSplit, Placement
from ..rules.routes import later_states

FUNDERS = ("education", "health", "housing", "other")  # social care pays what is left

_AGE = """(extract(year FROM a) - extract(year FROM {since})
    - CASE WHEN (extract(month FROM a), extract(day FROM a))
                < (extract(month FROM {since}), extract(day FROM {since})) THEN 1 ELSE 0 END)::int"""
_YEARS = f"""CASE WHEN c.born_on IS NOT NULL THEN greatest(0, {_AGE.format(since="c.born_on")})
    ELSE greatest(0, c.age_recorded + {_AGE.format(since="c.age_recorded_on")}) END"""
# Dimension -> the SQL of its value for one part of one placement. `a` is the part's first day.
DIMENSIONS = {
    "month": "month",
    "route": "p.route",
    "state": "p.state",
    "service": "p.service_type",
    "lot": "p.lot_id",
    "provider": "p.provider_id",
    "level": "p.level",
    "spot_reason": "p.spot_reason",
    "sex": "c.sex",
    "ethnicity": "c.ethnicity",
    "disability": "CASE WHEN c.disabilities = '{}' THEN '' WHEN c.disabilities = '{NONE}' THEN 'no' ELSE 'yes' END",
    "care_status": "coalesce(s.status, '')",
    "age_band": """CASE WHEN y.years IS NULL THEN '' WHEN y.years <= 4 THEN '0 to 4' WHEN y.years <= 10 THEN '5 to 10'
        WHEN y.years <= 15 THEN '11 to 15' WHEN y.years <= 17 THEN '16 to 17' WHEN y.years <= 25 THEN '18 to 25'
        ELSE '26 and over' END""",
    "placement": "p.id",
}  # fmt: skip
_OF_CHILD = {"sex", "ethnicity", "disability", "care_status", "age_band"}


@dataclass(frozen=True)
class SpendRow:
    """`key` are the values of the dimensions asked for, in their order. Pounds and pence; `own` is gross less what
    others pay, so own and `others` always come to gross."""

    key: tuple[Any, ...]
    nights: int
    gross: Decimal
    others: dict[str, Decimal]

    @property
    def own(self) -> Decimal:
        return self.gross - sum(self.others.values(), ZERO)


def spend_rows(
    *, first: date, until: date, by: Sequence[str] = (), placements: QuerySet | None = None, state: str = ""
) -> list[SpendRow]:
    """Nights and pounds from `first` up to, and without, `until`, one row for each combination of `by`, in order.

    `by` are names of DIMENSIONS; `placements` narrows which placements count; `state` one of codes.LATER_STATES, for
    framework purchases in it alone. Four queries, however many rows. ValueError for an unknown dimension or days
    the wrong way round; no row where nothing was bought.
    """
    unknown = [name for name in by if name not in DIMENSIONS]
    if unknown or until < first:
        raise ValueError(f"unknown dimensions {unknown}" if unknown else f"{until} comes before {first}")
    statement, values = _statement(first, until, tuple(by), placements, state)
    with connections[acting().using].cursor() as cursor:
        cursor.execute(statement, values)
        found = cursor.fetchall()
    return [_row(by, row) for row in found]


def _row(by: Sequence[str], row: tuple[Any, ...]) -> SpendRow:
    key = tuple(_key(name, value) for name, value in zip(by, row, strict=False))
    nights, gross, *others = row[len(by) :]
    paid = {name: _pounds(pence) for name, pence in zip(FUNDERS, others, strict=True) if pence}
    return SpendRow(key, int(nights), _pounds(gross), paid)


def _key(name: str, value: Any) -> Any:
    return value.replace(day=1) if name == "month" else value


def _pounds(pence: Any) -> Decimal:
    return (Decimal(int(pence)) / 100).quantize(Decimal("0.01"))


def _statement(
    first: date, until: date, by: tuple[str, ...], placements: QuerySet | None, state: str
) -> tuple[str, list[Any]]:
    chosen = placements if placements is not None else Placement.objects.all()
    running = chosen.filter(starts_on__lt=until).exclude(ends_before__lte=first)
    columns = _columns(by)
    parts: list[tuple[str, list[Any]]] = [
        _named("p", running.order_by().values(*{"id", "award_id", "starts_on", "ends_before", *columns})),
        _named("l", CostLine.objects.order_by().filter(starts_on__lt=until).exclude(ends_before__lte=first).values(
            "id", "placement_id", "weekly_amount", "once_amount", "starts_on", "ends_before"
        )),
        _named("f", FundingSplit.objects.order_by().filter(funder__in=FUNDERS).values(
            "cost_line_id", "funder", "weekly_amount", "once_amount"
        )),
        _states(),
        _months(first, until, each="month" in by),
    ]  # fmt: skip
    joins = ""
    if _OF_CHILD & set(by):
        parts.append(_named("c", Child.objects.order_by().values(
            "id", "sex", "ethnicity", "disabilities", "born_on", "age_recorded", "age_recorded_on"
        )))  # fmt: skip
        joins += " JOIN c ON c.id = p.child_id"
    if "care_status" in by:
        parts.append(
            _named("status", CareStatus.objects.order_by().values("child_id", "status", "starts_on", "ends_before"))
        )
        joins += " LEFT JOIN status s ON s.child_id = p.child_id AND s.starts_on <= a AND "
        joins += "(s.ends_before IS NULL OR s.ends_before > a)"
    if "age_band" in by:
        joins += f" CROSS JOIN LATERAL (SELECT {_YEARS} AS years) y"
    keys = "".join(f"{DIMENSIONS[name]} AS k{index}, " for index, name in enumerate(by))
    names = ", ".join(f"k{index}" for index in range(len(by)))
    figures = ", ".join(
        f"coalesce(sum(value) FILTER (WHERE kind = '{name}'), 0)" for name in ("nights", "gross", *FUNDERS)
    )
    statement = f"""WITH {", ".join(part for part, _ in parts)},
        stay AS ({_STAY} {"WHERE v.state = %s" if state else ""}),
        charge AS ({_CHARGE}),
        part AS ({_PART.format(columns="".join(f"stay.{name}, " for name in columns))}),
        told AS (SELECT {keys} kind, sum(value) AS value FROM (SELECT part.*, {_VALUE} AS value FROM part) p {joins}
                 GROUP BY {names + "," if names else ""} kind)
        SELECT {names + "," if names else ""} {figures}
        FROM told {f"GROUP BY {names} ORDER BY {names}" if names else "HAVING count(*) > 0"}"""
    values = [value for _, given in parts for value in given]
    return statement, [*values, first, until, *([state] if state else [])]


def _columns(by: tuple[str, ...]) -> list[str]:
    """The columns of placements that the dimensions read; the fewer are carried along, the quicker."""
    of_placement = {DIMENSIONS[name].removeprefix("p.") for name in by if DIMENSIONS[name].startswith("p.")}
    return sorted(of_placement - {"state"} | ({"child_id"} if _OF_CHILD & set(by) else set()))


def _named(name: str, rows: QuerySet) -> tuple[str, list[Any]]:
    """A query of the manager's own, the viewer's filter in it, under a name."""
    query, values = rows.query.sql_with_params()
    return f"{name} AS ({query})", list(values)


def _states() -> tuple[str, list[Any]]:
    """The later states of each award, one row for each: from, until and without; no date where there is no end."""
    frameworks = {each.pk: each for each in Framework.objects.prefetch_related("extensions")}
    found: list[tuple[int, str, date | None, date | None]] = []
    for award, framework_id, award_end in Award.objects.values_list("pk", "framework_id", "ends_before"):
        terms = frameworks.get(framework_id)
        ends = {"initial_end": terms.ends_before, "framework_end": terms.runs_until} if terms else _ENDLESS
        states = later_states(date.min, None, award_end=award_end, **ends)
        found += [(award, state, None if opens == date.min else opens, closes) for state, opens, closes in states]
    columns = [list(column) for column in zip(*found, strict=True)] if found else [[], [], [], []]
    arrays = "unnest(%s::bigint[], %s::text[], %s::date[], %s::date[])"
    return f"v AS (SELECT * FROM {arrays} AS v (award, state, opens, closes))", columns


def _months(first: date, until: date, *, each: bool) -> tuple[str, list[Any]]:
    """The months of the period, the first and the last cut by it; or the period whole."""
    whole = [Period(first, until)] if first < until else []
    months = whole[0].split_by_months() if whole and each else whole
    opens, closes = [month.starts_on for month in months], [month.ends_before for month in months]
    return "months AS MATERIALIZED (SELECT %s::date[] AS opens, %s::date[] AS closes)", [opens, closes]


_ENDLESS: dict[str, date | None] = {"initial_end": None, "framework_end": None}
# Each placement in each of its states. greatest() and least() pass over what is null: an end that is not there.
_STAY = """SELECT p.*, CASE WHEN p.award_id IS NULL THEN '' ELSE coalesce(v.state, 'in_force') END AS state,
        greatest(p.starts_on, v.opens, %s) AS opens, least(p.ends_before, v.closes, %s) AS closes
    FROM p LEFT JOIN v ON v.award = p.award_id"""
# What is counted over days: nights; each line, and each other funder's part of it. `u` are ten-thousandths of a pound.
_CHARGE = """SELECT id AS placement_id, 'nights' AS kind, 0::bigint AS u, 0::bigint AS once, starts_on, ends_before
    FROM p
    UNION ALL
    SELECT placement_id, 'gross', (weekly_amount * 10000)::bigint, (once_amount * 100)::bigint, starts_on, ends_before
    FROM l
    UNION ALL
    SELECT l.placement_id, f.funder, (f.weekly_amount * 10000)::bigint, (f.once_amount * 100)::bigint, l.starts_on,
        l.ends_before
    FROM f JOIN l ON l.id = f.cost_line_id"""
# Each charge in each state and month: `a` is the first day of the placement's part, [x, y) are the charge's own days.
_PART = """SELECT days.*, days.m_opens AS month,
        greatest(opens, m_opens) AS a, greatest(x0, m_opens) AS x, least(y0, m_closes) AS y
    FROM (SELECT run.*, unnest(months.opens[low:high]) AS m_opens, unnest(months.closes[low:high]) AS m_closes
          FROM (SELECT {columns}stay.state, stay.opens, charge.kind, charge.u, charge.once, charge.starts_on AS since,
                    d.x0, d.y0, width_bucket(d.x0, months.opens) AS low, width_bucket(d.y0 - 1, months.opens) AS high
                FROM stay JOIN charge ON charge.placement_id = stay.id CROSS JOIN months
                CROSS JOIN LATERAL (SELECT greatest(charge.starts_on, stay.opens) AS x0,
                                           least(charge.ends_before, stay.closes) AS y0) d
                WHERE d.x0 < d.y0) run CROSS JOIN months) days"""
# Nights, or pence: ten-thousandths of a pound times days / 700, halves away from nought, in whole numbers.
_ACCRUED = "(2 * u * ({day} - since) + CASE WHEN u < 0 THEN -700 ELSE 700 END) / 1400"
_VALUE = f"""CASE WHEN kind = 'nights' THEN y - x
    ELSE {_ACCRUED.format(day="y")} - {_ACCRUED.format(day="x")} + CASE WHEN x = since THEN once ELSE 0 END END"""
