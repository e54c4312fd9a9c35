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
from commissioning.kernel.tenancy.viewer import acting
from commissioning.partnership.models import Framework
from providers.models import Award

from ..models import CareStatus, Child, CostLine, FundingSplit, Placement

FUNDERS = ("education", "health", "housing", "other")  # social care pays what is left

_AGE = """(extract(year FROM a) - extract(year FROM {since})
    - CASE WHEN (extract(month FROM a), extract(day FROM a))
                < (extract(month FROM {since}), extract(day FROM {since})) THEN 1 ELSE 0 END)::int"""
_YEARS = f"""CASE WHEN c.born_on IS NOT NULL THEN greatest(0, {_AGE.format(since="c.born_on")})
    ELSE greatest(0, c.age_recorded + {_AGE.format(since="c.age_recorded_on")}) END"""
# Dimension -> the SQL of its value for one part of one placement. `a` is the part's first day.
DIMENSIONS = {
    "month": "date_trunc('month', a)::date",
    "route": "p.route",
    "state": "state",
    "service": "p.service_type",
    "lot": "p.lot_id",
    "provider": "p.provider_id",
    "level": "p.level",
    "spot_reason": "p.spot_reason",
    "sex": "c.sex",
    "ethnicity": "c.ethnicity",
    "disability": "CASE WHEN c.disabilities = '{}' THEN '' WHEN c.disabilities = '{NONE}' THEN 'no' ELSE 'yes' END",
    "care_status": "coalesce(s.status, '')",
    "age_band": f"""CASE WHEN y.years IS NULL THEN '' WHEN y.years <= 4 THEN '0 to 4' WHEN y.years <= 10 THEN '5 to 10'
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
    framework purchases in it alone. One query whatever the number of rows. ValueError for an unknown dimension or days
    the wrong way round; no row where nothing was bought.
    """
    unknown = [name for name in by if name not in DIMENSIONS]
    if unknown or until < first:
        raise ValueError(f"unknown dimensions {unknown}" if unknown else f"{until} comes before {first}")
    statement, values = _statement(first, until, tuple(by), placements, state)
    with connections[acting().using].cursor() as cursor:
        cursor.execute(statement, values)
        found = cursor.fetchall()
    width = len(by)
    return [
        SpendRow(
            tuple(row[:width]), int(row[width]), _pounds(row[width + 1]),
            {name: _pounds(part) for name, part in zip(FUNDERS, row[width + 2 :], strict=True) if part},
        )
        for row in found
    ]  # fmt: skip


def _pounds(pence: Any) -> Decimal:
    return (Decimal(int(pence)) / 100).quantize(Decimal("0.01"))


def _statement(
    first: date, until: date, by: tuple[str, ...], placements: QuerySet | None, state: str
) -> tuple[str, list[Any]]:
    chosen = placements if placements is not None else Placement.objects.all()
    running = chosen.filter(starts_on__lt=until).exclude(ends_before__lte=first)
    parts: list[tuple[str, list[Any]]] = [
        _named("p", running.order_by().values(
            "id", "child_id", "award_id", "route", "service_type", "lot_id", "provider_id", "level", "spot_reason",
            "starts_on", "ends_before",
        )),
        _named("l", CostLine.objects.order_by().filter(starts_on__lt=until).exclude(ends_before__lte=first).values(
            "id", "placement_id", "weekly_amount", "once_amount", "starts_on", "ends_before"
        )),
        _named("f", FundingSplit.objects.order_by().filter(funder__in=FUNDERS).values(
            "cost_line_id", "funder", "weekly_amount", "once_amount"
        )),
        _named("w", Award.objects.order_by().values("id", "framework_id", "ends_before")),
        _terms(),
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
    months = _MONTHS if "month" in by else "(SELECT %s::date AS opens, %s::date AS closes) m"
    keys = ", ".join(f"{DIMENSIONS[name]} AS k{index}" for index, name in enumerate(by))
    names = ", ".join(f"k{index}" for index in range(len(by)))
    others = ", ".join(f"coalesce(sum(value) FILTER (WHERE kind = '{name}'), 0)" for name in FUNDERS)
    only = "WHERE state = %s" if state else ""
    statement = f"""WITH {", ".join(f"{part}" for part, _ in parts)},
        cut AS ({_CUT.format(months=months, only=only)}),
        flow AS ({_FLOW}),
        told AS (SELECT {keys + "," if keys else ""} flow.kind, flow.value FROM flow JOIN p ON p.id = flow.id{joins})
        SELECT {names + "," if names else ""} coalesce(sum(value) FILTER (WHERE kind = 'nights'), 0),
            coalesce(sum(value) FILTER (WHERE kind = 'gross'), 0), {others}
        FROM told {f"GROUP BY {names} ORDER BY {names}" if names else "HAVING count(*) > 0"}"""
    span: list[Any] = [first, until]
    values = [value for _, given in parts for value in given]
    return statement, [*values, *span, *([first, until] if "month" in by else []), *([state] if state else [])]


def _named(name: str, rows: QuerySet) -> tuple[str, list[Any]]:
    """A query of the manager's own, the viewer's filter in it, under a name."""
    query, values = rows.query.sql_with_params()
    return f"{name} AS MATERIALIZED ({query})", list(values)


def _terms() -> tuple[str, list[Any]]:
    """Each framework's end of its first term, where it was extended, and its end with the extensions taken."""
    known = [(each.pk, each.ends_before, each.runs_until) for each in Framework.objects.prefetch_related("extensions")]
    ends = ([pk for pk, _, _ in known], [first for _, first, _ in known], [last for _, _, last in known])
    return "t AS (SELECT * FROM unnest(%s::bigint[], %s::date[], %s::date[]) AS t (id, initial, final))", list(ends)


# The months of the period: [opens, closes), the first and the last cut by the period itself.
_MONTHS = """(SELECT greatest(d::date, %s) AS opens, least((d + interval '1 month')::date, %s) AS closes
    FROM generate_series(date_trunc('month', %s::date::timestamp), %s::date::timestamp - interval '1 day',
                         interval '1 month') AS d) m"""
# Parts [a, b) of each placement within one month and one later state.
_CUT = """SELECT e.id, e.state, greatest(e.opens, m.opens) AS a, least(e.closes, m.closes) AS b
    FROM (SELECT p.id, v.state, greatest(p.starts_on, v.opens) AS opens,
              least(coalesce(p.ends_before, 'infinity'), v.closes) AS closes
          FROM p LEFT JOIN w ON w.id = p.award_id LEFT JOIN t ON t.id = w.framework_id
          CROSS JOIN LATERAL (SELECT coalesce(t.initial, 'infinity'::date) AS initial,
              coalesce(t.final, 'infinity'::date) AS final, coalesce(w.ends_before, 'infinity'::date) AS left_on) d
          CROSS JOIN LATERAL (VALUES
              (CASE WHEN p.award_id IS NULL THEN '' ELSE 'in_force' END, '-infinity'::date,
               least(d.initial, d.left_on, d.final)),
              ('extension', d.initial, least(d.left_on, d.final)),
              ('provider_left', d.left_on, d.final),
              ('framework_ended', d.final, 'infinity'::date)) AS v (state, opens, closes)
          WHERE greatest(p.starts_on, v.opens) < least(coalesce(p.ends_before, 'infinity'), v.closes)) e
    JOIN {months} ON e.opens < m.closes AND e.closes > m.opens {only}"""
# Pence that a part costs, and its nights. Ten-thousandths of a pound times days / 700 are pence, rounded half away from
# nought in whole numbers.
_ACCRUED = "(sign(u) * ((2 * abs(u) * ({until} - starts_on) + 700) / 1400))::bigint"
_FLOW = f"""SELECT id, state, a, 'nights' AS kind, (b - a)::bigint AS value FROM cut
    UNION ALL
    SELECT id, state, a, kind, {_ACCRUED.format(until="y")} - {_ACCRUED.format(until="x")}
        + CASE WHEN starts_on >= a AND starts_on < b THEN once ELSE 0 END
    FROM (SELECT cut.id, cut.state, cut.a, cut.b, g.kind, g.u, g.once, l.starts_on,
              greatest(l.starts_on, cut.a) AS x, least(coalesce(l.ends_before, cut.b), cut.b) AS y
          FROM cut JOIN l ON l.placement_id = cut.id AND l.starts_on < cut.b
              AND (l.ends_before IS NULL OR l.ends_before > cut.a)
          CROSS JOIN LATERAL (
              SELECT 'gross' AS kind, (l.weekly_amount * 10000)::bigint AS u, (l.once_amount * 100)::bigint AS once
              UNION ALL SELECT f.funder, (f.weekly_amount * 10000)::bigint, (f.once_amount * 100)::bigint
              FROM f WHERE f.cost_line_id = l.id) g) lines"""
