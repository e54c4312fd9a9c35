"""A quarterly release over 1,000,000 cost lines of seven authorities, from reading what contributes to its figures; and
a published cut of it, read by a member. `BENCH_COST_LINES` takes a smaller number, for trying."""

import os
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from django.db import connection, connections

from commissioning.compare.actions.build_release import build_release
from commissioning.compare.models import Contribution, PublishedFigure, Release, ReleaseState
from commissioning.kernel.tenancy.viewer import Viewer, acting_as
from commissioning.partnership.models import Authority, User
from contracts.models import Child, CostLine, Placement
from tests.bench import market as markets
from tests.bench.bare import BY
from tests.bench.ground import settle
from tests.bench.rounds import LIMIT, OURS, PEER, Contender, Finding, gate, interleave

LINES = int(os.environ.get("BENCH_COST_LINES", "1000000"))
MEMBERS = ("southwark", "lewisham", "lambeth", "greenwich", "bexley", "bromley", "croydon")
HOMES, LINES_EACH = 5, 5
CHILDREN = max(LINES // (HOMES * LINES_EACH * len(MEMBERS)), 10)  # of each authority
AS_AT = date(2026, 3, 31)
NOW = datetime(2026, 4, 20, 9, 0, tzinfo=UTC)
ROUNDS, READS = 3, 400

FACTS = (
    """INSERT INTO contracts_child (authority_id, number, age_recorded, age_recorded_on, sex, ethnicity, disabilities)
       SELECT %(us)s, n, n %% 17, '2021-04-01', 'F', 'WBRI', '{}' FROM generate_series(1, %(children)s) n""",
    """INSERT INTO contracts_placement (authority_id, number, reference, child_id, service_type, level, provider_id,
           provider_name, starts_on, ends_before, respite, called_off_on, route, award_id, lot_id, spot_reason,
           registration, boundary, host_area, end_reason, ended_by, destination, sent)
       SELECT %(us)s, c.number * %(homes)s + h, '', c.id, 'fostering',
           (ARRAY['standard', 'enhanced', 'specialist'])[1 + (c.number * 7 + h) %% 11 %% 3],
           coalesce(w.provider_id, %(provider)s + (c.number + h) %% 40), '', d.day,
           CASE WHEN h < %(homes)s - 1 OR c.number %% 3 > 0 THEN d.day + 20 + (c.number * 31 + h * 17) %% 300 END,
           false, d.day, CASE WHEN w.id IS NULL THEN 'spot' ELSE 'framework' END,
           w.id, w.lot_id, CASE WHEN w.id IS NULL THEN 'no_capacity' ELSE '' END, 'registered', '', '', '', '', '', '{}'
       FROM contracts_child c CROSS JOIN generate_series(0, %(homes)s - 1) h
       CROSS JOIN LATERAL (SELECT date '2021-04-01' + h * 365 + c.number %% 40 AS day) d
       LEFT JOIN providers_award w ON w.id = %(award)s + (c.number + h) %% 40 AND (c.number + h) %% 5 < 3
       WHERE c.authority_id = %(us)s""",
    """INSERT INTO contracts_costline (authority_id, placement_id, category, service, description, amount, unit,
           quantity, weekly_amount, once_amount, starts_on, ends_before, approved_by, approved_on, review_note,
           price_line_id)
       SELECT p.authority_id, p.id, CASE n WHEN 1 THEN 'core' ELSE 'additional' END, '', '', a.pounds, 'week', 1,
           a.pounds, 0, p.starts_on, p.ends_before, CASE n WHEN 1 THEN '' ELSE 'A. Manager' END,
           CASE n WHEN 1 THEN NULL ELSE p.starts_on END, '',
           CASE WHEN n = 1 AND p.lot_id IS NOT NULL THEN %(line)s END
       FROM contracts_placement p CROSS JOIN generate_series(1, %(each)s) n
       CROSS JOIN LATERAL (SELECT CASE n WHEN 1 THEN 700 + 10 * (p.number * 7919 %% 40) ELSE 5 * (1 + p.number %% 9) END
                           + (p.number %% 7) / 4.0 AS pounds) a
       WHERE p.authority_id = %(us)s""",
)
# The same cells in bare SQL, without rules, rounding, audit or contributions that are kept: prices of homes on their
# last night, then one grouped query for each cut.
PRICES = """CREATE TEMPORARY TABLE bare_prices AS
    SELECT p.id, p.authority_id, p.child_id, p.provider_id, p.lot_id, p.service_type, p.route, p.level,
           sum(l.weekly_amount) AS weekly
    FROM contracts_placement p JOIN contracts_costline l ON l.placement_id = p.id
        AND l.starts_on < least(coalesce(p.ends_before, %(until)s), %(until)s)
        AND (l.ends_before IS NULL OR l.ends_before >= least(coalesce(p.ends_before, %(until)s), %(until)s))
    WHERE NOT p.respite AND p.starts_on < %(until)s AND (p.ends_before IS NULL OR p.ends_before > %(first)s)
    GROUP BY p.id"""
CUTS = (
    "provider_id, lot_id, route", "lot_id, route, level", "lot_id, route", "service_type, level", "service_type, route",
    "service_type", "route",
)  # fmt: skip
GROUPED = """SELECT {by}, count(*), count(DISTINCT child_id), count(DISTINCT authority_id), avg(weekly),
       percentile_cont(ARRAY[0.1, 0.25, 0.5, 0.75, 0.9]) WITHIN GROUP (ORDER BY weekly::double precision)
       FROM bare_prices GROUP BY {by}"""


def bench(folder: Path) -> list[Finding]:
    market = markets.build(providers=40, lines=1)
    person, viewer = _fill(market)
    settle(Child, Placement, CostLine)
    numbers = iter(range(1, 1000))
    waiting: list[Release] = []

    def ask() -> None:
        with acting_as(viewer, by=BY):
            waiting.append(
                Release.objects.create(number=next(numbers), as_at=AS_AT, requested_by=person, requested_at=NOW)
            )

    def build() -> int:
        build_release(release_id=waiting[-1].pk, now=lambda: NOW)
        return waiting[-1].pk

    def built(pk: int) -> None:
        with acting_as(viewer, by=BY):
            gate("state of the release", Release.objects.get(pk=pk).state, ReleaseState.BUILT)

    def bare() -> int:
        with acting_as(Viewer.of_release(), by=BY, using="release"), connections["release"].cursor() as cursor:
            cursor.execute("DROP TABLE IF EXISTS bare_prices")
            cursor.execute(PRICES, {"first": date(2025, 4, 1), "until": date(2026, 4, 1)})
            cells = 0
            for by in CUTS:
                cursor.execute(GROUPED.format(by=by))
                cells += len(cursor.fetchall())
            return cells

    ours = Contender("the release: contributions, rules, audit, figures", OURS, build, before=ask, after=built)
    limit = Contender("bare grouped SQL of the prices of homes", LIMIT, bare)
    interleave([ours, limit], rounds=ROUNDS)
    newest = waiting[-1]
    with acting_as(viewer, by=BY):
        newest.refresh_from_db()
        told = newest.report["populations"]["homes"]
        figures = PublishedFigure.objects.filter(release=newest).count()
    with acting_as(Viewer.of_release(), by=BY, using="release"):
        rows = Contribution.objects.using("release").filter(release=newest).count()
    lines = CHILDREN * HOMES * LINES_EACH * len(MEMBERS)
    facts = {
        "cost lines, contributions, cells, figures": f"{lines:,}, {rows:,}, {told['cells']:,}, {figures:,}",
        "also done by ours": "every contribution is kept, shares and price lines are worked out, each pair audited",
    }
    says = f"a release over {lines:,} cost lines of seven authorities"
    return [
        Finding("release", says, [ours, limit], facts, "reading homes one by one in Python, and keeping them"),
        _published(newest, viewer),
    ]


def _published(release: Release, viewer: Viewer) -> Finding:
    """A cut of a published release as a member reads it, so many times in a row."""

    def read() -> int:
        for _ in range(READS):
            with acting_as(viewer, by=BY):
                found = list(PublishedFigure.objects.filter(release=release, measure="weekly_price", cut="market")
                             .values_list("lot_id", "route", "n", "mean", "median"))  # fmt: skip
        return len(found)

    def door() -> None:
        for _ in range(READS):
            with acting_as(viewer, by=BY), connection.cursor() as cursor:
                cursor.execute("SELECT 1")
                cursor.fetchall()

    def one() -> None:
        with connection.cursor() as cursor:
            for _ in range(READS):
                cursor.execute("SELECT 1")
                cursor.fetchall()

    contenders = [
        Contender("a published cut, as a member", OURS, read),
        Contender("select 1, as a member", PEER, door),
        Contender("select 1, as nobody", LIMIT, one),
    ]
    interleave(contenders, rounds=5, warm=True)
    facts = {"reads in each round, figures in each": f"{READS}, {read()}"}
    return Finding("published", "one cut of a published release", contenders, facts, "the door: a transaction a read")


def _fill(market: markets.Market) -> tuple[Any, Viewer]:
    with acting_as(markets.SERVICE, by=BY):
        members = list(Authority.objects.filter(slug__in=MEMBERS))
        Authority.objects.filter(slug__in=MEMBERS).update(member_from=markets.BEGINS)
    with acting_as(market.viewer, by=BY), connection.cursor() as cursor:
        cursor.execute("SELECT min(id), min(provider_id) FROM providers_award")
        award, provider = cursor.fetchone()
        person = User.objects.create_user(
            "releases@bench.example", None, role="commissioning_officer", authority=market.lead, name="Officer"
        )
    for member in members:
        told = {"us": member.pk, "children": CHILDREN, "homes": HOMES, "award": award, "provider": provider,
                "each": LINES_EACH, "line": market.lines[0].pk}  # fmt: skip
        with acting_as(Viewer.of_authority(member.pk), by=BY), connection.cursor() as cursor:
            for statement in FACTS:
                cursor.execute(statement, told)
    return person, market.viewer
