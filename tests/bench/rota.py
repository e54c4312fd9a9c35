"""The rota of 2,000 premises, and its page, beside the bare SQL that reads what it says, and one address at a time."""

from datetime import timedelta
from pathlib import Path
from typing import Any

from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from commissioning.kernel.tenancy.viewer import Viewer, acting_as
from commissioning.partnership.models import Authority, User
from contracts.actions.presence import tell_presence
from contracts.models import Child, Placement, Presence
from providers.models import Establishment, Premises
from quality.measures.rota import Due, rota
from quality.models import Concern, Finding, ImprovementAction, Inspection, NotifiableEvent, Visit, VisitTemplate
from tests.bench import market as markets
from tests.bench.bare import BY
from tests.bench.ground import settle
from tests.bench.rounds import LIMIT, OURS, PEER, Contender, gate, interleave
from tests.bench.rounds import Finding as Found

HOMES, FLATS, EACH = 700, 130, 10  # 700 homes of one address, 130 registrations of ten: 2,000 in all
PLACEMENTS, VISITS = 3000, 3  # of each authority; for each address
ROUNDS, PEER_ADDRESSES = 5, 100

ADDRESSES = """SELECT e.id AS home, p.id AS premises, e.provider_id, row_number() OVER (ORDER BY e.id, p.id) AS n
    FROM providers_establishment e LEFT JOIN providers_premises p ON p.establishment_id = e.id"""
OF_ONE = (
    f"""INSERT INTO contracts_placement (authority_id, number, reference, child_id, service_type, level, provider_id,
            provider_name, establishment_id, premises_id, starts_on, respite, called_off_on, route, spot_reason,
            registration, boundary, host_area, end_reason, ended_by, destination, sent, distance_miles)
        SELECT %(us)s, c.number, '', c.id, CASE WHEN a.premises IS NULL THEN 'residential' ELSE 'supported' END, '',
            a.provider_id, '', a.home, a.premises, %(today)s::date - 200, false, %(today)s::date - 200, 'spot',
            'specialist', 'registered', '', '', '', '', '', '{{}}', c.number %% 60
        FROM contracts_child c JOIN ({ADDRESSES}) a ON a.n = 1 + c.number * %(step)s %% 2000
        WHERE c.authority_id = %(us)s""",
    f"""INSERT INTO quality_visit (authority_id, provider_id, to_provider, to_members, number, establishment_id,
            premises_id, template_id, kind, announced, young_inspectors, state, planned_on, visited_on, sent_at,
            reply_due_on, published_at, cancelled_why)
        SELECT %(us)s, a.provider_id, true, true, a.n * %(visits)s + v, a.home, a.premises, %(template)s, 'site', true,
            false, s.state, d.day, CASE WHEN s.state = 'published' THEN d.day END, d.day, d.day + 14, d.day, ''
        FROM ({ADDRESSES}) a CROSS JOIN generate_series(0, %(visits)s - 1) v
        CROSS JOIN LATERAL (SELECT CASE WHEN v = 0 AND a.n %% 3 = 0 THEN 'planned' ELSE 'published' END AS state) s
        CROSS JOIN LATERAL (SELECT %(today)s::date + CASE WHEN s.state = 'planned' THEN 30 + (a.n %% 90)::int
            ELSE -(10 + (a.n * 7 + v * 113)::int %% 400) END AS day) d
        WHERE a.n %% 2 = %(half)s""",
    """INSERT INTO quality_finding (authority_id, provider_id, to_provider, to_members, visit_id, words, marking,
            asks_action, found_at)
       SELECT authority_id, provider_id, true, true, id, 'Loose door', 'shareable', true, now() FROM quality_visit
       WHERE authority_id = %(us)s AND state = 'published'""",
    """INSERT INTO quality_improvementaction (authority_id, provider_id, to_provider, to_members, visit_id, finding_id,
            words, owner, due_on, state, evidence_words, sent_back_why, verified_how)
       SELECT authority_id, provider_id, true, true, visit_id, id, 'Mend it', 'Manager',
            %(today)s::date + (id %% 60)::int - 30, (ARRAY['agreed', 'verified', 'done'])[1 + id %% 3], '', '', ''
       FROM quality_finding WHERE authority_id = %(us)s""",
)
# What the rota reads, as it needs it, without a model: who is where, who went, who goes, what is known against it.
BARE = """
    WITH here AS (
        SELECT DISTINCT establishment_id AS home, premises_id AS premises FROM contracts_presence
    ), mine AS (
        SELECT establishment_id AS home, premises_id AS premises, count(DISTINCT child_id) AS ours,
            max(distance_miles) AS miles
        FROM contracts_placement WHERE authority_id = %(us)s AND starts_on <= %(today)s
            AND (ends_before IS NULL OR ends_before > %(today)s) GROUP BY 1, 2
    ), went AS (
        SELECT establishment_id AS home, premises_id AS premises,
            max(visited_on) FILTER (WHERE state IN ('draft', 'with_provider', 'published')) AS last_on,
            max(visited_on) FILTER (WHERE state IN ('draft', 'with_provider', 'published') AND authority_id = %(us)s)
                AS own_on,
            min(planned_on) FILTER (WHERE state = 'planned') AS next_on
        FROM quality_visit WHERE kind = 'site' GROUP BY 1, 2
    ), judged AS (
        SELECT DISTINCT ON (establishment_id) establishment_id AS home, overall FROM quality_inspection
        WHERE overall <> '' ORDER BY 1, inspected_on DESC
    ), events AS (
        SELECT establishment_id AS home, count(*) AS n FROM quality_notifiableevent
        WHERE happened_at > %(today)s::date - 365 GROUP BY 1
    ), late AS (
        SELECT v.establishment_id AS home, v.premises_id AS premises, count(*) AS n FROM quality_improvementaction a
        JOIN quality_visit v ON v.id = a.visit_id
        WHERE a.due_on < %(today)s AND a.state IN ('proposed', 'agreed', 'sent_back') GROUP BY 1, 2
    )
    SELECT h.home, h.premises, coalesce(m.ours, 0), w.last_on, w.own_on, w.next_on, coalesce(j.overall, ''),
        coalesce(e.n, 0), coalesce(l.n, 0), m.miles
    FROM here h JOIN providers_establishment x ON x.id = h.home LEFT JOIN providers_premises p ON p.id = h.premises
    LEFT JOIN mine m ON m.home = h.home AND m.premises IS NOT DISTINCT FROM h.premises
    LEFT JOIN went w ON w.home = h.home AND w.premises IS NOT DISTINCT FROM h.premises
    LEFT JOIN judged j ON j.home = h.home LEFT JOIN events e ON e.home = h.home
    LEFT JOIN late l ON l.home = h.home AND l.premises IS NOT DISTINCT FROM h.premises"""
# One address at a time, as a page that asks for each row would.
ONE = (
    """SELECT count(DISTINCT child_id), max(distance_miles) FROM contracts_placement WHERE authority_id = %s
       AND establishment_id = %s AND premises_id IS NOT DISTINCT FROM %s AND ends_before IS NULL""",
    """SELECT max(visited_on), min(planned_on) FILTER (WHERE state = 'planned') FROM quality_visit
       WHERE %s > 0 AND establishment_id = %s AND premises_id IS NOT DISTINCT FROM %s AND kind = 'site'""",
    """SELECT count(*) FROM quality_improvementaction a JOIN quality_visit v ON v.id = a.visit_id WHERE %s > 0
       AND v.establishment_id = %s AND v.premises_id IS NOT DISTINCT FROM %s AND a.due_on < current_date""",
    """SELECT band, authority_id FROM contracts_presence WHERE authority_id <> %s AND establishment_id = %s
       AND premises_id IS NOT DISTINCT FROM %s""",
)


def bench(folder: Path) -> list[Found]:
    market = markets.build(providers=100, lines=1)
    today = timezone.localdate()
    _fill(market, today)
    settle(Establishment, Premises, Child, Placement, Presence, Visit, Finding, ImprovementAction, Inspection,
           NotifiableEvent, Concern)  # fmt: skip
    us = market.lead.pk
    told = {"us": us, "today": today}
    client = Client()
    with acting_as(market.viewer, by=BY):
        person = User.objects.create_user(
            "officer@bench.example", None, role="quality_officer", authority=market.lead, name="Officer"
        )
        client.force_login(person)

    def measure() -> list[Due]:
        with acting_as(market.viewer, by=BY):
            return rota(us, today)

    def bare() -> list[Any]:
        with acting_as(market.viewer, by=BY), connection.cursor() as cursor:
            cursor.execute(BARE, told)
            return cursor.fetchall()

    def one_by_one() -> int:
        with acting_as(market.viewer, by=BY), connection.cursor() as cursor:
            cursor.execute("SELECT DISTINCT establishment_id, premises_id FROM contracts_presence LIMIT %s",
                           [PEER_ADDRESSES])  # fmt: skip
            addresses = cursor.fetchall()
            for home, premises in addresses:
                for query in ONE:
                    cursor.execute(query, [us, home, premises])
                    cursor.fetchall()
            return len(addresses)

    def page() -> bytes:
        answer = client.get(reverse("rota"))
        gate("status of the page", answer.status_code, 200)
        return answer.content

    ours = measure()
    gate("addresses", len(ours), HOMES + FLATS * EACH)
    gate("each address", sorted(map(_told, ours), key=str), sorted((tuple(row) for row in bare()), key=str))
    contenders = [
        Contender("rota(): who, last, next, due, priority with reasons", OURS, measure),
        Contender("one SQL statement, same facts, as web", LIMIT, bare),
        Contender("four queries an address, one by one", PEER, one_by_one, work=PEER_ADDRESSES / len(ours)),
    ]
    interleave(contenders, rounds=ROUNDS, warm=True)
    pages = [
        Contender("/visits/rota/, signed in, 50 addresses shown", OURS, page),
        Contender("one SQL statement, same facts, as web", LIMIT, bare),
    ]
    interleave(pages, rounds=ROUNDS, warm=True)
    facts = {
        "addresses, placements, visits": f"{len(ours):,}, {2 * PLACEMENTS:,}, {_count(market, Visit):,}",
        "overdue improvement actions": f"{sum(row.facts.overdue for row in ours):,}",
    }
    return [
        Found("rota", f"{len(ours):,} premises where two authorities place", contenders, facts, BOUNDED),
        Found("rota page", "the same as a page, sorted and grouped by week", pages, {}, BOUNDED_PAGE),
    ]


BOUNDED = (
    "Python laying each visit at its address and working out six reasons in words for each of 2,000 addresses; the "
    "database reads the same rows in the bare statement and tells no reason."
)
BOUNDED_PAGE = "the measure itself: every address is weighed and sorted before the first 50 are shown."


def _told(row: Due) -> tuple[Any, ...]:
    facts = row.facts
    return (
        row.home.pk, row.premises.pk if row.premises else None, row.ours, row.last.on if row.last else None,
        row.seen.on if row.seen else None, row.next.on if row.next else None, facts.judgement, facts.events,
        facts.overdue, facts.miles,
    )  # fmt: skip


def _fill(market: markets.Market, today: Any) -> None:
    with acting_as(markets.SERVICE, by=BY):
        homes = Establishment.objects.bulk_create(
            Establishment(urn=f"SC7{n:05d}", kind="childrens_home" if n < HOMES else "supported_accommodation",
                          name=f"Home {n}", provider=market.providers[n % len(market.providers)], area_name="Southwark")
            for n in range(HOMES + FLATS)
        )  # fmt: skip
        Premises.objects.bulk_create(
            Premises(establishment=home, provider_id=home.provider_id, ordinal=n + 1, name=f"Flat {n}")
            for home in homes[HOMES:] for n in range(EACH)
        )  # fmt: skip
        Inspection.objects.bulk_create(
            Inspection(establishment=home, provider_id=home.provider_id, event_number=str(n), scale="grades",
                       overall=markets.GRADES[n % 4], inspected_on=today - timedelta(days=n % 600), as_at=today)
            for n, home in enumerate(homes[:HOMES]) if n % 5
        )  # fmt: skip
        now = timezone.now()
        NotifiableEvent.objects.bulk_create(
            NotifiableEvent(provider_id=home.provider_id, establishment=home, rule="homes_40", theme="other",
                            happened_at=now - timedelta(days=n % 340), received_at=now)
            for n, home in enumerate(homes[:HOMES]) if n % 2
        )  # fmt: skip
        template = VisitTemplate.objects.create(code="bench", number=1, name="Bench", kind="site", service_types=[])
        members = list(Authority.objects.filter(slug__in=("southwark", "lewisham")))
    for half, authority in enumerate(members):
        with acting_as(Viewer.of_authority(authority.pk), by=BY), connection.cursor() as cursor:
            Child.objects.bulk_create(
                Child(authority=authority, number=n + 1, disabilities=[]) for n in range(PLACEMENTS)
            )
            for statement in OF_ONE:
                cursor.execute(statement, {
                    "us": authority.pk, "today": today, "step": (7, 11)[half], "visits": VISITS, "half": half,
                    "template": template.pk,
                })  # fmt: skip
            tell_presence(authority_id=authority.pk, today=today)


def _count(market: markets.Market, model: Any) -> int:
    with acting_as(market.viewer, by=BY):
        return model.objects.count()
