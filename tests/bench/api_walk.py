"""100,000 rates through the API: page by page, and as csv and ndjson in one stream."""

import csv
import io
import json
import time
from decimal import Decimal
from pathlib import Path
from statistics import median
from typing import Any

from django.db import connection
from django.test import Client
from django.utils import timezone

from commissioning.kernel.tenancy.viewer import acting_as
from commissioning.partnership.actions.make_key import make_key
from providers.models import Award, Provider, Rate
from tests.bench import market as markets
from tests.bench.bare import BY
from tests.bench.ground import settle
from tests.bench.rounds import LIMIT, OURS, PEER, Contender, Finding, gate, interleave
from tests.bench.watch import forget_peak, peak

PROVIDERS, LINES, PERIODS = 400, 10, 25
ROWS, PAGE = PROVIDERS * LINES * PERIODS, 1000
PAGES = ROWS // PAGE
PEER_PAGES = 1
EDGE = 5  # pages at each end that are compared
# The very fields of /api/v1/rates/, joined by hand.
FIELDS = """r.uuid AS id, r.version, r.changed_at, f.uuid AS framework, f.reference AS framework_reference,
    l.uuid AS lot, l.number AS lot_number, p.uuid AS provider, p.name AS provider_name, w.uuid AS award,
    k.uuid AS price_line,
    k.code AS price_line_code, k.unit, a.uuid AS authority, NULL AS authority_code, r.amount::text AS amount,
    r.starts_on, r.ends_before, NULL AS source_import, nullif(r.source_sheet, '') AS source_sheet, r.source_row"""
JOINED = """JOIN partnership_framework f ON f.id = r.framework_id JOIN partnership_lot l ON l.id = r.lot_id
    JOIN providers_provider p ON p.id = r.provider_id JOIN providers_award w ON w.id = r.award_id
    JOIN partnership_priceline k ON k.id = r.price_line_id LEFT JOIN partnership_authority a ON a.id = r.authority_id"""
KEYSET = f"""SELECT max(t.key), json_agg(t.told)::text FROM (
        SELECT r.id AS key, (SELECT row_to_json(x) FROM (SELECT {FIELDS}) x) AS told
        FROM (SELECT * FROM providers_rate WHERE id > %s ORDER BY id LIMIT {PAGE}) r {JOINED} ORDER BY r.id) t"""
ROWS_SQL = f"SELECT {FIELDS} FROM providers_rate r {JOINED} ORDER BY r.id"
COPY_CSV = f"COPY ({ROWS_SQL}) TO STDOUT (FORMAT csv, HEADER)"
# JSON never holds these two characters, so that csv leaves it as it is.
COPY_NDJSON = (
    f"COPY (SELECT row_to_json(t) FROM ({ROWS_SQL}) t) TO STDOUT (FORMAT csv, QUOTE E'\\x01', DELIMITER E'\\x02')"
)


class Walker:
    """Follows the API's pages with a key; keeps how long each took."""

    def __init__(self, market: markets.Market) -> None:
        with acting_as(market.viewer, by=BY):
            _, presented = make_key(authority=market.lead, name="bench", at=timezone.now(), by=None)
        self.client = Client(headers={"authorization": f"Bearer {presented}"})
        self.pages: list[list[float]] = []

    def walk(self) -> list[bytes]:
        address: str | None = f"/api/v1/rates/?limit={PAGE}"
        bodies, seconds = [], []
        while address:
            begun = time.perf_counter()
            answer = self.client.get(address)
            seconds.append(time.perf_counter() - begun)
            gate("status of a page", answer.status_code, 200)
            bodies.append(answer.content)
            address = json.loads(answer.content[answer.content.rindex(b'"next":') - 1 :].replace(b",", b"{", 1))["next"]
        self.pages.append(seconds)
        return bodies

    def stream(self, kind: str) -> bytes:
        answer = self.client.get(f"/api/v1/rates/?format={kind}")
        return b"".join(answer.streaming_content)

    def memory(self, kind: str) -> dict[str, str]:
        """How far memory rises while a stream is read and thrown away."""
        held = forget_peak()
        size = sum(map(len, self.client.get(f"/api/v1/rates/?format={kind}").streaming_content))
        return {"memory while it is sent": f"{(peak() - held) / 2**20:.0f} MB more, for {size / 2**20:.0f} MB sent"}

    def last_to_first(self) -> float:
        walked = self.pages[1:] or self.pages
        return median(sum(each[-EDGE:]) / sum(each[:EDGE]) for each in walked)


def bench(folder: Path) -> list[Finding]:
    market = markets.build(providers=PROVIDERS, lines=LINES)
    gate("rates made", markets.price(market, periods=PERIODS, months=2), ROWS)
    settle(Rate, Award, Provider)
    walker = Walker(market)
    wanted = _wanted(market)
    memory = {kind: walker.memory(kind) for kind in BOUNDED_STREAM}  # first: later there is freed memory to fill

    def judge_pages(bodies: list[bytes]) -> None:
        rows = [row for body in bodies for row in json.loads(body)["results"]]
        gate("rows, ids and sum of the walk", _sums(rows), wanted)

    def keyset() -> list[str]:
        with acting_as(market.viewer, by=BY), connection.cursor() as cursor:
            bodies, key = [], 0
            while key is not None:
                cursor.execute(KEYSET, [key])
                key, body = cursor.fetchone()
                bodies.append(body or "[]")
            return bodies

    def copied(statement: str) -> bytes:
        with acting_as(market.viewer, by=BY), connection.cursor() as cursor, cursor.copy(statement) as copy:
            return b"".join(map(bytes, copy))

    ours = Contender("the API, 1,000 rows a page, with a key", OURS, walker.walk, after=judge_pages)
    pages = [
        ours,
        Contender(
            "bare keyset SQL with json_agg, same fields, as web", LIMIT, keyset,
            after=lambda bodies: gate(
                "bare keyset", _sums([row for body in bodies for row in json.loads(body)]), wanted
            ),
        ),
        Contender(
            "DRF CursorPagination with a ModelSerializer", PEER, lambda: _stock(market), work=PEER_PAGES / PAGES,
            after=lambda rows: gate("rows of the stock walk", len(rows), PEER_PAGES * PAGE),
        ),
    ]  # fmt: skip
    interleave(pages, rounds=3, warm=False)
    streams = []
    for kind, statement, read in (("csv", COPY_CSV, _from_csv), ("ndjson", COPY_NDJSON, _from_ndjson)):
        pair = [
            Contender(f"the API's {kind} stream", OURS, lambda kind=kind: walker.stream(kind),
                      after=lambda body, read=read: gate("rows of the stream", _sums(read(body)), wanted)),
            Contender(f"COPY ... TO STDOUT as {kind}, same fields, as web", LIMIT, lambda sql=statement: copied(sql),
                      after=lambda body, read=read: gate("rows of COPY", _sums(read(body)), wanted)),
        ]  # fmt: skip
        interleave(pair, rounds=3)
        streams.append(
            Finding(f"api {kind}", f"{ROWS:,} rates in one stream", pair, memory[kind], BOUNDED_STREAM[kind])
        )
    facts = {
        "pages": len(walker.pages[0]),
        "a page, median": f"{median(second for each in walker.pages for second in each) * 1000:.1f} ms",
        f"last {EDGE} pages : first {EDGE}": f"{walker.last_to_first():.2f}",
    }
    return [Finding("api", f"a walk of {ROWS:,} rates", pages, facts, BOUNDED), *streams]


BOUNDED = (
    "the database joining and writing the JSON of each row, which the bare query does too; the key, the cursor and "
    "Django come on top once a page."
)
BOUNDED_STREAM = {
    "csv": "COPY itself; the peer sorts what it has joined, ours what the caller's policies let through.",
    "ndjson": "as csv, and the database writing the JSON.",
}


def _wanted(market: markets.Market) -> tuple[int, int, Decimal]:
    with acting_as(market.viewer, by=BY), connection.cursor() as cursor:
        cursor.execute("SELECT count(*), count(DISTINCT uuid), sum(amount) FROM providers_rate")
        return cursor.fetchone()


def _sums(rows: list[dict[str, Any]]) -> tuple[int, int, Decimal]:
    return len(rows), len({row["id"] for row in rows}), sum((Decimal(row["amount"]) for row in rows), Decimal(0))


def _from_csv(body: bytes) -> list[dict[str, Any]]:
    return list(csv.DictReader(io.StringIO(body.decode())))


def _from_ndjson(body: bytes) -> list[dict[str, Any]]:
    return [json.loads(line) for line in body.splitlines()]


def _stock(market: markets.Market) -> list[Any]:
    """What a project writes first: a model's serializer, related rows nested by id, and stock cursors."""
    from rest_framework import generics, pagination, serializers
    from rest_framework.test import APIRequestFactory

    class Pages(pagination.CursorPagination):
        page_size, ordering = PAGE, "id"

    class Row(serializers.ModelSerializer):
        framework_reference = serializers.CharField(source="framework.reference")
        lot_number = serializers.CharField(source="lot.number")
        provider_name = serializers.CharField(source="provider.name")
        price_line_code = serializers.CharField(source="price_line.code")
        unit = serializers.CharField(source="price_line.unit")

        class Meta:
            model = Rate
            fields = "__all__"

    class Rows(generics.ListAPIView):
        authentication_classes = permission_classes = ()
        serializer_class, pagination_class = Row, Pages

        def get_queryset(self) -> Any:
            return Rate.objects.select_related("framework", "lot", "provider", "award", "price_line", "authority")

    rows: list[Any] = []
    view, address, factory = Rows.as_view(), "/?", APIRequestFactory()
    with acting_as(market.viewer, by=BY):
        for _ in range(PEER_PAGES):
            answer = view(factory.get(address)).render()
            told = json.loads(answer.content)
            rows += told["results"]
            address = told["next"]
    return rows
