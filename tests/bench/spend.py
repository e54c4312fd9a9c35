"""What 200,000 placements cost in each of 60 months, by the accrual rule, for the authority whose they are."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.db import connection

from commissioning.kernel.tenancy.viewer import acting_as
from contracts.measures.spend import SpendRow, spend_rows
from contracts.models import Child, CostLine, FundingSplit, Placement
from tests.bench import market as markets
from tests.bench.bare import BY
from tests.bench.ground import settle
from tests.bench.rounds import LIMIT, OURS, PEER, Contender, Finding, gate, interleave

CHILDREN, HOMES = 40_000, 5  # 200,000 placements, a year apart for each child
FIRST, UNTIL = date(2021, 4, 1), date(2026, 4, 1)
KEYS = ("month", "route", "service")
ROUNDS = 5

FACTS = (
    """INSERT INTO contracts_child (authority_id, number, age_recorded, age_recorded_on, sex, ethnicity, disabilities)
       SELECT %(us)s, n, n %% 17, '2021-04-01', CASE n %% 2 WHEN 0 THEN 'F' ELSE 'M' END, 'WBRI', '{}'
       FROM generate_series(1, %(children)s) n""",
    """INSERT INTO contracts_placement (authority_id, number, reference, child_id, service_type, level, provider_id,
           provider_name, starts_on, ends_before, respite, called_off_on, route, award_id, lot_id, spot_reason,
           registration, boundary, host_area, end_reason, ended_by, destination, sent)
       SELECT %(us)s, c.number * %(homes)s + h, '', c.id,
           (ARRAY['fostering', 'residential', 'supported'])[1 + c.number %% 3], '', w.provider_id, '', d.day,
           CASE WHEN h < %(homes)s - 1 OR c.number %% 3 > 0 THEN d.day + 20 + (c.number * 31 + h * 17) %% 300 END,
           false, d.day, CASE WHEN w.id IS NULL THEN (ARRAY['spot', 'in_house'])[1 + h %% 2] ELSE 'framework' END,
           w.id, w.lot_id, CASE WHEN w.id IS NULL AND h %% 2 = 0 THEN 'no_capacity' ELSE '' END,
           'registered', '', '', '', '', '', '{}'
       FROM contracts_child c CROSS JOIN generate_series(0, %(homes)s - 1) h
       CROSS JOIN LATERAL (SELECT date '2021-04-01' + h * 365 + c.number %% 40 AS day) d
       LEFT JOIN providers_award w
           ON w.id = %(award)s + (c.number + h) %% 40 AND (c.number + h) %% 5 < 3""",
    """INSERT INTO contracts_costline (authority_id, placement_id, category, service, description, amount, unit,
           quantity, weekly_amount, once_amount, starts_on, ends_before, approved_by, review_note)
       SELECT p.authority_id, p.id, 'core', '', '', a.pounds, 'week', 1, a.pounds, 0, p.starts_on, p.ends_before, '', ''
       FROM contracts_placement p CROSS JOIN LATERAL (SELECT 500 + (p.number * 7919 %% 450000) / 100.0 AS pounds) a""",
    """INSERT INTO contracts_fundingsplit (authority_id, placement_id, cost_line_id, funder, weekly_amount, once_amount)
       SELECT l.authority_id, l.placement_id, l.id, s.funder,
           CASE s.funder WHEN 'health' THEN 100 ELSE l.weekly_amount - 100 END, 0
       FROM contracts_costline l CROSS JOIN (VALUES ('health'), ('social_care')) s (funder) WHERE l.id %% 10 = 0""",
)

# The question as it is usually put: every month against every line and placement, by ranges that overlap.
RANGE_JOIN = (
    """SELECT m.day, p.route, p.service_type, sum(
           round(l.weekly_amount * (least(coalesce(l.ends_before, m.after), m.after) - l.starts_on) / 7, 2)
           - round(l.weekly_amount * greatest(0, m.day - l.starts_on) / 7, 2)
           + CASE WHEN l.starts_on >= m.day AND l.starts_on < m.after THEN l.once_amount ELSE 0 END)
       FROM (SELECT d::date AS day, (d + interval '1 month')::date AS after
             FROM generate_series(%(first)s::timestamp, %(until)s::timestamp - interval '1 day', '1 month') d) m
       JOIN contracts_costline l ON daterange(l.starts_on, l.ends_before) && daterange(m.day, m.after)
       JOIN contracts_placement p ON p.id = l.placement_id GROUP BY 1, 2, 3""",
    """SELECT m.day, p.route, p.service_type,
           sum(least(coalesce(p.ends_before, m.after), m.after) - greatest(p.starts_on, m.day))
       FROM (SELECT d::date AS day, (d + interval '1 month')::date AS after
             FROM generate_series(%(first)s::timestamp, %(until)s::timestamp - interval '1 day', '1 month') d) m
       JOIN contracts_placement p ON daterange(p.starts_on, p.ends_before) && daterange(m.day, m.after)
       GROUP BY 1, 2, 3""",
)
# The least that any way must read: each line with its placement's route and service, by the month it begins and by
# the month it ends.
TWO_SCANS = tuple(
    f"""SELECT extract(year FROM l.{day}) * 12 + extract(month FROM l.{day}), p.route, p.service_type, count(*),
           sum((l.weekly_amount * 100)::bigint)
        FROM contracts_costline l JOIN contracts_placement p ON p.id = l.placement_id GROUP BY 1, 2, 3"""
    for day in ("starts_on", "ends_before")
)


def bench(folder: Path) -> list[Finding]:
    market = markets.build(providers=40, lines=1)
    fill(market)
    settle(Child, Placement, CostLine, FundingSplit)

    def measure() -> list[SpendRow]:
        with acting_as(market.viewer, by=BY):
            return spend_rows(first=FIRST, until=UNTIL, by=KEYS)

    def asked(queries: tuple[str, ...]) -> Callable[[], list[Any]]:
        def ask() -> list[Any]:
            with acting_as(market.viewer, by=BY), connection.cursor() as cursor:
                return [_fetched(cursor, query) for query in queries]

        return ask

    def judge(answers: list[Any]) -> None:
        pounds, nights = ({tuple(row[:3]): row[3] for row in rows} for rows in answers)
        ours = measure()
        gate("pounds of each month, route and service", {row.key: row.gross for row in ours}, pounds)
        gate("nights of each month, route and service", {row.key: row.nights for row in ours}, nights)

    peer = asked(RANGE_JOIN)
    judge(peer())
    gate("placements", _count(market, Placement), CHILDREN * HOMES)
    contenders = [
        Contender("spend_rows() by month, route and service", OURS, measure),
        Contender("months && placements, by ranges", PEER, peer),
        Contender("two grouped scans of lines and placements", LIMIT, asked(TWO_SCANS)),
    ]
    interleave(contenders, rounds=ROUNDS, warm=True)
    cells = measure()
    facts = {
        "placements, months, figures": f"{CHILDREN * HOMES:,}, 60, {len(cells):,}",
        "pounds in all": f"{sum((row.gross for row in cells), Decimal(0)):,}",
        "also worked out by ours": "what each other funder pays, and the later state of each framework purchase",
    }
    says = f"{CHILDREN * HOMES:,} placements x 60 months, to the penny"
    return [Finding("spend", says, contenders, facts, BOUNDED)]


BOUNDED = (
    "the rule: each line is rounded by itself at each month's end, so 2.8 million parts of lines and nights are laid "
    "out, valued and added up, where the scans touch 200,000 lines twice. Laying them out takes a third, adding them a "
    "third, joining lines to placements the rest."
)


def fill(market: markets.Market) -> None:
    with acting_as(market.viewer, by=BY), connection.cursor() as cursor:
        cursor.execute("SELECT min(id) FROM providers_award")
        award = cursor.fetchone()[0]
        told = {"us": market.lead.pk, "children": CHILDREN, "homes": HOMES, "award": award}
        for statement in FACTS:
            cursor.execute(statement, told)


def _fetched(cursor: Any, query: str) -> list[tuple[Any, ...]]:
    cursor.execute(query, {"first": FIRST, "until": UNTIL} if "%(" in query else None)
    return cursor.fetchall()


def _count(market: markets.Market, model: Any) -> int:
    with acting_as(market.viewer, by=BY):
        return model.objects.count()
