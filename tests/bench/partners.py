"""1,000,000 cost lines through the API, as a partner pulls them: all of them as a file, a page, and what changed."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import orjson
from django.db import connection
from django.test import Client
from django.utils import timezone

from commissioning.kernel.tenancy.viewer import acting_as
from commissioning.partnership.actions.make_key import make_key
from contracts.models import Child, CostLine, Placement
from tests.bench import market as markets
from tests.bench.bare import BY
from tests.bench.ground import settle
from tests.bench.rounds import LIMIT, OURS, Contender, Finding, gate, interleave
from tests.bench.spend import CHILDREN, HOMES, fill
from tests.bench.watch import forget_peak, peak

EACH = 5  # lines of a placement
ROWS = CHILDREN * HOMES * EACH
CHANGED = 1000
ADDRESS = "/api/v1/cost-lines/"
# The very fields of /api/v1/cost-lines/, joined by hand.
FIELDS = """c.uuid AS id, c.version, c.changed_at, p.uuid AS placement, p.number AS placement_number, c.category,
    nullif(c.service, '') AS service, k.uuid AS price_line, nullif(k.code, '') AS price_line_code,
    c.amount::text AS amount, c.unit, c.quantity::text AS quantity, c.weekly_amount::text AS weekly_amount,
    c.once_amount::text AS once_amount, c.starts_on, c.ends_before, nullif(c.approved_by, '') AS approved_by,
    c.approved_on, c.review_on, NULL AS source_import, nullif(c.source_sheet, '') AS source_sheet, c.source_row"""
JOINED = """JOIN contracts_placement p ON p.id = c.placement_id
    LEFT JOIN partnership_priceline k ON k.id = c.price_line_id"""
ALL = f"SELECT {FIELDS} FROM contracts_costline c {JOINED} ORDER BY c.id"
COPIED = {
    "csv": f"COPY ({ALL}) TO STDOUT (FORMAT csv, HEADER)",
    # JSON never holds these two characters, so that csv leaves it as it is.
    "ndjson": f"COPY (SELECT row_to_json(t) FROM ({ALL}) t) TO STDOUT (FORMAT csv, QUOTE E'\\x01', DELIMITER E'\\x02')",
}
PAGE = f"""SELECT {FIELDS} FROM (SELECT * FROM contracts_costline WHERE id > %s ORDER BY id LIMIT %s) c {JOINED}
    ORDER BY c.id"""
SINCE = f"""SELECT {FIELDS} FROM (SELECT * FROM contracts_costline WHERE changed_xid >= %s ORDER BY changed_xid, id) c
    {JOINED}"""


def bench(folder: Path) -> list[Finding]:
    market = markets.build(providers=40, lines=1)
    fill(market)
    _more(market)
    settle(Child, Placement, CostLine)
    client = _client(market)
    wanted = _told(market)
    gate("cost lines", wanted[0], ROWS)
    return [*_files(market, client, wanted), *_pages(market, client), _delta(market, client)]


def _files(market: markets.Market, client: Client, wanted: Any) -> list[Finding]:
    found = []
    for kind, statement in COPIED.items():
        facts = _memory(client, kind)  # first: later there is freed memory to fill

        def streamed(kind: str = kind) -> tuple[int, int]:
            return _read(client.get(f"{ADDRESS}?format={kind}").streaming_content)

        def copied(statement: str = statement) -> tuple[int, int]:
            with acting_as(market.viewer, by=BY), connection.cursor() as cursor, cursor.copy(statement) as copy:
                return _read(map(bytes, copy))

        def judge(read: tuple[int, int], lines: int = ROWS + (kind == "csv")) -> None:
            gate("lines", read[0], lines)

        pair = [
            Contender(f"the API's {kind} stream", OURS, streamed, after=judge),
            Contender(f"COPY ... TO STDOUT as {kind}, same fields, as web", LIMIT, copied, after=judge),
        ]
        interleave(pair, rounds=2)
        found.append(Finding(f"pull {kind}", f"{ROWS:,} cost lines in one stream", pair, facts, BOUNDED[kind]))
    return found


def _pages(market: markets.Market, client: Client) -> list[Finding]:
    found = []
    for size in (100, 1000):

        def page(size: int = size) -> list[bytes]:
            return [client.get(f"{ADDRESS}?limit={size}").content for _ in range(20)]

        def bare(size: int = size) -> list[bytes]:
            return [orjson.dumps(_asked(market, PAGE, [0, size]), default=str) for _ in range(20)]

        def judge(bodies: list[bytes], size: int = size) -> None:
            told = orjson.loads(bodies[0])
            rows = told["results"] if isinstance(told, dict) else told
            gate("rows of a page", len(rows), size)

        pair = [
            Contender(f"the API, {size} rows a page, with a key, 20 times", OURS, page, after=judge),
            Contender("bare keyset SQL and orjson, same fields, as web, 20 times", LIMIT, bare, after=judge),
        ]
        interleave(pair, rounds=5, warm=True)
        found.append(Finding(f"page of {size}", f"{size} of {ROWS:,} cost lines", pair, {}, BOUNDED["page"]))
    return found


def _delta(market: markets.Market, client: Client) -> Finding:
    since = orjson.loads(client.get(f"{ADDRESS}?limit=1").content)["watermark"]
    with acting_as(market.viewer, by=BY):
        some = list(CostLine.objects.order_by("uuid").values_list("pk", flat=True)[:CHANGED])
        CostLine.objects.filter(pk__in=some).update(review_note="changed")

    def delta() -> list[Any]:
        return orjson.loads(client.get(f"{ADDRESS}?updated_since={since}&limit=1000").content)["results"]

    def bare() -> list[Any]:
        return orjson.loads(orjson.dumps(_asked(market, SINCE, [int(since)]), default=str))

    pair = [
        Contender("the API's delta, with a key", OURS, delta, after=lambda rows: gate("changed", len(rows), CHANGED)),
        Contender("bare SQL by transaction and orjson, as web", LIMIT, bare,
                  after=lambda rows: gate("changed", len(rows), CHANGED)),
    ]  # fmt: skip
    interleave(pair, rounds=5, warm=True)
    return Finding("delta", f"{CHANGED:,} changed among {ROWS:,} cost lines", pair, {}, BOUNDED["delta"])


BOUNDED = {
    "csv": "COPY itself; then every cell is looked through for what could start a formula, 1,000 rows at a glance.",
    "ndjson": "COPY itself, and the database writing the JSON.",
    "page": "what comes on top of the rows, once a page: the key and its count, the door's transaction, the watermark.",
    "delta": "as a page; and history is asked for what was removed.",
}


def _client(market: markets.Market) -> Client:
    with acting_as(market.viewer, by=BY):
        _, presented = make_key(authority=market.lead, name="bench", at=timezone.now(), by=None)
    return Client(headers={"authorization": f"Bearer {presented}"})


def _more(market: markets.Market) -> None:
    """Each placement's one line, so many times: a year's rounding and a service apart."""
    columns = [f.column for f in CostLine._meta.concrete_fields if f.column not in ("id", "uuid", "description")]
    copied = ", ".join(columns)
    with acting_as(market.viewer, by=BY), connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO contracts_costline ({copied}, description) SELECT {copied}, 'line ' || n "
            "FROM contracts_costline CROSS JOIN generate_series(2, %s) n", [EACH]
        )  # fmt: skip


def _told(market: markets.Market) -> tuple[int, Decimal]:
    with acting_as(market.viewer, by=BY), connection.cursor() as cursor:
        cursor.execute("SELECT count(*), sum(amount) FROM contracts_costline")
        return cursor.fetchone()


def _asked(market: markets.Market, statement: str, parameters: list[int]) -> list[dict[str, Any]]:
    with acting_as(market.viewer, by=BY), connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        names = [column.name for column in cursor.description or ()]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def _read(chunks: Any) -> tuple[int, int]:
    """(lines, bytes), read and thrown away."""
    lines = size = 0
    for chunk in chunks:
        lines += chunk.count(b"\n")
        size += len(chunk)
    return lines, size


def _memory(client: Client, kind: str) -> dict[str, str]:
    one = orjson.loads(client.get(f"{ADDRESS}?limit=1").content)["results"][0]["placement"]
    _read(client.get(f"{ADDRESS}?format={kind}&placement={one}").streaming_content)  # what any file needs at first
    held = forget_peak()
    _, size = _read(client.get(f"{ADDRESS}?format={kind}").streaming_content)
    return {"memory while it is sent": f"{(peak() - held) / 2**20:.0f} MB more, for {size / 2**20:.0f} MB sent"}
