"""The lot page with 400 providers and 12 price lines, as a signed-in officer is served it."""

import csv
import io
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from commissioning.compare.measures.lot_rates import LotRates, lot_rates
from commissioning.kernel.tenancy.viewer import acting_as
from commissioning.partnership.models import Lot, User
from providers.models import Award, Establishment, EstablishmentRecord, Provider, Rate
from quality.models import Inspection
from tests.bench import market as markets
from tests.bench.bare import BY
from tests.bench.ground import settle
from tests.bench.rounds import LIMIT, OURS, PEER, Contender, Finding, gate, interleave

PROVIDERS, LINES, YEARS = 400, 12, 5
ROUNDS = 7
# What the measure reads, without a model: places, the rates of a day and of a year before, judgements.
BARE = (
    """SELECT w.id, w.tier, p.id, p.uuid, p.name
       FROM providers_award w JOIN providers_provider p ON p.id = w.provider_id
       WHERE w.lot_id = %(lot)s AND w.starts_on <= %(day)s AND (w.ends_before IS NULL OR w.ends_before > %(day)s)
       ORDER BY p.name""",
    """SELECT r.provider_id, r.price_line_id, r.amount, r.authority_id FROM providers_rate r
       WHERE r.lot_id = %(lot)s AND r.starts_on <= %(day)s AND (r.ends_before IS NULL OR r.ends_before > %(day)s)""",
    """SELECT r.provider_id, r.price_line_id, r.amount, r.authority_id FROM providers_rate r
       WHERE r.lot_id = %(lot)s AND r.starts_on <= %(before)s
         AND (r.ends_before IS NULL OR r.ends_before > %(before)s)""",
    """SELECT DISTINCT ON (e.id) e.provider_id, e.places, i.overall, i.inspected_on FROM providers_establishment e
       LEFT JOIN quality_inspection i ON i.establishment_id = e.id AND i.overall <> ''
       WHERE e.kind = 'fostering_agency'
         AND e.provider_id IN (SELECT provider_id FROM providers_award WHERE lot_id = %(lot)s)
       ORDER BY e.id, i.inspected_on DESC""",
)


def bench(folder: Path) -> list[Finding]:
    market = markets.build(providers=PROVIDERS, lines=LINES)
    rates = markets.price(market, periods=YEARS, months=12)
    markets.judge(market)
    settle(Rate, Award, Provider, Establishment, EstablishmentRecord, Inspection)
    client = Client()
    with acting_as(market.viewer, by=BY):
        person = User.objects.create_user(
            "officer@bench.example", None, role="commissioning_officer", authority=market.lead, name="Officer"
        )
        client.force_login(person)
    address = reverse("lot", args=[market.lot.uuid])
    today = timezone.localdate()
    asked = {"lot": market.lot.pk, "day": today, "before": today.replace(year=today.year - 1)}

    def page(query: str = "") -> bytes:
        answer = client.get(address + query)
        gate("status of the page", answer.status_code, 200)
        return answer.content if not answer.streaming else b"".join(answer.streaming_content)

    def measure() -> LotRates:
        with acting_as(market.viewer, by=BY):
            return lot_rates(Lot.objects.select_related("framework").get(pk=market.lot.pk), day=today)

    def bare() -> list[list[Any]]:
        with acting_as(market.viewer, by=BY), connection.cursor() as cursor:
            found = []
            for query in BARE:
                cursor.execute(query, asked)
                found.append(cursor.fetchall())
            return found

    _gate(page, measure, bare)
    contenders = [
        Contender("the page, signed in, every layer", OURS, page),
        Contender("its measure alone: lot_rates()", PEER, measure),
        Contender("bare SQL of the same rows, as web", LIMIT, bare),
        Contender("every price line side by side, csv", OURS, lambda: page("?line=every&format=csv")),
    ]
    interleave(contenders, rounds=ROUNDS, warm=True)
    facts = {
        "providers, lines, rates": f"{PROVIDERS}, {LINES}, {rates:,}",
        "queries of the page": _queries(page),
        "queries of the measure": _queries(measure),
        "bytes of the page": f"{len(page()):,}",
    }
    return [Finding("lot", f"the lot page with {PROVIDERS} providers and {LINES} lines", contenders, facts, BOUNDED)]


BOUNDED = (
    "Python: the spread of every line, the cells of the table and the dots of the chart as HTML; the measure is the "
    "smaller part, and the database's answers a small part of that."
)


def _gate(page: Any, measure: Any, bare: Any) -> None:
    """Page (as csv), measure and SQL agree on how many places there are and what they charge, to the penny."""
    places, now, before, homes = bare()
    found = measure()
    gate("places", len(places), len(found.places), PROVIDERS)
    gate("rates on the day", len(now), sum(len(place.rates) for place in found.places), PROVIDERS * LINES)
    gate("rates a year before", len(before), sum(len(place.before) for place in found.places), PROVIDERS * LINES)
    gate("judged", sum(1 for home in homes if home[2]), sum(1 for place in found.places if place.standing.worst))
    told = page("?line=every&format=csv").decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(told)))
    heading = next(n for n, row in enumerate(rows) if row and row[0] == "provider")
    columns = [n for n, name in enumerate(rows[heading]) if name in {line.code for line in found.lines}]
    printed = sum(Decimal(row[n]) for row in rows[heading + 1 :] if len(row) > 3 for n in columns)
    gate("sum of the rates", printed, sum(row[2] for row in now))


def _queries(run: Any) -> int:
    with CaptureQueriesContext(connection) as captured:
        run()
    return sum(not query["sql"].startswith(("SAVEPOINT", "RELEASE", "BEGIN", "COMMIT")) for query in captured)
